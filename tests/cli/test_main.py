"""The `course` command on terminals that cannot show every character, and with a reader that stops reading."""

from __future__ import annotations

import io
import os
import subprocess
import sys

import pytest

from course_utils.cli import main

COURSE = [sys.executable, "-c", "import sys; from course_utils.cli.main import main; sys.exit(main())"]


@pytest.mark.parametrize(
    ("command", "encoding", "shown"), [(["claims", "list"], "cp1252", " -> "), (["doctor"], "ascii", "+ ok")]
)
def test_a_terminal_without_unicode_gets_look_alikes(
    monkeypatch: pytest.MonkeyPatch, command: list[str], encoding: str, shown: str
) -> None:
    output = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(output, encoding=encoding))
    main.main(command)
    text = output.getvalue().decode(encoding)
    assert shown in text
    assert "?" not in text


def test_what_has_no_look_alike_becomes_a_question_mark() -> None:
    assert "ab 字 →".encode("ascii", errors=main.look_alikes.__name__) == b"ab ? ->"


@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["at the end", "at the first line"])
def test_a_reader_that_stops_reading_ends_the_command_without_a_traceback(unbuffered: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    settings = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    command = [*COURSE, "data", "list"]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, env=settings, check=False)
    os.close(writing)
    assert done.stderr == b""
    assert done.returncode == main.OUTPUT_CLOSED


@pytest.mark.parametrize("module", ["course_utils.cli", "course_utils.cli.main"])
def test_the_module_runs_as_a_program_too(module: str) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", module, *arguments]
        return subprocess.run(command, capture_output=True, encoding="utf-8", check=False)

    help = run("--help")
    assert help.returncode == 0
    assert "claims" in help.stdout
    refused = run("claims", "run", "no_such_experiment")
    assert refused.returncode == 1
    assert "no_such_experiment" in refused.stderr
