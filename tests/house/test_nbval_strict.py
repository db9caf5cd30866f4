"""The plugin of the nbval run: which cells fail."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from nbval.plugin import IPyNbCell

from tests import nbval_strict

ROOT = Path(__file__).resolve().parents[2]


def test_cells_fail_that_write_to_stderr_raise_or_come_after_a_time_out(tmp_path: Path) -> None:
    cells = [
        "print('fine')",
        "import sys; print('noise', file=sys.stderr)",
        "import warnings; warnings.warn('careful')",
        "1 / 0",
        "import time; time.sleep(60)",
        "print('never run')",
    ]
    nbformat.write(new_notebook(cells=[new_code_cell(source) for source in cells]), tmp_path / "lesson.ipynb")
    command = [sys.executable, "-m", "pytest", "-p", "tests.nbval_strict", "--nbval-lax", "--nbval-cell-timeout", "2"]
    ran = subprocess.run(
        [*command, "-rA", "-p", "no:cacheprovider", "-c", str(ROOT / "pyproject.toml"), str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    told = [line.split(" - ")[0] for line in ran.stdout.splitlines() if line.startswith(("PASSED", "FAILED"))]
    want = ["PASSED lesson.ipynb::Cell 0", *(f"FAILED lesson.ipynb::Cell {n}" for n in range(1, 6))]
    assert told == want, ran.stdout
    assert "Cell 1 wrote to stderr:\nnoise\n" in ran.stdout
    assert "UserWarning: careful" in ran.stdout


def test_evidence_runs_among_the_cells_of_its_lesson_neither_compared_nor_skipped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[Any] = []

    def from_parent(file: Any, **given: Any) -> dict[str, Any]:
        made.append(given)
        return given

    monkeypatch.setattr(IPyNbCell, "from_parent", from_parent)
    cells = [SimpleNamespace(cell_num=number) for number in range(200)]
    file = SimpleNamespace(path=ROOT / "notebooks" / "08_gru_and_ablations.ipynb")
    run = list(nbval_strict.with_evidence(file, list(cells)))
    assert [cell for cell in run if isinstance(cell, SimpleNamespace)] == cells
    assert run[0] is cells[0]  # the setup comes first
    assert len(made) == len(run) - len(cells) > 5
    for given in made:
        assert not given["options"]["check"]
        assert not given["options"]["skip"]
        assert "evidence" in given["cell"].metadata.tags
