"""Keeps the map of lessons and the launch links in README.md in step with the syllabus and with what is written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from course_utils.errors import CourseError
from course_utils.syllabus import LESSONS, Lesson, duration, workshop_minutes
from tools import launch

README = launch.ROOT / "README.md"


def lesson_row(lesson: Lesson, written: Sequence[str]) -> str:
    """One row of the map: linked where the lesson is there."""
    title = f"[{lesson.title}](notebooks/{lesson.name}.ipynb)" if lesson.name in written else lesson.title
    state = "yes" if lesson.name in written else "to come"
    path = "yes" if lesson.core else ""
    return f"| {lesson.number} | {title} | {lesson.able_to} | {lesson.time} | {path} | {state} |"


def path_line() -> str:
    """How long the two-day path takes."""
    hours = duration(workshop_minutes())
    return (
        "Minutes are those of a lesson's core with its exercises, and of its parts *Going deeper*. "
        f"The cores of the two-day path take {hours}, without those to come."
    )


def parts(written: Sequence[str]) -> dict[str, str]:
    """The generated parts of the README, by the name of their markers."""
    head = "| | lesson | you will be able to | minutes | two-day path | there |\n|---|---|---|---|---|---|\n"
    return {
        "launch": launch.launch_links("00_start_here"),
        "lessons": head + "\n".join(lesson_row(lesson, written) for lesson in LESSONS.values()) + f"\n\n{path_line()}",
    }


def updated(text: str, written: Sequence[str]) -> str:
    """A README's text with its generated parts as they should be today.

    Raises:
        CourseError: the markers of a part are gone.
    """
    for name, part in parts(written).items():
        begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        if text.count(begin) != 1 or text.count(end) != 1 or text.index(begin) > text.index(end):
            raise CourseError(f"README.md has lost its markers <!-- {name} --> … <!-- /{name} -->: put them back.")
        text = text[: text.index(begin) + len(begin)] + part + "\n" + text[text.index(end) :]
    return text


def update(written: Sequence[str], path: Path = README) -> None:
    """Rewrite the generated parts of README.md, if they changed."""
    text = path.read_text(encoding="utf-8")
    new = updated(text, written)
    if new != text:
        path.write_text(new, encoding="utf-8")
