"""Copies of the notebooks for a workshop in a hurry: those that train live, with `TRAIN = False`.

    python -m tests.hurried FOLDER

`make nbval` runs them beside the others, evidence included: with stored weights every cell runs and every sentence is
true as well.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import nbformat

from tools import build

TRAINS, DOES_NOT = "TRAIN = True", "TRAIN = False"


def write_copies(folder: Path, notebooks: Path = build.ROOT / "notebooks") -> list[Path]:
    """Write a copy of each notebook that trains live; what else lies in the folder is removed.

    Args:
        folder: where to; it is made if it is not there.
        notebooks: where from.

    Returns:
        The copies, in order.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.ipynb"):
        old.unlink()
    written = []
    for path in sorted(notebooks.glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        training = [cell for cell in notebook.cells if cell.cell_type == "code" and TRAINS in cell.source.splitlines()]
        for cell in training:
            cell["source"] = cell.source.replace(TRAINS, DOES_NOT)
        if training:
            written.append(folder / path.name)
            nbformat.write(notebook, written[-1])
    return written


def main(arguments: Sequence[str]) -> int:
    """Write the copies to the folder named."""
    print(*write_copies(Path(arguments[0])), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
