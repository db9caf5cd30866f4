"""The links between lessons: the map at the top of each, the lessons beside it at the end, and the map itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat

from course_utils.cli.progress_map import ProgressMap, exercise_names
from course_utils.syllabus import LESSONS

START = "00_start_here"
MAP = "Map of the lessons"


def title(name: str) -> str:
    """A lesson's number and title, such as "05 Recurrent networks"."""
    return f"{name[:2]} {LESSONS[name].title if name in LESSONS else name[3:]}"


def map_link(name: str, written: Sequence[str]) -> str:
    """What follows the launch links of a lesson: a link to the map, or nothing in the lesson that holds it.

    Args:
        name: the lesson's.
        written: the names of the lessons that are there.
    """
    return f" · [{MAP}]({START}.ipynb#Your-map)" if START in written and name != START else ""


def end_links(name: str, written: Sequence[str]) -> str:
    """One line of markdown with the lesson before, the map, and the lesson after; empty where there is none of them.

    Args:
        name: the lesson's.
        written: the names of the lessons that are there, in order.
    """
    earlier = [other for other in written if other < name]
    later = [other for other in written if other > name]
    links = [f"Previous: [{title(earlier[-1])}]({earlier[-1]}.ipynb)"] if earlier else []
    if map_link(name, written):
        links.append(f"[{MAP}]({START}.ipynb#Your-map)")
    if later:
        links.append(f"**Next: [{title(later[0])}]({later[0]}.ipynb)**")
    return " · ".join(links)


def with_end_links(notebook: Any, name: str, written: Sequence[str]) -> Any:
    """The notebook with today's links as its last cell.

    Args:
        notebook: as nbformat has it; its cells are replaced.
        name: the lesson's.
        written: the names of the lessons that are there, in order.
    """
    line, identity = end_links(name, written), f"{name[:2]}-links"
    cells = [cell for cell in notebook.cells if cell.id != identity]
    notebook["cells"] = cells + ([nbformat.v4.new_markdown_cell(line, id=identity)] if line else [])
    return notebook


def refresh(path: Path, written: Sequence[str]) -> None:
    """Write today's links into a built notebook, if they have changed: a lesson was added beside it.

    Args:
        path: of the notebook, which is named after its lesson.
        written: the names of the lessons that are there, in order.
    """
    before = nbformat.read(path, as_version=4)
    after = with_end_links(nbformat.from_dict(before), path.stem, written)
    if after != before:
        nbformat.write(after, path)


def refresh_map(path: Path) -> None:
    """Write today's map, with nothing solved, into a built notebook that shows it, if it has changed.

    Args:
        path: of the notebook.
    """
    notebook = nbformat.read(path, as_version=4)
    shown = ProgressMap(exercise_names(), {})
    output = nbformat.v4.new_output("display_data", {"text/html": str(shown.html), "text/plain": str(shown)})
    showing = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.endswith("progress_map()")]
    if any(cell.outputs != [output] for cell in showing):
        for cell in showing:
            cell["outputs"] = [output]
        nbformat.write(notebook, path)
