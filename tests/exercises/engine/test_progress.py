"""The learner's progress file: private, mergeable, and never lost."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from course_utils.errors import CourseError
from course_utils.exercises import lesson_00, lesson_05
from course_utils.exercises.engine import progress
from course_utils.exercises.engine.progress import Entry
from course_utils.exercises.lesson_05.recurrent_layer import no_tanh, with_linear
from tests.strategies import examples


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "home" / "progress.jsonl"
    monkeypatch.setenv("COURSE_PROGRESS", str(path))
    return path


def test_checks_are_recorded_and_not_attempted_ones_are_not(file: Path) -> None:
    lesson_05.rnn_step.check(no_tanh)
    lesson_05.rnn_step.check(with_linear)
    lesson_00.persistence_error.check(lambda values: None)
    lesson_05.next_year.check(3)
    assert [(e.lesson, e.exercise, e.outcome) for e in progress.load()] == [
        ("05", "rnn_step", "NOT_YET"),
        ("05", "rnn_step", "SOLVED"),
        ("05", "next_year", "SOLVED"),
    ]
    assert progress.solved() == {"05": {"rnn_step", "next_year"}}


def test_without_a_file_there_is_no_progress_and_none_is_made(file: Path) -> None:
    assert progress.load() == []
    assert not file.exists()


def test_export_and_import_carry_progress_to_another_machine(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    progress.record("05", "rnn_step", "SOLVED")
    progress.record("00", "persistence_error", "NOT_YET")
    exported = progress.export(tmp_path / "mine.jsonl")
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "other" / "progress.jsonl"))
    progress.record("00", "persistence_error", "SOLVED")
    assert progress.import_from(exported) == 2
    assert progress.import_from(exported) == 0
    assert progress.solved() == {"05": {"rnn_step"}, "00": {"persistence_error"}}


def test_export_overwrites_nothing(file: Path, tmp_path: Path) -> None:
    taken = tmp_path / "mine.jsonl"
    taken.write_text("precious")
    with pytest.raises(CourseError, match="exists already"):
        progress.export(taken)
    assert taken.read_text() == "precious"
    with pytest.raises(CourseError, match="cannot be written"):
        progress.export(tmp_path / "no" / "such" / "folder.jsonl")


@pytest.mark.parametrize("text", ["not json", '{"lesson": "05"}', "[1, 2]", '{"a": 1}\n', "\x00\x01"])
def test_importing_something_else_is_refused_and_changes_nothing(file: Path, tmp_path: Path, text: str) -> None:
    progress.record("05", "rnn_step", "SOLVED")
    before = file.read_text()
    wrong = tmp_path / "wrong.jsonl"
    wrong.write_text(text)
    with pytest.raises(CourseError, match=r"is not a file that progress\.export"):
        progress.import_from(wrong)
    assert file.read_text() == before


def test_importing_a_missing_or_binary_file_is_refused(file: Path, tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path / "absent", tmp_path / "binary", tmp_path):
        with pytest.raises(CourseError, match="cannot be read"):
            progress.import_from(path)


@examples(60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(st.just("good"), st.binary(max_size=20)), max_size=6), st.binary(max_size=10))
def test_a_broken_file_is_set_aside_whole_and_its_good_lines_go_on(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str | bytes], end: bytes
) -> None:
    folder = tmp_path_factory.mktemp("broken")
    path = folder / "progress.jsonl"
    entry = Entry("05", "rnn_step", "SOLVED", "2026-01-02T03:04:05+00:00")
    written = [entry.line.strip().encode() if isinstance(line, str) else line for line in lines]
    content = b"\n".join([*written, end])
    path.write_bytes(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_PROGRESS", str(path))
        assert (
            progress.load().count(entry) >= lines.count("good") - 1
        )  # a NUL or CR may have joined one to its neighbour
        kept = [content] if not list(folder.glob("*-broken-*")) else [p.read_bytes() for p in folder.glob("*-broken-*")]
        assert content in kept  # nothing was thrown away
        progress.record("05", "rnn_states", "SOLVED")
        assert "rnn_states" in progress.solved()["05"]


def test_a_line_cut_short_does_not_swallow_the_next(file: Path) -> None:
    progress.record("05", "rnn_step", "SOLVED")
    file.write_text(file.read_text() + '{"lesson": "05", "exer')  # the machine went off here
    progress.record("05", "rnn_states", "SOLVED")
    assert progress.solved() == {"05": {"rnn_step", "rnn_states"}}
    assert [p.name for p in file.parent.glob("*broken*")] == ["progress-broken-1.jsonl"]


def test_two_broken_files_are_both_kept(file: Path) -> None:
    for text in ("first", "second"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
        progress.load()
    assert sorted(p.read_text() for p in file.parent.glob("*broken*")) == ["first", "second"]


def test_a_file_that_cannot_be_written_does_not_stop_a_check(file: Path) -> None:
    file.parent.write_text("a file where the folder should be")
    feedback = lesson_05.rnn_step.check(with_linear)
    assert feedback.solved
    assert "could not be saved" in feedback.detail


WRITER = """
import sys
from course_utils.exercises.engine import progress
print("ready", flush=True)
sys.stdin.readline()
for _ in range(200):
    progress.record(sys.argv[1], "rnn_step", "SOLVED")
"""


@pytest.mark.repeat
def test_two_notebooks_at_once_lose_nothing(file: Path) -> None:
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, lesson], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for lesson in ("05", "06")
    ]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:  # both are ready, and begin together
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate()
        assert writer.returncode == 0
    entries = progress.load()
    assert [sum(entry.lesson == lesson for entry in entries) for lesson in ("05", "06")] == [200, 200]
    assert [path.name for path in file.parent.iterdir()] == ["progress.jsonl"]  # nothing had to be set aside
