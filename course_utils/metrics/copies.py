"""How much of a text stands word for word in another: what a language model says again, and what it makes up.

Without a control such numbers say little: a new text by the same author, never seen in training, shares much with the
old one too. Compare a sample with it.
"""

from __future__ import annotations

from course_utils.checks import check_whole
from course_utils.errors import CourseError


def copied_runs(sample: str, text: str) -> list[int]:
    """From each place of a sample on, how many characters in a row stand somewhere in a text.

    Both ends of a run only move on, so that two thousand characters are looked up in a megabyte in a few seconds.

    Args:
        sample: of S characters.
        text: to look them up in.

    Returns:
        S lengths; 0 where the character is not in the text.
    """
    found, length = [], 0
    for start in range(len(sample)):
        length = max(length - 1, 0)  # what stood there from one place earlier on stands there without its first
        while start + length < len(sample) and sample[start : start + length + 1] in text:
            length += 1
        found.append(length)
    return found


def longest_copy(sample: str, text: str) -> str:
    """The longest run of characters of a sample that stands in a text; of equally long ones the first.

    Args:
        sample: of any length.
        text: to look it up in.
    """
    runs = copied_runs(sample, text)
    if not runs:
        return ""
    start = runs.index(max(runs))
    return sample[start : start + runs[start]]


def copied_share(sample: str, text: str, least: int = 30) -> float:
    """The share of a sample's characters that belong to a run of `least` characters or more that stands in a text.

    Args:
        sample: at least one character.
        text: to look it up in.
        least: how long a run must be to count as copied; short ones stand everywhere.

    Raises:
        CourseError: an empty sample, or `least` below 1.
    """
    least = check_whole("least", least, 1)
    if not sample:
        raise CourseError("The sample is empty, so no share of it can be copied. Give at least one character.")
    copied, end = 0, 0  # the places before `end` have been counted
    for start, length in enumerate(copied_runs(sample, text)):
        if length >= least:
            copied += start + length - max(start, end)
            end = start + length
    return copied / len(sample)
