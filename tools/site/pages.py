"""Pages that no notebook holds: the start, with the map of lessons, and a page for each lesson to come."""

from __future__ import annotations

from collections.abc import Sequence

from course_utils.syllabus import LESSONS, Lesson, duration, workshop_minutes
from tools.site.concept_map import concept_map, needed_for
from tools.site.settings import TITLE

FOLDER = "lessons"
# the pages that stand beside the lessons in the tree, and what they are called there
TOP = {
    "exercises": "Exercises",
    "claims/index": "Claims and verdicts",
    "cheat_sheet": "Cheat sheet",
    "glossary": "Glossary",
    "data": "Data sets",
    "study": "The study",
    "published": "Published and ours",
    "api/index": "Functions and classes",
}


def entry(lesson: Lesson, written: Sequence[str]) -> str:
    """What the tree of pages calls a lesson: its number and title, and its minutes, or that it is to come."""
    state = f"{lesson.minutes} min" if lesson.name in written else "to come"
    return f"{lesson.number} {lesson.title} · {state}"


def start_page(written: Sequence[str], others: Sequence[str] = ()) -> str:
    """The first page, in MyST: what the course is, and the map of its lessons.

    Args:
        written: the lessons that the site shows.
        others: those of TOP that it has.
    """
    rows = [map_row(lesson, written) for lesson in LESSONS.values()]
    head = "| lesson | you will be able to | builds on | minutes | two-day path |\n|---|---|---|---|---|"
    tree = [f"{entry(lesson, written)} <{FOLDER}/{lesson.name}>" for lesson in LESSONS.values()]
    return "\n".join(
        [
            f"# {TITLE}",
            "",
            f"{len(LESSONS)} lessons on recurrent networks, from a first feedforward network to translation, captions "
            "and speech. Every number in them was measured, and what a popular article claims is put to the test.",
            "",
            f"**[Begin with lesson 00]({FOLDER}/00_start_here.ipynb)**, or open any lesson below. These pages are for "
            "reading: predictions, hints and solutions are folded until you open them. To run the code, open a lesson "
            "in Colab or Binder by the links at its top, or download it.",
            "",
            " · ".join(f"[{TOP[page]}]({page}.{'rst' if page.startswith('api/') else 'md'})" for page in others),
            "",
            "## Map of the lessons",
            "",
            "```{raw} html",
            concept_map(written, FOLDER),
            "```",
            "",
            "Each lesson builds on those to its left that a line comes from. A thick frame: on the two-day path.",
            "",
            "Minutes are those of a lesson's core with its exercises, and of its parts *Going deeper*. "
            f"The cores of the two-day path (✓) take {duration(workshop_minutes())}, without those to come.",
            "",
            head,
            *rows,
            "",
            "```{toctree}",
            ":hidden:",
            ":caption: Lessons",
            "",
            *tree,
            "```",
            "",
            "```{toctree}",
            ":hidden:",
            ":caption: To look up",
            "",
            *(f"{TOP[page]} <{page}>" for page in others),
            "```",
            "",
        ]
    )


def map_row(lesson: Lesson, written: Sequence[str]) -> str:
    """One row of the map: linked where the lesson is there."""
    there = lesson.name in written
    title = f"[{lesson.title}]({FOLDER}/{lesson.name}.ipynb)" if there else f"{lesson.title} (to come)"
    core = "✓" if lesson.core else ""
    return f"| {lesson.number} {title} | {lesson.able_to} | {needed_for(lesson)} | {lesson.time} | {core} |"


def page_to_come(lesson: Lesson) -> str:
    """The page that stands in a lesson's place until it is written."""
    return f"# {lesson.number} · {lesson.title}\n\nThis lesson is to come. You will be able to {lesson.able_to}.\n"
