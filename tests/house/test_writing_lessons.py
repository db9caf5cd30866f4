"""The example in docs/writing_lessons.md works as it stands there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from course_utils.syllabus import LESSONS
from tests.tools.test_launch import checkout  # noqa: F401

ROOT = Path(__file__).resolve().parents[2]


def free_number(root: Path) -> str:
    """A lesson's number that nobody uses, from the highest down."""
    used = {path.stem[:2] for path in (root / "lessons").glob("*.py")} | {name[:2] for name in LESSONS}
    used |= {path.stem[-2:] for path in (root / "course_utils" / "exercises").glob("lesson_*")}
    return next(str(number) for number in range(99, 9, -1) if str(number) not in used)


def write_the_page_s_lesson(root: Path, number: str) -> list[Path]:
    """Follow the page: its row of the syllabus, its reference, exercises and lesson, under a free number.

    Returns:
        The files that are new.
    """
    page = (ROOT / "docs" / "writing_lessons.md").read_text(encoding="utf-8")
    page = page.replace("99", number).replace("my_module", f"my_module_{number}")
    reference, *exercises, lesson = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    row = re.search(r"`(Lesson\(.*?\))`", page)
    assert row is not None
    package = root / "course_utils"
    texts = {
        package / "nn" / f"my_module_{number}.py": reference,
        package / "exercises" / f"lesson_{number}.py": "\n".join(exercises),
        root / "lessons" / f"{number}_my_lesson.py": lesson,
    }
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8")
    syllabus, before = package / "syllabus.py", "    for lesson in (\n"
    rows = syllabus.read_text(encoding="utf-8")
    syllabus.write_text(rows.replace(before, f"{before}        {row[1]},\n", 1), encoding="utf-8")
    return list(texts)


def test_the_lesson_of_the_page_builds_and_passes_its_checks(checkout: Path) -> None:  # noqa: F811
    number = free_number(checkout)
    name = f"{number}_my_lesson"
    files = [str(path) for path in write_the_page_s_lesson(checkout, number)]
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

    run("ruff", "check", *files)
    run("ruff", "format", "--check", *files)
    run("tools.build", name)
    run("tools.bench", name)
    tests = ("tests/exercises/test_exercises.py", "tests/lessons/test_notebooks.py")
    run("pytest", "-q", *tests, "-k", f"lesson_{number} or {name} or map_as_it_is or every_lesson_has")
    assert f"| {name} |" in (checkout / "docs" / "bench.md").read_text(encoding="utf-8")
    notebook = json.loads((checkout / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))
    assert "As you predicted" not in json.dumps(notebook)  # nobody has guessed yet
    assert 'alt=\\"Doubling is a straight line' in json.dumps(notebook)


def test_a_number_that_somebody_took_is_left_alone(tmp_path: Path) -> None:
    for folder in ("lessons", "course_utils/exercises/lesson_98"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "lessons" / "99_my_lesson.py").touch()
    assert free_number(tmp_path) == "97"
