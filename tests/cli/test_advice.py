"""What a learner might do next."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.cli.advice import advice, next_step, weak_spots
from course_utils.exercises.engine.progress import OUTCOMES, Entry
from course_utils.syllabus import LESSONS

WRITTEN = {"00": ["a"], "01": ["b", "c"], "04": ["d"], "05": ["e"]}


def check(lesson: str, exercise: str, outcome: str = "SOLVED") -> Entry:
    return Entry(lesson, exercise, outcome, "2026-01-02T03:04:05+00:00")


def test_before_the_first_check_and_for_exercises_that_are_gone_nothing_is_said() -> None:
    assert advice(WRITTEN, []) == []
    assert advice(WRITTEN, [check("01", "gone"), check("77", "a")]) == []


def test_the_lesson_of_the_last_check_goes_on() -> None:
    assert next_step(WRITTEN, [check("01", "b")]) == "Go on in 01 Feedforward networks: c is not solved yet."
    assert "01 Feedforward networks: b" in next_step(WRITTEN, [check("01", "c"), check("01", "b", "NOT_YET")])


@pytest.mark.parametrize(
    ("solved", "name"),
    [
        ([("00", "a")], "01_feedforward_networks"),
        ([("00", "a"), ("01", "b"), ("01", "c")], "05_recurrent_networks"),
        ([("01", "b"), ("01", "c")], "05_recurrent_networks"),  # it builds on 01, and 00 does not
        ([("00", "a"), ("01", "b"), ("01", "c"), ("05", "e")], "04_deep_belief_networks"),  # not on the path, but left
    ],
)
def test_after_a_lesson_the_two_day_path_goes_on(solved: list[tuple[str, str]], name: str) -> None:
    lesson = LESSONS[name]
    said = next_step(WRITTEN, [check(*which) for which in solved])
    assert said == f"Next: {lesson.number} {lesson.title}. You will be able to {lesson.able_to}."


def test_when_all_is_solved_it_says_so() -> None:
    entries = [check(number, name) for number, names in WRITTEN.items() for name in names]
    assert advice(WRITTEN, entries) == ["You have solved every exercise there is."]


def test_what_was_tried_often_and_is_not_solved_is_told_the_most_often_first() -> None:
    entries = [check("01", "b", "NOT_YET")] * 3 + [check("05", "e", "ERROR")] * 4 + [check("04", "d", "NOT_YET")] * 2
    said = weak_spots(entries)
    assert said.index("e of lesson 05 (4 checks)") < said.index("b of lesson 01 (3 checks)")
    assert "lesson 04" not in said
    assert "ex.e.hint()" in said
    assert "lesson 05" not in weak_spots([*entries, check("05", "e")])


@given(
    st.lists(
        st.builds(
            check, st.sampled_from(["00", "01", "05", "99"]), st.sampled_from("abcdez"), st.sampled_from(OUTCOMES)
        )
    )
)
def test_whatever_was_checked_a_sentence_names_what_is_open(entries: list[Entry]) -> None:
    known = [entry for entry in entries if entry.exercise in WRITTEN.get(entry.lesson, [])]
    said = advice(WRITTEN, entries)
    assert bool(said) == bool(known)
    if said and said[0].startswith("Go on in "):
        name = said[0].split(": ")[1].split(" ")[0]
        assert check(known[-1].lesson, name) not in known
