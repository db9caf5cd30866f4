"""A second set-up waits for the first, and not for one that was killed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools.one_at_a_time import one_at_a_time

HOLD = """
import sys
from pathlib import Path
from tools.one_at_a_time import one_at_a_time
with one_at_a_time(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""
ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.repeat
def test_the_second_waits_until_the_first_ends_however_it_ends(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    settings = {**os.environ, "PYTHONPATH": str(ROOT)}

    def other() -> subprocess.Popen[str]:
        pipe = subprocess.PIPE
        process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=settings)
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        return process

    first = other()
    second = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, env=settings)
    assert second.stdout is not None
    assert "waiting until it ends" in second.stdout.readline()
    first.kill()
    first.communicate()
    assert second.communicate(timeout=60)[0] == "held\n"
    with one_at_a_time(tmp_path):
        pass
    assert capsys.readouterr().out == ""
