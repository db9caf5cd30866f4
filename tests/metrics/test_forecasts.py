"""Scores of forecasts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import mean_pinball_loss

from course_utils.errors import CourseError
from course_utils.metrics import coverage, mase, persistence_error, pinball_loss, seasonal_naive_error
from tests.strategies import between

NUMBERS = st.lists(between(-1e3, 1e3), min_size=1, max_size=20)


def test_persistence_error_by_hand() -> None:
    assert persistence_error(np.array([1.0, 3.0, 2.0, 2.0])) == pytest.approx(1.0)  # (2 + 1 + 0) / 3


def test_mase_by_hand() -> None:
    training = [0, 1, 2, 5, 4, 6]  # a season ago: off by 2, 4, 2, 1
    assert mase([10, 12], [11, 9], training, 2) == pytest.approx(2 / 2.25)
    assert mase([10, 12], [11, 9], training) == pytest.approx(2 / persistence_error(np.array(training, float)))


@given(between(0.1, 100), between(-100, 100), st.integers(1, 3))
def test_mase_has_no_unit_and_no_origin(unit: float, origin: float, season: int) -> None:
    rng = np.random.default_rng(0)
    training, truth, forecast = rng.normal(size=20), rng.normal(size=5), rng.normal(size=5)
    plain = mase(forecast, truth, training, season)
    other = mase(origin + unit * forecast, origin + unit * truth, origin + unit * training, season)
    assert other == pytest.approx(plain, rel=1e-6)
    assert plain == pytest.approx(np.abs(forecast - truth).mean() / seasonal_naive_error(training, season))


@given(NUMBERS, st.integers(1, 99), between(-1e3, 1e3))
def test_the_pinball_loss_is_scikit_learns_and_least_at_the_quantile(
    truth: list[float], percent: int, other: float
) -> None:
    q = percent / 100
    forecast = np.full(len(truth), other)
    assert pinball_loss(forecast, truth, q) == pytest.approx(mean_pinball_loss(truth, forecast, alpha=q), abs=1e-9)
    best = np.full(len(truth), np.quantile(truth, q, method="inverted_cdf"))
    assert pinball_loss(best, truth, q) <= pinball_loss(forecast, truth, q) + 1e-9


def test_coverage_by_hand_counts_bounds() -> None:
    assert coverage([0, 0, 0, 0], [1, 1, 1, 1], [0, 1, 0.5, 1.5]) == 0.75
    assert coverage(0.0, 1.0, 2.0) == 0.0


@pytest.mark.parametrize(
    ("score", "message"),
    [
        (lambda: mase([1], [1, 2], [1, 2, 3]), r"shape \(1,\), the truth \(2,\)"),
        (lambda: mase([], [], [1, 2, 3]), "one value for each"),
        (lambda: mase([1], [np.nan], [1, 2, 3]), "truth are missing"),
        (lambda: mase([1], [1], [1, np.inf, 3]), "training part are missing"),
        (lambda: mase([1], [1], [1, 2, 3], 3), "T above the season, 3"),
        (lambda: mase([1], [1], [1, 2, 1, 2], 2), "repeats itself exactly"),
        (lambda: mase([1], [1], [1, 2, 3], 0), "season must be"),
        (lambda: mase(["a"], [1], [1, 2, 3]), "other than numbers"),
        (lambda: pinball_loss([1], [1], 1.0), "below 1"),
        (lambda: pinball_loss([1], [1], 0), "quantile must be"),
        (lambda: coverage([1], [1, 2], [1, 2]), "one value for each"),
        (lambda: coverage([1, 2], [1], [1, 2]), "one value for each"),
    ],
)
def test_what_cannot_be_scored_is_refused_with_a_sentence(score: Any, message: str) -> None:
    with pytest.raises(CourseError, match=message):
        score()
