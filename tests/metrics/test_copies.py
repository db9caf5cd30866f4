"""What is copied: against the slow definition, and fast enough for a megabyte."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils import metrics
from course_utils.errors import CourseError
from course_utils.metrics import copies

TEXTS = st.text("ab ", max_size=25)


@given(TEXTS, TEXTS)
def test_runs_are_those_of_the_definition(sample: str, text: str) -> None:
    slow = [
        max(length for length in range(len(sample) - start + 1) if sample[start : start + length] in text)
        for start in range(len(sample))
    ]
    assert metrics.copied_runs(sample, text) == slow
    longest = metrics.longest_copy(sample, text)
    assert len(longest) == max(slow, default=0)
    assert longest in sample
    assert longest in text


@given(TEXTS.filter(bool), TEXTS, st.integers(1, 6))
def test_the_share_counts_each_character_of_long_runs_once(sample: str, text: str, least: int) -> None:
    copied = {
        place
        for start in range(len(sample) - least + 1)
        if sample[start : start + least] in text
        for place in range(start, start + least)
    }
    assert metrics.copied_share(sample, text, least) == pytest.approx(len(copied) / len(sample))


def test_hashes_of_equal_windows_are_equal_wherever_they_stand_and_others_differ() -> None:
    text = "xxabcabd\ud800bcab😀"  # a character beyond 16 bits, and half of one
    windows = [text[at : at + 3] for at in range(len(text) - 2)]
    hashes = copies._hashes(text, 3).tolist()
    assert len(hashes) == len(windows)
    assert len(set(hashes)) == len(set(windows))
    assert hashes[windows.index("bca")] == copies._hashes("zbca", 3)[1]


def test_windows_whose_hashes_are_equal_by_chance_are_not_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "_hashes", lambda text, length: np.zeros(max(0, len(text) - length + 1), np.uint64))
    copies._sorted_hashes.cache_clear()
    assert metrics.copied_share("abcdx", "zzabcd", 3) == pytest.approx(4 / 5)
    copies._sorted_hashes.cache_clear()


def test_a_text_is_copied_from_itself_and_from_another_alphabet_nothing_is() -> None:
    text = "and it came to pass in those days"
    assert metrics.longest_copy(text, text) == text
    assert metrics.copied_share(text, text) == 1
    assert metrics.copied_share(text, "ΩΨΦ" * 20, 1) == 0
    assert metrics.longest_copy("", text) == metrics.longest_copy(text, "") == ""


def test_what_cannot_be_meant_is_refused() -> None:
    with pytest.raises(CourseError, match="sample is empty"):
        metrics.copied_share("", "text")
    with pytest.raises(CourseError, match="least"):
        metrics.copied_share("a", "a", 0)
