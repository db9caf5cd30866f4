"""What people name: each thing once, nothing empty, in small letters."""

from __future__ import annotations

import pytest

from course_utils.data.assistant_words import FILLINGS


@pytest.mark.parametrize("name", FILLINGS)
def test_each_filling_stands_there_once_in_small_letters(name: str) -> None:
    words = FILLINGS[name]
    assert len(set(words)) == len(words) >= 8
    assert all(word == word.lower().strip() and word for word in words)
