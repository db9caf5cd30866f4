"""The copy task: its sampler and its chance line."""

from __future__ import annotations

import math
from itertools import product

import pytest
import torch
from torch import nn

from course_utils.experiments.tasks.copy import Copy
from tests.experiments.tasks.judging import close_to, right_outputs


def test_copy_written_out() -> None:
    x = nn.functional.one_hot(torch.tensor([[1, 0, 2, 2, 3, 2, 2]]), 4).float()  # 2 is blank, 3 the delimiter
    task = Copy(3, copied=2, symbols=2)
    assert task.seq_len == 7
    assert task.answer(x).tolist() == [[2, 2, 2, 2, 2, 1, 0]]
    inputs = task.held_out(50, 0).x.argmax(-1)
    assert inputs[:, 2:].unique(dim=0).tolist() == [[2, 2, 3, 2, 2]]
    assert {tuple(row) for row in inputs[:, :2].tolist()} == set(product(range(2), repeat=2))


def test_copy_remembering_nothing_is_right_at_ninety_nine_steps_of_a_hundred() -> None:
    task = Copy(1000)
    assert task.chance == pytest.approx((10 / 8 + 1010) / 1020)
    assert round(100 * task.chance, 1) == 99.1
    assert task.chance_loss == pytest.approx(10 * math.log(8) / 1020)


def test_copy_chance_is_what_blanks_and_guesses_score() -> None:
    task = Copy(40)
    batch = task.held_out(1000, 0)
    outputs = torch.zeros(1000, 60, 9)
    outputs[:, :50, 8], outputs[:, 50:, 8] = 40.0, -40.0
    assert float(task.loss(outputs, batch)) == pytest.approx(task.chance_loss, abs=1e-6)
    outputs[:, 50:, 3] = 1.0
    assert task.recalled(outputs, batch) == close_to(task.chance_recalled, 10_000)
    assert task.score(outputs, batch) == pytest.approx(task.chance, abs=0.003)
    assert task.recalled(right_outputs(task, batch), batch) == 1
