"""Absolute discounting: probabilities that sum to 1, and their limits."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from course_utils.models.discounting import discounted
from tests.strategies import between

COUNTS = st.lists(st.lists(st.integers(0, 9), min_size=4, max_size=4), min_size=1, max_size=4)
LOWER = torch.tensor([0.4, 0.3, 0.2, 0.1], dtype=torch.float64)


@given(COUNTS, between(0, 1))
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
