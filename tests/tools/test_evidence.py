"""Evidence cells: what they name, how they run, and that they stay out of notebooks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from course_utils.errors import CourseError
from tools import build, evidence

LESSON = """\
# %% [markdown]
# # 42 · A trivial lesson

# %% tags=["setup"]
import torch

x = torch.rand(1)

# %%
seven = 7
seven

# %% [markdown]
# Seven is more than six.

# %% tags=["evidence"]
six = 6
torch.rand(3)
assert seven > six
# shown: "more than six"

# %%
assert "six" not in globals()
print(torch.rand(1) == torch.rand(1))
seven + 1
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "lessons").mkdir()
    write(tmp_path, LESSON)
    return tmp_path


def write(root: Path, text: str) -> None:
    (root / "lessons" / "42_trivial.py").write_text(text, encoding="utf-8")


def test_evidence_runs_leaves_nothing_behind_and_stays_out_of_the_notebook(root: Path) -> None:
    build.build("42_trivial", root)
    cells = json.loads((root / "notebooks" / "42_trivial.ipynb").read_text(encoding="utf-8"))["cells"]
    assert "shown:" not in json.dumps(cells)
    assert [cell["id"] for cell in cells] == [f"42-{n:03}" for n in range(1, 6)]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == [1, 2, 3]
    assert code[2]["outputs"][-1]["execution_count"] == 3
    assert not build.is_stale("42_trivial", root)


def test_a_notebook_is_the_same_with_and_without_evidence(root: Path) -> None:
    build.build("42_trivial", root)
    with_it = (root / "notebooks" / "42_trivial.ipynb").read_text(encoding="utf-8")
    begin, end = LESSON.index('# %% tags=["evidence"]'), LESSON.index('# %%\nassert "six"')
    write(root, LESSON[:begin] + LESSON[end:])
    build.build("42_trivial", root)
    assert (root / "notebooks" / "42_trivial.ipynb").read_text(encoding="utf-8") == with_it


def test_a_build_stops_where_evidence_fails_and_names_the_line_of_the_lesson(root: Path) -> None:
    write(root, LESSON.replace("assert seven > six", "assert seven < six"))
    line = next(n for n, text in enumerate(LESSON.splitlines(), 1) if text.startswith("assert seven"))
    with pytest.raises(CourseError) as raised:
        build.build("42_trivial", root)
    assert "42_trivial.py" in str(raised.value)
    assert f":{line}" in str(raised.value).replace("line ", ":")
    assert "assert seven < six" in str(raised.value)
    assert not (root / "notebooks" / "42_trivial.ipynb").exists()


def test_quotations_have_a_kind_and_a_source_its_reference() -> None:
    source = 'assert True\n# shown: "one two three"\n# defined: "four five six"\n# source: "seven eight nine" Le 2015'
    found = evidence.quotations(source, "here")
    assert [(q.kind, q.text, q.reference) for q in found] == [
        ("shown", "one two three", ""),
        ("defined", "four five six", ""),
        ("source", "seven eight nine", "Le 2015"),
    ]


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("assert True", "names no sentence"),
        ('# shown: "one two three"', "asserts nothing"),
        ('# assert nothing\n# shown: "one two three"', "asserts nothing"),
        ('assert True\n# shown: "one two"', "at least 3 words"),
        ("assert True\n# shown: one two three", "at least 3 words"),
        ('# source: "one two three"', "names no publication"),
    ],
)
def test_evidence_that_is_not_well_formed_is_refused(source: str, says: str) -> None:
    with pytest.raises(CourseError, match=says):
        evidence.quotations(source, "here")
