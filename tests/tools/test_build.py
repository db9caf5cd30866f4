"""Lessons become notebooks: executed, stable, marked stale when they change, kept when a build fails."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest

from course_utils.errors import CourseError
from course_utils.exercises.engine import progress
from tools import build, failures, folding, launch

LESSON = """\
# %% [markdown]
# # 42 · A trivial lesson
#
# Its text.

# %% tags=["setup"]
import os
import time

# %%
6 * 7

# %% tags=["reveal"]
print("the answer")

# %% tags=["timing"]
print(time.perf_counter())
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "lessons").mkdir()
    write(tmp_path, LESSON)
    return tmp_path


def write(root: Path, text: str) -> None:
    (root / "lessons" / "42_trivial.py").write_text(text, encoding="utf-8")


def built(root: Path) -> str:
    return (root / "notebooks" / "42_trivial.ipynb").read_text(encoding="utf-8")


def test_a_build_runs_every_cell_and_gives_the_same_file_again(root: Path) -> None:
    build.build("42_trivial", root)
    first = built(root)
    cells = json.loads(first)["cells"]
    assert [cell["id"] for cell in cells] == ["42-001", "42-002", "42-003", "42-004", "42-005"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == [1, 2, 3, 4]
    assert "".join(code[1]["outputs"][0]["data"]["text/plain"]) == "42"
    build.build("42_trivial", root)
    assert built(root) == first  # though the timing cell printed another number
    nbformat.validate(nbformat.reads(first, as_version=4))


def test_the_title_gets_launch_links_and_the_setup_cell_the_install_line(root: Path) -> None:
    cells = build.unexecuted("42_trivial", root).cells
    assert cells[0].source.startswith(
        "# 42 · A trivial lesson\n\n[Open in Colab](https://colab.research.google.com/github/"
    )
    assert "/notebooks/42_trivial.ipynb" in cells[0].source
    assert launch.install_address() in cells[1].source
    assert cells[1].source.endswith("import os\nimport time")


def test_an_answer_is_stored_as_one_output_that_is_shut(root: Path) -> None:
    write(root, LESSON + '\n# %% [markdown] tags=["reveal"]\n# It was *42*.\n')
    build.build("42_trivial", root)
    cells = json.loads(built(root))["cells"]
    (stored,) = cells[3]["outputs"]
    assert cells[3]["metadata"] == {"tags": ["reveal"]}
    assert "".join(stored["data"]["text/plain"]) == folding.PLAIN
    assert "".join(stored["data"]["text/html"]).startswith(f"<details><summary>{folding.ANSWER}</summary><pre")
    assert "".join(cells[5]["source"]) == folding.folded_text("It was *42*.")


def test_a_change_of_text_code_or_tags_makes_a_notebook_stale(root: Path) -> None:
    assert build.is_stale("42_trivial", root)
    build.build("42_trivial", root)
    assert not build.is_stale("42_trivial", root)
    for old, new in (("Its text", "Another text"), ("6 * 7", "6 * 8"), ('tags=["reveal"]', 'tags=["timing"]')):
        write(root, LESSON.replace(old, new))
        assert build.is_stale("42_trivial", root), old
    write(root, LESSON)
    assert not build.is_stale("42_trivial", root)


@pytest.mark.parametrize("file", ["lesson_42.py", "lesson_42/__init__.py", "lesson_42/doubling.py"])
def test_a_change_of_the_lesson_s_exercises_makes_a_notebook_stale(root: Path, file: str) -> None:
    exercises = root / "course_utils" / "exercises" / file
    exercises.parent.mkdir(parents=True)
    exercises.write_text("answer = 6")
    build.build("42_trivial", root)
    assert not build.is_stale("42_trivial", root)
    exercises.write_text("answer = 7")
    assert build.is_stale("42_trivial", root)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("6 * 7", "1 / 0", "does not run to its end"),
        (
            "6 * 7",
            "import sys; print('noise', file=sys.stderr)",
            "file=sys.stderr)`: it writes to stderr.\nnoise",
        ),
        ("6 * 7", "import warnings; warnings.warn('old')", "writes to stderr"),
        ("# # 42", "# 42", "whose first line is its title"),
        ('tags=["setup"]', "", "needs one cell tagged `setup`, and has 0"),
        ('tags=["timing"]', 'tags=["setup"]', "needs one cell tagged `setup`, and has 2"),
        ('tags=["reveal"]', 'tags=["reveal", "nbval-check-output"]', "check it in another cell"),
        ("# Its text.", '# Text.\n\n# %% [markdown] tags=["reveal"]\n# ## 42', "holds no heading and no <details>"),
        (
            'print("the answer")',
            'get_ipython().display_pub.publish({"application/x-none": "42"})',
            'publish({"application/x-none": "42"})`: what it shows (application/x-none) cannot be folded',
        ),
        (
            'print("the answer")',
            'answer = "kept"',
            'py, in the cell that begins `answer = "kept"`: it is tagged `reveal`, and shows nothing',
        ),
    ],
)
def test_a_faulty_lesson_is_refused_and_the_notebook_before_it_kept(root: Path, old: str, new: str, says: str) -> None:
    build.build("42_trivial", root)
    before = built(root)
    write(root, LESSON.replace(old, new))
    with pytest.raises(CourseError) as caught:
        build.build("42_trivial", root)
    assert says in str(caught.value)
    assert built(root) == before
    assert [path.name for path in (root / "notebooks").iterdir()] == ["42_trivial.ipynb"]


@pytest.mark.parametrize(
    ("old", "new", "begins"),
    [("6 * 7", "zero = 0\n\n1 / zero", "zero = 0"), ("import time", "import time\n\nundefined", "import os")],
)
def test_an_error_names_the_lesson_s_file_and_the_cell_without_colours(
    root: Path, old: str, new: str, begins: str
) -> None:
    write(root, LESSON.replace(old, new))
    with pytest.raises(CourseError) as caught:
        build.build("42_trivial", root)
    text = str(caught.value)
    assert text.startswith(f"lessons/42_trivial.py, in the cell that begins `{begins}`: it does not run to its end.\n")
    assert "Error" in text
    assert "\x1b" not in text


def test_lines_of_an_error_are_those_of_the_lesson_s_file(root: Path) -> None:
    """Python counts lines in each cell, and the first cell begins with an install that the lesson does not hold."""
    notebook = build.unexecuted("42_trivial", root)
    for number, cell in enumerate(notebook.cells[1:4], 1):
        cell["execution_count"] = number
    last_of_setup = len(notebook.cells[1].source.splitlines())
    traceback = f"\x1b[36mCell\x1b[39m \x1b[32mIn[1]\x1b[39m, line {last_of_setup}\nCell In[2], line 1\n"
    lines = failures.with_lines_of_the_file(traceback + "Cell In[7], line 1", notebook, root).splitlines()
    assert lines == ["lessons/42_trivial.py, line 8", "lessons/42_trivial.py, line 11", "Cell In[7], line 1"]


def test_a_lesson_without_a_row_in_the_syllabus_is_refused_though_it_was_built(root: Path) -> None:
    build.build("42_trivial", root)
    for names in ([], ["42_trivial"]):
        with pytest.raises(CourseError, match=r"lessons/42_trivial\.py has no row in course_utils/syllabus\.py"):
            build.chosen(names, root)


def test_a_misnamed_lesson_is_refused(root: Path) -> None:
    (root / "lessons" / "extra.py").touch()
    with pytest.raises(CourseError, match=r"lessons/extra\.py: a lesson's file is named NN_name\.py"):
        build.lesson_names(root)


def test_a_lesson_that_is_not_there_gives_the_choices(capsys: pytest.CaptureFixture[str]) -> None:
    assert build.main(["05_recurent_networks"]) == 1
    assert "Did you mean '05_recurrent_networks'" in capsys.readouterr().err


@pytest.mark.parametrize("name", build.lesson_names())
def test_a_notebook_opens_without_a_question(name: str) -> None:
    """JupyterLab asks which kernel to take, or complains, where a notebook names none or breaks the format."""
    notebook = nbformat.read(launch.ROOT / "notebooks" / f"{name}.ipynb", as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    assert notebook["nbformat"] == 4
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    assert notebook["metadata"]["kernelspec"]["language"] == "python"


def test_a_notebook_holds_no_one_s_progress(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither is the builder's own progress shown, nor does a build leave a trace in it."""
    mine = tmp_path / "mine.jsonl"
    monkeypatch.setenv("COURSE_PROGRESS", str(mine))
    progress.record("05", "rnn_step", "SOLVED")
    before = mine.read_bytes()
    asked = "from course_utils.exercises.engine import progress\nprint(progress.solved())\n"
    write(root, LESSON.replace("6 * 7", asked + 'progress.record("05", "gru_step", "SOLVED");'))
    build.build("42_trivial", root)
    assert json.loads(built(root))["cells"][2]["outputs"][0]["text"] == ["{}\n"]
    assert mine.read_bytes() == before
