"""French → English: whole numbers and dates in words, the months by their names in Babel (CLDR).

    vingt et un mille trois cents  →  twenty-one thousand, three hundred
    le quatorze juillet mille sept cent quatre-vingt-neuf  →  the fourteenth of July, seventeen eighty-nine

A toy language with real difficulties: French says 97 as 4 · 20 + 17, so that words have no partner of their own.
"""

from __future__ import annotations

import datetime
import random
from collections import Counter
from dataclasses import dataclass
from typing import TypeAlias

from course_utils.checks import check_whole
from course_utils.data.spelled_numbers import in_english, in_french, ordinal_in_english, year_in_english
from course_utils.errors import CourseError

Pair: TypeAlias = tuple[str, str]

VALID, TEST, LONGER = 300, 500, 300  # pairs
LONGER_FROM, LONGER_TO = 1_000_000, 99_999_999
FIRST_DAY, LAST_DAY = datetime.date(1600, 1, 1), datetime.date(2100, 12, 31)


@dataclass(frozen=True)
class WordPairs:
    """Pairs (French, English); no number or date is in two parts.

    Attributes:
        train: to learn from.
        valid: 300 to choose with.
        test: 500 to judge with.
        longer: 300 that are longer than any that was learned from: numbers from a million to 99,999,999. None for
            dates.
    """

    train: list[Pair]
    valid: list[Pair]
    test: list[Pair]
    longer: list[Pair]


def number_words(pairs: int = 5_000, largest: int = 99_999, seed: int = 0) -> WordPairs:
    """Whole numbers in words, drawn from 0 to the largest, each at most once.

    Short ones are drawn more often than their share, so that they are learned as well: half of the weight goes to all
    numbers alike, the other half to all lengths (in digits) alike.

    Args:
        pairs: to learn from.
        largest: below 1,000,000, where the `longer` ones begin.
        seed: of the draw.

    Raises:
        CourseError: a number that is no whole number from 1, a largest of a million or more, or not enough numbers.
    """
    check_whole("pairs", pairs, 1)
    check_whole("largest", largest, 1)
    if largest >= LONGER_FROM:
        raise CourseError(f"largest is {largest:,}; it must be below {LONGER_FROM:,}, where the longer numbers begin.")
    wanted = pairs + VALID + TEST
    if wanted > largest + 1:
        raise CourseError(
            f"{pairs:,} pairs, {VALID} to validate and {TEST} to test need {wanted:,} numbers; from 0 to {largest:,} "
            f"there are {largest + 1:,}. Ask for fewer, or raise largest."
        )
    draw = random.Random(seed)
    numbers = _drawn(largest, wanted, draw)
    longer = draw.sample(range(LONGER_FROM, LONGER_TO + 1), LONGER)
    made = [number_pair(number) for number in numbers]
    return WordPairs(made[:pairs], made[pairs:-TEST], made[-TEST:], [number_pair(number) for number in longer])


def _drawn(largest: int, wanted: int, draw: random.Random) -> list[int]:
    """Different numbers by weight (Efraimidis & Spirakis 2006: the smallest of exponential times), in random order."""
    digits = Counter(len(str(number)) for number in range(largest + 1))
    times = [
        draw.expovariate(1 / (largest + 1) + 1 / (len(digits) * digits[len(str(number))]))
        for number in range(largest + 1)
    ]
    numbers = sorted(range(largest + 1), key=times.__getitem__)[:wanted]
    draw.shuffle(numbers)
    return numbers


def number_pair(number: int) -> Pair:
    """A whole number in French and in English words.

    Raises:
        CourseError: it is no whole number from 0 to 999,999,999.
    """
    return in_french(number), in_english(number)


def date_words(pairs: int = 5_000, seed: int = 0) -> WordPairs:
    """Days from 1600 to 2100 in words, each at most once.

    Args:
        pairs: to learn from.
        seed: of the draw.

    Raises:
        CourseError: a number that is no whole number from 1, or more days than there are.
    """
    check_whole("pairs", pairs, 1)
    days = (LAST_DAY - FIRST_DAY).days + 1
    wanted = pairs + VALID + TEST
    if wanted > days:
        raise CourseError(
            f"{wanted:,} days are needed in all, and from 1600 to 2100 there are {days:,}. Ask for fewer."
        )
    chosen = random.Random(seed).sample(range(days), wanted)
    made = [date_pair(FIRST_DAY + datetime.timedelta(days=day)) for day in chosen]
    return WordPairs(made[:pairs], made[pairs:-TEST], made[-TEST:], [])


def date_pair(date: datetime.date) -> Pair:
    """A date in French and in English words; the English year as it is said, "nineteen oh-five"."""
    from babel.dates import get_month_names

    day = "premier" if date.day == 1 else in_french(date.day)
    french = f"le {day} {get_month_names(locale='fr')[date.month]} {in_french(date.year)}"
    month = get_month_names(locale="en")[date.month]
    return french, f"the {ordinal_in_english(date.day)} of {month}, {year_in_english(date.year)}"
