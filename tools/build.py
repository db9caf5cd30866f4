"""Builds `notebooks/NN_name.ipynb` from `lessons/NN_name.py`: executed top to bottom, outputs kept.

    python -m tools.build [--force] [NAME …]

A notebook is stale when its cells are not those that its lesson gives today, or its exercises have changed; their hash
stands in the metadata. After other changes of the package that show in outputs: `make notebooks FORCE=1`.
A rebuild without change gives the same file, cells tagged `timing` aside.
"""

from __future__ import annotations

import argparse
import copy
import hashlib
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from course_utils.errors import CourseError, unknown
from course_utils.syllabus import LESSONS
from tools import boxes, evidence, failures, folding, launch, navigation, reading, readme, shown, study, twins

ROOT = launch.ROOT
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
CELL_TIMEOUT = 600
NAME = re.compile(r"\d\d_[a-z0-9_]+$")


def lesson_names(root: Path = ROOT) -> list[str]:
    """The lessons that are written, in order.

    Raises:
        CourseError: a file in `lessons/` whose name is not of the form NN_name.py.
    """
    names = sorted(path.stem for path in (root / "lessons").glob("*.py"))
    for name in names:
        if not NAME.match(name):
            raise CourseError(
                f"lessons/{name}.py: a lesson's file is named NN_name.py, such as 05_recurrent_networks.py."
            )
    return names


def chosen(names: Sequence[str], root: Path = ROOT) -> list[str]:
    """The lessons named, or all that are written where none is named.

    Raises:
        CourseError: one that is named is not written (the message lists those there are), or one has no row in the
            syllabus.
    """
    written = lesson_names(root)
    for name in names:
        if name not in written:
            raise unknown("lesson in lessons/", name, written)
    found = list(names) or written
    for name in found:
        if name not in LESSONS:
            row = f'Lesson("{name}", "its title", "what it teaches", 10)'
            raise CourseError(f"lessons/{name}.py has no row in course_utils/syllabus.py. Add one there: {row}.")
    return found


def lesson_cells(name: str, root: Path = ROOT) -> list[Any]:
    """The cells of a lesson as they stand in its file, evidence included."""
    return list(jupytext.read(root / "lessons" / f"{name}.py", fmt="py:percent").cells)


def unexecuted(name: str, root: Path = ROOT) -> Any:
    """The notebook a lesson gives, before it is run: links, first cell, ids and metadata in place, no evidence cells.

    Args:
        name: such as "05_recurrent_networks".
        root: the folder that holds `lessons/`.

    Raises:
        CourseError: the lesson has no title, not one cell tagged `setup`, a `reveal` cell whose output is compared, or
            a figure that is not the last line of its cell.
    """
    written = evidence.without(lesson_cells(name, root))
    cells = [build_cell(cell, f"{name[:2]}-{number:03}") for number, cell in enumerate(written, 1)]
    if not cells or not cells[0].source.startswith("# "):
        raise CourseError(f"lessons/{name}.py must begin with a markdown cell whose first line is its title, '# …'.")
    title, _, rest = cells[0].source.partition("\n")
    links = launch.launch_links(name) + navigation.map_link(name, lesson_names(root))
    cells[0]["source"] = f"{title}\n\n{links}\n{reading.time_line(name)}{rest}"
    setup = [cell for cell in cells if "setup" in cell.metadata.get("tags", [])]
    if len(setup) != 1:
        raise CourseError(f"lessons/{name}.py needs one cell tagged `setup`, and has {len(setup)}.")
    if any({"reveal", "nbval-check-output"} <= set(cell.metadata.get("tags", [])) for cell in cells):
        raise CourseError(f"lessons/{name}.py: what a `reveal` cell stores is not compared; check it in another cell.")
    if lost := shown.lost_figures(cells):
        raise CourseError(f"lessons/{name}.py: a figure is shown as the last line of its cell: {', '.join(lost)}.")
    setup[0]["source"] = launch.hosted_install() + setup[0].source
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
            "course": {"lesson": name, "cells_sha256": cells_hash(cells, exercises_text(name, root))},
        }
    )
    return navigation.with_end_links(notebook, name, lesson_names(root))


def build_cell(cell: Any, identity: str) -> Any:
    """A cell with a stable id and its tags; text tagged `reveal` is folded."""
    new: Any = nbformat.v4.new_code_cell if cell.cell_type == "code" else nbformat.v4.new_markdown_cell
    tags = list(cell.metadata.get("tags", []))
    shut = cell.cell_type == "markdown" and "reveal" in tags
    source = folding.folded_text(cell.source) if shut else cell.source
    return new(source=source, id=identity, metadata={"tags": tags} if tags else {})


def exercises_text(name: str, root: Path) -> str:
    """The source of a lesson's own exercises: what they say is stored in the notebook."""
    folder = root / "course_utils" / "exercises"
    paths = [folder / f"lesson_{name[:2]}.py", *sorted((folder / f"lesson_{name[:2]}").glob("*.py"))]
    return "".join(path.read_text(encoding="utf-8") for path in paths if path.exists())


def cells_hash(cells: Sequence[Any], exercises: str = "") -> str:
    """SHA-256 of the kinds, sources and tags of the cells, and of the lesson's exercises."""
    digest = hashlib.sha256(exercises.encode())
    for cell in cells:
        digest.update(repr((cell.cell_type, cell.source, sorted(cell.metadata.get("tags", [])))).encode())
    return digest.hexdigest()


def is_stale(name: str, root: Path = ROOT) -> bool:
    """Is the notebook missing, or built from another state of its lesson?"""
    path = root / "notebooks" / f"{name}.ipynb"
    if not path.exists():
        return True
    built = nbformat.read(path, as_version=4)
    return bool(
        built.metadata.get("course", {}).get("cells_sha256") != unexecuted(name, root).metadata.course.cells_sha256
    )


def kernel_client(notebook: Any, folder: Path) -> NotebookClient:
    """What runs a notebook in a fresh kernel, in that folder."""
    return NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT,
        resources={"metadata": {"path": str(folder)}},
        store_widget_state=False,
        record_timing=False,
        extra_arguments=["--log-level=ERROR"],  # the kernel's own remarks are not meant for the builder
    )


def execute(notebook: Any, folder: Path) -> Any:
    """Run a notebook in a fresh kernel, in that folder, without progress bars.

    Raises:
        CourseError: a cell raised an error, or wrote to stderr; or a `reveal` cell has nothing to reveal.
    """
    client = kernel_client(notebook, folder)
    try:
        with TemporaryDirectory() as empty:  # a new learner's: the builder's own progress is nobody's business
            progress = str(Path(empty, "progress.jsonl"))
            client.execute(env={**os.environ, "TQDM_DISABLE": "1", "COURSE_PROGRESS": progress})
    except CellExecutionError as error:
        raise failures.failure(notebook, error, folder.parent) from None
    notebook["cells"] = evidence.without(notebook.cells)
    for count, cell in enumerate((cell for cell in notebook.cells if cell.cell_type == "code"), 1):
        renumber(cell, count)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                text = failures.with_lines_of_the_file(output.text, notebook, folder.parent)
                raise CourseError(f"{failures.where(notebook, cell)}: it writes to stderr.\n{text}")
            if "text/html" in output.get("data", {}):
                output.data.pop(WIDGET_VIEW, None)  # a stored view without its model shows an error
        if cell.cell_type == "code" and "reveal" in cell.metadata.get("tags", []):
            if not cell.outputs:
                told = "it is tagged `reveal`, and shows nothing. Take the tag away."
                raise CourseError(f"{failures.where(notebook, cell)}: {told}")
            try:
                cell["outputs"] = [folding.folded(cell.outputs)]
            except CourseError as error:
                raise CourseError(f"{failures.where(notebook, cell)}: {error}") from None
    return notebook


def renumber(cell: Any, count: int) -> None:
    """Give a code cell and its outputs that execution count: evidence cells, which ran in between, are left out."""
    cell["execution_count"] = count
    for output in cell.outputs:
        if output.output_type == "execute_result":
            output["execution_count"] = count


def with_evidence(notebook: Any, name: str, root: Path = ROOT) -> Any:
    """A notebook with the lesson's evidence cells at their places, ready to run; the first place is after the setup."""
    path = root / "lessons" / f"{name}.py"
    ready = evidence.beside(lesson_cells(name, root), path)
    cells, code = [], 0
    for cell in notebook.cells:
        cells.append(cell)
        if cell.cell_type == "code":
            code += 1
            cells += [found for before, found in ready if max(before, 1) == code]
    notebook["cells"] = cells
    return notebook


def same_but_for_timing(before: Any, after: Any) -> bool:
    """Are two built notebooks equal, the outputs of cells tagged `timing` aside?"""

    def stripped(notebook: Any) -> Any:
        bare = copy.deepcopy(notebook)
        for cell in bare.cells:
            if "timing" in cell.metadata.get("tags", []):
                cell["outputs"] = []
        return bare

    return bool(stripped(before) == stripped(after))


def build(name: str, root: Path = ROOT) -> None:
    """Build one notebook; the file is left alone where only timing changed.

    Args:
        name: the lesson's name.
        root: the folder that holds `lessons/` and `notebooks/`.

    Raises:
        CourseError: the lesson is not well formed, fails, or writes to stderr; the old notebook is kept.
    """
    folder = root / "notebooks"
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.ipynb"
    notebook = execute(with_evidence(unexecuted(name, root), name, root), folder)
    if path.exists() and same_but_for_timing(nbformat.read(path, as_version=4), notebook):
        return
    partial = path.with_suffix(".partial")
    nbformat.write(notebook, partial)
    partial.replace(path)


def relink(name: str, root: Path = ROOT) -> None:
    """Write today's launch links and first cell into a built notebook, without running it again.

    Raises:
        CourseError: the lesson has changed in other ways since it was built.
    """
    path = root / "notebooks" / f"{name}.ipynb"
    fresh = unexecuted(name, root)
    built = navigation.with_end_links(nbformat.read(path, as_version=4), name, lesson_names(root))
    generated = {fresh.cells[0].id, f"{name[:2]}-links"} | {
        cell.id for cell in fresh.cells if "setup" in cell.metadata.get("tags", [])
    }
    if [cell.id for cell in built.cells] != [cell.id for cell in fresh.cells] or any(
        old.source != new.source for old, new in zip(built.cells, fresh.cells, strict=True) if old.id not in generated
    ):
        raise CourseError(f"{name} has changed since it was built: run `make notebooks` first, then give the address.")
    for old, new in zip(built.cells, fresh.cells, strict=True):
        old["source"] = new.source
    built.metadata.course = fresh.metadata.course
    nbformat.write(built, path)


def main(arguments: Sequence[str] | None = None) -> int:
    """Build what is stale, or the lessons named."""
    parser = argparse.ArgumentParser(description="Build the notebooks that are stale.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="lessons to build (default: all that are stale)")
    parser.add_argument(
        "--address", help="the course's new address, https://github.com/owner/name: rewrites every link"
    )
    parser.add_argument("--force", action="store_true", help="build them though they are not stale")
    options = parser.parse_args(arguments)
    try:
        names = chosen(options.names)
        if options.address:
            launch.relink(options.address)
            for name in lesson_names():
                relink(name)
        for name in names:
            if options.force or is_stale(name):
                print(f"building {name} …", flush=True)
                build(name)
        for path in (ROOT / "notebooks").glob("*.ipynb"):
            navigation.refresh(path, lesson_names())
            navigation.refresh_map(path)
            boxes.refresh(path)
            twins.refresh(path)
        readme.update(lesson_names())
        study.update()
    except CourseError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
