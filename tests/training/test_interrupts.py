"""■ and Ctrl-C at any moment leave a usable model and a true history."""

from __future__ import annotations

import os
import signal
import sys
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional

from course_utils.training import History, fit, interrupts
from tests.strategies import examples
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
    with interrupts.uninterrupted(then=False):
        signal.raise_signal(signal.SIGINT)


def test_trains_in_a_thread_too() -> None:
    found: list[History] = []
    thread = threading.Thread(target=lambda: found.append(fit(line(), pairs(), MSE, epochs=1, valid=pairs(1))))
    thread.start()
    thread.join()
    assert found[0].steps == 8
