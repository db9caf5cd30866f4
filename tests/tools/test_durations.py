"""What `make durations` reads from pytest's reports, and the order that follows."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from tests import longest_first
from tools import durations
from tools.durations import Case

REPORT = """<testsuites><testsuite>
<testcase classname="tests.nn.test_cells" name="test_a" time="1.5"/>
<testcase classname="tests.nn.test_cells.TestGroup" name="test_b" time="2"/>
<testcase classname="tests.browser.test_lab" name="test_c" time="4"/>
<testcase classname="notebooks.00_start_here.ipynb" name="Cell 0" time="0.25"/>
<testcase classname="gone.module" name="test_d" time="1"/>
</testsuite></testsuites>"""


@pytest.fixture
def found(tmp_path: Path) -> list[Case]:
    for name in ("tests/nn/test_cells.py", "tests/browser/test_lab.py", "notebooks/00_start_here.ipynb"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "report.xml").write_text(REPORT)
    return durations.cases(tmp_path / "report.xml", tmp_path)


def test_seconds_are_added_up_by_file(found: list[Case]) -> None:
    assert durations.by_file(found) == {
        "tests/browser/test_lab.py": 4.0,
        "tests/nn/test_cells.py": 3.5,
        "gone.module": 1.0,
        "notebooks/00_start_here.ipynb": 0.2,
    }


def test_the_table_names_the_parts_and_the_slowest_first(found: list[Case]) -> None:
    lines = durations.table({"lint": 20.0, "unit": 100.4}, found).splitlines()
    assert "lint            20 s" in lines[0]
    assert "120 s, of which browser tests 4 s" in lines[2]
    assert lines[5].endswith("tests/browser/test_lab.py::test_c")


def test_the_longest_files_begin_first_and_unknown_ones_before_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(longest_first, "seconds_by_file", lambda: {"a.py": 1.0, "b.py": 9.0})
    names = ["a.py", "a.py", "b.py", "new.py"]
    items = [SimpleNamespace(path=tmp_path / name, number=number) for number, name in enumerate(names)]
    config = SimpleNamespace(rootpath=tmp_path)
    longest_first.pytest_collection_modifyitems(config, items)  # type: ignore[arg-type]
    assert [item.number for item in items] == [3, 2, 0, 1]
