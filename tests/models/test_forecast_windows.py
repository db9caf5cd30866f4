"""Windows: what was known never reaches into what came, and the unit of a series does not matter."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.models.forecast_windows import Plan, tail_of, usual_change, window_at, windows_of

COUNTED = np.arange(1.0, 31.0)


def test_a_window_ends_before_its_targets() -> None:
    plan = Plan(length=4, steps=3, season=2)
    found = windows_of([COUNTED], [(5, 7)], plan, 100)
    unit = found.unit[0]
    assert len(found) == 3
    assert found.last.tolist() == [5, 6, 7]
    assert found.known * unit == pytest.approx(np.tile([-3, -2, -1, 0], (3, 1)))
    assert found.came * unit == pytest.approx(np.tile([1, 2, 3], (3, 1)))


def test_what_comes_later_changes_no_window() -> None:
    """No window, and no scale, sees a value beyond the last origin."""
    plan = Plan(4, 3, 1)
    other = COUNTED.copy()
    other[12:] = -1e6
    whole, changed = (windows_of([values], [(5, 9)], plan, 100) for values in (COUNTED, other))
    assert np.array_equal(whole.known, changed.known)
    assert np.array_equal(whole.came, changed.came)


def test_before_the_first_value_stands_the_first_season() -> None:
    values = np.array([5.0, 6.0, 7.0, 8.0])
    assert window_at(values, 4, Plan(7, 1, 3)).tolist() == [[5, 6, 7, 5, 6, 7, 8][-7:]]
    assert window_at(values, 1, Plan(4, 1, 2)).tolist() == [[6, 5, 6, 5][-4:]]


def test_of_many_windows_so_many_are_taken_from_all_series() -> None:
    plan = Plan(4, 2, 1)
    series = [COUNTED, COUNTED + 100, COUNTED[:3]]
    found = windows_of(series, [(4, 28), (4, 28), (4, 1)], plan, 10)
    assert len(found) == 10
    assert (found.last < 50).sum() == 5
    assert len(windows_of(series, [(4, 3)] * 3, plan, 10)) == 0


@given(st.sampled_from([1e-12, 1e-3, 1.0, 1e12]), st.booleans())
def test_the_unit_does_not_matter(unit: float, log: bool) -> None:
    plan = Plan(6, 3, 2, log)
    values = 2 + np.sin(COUNTED)
    plain, other = (windows_of([part], [(4, 27)], plan, 100) for part in (values, unit * values))
    assert other.known == pytest.approx(plain.known, rel=1e-6, abs=1e-6)
    forecasts = np.zeros_like(plain.came)
    assert other.errors(forecasts, plan) == pytest.approx(plain.errors(forecasts, plan), rel=1e-6)
    assert plain.outer(plain.came, plan) == pytest.approx(
        np.stack([values[at : at + 3] for at in range(4, 28)]), rel=1e-9
    )


def test_a_constant_series_has_a_scale() -> None:
    assert usual_change(np.full(20, 1e12), Plan(6, 2, 1)) == 1.0
    assert usual_change(np.zeros(20), Plan(6, 2, 1)) == 1.0


@given(st.integers(10, 400), st.integers(1, 50), st.integers(1, 24))
def test_a_plan_leaves_windows_to_learn_from(size: int, horizon: int, season: int) -> None:
    if size < 2 * season:
        return
    plan = Plan.of([size], horizon, season)
    assert 1 <= plan.steps <= horizon
    assert plan.length >= plan.season
    tail = tail_of(size, plan)
    assert size - tail - plan.steps >= plan.first
    assert tail in (0, *range(plan.steps, size))
