"""A training lasts as long as its budget, and the learning rate moves with it."""

from __future__ import annotations

import itertools
import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_utils.training import Budget, WarmupCosine, WarmupStableDecay, fit, schedules
from tests.strategies import examples
from tests.training.lines import MSE, FakeClock, line, pairs


def test_the_scheduler_moves_on_after_every_step() -> None:
    model = line()
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    lr_schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.5)
    fit(model, pairs(), MSE, steps=3, lr_schedule=lr_schedule)
    assert optimizer.param_groups[0]["lr"] == 0.125


@given(
    steps=st.none() | st.integers(1, 12),
    epochs=st.none() | st.integers(1, 4),
    batches=st.integers(1, 5),
    eval_every=st.none() | st.integers(1, 4),
)
@examples(40)
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


def test_a_time_budget_ends_the_training(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedules, "perf_counter", FakeClock(0.25))
    history = fit(line(), pairs(), MSE, seconds=3.0)
    assert history.stopped == "the time of 3 s was up"
    assert (history.table["seconds"].iloc[:-1] < 3.0).all()
    assert history.table["seconds"].iloc[-1] >= 3.0
    assert history.steps > 3


def test_a_training_of_steps_that_its_limit_cuts_short_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedules, "perf_counter", FakeClock(0.25))
    history = fit(line(), pairs(), MSE, steps=1_000, seconds=3.0)
    assert history.goal == 1_000
    assert history.cut_short
    assert history.stopped == f"cut short: the limit of 3 s was reached after {history.steps} of 1,000 steps"
    assert not fit(line(), pairs(), MSE, steps=2, seconds=3000.0).cut_short
    assert not fit(line(), pairs(), MSE, epochs=100, seconds=3.0).cut_short  # seconds were the goal as well


def test_a_time_budget_is_spread_over_twenty_validations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedules, "perf_counter", FakeClock(0.001))
    history = fit(line(), iter(lambda: pairs(1)[0], None), MSE, seconds=1.0, valid=lambda model: 1.0)
    assert 15 <= history.table["valid"].notna().sum() <= 21


def test_at_least_one_step_is_made_however_short_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedules, "perf_counter", FakeClock(100.0))
    history = fit(line(), pairs(), MSE, seconds=0.1, valid=pairs(1))
    assert history.steps == 1
    assert history.best is not None


def test_a_real_time_budget_ends() -> None:
    assert fit(line(), pairs(), MSE, seconds=0.05).stopped == "the time of 0.05 s was up"


# --- the learning rate ---


def test_a_cosine_rises_and_falls_to_nothing() -> None:
    course = WarmupCosine(Budget(steps=1000), warmup=50)
    rates = [course.rate(step) for step in range(1001)]
    assert max(rates) == pytest.approx(rates[50], rel=0.03)
    assert rates[0] < 0.03
    assert rates[1000] == pytest.approx(0, abs=1e-9)
    assert all(a >= b for a, b in itertools.pairwise(rates[50:]))


def test_a_level_rate_falls_to_nearly_nothing() -> None:
    course = WarmupStableDecay(Budget(steps=1000), warmup=30)
    rates = [course.rate(step) for step in range(1001)]
    assert rates[0] < 0.05
    assert max(rates) == rates[100] == 1
    assert rates[1000] == pytest.approx(0.01)
    assert all(a >= b for a, b in itertools.pairwise(rates[100:]))


def test_a_cosine_without_a_rise_is_torch_s() -> None:
    ours, theirs = (torch.optim.SGD(line().parameters(), lr=0.1) for _ in range(2))
    course = WarmupCosine(Budget(steps=40)).of(ours)
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(theirs, 40)
    for _ in range(40):
        assert ours.param_groups[0]["lr"] == pytest.approx(theirs.param_groups[0]["lr"])
        for optimizer, schedule in ((ours, course), (theirs, cosine)):
            optimizer.step()
            schedule.step()


@given(
    steps=st.none() | st.integers(1, 50),
    epochs=st.none() | st.integers(1, 5),
    seconds=st.none() | st.floats(0.1, 100),
    per_epoch=st.none() | st.integers(1, 20),
)
def test_a_budget_is_spent_by_what_ends_first(
    steps: int | None, epochs: int | None, seconds: float | None, per_epoch: int | None
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schedules, "perf_counter", FakeClock(0.0))
        budget = Budget(steps, epochs, seconds, per_epoch=per_epoch)
        ends = [steps or math.inf, epochs * per_epoch if epochs and per_epoch else math.inf]
        for step in range(60):
            assert budget.spent(step) == min(step / min(ends), 1)
            assert (budget.over(step, 0.0) is not None) == (steps is not None and step >= steps)
        assert (budget.over(0, 50.0) is not None) == (seconds is not None and seconds <= 50)
        patch.setattr(schedules, "perf_counter", lambda: 50.0)
        assert budget.spent(0) == (min(50 / seconds, 1) if seconds and not steps else 0)  # else only a limit
