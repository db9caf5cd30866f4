"""An answer that does not end, that copies its process or that nothing can stop."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import IPython
import IPython.display
import pytest
import torch

from course_utils.exercises import lesson_05
from course_utils.exercises.engine import isolation, progress
from course_utils.exercises.engine.feedback import Outcome

step = lesson_05.rnn_step
right: Callable[..., torch.Tensor] = step.reference


def spin() -> None:
    while True:
        pass


def sleep() -> None:
    time.sleep(1000)


def wait() -> None:
    threading.Event().wait()


def catch_all() -> None:
    for _ in range(2):  # stopped twice, it ends
        with contextlib.suppress(BaseException):
            spin()


def without_alarm() -> None:
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(1000)
    spin()


def without_any_handler() -> None:
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        if callable(signal.getsignal(number)):
            signal.signal(number, signal.SIG_DFL)
    spin()


def with_signals_blocked() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    spin()


@pytest.mark.repeat
@pytest.mark.parametrize(
    "endless", [spin, sleep, wait, catch_all, without_alarm, without_any_handler, with_signals_blocked]
)
def test_an_answer_that_never_ends_is_stopped_whatever_it_does_with_signals(
    endless: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(isolation, "SECONDS_ALLOWED", 0.1)
    monkeypatch.setattr(isolation, "AGAIN", 0.05)
    before = {number: signal.getsignal(number) for number in signal.valid_signals()}
    feedback = step.check(lambda *arguments: endless())
    assert feedback.outcome is Outcome.ERROR
    assert "had not ended after 0.1 seconds" in feedback.text
    assert {number: signal.getsignal(number) for number in signal.valid_signals()} == before
    assert step.check(lambda *arguments: right(*arguments)).solved


@pytest.mark.repeat
def test_an_answer_is_stopped_in_a_thread_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "SECONDS_ALLOWED", 0.1)
    found: list[Outcome] = []
    thread = threading.Thread(target=lambda: found.append(step.check(lambda *arguments: spin()).outcome))
    thread.start()
    thread.join(60)
    assert found == [Outcome.ERROR]


@pytest.mark.repeat
@pytest.mark.parametrize("in_thread", [False, True])
def test_a_limit_that_ends_with_its_work_interrupts_nothing_afterwards(in_thread: bool) -> None:
    late: list[BaseException] = []

    def many() -> None:
        try:
            for n in range(200):
                try:
                    with isolation.time_limit(0.002):
                        until = time.monotonic() + 0.0001 * (n % 40)
                        while time.monotonic() < until:
                            pass
                except isolation.TooLongError:
                    pass
        except BaseException as error:
            late.append(error)

    before = signal.getsignal(signal.SIGURG)
    if in_thread:
        thread = threading.Thread(target=many)
        thread.start()
        thread.join()
    else:
        many()
    assert not late
    assert signal.getsignal(signal.SIGURG) == before


@pytest.mark.repeat
def test_who_cannot_be_stopped_is_told_how_to_go_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, seconds in {"SECONDS_ALLOWED": 0.05, "AGAIN": 0.02, "WORDS_AFTER": 0.1}.items():
        monkeypatch.setattr(isolation, name, seconds)
    told: list[str] = []

    def stubborn(*arguments: Any) -> Any:
        until = time.monotonic() + 30
        while not told and time.monotonic() < until:
            try:
                told.append(capsys.readouterr().err)
                told.remove("")
                time.sleep(0.01)
            except BaseException:
                pass
        return right(*arguments)

    step.check(stubborn)
    assert told[0].count("Kernel → Restart") == 1


def test_in_a_notebook_it_is_told_below_the_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[dict[str, str]] = []
    shell = SimpleNamespace(execution_count=1)
    monkeypatch.setattr(IPython, "get_ipython", lambda: shell)
    monkeypatch.setattr(IPython.display, "display", lambda data, **named: shown.append(data))
    thread = threading.Thread(target=isolation.tell, args=(isolation.CANNOT_STOP,))
    thread.start()
    thread.join()
    assert [data["text/plain"] for data in shown] == [isolation.CANNOT_STOP]


BUSY_IN_C = """
import itertools
from course_utils.exercises import lesson_05
from course_utils.exercises.engine import isolation
isolation.SECONDS_ALLOWED, isolation.WORDS_AFTER, isolation.AGAIN = 0.1, 0.2, 0.1
def answer(*arguments):
    return sum(itertools.repeat(1))
lesson_05.rnn_step.check(answer)
"""


def test_an_operation_that_lets_no_thread_run_is_named_on_the_error_stream() -> None:
    child = subprocess.Popen([sys.executable, "-c", BUSY_IN_C], stderr=subprocess.PIPE, text=True)
    try:
        assert child.stderr is not None
        said = "".join(itertools.takewhile(lambda line: "in _run" not in line, child.stderr))
    finally:
        child.kill()
        child.communicate()
    assert said.startswith("Timeout")
    assert "in answer" in said


FORKS = """
import os, sys, warnings
warnings.simplefilter("ignore")
from course_utils.exercises import lesson_05
def answer(*arguments):
    for ends in (sys.exit, int, lambda: 1 / 0):
        if os.fork() == 0:
            ends()
            return lesson_05.rnn_step.reference(*arguments)
    for _ in range(3):
        os.wait()
    return lesson_05.rnn_step.reference(*arguments)
print(lesson_05.rnn_step.check(answer))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
def test_a_copy_of_the_process_is_neither_judged_nor_recorded(tmp_path: Path) -> None:
    environment = {**os.environ, "COURSE_PROGRESS": str(tmp_path / "progress.jsonl")}
    done = subprocess.run([sys.executable, "-c", FORKS], env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Solved") == 1
    assert (tmp_path / "progress.jsonl").read_text().count("\n") == 1


def test_a_process_of_its_own_that_an_answer_waits_for_is_no_harm() -> None:
    def answer(*arguments: Any) -> Any:
        assert subprocess.run([sys.executable, "-c", "print(1)"], capture_output=True, text=True).stdout == "1\n"
        return right(*arguments)

    assert step.check(answer).solved
    assert len(progress.load()) == 1


def test_a_limit_within_a_limit_ends_both(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(isolation.TooLongError), isolation.time_limit(0.05), isolation.time_limit(30):
        spin()
    with pytest.raises(isolation.TooLongError), isolation.time_limit(30), isolation.time_limit(0.05):
        spin()
