"""The table of what each lesson takes: whole or row by row, and each row with the machine that it was measured on."""

from __future__ import annotations

from pathlib import Path

import pytest

from course_utils.syllabus import LESSONS
from tools import bench, build
from tools.bench import Measurement

NAMES = ["00_start_here", "01_feedforward_networks", "02_cnn_features"]
OLD = [Measurement(name, 2.1, 2.2, 649_000_000, "Linux, 2 cores; Python 3.11.7, torch 2.9.1") for name in NAMES]
NEW = Measurement(NAMES[1], 7.0, 8.0, 700_000_000, "Linux, 4 cores; Python 3.12.1, torch 2.9.1")


def test_a_page_is_read_as_it_was_written() -> None:
    rows = [OLD[0], NEW, OLD[2]]
    assert bench.rows_of(bench.table(rows)) == rows


def test_a_new_row_takes_the_place_of_the_old_one_and_the_others_stay() -> None:
    before = bench.table(OLD)
    after = bench.updated(before, [NEW], NAMES)
    assert bench.rows_of(after) == [OLD[0], NEW, OLD[2]]
    assert f"- A: {OLD[0].machine}.\n- B: {NEW.machine}.\n" in after
    assert f"| {NAMES[1]} | 7.0 | {LESSONS[NAMES[1]].budget} | 8.0 | 700 | B |" in after
    changed = set(after.splitlines()) ^ set(before.splitlines())
    assert all(NAMES[1] in line or "4 cores" in line for line in changed)


def test_rows_stand_in_the_order_of_the_lessons_and_those_of_no_lesson_are_dropped() -> None:
    page = bench.updated(bench.table([OLD[2], OLD[0]]), [NEW], NAMES[:2])
    assert [row.lesson for row in bench.rows_of(page)] == NAMES[:2]
    assert "- A: Linux, 2 cores" in page


def test_the_committed_page_is_one_that_can_be_updated() -> None:
    page = bench.TABLE.read_text(encoding="utf-8")
    assert [row.lesson for row in bench.rows_of(page)] == [name for name in build.lesson_names() if name in page]


def test_measuring_one_lesson_writes_its_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "bench.md"
    page.write_text(bench.table(OLD), encoding="utf-8")
    monkeypatch.setattr(bench, "TABLE", page)
    monkeypatch.setattr(bench, "measure", {NEW.lesson: NEW}.__getitem__)
    assert bench.main([NEW.lesson]) == 0
    assert NEW in bench.rows_of(page.read_text(encoding="utf-8"))
    assert bench.rows_of(capsys.readouterr().out) == [NEW]
    assert bench.main(["01_feedforward_network"]) == 1
    assert "Did you mean '01_feedforward_networks'" in capsys.readouterr().err


def test_a_lesson_that_fails_is_named_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "lessons").mkdir()
    (tmp_path / "notebooks").mkdir()
    lesson = '# %% [markdown]\n# # 00 · Short\n\n# %% tags=["setup"]\n1 / 0\n'
    (tmp_path / "lessons" / "00_start_here.py").write_text(lesson, encoding="utf-8")
    page, run = tmp_path / "bench.md", bench.measure
    monkeypatch.setattr(bench, "TABLE", page)
    monkeypatch.setattr(bench, "measure", lambda name: run(name, tmp_path))
    assert bench.main(["00_start_here"]) == 1
    assert "lessons/00_start_here.py, in the cell that begins `1 / 0`" in capsys.readouterr().err
    assert not page.exists()
