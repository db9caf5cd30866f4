"""Classic numbers again: what is run, and that a run ends when its task is solved."""

from __future__ import annotations

from typing import Any

import pytest

from course_utils.experiments.comparison import kept
from course_utils.experiments.framework.registry import experiment
from course_utils.experiments.study import classic_numbers
from course_utils.experiments.study.classic_numbers import BATCH, LOOKS, TASKS, UNITS, choice
from course_utils.experiments.tasks.two_sequences import TwoSequences
from tests.experiments.small_runs import rows_of_seed


def test_a_short_task_is_solved_and_a_run_without_time_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classic_numbers, "TASKS", {"two sequences": TwoSequences(4)})
    how: dict[str, Any] = {"tasks": ["two sequences"], "judged": 200}
    done = classic_numbers.measure(0, **how, most_steps=400)
    left = classic_numbers.measure(0, **how, most_steps=1)
    assert [row["solved"] for row in done] == [1, 1]
    assert all(row["accuracy"] >= 0.99 for row in done)
    assert all(row["sequences"] % (BATCH * LOOKS) == 0 for row in done)
    assert {row["sequences"] for row in left} == {BATCH}


def test_starts_and_rates_are_those_that_were_searched_for() -> None:
    for task in TASKS:
        for network in UNITS:
            start, lr = choice(task, network)
            assert kept.CHOSEN[classic_numbers.SEARCHED[task]][network] == (start.label, lr)


@pytest.mark.parametrize("name", ["classic_sequences", "classic_adding"])
def test_the_small_run_has_its_columns(name: str) -> None:
    rows = rows_of_seed(name, experiment(name).seeds[0])
    assert {"solved", "seed"} <= set(rows)
    assert set(rows["solved"]) <= {0, 1}
    assert "Adam" in str(experiment(name).described())
