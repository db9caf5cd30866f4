"""Key–value recall: its sampler, its checker and its chance lines."""

from __future__ import annotations

import pytest
import torch

from course_utils.errors import CourseError
from course_utils.experiments.tasks.key_values import KeyValues
from tests.experiments.tasks.judging import close_to


def test_key_values_written_out() -> None:
    """Value 1 with key 0, value 0 alone, value 0 with key 1; asked is key 0, beside a value that belongs to nothing."""
    steps = [[1.0, 0, 0, 1, 0], [0, 0, 1, 0, 0], [0, 1, 1, 0, 0], [1, 0, 1, 0, 1]]
    assert KeyValues(1, 3, keys=2, values=2).answer(torch.tensor([steps])).tolist() == [1]


def test_every_key_is_shown_once_in_the_places_that_it_may_have_and_one_is_asked() -> None:
    task = KeyValues(3, 9)
    batch = task.held_out(20_000, 0)
    keys, values, mark = batch.x[..., :4], batch.x[..., 4:8], batch.x[..., 8]
    assert (keys[:, :-1].sum(1) == 1).all()
    assert (keys[:, -1].sum(1) == 1).all()
    assert (keys.sum(2) <= 1).all()
    assert (values.sum(2) == 1).all()
    assert mark.sum(1).tolist() == [1] * 20_000
    assert (mark[:, -1] == 1).all()
    shown = keys[:, :-1].mean(0)  # (steps, keys)
    assert (shown[7:] == 0).all()
    assert shown[:7].flatten().tolist() == pytest.approx([1 / 7] * 28, abs=0.015)
    assert keys[:, -1].mean(0).tolist() == pytest.approx([1 / 4] * 4, abs=0.02)
    assert torch.equal(task.answer(batch.x), batch.y)


def test_the_chance_lines_are_those_of_the_rules_that_they_name() -> None:
    task = KeyValues(1, 12)
    batch = task.held_out(20_000, 1)
    last = batch.x[:, -1, 4:8].argmax(1)
    assert float((last == batch.y).double().mean()) == close_to(task.chance, 20_000)
    shown = batch.x[:, :-1, :4].sum(2, keepdim=True)
    most = (shown * batch.x[:, :-1, 4:8]).sum(1).argmax(1)
    assert float((most == batch.y).double().mean()) == close_to(task.ignoring_the_key, 20_000)


def test_what_cannot_be_meant() -> None:
    for arguments in ((1, 3), (0, 9), (1, 9, 0), (1, 9, 4, 1)):
        with pytest.raises(CourseError):
            KeyValues(*arguments)
    assert KeyValues(1, 4).held_out(3, 0).x.shape == (3, 5, 9)
