"""What stands around a check neither changes its verdict nor is changed by an answer."""

from __future__ import annotations

import contextlib
import decimal
import gc
import io
import locale
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from course_utils.exercises import lesson_00, lesson_05
from course_utils.exercises.engine.feedback import Outcome
from course_utils.exercises.lesson_05.recurrent_layer import no_tanh

step = lesson_05.rnn_step
right: Callable[..., torch.Tensor] = step.reference


@contextlib.contextmanager
def put(setter: Callable[[Any], object], value: Any, back: Any) -> Iterator[None]:
    setter(value)
    try:
        yield
    finally:
        setter(back)


@contextlib.contextmanager
def warnings_as_errors() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


AROUND: dict[str, Callable[[], AbstractContextManager[Any]]] = {
    "inference mode": torch.inference_mode,
    "no gradients": torch.no_grad,
    "autocast": lambda: torch.autocast("cpu", dtype=torch.bfloat16),
    "a device": lambda: torch.device("meta"),
    "a default device": lambda: put(torch.set_default_device, "meta", None),
    "no default device any more": lambda: put(torch.set_default_device, None, None),
    "doubles": lambda: put(torch.set_default_dtype, torch.float64, torch.float32),
    "halves": lambda: put(torch.set_default_dtype, torch.float16, torch.float32),
    "anomalies": lambda: torch.autograd.set_detect_anomaly(True),
    "numpy raises": lambda: np.errstate(all="raise"),
    "warnings as errors": warnings_as_errors,
}


@pytest.mark.parametrize("around", AROUND.values(), ids=AROUND)
def test_a_verdict_is_the_same_whatever_stands_around_it(around: Callable[[], AbstractContextManager[Any]]) -> None:
    def makes_its_own(x: Any, h: Any, W_ih: Any, W_hh: Any, b_ih: Any, b_hh: Any) -> Any:
        zeros = torch.zeros(x.shape[0], h.shape[1], dtype=x.dtype)
        assert torch.ones(1).dtype == torch.float32
        np.log(np.zeros(1))
        warnings.warn("old", DeprecationWarning, stacklevel=1)
        return right(x, h, W_ih, W_hh, b_ih, b_hh) + zeros

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with around():
            before = asked()
            feedback = step.check(makes_its_own)
            wrong = step.check(no_tanh)
            assert asked() == before
    assert feedback.outcome is Outcome.SOLVED, str(feedback)
    assert wrong.outcome is Outcome.NOT_YET


def asked() -> dict[str, Any]:
    """Everything that an answer can set and that a later cell would notice."""
    return {
        "grad": (torch.is_grad_enabled(), torch.is_inference_mode_enabled()),
        "dtype": torch.get_default_dtype(),
        "device": torch.zeros(1).device,
        "threads": torch.get_num_threads(),
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "anomaly": torch.is_anomaly_enabled(),
        "autocast": [(torch.is_autocast_enabled(kind), torch.get_autocast_dtype(kind)) for kind in ("cpu", "cuda")],
        "print": str(torch.tensor([1 / 3], device="cpu", dtype=torch.float64)),
        "numpy": (np.geterr(), np.get_printoptions()["precision"]),
        "trace": (sys.gettrace(), threading.gettrace(), sys.getprofile()),
        "recursion": sys.getrecursionlimit(),
        "signals": {number: signal.getsignal(number) for number in signal.valid_signals()},
        "blocked": signal.pthread_sigmask(signal.SIG_BLOCK, ()),
        "timer": signal.getitimer(signal.ITIMER_REAL),
        "warnings": list(warnings.filters),
        "show": warnings.showwarning,
        "folder": os.getcwd(),
        "variables": dict(os.environ),
        "streams": (sys.stdout, sys.stderr, sys.stdin),
        "hook": sys.displayhook,
        "path": list(sys.path),
        "decimals": decimal.getcontext().prec,
        "gc": gc.isenabled(),
        "language": locale.setlocale(locale.LC_ALL),
        "digits": sys.get_int_max_str_digits(),
    }


def ignore(*arguments: Any) -> None:
    return None


def entered(context: Any) -> None:
    context.__enter__()
    ENTERED.append(context)


ENTERED: list[Any] = []  # what nobody holds is left when it is collected
CHANGES: dict[str, Callable[[], Any]] = {
    "no gradients": lambda: torch.set_grad_enabled(False),
    "dtype": lambda: torch.set_default_dtype(torch.float64),
    "device": lambda: torch.set_default_device("meta"),
    "device entered": lambda: entered(torch.device("meta")),
    "inference mode entered": lambda: entered(torch.inference_mode()),
    "autocast entered": lambda: entered(torch.autocast("cpu")),
    "threads": lambda: torch.set_num_threads(2),
    "deterministic": lambda: torch.use_deterministic_algorithms(not torch.are_deterministic_algorithms_enabled()),
    "anomaly": lambda: torch.autograd.set_detect_anomaly(True),
    "autocast": lambda: torch.set_autocast_enabled("cpu", True),
    "autocast on a GPU": lambda: torch.set_autocast_enabled("cuda", True),
    "print options of torch": lambda: torch.set_printoptions(precision=1),
    "print options of numpy": lambda: np.set_printoptions(precision=1),
    "seterr": lambda: np.seterr(all="raise"),
    "trace": lambda: sys.settrace(ignore),
    "trace of threads": lambda: threading.settrace(ignore),
    "profile": lambda: sys.setprofile(ignore),
    "recursion limit, high": lambda: sys.setrecursionlimit(50_000),
    "recursion limit, low": lambda: sys.setrecursionlimit(depth() + 12),
    "SIGINT ignored": lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
    "SIGTERM ignored": lambda: signal.signal(signal.SIGTERM, signal.SIG_IGN),
    "SIGINT blocked": lambda: signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}),
    "alarm": lambda: signal.alarm(1),
    "alarm ignored": lambda: signal.signal(signal.SIGALRM, signal.SIG_IGN),
    "warnings off": lambda: warnings.simplefilter("ignore"),
    "warnings as errors": lambda: warnings.simplefilter("error"),
    "warnings hidden": lambda: setattr(warnings, "showwarning", ignore),
    "folder": lambda: os.chdir("/"),
    "variable set": lambda: os.environ.update(COURSE_TRIED="1"),
    "variable gone": lambda: os.environ.pop("PATH", None),
    "stdout replaced": lambda: setattr(sys, "stdout", io.StringIO()),
    "stdout gone": lambda: setattr(sys, "stdout", None),
    "stdout closed": lambda: sys.stdout.close(),
    "stderr closed": lambda: sys.stderr.close(),
    "stdout closed by with": lambda: sys.stdout.__exit__(None, None, None),
    "stdout detached": lambda: sys.stdout.detach(),  # type: ignore[union-attr]
    "display hook": lambda: setattr(sys, "displayhook", ignore),
    "path": lambda: sys.path.clear(),
    "decimals": lambda: setattr(decimal.getcontext(), "prec", 2),
    "gc": gc.disable,
    "language": lambda: locale.setlocale(locale.LC_ALL, "POSIX" if locale.setlocale(locale.LC_ALL) == "C" else "C"),
    "digits": lambda: sys.set_int_max_str_digits(0),
}


def depth() -> int:
    frame, count = sys._getframe(), 0
    while frame.f_back is not None:
        frame, count = frame.f_back, count + 1
    return count


@pytest.mark.parametrize("ends", ["right", "wrong", "error"])
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_an_answer_sets_reaches_neither_the_verdict_nor_the_next_cell(
    change: Callable[[], Any], ends: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def careless(*arguments: Any) -> Any:
        result = right(*arguments)
        change()
        if ends == "error":
            raise ValueError("mine")
        return result if ends == "right" else arguments[1]

    before = asked()
    feedback = step.check(careless)
    assert asked() == before
    expected = {"right": Outcome.SOLVED, "wrong": Outcome.NOT_YET, "error": Outcome.ERROR}[ends]
    assert feedback.outcome is expected, str(feedback)
    assert "ValueError in your line" in feedback.text or ends != "error"
    print("seen")
    assert capsys.readouterr().out == "seen\n"


def test_what_an_answer_prints_is_seen(capsys: pytest.CaptureFixture[str]) -> None:
    def talks(values: Any) -> Any:
        print("here", file=sys.stderr)
        print(len(values))
        return abs(values[1:] - values[:-1]).mean()

    assert lesson_00.persistence_error.check(talks).solved
    told = capsys.readouterr()
    assert told.err.count("here") == told.out.count("\n") > 0


def test_a_folder_that_is_gone_stops_no_check(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    before = os.getcwd()

    def leaves(*arguments: Any) -> Any:
        os.chdir("/")
        return right(*arguments)

    try:
        os.chdir(gone)
        gone.rmdir()
        assert step.check(partial(right)).solved
        assert step.check(leaves).solved
    finally:
        os.chdir(before)


@pytest.fixture
def rings(request: pytest.FixtureRequest) -> Iterator[list[float]]:
    """When the alarm rang."""
    rang: list[float] = []
    before = signal.signal(signal.SIGALRM, lambda *_: rang.append(time.monotonic()))
    yield rang
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def slow(seconds: float, own_alarm: bool) -> Callable[..., Any]:
    def answer(*arguments: Any) -> Any:
        if own_alarm:
            signal.signal(signal.SIGALRM, ignore)
            signal.setitimer(signal.ITIMER_REAL, 0.01)
        time.sleep(seconds)
        return right(*arguments)

    return answer


@pytest.mark.repeat
@pytest.mark.parametrize("own_alarm", [False, True])
@pytest.mark.parametrize("seconds", [0.05, 30.0])
def test_an_alarm_set_around_a_check_rings_once_in_time_or_at_the_end_of_the_check(
    rings: list[float], seconds: float, own_alarm: bool
) -> None:
    signal.setitimer(signal.ITIMER_REAL, seconds)
    assert step.check(slow(0.02, own_alarm)).solved
    if seconds == 30.0:
        assert 0 < signal.getitimer(signal.ITIMER_REAL)[0] < 30
        assert not rings
    else:
        time.sleep(0.01)
        assert len(rings) == 1


@pytest.mark.repeat
def test_an_alarm_that_repeats_goes_on(rings: list[float]) -> None:
    signal.setitimer(signal.ITIMER_REAL, 0.02, 0.02)
    assert step.check(slow(0.01, own_alarm=True)).solved
    until = time.monotonic() + 10
    while len(rings) < 3 and time.monotonic() < until:
        time.sleep(0.01)
    assert len(rings) >= 3


def test_what_an_alarm_raises_is_not_taken_for_the_answer_s_error() -> None:
    def late(number: int, frame: Any) -> None:
        raise TimeoutError("time is up")

    before = signal.signal(signal.SIGALRM, late)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        with pytest.raises(TimeoutError, match="time is up"):
            step.check(slow(0.05, own_alarm=False))
    finally:
        signal.signal(signal.SIGALRM, before)
