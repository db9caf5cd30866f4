"""The learner's progress file: private, mergeable, and never lost."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import random
import resource
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from course_utils.errors import CourseError
from course_utils.exercises import lesson_00, lesson_05
from course_utils.exercises.engine import progress
from course_utils.exercises.engine.progress import Entry
from course_utils.exercises.lesson_05.recurrent_layer import no_tanh, with_linear
from tests.strategies import examples

WHEN = "2026-01-02T03:04:05+00:00"


def line(exercise: str) -> str:
    return Entry("05", exercise, "SOLVED", WHEN).line


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


def test_importing_what_is_no_file_is_refused(file: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")  # opening it would wait for ever
    for path in (tmp_path / "absent", tmp_path, tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(CourseError, match="cannot be read"):
            progress.import_from(path)


def test_a_damaged_file_gives_its_good_lines_and_says_how_many_are_left_out(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damaged = tmp_path / "damaged.jsonl"
    damaged.write_text(f'{line("rnn_step")}{{"lesson": "05", "exer\n\xff\n{line("delayed")}{line("rnn_st")[:40]}')
    assert progress.import_from(damaged) == 2
    assert progress.solved() == {"05": {"rnn_step", "delayed"}}
    assert capsys.readouterr().out == f"Lines of {damaged} that are broken, and were left out: 3.\n"


CUT, ZEROS, LONG = line("a")[:-9].encode(), b"\0" * 5000, b"x" * 25_000
BROKEN = st.one_of(st.binary(max_size=20), st.sampled_from([CUT, ZEROS, LONG]))
ODD_NAMES = ["a\u2028b", "a\u2029b", "a\u0085b", "a\nb", "\ud800", "\udc80x", "\x1b[2J", "ü", "😀", ""]


@examples(60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(st.integers(0, 99), BROKEN), max_size=8), st.binary(max_size=10))
def test_a_broken_line_costs_no_good_one_and_stays_where_it_is(
    tmp_path_factory: pytest.TempPathFactory, lines: list[int | bytes], end: bytes
) -> None:
    path = tmp_path_factory.mktemp("broken") / "progress.jsonl"
    written = [line(f"e{part}").strip().encode() if isinstance(part, int) else part for part in lines]
    content = b"\n".join([*written, end])
    path.write_bytes(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_PROGRESS", str(path))
        good = [f"e{part}" for part in lines if isinstance(part, int)]
        assert [entry.exercise for entry in progress.load()] == good
        progress.record("05", "rnn_states", "SOLVED")
        assert [entry.exercise for entry in progress.load()] == [*good, "rnn_states"]
    assert path.read_bytes().startswith(content)
    assert {place.name for place in path.parent.iterdir()} <= {path.name, f".{path.name}.lock"}


VALUES = st.one_of(st.text(max_size=5), st.none(), st.integers(), st.lists(st.none(), max_size=2))
LINES = st.one_of(
    st.sampled_from([line("rnn_step"), line("delayed"), "\ufeff", "[" * 3000, '{"a": ' * 3000, "9" * 9000]),
    st.dictionaries(st.sampled_from(["lesson", "exercise", "outcome", "at", "more"]), VALUES).map(json.dumps),
    st.text(max_size=10),
)


def in_bytes(lines: list[str]) -> bytes:
    return "\n".join(lines).encode("utf-8", "replace")


@examples(60, 2000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.binary(max_size=300), st.lists(LINES, max_size=6).map(in_bytes)))
def test_whatever_a_file_holds_it_is_imported_or_refused_with_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    folder = tmp_path_factory.mktemp("any")
    foreign, own = folder / "foreign.jsonl", folder / "progress.jsonl"
    foreign.write_bytes(content)
    own.write_text(line("mine"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_PROGRESS", str(own))
        new = 0
        with contextlib.suppress(CourseError):
            new = progress.import_from(foreign)
        found = progress.read_own()
        assert len(found.entries) == 1 + new
        assert found.broken == 0
        assert own.read_text().startswith(line("mine"))


@pytest.mark.parametrize("coding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_file_that_an_editor_saved_in_another_coding_is_read(
    file: Path, tmp_path: Path, coding: str, end: str
) -> None:
    saved = f"{line('rnn_step')}{line('delayed')}".replace("\n", end).encode(coding)
    exported = tmp_path / "exported.jsonl"
    exported.write_bytes(saved)
    assert progress.import_from(exported) == 2
    file.write_bytes(saved)
    progress.record("05", "rnn_states", "SOLVED")
    content = progress.read_own()
    assert [entry.exercise for entry in content.entries] == ["rnn_step", "delayed", "rnn_states"]
    assert content.broken == 0


@pytest.mark.parametrize("name", ODD_NAMES)
def test_an_imported_name_of_any_characters_breaks_nothing(file: Path, tmp_path: Path, name: str) -> None:
    foreign = tmp_path / "foreign.jsonl"
    foreign.write_text(json.dumps({**vars(Entry("05", "x", "SOLVED", WHEN)), "exercise": name}) + "\n")
    progress.record("05", "mine", "SOLVED")
    assert progress.import_from(foreign) == 1
    assert progress.import_from(progress.export(tmp_path / "out.jsonl")) == 0
    content = progress.read_own()
    assert [entry.exercise for entry in content.entries] == ["mine", name]
    assert content.broken == 0
    assert file.read_text().isascii()


def test_a_file_too_large_is_refused_without_being_read(file: Path, tmp_path: Path) -> None:
    large = tmp_path / "large.jsonl"
    with large.open("wb") as zeros:
        zeros.truncate(600_000_000)
    with pytest.raises(CourseError, match=r"has 600 MB, and exported progress has at most 20 MB"):
        progress.import_from(large)
    limited = (
        "from course_utils.exercises.engine import progress; from course_utils.runtime import peak_memory; "
        "print(len(progress.load()), peak_memory())"
    )
    environment = {**os.environ, "COURSE_PROGRESS": str(large)}
    done = subprocess.run([sys.executable, "-c", limited], env=environment, capture_output=True, text=True, check=True)
    entries, peak = map(int, done.stdout.split())
    assert entries == 0
    assert peak < 150_000_000  # a file of one's own is not held in memory either


def test_imports_take_time_by_the_line_and_not_by_its_square(file: Path, tmp_path: Path) -> None:
    file.parent.mkdir()
    file.write_text("".join(line(f"mine{n}") for n in range(5000)))
    other = tmp_path / "other.jsonl"
    other.write_text("".join(line(f"other{n}") for n in range(5000)))
    begun = time.process_time()
    assert progress.import_from(other) == 5000
    assert time.process_time() - begun < 20  # it takes 0.1; with a reading of the file for each line, 10 minutes
    assert len(progress.load()) == 10_000


def test_another_user_can_read_neither_progress_nor_what_is_exported(file: Path, tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        progress.record("05", "rnn_step", "NOT_YET")
        exported = progress.export(tmp_path / "mine.jsonl")
        progress.reset()
        file.write_text(line("old"))
        file.chmod(0o664)
        progress.record("05", "rnn_step", "NOT_YET")  # a file that others could read is closed to them
    finally:
        os.umask(before)
    for path in (*file.parent.iterdir(), exported):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


@contextlib.contextmanager
def full_disk(bytes_left: int) -> Iterator[None]:
    """Files can grow to so many bytes: as with a full disk, a write ends in the middle."""
    before, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_left, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.parametrize("broken", ["", '{"lesson": "05", "exerc'])
def test_a_full_disk_takes_nothing_and_leaves_no_half_line(file: Path, tmp_path: Path, broken: str) -> None:
    file.parent.mkdir()
    file.write_text("".join(line(f"e{n}") for n in range(40)) + broken)
    other = tmp_path / "other.jsonl"
    other.write_text("".join(line(f"o{n}") for n in range(40)))
    before = file.read_text()
    with full_disk(len(before) + 150):
        assert len(progress.solved()["05"]) == 40
        assert progress.record("05", "first", "SOLVED") == ""
        assert "could not be saved" in progress.record("05", "second", "SOLVED")
        with pytest.raises(CourseError, match="File too large"):
            progress.import_from(other)
    with full_disk(1000), pytest.raises(CourseError, match="File too large"):
        progress.export(tmp_path / "out.jsonl")
    assert not (tmp_path / "out.jsonl").exists()
    assert file.read_text()[len(before) :].strip().count("\n") == 0  # the first, and no part of another
    assert len(progress.solved()["05"]) == 41
    assert progress.import_from(other) == 40


def read_only_folder(file: Path, patch: pytest.MonkeyPatch) -> None:
    """No file can be made beside; the administrator, who runs tests in containers, is not stopped by rights."""
    really = os.open

    def refuse(path: Any, flags: int, *more: Any, **named: Any) -> int:
        if flags & os.O_CREAT and not os.path.exists(path):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return really(path, flags, *more, **named)

    patch.setattr(os, "open", refuse)


def test_where_nothing_can_be_made_beside_the_file_it_is_read_and_written_without_a_lock(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.parent.mkdir()
    file.write_text(f"broken\n{line('old')}")
    read_only_folder(file, monkeypatch)
    assert progress.record("05", "new", "SOLVED") == ""
    assert progress.solved() == {"05": {"old", "new"}}
    assert [path.name for path in file.parent.iterdir()] == ["progress.jsonl"]


def test_a_new_file_that_cannot_be_made_is_a_sentence(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.parent.mkdir()
    read_only_folder(file, monkeypatch)
    assert "could not be saved" in progress.record("05", "new", "SOLVED")
    assert progress.load() == []


def test_a_lock_that_somebody_holds_delays_a_check_and_costs_it_not(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "LOCK_SECONDS", 0.1)
    progress.record("05", "old", "SOLVED")
    with FileLock(file.with_name(".progress.jsonl.lock")):
        assert progress.record("05", "new", "SOLVED") == ""
        exported = progress.export(tmp_path / "out.jsonl")
        for blocked in (lambda: progress.import_from(exported), progress.reset):
            with pytest.raises(CourseError, match="Try again in a moment"):
                blocked()
    assert progress.solved() == {"05": {"old", "new"}}


@pytest.mark.parametrize(
    "variables",
    [{}, {"COURSE_PROGRESS": "~/p.jsonl"}, {"COURSE_PROGRESS": "~nobody-of-this-name/p.jsonl", "HOME": "/tmp"}],
)
def test_without_a_home_folder_a_check_is_judged_and_the_rest_is_a_sentence(
    variables: dict[str, str], monkeypatch: pytest.MonkeyPatch, homeless: None
) -> None:
    monkeypatch.delenv("COURSE_PROGRESS")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    feedback = lesson_05.rnn_step.check(with_linear)
    assert feedback.solved
    assert "could not be saved" in feedback.detail
    for refused in (progress.load, progress.solved, progress.reset, progress.export):
        with pytest.raises(CourseError, match="home folder"):
            refused()


def test_a_device_in_place_of_the_file_keeps_nothing_and_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_PROGRESS", os.devnull)
    mode = os.stat(os.devnull).st_mode
    assert progress.record("05", "rnn_step", "SOLVED") == ""
    assert progress.load() == []
    assert progress.reset() is None
    assert os.stat(os.devnull).st_mode == mode
    assert not Path("/dev/.null.lock").exists()


@pytest.mark.parametrize("kind", ["folder", "pipe", "full device"])
def test_what_is_no_file_neither_stops_a_check_nor_makes_it_wait(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Path("/dev/full") if kind == "full device" else tmp_path / "place"
    if kind == "folder":
        place.mkdir()
    if kind == "pipe":
        os.mkfifo(place)
    monkeypatch.setenv("COURSE_PROGRESS", str(place))
    assert "could not be saved" in progress.record("05", "rnn_step", "SOLVED")


def test_reset_sets_the_file_aside_and_import_brings_it_back(file: Path) -> None:
    assert progress.reset() is None
    progress.record("05", "rnn_step", "SOLVED")
    asides = []
    for exercise in ("rnn_states", "delayed"):  # the names do not collide, though it is the same second
        aside = progress.reset()
        assert aside is not None
        asides.append(aside)
        assert progress.load() == []
        progress.record("05", exercise, "SOLVED")
    assert [progress.import_from(aside) for aside in asides] == [1, 1]
    assert progress.solved() == {"05": {"rnn_step", "rnn_states", "delayed"}}


def test_reset_of_a_linked_file_leaves_the_link(file: Path, tmp_path: Path) -> None:
    kept = tmp_path / "synchronised.jsonl"
    kept.write_text(line("rnn_step"))
    file.parent.mkdir()
    file.symlink_to(kept)
    aside = progress.reset()
    assert aside is not None
    assert aside.read_text() == line("rnn_step")
    assert file.is_symlink()
    progress.record("05", "rnn_step", "SOLVED")
    assert kept.exists()


def test_a_file_that_cannot_be_written_does_not_stop_a_check(file: Path) -> None:
    file.parent.write_text("a file where the folder should be")
    feedback = lesson_05.rnn_step.check(with_linear)
    assert feedback.solved
    assert "could not be saved" in feedback.detail


WORKER = """
import random, sys
from course_utils.exercises.engine import progress
name, records, showing = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "showing"
print("ready", flush=True)
sys.stdin.readline()
draw = random.Random(name)
for n in range(records):
    assert progress.record("05", f"{name}_{n}", "SOLVED") == ""
    if draw.random() < 0.1:  # another program is cut off in the middle of a line
        with progress.progress_file().open("ab", buffering=0) as file:
            file.write(draw.choice([b'{"lesson": "05", "exerc', b"\\0" * 50, b"\\xff\\n"]))
    if showing:
        assert progress.load()
"""


@pytest.mark.repeat
@pytest.mark.parametrize(("processes", "records"), [(4, 50), pytest.param(30, 50, marks=pytest.mark.long)])
def test_many_notebooks_at_once_lose_nothing_whatever_lines_are_broken(
    file: Path, processes: int, records: int
) -> None:
    file.parent.mkdir()
    file.write_text("".join(line(f"old{n}") for n in range(300)) + '{"lesson": "05", "exer\n')
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, f"w{n}", str(records), "showing" if n % 2 else "writing"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for n in range(processes)
    ]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:  # all are ready, and begin together
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    for worker in workers:
        worker.communicate()
        assert worker.returncode == 0
    wanted = [f"old{n}" for n in range(300)] + [f"w{n}_{k}" for n in range(processes) for k in range(records)]
    assert sorted(entry.exercise for entry in progress.load()) == sorted(wanted)  # none lost, none doubled
    assert sorted(path.name for path in file.parent.iterdir()) == [".progress.jsonl.lock", "progress.jsonl"]


@pytest.mark.repeat
def test_a_reset_between_the_checks_of_others_loses_none(file: Path) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", WORKER, f"w{n}", "100", "writing"], stdin=subprocess.PIPE, text=True)
        for n in range(2)
    ]
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    asides = []
    while any(writer.poll() is None for writer in writers):
        asides.append(progress.reset())
        time.sleep(random.uniform(0, 0.05))
    for writer in writers:
        writer.communicate()
        assert writer.returncode == 0
    for aside in filter(None, asides):
        progress.import_from(aside)
    assert {entry.exercise for entry in progress.load()} == {f"w{n}_{k}" for n in range(2) for k in range(100)}
