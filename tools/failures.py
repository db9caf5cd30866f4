"""Says where a notebook failed, in plain text: in which file of `lessons/`, in which cell and line of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from course_utils.errors import CourseError
from tools import evidence, launch

COLOURS = re.compile(r"\x1b\[[0-9;]*m")
LINE_OF_CELL = re.compile(r"Cell In\[(\d+)\], line (\d+)")


def where(notebook: Any, cell: Any) -> str:
    """A cell as its author knows it: the lesson's file, and the first line of the cell."""
    if evidence.is_evidence(cell):
        return f"lessons/{notebook.metadata.course.lesson}.py, in its evidence"
    first = next(iter(own_source(cell).strip().splitlines()), "")
    return f"lessons/{notebook.metadata.course.lesson}.py, in the cell that begins `{first}`"


def failure(notebook: Any, error: Exception, root: Path) -> CourseError:
    """The error to raise for a notebook that did not run to its end.

    Args:
        notebook: as it was left, with the error among its outputs.
        error: what nbclient raised.
        root: the folder that holds `lessons/`.

    Returns:
        An error that names the lesson's file and the cell, and shows Python's message with the lines of that file.
    """
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                text = with_lines_of_the_file("\n".join(output.traceback), notebook, root)
                return CourseError(f"{where(notebook, cell)}: it does not run to its end.\n{text}")
    return CourseError(f"lessons/{notebook.metadata.course.lesson}.py does not run to its end.\n{plain(str(error))}")


def plain(text: str) -> str:
    """A text without the codes that colour it in a terminal."""
    return COLOURS.sub("", text)


def with_lines_of_the_file(traceback: str, notebook: Any, root: Path) -> str:
    """Python's message without colours, its lines counted in the lesson's file and not in a cell."""
    name = f"lessons/{notebook.metadata.course.lesson}.py"
    begin = first_lines(notebook, (root / name).read_text(encoding="utf-8"))

    def in_file(match: re.Match[str]) -> str:
        cell, line = int(match[1]), int(match[2])
        return f"{name}, line {begin[cell] + line}" if cell in begin else match[0]

    return LINE_OF_CELL.sub(in_file, plain(traceback))


def first_lines(notebook: Any, text: str) -> dict[int, int]:
    """For each code cell that has run, by its number: how many lines of the lesson's file stand before its own first.

    Cells that the file does not hold word for word (commands such as %pip) are left out.
    """
    found, position = {}, 0
    for cell in notebook.cells:
        own = own_source(cell)
        at = text.find(own, position) if cell.get("execution_count") and own else -1
        if at >= 0:
            position = at + len(own)
            install = str(cell.source).removesuffix(own)
            found[int(cell.execution_count)] = text[:at].count("\n") - install.count("\n")
    return found


def own_source(cell: Any) -> str:
    """A cell's source as it stands in the lesson, without the hosted install."""
    return str(cell.source).removeprefix(launch.hosted_install())
