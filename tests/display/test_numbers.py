"""Numbers and lists in words."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.display.numbers import listed, named, short


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"), (-0.0, "0"), (1.0, "1"), (0.9876, "0.988"), (98.76, "98.8"), (987.6, "988"),
        (0.0312, "0.0312"), (0.5, "0.5"),
        (1234.5, "1,230"), (100.0, "100"), (0.9999, "1"), (-0.25, "−0.25"), (1.234e-7, "1.23e−7"), (3e9, "3e9"),
        (math.nan, "–"), (math.inf, "∞"), (-math.inf, "−∞"),
    ],
)  # fmt: skip
def test_numbers_are_short(value: float, text: str) -> None:
    assert short(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_a_short_number_is_the_number_to_three_digits(value: float) -> None:
    assert float(short(value).replace("−", "-").replace(",", "")) == pytest.approx(value, rel=0.00501)


def test_lists_and_names_in_words() -> None:
    assert [listed(list(parts)) for parts in ("a", "ab", "abc")] == ["a", "a and b", "a, b and c"]
    assert (named("GRU", 0.5), named("always 1", 0.5), named("", 0.5)) == ("GRU 0.5", "always 1: 0.5", "0.5")
