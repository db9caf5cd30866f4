"""The phase diagram of lesson 09: each network begins as its name says, and a run ends at the criterion."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from course_utils.experiments.framework.results import load
from course_utils.experiments.long_memory import phase_diagram
from tests.experiments.answering import diverges, first_of, gate_bias
from tests.strategies import examples


@examples(15)
@given(lag=st.integers(1, 300), seed=st.integers(0, 1000))
def test_a_phase_network_begins_as_its_name_says(lag: int, seed: int) -> None:
    made: dict[str, Any] = {start: phase_diagram.begun(start, lag, seed).core for start in phase_diagram.STARTS}
    for start, core in made.items():
        name, how = start.split(", ", 1)
        bound = core.hidden_size**-0.5
        if "torch" in how:
            assert all(p.abs().max() <= bound and p.std() > bound / 3 for p in core.parameters())
        if how == "orthogonal":
            product = core.weight_hh_l0 @ core.weight_hh_l0.T
            assert torch.allclose(product, torch.eye(core.hidden_size), atol=1e-5)
        if how == "identity":
            assert torch.equal(core.weight_hh_l0, torch.eye(core.hidden_size))
            assert float(core.weight_ih_l0.detach().std()) == pytest.approx(0.1, rel=0.3)
            assert core.nonlinearity == ("tanh" if name == "RNN" else "relu")
        if "forget bias" in how:
            assert torch.equal(gate_bias(core, 1), torch.full((core.hidden_size,), float(how.split()[-1])))
        if "chrono" in how:
            longest = 1000 if how.endswith("1,000") else max(lag, 2)
            times = gate_bias(core, 1).exp() + 1  # of memory, in steps
            assert times.min() >= 2 - 1e-4
            assert longest / 2 <= times.max() <= longest * (1 + 1e-4)
            if name == "LSTM":
                assert torch.equal(gate_bias(core, 0), -gate_bias(core, 1))


def test_phase_networks_are_of_equal_size_and_the_same_again_from_the_same_seed() -> None:
    made = {start: phase_diagram.begun(start, 30, 0) for start in phase_diagram.STARTS}
    sizes = {start: sum(p.numel() for p in model.parameters()) for start, model in made.items()}
    assert max(sizes.values()) / min(sizes.values()) < 1.05
    assert sizes["LSTM, torch's own"] == pytest.approx(phase_diagram.PARAMETERS, rel=0.05)
    for start, model in made.items():
        again, other = phase_diagram.begun(start, 30, 0), phase_diagram.begun(start, 30, 1)
        first, same, new = (nn.utils.parameters_to_vector(m.parameters()) for m in (model, again, other))
        assert torch.equal(first, same)
        assert not torch.equal(first, new)
    assert {start.split(", ")[0] for start in phase_diagram.STARTS} == set(phase_diagram.CELLS)


def test_a_phase_run_ends_at_the_criterion_and_one_that_diverges_has_spent_all(monkeypatch: pytest.MonkeyPatch) -> None:
    found = phase_diagram.run_one("GRU, chrono for the lag", 1, 0.03, 600, 0)
    assert found["solved"] == 1
    assert found["accuracy"] >= 0.99
    assert 0 < found["steps"] < 600
    assert found["steps"] % phase_diagram.LOOKS == 0
    assert 0 <= found["far"] <= 1
    monkeypatch.setattr("course_utils.experiments.framework.train_until.fit", diverges)
    lost = phase_diagram.run_one("RNN, identity", 1, 0.03, 730, 0)
    assert (lost["steps"], lost["solved"]) == (730, 0)
    assert lost["accuracy"] == 1 / 4


def test_the_phase_diagram_is_run_with_what_the_search_found() -> None:
    found = load("phase_search").table.assign(accuracy=lambda t: -t["accuracy"])
    means = found.groupby(["start", "lag", "lr"])[["steps", "accuracy"]].mean().round(9)
    assert list(phase_diagram.CHOSEN) == list(phase_diagram.STARTS)
    for start, chosen in phase_diagram.CHOSEN.items():
        for lag, lr in zip(phase_diagram.TUNED_AT, chosen, strict=True):
            assert lr in first_of(means.loc[start, lag]), (start, lag)
    tries = found.groupby(["start", "lag"]).size()
    assert set(tries) == {3}
    assert len(tries) == len(phase_diagram.STARTS) * len(phase_diagram.TUNED_AT)
    ran = load("phase").table
    assert all(row.lr == phase_diagram.rate(row.start, row.lag) for row in ran.itertuples())
