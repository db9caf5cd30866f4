"""Numbers and dates in words."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest

from course_utils.data.number_words import date_pair, date_words, number_pair, number_words
from course_utils.errors import CourseError


@pytest.mark.parametrize(
    ("number", "french", "english"),
    [
        (0, "zéro", "zero"),
        (21, "vingt et un", "twenty-one"),
        (97, "quatre-vingt-dix-sept", "ninety-seven"),
        (2_080, "deux mille quatre-vingts", "two thousand and eighty"),
        (1_000_000, "un million", "one million"),
    ],
)
def test_numbers_in_words(number: int, french: str, english: str) -> None:
    assert number_pair(number) == (french, english)


def test_dates_in_words() -> None:
    assert date_pair(datetime.date(1789, 7, 14)) == (
        "le quatorze juillet mille sept cent quatre-vingt-neuf",
        "the fourteenth of July, seventeen eighty-nine",
    )
    assert date_pair(datetime.date(1905, 8, 1))[0].startswith("le premier août")


@pytest.mark.parametrize("draw", [number_words, date_words])
def test_no_number_is_in_two_parts_and_the_seed_decides(draw: Any) -> None:
    parts = draw(200, seed=3)
    assert (len(parts.train), len(parts.valid), len(parts.test)) == (200, 300, 500)
    every = [*parts.train, *parts.valid, *parts.test, *parts.longer]
    assert len(set(every)) == len(every)
    assert len({source for source, _ in every}) == len(every)
    assert parts == draw(200, seed=3)
    assert parts.train != draw(200, seed=4).train


def test_short_numbers_are_there_to_learn_from_and_to_judge_with() -> None:
    parts = number_words()
    two_digits = {number_pair(number)[0] for number in range(100)}
    in_train = sum(source in two_digits for source, _ in parts.train)
    in_test = sum(source in two_digits for source, _ in parts.test)
    assert in_train > 60
    assert 1 <= in_test < 30
    assert sum("thousand" in english for _, english in parts.train) > 3_000


def test_longer_numbers_are_millions() -> None:
    parts = number_words(100, largest=999)
    assert all("million" in english for _, english in parts.longer)
    assert not any("thousand" in english for _, english in [*parts.train, *parts.test])


def test_numbers_that_are_not_there_are_refused() -> None:
    cases: list[tuple[Callable[[], object], str]] = [
        (lambda: number_words(300, largest=999), "need 1,100 numbers"),
        (lambda: number_words(5, largest=2_000_000), "must be below 1,000,000"),
        (lambda: number_words(0), "pairs must be a whole number from 1"),
        (lambda: date_words(1_000_000), "there are"),
    ]
    for ask, message in cases:
        with pytest.raises(CourseError, match=message):
            ask()
