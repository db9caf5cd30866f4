"""The two latches of lesson 09: each pair of test and lags is trained on itself, and judged where its row says."""

from __future__ import annotations

from itertools import islice
from typing import Any

import pytest
import torch

from course_utils.errors import CourseError
from course_utils.experiments.framework.registry import experiment
from course_utils.experiments.long_memory import separate_latch_by_lag as latches
from course_utils.experiments.tasks.flagged_latch import FlaggedLatch
from course_utils.experiments.tasks.separate_latch import SeparateLatch
from tests.experiments.small_runs import small_rows


def test_a_network_is_trained_on_the_latch_and_lags_that_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[torch.Tensor] = []

    def fit(model: Any, draws: Any, objective: Any, *, steps: int, **_: Any) -> None:
        seen.extend(batch.x for batch in islice(draws, steps))

    monkeypatch.setattr(latches, "fit", fit)
    latches.latch_rnn("flagged", (5, 9), 0, steps=20)
    lags = torch.cat([x.shape[1] - 1 - x[..., -1].argmax(1) for x in seen])
    assert set(lags.tolist()) == {5, 6, 7, 8, 9}
    seen.clear()
    latches.latch_rnn("easy", (2, 4), 0, steps=20)
    first = torch.cat([x[..., :4].sum(-1).argmax(1) for x in seen])
    assert {4 - int(at) for at in first} == {2, 3, 4}


def test_the_first_test_of_the_lesson_is_one_of_the_pairs() -> None:
    one = latches.counting_rnn(1, steps=3)
    same = latches.latch_rnn("easy", (1, 50), 1, steps=3)
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), same.parameters(), strict=True))


def test_each_pair_has_a_row_for_its_own_lags_and_for_each_that_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    judged: list[Any] = []

    def share_right(model: Any, task: Any, count: int, seed: int) -> float:
        judged.append((type(task), task.shortest_lag, task.longest_lag))
        return 0.5

    monkeypatch.setattr(latches, "share_right", share_right)
    monkeypatch.setattr(latches, "latch_rnn", lambda *_: None)
    rows = latches.measure_pairs(0, pairs=[("easy", 1, 50), ("flagged", 50, 100)], steps=1, lags=[1000], judged=4)
    assert [(row["latch"], row["trained_with"], row["lag"]) for row in rows] == [
        ("easy", "1 to 50", 0),
        ("easy", "1 to 50", 1000),
        ("flagged", "50 to 100", 0),
        ("flagged", "50 to 100", 1000),
    ]
    assert judged == [
        (SeparateLatch, 1, 50),
        (SeparateLatch, 1000, 1049),
        (FlaggedLatch, 50, 100),
        (FlaggedLatch, 1000, 1049),
    ]


def test_another_latch_is_refused() -> None:
    with pytest.raises(CourseError, match="easy"):
        latches.latch_rnn("hard", (1, 2), 0)


def test_the_near_flag_has_the_recipe_of_the_two_latches_and_shorter_lags() -> None:
    near, both = experiment("flag_near").settings, experiment("two_latches").settings
    assert near["steps"] == both["steps"]
    assert all(latch == "flagged" and longest < 50 for latch, _, longest in near["pairs"])
    assert list(small_rows("flag_near")["lag"][:2]) == [0, 5]
