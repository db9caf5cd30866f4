"""The flagged latch: its sampler and its chance line."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
import torch

from course_utils.experiments.tasks.flagged_latch import FlaggedLatch, most_frequent_accuracy
from tests.experiments.tasks.judging import close_to


def test_flagged_latch_written_out() -> None:
    x = torch.tensor([[[0.0, 1, 0], [1, 0, 1], [0, 1, 0], [0, 1, 0]]])
    assert FlaggedLatch(1, 3, symbols=2).answer(x).tolist() == [0]  # the most frequent symbol is 1


def test_flagged_latch_has_all_its_lags_equally_often_and_one_alphabet() -> None:
    task = FlaggedLatch(5, 8)
    batch = task.held_out(20_000, 0)
    flag = batch.x[..., -1]
    assert (flag.sum(1) == 1).all()
    lag = task.seq_len - 1 - flag.argmax(1)
    for steps in range(10):
        assert float((lag == steps).double().mean()) == close_to(1 / 4 if 5 <= steps <= 8 else 0.0, 20_000)
    for marked in (True, False):
        symbols = batch.x[..., :-1][(flag == 1) == marked]
        assert symbols.mean(0).tolist() == pytest.approx([1 / 4] * 4, abs=0.02)


@pytest.mark.parametrize("symbols", [2, 3, 4])
@pytest.mark.parametrize("steps", [1, 2, 3, 5, 7])
def test_how_often_a_symbol_is_the_most_frequent_equals_counting_all_sequences(steps: int, symbols: int) -> None:
    sequences = list(product(range(symbols), repeat=steps))
    most = sum(max(Counter(sequence).values()) for sequence in sequences)
    exact = Fraction(most, steps * len(sequences))
    assert most_frequent_accuracy(steps, symbols) == pytest.approx(float(exact), abs=1e-12)


@pytest.mark.parametrize("steps", [51, 400])
def test_how_often_a_symbol_is_the_most_frequent_agrees_with_simulation(steps: int) -> None:
    counts = np.random.default_rng(0).multinomial(steps, [1 / 4] * 4, size=40_000).max(1) / steps
    assert most_frequent_accuracy(steps) == pytest.approx(counts.mean(), abs=5 * counts.std() / 200)


@pytest.mark.parametrize("task", [FlaggedLatch(3, 6), FlaggedLatch(20, 70)], ids=str)
def test_flagged_latch_is_not_solved_by_counting(task: FlaggedLatch) -> None:
    n = 20_000
    batch = task.held_out(n, 0)
    symbols, places = batch.x[..., :-1], task.longest_lag - task.shortest_lag + 1
    for counted, accuracy in ((symbols[:, :places], task.ignoring_the_flag), (symbols, task.counting)):
        said = counted.sum(1)[:, None].expand(-1, task.seq_len, -1)
        assert task.score(said, batch) == close_to(accuracy, n)
        assert accuracy < 0.6
    constant = torch.zeros(n, task.seq_len, 4)
    assert task.score(constant, batch) == close_to(task.chance, n)
    assert float(task.loss(constant, batch)) == pytest.approx(task.chance_loss, abs=1e-6)
    last = symbols[:, -1:].expand(-1, task.seq_len, -1)
    assert task.score(last, batch) == close_to(task.chance, n)


def test_no_rule_that_ignores_the_flag_does_better() -> None:
    """All sequences and flags of a small task: the best answer to each sequence of symbols, added up exactly."""
    task, right, cases = FlaggedLatch(2, 4, symbols=3), 0, 0
    for sequence in product(range(3), repeat=task.seq_len):
        answers = Counter(sequence[task.seq_len - 1 - lag] for lag in (2, 3, 4))
        right += max(answers.values())
        cases += 3
    assert task.ignoring_the_flag == pytest.approx(right / cases, abs=1e-12)
