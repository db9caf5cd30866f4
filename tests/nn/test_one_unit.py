"""All networks of one unit: the numbers of torch's layers, and tasks that one can check by hand."""

from __future__ import annotations

import pytest
import torch

from course_utils.errors import CourseError
from course_utils.nn.one_unit import (
    GATES,
    NAMES,
    all_programs,
    as_layer,
    count_task,
    flip_task,
    hold_task,
    outputs_along,
    told_apart,
)

COUNTER = torch.tensor([[[0.0, 0.0, 8.0], [0.0, 0.0, 8.0], [8.0, 0.0, 0.0], [0.0, 0.0, 8.0]]])  # an LSTM
FLIPPER = torch.tensor([[[0.0, -8.0, 0.0], [-8.0, 0.0, 0.0], [-8.0, -8.0, 0.0]]])  # a GRU


@pytest.mark.parametrize(("cell", "number"), [("tanh RNN", 27), ("ReLU RNN", 27), ("GRU", 19_683), ("LSTM", 531_441)])
def test_there_are_as_many_programs_as_choices_and_each_is_another(cell: str, number: int) -> None:
    programs = all_programs(cell)
    assert programs.shape == (number, GATES[cell], 3)
    assert len(NAMES[cell]) == GATES[cell]
    assert len(programs[:2000].unique(dim=0)) == min(number, 2000)
    assert set(programs.unique().tolist()) == {-8.0, 0.0, 8.0}


@pytest.mark.parametrize("cell", GATES)
def test_outputs_are_those_of_torch_s_layer(cell: str) -> None:
    generator = torch.Generator().manual_seed(0)
    programs = torch.randn(6, GATES[cell], 3, generator=generator)
    inputs = torch.randn(4, 7, generator=generator)
    found = torch.stack(list(outputs_along(cell, programs, inputs)), dim=2)
    for program, outputs in zip(programs, found, strict=True):
        with torch.no_grad():
            assert torch.allclose(outputs, as_layer(cell, program)(inputs[..., None])[0][..., 0], atol=1e-6)


def test_one_lstm_unit_counts_and_its_opposite_too() -> None:
    assert told_apart("LSTM", COUNTER, *count_task(30)).all()
    assert told_apart("LSTM", COUNTER * torch.tensor([-1.0, 1.0, 1.0]), *count_task(30)).all()
    assert not told_apart("LSTM", COUNTER, *flip_task(4)).any()
    assert not told_apart("LSTM", COUNTER * 0.1, *count_task(30)).any()


def test_one_gru_unit_flips_at_one_and_holds_at_minus_one() -> None:
    assert told_apart("GRU", FLIPPER, *flip_task(6)).all()
    assert told_apart("GRU", FLIPPER, *flip_task(500, 10, seed=3)).all()


def test_a_unit_that_alternates_holds_a_sign_only_after_even_numbers_of_steps() -> None:
    alternates = torch.tensor([[[8.0, -8.0, 0.0]]])
    assert not told_apart("tanh RNN", alternates, *hold_task(9)).any()
    assert told_apart("tanh RNN", alternates, *hold_task(9, even_only=True)).all()


def test_answers_of_the_tasks() -> None:
    inputs, classes = count_task(2)
    assert inputs.tolist() == [[1, -1, -1, -1, -1], [1, 1, -1, -1, -1]]
    assert classes.tolist() == [[0, 1, 2, -1, -1], [-1, -1, 0, 1, 2]]
    inputs, classes = flip_task(2)
    assert inputs.tolist() == [[-1, -1], [-1, 1], [1, -1], [1, 1]]
    assert classes.tolist() == [[0, 0], [0, 1], [1, 1], [1, 0]]
    inputs, classes = hold_task(3, even_only=True)
    assert inputs.tolist() == [[-1, 0, 0], [1, 0, 0]]
    assert classes.tolist() == [[-1, 0, -1], [-1, 1, -1]]
    assert torch.equal(flip_task(9, 5, seed=1)[0], flip_task(9, 5, seed=1)[0])
    assert not torch.equal(flip_task(9, 5, seed=1)[0], flip_task(9, 5, seed=2)[0])


def test_a_gap_is_asked_for() -> None:
    """The outputs are tanh(±1): apart by 1.52."""
    program = torch.tensor([[[1.0, 0.0, 0.0]]])
    task = torch.tensor([[-1.0], [1.0]]), torch.tensor([[0], [1]])
    assert told_apart("tanh RNN", program, *task, gap=1.5).all()
    assert not told_apart("tanh RNN", program, *task, gap=1.6).any()


def test_programs_of_another_cell_are_refused() -> None:
    with pytest.raises(CourseError, match=r"\(P, 4, 3\)"):
        next(outputs_along("LSTM", FLIPPER, torch.zeros(1, 2)))
    with pytest.raises(CourseError, match="LSTM"):
        all_programs("Elman")
