"""Whole numbers in French and in English words, letter by letter as num2words 0.5.14 writes them.

num2words itself needs docopt, which exists as source code only: pip would have to build it when the course is
installed, with a build tool that no hash names.
"""

from __future__ import annotations

from course_utils.checks import check_whole

FRENCH = (
    *("zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze"),
    *("treize", "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf"),
)
FRENCH_TENS = ["vingt", "trente", "quarante", "cinquante", "soixante", "soixante", "quatre-vingt", "quatre-vingt"]
ENGLISH = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
ENGLISH_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
ORDINALS = {"one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth"}
MILLION = 1_000_000
LARGEST = 999 * MILLION + 999_999


def in_french(number: int) -> str:
    """A whole number in French words: 80 is four twenties, 97 four twenties seventeen.

    Raises:
        CourseError: it is no whole number from 0 to 999,999,999.
    """
    check_whole("number", number, 0, LARGEST)
    if number < 100:
        return _french_below_100(number)
    if number < 1000:
        hundreds, rest = divmod(number, 100)
        words = "cent" if hundreds == 1 else f"{FRENCH[hundreds]} cent"
        return f"{words} {in_french(rest)}" if rest else f"{words}s" if hundreds > 1 else words
    if number < MILLION:
        thousands, rest = divmod(number, 1000)
        words = "mille" if thousands == 1 else f"{_without_plural(in_french(thousands))} mille"
    else:
        millions, rest = divmod(number, MILLION)
        words = f"{in_french(millions)} million{'s' if millions > 1 else ''}"
    return f"{words} {in_french(rest)}" if rest else words


def _french_below_100(number: int) -> str:
    if number < 20:
        return FRENCH[number]
    tens, rest = divmod(number, 10)
    words = FRENCH_TENS[tens - 2]
    if tens in (7, 9):  # counted on from sixty and from eighty
        rest += 10
    if not rest:
        return f"{words}s" if number == 80 else words
    return f"{words} et {FRENCH[rest]}" if rest in (1, 11) and tens < 8 else f"{words}-{FRENCH[rest]}"


def _without_plural(words: str) -> str:
    """Before "mille", "cents" and "quatre-vingts" lose their s."""
    return words.removesuffix("s") if words.endswith(("cents", "vingts")) else words


def in_english(number: int) -> str:
    """A whole number in English words, as the British say it: two thousand and eighty.

    Raises:
        CourseError: it is no whole number from 0 to 999,999,999.
    """
    check_whole("number", number, 0, LARGEST)
    if number < 20:
        return ENGLISH[number]
    if number < 100:
        tens, rest = divmod(number, 10)
        return f"{ENGLISH_TENS[tens - 2]}-{ENGLISH[rest]}" if rest else ENGLISH_TENS[tens - 2]
    for unit, name in ((MILLION, "million"), (1000, "thousand"), (100, "hundred")):
        if number >= unit:
            count, rest = divmod(number, unit)
            words = f"{in_english(count)} {name}"
            break
    if not rest:
        return words
    return f"{words} and {in_english(rest)}" if rest < 100 else f"{words}, {in_english(rest)}"


def ordinal_in_english(number: int) -> str:
    """The words of a whole number that counts places: 21 is "twenty-first".

    Raises:
        CourseError: it is no whole number from 0 to 999,999,999.
    """
    words = in_english(number)
    start = max(words.rfind(" "), words.rfind("-")) + 1
    last = words[start:]
    if last.endswith("y"):
        last = f"{last[:-1]}ieth"
    elif last == "twelve":
        last = "twelfth"
    else:
        last = ORDINALS.get(last, f"{last}th")
    return words[:start] + last


def year_in_english(year: int) -> str:
    """A year as it is said: 1789 is "seventeen eighty-nine", 1905 "nineteen oh-five", 2004 "two thousand and four".

    Raises:
        CourseError: it is no whole number from 0 to 9999.
    """
    check_whole("year", year, 0, 9999)
    century, rest = divmod(year, 100)
    if century < 1 or (century % 10 == 0 and rest < 10):
        return in_english(year)
    if not rest:
        return f"{in_english(century)} hundred"
    return f"{in_english(century)} {'oh-' if rest < 10 else ''}{in_english(rest)}"
