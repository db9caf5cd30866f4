"""The phase diagram and the long lags of lesson 09: what is begun, drawn and judged is what is said."""

from __future__ import annotations

import math
from itertools import islice
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from course_utils.errors import CourseError
from course_utils.experiments.framework.results import load
from course_utils.experiments.long_memory import long_adding, long_lags, phase_diagram
from course_utils.experiments.tasks.flagged_latch import FlaggedLatch
from tests.experiments.answering import Knows, diverges, first_of, pictures, says

BY_NAME = {one.name: one for one in (*phase_diagram.EXPERIMENTS, *long_lags.EXPERIMENTS)}


@pytest.mark.parametrize("name", ["phase", "long_lags"])
def test_reported_seeds_are_not_those_of_the_search(name: str) -> None:
    assert not set(BY_NAME[name].seeds) & set(BY_NAME[f"{name}_search"].seeds)


# ---------------------------------------------------------------------------------------------------------------------
# The phase diagram


def gate_bias(core: Any, gate: int) -> Tensor:
    """The whole bias of one gate, of torch's two: (H,)."""
    rows = slice(gate * core.hidden_size, (gate + 1) * core.hidden_size)
    bias: Tensor = core.bias_ih_l0 + core.bias_hh_l0
    return bias[rows].detach()


@settings(max_examples=15)
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


# ---------------------------------------------------------------------------------------------------------------------
# Long lags


class Lags:
    """Stands for `fit`: it looks at the batches and trains nothing."""

    def __init__(self) -> None:
        self.lengths: list[int] = []
        self.lags: list[Tensor] = []
        self.rates: list[float] = []

    def __call__(
        self, model: nn.Module, draws: Any, objective: Any, *, steps: int, optimizer: Any, lr_schedule: Any, **_: Any
    ) -> None:
        for batch in islice(draws, steps):
            last = batch.x.shape[1] - 1
            self.lengths.append(last)
            self.lags.append(last - batch.x[..., -1].argmax(1))
            self.rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            lr_schedule.step()


@pytest.mark.parametrize("training", long_lags.TRAININGS)
def test_a_training_draws_the_lags_that_its_name_says(training: str, monkeypatch: pytest.MonkeyPatch) -> None:
    watched, steps = Lags(), 40
    monkeypatch.setattr(long_lags, "fit", watched)
    assert long_lags.train(long_lags.begun("LSTM", 0), training, 0.01, steps, 0)
    lags = torch.cat(watched.lags)
    assert len(watched.lengths) == steps
    if training == "long lags at once":
        assert set(watched.lengths) == {100}
        assert (int(lags.min()), int(lags.max())) == (50, 100)
    else:
        assert watched.lengths[0] == 10
        assert watched.lengths == sorted(watched.lengths)
        assert watched.lengths[steps // 4] == pytest.approx(math.sqrt(10 * 100), abs=1)  # halfway there: equal ratios
        assert set(watched.lengths[steps // 2 :]) == {100}
        assert int(lags.min()) == 5
        assert all(int(some.max()) <= longest for some, longest in zip(watched.lags, watched.lengths, strict=True))
    assert watched.rates[0] == 0.01
    assert watched.rates[steps // 2] == pytest.approx(0.005)
    assert 0 < watched.rates[-1] < 1e-4


def test_a_training_that_diverges_says_so_and_its_network_is_counted_as_guessing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(long_lags, "fit", diverges)
    assert not long_lags.train(long_lags.begun("LSTM", 0), "long lags at once", 0.01, 3, 0)
    rows = long_lags.measure(
        0,
        rates={"LSTM": [0.1, 0.2]},
        trainings=list(long_lags.TRAININGS),
        parameters=300,
        steps=3,
        lags=[51, 10_000],
        judged=10,
    )
    assert len(rows) == 8
    assert {(row["accuracy"], row["solved"], row["cell"], row["start"]) for row in rows} == {(0.25, 0, "lstm", "own")}


@settings(max_examples=10)
@given(seed=st.integers(0, 1000), judged=st.integers(1, 160))
def test_the_share_of_right_answers_is_that_over_all_sequences_however_they_are_cut(seed: int, judged: int) -> None:
    task = FlaggedLatch(7, 20)
    model = says(2, 4)
    share = long_lags.share_right(model, task, judged, seed)
    seen = torch.cat(model.seen)
    assert len(seen) == len(pictures(seen)) == judged  # none twice
    assert max(len(part) for part in model.seen) <= 50
    assert share == pytest.approx(float((task.answer(seen) == 2).double().mean()), abs=1e-6)
    assert long_lags.share_right(Knows(task.answer, 4), task, judged, seed) == pytest.approx(1)
    other = says(2, 4)
    long_lags.share_right(other, task, judged, seed + 1)
    assert not pictures(seen) & pictures(torch.cat(other.seen))


def test_accuracy_at_a_lag_is_judged_at_that_lag() -> None:
    task = FlaggedLatch(51, 100)
    model = Knows(task.answer, 4)
    assert long_lags.accuracy_at(model, 51, 130, 0) == pytest.approx(1)
    flags = torch.cat(model.seen)[..., -1].argmax(1)
    assert model.seen[0].shape[1] == 101
    assert ((100 - flags >= 51) & (100 - flags <= 100)).all()
    assert long_lags.accuracy_at(says(1, 4), 51, 400, 0) == pytest.approx(1 / 4, abs=5 * math.sqrt(3 / 16 / 400))


def test_names_that_do_not_exist_are_refused_with_a_sentence() -> None:
    with pytest.raises(CourseError, match="There is no start 'LSTM, forget bias 2'"):
        phase_diagram.begun("LSTM, forget bias 2", 10, 0)
    with pytest.raises(CourseError, match="There is no network 'LSTM, chrono'"):
        long_lags.begun("LSTM, chrono", 0)
    with pytest.raises(CourseError, match="There is no training 'short first'"):
        long_lags.train(long_lags.begun("LSTM", 0), "short first", 0.1, 1, 0)


def test_networks_for_long_lags_begin_as_their_names_say_with_as_many_parameters() -> None:
    made: dict[str, Any] = {network: long_lags.begun(network, 0) for network in long_lags.NETWORKS}
    sizes = {network: sum(p.numel() for p in model.parameters()) for network, model in made.items()}
    assert max(sizes.values()) / min(sizes.values()) < 1.03
    for network in ("RNN, identity", "ReLU RNN, identity"):
        core = made[network].core
        assert torch.equal(core.weight_hh_l0, torch.eye(core.hidden_size))
    for cell in ("GRU", "LSTM"):
        for longest in (100, 10_000):
            times = gate_bias(made[f"{cell}, chrono {longest:,}"].core, 1).exp() + 1
            assert longest / 2 <= times.max() <= longest * (1 + 1e-4)
        assert gate_bias(made[cell].core, 1).abs().max() <= 2 * made[cell].core.hidden_size ** -0.5


def test_long_lags_are_run_with_what_the_search_found() -> None:
    found = load("long_lags_search").table.groupby(["network", "lr"])["accuracy"].mean().round(9)
    assert set(long_lags.CHOSEN) == set(long_lags.NETWORKS)
    for network, lr in long_lags.CHOSEN.items():
        of_network = found[network]
        best = sorted(of_network[of_network == of_network.max()].index)
        assert lr == best[(len(best) - 1) // 2], network  # of equally good ones that in the middle


# ---------------------------------------------------------------------------------------------------------------------
# Adding over long sequences


def test_a_short_adding_problem_is_solved_and_a_run_without_time_is_not() -> None:
    short = {"runs": [[6, "chrono"]], "hidden_size": 16, "lr": 0.03, "judged": 200}
    (done,) = long_adding.measure(0, **short, most_steps=1000)
    (left,) = long_adding.measure(0, **short, most_steps=10)
    assert (done["solved"], left["solved"]) == (1, 0)
    assert done["error"] < 0.01 < left["error"]
    assert done["steps"] % long_adding.LOOKS == 0
    assert left["steps"] == 10


def test_the_read_out_decays_and_the_recurrent_layer_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    decays: dict[int, float] = {}

    def note(model: Any, *_: Any, optimizer: torch.optim.Optimizer, **__: Any) -> None:
        for group in optimizer.param_groups:
            decays.update(dict.fromkeys(map(id, group["params"]), group["weight_decay"]))

    monkeypatch.setattr(long_lags, "fit", note)
    model = long_lags.begun("LSTM", 0)
    assert long_lags.train(model, "long lags at once", 0.01, 10, 0)
    assert {decays[id(p)] for p in model.core.parameters()} == {0.0}
    assert {decays[id(p)] for p in model.readout.parameters()} == {long_lags.DECAY}
