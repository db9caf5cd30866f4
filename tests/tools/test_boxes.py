"""The boxes of claims in built notebooks."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from tools import boxes, build, folding


@pytest.mark.parametrize("name", build.lesson_names())
def test_the_boxes_of_a_built_lesson_are_those_of_today_s_ledger(name: str, tmp_path: Path) -> None:
    path = build.ROOT / "notebooks" / f"{name}.ipynb"
    copied = tmp_path / path.name
    copied.write_bytes(path.read_bytes())
    boxes.refresh(copied)
    assert copied.read_bytes() == path.read_bytes(), "run `make notebooks`"


def test_an_old_box_is_renewed_folded_where_it_was_and_nothing_else_is_touched(tmp_path: Path) -> None:
    cells = [
        nbformat.v4.new_code_cell('claims.box("C02")'),
        nbformat.v4.new_code_cell('claims.box("C02")', metadata={"tags": ["reveal"]}),
        nbformat.v4.new_code_cell('claims.told("latch")\nclaims.box("C02")'),
    ]
    for cell in cells:
        cell["outputs"] = [nbformat.v4.new_output("display_data", {"text/plain": "old"})]
    path = tmp_path / "05_x.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    boxes.refresh(path)
    plain, folded, other = nbformat.read(path, as_version=4).cells
    assert plain.outputs[0].data["text/plain"].startswith("Claim C02. The article says:")
    assert folding.folded(plain.outputs) == folded.outputs[0]
    assert other.outputs[0].data == {"text/plain": "old"}
    before = path.read_bytes()
    boxes.refresh(path)
    assert path.read_bytes() == before
