"""How much of a text stands word for word in another: what a language model says again, and what it makes up.

Without a control such numbers say little: a new text by the same author, never seen in training, shares much with the
old one too. Compare a sample with it.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from course_utils.checks import check_whole
from course_utils.errors import CourseError

BASE = 0x9E3779B97F4A7C15  # odd, so that it has an inverse modulo 2⁶⁴
INVERSE = pow(BASE, -1, 2**64)


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
    known, own = _sorted_hashes(text, least), _hashes(sample, least)
    copied = np.zeros(len(sample), dtype=bool)
    for start in np.flatnonzero(_within(own, known)):
        if sample[start : start + least] in text:  # equal hashes are no proof
            copied[start : start + least] = True
    return float(copied.mean())


@lru_cache(maxsize=1)
def _sorted_hashes(text: str, length: int) -> NDArray[np.uint64]:
    """Those of all windows of a text, in order; kept for the next sample that is looked up in it."""
    return np.sort(_hashes(text, length))


def _hashes(text: str, length: int) -> NDArray[np.uint64]:
    """A number for each window of a text: equal windows have equal ones. It is a polynomial modulo 2⁶⁴."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    if len(codes) < length:
        return np.zeros(0, dtype=np.uint64)
    powers = np.cumprod(np.full(len(codes), BASE, dtype=np.uint64))
    sums = np.concatenate([np.zeros(1, dtype=np.uint64), np.cumsum(codes * powers)])
    shifts = np.cumprod(np.full(len(codes) - length + 1, INVERSE, dtype=np.uint64))
    hashes: NDArray[np.uint64] = (sums[length:] - sums[: len(sums) - length]) * shifts
    return hashes


def _within(wanted: NDArray[np.uint64], known: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which numbers are among others, that are in order?"""
    if not len(known):
        return np.zeros(len(wanted), dtype=bool)
    found: NDArray[np.bool_] = known[np.searchsorted(known, wanted).clip(max=len(known) - 1)] == wanted
    return found
