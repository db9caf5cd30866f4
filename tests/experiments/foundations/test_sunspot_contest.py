"""The contest on sunspots, with its differences year by year."""

from __future__ import annotations

import numpy as np
import pytest

from course_utils.experiments.foundations import sunspot_contest
from tests.experiments.small_runs import small_rows


def test_the_linear_rule_is_compared_with_itself_as_equal() -> None:
    rows = small_rows("sunspot_contest", seeds=1).set_index("network")
    assert rows.loc["linear", "difference"] == rows.loc["linear", "half"] == 0
    assert rows.loc["RNN", "difference"] == pytest.approx(rows.loc["RNN", "error"] - rows.loc["linear", "error"])
    assert rows.loc["RNN", "half"] > 0


def test_steep_years_are_chosen_by_what_came_or_by_the_forecast() -> None:
    values = np.array([0.0, 50, 0, 0, 10])
    forecast = np.array([np.nan, 10, 0, 30, 0])
    years = np.array([False, True, True, True, True])
    found = sunspot_contest.steep_years(forecast, values, years)
    assert found["came_up_years"] == found["came_down_years"] == 1
    assert (found["came_up"], found["came_down"]) == (-40, 0)
    assert (found["said_up_years"], found["said_up"]) == (1, 30)
    assert (found["said_down_years"], found["said_down"]) == (1, 0)
    assert found["off"] == pytest.approx((-40 + 0 + 30 - 10) / 4)


def test_the_order_of_the_linear_rule_is_chosen_on_the_years_to_choose() -> None:
    rng = np.random.default_rng(0)
    values = np.array([1.0, 0.5])
    while len(values) < 90:  # of the last two values
        values = np.append(values, 1.2 * values[-1] - 0.8 * values[-2] + 0.3 + 1e-3 * rng.standard_normal())
    years = np.arange(90)
    assert sunspot_contest.best_order(values, years < 50, (years >= 50) & (years < 70)) >= 2
