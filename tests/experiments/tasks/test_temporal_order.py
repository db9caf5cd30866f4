"""Temporal order: its sampler and its chance line."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest
import torch
from torch import nn

from course_utils.experiments.tasks.task import Batch
from course_utils.experiments.tasks.temporal_order import SYMBOLS, TemporalOrder
from tests.experiments.tasks.judging import close_to


def words(batch: Batch) -> list[str]:
    return ["".join(SYMBOLS[s] for s in row) for row in batch.x.argmax(-1).tolist()]


@pytest.mark.parametrize(
    ("word", "answer"), [("EXbcdaXacB", 0), ("EXbcdaYacB", 1), ("EYdddXaaaB", 2), ("EaYddYaaaB", 3)]
)
def test_temporal_order_written_out(word: str, answer: int) -> None:
    x = nn.functional.one_hot(torch.tensor([[SYMBOLS.index(s) for s in word]]), 8).float()
    assert TemporalOrder(10).answer(x).tolist() == [answer]


def test_temporal_order_has_the_places_of_the_paper() -> None:
    assert TemporalOrder(100).places == ((10, 20), (50, 60))
    sampled = words(TemporalOrder(100).held_out(3000, 0))
    found = [[t for t, s in enumerate(word) if s in "XY"] for word in sampled]
    assert {a for a, _ in found} == set(range(10, 21))
    assert {b for _, b in found} == set(range(50, 61))
    assert all(word[0] == "E" and word[-1] == "B" and set(word[1:-1]) <= set("abcdXY") for word in sampled)
    distractors = Counter("".join(sampled))
    assert all(distractors[s] / (96 * 3000) == pytest.approx(1 / 4, abs=0.005) for s in "abcd")


def test_temporal_order_chance_and_what_counting_reaches() -> None:
    task = TemporalOrder(20)
    batch = task.held_out(20_000, 0)
    for answer in range(4):
        assert float((batch.y == answer).double().mean()) == close_to(task.chance, 20_000)
    zeros = torch.zeros(20_000, 20, 4)
    assert float(task.loss(zeros, batch)) == pytest.approx(task.chance_loss, abs=1e-6)
    by_count: dict[int, Counter[int]] = defaultdict(Counter)
    for word, y in zip(words(batch), batch.y.tolist(), strict=True):
        by_count[word.count("X")][y] += 1
    best = sum(answers.most_common(1)[0][1] for answers in by_count.values()) / 20_000
    assert best == pytest.approx(task.counting, abs=0.02)
