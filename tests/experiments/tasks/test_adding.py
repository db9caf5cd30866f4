"""The adding problem: its sampler and its chance line."""

from __future__ import annotations

import pytest
import torch

from course_utils.experiments.tasks.adding import Adding
from tests.experiments.tasks.judging import close_to


def test_adding_written_out() -> None:
    x = torch.tensor([[[0.25, 0.0], [0.5, 1.0], [0.75, 0.0], [0.125, 1.0]]])
    assert Adding(4).answer(x).tolist() == [0.625]


@pytest.mark.parametrize("seq_len", [2, 7, 10])
def test_adding_marks_every_step_of_each_half_alike(seq_len: int) -> None:
    batch = Adding(seq_len).held_out(6000, 0)
    half = seq_len // 2
    marked = batch.x[..., 1].double()
    assert set(marked.unique().tolist()) <= {0.0, 1.0}
    assert (marked[:, :half].sum(1) == 1).all()
    assert (marked[:, half:].sum(1) == 1).all()
    for t, share in enumerate(marked.mean(0).tolist()):
        assert share == close_to(1 / half if t < half else 1 / (seq_len - half), 6000)
    assert 0 <= batch.x[..., 0].min() < 0.01
    assert 0.99 < batch.x[..., 0].max() < 1


def test_adding_always_saying_one_errs_by_a_sixth_and_knowing_one_number_by_a_twelfth() -> None:
    task = Adding(10)
    batch = task.held_out(60_000, 0)
    errors = {said: task.score(torch.full((60_000, 10, 1), said), batch) for said in (0.9, 1.0, 1.1)}
    assert errors[1.0] == pytest.approx(task.chance, rel=0.02)
    assert errors[1.0] < min(errors[0.9], errors[1.1])
    numbers = torch.rand(2, 200_000, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    assert float(numbers.sum(0).var()) == pytest.approx(task.chance, rel=0.02)
    assert task.chance == task.chance_loss == 2 / 12
    second = (batch.x[:, 5:, 0] * batch.x[:, 5:, 1]).sum(1)
    knows_one = (second + 0.5)[:, None, None].expand(-1, 10, -1)
    assert task.score(knows_one, batch) == pytest.approx(1 / 12, rel=0.02)
