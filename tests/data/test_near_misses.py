"""Members and what hardly misses them."""

from __future__ import annotations

from collections import Counter
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.data.near_misses import MEMBERS, members, near_misses
from course_utils.errors import CourseError
from tests.strategies import examples


def belongs(language: str, text: str) -> bool:
    if language == "parity":
        return text.count("b") % 2 == 0
    if language == "aⁿbⁿ":
        return text == "a" * (len(text) // 2) + "b" * (len(text) // 2)
    while "ab" in text:  # brackets, opened by a
        text = text.replace("ab", "")
    return not text


@pytest.mark.parametrize("language", MEMBERS)
def test_membership_is_that_of_a_plain_program_on_every_short_string(language: str) -> None:
    for length in (2, 6, 8):
        every = np.array(list(product((0, 1), repeat=length)))
        wanted = [belongs(language, "".join("ab"[symbol] for symbol in row)) for row in every]
        assert members(language, every).tolist() == wanted


@examples(10)
@given(st.sampled_from(MEMBERS), st.integers(1, 20), st.integers(0, 99))
def test_half_are_members_and_half_of_the_others_have_edits(language: str, half: int, seed: int) -> None:
    asked = near_misses(language, 24, 2 * half, seed)
    symbols = asked.symbols.numpy()
    assert symbols.shape == (24, 2 * half)
    assert members(language, symbols).tolist() == asked.member.tolist()
    assert int(asked.member.sum()) == 12
    kinds = Counter(np.sign(asked.edits.numpy()).tolist())
    assert kinds == {0: 12, -1: 6, 1: 6}
    again = near_misses(language, 24, 2 * half, seed)
    assert (again.symbols == asked.symbols).all()


def test_one_edit_changes_one_symbol_or_puts_one_elsewhere() -> None:
    """One symbol exchanged is one a more or less, one put elsewhere none."""
    asked = near_misses("aⁿbⁿ", 400, 20, 0)
    edited = asked.symbols[asked.edits == 1].numpy()
    assert len(edited) > 20
    for row in edited:
        others = int(row.sum())
        assert others in (9, 10, 11)  # one exchanged, or one put elsewhere


def test_every_balanced_string_is_as_probable() -> None:
    asked = near_misses("Dyck-1", 4_000, 6, 0)
    counts = Counter(tuple(row) for row in asked.symbols[asked.member].tolist())
    assert len(counts) == 5
    assert max(counts.values()) < 1.25 * min(counts.values())


@pytest.mark.parametrize(
    ("language", "length", "told"),
    [("parity", 5, "an even length"), ("parity", 0, "length"), ("Dyck-2", 4, "language")],
)
def test_what_has_no_members_is_refused(language: str, length: int, told: str) -> None:
    with pytest.raises(CourseError, match=told):
        near_misses(language, 4, length)
