"""GRU and LSTM are compared at equal parameters."""

from __future__ import annotations

import pytest

from course_utils.experiments.framework.registry import experiment
from course_utils.experiments.gates import gru_and_lstm_by_lag
from course_utils.experiments.long_memory.starting_points import SOLVED
from course_utils.experiments.tasks.adding import Adding
from tests.experiments.small_runs import small_rows


def test_lengths_are_compared_at_equal_parameters_and_solved_means_below_the_limit() -> None:
    found = small_rows("lengths", seeds=1)
    assert (found["solved"] == (found["error"] < SOLVED)).all()
    assert set(found["network"]) == set(gru_and_lstm_by_lag.NETWORKS)
    reported = experiment("lengths").settings["parameters"]
    for network in gru_and_lstm_by_lag.NETWORKS:
        model = gru_and_lstm_by_lag.begun(network, Adding(50), reported, 0)
        assert sum(p.numel() for p in model.parameters()) == pytest.approx(reported, rel=0.05)
