"""The loop that ends at a criterion: at which look it ends, what it has spent, and a run that diverges."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from course_utils.experiments.framework.train_until import Look, Outcome, in_a_row, judged_on, train_until
from course_utils.experiments.tasks.flagged_latch import FlaggedLatch
from course_utils.nn.sequence_model import SequenceModel
from tests.experiments.answering import Knows, diverges, says
from tests.strategies import examples

LOOP = "course_utils.experiments.framework.train_until."


def nothing() -> Iterator[Any]:
    while True:
        yield None


def counted(solved_at: float, most_steps: int, judge: Callable[[nn.Module], float] | None = None) -> Outcome:
    """A run whose score is the number of the look, 0 before the training; solved from one look on."""
    looks: list[int] = []

    def number(model: nn.Module) -> float:
        looks.append(1)
        return float(len(looks))

    return train_until(
        lambda score: score >= solved_at,
        nn.Linear(1, 1),
        nothing(),
        lambda model, batch: torch.tensor(0.0),
        judge or number,
        lr=0.1,
        most_steps=most_steps,
        untrained=0.0,
    )


@examples(40)
@given(look=st.integers(1, 6), most_steps=st.integers(1, 310))
def test_a_run_ends_at_the_look_that_meets_the_criterion_or_with_the_budget(look: int, most_steps: int) -> None:
    trained: list[int] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LOOP + "fit", lambda *_, steps, **__: trained.append(steps))
        found = counted(look, most_steps)
    looks = min(look, -(-most_steps // 50))
    assert found.score == looks == len(trained) == len(found.looks)
    assert found.steps == sum(trained) == min(50 * looks, most_steps)
    assert found.solved == (looks == look)
    assert not found.diverged
    assert [one.steps for one in found.looks] == [min(50 * (k + 1), most_steps) for k in range(looks)]
    assert found.looks[-1] == Look(found.steps, found.score, found.seconds)


def test_a_criterion_that_the_untrained_network_meets_is_still_trained_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LOOP + "fit", lambda *_, **__: None)
    found = counted(-1.0, 100)
    assert (found.solved, found.steps) == (True, 50)


def test_a_run_that_diverges_has_spent_its_budget_and_not_met_the_criterion(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LOOP + "fit", diverges)
    assert counted(0.0, 730) == Outcome(False, 730, 0.0, 0.0, True, ())


@pytest.mark.parametrize("lost", [math.inf, -math.inf, math.nan])
def test_a_score_that_is_no_number_ends_a_run_in_vain_with_the_last_one_that_was(
    monkeypatch: pytest.MonkeyPatch, lost: float
) -> None:
    ticks, scores = iter(range(1000)), iter([0.2, 0.1, lost])
    monkeypatch.setattr(LOOP + "fit", lambda *_, **__: None)
    monkeypatch.setattr(LOOP + "time", SimpleNamespace(process_time=lambda: float(next(ticks))))  # a part: one second
    found = counted(0.9, 150, lambda model: next(scores))
    assert (found.solved, found.steps, found.score, found.diverged) == (False, 150, 0.1, True)
    assert found.seconds == 3  # two parts took a second each: three would have taken three
    assert [look.score for look in found.looks] == [0.2, 0.1]


def test_a_look_judges_without_gradients_and_its_time_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter(range(1000))
    clock = SimpleNamespace(process_time=lambda: float(next(ticks)))
    monkeypatch.setattr(LOOP + "fit", lambda *_, **__: None)
    monkeypatch.setattr(LOOP + "time", clock)

    def slow(model: nn.Module) -> float:
        assert not torch.is_grad_enabled()
        clock.process_time()
        return 0.0

    assert counted(1.0, 100, slow).seconds == 2


def test_a_network_is_judged_on_the_batch_that_was_given() -> None:
    task = FlaggedLatch(3, 5)
    batch = task.held_out(40, 0)
    right = Knows(task.answer, 4)
    assert judged_on(task, batch)(right) == 1
    assert torch.equal(right.seen[0], batch.x)
    assert judged_on(task, batch)(says(0, 4)) == pytest.approx(float((batch.y == 0).double().mean()))


@pytest.mark.parametrize(
    ("scores", "times", "met"),
    [
        ([1, 1, 1], 3, [False, False, True]),
        ([1, 1, 0, 1, 1, 1, 1], 3, [False] * 5 + [True] * 2),
        ([0, 1], 1, [False, True]),
        ([1, 0, 1, 0, 1], 2, [False] * 5),
    ],
)
def test_a_criterion_in_a_row_begins_again_after_each_look_that_does_not_meet_it(
    scores: list[float], times: int, met: list[bool]
) -> None:
    kept = in_a_row(lambda score: score == 1, times)
    assert [kept(score) for score in scores] == met
    other = in_a_row(lambda score: score == 1, times)  # each training counts for itself
    assert other(scores[0]) == met[0]


def test_a_training_in_two_parts_ends_where_one_in_a_single_part_does() -> None:
    """The optimiser and the batches are those of the first part."""
    task = FlaggedLatch(2, 4)
    ended = []
    for parts in ([90], [30, 60]):
        torch.manual_seed(0)
        model = SequenceModel("rnn", task.input_size, 6, task.output_size)
        optimizer, batches = torch.optim.Adam(model.parameters(), lr=0.01), task.batches(8, 0)
        for steps in parts:
            train_until(
                lambda score: False,
                model,
                batches,
                task.objective,
                judged_on(task, task.held_out(10, 0)),
                lr=9.0,  # not used: the optimiser has its own
                most_steps=steps,
                every=30,
                untrained=0.0,
                optimizer=optimizer,
            )
        ended.append(torch.cat([p.detach().flatten() for p in model.parameters()]))
    assert torch.equal(*ended)
