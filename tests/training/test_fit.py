"""`fit` learns, stops when it should, and leaves a usable model and a true history whatever happens."""

from __future__ import annotations

import inspect
import math
import os
import random
import re
import signal
import subprocess
import sys
import threading
from collections import namedtuple
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

from course_utils import training
from course_utils.errors import CourseError
from course_utils.training import DivergedError, History, fit, gradient_norms, supervised, to_device

MSE = supervised(nn.MSELoss())
Batch = tuple[Tensor, Tensor]


def line(seed: int = 0) -> nn.Linear:
    torch.manual_seed(seed)
    return nn.Linear(3, 1)


def pairs(batches: int = 8, size: int = 16, noise: float = 0.0) -> list[Batch]:
    """Batches of y = x · (1, −2, 0.5) + 1."""
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(batches, size, 3, generator=generator)
    y = x @ torch.tensor([[1.0], [-2.0], [0.5]]) + 1 + noise * torch.randn(batches, size, 1, generator=generator)
    return list(zip(x, y, strict=True))


def weights(model: nn.Module) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in model.state_dict().items()}


def same(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


class FakeClock:
    """A clock that moves by a fixed time whenever it is read."""

    def __init__(self, tick: float) -> None:
        self.now, self.tick = 0.0, tick

    def __call__(self) -> float:
        self.now += self.tick
        return self.now


# --- it learns ---


def test_learns_a_line_far_below_the_constant_predictor() -> None:
    batches, model = pairs(), line()
    history = fit(model, batches, MSE, epochs=60, lr=0.03)
    x, y = (torch.cat(part) for part in zip(*batches, strict=True))
    assert functional.mse_loss(model(x), y) < 0.001 * y.var()
    assert history.steps == 480
    assert history.table["loss"].iloc[-1] < 0.001 < history.table["loss"].iloc[0]


def test_learns_with_a_recurrent_net_and_a_mask() -> None:
    """Which symbol came first? The padding after the sequence must not count."""
    torch.manual_seed(0)
    first = torch.randint(0, 2, (64,))
    x = torch.randn(64, 5, 2) * 0.1
    x[torch.arange(64), 0, first] += 1
    mask = torch.arange(5) < torch.randint(1, 6, (64, 1))  # (B, T)

    class Reader(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn, self.out = nn.GRU(2, 8, batch_first=True), nn.Linear(8, 2)

        def forward(self, x: Tensor) -> Tensor:
            return self.out(self.rnn(x)[0])  # type: ignore[no-any-return]

    def masked(model: Reader, batch: dict[str, Tensor]) -> Tensor:
        each = functional.cross_entropy(model(batch["x"]).transpose(1, 2), batch["y"], reduction="none")  # (B, T)
        return each[batch["mask"]].mean()

    batch = {"x": x, "y": first[:, None].expand(64, 5), "mask": mask}
    history = fit(Reader(), [batch], masked, steps=120, lr=0.02)
    assert history.table["loss"].iloc[-1] < 0.1 < math.log(2) - 0.05


def test_learns_with_ctc() -> None:
    torch.manual_seed(0)
    net = nn.Linear(4, 4)
    targets = torch.tensor([[1, 2], [3, 1]])
    x = functional.one_hot(targets.repeat_interleave(3, dim=1), 4).float()  # (B, 6, 4)
    lengths = torch.tensor([6, 6]), torch.tensor([2, 2])

    def ctc(model: nn.Module, batch: tuple[Tensor, Tensor, tuple[Tensor, Tensor]]) -> Tensor:
        x, y, (x_lengths, y_lengths) = batch
        return functional.ctc_loss(model(x).log_softmax(-1).transpose(0, 1), y, x_lengths, y_lengths)

    table = fit(net, [(x, targets, lengths)], ctc, steps=80, lr=0.1).table
    assert table["loss"].iloc[-1] < 0.2 < 1 < table["loss"].iloc[0]


@pytest.mark.parametrize("kind", ["list", "loader", "function", "generator function", "iterator"])
def test_every_source_of_batches_gives_the_same_training(kind: str) -> None:
    batches = pairs(batches=4)
    x, y = (torch.cat(part) for part in zip(*batches, strict=True))

    def generate() -> Iterator[Batch]:
        yield from batches

    sources: dict[str, Any] = {
        "list": batches,
        "loader": DataLoader(TensorDataset(x, y), batch_size=16),
        "function": lambda: batches,
        "generator function": generate,
        "iterator": iter(batches * 3),
    }
    expected, model = line(), line()
    fit(expected, batches, MSE, steps=12)
    history = fit(model, sources[kind], MSE, steps=12)
    assert same(weights(model), weights(expected))
    assert list(history.table["epoch"]) == ([1] * 12 if kind == "iterator" else [1] * 4 + [2] * 4 + [3] * 4)


def test_two_runs_with_one_seed_are_equal() -> None:
    def run() -> tuple[dict[str, Tensor], list[float]]:
        torch.manual_seed(3)
        model = nn.Sequential(nn.Linear(3, 8), nn.Dropout(0.5), nn.Linear(8, 1))
        x, y = pairs(1, 64)[0]
        history = fit(model, DataLoader(TensorDataset(x, y), 16, shuffle=True), MSE, epochs=3, clip_norm=1)
        return weights(model), list(history.table["loss"])

    (one, losses), (other, again) = run(), run()
    assert same(one, other)
    assert losses == again


def test_a_step_is_torch_s_step() -> None:
    ours, theirs, batches = line(), line(), pairs()
    fit(ours, batches, MSE, epochs=2, optimizer=torch.optim.SGD(ours.parameters(), lr=0.1, momentum=0.9))
    optimizer = torch.optim.SGD(theirs.parameters(), lr=0.1, momentum=0.9)
    for x, y in batches * 2:
        optimizer.zero_grad()
        functional.mse_loss(theirs(x), y).backward()
        optimizer.step()
    assert same(weights(ours), weights(theirs))


def test_the_scheduler_moves_on_after_every_step() -> None:
    model = line()
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    lr_schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.5)
    fit(model, pairs(), MSE, steps=3, lr_schedule=lr_schedule)
    assert optimizer.param_groups[0]["lr"] == 0.125


# --- how long ---


@given(
    steps=st.none() | st.integers(1, 12),
    epochs=st.none() | st.integers(1, 4),
    batches=st.integers(1, 5),
    eval_every=st.none() | st.integers(1, 4),
)
@settings(max_examples=40, deadline=None)
def test_makes_exactly_the_steps_asked_for(
    steps: int | None, epochs: int | None, batches: int, eval_every: int | None
) -> None:
    if steps is None and epochs is None:
        steps = 1
    bounds = [n for n in (steps, epochs * batches if epochs else None) if n]
    history = fit(
        line(), pairs(batches, 2), MSE, steps=steps, epochs=epochs, valid=lambda model: 1.0, eval_every=eval_every
    )
    table = history.table
    assert list(table["step"]) == list(range(1, min(bounds) + 1))
    assert list(table["epoch"]) == [1 + n // batches for n in range(min(bounds))]
    assert table["seconds"].is_monotonic_increasing
    assert not math.isnan(table["valid"].iloc[-1])
    if eval_every:
        scored = {n for n in table["step"] if n % eval_every == 0} | {min(bounds)}
        assert set(table["step"][table["valid"].notna()]) == scored


def test_an_endless_iterator_is_read_no_further_than_needed() -> None:
    taken = 0

    def endless() -> Iterator[Batch]:
        nonlocal taken
        while True:
            taken += 1
            yield pairs(1)[0]

    stream = endless()
    fit(line(), stream, MSE, steps=5)
    assert taken == 5
    fit(line(), stream, MSE, steps=2)  # a second call goes on where the first stopped
    assert taken == 7


def test_a_time_budget_ends_the_training(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "perf_counter", FakeClock(0.25))
    history = fit(line(), pairs(), MSE, seconds=3.0)
    assert history.stopped == "the time of 3 s was up"
    assert (history.table["seconds"].iloc[:-1] < 3.0).all()
    assert history.table["seconds"].iloc[-1] >= 3.0
    assert history.steps > 3


def test_a_time_budget_is_spread_over_twenty_validations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "perf_counter", FakeClock(0.001))
    history = fit(line(), iter(lambda: pairs(1)[0], None), MSE, seconds=1.0, valid=lambda model: 1.0)
    assert 15 <= history.table["valid"].notna().sum() <= 21


def test_at_least_one_step_is_made_however_short_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "perf_counter", FakeClock(100.0))
    history = fit(line(), pairs(), MSE, seconds=0.1, valid=pairs(1))
    assert history.steps == 1
    assert history.best is not None


def test_a_real_time_budget_ends() -> None:
    assert fit(line(), pairs(), MSE, seconds=0.05).stopped == "the time of 0.05 s was up"


# --- validation ---


def test_validates_after_each_epoch_and_within_long_ones_at_each_twentieth() -> None:
    short = fit(line(), pairs(10, 2), MSE, epochs=3, valid=pairs(1)).table
    assert list(short["step"][short["valid"].notna()]) == [10, 20, 30]
    long = fit(line(), iter(pairs(1) * 100), MSE, steps=100, valid=pairs(1)).table
    assert list(long["step"][long["valid"].notna()]) == list(range(5, 101, 5))
    every_epoch = fit(line(), pairs(4, 2), MSE, steps=100, valid=pairs(1)).table
    assert list(every_epoch["step"][every_epoch["valid"].notna()]) == list(range(4, 101, 4))


def test_validation_on_batches_is_the_mean_loss_in_eval_mode() -> None:
    model = nn.Sequential(nn.Linear(3, 1), nn.Dropout(0.9))
    held_out = pairs(3)
    history = fit(model, pairs(), MSE, epochs=1, valid=held_out)
    model.eval()
    expected = sum(functional.mse_loss(model(x), y).item() for x, y in held_out) / 3
    assert history.best is not None
    assert history.best.valid == pytest.approx(expected)
    assert history.valid_is_loss


@pytest.mark.parametrize("best_at", [1, 3, 6])
def test_the_best_weights_are_restored(best_at: int) -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 1))
    seen: list[dict[str, Tensor]] = []

    def score(model: nn.Module) -> float:
        seen.append(weights(model))
        return abs(len(seen) - best_at) + 1.0

    history = fit(model, pairs(), MSE, epochs=6, lr=0.05, valid=score)
    assert history.best == (best_at * 8, best_at, 1.0)
    assert same(weights(model), seen[best_at - 1])
    assert not same(seen[0], seen[-1])
    assert f"1 at step {best_at * 8}, whose weights the model has" in str(history)


def test_patience_counts_validations_in_a_row() -> None:
    scores = iter([5.0, 4.0, 4.5, 3.0, 3.0, 3.0, 2.0])
    history = fit(line(), pairs(2), MSE, epochs=50, valid=lambda model: next(scores), patience=2)
    assert history.best == (8, 4, 3.0)
    assert history.steps == 12
    assert history.stopped == "2 validations in a row without a better score"


def test_validation_changes_nothing_that_is_learned() -> None:
    def run(valid: Any) -> list[float]:
        torch.manual_seed(0)
        random.seed(0)
        np.random.seed(0)
        model = nn.Sequential(nn.Linear(3, 8), nn.Dropout(0.5), nn.Linear(8, 1))

        def noisy(model: nn.Module, batch: Batch) -> Tensor:
            return MSE(model, batch) * (1 + random.random() + np.random.rand())

        return list(fit(model, pairs(), noisy, epochs=2, valid=valid, eval_every=3 if valid else None).table["loss"])

    def greedy(model: nn.Module) -> float:
        return float(torch.rand(3).sum()) + random.random() + np.random.rand()

    assert run(None) == run(greedy) == run(DataLoader(pairs(2), shuffle=True, batch_size=None))


def test_an_infinite_validation_score_is_a_bad_one_and_no_error() -> None:
    scores = iter([math.inf, 2.0, math.inf])
    history = fit(line(), pairs(1), MSE, epochs=3, valid=lambda model: next(scores))
    assert history.best == (2, 2, 2.0)


# --- modes, gradients, devices ---


@pytest.mark.parametrize("training_mode", [True, False])
def test_modes_are_as_they_were_found(training_mode: bool) -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(), nn.Linear(4, 1)).train(training_mode)
    if training_mode:
        model[1].eval()  # frozen on purpose
    seen: list[list[bool]] = []

    def loss(model: nn.Module, batch: Batch) -> Tensor:
        seen.append([part.training for part in model.modules()])
        return MSE(model, batch)

    before = [part.training for part in model.modules()]
    fit(model, pairs(2), loss, epochs=1, valid=pairs(1))
    assert [part.training for part in model.modules()] == before
    assert seen[0] == seen[1] == ([True, True, False, True, True] if training_mode else [True] * 5)
    assert seen[2] == [False] * 5  # validation


def test_trains_under_no_grad_and_clears_the_gradients() -> None:
    model = line()
    before = weights(model)
    with torch.no_grad():
        fit(model, pairs(), MSE, steps=2)
        assert not torch.is_grad_enabled()
    assert not same(before, weights(model))
    assert all(p.grad is None for p in model.parameters())


def test_frozen_parameters_stay() -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 1))
    model[0].requires_grad_(False)
    frozen = weights(model[0])
    fit(model, pairs(), MSE, epochs=1)
    assert same(weights(model[0]), frozen)


def test_tensors_move_to_the_device_wherever_they_are() -> None:
    Point = namedtuple("Point", "x y")
    packed = nn.utils.rnn.pack_sequence([torch.ones(3, 1), torch.ones(2, 1)])
    batch = {"a": torch.ones(2), "b": [torch.ones(1), ("text", 3)], "c": Point(torch.ones(1), None), "d": packed}
    moved = to_device(batch, torch.device("meta"))
    assert moved["a"].is_meta
    assert moved["b"][0].is_meta
    assert moved["b"][1] == ("text", 3)
    assert isinstance(moved["c"], Point)
    assert moved["c"].x.is_meta
    assert moved["d"].data.is_meta


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_trains_on_a_gpu() -> None:
    model = line().cuda()
    history = fit(model, pairs(), MSE, epochs=30, lr=0.03, valid=pairs(2), clip_norm=1.0)
    assert history.best is not None
    assert history.best.valid < 0.5
    assert next(model.parameters()).is_cuda


# --- clipping and gradients ---


@pytest.mark.parametrize("how", ["norm", "value"])
def test_clipping_is_torch_s(how: str) -> None:
    ours, theirs, batches = line(), line(), pairs()
    limit = {"clip_norm": 0.1} if how == "norm" else {"clip_value": 0.1}
    history = fit(ours, batches, MSE, epochs=1, optimizer=torch.optim.SGD(ours.parameters(), lr=0.5), **limit)
    optimizer = torch.optim.SGD(theirs.parameters(), lr=0.5)
    norms = []
    for x, y in batches:
        optimizer.zero_grad()
        functional.mse_loss(theirs(x), y).backward()
        if how == "norm":
            norms.append(float(nn.utils.clip_grad_norm_(theirs.parameters(), 0.1)))
        else:
            nn.utils.clip_grad_value_(theirs.parameters(), 0.1)
        optimizer.step()
    assert same(weights(ours), weights(theirs))
    if how == "norm":
        assert list(history.table["gradient_norm"]) == pytest.approx(norms)
        assert min(norms) > 0.1  # it was clipped indeed
    else:
        assert "gradient_norm" not in history.table


@given(st.floats(0.01, 10.0), st.integers(0, 100))
@settings(max_examples=20, deadline=None)
def test_no_step_is_longer_than_the_clip(limit: float, seed: int) -> None:
    model = line(seed)
    before = torch.cat([p.detach().flatten().clone() for p in model.parameters()])
    fit(model, pairs(1), MSE, steps=1, clip_norm=limit, optimizer=torch.optim.SGD(model.parameters(), lr=1.0))
    after = torch.cat([p.detach().flatten() for p in model.parameters()])
    assert float((after - before).norm()) <= limit * 1.0001


def test_gradient_norms_are_recorded_before_clipping() -> None:
    model, batches = line(), pairs(1)
    functional.mse_loss(model(batches[0][0]), batches[0][1]).backward()
    each = [n for n in gradient_norms(model.parameters()) if n is not None]
    history = fit(model, batches, MSE, steps=1, record_gradients=True, clip_value=0.01)
    assert list(history.gradients.columns) == ["step", "weight", "bias"]
    assert history.gradients.iloc[0].tolist() == pytest.approx([1, *each])
    assert history.table["gradient_norm"][0] == pytest.approx(math.hypot(*each))


def test_a_parameter_without_a_gradient_has_none() -> None:
    model = nn.ModuleDict({"used": nn.Linear(3, 1), "idle": nn.Linear(3, 1, bias=False)})
    history = fit(model, pairs(1), lambda model, batch: MSE(model["used"], batch), steps=1, record_gradients=True)
    assert math.isnan(history.gradients["idle.weight"][0])
    assert history.table["gradient_norm"][0] > 0


def test_gradients_that_were_not_recorded_say_so() -> None:
    with pytest.raises(CourseError, match="record_gradients=True"):
        _ = fit(line(), pairs(1), MSE, steps=1).gradients


# --- what goes wrong on the way ---


def failing(at: int, action: Callable[[Tensor], Tensor]) -> Callable[[nn.Module, Batch], Tensor]:
    """A loss whose value at its `at`-th call is changed."""
    calls = 0

    def loss(model: nn.Module, batch: Batch) -> Tensor:
        nonlocal calls
        calls += 1
        return action(MSE(model, batch)) if calls == at else MSE(model, batch)

    return loss


@given(at=st.integers(1, 12), bad=st.sampled_from([math.nan, math.inf, -math.inf]))
@settings(max_examples=20, deadline=None)
def test_a_loss_that_is_no_number_puts_the_last_good_weights_back(at: int, bad: float) -> None:
    model, seen = line().eval(), []

    def watched(model: nn.Module, batch: Batch) -> Tensor:
        seen.append(weights(model))
        return loss(model, batch)

    loss = failing(at, lambda value: value * bad)
    with pytest.raises(DivergedError, match=rf"The loss became -?(nan|inf) at step {at} ") as caught:
        fit(model, pairs(), watched, epochs=3)
    assert caught.value.history.steps == at - 1
    assert caught.value.history.stopped.endswith(f"at step {at} (epoch {1 + (at - 1) // 8})")
    assert same(weights(model), seen[max(at - 2, 0)])  # with these the loss was finite (or it was never trained)
    assert not model.training
    assert all(p.grad is None for p in model.parameters())


def test_the_message_of_a_diverged_training_helps() -> None:
    model = line()
    with pytest.raises(DivergedError) as caught:
        fit(model, pairs(), MSE, steps=1000, optimizer=torch.optim.SGD(model.parameters(), lr=50.0))
    said = str(caught.value)
    for part in (
        r"The loss became (inf|nan) at step \d+ \(epoch \d+\)\.",
        r"The last good loss was [\d.e+]+, at step \d+\.",
        r"The last gradient had the norm [\d.e+]+\.",
        r"the last with which the loss was finite",
        r"a smaller learning rate \(now 50\), clip_norm=1, a look for log\(0\)",
    ):
        assert re.search(part, said), part
    assert "holds NaN or inf" not in said
    assert all(bool(p.isfinite().all()) for p in model.parameters())


@pytest.mark.parametrize("at", [1, 2])
def test_a_bad_batch_is_named_as_the_cause_and_spoils_no_buffer(at: int) -> None:
    batches = pairs(3)
    batches[at - 1][0][0, 0] = math.nan
    model = nn.Sequential(nn.BatchNorm1d(3), nn.Linear(3, 1))
    with pytest.raises(
        DivergedError, match=rf"at step {at} .* The batch itself holds NaN or inf: look at the data first"
    ):
        fit(model, batches, MSE, epochs=1)
    assert all(bool(value.isfinite().all()) for value in model.state_dict().values())


def test_a_diverged_training_with_validation_has_the_best_weights() -> None:
    model, seen = line(), []

    def score(model: nn.Module) -> float:
        seen.append(weights(model))
        return [3.0, 1.0, 2.0][len(seen) - 1]

    with pytest.raises(DivergedError, match=r"those of the best validation \(step 16\)") as caught:
        fit(model, pairs(), failing(30, lambda value: value * math.nan), epochs=9, valid=score)
    assert same(weights(model), seen[1])
    assert caught.value.history.best == (16, 2, 1.0)


@pytest.mark.parametrize("options", [{"clip_norm": 1.0}, {"record_gradients": True}])
def test_a_gradient_that_is_no_number_is_caught_before_the_step(options: dict[str, Any]) -> None:
    model = line()
    before = weights(model)
    with pytest.raises(DivergedError, match=r"The gradient's norm became nan at step 1"):
        fit(
            model, pairs(), lambda model, batch: (model.weight * 0).sum().sqrt() + MSE(model, batch), steps=3, **options
        )
    assert same(weights(model), before)


def test_a_last_step_that_leaves_nan_is_caught() -> None:
    model = line()
    before = weights(model)
    with pytest.raises(DivergedError, match="The update at step 1 left weights that are no numbers"):
        fit(model, pairs(), lambda model, batch: (model.weight * 0).sum().sqrt() + MSE(model, batch), steps=1)
    assert same(weights(model), before)


@pytest.mark.parametrize("bad", [math.nan, -math.inf])
def test_a_validation_score_that_is_no_number_is_caught(bad: float) -> None:
    with pytest.raises(DivergedError, match=r"The validation score became (nan|-inf) after step 8"):
        fit(line(), pairs(), MSE, epochs=1, valid=lambda model: bad)


def interrupt(value: Tensor) -> Tensor:
    raise KeyboardInterrupt


@given(at=st.integers(1, 20))
@settings(max_examples=12, deadline=None)
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
        return (model.weight * 0).sum().sqrt() + MSE(model, batch)  # type: ignore[operator]

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


def test_a_press_while_weights_are_copied_counts_afterwards() -> None:
    done: list[str] = []

    def copy() -> None:
        with training._uninterrupted():
            signal.raise_signal(signal.SIGINT)
            done.append("copied")

    with pytest.raises(KeyboardInterrupt):
        copy()
    assert done == ["copied"]
    with training._uninterrupted(then=False):
        signal.raise_signal(signal.SIGINT)


def test_trains_in_a_thread_too() -> None:
    found: list[History] = []
    thread = threading.Thread(target=lambda: found.append(fit(line(), pairs(), MSE, epochs=1, valid=pairs(1))))
    thread.start()
    thread.join()
    assert found[0].steps == 8


@pytest.mark.parametrize("kind", [OSError, ZeroDivisionError, CourseError])
def test_an_error_in_the_batches_passes_with_the_history(kind: type[Exception]) -> None:
    def broken() -> Iterator[Batch]:
        yield from pairs(3)
        raise kind("the disk is gone")

    model = line().eval()
    with pytest.raises(kind, match="the disk is gone") as caught:
        fit(model, broken, MSE, epochs=2, valid=pairs(1), eval_every=1)
    history: History = caught.value.history  # type: ignore[attr-defined]
    assert history.steps == 3
    assert history.stopped == f"an error after 3 steps: {kind.__name__}"
    assert not model.training
    assert history.best is not None


def test_batches_that_run_dry_say_so() -> None:
    with pytest.raises(CourseError, match=r"ran dry after 3 steps.*Give a list, a DataLoader, or a function"):
        fit(line(), iter(pairs(3)), MSE, steps=10)
    assert fit(line(), iter(pairs(3)), MSE, epochs=1, steps=10).steps == 3
    once = iter(pairs(3))
    with pytest.raises(CourseError, match="Epoch 2 gave no batch"):
        fit(line(), lambda: once, MSE, epochs=2)


# --- what cannot be meant ---

GOOD: dict[str, Any] = {"steps": 1}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({}, "Say how long to train"),
        ({"steps": 0}, "steps must be a whole number from 1; it is 0"),
        ({"steps": -3}, "steps must be a whole number"),
        ({"steps": 2.5}, "steps must be a whole number"),
        ({"epochs": True}, "epochs must be a whole number"),
        ({"seconds": 0}, "seconds must be a number greater than 0; it is 0"),
        ({"seconds": math.nan}, "seconds must be a number"),
        ({"seconds": math.inf}, "seconds must be a number"),
        ({"seconds": "10"}, "seconds must be a number greater than 0; it is '10'"),
        (GOOD | {"lr": -1}, "lr must be a number"),
        (GOOD | {"clip_norm": 0}, "clip_norm must be a number"),
        (GOOD | {"clip_norm": 1, "clip_value": 1}, "two ways to clip"),
        (GOOD | {"patience": 2}, "patience=2 needs something to validate with"),
        (GOOD | {"eval_every": 2}, "eval_every=2 needs something to validate with"),
        (GOOD | {"patience": 0, "valid": pairs(1)}, "patience must be a whole number"),
        (GOOD | {"valid": iter(pairs(1))}, "`valid` is an iterator"),
        (GOOD | {"valid": []}, "no batch to validate with"),
        (GOOD | {"valid": 3}, "`valid` is an int. Give a list of batches"),
        (GOOD | {"valid": lambda model: None}, "Validation must give one number; it gave None"),
        (GOOD | {"valid": lambda model: torch.ones(2)}, r"it gave a tensor of shape \(2,\)"),
        (GOOD | {"optimizer": torch.optim.Adam}, "`optimizer` is the class Adam itself"),
        (GOOD | {"optimizer": torch.optim.SGD(line(1).parameters(), lr=1)}, "Was the model made anew"),
        (GOOD | {"optimizer": torch.optim.LBFGS(line(1).parameters())}, "steps once per batch"),
        (GOOD | {"optimizer": torch.optim.SGD(line(1).parameters(), lr=1), "lr": 0.1}, "has a rate of its own"),
        (GOOD | {"lr_schedule": "cosine"}, "`lr_schedule` is a str"),
    ],
)
def test_options_that_cannot_be_meant(options: dict[str, Any], says: str) -> None:
    with pytest.raises(CourseError, match=says):
        fit(line(), pairs(), MSE, **options)


def test_a_scheduler_belongs_to_its_optimiser() -> None:
    model = line()
    one, other = (torch.optim.SGD(model.parameters(), lr=1) for _ in range(2))
    with pytest.raises(CourseError, match="moves another optimiser"):
        fit(model, pairs(), MSE, steps=1, optimizer=one, lr_schedule=torch.optim.lr_scheduler.StepLR(other, 1))
    plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(one)
    with pytest.raises(CourseError, match="needs no score"):
        fit(model, pairs(), MSE, steps=1, lr_schedule=plateau)


@pytest.mark.parametrize(
    ("old", "new", "value"),
    [
        ("optimiser", "optimizer", lambda model: torch.optim.SGD(model.parameters(), lr=0.1)),
        ("valid_every", "eval_every", lambda model: 2),
        (
            "scheduler",
            "lr_schedule",
            lambda model: torch.optim.lr_scheduler.ExponentialLR(torch.optim.SGD(model.parameters(), lr=0.1), 0.5),
        ),
    ],
)
def test_old_names_are_accepted_with_a_warning(old: str, new: str, value: Callable[[nn.Module], Any]) -> None:
    rest: dict[str, Any] = {"steps": 5, "valid": pairs(1)}
    ours, theirs = line(), line()
    with pytest.warns(FutureWarning, match=rf"fit\({old}=…\) is now written {new}=…") as seen:
        history = fit(ours, pairs(), MSE, **{old: value(ours)}, **rest)
    assert seen[0].filename == __file__
    same_history = fit(theirs, pairs(), MSE, **{new: value(theirs)}, **rest)
    assert history.table["valid"].tolist()[1::2] == same_history.table["valid"].tolist()[1::2]
    assert same(weights(ours), weights(theirs))
    with pytest.raises(CourseError, match=f"{old} is the old name of {new}"):
        fit(line(), pairs(), MSE, **{old: None, new: None}, **rest)


X, Y = pairs(1)[0]


@pytest.mark.parametrize(
    ("batches", "says"),
    [
        ([], "`batches` is empty"),
        (lambda: [], "the batches are empty"),
        (lambda: None, "returned None"),
        ((X, Y), "a tuple of 2: one batch, it seems"),
        (X, r"a tensor of shape \(16, 3\): one batch"),
        (X.numpy(), "one batch"),
        ({"x": X}, "one batch"),
        ("text", "a str"),
        (7, "`batches` is an int. Give a list of batches"),
        (None, "`batches` is None"),
        (TensorDataset(X, Y), r"Wrap it: DataLoader\(dataset, batch_size=32\)"),
        (nn.Linear(3, 1), "`batches` is a Linear"),
        (iter(pairs(2)), "Say steps=… or seconds=…"),
        ([X], r"pairs \(inputs, targets\); this one is a tensor"),
        ([(X, Y, Y)], "this one is a tuple of 3"),
        ([(X, Y[:, 0])], r"outputs have the shape \(16, 1\), the targets \(16,\)"),
        ([(X.numpy(), Y)], "torch.as_tensor"),
        ([(X.double(), Y)], r"The inputs are torch.float64, the model's weights torch.float32"),
    ],
)
def test_batches_that_cannot_be_meant(batches: Any, says: str) -> None:
    with pytest.raises(CourseError, match=says):
        fit(line(), batches, MSE, epochs=2)


@pytest.mark.parametrize(
    ("loss", "says"),
    [
        (nn.MSELoss(), r"write supervised\(nn.MSELoss\(\)\)"),
        (functional.cross_entropy, r"write supervised\(nn.functional.cross_entropy\)"),
        (functional.mse_loss, r"write supervised\(nn.functional.mse_loss\)"),
        ("mse", "must be a function"),
        (None, "must be a function"),
        (lambda model, batch: 0.5, "The loss returned a float, and fit needs a scalar tensor"),
        (lambda model, batch: None, "The loss returned None"),
        (lambda model, batch: model(batch[0]), r"The loss has the shape \(16, 1\)"),
        (lambda model, batch: model(batch[0]).mean().detach(), "does not depend on the model"),
        (lambda model, batch: torch.ones((), requires_grad=True) * 2, "none of them got a gradient"),
    ],
)
def test_losses_that_cannot_be_meant(loss: Any, says: str) -> None:
    with pytest.raises(CourseError, match=says):
        fit(line(), pairs(), loss, steps=1)


class Untrainable(nn.Module):
    pass


@pytest.mark.parametrize(
    ("model", "says"),
    [
        (Untrainable(), "no parameters to train"),
        (line().requires_grad_(False), "requires_grad is False"),
        (nn.LazyLinear(1), "run one batch through it first"),
        (nn.Linear, "the class Linear itself"),
        (lambda x: x, "needs a torch module to train"),
    ],
)
def test_models_that_cannot_be_trained(model: Any, says: str) -> None:
    with pytest.raises(CourseError, match=says):
        fit(model, pairs(), MSE, steps=1)


def test_a_model_that_returns_two_things_is_explained() -> None:
    with pytest.raises(CourseError, match=r"The model returned a tuple of 2.*their last state"):
        fit(nn.RNN(3, 1), pairs(), MSE, steps=1)


def test_a_state_carried_without_detach_is_explained() -> None:
    net, state = nn.RNNCell(3, 1), [torch.zeros(16, 1)]

    def carried(model: nn.RNNCell, batch: Batch) -> Tensor:
        state[0] = model(batch[0], state[0])
        return functional.mse_loss(state[0], batch[1])

    with pytest.raises(CourseError, match=r"state = state.detach\(\)"):
        fit(net, pairs(), carried, steps=3)


@given(
    st.dictionaries(
        st.sampled_from(
            [name for name in inspect.signature(fit).parameters if name not in ("model", "batches", "loss")]
        ),
        st.none() | st.integers(-2, 3) | st.floats() | st.text(max_size=3) | st.booleans() | st.lists(st.integers()),
    )
)
@settings(max_examples=80, deadline=None)
def test_nonsense_is_refused_in_words_or_trained_with(options: dict[str, Any]) -> None:
    options = options | {"seconds": options.get("seconds") and 0.001}  # keep it short
    said = "it trained for a step or more"
    try:
        fit(line(), pairs(2, 2), MSE, **options)
    except CourseError as error:
        said = str(error)
    assert len(said.split()) > 5


# --- the history ---


def test_the_history_as_text_and_html_tells_no_seconds() -> None:
    history = fit(line(), pairs(), MSE, epochs=2, valid=pairs(1))
    again = fit(line(), pairs(), MSE, epochs=2, valid=pairs(1))
    assert str(history) == str(again) == repr(history)
    assert history._repr_html_() == again._repr_html_()
    assert str(history).startswith("Trained: 16 steps, 2 epochs.\nLoss: ")
    assert str(history).endswith("Stopped: 2 epochs done.")
    assert history._repr_html_().count('<th scope="row"') == 4
    assert list(history.table.columns) == ["step", "epoch", "seconds", "loss", "valid"]
    assert history.seconds == history.table["seconds"].iloc[-1]


def test_an_empty_history_is_a_history() -> None:
    history = fit(line(), pairs(), failing(1, interrupt), epochs=1, valid=pairs(1), record_gradients=True)
    assert len(history.table) == len(history.gradients) == history.steps == history.seconds == 0
    assert history.best is None
    assert "not a single step" in str(history)
    assert "not a single step" in history._repr_html_()


# --- scripts, bars ---

SCRIPT = """
import torch
from torch import nn
from course_utils.training import fit, supervised
torch.manual_seed(0)
x = torch.randn(64, 2)
history = fit(nn.Linear(2, 1), [(x, x.sum(1, keepdim=True))], supervised(nn.MSELoss()), steps=300, lr=0.05)
print(history.table["loss"].iloc[-1] < 1e-3)
"""


def test_runs_in_a_plain_script_without_noise() -> None:
    done = subprocess.run([sys.executable, "-W", "error", "-c", SCRIPT], capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"
    assert done.stderr == ""


class Terminal:
    """A stdout that calls itself a terminal."""

    encoding = "utf-8"

    def __init__(self) -> None:
        self.text = ""

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> None:
        self.text += text

    def flush(self) -> None:
        pass


@pytest.mark.parametrize(
    ("options", "shows"),
    [
        ({"steps": 40}, r"of 40 step \["),
        ({"epochs": 5}, r"of 40 step \["),
        ({"seconds": 30.0, "steps": 40}, r"of 40 step"),
        ({"seconds": 30.0}, r"of 30 s"),
    ],
)
def test_a_bar_shows_what_is_left(monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], shows: str) -> None:
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    monkeypatch.setattr(training, "perf_counter", FakeClock(0.2))
    monkeypatch.setattr(sys, "stdout", terminal := Terminal())
    fit(line(), pairs(), MSE, valid=pairs(1), **options)
    assert re.search(shows, terminal.text)
    assert re.search(r"loss [\d.e-]+, best validation [\d.e-]+", terminal.text)


@pytest.mark.parametrize("how", ["TQDM_DISABLE", "progress=False", "no terminal"])
def test_a_bar_can_be_turned_off(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], how: str) -> None:
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    if how == "TQDM_DISABLE":
        monkeypatch.setenv("TQDM_DISABLE", "1")
    terminal = Terminal()
    if how != "no terminal":
        monkeypatch.setattr(sys, "stdout", terminal)
    fit(line(), pairs(), MSE, epochs=5, progress=how != "progress=False")
    written = capsys.readouterr()
    assert terminal.text == written.out == written.err == ""


def test_importing_the_package_imports_no_training() -> None:
    code = "import sys, course_utils; print(any(m in sys.modules for m in ('torch', 'tqdm', 'course_utils.training')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
