"""Results are written whole, found again, and refused where they are damaged."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from course_utils.errors import CourseError
from course_utils.experiments.framework import results, runner
from course_utils.experiments.framework.results import Result, is_stored, load, save
from tests.experiments import tiny_experiments as tiny

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of the test's own."""
    monkeypatch.setattr("course_utils.data.resources.data_folder", lambda: tmp_path / "data")
    return tmp_path / "data"


def recall_result(**changes: Any) -> Result:
    return dataclasses.replace(runner.result_of(tiny.RECALL, jobs=1, rules={"C02": "a"}), **changes)


def test_a_result_comes_back_as_it_was_stored(data: Path) -> None:
    result = recall_result()
    path = save(result, data / "results")
    assert path == data / "results" / "recall.json"
    assert is_stored("recall")
    assert load("recall") == result
    pd.testing.assert_frame_equal(load("recall").table, runner.run(tiny.RECALL, jobs=1), check_exact=True)
    assert [path.name for path in data.rglob("*.*")] == ["recall.json"]


def test_a_stored_file_has_one_row_a_line_and_names_no_machine(data: Path) -> None:
    text = save(recall_result(), data / "results").read_text(encoding="utf-8")
    assert '\n  [0, "feedforward", 1, 0.248],\n  [0, "feedforward", 2, 0.248],\n' in text
    fields = json.loads(text)
    assert set(fields) == set(results.TYPES)
    assert set(fields["versions"]) == {"python", "torch", "numpy"}
    assert len(text.splitlines()) == len(fields["rows"]) + len(fields) + 3
    assert str(ROOT) not in text


def test_absent_results_are_told_with_their_mend(data: Path) -> None:
    for name in ("recall", "../results/recall", "README"):
        with pytest.raises(CourseError, match=f"no stored results of experiment '{name}'.*course claims run {name}"):
            load(name)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda fields: None, "should hold experiment"),
        (lambda fields: {**fields, "host": "x"}, "should hold experiment"),
        (lambda fields: {**fields, "version": "1"}, "'version' holds '1'"),
        (lambda fields: {**fields, "experiment": "other"}, "holds experiment 'other'"),
        (lambda fields: {**fields, "rows": []}, "there are no rows"),
        (lambda fields: {**fields, "columns": ["x", "network", "lag", "accuracy"]}, "first column is not 'seed'"),
        (lambda fields: {**fields, "rows": [*fields["rows"], [9]]}, "not every row has 4 values"),
        (lambda fields: {**fields, "seeds": [0, 1]}, "not those of its seeds"),
    ],
)
def test_damaged_results_are_told_with_their_mend(damage: Any, reason: str, data: Path) -> None:
    path = save(recall_result(), data / "results")
    path.write_text(json.dumps(damage(json.loads(path.read_text()))))
    with pytest.raises(CourseError, match=f"'recall' cannot be read: .*{reason}.*course claims run recall"):
        load("recall")
    path.write_text("{")
    with pytest.raises(CourseError, match="cannot be read"):
        load("recall")


def test_a_folder_that_cannot_be_written_is_told_and_the_old_file_stays(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CourseError, match=r"'recall' cannot be written to .*See to the folder's rights"):
        save(recall_result(), tmp_path / "file")


def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "one.json"
    results.write_whole(path, "old")

    def fails(*_: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fails)
    with pytest.raises(OSError, match="disk full"):
        results.write_whole(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
