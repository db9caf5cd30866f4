"""The example in docs/writing_lessons.md works as it stands there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from tests.tools.test_launch import checkout  # noqa: F401

ROOT = Path(__file__).resolve().parents[2]
MODULE = '"""For the example."""\n\n\ndef double(x):\n    """Twice x."""\n    return 2 * x\n'


def test_the_lesson_of_the_page_builds_and_passes_its_checks(checkout: Path) -> None:  # noqa: F811
    page = (ROOT / "docs" / "writing_lessons.md").read_text(encoding="utf-8")
    exercises, lesson = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    row = re.search(r"`(Lesson\(.*?\))`", page)
    assert row is not None
    package = checkout / "course_utils"
    (package / "nn" / "my_module.py").write_text(MODULE)
    (package / "exercises" / "lesson_99.py").write_text(exercises)
    (checkout / "lessons" / "99_my_lesson.py").write_text(lesson, encoding="utf-8")
    syllabus = package / "syllabus.py"
    syllabus.write_text(
        syllabus.read_text().replace('        Lesson("01_', f'        {row[1]},\n        Lesson("01_', 1)
    )

    environment = {**os.environ, "PYTHONPATH": str(checkout)}  # before the course that is installed

    def run(*arguments: str) -> None:
        done = subprocess.run(
            [sys.executable, "-m", *arguments],
            cwd=checkout,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    run("tools.build", "99_my_lesson")
    run("pytest", "-q", "tests/exercises/test_exercises.py", "-k", "lesson_99")
    run("pytest", "-q", "tests/lessons/test_notebooks.py", "-k", "99_my_lesson or map_as_it_is or every_lesson_has")
    notebook = json.loads((checkout / "notebooks" / "99_my_lesson.ipynb").read_text())
    assert "As you predicted" not in json.dumps(notebook)  # nobody has guessed yet
    assert 'alt=\\"Doubling is a straight line' in json.dumps(notebook)
