"""Words and minutes of lessons: counted, told in the first cell, and within what a core may take."""

from __future__ import annotations

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from course_utils import syllabus
from course_utils.syllabus import LESSONS, Lesson
from tools import build, reading

CELLS = [
    new_markdown_cell("# A lesson\n\nfive words of core text"),
    new_code_cell("x = 1\n\nex.one.check(x)\n# ex.one.hint()"),
    new_markdown_cell("### Your turn: one · 7 minutes\n```\nnot counted\n```\n$$x = 1$$"),
    new_code_cell("ex.guess.check(2)"),
    new_markdown_cell("## Going deeper: more\n\ntwo words"),
    new_code_cell("y = 2"),
    new_code_cell("assert y", metadata={"tags": ["evidence"]}),
    new_markdown_cell("## Summary\n\nthe end"),
]


def test_core_and_deeper_parts_are_told_apart_and_counted() -> None:
    core, deeper = (reading.length(CELLS, deeper=which) for which in (False, True))
    assert core == reading.Length(words=2 + 5 + 5 + 3, lines=4, exercise_minutes=7, predictions=1)
    assert deeper == reading.Length(words=5, lines=1, exercise_minutes=0, predictions=0)
    assert (core.minutes, deeper.minutes) == (10, 5)


def test_nothing_takes_no_time() -> None:
    assert reading.Length(0, 0, 0, 0).minutes == 0


def test_the_syllabus_knows_the_minutes_and_a_core_keeps_its_limits() -> None:
    for name in build.lesson_names():
        row, cells = LESSONS[name], build.lesson_cells(name)
        core, deeper = (reading.length(cells, deeper=which) for which in (False, True))
        told = f"write minutes={core.minutes}, deeper_minutes={deeper.minutes} into the row of {name} in syllabus.py"
        assert (row.minutes, row.deeper_minutes) == (core.minutes, deeper.minutes), told
        assert core.words <= reading.MOST_WORDS
        assert core.minutes <= reading.MOST_MINUTES


def test_the_first_cell_tells_the_time_where_it_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LESSONS, "42_trivial", Lesson("42_trivial", "t", "a", 1, True, minutes=50, deeper_minutes=20))
    assert "About 50 minutes with its exercises, and 20 more" in reading.time_line("42_trivial")
    monkeypatch.setitem(LESSONS, "42_trivial", Lesson("42_trivial", "t", "a", 1))
    assert reading.time_line("42_trivial") == ""
    assert reading.time_line("43_unknown") == ""


def test_the_two_day_path_fits_into_two_days() -> None:
    assert syllabus.workshop_minutes() <= 60 * reading.WORKSHOP_HOURS
