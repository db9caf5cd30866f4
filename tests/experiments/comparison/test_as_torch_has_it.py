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


def test_at_each_step_the_feedforward_network_multiplies_as_often_and_sees_that_step_alone() -> None:
    rnn = as_torch_has_it.network("RNN", 32, 0).core
    assert isinstance(rnn, nn.RNN)
    each = as_torch_has_it.EachStep(rnn.hidden_size, 0)
    matrices = [sum(p.numel() for p in model.parameters() if p.dim() == 2) for model in (rnn, each)]
    assert matrices[1] - matrices[0] == rnn.hidden_size  # the read-out, which the RNN has beside its layer
    x = torch.rand(2, 9, 2).requires_grad_()
    each(x)[:, 4].sum().backward()
    assert x.grad is not None
    assert x.grad[:, 4].all()
    assert not x.grad[:, [0, 1, 2, 3, 5, 6, 7, 8]].any()


def test_every_answer_of_every_batch_is_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def timed(model: nn.Module, seq_len: int, repeats: int, seed: int, flush: bool, **how: int) -> float:
        seen.append((seq_len, how["batch_size"], how["answers"], flush))
        return 0.5

    monkeypatch.setattr(as_torch_has_it, "seconds_of", timed)
    rows = as_torch_has_it.measure_each(0, seq_lens=[8, 12], batches=[2, 3], repeats=1)
    assert len(rows) == 2 * 2 * 3
    assert set(seen) == {(seq_len, batch, seq_len, False) for seq_len in (8, 12) for batch in (2, 3)}


def test_what_is_timed_at_each_step_is_positive() -> None:
    assert (small_rows("seconds_at_each_step", seeds=1)["seconds"] > 0).all()
