"""The task of lesson 06 with an LSTM: all networks are looked at after the same steps, with the recipe of lesson 06."""

from __future__ import annotations

import pytest

from course_utils.experiments.framework.registry import experiment
from course_utils.experiments.gates import lstm_where_rnn_failed
from tests.experiments.small_runs import small_rows, small_settings

NAMES = [one.name for one in lstm_where_rnn_failed.EXPERIMENTS]


@pytest.mark.parametrize("name", NAMES)
def test_all_networks_are_looked_at_after_the_same_steps(name: str) -> None:
    found, settings = small_rows(name), small_settings(name)
    steps = list(range(settings["every"], settings["steps"] + 1, settings["every"]))
    assert set(found["network"]) == set(settings.get("networks", lstm_where_rnn_failed.COMPARED))
    for _, rows in found.groupby(["seed", "network"]):
        assert list(rows["step"]) == steps


@pytest.mark.parametrize("name", NAMES)
def test_the_recipe_is_that_of_lesson_06(name: str) -> None:
    recipe = experiment(name).settings
    assert (recipe["seq_len"], recipe["hidden_size"], recipe["steps"], recipe["lr"]) == (50, 32, 1500, 0.003)


def test_the_networks_that_are_not_told_the_gap_begin_elsewhere() -> None:
    told = experiment(NAMES[1]).described()
    assert "chrono 500" in str(told)
    assert "told 50 steps" not in str(told)
