"""Forecasts as matrices: each gives what it says on series where that can be told."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.models.forecast_bases import ridge_base, untrained_bases

SIZES = {
    "season": st.integers(1, 6),
    "seasons": st.integers(1, 5),
    "more": st.integers(0, 5),
    "steps": st.integers(1, 9),
}


@given(**SIZES)
def test_all_repeat_a_season_that_repeats_itself(season: int, seasons: int, more: int, steps: int) -> None:
    length = season * seasons + more
    rng = np.random.default_rng(season)
    whole = np.tile(rng.normal(size=season), 20)
    window, came = whole[:length] - whole[length - 1], whole[length : length + steps] - whole[length - 1]
    for name, matrix in untrained_bases(length, steps, season).items():
        assert matrix.shape == (steps, length)
        assert matrix @ window == pytest.approx(came, abs=1e-9), name


@given(**SIZES, origin=st.floats(-100, 100))
def test_the_origin_of_a_series_does_not_matter(
    season: int, seasons: int, more: int, steps: int, origin: float
) -> None:
    """Rows sum to 1, so that the forecast of u + c is that of u, plus c."""
    length = season * seasons + more
    for name, matrix in untrained_bases(length, steps, season).items():
        assert matrix.sum(axis=1) == pytest.approx(np.ones(steps)), name


@pytest.mark.parametrize("season", [1, 4])
def test_a_full_slope_goes_on_along_a_line(season: int) -> None:
    line = 0.5 * np.arange(40)
    for name, matrix in untrained_bases(30, 8, season).items():
        if "slope 1" in name:
            assert matrix @ line[:30] == pytest.approx(line[30:38]), name
        else:
            assert (matrix @ line[:30])[-1] < line[37], name


def test_the_first_is_the_seasonal_naive_one() -> None:
    name, matrix = next(iter(untrained_bases(6, 4, 3).items()))
    assert name == "seasonal naive"
    assert matrix @ np.arange(6.0) == pytest.approx([3, 4, 5, 3])
    assert next(iter(untrained_bases(6, 4, 1))) == "naive"


def test_a_ridge_regression_finds_a_linear_rule_and_shrinks_to_nothing() -> None:
    rng = np.random.default_rng(0)
    windows, rule = rng.normal(size=(200, 5)), rng.normal(size=(2, 5))
    targets = windows @ rule.T
    assert ridge_base(windows, targets, 1e-9) == pytest.approx(rule, abs=1e-6)
    assert ridge_base(windows, targets, 1e9) == pytest.approx(np.zeros((2, 5)), abs=1e-6)
    by_hand = np.linalg.solve(
        windows.T @ windows + 0.5 * np.trace(windows.T @ windows) / 5 * np.eye(5), windows.T @ targets
    )
    assert ridge_base(windows, targets, 0.5) == pytest.approx(by_hand.T)
    assert not ridge_base(np.zeros((4, 3)), np.zeros((4, 2)), 1.0).any()
