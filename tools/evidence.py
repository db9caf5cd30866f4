"""Evidence cells of lessons: assertions beside the sentences they carry, run with them and left out of notebooks.

    # %% tags=["evidence"]
    assert (rows.error < 0.1).sum() == 18
    # shown: "learns in 18 of 20"
    # defined: "the largest |λ| is called the spectral radius"
    # source: "the adding problem" Hochreiter and Schmidhuber (1997)

Each comment names a sentence by a short quotation: `shown` by an assertion of the cell; `defined` where nothing is to
be measured (a definition, a convention, what is done); `source` with the publication that says so. `tools.prose` lists
the sentences that no evidence cell names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from course_utils.errors import CourseError

TAG = "evidence"
NAMED = re.compile(r"\s*#\s*(shown|defined|source)\b\s*:?\s*(.*)")
QUOTED = re.compile(r'"([^"]+)"\s*(.*)')
FEWEST_WORDS = 3
RUN = """\
with __import__("course_utils.runtime", fromlist=["runtime"]).random_state_kept(settings=True):
    exec(
        compile(__import__("ast").increment_lineno(__import__("ast").parse({text!r}), {lines}), {path!r}, "exec"),
        dict(globals()),
    )
"""


@dataclass(frozen=True)
class Quotation:
    """What a comment of an evidence cell says.

    Attributes:
        kind: "shown", "defined" or "source".
        text: the quotation, as a reader sees it.
        reference: the publication, for a source.
    """

    kind: str
    text: str
    reference: str = ""


def is_evidence(cell: Any) -> bool:
    """Is it a cell tagged `evidence`?"""
    return TAG in cell.metadata.get("tags", [])


def quotations(source: str, where: str) -> list[Quotation]:
    """The sentences that an evidence cell names.

    Args:
        source: the cell's Python.
        where: what to call the cell in a message.

    Raises:
        CourseError: a quotation of fewer than three words, a source without its reference, a cell that names nothing,
            or one that says `shown` and asserts nothing.
    """
    found = []
    for line in source.splitlines():
        named = NAMED.match(line)
        if not named:
            continue
        quoted = QUOTED.match(named[2])
        if not quoted or len(quoted[1].split()) < FEWEST_WORDS:
            raise CourseError(
                f'{where}: `{line.strip()}` must hold a quotation of at least {FEWEST_WORDS} words, between ".".'
            )
        quotation = Quotation(named[1], quoted[1], quoted[2].strip())
        if quotation.kind == "source" and not quotation.reference:
            raise CourseError(f"{where}: `{line.strip()}` names no publication. Write it behind the quotation.")
        found.append(quotation)
    if not found:
        raise CourseError(f'{where} names no sentence. Add a comment such as: # shown: "learns in 18 of 20".')
    if any(quotation.kind == "shown" for quotation in found) and not re.search(r"^\s*assert\b", source, re.MULTILINE):
        raise CourseError(f"{where} says `shown` and asserts nothing.")
    return found


def runnable(source: str, path: Path) -> str:
    """An evidence cell as it is run: in a copy of the lesson's names, its random numbers kept.

    Args:
        source: the cell's Python, as it stands in the lesson's file.
        path: that file; Python's messages count its lines.
    """
    before, found, _ = path.read_text(encoding="utf-8").partition(source)
    lines = before.count("\n") if found else 0
    return RUN.format(text=source, lines=lines, path=str(path))


def without(cells: Sequence[Any]) -> list[Any]:
    """The cells of a notebook, those with evidence left out."""
    return [cell for cell in cells if not is_evidence(cell)]


def beside(cells: Sequence[Any], path: Path) -> list[tuple[int, Any]]:
    """Evidence cells ready to run, each with the number of code cells of the notebook that come before it.

    Args:
        cells: of the lesson, evidence included, in order.
        path: the lesson's file.
    """
    found, code = [], 0
    for cell in cells:
        if is_evidence(cell):
            ready = nbformat.v4.new_code_cell(runnable(cell.source, path), metadata={"tags": [TAG]})
            found.append((code, ready))
        elif cell.cell_type == "code":
            code += 1
    return found
