"""`fit` learns as a loop written by hand in torch does, with every kind of network."""

from __future__ import annotations

import math
import subprocess
import sys
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

from course_utils.display.source import Source
from course_utils.training import fit, schedules
from course_utils.training import loop as loop_module
from course_utils.training.loop import loop, step
from tests.strategies import examples
from tests.training.lines import MSE, FakeClock, line, pairs, same, weights


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
            outputs: Tensor = self.out(self.rnn(x)[0])
            return outputs

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


def test_the_clock_begins_after_the_slow_imports(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock(tick=0.1)
    monkeypatch.setattr(schedules, "perf_counter", clock)
    monkeypatch.setattr(loop_module, "prepare_optimizers", lambda: setattr(clock, "now", clock.now + 100))
    history = fit(line(), pairs(), MSE, seconds=5)
    assert clock.now > 100
    assert history.steps > 5
    assert history.seconds < 6


def test_a_step_is_torch_s_step() -> None:
    ours, theirs, batches = line(), line(), pairs()
    fit(ours, batches, MSE, epochs=2, optimizer=torch.optim.SGD(ours.parameters(), lr=0.1, momentum=0.9))
    optimizer = torch.optim.SGD(theirs.parameters(), lr=0.1, momentum=0.9)
    for x, y in batches * 2:
        optimizer.zero_grad()
        functional.mse_loss(theirs(x), y).backward()
        optimizer.step()
    assert same(weights(ours), weights(theirs))


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


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_trains_on_a_gpu() -> None:
    model = line().cuda()
    history = fit(model, pairs(), MSE, epochs=30, lr=0.03, valid=pairs(2), clip_norm=1.0)
    assert history.best is not None
    assert history.best.valid < 0.5
    assert next(model.parameters()).is_cuda


@pytest.mark.parametrize("how", ["norm", "value"])
def test_clipping_is_torch_s(how: str) -> None:
    ours, theirs, batches = line(), line(), pairs()
    limit: dict[str, Any] = {"clip_norm": 0.1} if how == "norm" else {"clip_value": 0.1}
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
@examples(20)
def test_no_step_is_longer_than_the_clip(limit: float, seed: int) -> None:
    model = line(seed)
    before = torch.cat([p.detach().flatten().clone() for p in model.parameters()])
    fit(model, pairs(1), MSE, steps=1, clip_norm=limit, optimizer=torch.optim.SGD(model.parameters(), lr=1.0))
    after = torch.cat([p.detach().flatten() for p in model.parameters()])
    assert float((after - before).norm()) <= limit * 1.0001


def test_importing_the_package_imports_no_training() -> None:
    code = "import sys, course_utils; print(any(m in sys.modules for m in ('torch', 'tqdm', 'course_utils.training')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_the_loop_can_be_shown_on_one_screen() -> None:
    shown = str(Source(loop, step))
    assert "run.backward(loss)" in shown
    assert len(shown.splitlines()) <= 30
