"""Absolute discounting: probabilities that sum to 1, and their limits."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_utils.errors import CourseError
from course_utils.models.discounting import RunCounts, discounted
from tests.strategies import between

COUNTS = st.lists(st.lists(st.integers(0, 9), min_size=4, max_size=4), min_size=1, max_size=4)
LOWER = torch.tensor([0.4, 0.3, 0.2, 0.1], dtype=torch.float64)


@given(COUNTS, st.just(0.0) | between(1e-6, 1))
def test_probabilities_sum_to_one_and_none_is_zero(counts: list[list[int]], discount: float) -> None:
    found = discounted(torch.tensor(counts), LOWER, discount)
    assert torch.allclose(found.sum(-1), torch.ones(len(counts), dtype=torch.float64))
    assert (found >= 0).all()
    assert discount == 0 or (found > 0).all()


def test_without_discount_they_are_shares_and_without_counts_those_of_the_shorter_context() -> None:
    counts = torch.tensor([[3, 1, 0, 0], [0, 0, 0, 0]])
    assert discounted(counts, LOWER, 0.0).tolist() == [[0.75, 0.25, 0.0, 0.0], LOWER.tolist()]


def test_what_is_taken_off_is_shared_as_the_shorter_context_says() -> None:
    counts = torch.tensor([[3, 1, 0, 0]])
    saved = 2 * 0.5 / 4
    assert torch.allclose(
        discounted(counts, LOWER, 0.5), torch.tensor([[2.5 / 4, 0.5 / 4, 0, 0]], dtype=torch.float64) + saved * LOWER
    )


def slowly(text: list[int], asked: list[int], order: int, size: int, discount: float) -> list[float]:
    """The same probabilities from the definition, counting every context anew."""
    found = []
    for at, token in enumerate(asked):
        probabilities = torch.full((size,), 1 / size, dtype=torch.float64)
        for length in range(min(order, at + 1)):
            context = asked[at - length : at]
            followers = [text[i + length] for i in range(len(text) - length) if text[i : i + length] == context]
            counts = torch.bincount(torch.tensor(followers, dtype=torch.int64), minlength=size)
            probabilities = discounted(counts, probabilities, discount)
        found.append(-math.log(probabilities[token]))
    return found


TEXTS = st.lists(st.integers(0, 3), min_size=1, max_size=25)


@given(TEXTS, TEXTS, st.integers(1, 4), between(0.1, 1))
def test_the_tables_give_what_the_definition_gives(
    text: list[int], asked: list[int], order: int, discount: float
) -> None:
    counts = RunCounts(text, order, 4)
    assert counts.nats(asked, discount) == pytest.approx(slowly(text, asked, order, 4, discount))


@given(TEXTS, st.lists(st.integers(0, 3), max_size=5), between(0.1, 1))
def test_whatever_stands_before_the_probabilities_of_the_next_token_sum_to_one(
    text: list[int], before: list[int], discount: float
) -> None:
    counts = RunCounts(text, 3, 4)
    last = [counts.nats([*before, token], discount)[-1] for token in range(4)]
    assert np.exp(-np.array(last)).sum() == pytest.approx(1)


@given(TEXTS, TEXTS, st.integers(1, 4))
def test_the_next_token_has_the_probabilities_that_nats_are_made_of(
    text: list[int], asked: list[int], order: int
) -> None:
    counts = RunCounts(text, order, 4, kneser_ney=True)
    rows = counts.following(asked[:-1])
    assert torch.allclose(rows.sum(-1), torch.ones(order + 1, dtype=torch.float64))
    assert -math.log(rows[-1, asked[-1]]) == pytest.approx(counts.nats(asked)[-1])


@given(TEXTS, st.integers(1, 4))
def test_shorter_runs_count_the_tokens_before_them(text: list[int], order: int) -> None:
    tables = RunCounts(text, order, 4, kneser_ney=True).tables
    plain = RunCounts(text, order, 4).tables
    runs: list[tuple[int, ...]] = [()]
    for length, (keys, counts) in enumerate(tables, 1):
        runs = [(*runs[key // 4], key % 4) for key in keys.tolist()]
        assert keys.tolist() == plain[length - 1][0].tolist()
        places = [[i for i in range(len(text)) if tuple(text[i : i + length]) == run] for run in runs]
        if length == order:
            assert counts.tolist() == [len(at) for at in places]
        else:
            assert counts.tolist() == [max(len({text[i - 1] for i in at if i}), 1) for at in places]


@given(TEXTS, TEXTS)
def test_tables_that_were_kept_give_the_same(text: list[int], asked: list[int]) -> None:
    counts = RunCounts(text, 3, 4, kneser_ney=True)
    again = RunCounts.of_tables(counts.tables, 4)
    assert again.nats(asked).tolist() == counts.nats(asked).tolist()
    assert len(again) == len(counts)


def test_tables_that_cannot_be_are_refused() -> None:
    for tables, message in (
        ([([1, 0], [1, 1])], "sorted keys"),
        ([([0, 1], [1, 0])], "a count from 1"),
        ([([0, 1], [1])], "sorted keys"),
        ([([0, 4], [1, 1])], "not there"),
        ([([-1], [1])], "not there"),
        ([([0], [1]), ([4], [1])], "not there"),
        ([], "order"),
    ):
        with pytest.raises(CourseError, match=message):
            RunCounts.of_tables(tables, 4)


def test_discounts_come_from_what_was_seen_once_and_twice() -> None:
    text = [0, 0, 0, 1, 1, 2]  # one token once, one twice: 1 / (1 + 2 · 1)
    assert RunCounts(text, 1, 4).nats([0, 3]).tolist() == RunCounts(text, 1, 4).nats([0, 3], 1 / 3).tolist()
    assert RunCounts([0, 0, 0], 1, 2).nats([1])[0] == pytest.approx(-math.log(0.1 / 3 / 2))


def test_runs_are_counted_once_a_length() -> None:
    assert len(RunCounts([0, 1, 0, 1], 2, 2)) == 2 + 2  # 0, 1; 01, 10
    assert len(RunCounts([0], 5, 2)) == 1


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(CourseError, match="no token to count"):
        RunCounts([], 2, 3)
    for wrong in ([0, 3], [-1], [0.5], [[0, 1]]):
        with pytest.raises(CourseError, match="whole numbers from 0 to 2"):
            RunCounts(wrong, 2, 3)
    for discount in (0, 1.5):
        with pytest.raises(CourseError, match="discount"):
            RunCounts([0], 2, 3).nats([0], discount)
    with pytest.raises(CourseError, match="order"):
        RunCounts([0], 0, 3)
