"""■ and Ctrl-C at any moment leave a usable kernel, a usable model and a true history."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from jupyter_client.manager import start_new_kernel
from torch import Tensor, nn
from torch.nn import functional

from course_utils import interrupts
from course_utils.errors import CourseError
from course_utils.interrupts import whole_imports
from course_utils.training import History, fit
from tests.strategies import LONG, examples
from tests.training.lines import MSE, Batch, failing, interrupt, line, pairs, same, weights

pytestmark = pytest.mark.repeat


@given(at=st.integers(1, 20))
@examples(12)
def test_an_interrupt_leaves_model_and_history(at: int) -> None:
    model = line().eval()
    history = fit(model, pairs(), failing(at, interrupt), epochs=5)
    assert history.interrupted
    assert history.steps == at - 1 == len(history.table)
    assert history.stopped == f"interrupted after {at - 1} step" + ("s" if at != 2 else "")
    assert not model.training
    assert "interrupted" in str(history)
    model(pairs(1)[0][0])


def test_an_interrupt_after_a_step_into_nan_leaves_numbers() -> None:
    model = line()
    before = weights(model)

    def loss(model: nn.Module, batch: Batch) -> Tensor:
        if not all(bool(p.isfinite().all()) for p in model.parameters()):
            raise KeyboardInterrupt
        return (model.weight * 0).sum().sqrt() + MSE(model, batch)  # type: ignore[operator, union-attr]

    assert fit(model, pairs(), loss, steps=3).interrupted
    assert same(weights(model), before)


def test_an_interrupt_with_validation_leaves_the_best_weights() -> None:
    model, seen = line(), []

    def score(model: nn.Module) -> float:
        seen.append(weights(model))
        if len(seen) == 4:
            raise KeyboardInterrupt
        return [3.0, 1.0, 2.0][len(seen) - 1]

    model.train()
    history = fit(model, pairs(), MSE, epochs=9, valid=score)
    assert history.interrupted
    assert history.best == (16, 2, 1.0)
    assert same(weights(model), seen[1])
    assert model.training


class Finalised:
    """An object in whose finaliser the stop button is pressed: Python drops that KeyboardInterrupt."""

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGINT)


@pytest.mark.usefixtures("stop_button")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_the_stop_button_counts_even_where_python_drops_it() -> None:
    made = 0

    def loss(model: nn.Module, batch: Batch) -> Tensor:
        nonlocal made
        made += 1
        if made == 5:
            Finalised()
        return MSE(model, batch)

    history = fit(line(), pairs(), loss, steps=50)
    assert history.interrupted
    assert history.steps == 5
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.usefixtures("stop_button")
@pytest.mark.skipif(sys.platform == "win32", reason="os.kill ends the process there")
def test_the_stop_button_works_in_the_middle_of_anything() -> None:
    """Real signals at real moments: the history and the model are whole each time."""
    for delay in (0.005, 0.01, 0.02, 0.03, 0.05):
        model = line()
        timer = threading.Timer(delay, os.kill, (os.getpid(), signal.SIGINT))

        def loss(model: nn.Module, batch: Batch, timer: threading.Timer = timer) -> Tensor:
            if not timer.ident:
                timer.start()
            return MSE(model, batch)

        history = fit(model, pairs(), loss, seconds=30, valid=pairs(1), eval_every=1)
        timer.join()
        assert history.interrupted
        assert history.best is None or history.best.valid == history.table["valid"].min()
        if history.best is not None:
            x, y = pairs(1)[0]
            assert functional.mse_loss(model(x), y).item() == pytest.approx(history.best.valid)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.usefixtures("stop_button")
def test_a_press_while_weights_are_copied_counts_afterwards() -> None:
    done: list[str] = []

    def copy() -> None:
        with interrupts.uninterrupted():
            signal.raise_signal(signal.SIGINT)
            done.append("copied")

    with pytest.raises(KeyboardInterrupt):
        copy()
    assert done == ["copied"]


class Pressing(nn.Linear):
    """A layer that presses ■ when its state is asked for: while `fit` prepares, and while it closes."""

    def state_dict(self, *args: Any, **kwargs: Any) -> Any:
        signal.raise_signal(signal.SIGINT)
        return super().state_dict(*args, **kwargs)

    def zero_grad(self, set_to_none: bool = True) -> None:
        signal.raise_signal(signal.SIGINT)
        super().zero_grad(set_to_none)


@pytest.mark.usefixtures("stop_button")
def test_a_press_before_the_first_step_gives_a_history_and_changes_no_weight() -> None:
    model = Pressing(3, 1)
    before = [p.detach().clone() for p in model.parameters()]
    history = fit(model, pairs(), MSE, steps=3)
    assert (history.interrupted, history.steps) == (True, 0)
    assert all(torch.equal(p, old) for p, old in zip(model.parameters(), before, strict=True))
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.usefixtures("stop_button")
def test_stopped_in_the_first_step_the_buffers_are_as_they_were_too() -> None:
    model = nn.Sequential(nn.BatchNorm1d(3), nn.Linear(3, 1))
    before = weights(model)

    def loss(model: nn.Module, batch: Batch) -> Tensor:
        value = MSE(model, batch)
        value.register_hook(lambda _: signal.raise_signal(signal.SIGINT))
        return value

    history = fit(model, pairs(), loss, steps=3)
    assert (history.interrupted, history.steps) == (True, 0)
    assert same(weights(model), before)


@pytest.mark.usefixtures("stop_button")
def test_pressed_again_and_again_it_returns_the_history_all_the_same() -> None:
    class Impatient(nn.Linear):
        def zero_grad(self, set_to_none: bool = True) -> None:
            if history_is_closing:
                signal.raise_signal(signal.SIGINT)
            super().zero_grad(set_to_none)

    history_is_closing: list[bool] = []

    def loss(model: nn.Module, batch: Batch) -> Tensor:
        history_is_closing.append(True)
        raise KeyboardInterrupt

    model = Impatient(3, 1)
    history = fit(model, pairs(), loss, steps=3, valid=pairs(1))
    assert history.interrupted
    assert history_is_closing


@pytest.mark.usefixtures("stop_button")
def test_a_press_in_a_training_inside_another_one_stops_both() -> None:
    inner: list[History] = []

    def score(model: nn.Module) -> float:
        def pressed(model: nn.Module, batch: Batch) -> Tensor:
            signal.raise_signal(signal.SIGINT)
            return MSE(model, batch)

        inner.append(fit(line(), pairs(), pressed, steps=5))
        return 1.0

    outer = fit(line(), pairs(), MSE, epochs=5, valid=score)
    assert (outer.interrupted, outer.steps) == (True, 8)
    assert [(history.interrupted, history.steps) for history in inner] == [(True, 0)]


def test_trains_in_a_thread_too() -> None:
    found: list[History] = []
    thread = threading.Thread(target=lambda: found.append(fit(line(), pairs(), MSE, epochs=1, valid=pairs(1))))
    thread.start()
    thread.join()
    assert found[0].steps == 8


# --- imports

FIRST_TRAINING = """
import os, signal, sys, time
import course_utils
from course_utils.interrupts import half_imported

class Press:  # the stop button, as a module of that name is looked for
    def find_spec(self, name, path=None, target=None):
        if name == sys.argv[1]:
            sys.meta_path.remove(self)
            os.kill(os.getpid(), signal.SIGINT)

def cells():
    course_utils.start("05_recurrent_networks")
    import torch, pandas
    torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    from course_utils.training import fit, supervised
    batches = [(torch.zeros(1, 2), torch.zeros(1, 1))]
    return fit(torch.nn.Linear(2, 1), batches, supervised(torch.nn.MSELoss()), steps=3)

signal.signal(signal.SIGINT, signal.default_int_handler)
sys.meta_path.insert(0, Press())
try:
    if not cells().interrupted:
        time.sleep(100)  # the press counts a moment after the import
        print("nothing was pressed")
except KeyboardInterrupt:
    pass
print(len(cells().table), half_imported())
"""
QUICK = ["torch.nn", "sympy.printing", "pandas.core.frame"]
MORE = ["numpy", "numpy.linalg", "torch", "torch._C", "torch.optim", "torch._dynamo", "torch._dynamo.convert_frame"]


@pytest.mark.skipif(sys.platform == "win32", reason="os.kill ends the process there")
@pytest.mark.parametrize("module", QUICK + [pytest.param(name, marks=pytest.mark.long) for name in MORE])
def test_stopped_in_an_import_the_same_cells_work_the_next_time(module: str) -> None:
    command = [sys.executable, "-c", FIRST_TRAINING, module]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    told = [text for text in done.stdout.splitlines() if not text.startswith("Lesson 05")]
    assert told == ["3 []"], done.stdout + done.stderr


CELL = """
import course_utils
course_utils.start("05_recurrent_networks")
import torch, pandas, matplotlib.pyplot
from course_utils.training import fit, supervised
model = torch.nn.Linear(2, 1)
batches = [(torch.zeros(1, 2), torch.zeros(1, 1))]
print("did", len(fit(model, batches, supervised(torch.nn.MSELoss()), seconds=0.5, valid=batches).table) > 0)
"""


def run_cell(client: Any, code: str, press: Any = None) -> str:
    """What a cell prints; `press` is called as soon as it was sent."""
    sent = client.execute(code)
    texts: list[str] = []
    if press is not None:
        press()
    while True:
        message = client.get_iopub_msg(timeout=120)
        content = message["content"]
        if message["parent_header"].get("msg_id") != sent:
            continue
        if message["msg_type"] == "status" and content["execution_state"] == "idle":
            return "".join(texts)
        texts.append(content.get("text", content.get("ename", "")))


@pytest.mark.parametrize("seed", range(100 if LONG else 2))
def test_a_kernel_that_was_stopped_at_any_moment_of_its_first_seconds_can_be_used(seed: int) -> None:
    manager, client = start_new_kernel()
    rng, presses = random.Random(seed), 1 + seed % 3

    def press() -> None:
        threading.Event().wait(rng.uniform(0, 4))
        for _ in range(presses):
            manager.interrupt_kernel()
            threading.Event().wait(0.05)

    try:
        first = run_cell(client, CELL, press)
        assert "did True" in run_cell(client, CELL), first
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


@pytest.mark.usefixtures("stop_button")
def test_a_file_of_one_s_own_can_be_stopped_while_it_is_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "endless_file.py").write_text("import signal\nwhile True:\n    signal.raise_signal(signal.SIGINT)\n")
    monkeypatch.syspath_prepend(tmp_path)
    interrupts.protect_imports()
    with pytest.raises(KeyboardInterrupt):
        __import__("endless_file")


@pytest.mark.usefixtures("stop_button")
@pytest.mark.parametrize("press", ["signal.raise_signal(signal.SIGINT)", "exec('signal.raise_signal(signal.SIGINT)')"])
def test_a_press_while_a_library_is_imported_counts_afterwards(
    press: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, name = tmp_path / "site-packages", f"slow_library_{len(press)}"
    folder.mkdir()
    (folder / f"{name}.py").write_text(f"import signal, time\n{press}\ntime.sleep(0.1)\n{press}\nwhole = True\n")
    monkeypatch.syspath_prepend(folder)
    interrupts.protect_imports()

    def cell() -> None:
        __import__(name)
        threading.Event().wait(60)

    with pytest.raises(KeyboardInterrupt):
        cell()
    assert sys.modules[name].whole


BEFORE_START = """
import os, signal, sys

class Press:
    def find_spec(self, name, path=None, target=None):
        if name == sys.argv[2]:
            sys.meta_path.remove(self)
            os.kill(os.getpid(), signal.SIGINT)

signal.signal(signal.SIGINT, signal.default_int_handler)
sys.meta_path.insert(0, Press())
try:
    __import__(sys.argv[1])
except KeyboardInterrupt:
    pass
import course_utils
try:
    course_utils.start("05_recurrent_networks")
except course_utils.CourseError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="os.kill ends the process there")
@pytest.mark.parametrize(
    ("library", "module"),
    [("torch", "torch.types"), pytest.param("torch._dynamo", "sympy.printing", marks=pytest.mark.long)],
)
def test_a_kernel_that_was_spoilt_before_start_is_told_to_restart(library: str, module: str) -> None:
    command = [sys.executable, "-c", BEFORE_START, library, module]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert re.match(rf"({library}|sympy) .*only half imported, because a cell was stopped \(■\)", done.stdout)
    assert "Restart the kernel" in done.stdout


def test_a_library_that_fails_since_it_was_half_imported_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interrupts, "half_imported", lambda: ["numpy"])
    with interrupts.whole_imports():
        pass  # a second import may succeed
    with pytest.raises(CourseError, match=r"numpy is only half .*\(ImportError: more than once\)"), whole_imports():
        raise ImportError("more than once")


def test_an_installation_that_is_broken_is_not_called_half_imported() -> None:
    with pytest.raises(RuntimeError, match="no such library"), interrupts.whole_imports():
        raise RuntimeError("no such library")


def test_in_a_notebook_a_cell_that_fails_for_a_half_imported_library_says_so() -> None:
    broken = "import sys, types, course_utils; sys.modules['sympy.core'] = types.ModuleType('sympy.core')"
    manager, client = start_new_kernel()
    try:
        run_cell(client, "import course_utils; course_utils.start('05_recurrent_networks')")
        assert "half imported" not in run_cell(client, "1 / 0")
        run_cell(client, broken)
        assert "sympy is only half imported" in run_cell(client, "1 / 0")
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
