"""Source code that is shown."""

from __future__ import annotations

import subprocess
import sys


def test_source_shows_code_in_a_script_without_a_notebook() -> None:
    code = (
        "from course_utils.display.source import Source; from course_utils.metrics import persistence_error as f\n"
        "print(Source(f))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "def persistence_error(" in done.stdout
