"""Recall by lag: its chance line against the rule it describes."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from course_utils.experiments.tasks.recall import Recall


def test_recall_written_out() -> None:
    x = nn.functional.one_hot(torch.tensor([[2, 0, 1, 1]]), 3).float()
    assert Recall(4, 2, 3).answer(x).tolist() == [[-1, -1, 2, 0]]
    assert Recall(4, 0, 3).answer(x).tolist() == [[2, 0, 1, 1]]
    mask = Recall(4, 2, 3).held_out(1, 0).mask
    assert mask is not None
    assert mask.tolist() == [[False, False, True, True]]


def test_recall_of_whoever_knows_the_symbols_since_is_at_chance() -> None:
    """The best table from the last two symbols to an answer, fitted to the very batch it is scored on."""
    task = Recall(seq_len=42, lag=2, symbols=3)
    batch = task.held_out(1000, 0)
    symbols = batch.x.argmax(-1)
    table = torch.zeros(3, 3, 3)
    table.index_put_((symbols[:, 1:-1], symbols[:, 2:], batch.y[:, 2:]), torch.ones(()), accumulate=True)
    outputs = torch.zeros(1000, 42, 3)
    outputs[:, 2:] = table[symbols[:, 1:-1], symbols[:, 2:]]
    assert task.chance == 1 / 3
    assert task.score(outputs, batch) == pytest.approx(task.chance, abs=0.02)
    assert float(task.loss(0 * outputs, batch)) == pytest.approx(task.chance_loss, abs=1e-6)
    assert task.chance_loss == pytest.approx(math.log(3))
