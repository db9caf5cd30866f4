"""The task of lesson 06 with an LSTM: the RNN stands beside it, and all are looked at after the same steps."""

from __future__ import annotations

from course_utils.experiments.framework.registry import experiment
from course_utils.experiments.gates import lstm_where_rnn_failed
from tests.experiments.small_runs import small_rows, small_settings


def test_all_networks_are_looked_at_after_the_same_steps() -> None:
    found, settings = small_rows("lstm_where_rnn_failed"), small_settings("lstm_where_rnn_failed")
    steps = list(range(settings["every"], settings["steps"] + 1, settings["every"]))
    assert set(found["network"]) == set(lstm_where_rnn_failed.NETWORKS)
    for _, rows in found.groupby(["seed", "network"]):
        assert list(rows["step"]) == steps


def test_the_recipe_is_that_of_lesson_06() -> None:
    recipe = experiment("lstm_where_rnn_failed").settings
    assert (recipe["seq_len"], recipe["hidden_size"], recipe["steps"], recipe["lr"]) == (50, 32, 1500, 0.003)
