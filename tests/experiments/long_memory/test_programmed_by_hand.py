"""The networks whose weights are written by hand."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from course_utils.errors import CourseError
from course_utils.experiments.long_memory.programmed_by_hand import adding_lstm, adding_relu_rnn, adding_unit, perturbed
from course_utils.experiments.tasks.adding import Adding


@pytest.mark.parametrize("seq_len", [2, 101, 10_000])
def test_the_networks_programmed_by_hand_solve_adding_at_any_length(seq_len: int) -> None:
    task = Adding(seq_len)
    batch = task.held_out(64, 0)
    with torch.no_grad():
        assert task.score(adding_lstm()(batch.x), batch) < 1e-6
        assert (adding_relu_rnn()(batch.x)[:, -1, 0] - batch.y).abs().max() < 1e-5


def test_the_error_of_the_lstm_is_that_of_the_bend_of_tanh() -> None:
    """tanh(a) lies between a − a³/3 and a: of two numbers below 1 at most (2 · SMALL)³/3 + 2 · SMALL³/3 is lost."""
    batch = Adding(100).held_out(500, 1)
    with torch.no_grad():
        lost = batch.y - adding_lstm()(batch.x)[:, -1, 0]
    assert lost.max() <= (8 + 2) * 0.01**2 / 3 + 1e-5
    assert lost.min() >= -1e-5


def test_their_sizes_are_those_the_lesson_says() -> None:
    assert [sum(p.numel() for p in part.parameters()) for part in (adding_lstm().core, adding_lstm())] == [20, 22]
    assert sum(p.numel() for p in adding_relu_rnn().parameters()) == 15


def test_perturbed_is_a_copy_with_noise_in_proportion() -> None:
    model = adding_lstm()
    same, other = (perturbed(model, size, torch.Generator().manual_seed(0)) for size in (0.0, 0.1))
    for p, q, r in zip(model.parameters(), same.parameters(), other.parameters(), strict=True):
        assert torch.equal(p, q)
        assert torch.equal(p == 0, r == 0)
        assert ((r - p).abs() <= 0.1 * 6 * p.abs()).all()
    assert other.core.get_parameter("weight_ih_l0")[0, 1] != 80
    with pytest.raises(CourseError, match="size must be"):
        perturbed(model, -1, torch.Generator())


def test_a_unit_may_be_given_in_lists() -> None:
    W_ih, bias, factor = adding_unit()
    as_lists: Any = (W_ih.tolist(), bias.tolist(), factor)
    pairs = zip(adding_lstm(as_lists).parameters(), adding_lstm().parameters(), strict=True)
    assert all(torch.equal(one, other) for one, other in pairs)
