"""A hidden Markov model that is told 10,000 steps."""

from __future__ import annotations

import pytest

from course_utils.errors import CourseError
from course_utils.experiments.framework.registry import experiment
from course_utils.experiments.long_memory import hidden_markov
from tests.experiments.small_runs import small_rows


def test_it_leaves_its_state_once_in_ten_times_what_it_is_told() -> None:
    assert hidden_markov.staying(hidden_markov.TOLD_LONGEST, 101) == pytest.approx(1 - 1 / 100_000)
    assert hidden_markov.staying("sticky", 10_000) == hidden_markov.staying(hidden_markov.TOLD_LONGEST, 101)
    with pytest.raises(CourseError, match="sticky, told 10,000"):
        hidden_markov.staying("sticky, told 100", 101)


def test_what_it_is_told_is_all_that_differs() -> None:
    mine, other = experiment("hidden_markov_told").settings, experiment("hidden_markov").settings
    same = {"sequences", "test_sequences", "fitting"}
    assert {key: mine[key] for key in same} == {key: other[key] for key in same}
    assert {entry["protocol"] for entry in mine["plan"]} == {"one model"}
    for task, lags in mine["tested"].items():
        assert set(lags) <= set(other["tested"][task])
        assert mine["trained"][task] == other["trained"][task]
    found = small_rows("hidden_markov_told", seeds=1)
    assert set(found["start"]) == {hidden_markov.TOLD_LONGEST}
    assert set(found["states"]) == {4, 8, 16}
    assert (found["probability"] <= found["ceiling"] + 1e-9).all()
