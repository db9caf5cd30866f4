"""torch's own RNN layer beside feedforward networks: what is timed is what is said of it."""

from __future__ import annotations

import pandas as pd
import pytest
import torch
from torch import nn

from course_utils.experiments.comparison import as_torch_has_it, seconds_by_length
from course_utils.experiments.comparison.as_torch_has_it import LAST, NETWORKS, WHOLE
from course_utils.nn.parameters import parameters_count
from tests.experiments.small_runs import small_rows


def test_all_are_of_equal_size_but_the_one_that_sees_all_steps_which_is_as_wide_as_the_rnn() -> None:
    made = {name: as_torch_has_it.network(name, 32, 0) for name in NETWORKS}
    sizes = {name: parameters_count(model) for name, model in made.items()}
    all_steps = made[WHOLE]
    assert isinstance(all_steps, as_torch_has_it.WholeSequence)
    core = made["RNN"].core
    assert isinstance(core, nn.RNN)
    assert all_steps.net[1].out_features == core.hidden_size
    assert sizes.pop(WHOLE) == core.hidden_size * (2 * 32 + 2) + 1
    assert max(sizes.values()) / min(sizes.values()) < 1.04


@pytest.mark.parametrize(("name", "nonlinearity"), [("RNN", "tanh"), ("ReLU RNN", "relu")])
def test_the_rnn_is_torch_s_own_layer_and_goes_back_through_it(name: str, nonlinearity: str) -> None:
    model = as_torch_has_it.network(name, 32, 0)
    assert isinstance(model, seconds_by_length.TorchOwn)
    assert isinstance(model.core, nn.RNN)
    assert model.core.nonlinearity == nonlinearity
    x = torch.rand(3, 32, 2)
    torch.testing.assert_close(model(x), model.readout(model.core(x)[0]))


def test_the_feedforward_network_on_all_steps_sees_all_steps() -> None:
    x = torch.rand(3, 9, 2).requires_grad_()
    said = as_torch_has_it.WholeSequence(9, 5, 0)(x)
    assert said.shape == (3, 1, 1)
    said.sum().backward()
    assert x.grad is not None
    assert x.grad.all()


def test_tiny_numbers_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def timed(model: nn.Module, seq_len: int, repeats: int, seed: int, flush: bool = True) -> float:
        seen.append(flush)
        return 0.5

    monkeypatch.setattr(as_torch_has_it, "seconds_of", timed)
    rows = pd.DataFrame(as_torch_has_it.measure(0, seq_lens=[8, 12], repeats=1, most_attention=8))
    assert set(seen) == {False}
    assert set(rows.loc[rows["seq_len"] == 8, "network"]) == set(NETWORKS)
    assert set(rows.loc[rows["seq_len"] == 12, "network"]) == set(NETWORKS) - {"Transformer"}


def test_one_step_costs_less_than_all_of_them_by_the_recurrence() -> None:
    rows = small_rows("seconds_as_torch_has_it", seeds=1)
    long = rows[rows["seq_len"] == 2048].set_index("network")["seconds"]
    assert long["RNN"] > long[LAST]
