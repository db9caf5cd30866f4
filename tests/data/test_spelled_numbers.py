"""Numbers in words, letter by letter as num2words 0.5.14 writes them."""

from __future__ import annotations

import hashlib

import pytest

from course_utils.data.spelled_numbers import in_english, in_french, ordinal_in_english, year_in_english
from course_utils.errors import CourseError

# every seventh number up to 99,999, and some hundred up to the largest
NUMBERS = [*range(0, 100_000, 7), *range(100_000, 1_000_000, 3_571), *range(1_000_000, 1_000_000_000, 3_999_971)]
# of what num2words 0.5.14 returned for them


def digest(lines: list[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def test_the_words_are_those_of_num2words() -> None:
    assert (
        digest([in_french(number) for number in NUMBERS])
        == "7974a0ce69e0f14f328811f622c292514fc47f014031680f2011ab60fa89cad3"
    )
    assert (
        digest([in_english(number) for number in NUMBERS])
        == "3b21fa922b7baa98cc630d8714a23862d9f956bd4b78c04dd5fe5a560bb4bc11"
    )
    assert (
        digest([ordinal_in_english(number) for number in range(1, 400)])
        == "f49ae652ff77eaa50fcc67047c69c174a04d163454c683dbc9d851859c36c091"
    )
    assert (
        digest([year_in_english(year) for year in range(1100, 2200)])
        == "00de6ae8ea29cc49a9425d4d481244e99354ea85476afc0002c4b1b7a206ff5c"
    )


@pytest.mark.parametrize(
    ("number", "french", "english"),
    [
        (71, "soixante et onze", "seventy-one"),
        (80, "quatre-vingts", "eighty"),
        (81, "quatre-vingt-un", "eighty-one"),
        (200, "deux cents", "two hundred"),
        (201, "deux cent un", "two hundred and one"),
        (1_100, "mille cent", "one thousand, one hundred"),
        (80_000, "quatre-vingt mille", "eighty thousand"),
        (200_000_080, "deux cents millions quatre-vingts", "two hundred million and eighty"),
    ],
)
def test_what_is_easily_got_wrong(number: int, french: str, english: str) -> None:
    assert (in_french(number), in_english(number)) == (french, english)


@pytest.mark.parametrize("spell", [in_french, in_english, ordinal_in_english, year_in_english])
@pytest.mark.parametrize("number", [-1, 1_000_000_000, 1.5, "7"])
def test_what_cannot_be_spelled_is_refused(spell: object, number: object) -> None:
    assert callable(spell)
    with pytest.raises(CourseError, match="whole number from 0 to"):
        spell(number)
