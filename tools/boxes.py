"""The boxes of claims in built notebooks follow the ledger: a verdict changes, and no network is trained again."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat

from course_utils.claims.boxes import ClaimBox
from course_utils.claims.rules import load_claims
from course_utils.claims.stored import standing_of
from tools import folding

CELL = re.compile(r'claims\.box\("(C\d\d)"\)')


def refresh(path: Path) -> None:
    """Write today's boxes into a built notebook, in the cells that show one and nothing else, if they have changed.

    Args:
        path: of the notebook.
    """
    notebook = nbformat.read(path, as_version=4)
    changed = False
    for cell in notebook.cells:
        asked = CELL.fullmatch(cell.source.strip()) if cell.cell_type == "code" else None
        if asked and cell.outputs != (shown := [box_output(asked[1], cell.metadata.get("tags", []))]):
            cell["outputs"] = shown
            changed = True
    if changed:
        nbformat.write(notebook, path)


def box_output(id: str, tags: list[str]) -> Any:
    """What such a cell shows today.

    Args:
        id: of the claim.
        tags: of the cell; what a `reveal` cell shows is folded.
    """
    box = ClaimBox(standing_of(load_claims()[id]))
    output = nbformat.v4.new_output("display_data", {"text/html": str(box.html), "text/plain": str(box)})
    return folding.folded([output]) if "reveal" in tags else output
