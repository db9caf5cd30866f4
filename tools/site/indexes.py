"""The index of exercises, the glossary, the cheat sheet and the page of data sets."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from docutils.nodes import make_id

from course_utils.data.catalogue import CATALOGUE
from course_utils.exercises.engine.exercise import Exercise
from course_utils.syllabus import LESSONS
from tools.site.lessons import TURN, asked_below, entry_of

LESSON_NUMBERS = re.compile(r"(?<=[\[|] )\d\d(?:, \d\d)*(?= \|$)|(?<=\[)\d\d(?:, \d\d)*(?=\])", re.M)


def exercise_page(notebooks: Mapping[str, Any], exercises: Mapping[str, Mapping[str, Exercise]]) -> str:
    """The index of exercises: a table for each lesson, with a link to each.

    Args:
        notebooks: those of the lessons shown, by the lessons' names.
        exercises: by the numbers of lessons, and by name.
    """
    lines = [
        "# Exercises",
        "",
        "Each has hints and a solution, folded below it. In the notebook, `check` says what is wrong with an answer. "
        "Predictions are not listed.",
        "",
    ]
    for name, notebook in notebooks.items():
        rows = exercise_rows(name, notebook, exercises.get(name[:2], {}))
        if rows:
            title = f"## {name[:2]} {LESSONS[name].title}"
            lines += [title, "", "| exercise | in the code | minutes |", "|---|---|---|", *rows, ""]
    return "\n".join(lines)


def exercise_rows(name: str, notebook: Any, exercises: Mapping[str, Exercise]) -> list[str]:
    """The rows of one lesson."""
    rows = []
    for number, names in asked_below(notebook.cells, exercises).items():
        titled = TURN.search(notebook.cells[number].source)
        for asked in names:
            if getattr(exercises[asked], "prediction", False):
                continue
            title = titled[1] if titled else asked.replace("_", " ")
            minutes = found[1] if titled and (found := re.search(r"(\d+) minutes?", titled[0])) else ""
            anchor = make_id(f"exercise-{entry_of(titled, asked)}")
            rows.append(f'| <a href="lessons/{name}.html#{anchor}">{title}</a> | `ex.{asked}` | {minutes} |')
    return rows


def glossary_page(terms: Mapping[str, tuple[str, str]]) -> str:
    """The glossary as Sphinx has it, whose terms the search finds.

    Args:
        terms: as `tools.site.terms.glossary` gives them.
    """
    named = {lesson.number: lesson for lesson in LESSONS.values()}
    entries = []
    for term, (meaning, number) in terms.items():
        where = f" [{number} {named[number].title}](lessons/{named[number].name})" if number else ""
        entries.append(f"{term}\n  {meaning}{where}\n")
    return "\n".join(["# Glossary", "", "````{glossary}", *entries, "````", ""])


def cheat_sheet_page(text: str, written: Collection[str]) -> str:
    """The cheat sheet, with a link for each number of a lesson that is shown; listings stay as they are.

    Args:
        text: of docs/cheat_sheet.md.
        written: the names of the lessons that the site shows.
    """
    names = {name[:2]: name for name in written}

    def linked(found: re.Match[str]) -> str:
        numbers = found[0].split(", ")
        return ", ".join(
            f"[{number}](lessons/{names[number]}.ipynb)" if number in names else number for number in numbers
        )

    parts = text.split("```")
    return "```".join(part if n % 2 else LESSON_NUMBERS.sub(linked, part) for n, part in enumerate(parts))


def data_page(provenance: str) -> str:
    """The page of data sets: the catalogue, and the table of files with their origins and licences.

    Args:
        provenance: the text of data/README.md.
    """
    head = ["# Data sets", "", "| set | what it is | terms | from | read by |", "|---|---|---|---|---|"]
    rows = []
    for data in CATALOGUE.values():
        where = data.package or "a download"
        reader = data.read_by.removeprefix("course_utils.data.")
        rows.append(f"| [{data.name}]({data.url}) | {data.title} | {data.licence} | {where} | `{reader}` |")
    about = (
        "A package in the column *from* is installed with the course; what reads a set stands in `course_utils.data`."
    )
    return "\n".join([*head[:2], about, "", *head[2:], *rows, "", re.sub(r"^#", "##", provenance, flags=re.M)])
