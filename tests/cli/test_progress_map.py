"""The map of lessons: what is there, what is solved."""

from __future__ import annotations

from pathlib import Path

import pytest

from course_utils.cli import main
from course_utils.cli.progress_map import ProgressMap, exercise_names, progress_map
from course_utils.exercises.engine import progress
from course_utils.syllabus import LESSONS, Lesson, duration
from tools.build import lesson_names


def test_every_lesson_that_is_written_has_its_exercises_on_the_map() -> None:
    there = exercise_names()
    assert sorted(there) == sorted(name[:2] for name in lesson_names())
    assert all(there.values())
    assert "rnn_step" in there["05"]
    assert "next_year" not in there["05"]  # a prediction cannot be failed


def test_the_map_counts_what_is_solved_and_ignores_what_is_gone() -> None:
    shown = ProgressMap(
        {"00": ["a"], "05": ["b", "c", "d"], "06": ["e"]}, {"00": {"a"}, "05": {"b", "c", "old name"}, "42": {"x"}}
    )
    states = {lesson.number: shown.state(lesson) for lesson in LESSONS.values()}
    assert states["00"] == "✔ all of 1 solved"
    assert states["05"] == "2 of 3 solved"
    assert (states["06"], states["07"]) == ("not begun", "to come")
    for text in (str(shown), shown.html):
        assert "2 of 3 solved" in text
        assert all(lesson.title in text for lesson in LESSONS.values())
    assert shown.html.count('href="') == 3


def test_the_map_tells_minutes_and_those_of_the_two_day_path(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        Lesson("00_start_here", "Start", "begin", 1, True, minutes=20),
        Lesson("01_more", "More", "go on", 1, True, minutes=45, deeper_minutes=30),
        Lesson("02_aside", "Aside", "look aside", 1, minutes=50),
    ]
    monkeypatch.setattr("course_utils.syllabus.LESSONS", {row.name: row for row in rows})
    shown = ProgressMap({"00": ["a"], "01": ["b"], "02": ["c"]}, {})
    assert '<td style="text-align:left">45 + 30</td>' in shown.html
    for text in (str(shown), shown.html):
        assert "The two-day path (✓) takes the cores: 1 hour 5 minutes, without lessons to come." in text


@pytest.mark.parametrize(
    ("minutes", "words"), [(0, "0 minutes"), (50, "50 minutes"), (120, "2 hours"), (605, "10 hours 5 minutes")]
)
def test_minutes_in_words(minutes: int, words: str) -> None:
    assert duration(minutes) == words


def test_a_new_learner_sees_an_empty_map() -> None:
    assert "not begun" in str(progress_map())
    assert "solved" not in str(progress_map())


def test_the_command_shows_exports_and_imports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "one.jsonl"))
    progress.record("05", "rnn_step", "SOLVED")
    exported = str(tmp_path / "mine.jsonl")
    assert main.main(["progress", "export", exported]) == 0
    assert main.main(["progress", "export", exported]) == 1
    assert "exists already" in capsys.readouterr().err
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "two.jsonl"))
    assert main.main(["progress", "import", exported]) == 0
    assert "new to this machine: 1" in capsys.readouterr().out
    assert main.main(["progress", "show"]) == 0
    shown = capsys.readouterr().out
    assert "1 of" in shown
    assert shown.endswith(f"Your progress is kept in {tmp_path / 'two.jsonl'}\n")
    assert main.main(["progress", "reset"]) == 0
    aside = next(tmp_path.glob("two-until-*.jsonl"))
    assert f"What you had is in {aside}\n" in capsys.readouterr().out
    assert main.main(["progress", "reset"]) == 0
    assert "no progress yet" in capsys.readouterr().out
    assert main.main(["progress", "import", str(aside)]) == 0
    assert "new to this machine: 1" in capsys.readouterr().out


def test_a_page_to_print_holds_the_map_and_what_was_solved_when(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "mine.jsonl"))
    line = progress.Entry("05", "rnn_step", "SOLVED", "2026-01-02T03:04:05+00:00").line
    (tmp_path / "mine.jsonl").write_text(line + line.replace("2026-01-02", "2026-01-09"))
    page = tmp_path / "page.html"
    assert main.main(["progress", "page", str(page)]) == 0
    assert str(page) in capsys.readouterr().out
    text = page.read_text(encoding="utf-8")
    assert text.startswith("<!DOCTYPE html>\n<html")
    assert "<li><code>rnn_step</code>, 2026-01-02</li>" in text
    assert "1 of" in text
    assert "Go on in 05 Recurrent networks" in text
    assert main.main(["progress", "page", str(page)]) == 1
    assert "such as page-2.html" in capsys.readouterr().err
    assert page.read_text(encoding="utf-8") == text


def test_lines_that_are_broken_are_told_below_the_map_and_cost_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "<b>.jsonl"
    monkeypatch.setenv("COURSE_PROGRESS", str(file))
    progress.record("05", "rnn_step", "SOLVED")
    assert progress_map().note == ""
    file.write_text(f'{file.read_text()}{{"lesson": "05", "exerc\n{file.read_text()[:30]}')
    progress.record("05", "rnn_states", "SOLVED")
    shown = progress_map()
    assert "2 of" in str(shown)
    assert f"2 lines of {file} cannot be read" in str(shown)
    assert "2 lines of " in shown.html
    assert "<b>" not in shown.html
    assert main.main(["progress", "show"]) == 0
    assert capsys.readouterr().out.count(str(file)) == 1


@pytest.mark.parametrize("trouble", ["a folder", "no home"])
def test_a_file_that_cannot_be_read_leaves_the_map_and_is_told_below_it(
    trouble: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    if trouble == "no home":
        request.getfixturevalue("homeless")
        monkeypatch.delenv("COURSE_PROGRESS")
    else:
        monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path))
    shown = progress_map()
    assert "not begun" in str(shown)
    assert shown.note in str(shown)
    assert ("home folder" if trouble == "no home" else "cannot be read") in shown.note
    assert main.main(["progress", "show"]) == 0
