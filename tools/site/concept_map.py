"""What builds on what: the lessons as boxes that can be clicked, with lines from each to those that need it."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from course_utils.display.html import Html, element, joined
from course_utils.syllabus import BUILDS_ON, LESSONS, Lesson

WIDE, HIGH = 102, 46  # of a box
ACROSS, DOWN = 122, 56  # from one box to the next
CHARACTERS = 13  # of a line of a title
LABEL = "Map of what builds on what; the table below says the same"


def places(lessons: Sequence[Lesson]) -> dict[str, tuple[int, int]]:
    """A column and a row for each lesson: it stands to the right of all that it builds on.

    Args:
        lessons: in the order of the course.
    """
    found: dict[str, tuple[int, int]] = {}
    filled: dict[int, int] = {}
    for lesson in lessons:
        column = max((found[other][0] + 1 for other in BUILDS_ON.get(lesson.name, ()) if other in found), default=0)
        found[lesson.name] = (column, filled.get(column, 0))
        filled[column] = filled.get(column, 0) + 1
    return found


def concept_map(written: Sequence[str], folder: str) -> Html:
    """The map as a picture whose boxes lead to the lessons.

    Args:
        written: the names of the lessons that the site shows; the others are drawn with dashes and lead nowhere.
        folder: where the pages of the lessons are.
    """
    placed = places(list(LESSONS.values()))
    columns, rows = (max(place[axis] for place in placed.values()) + 1 for axis in (0, 1))
    height = {column: sum(place[0] == column for place in placed.values()) for column in range(columns)}
    at = {
        name: (column * ACROSS + 4, int((row + (rows - height[column]) / 2) * DOWN) + 4)
        for name, (column, row) in placed.items()
    }
    lines = [_line(at[other], at[name]) for name in placed for other in BUILDS_ON.get(name, ()) if other in placed]
    boxes = [_box(LESSONS[name], at[name], f"{folder}/{name}.html" if name in written else "") for name in placed]
    size = f"0 0 {columns * ACROSS - (ACROSS - WIDE) + 8} {rows * DOWN - (DOWN - HIGH) + 8}"
    drawn = element("svg", *lines, *boxes, viewBox=size)
    return element("div", drawn, role="group", aria_label=LABEL, **{"class": "concept-map"})


def _line(start: tuple[int, int], end: tuple[int, int]) -> Html:
    x1, y1, x2, y2 = start[0] + WIDE, start[1] + HIGH // 2, end[0], end[1] + HIGH // 2
    middle = (x1 + x2) // 2
    return element("path", d=f"M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}")


def _box(lesson: Lesson, place: tuple[int, int], address: str) -> Html:
    x, y = place
    lines = textwrap.wrap(f"{lesson.number} {lesson.title}", CHARACTERS)
    first = y + HIGH // 2 - 7 * (len(lines) - 1) + 4
    texts = [
        element("text", line, x=str(x + WIDE // 2), y=str(first + 14 * number)) for number, line in enumerate(lines)
    ]
    kind = " ".join(["core"] * lesson.core + ["to-come"] * (not address))
    shape = element("rect", x=str(x), y=str(y), width=str(WIDE), height=str(HIGH), rx="6", **{"class": kind or None})
    return element("a", shape, *texts, href=address) if address else element("g", joined([shape, *texts]))


def needed_for(lesson: Lesson) -> str:
    """What a lesson builds on, such as "02, 13".

    Args:
        lesson: the lesson.
    """
    return ", ".join(name[:2] for name in BUILDS_ON.get(lesson.name, ()) if name in LESSONS)
