"""Texts of errors reach a terminal, a notebook or a figure, whatever names they hold."""

from __future__ import annotations

import os
import pickle

from hypothesis import given
from hypothesis import strategies as st

from course_utils.errors import CourseError, printable

STEERS = {chr(code) for code in (*range(32), *range(127, 160))} - {"\n", "\t"}


@given(st.text())
def test_only_what_cannot_be_shown_becomes_an_escape(text: str) -> None:
    assert printable(text) == text or any(sign in STEERS or not sign.isprintable() for sign in text)


@given(st.binary() | st.text(st.characters(categories=["Cs", "Cc", "Lu"])))
def test_whatever_a_file_is_called_its_name_can_be_printed_and_steers_no_terminal(name: bytes | str) -> None:
    shown = printable(os.fsdecode(name) if isinstance(name, bytes) else name)
    assert shown.encode("utf-8").decode("utf-8") == shown
    assert not STEERS & set(shown)
    assert printable(shown) == shown


def test_names_that_differ_in_a_byte_stay_different() -> None:
    assert printable(os.fsdecode(b"caf\xe9")) == r"caf\xe9"
    assert printable(os.fsdecode(b"caf\xe8")) == r"caf\xe8"
    assert printable("café, кот, 猫 – 1\u202f000 €\n") == "café, кот, 猫 – 1\u202f000 €\n"


def test_an_error_is_printable_and_survives_the_way_between_processes() -> None:
    error = CourseError("There is no folder caf\udce9\x1b[2J.")
    assert str(error) == r"There is no folder caf\xe9\x1b[2J."
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
