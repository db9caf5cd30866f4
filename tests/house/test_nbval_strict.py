"""The plugin of the nbval run: which cells fail."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

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
