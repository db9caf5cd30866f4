"""What a learner might do next, by the checks so far: go on in a lesson, begin the next, look at something again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from course_utils.exercises.engine.progress import Entry
from course_utils.syllabus import BUILDS_ON, LESSONS, Lesson

TRIES = 3  # checks of an exercise that is not solved, from which on it is a weak spot
MOST = 5  # weak spots that are told


def advice(written: Mapping[str, Sequence[str]], entries: Sequence[Entry]) -> list[str]:
    """One sentence on what comes next, and one on what was tried often; empty before the first check.

    Args:
        written: the names of the exercises, predictions aside, by lesson number.
        entries: all checks, oldest first.
    """
    known = [entry for entry in entries if entry.exercise in written.get(entry.lesson, ())]
    return [*filter(None, [next_step(written, known), weak_spots(known)])] if known else []


def next_step(written: Mapping[str, Sequence[str]], entries: Sequence[Entry]) -> str:
    """Go on in the lesson of the last check; where all of it is solved, the next that builds on it.

    Args:
        written: the names of the exercises by lesson number.
        entries: checks of them, oldest first, one at least.
    """
    solved = {(entry.lesson, entry.exercise) for entry in entries if entry.outcome == "SOLVED"}
    open_ones = {number: [n for n in names if (number, n) not in solved] for number, names in written.items()}
    lessons = {lesson.number: lesson for lesson in LESSONS.values() if open_ones.get(lesson.number)}
    if not lessons:
        return "You have solved every exercise there is."
    last = entries[-1].lesson
    if last in lessons:
        return f"Go on in {_title(lessons[last])}: {open_ones[last][0]} is not solved yet."
    chosen = min(lessons.values(), key=lambda lesson: _rank(lesson, last))
    return f"Next: {_title(chosen)}. You will be able to {chosen.able_to}."


def _rank(lesson: Lesson, last: str) -> tuple[bool, bool, str]:
    """A lesson of the two-day path comes first, then one that builds on the last; then by number."""
    builds = any(name.startswith(last) for name in BUILDS_ON.get(lesson.name, ()))
    return (not lesson.core, not builds, lesson.number)


def weak_spots(entries: Sequence[Entry]) -> str:
    """The exercises that were checked often and are not solved, the most often first; empty where there are none.

    Args:
        entries: checks, oldest first.
    """
    solved = {(entry.lesson, entry.exercise) for entry in entries if entry.outcome == "SOLVED"}
    tried = Counter((entry.lesson, entry.exercise) for entry in entries)
    often = [(spot, count) for spot, count in tried.most_common() if count >= TRIES and spot not in solved][:MOST]
    if not often:
        return ""
    told = ", ".join(f"{name} of lesson {number} ({count} checks)" for (number, name), count in often)
    return f"Tried often and not solved yet: {told}. Each has hints: ex.{often[0][0][1]}.hint()."


def _title(lesson: Lesson) -> str:
    return f"{lesson.number} {lesson.title}"
