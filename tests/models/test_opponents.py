"""The methods that a network has to beat: known series, closed forms, and an answer to every series."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.data.co2 import monthly_co2
from course_utils.errors import CourseError
from course_utils.metrics import mase
from course_utils.models import opponents
from course_utils.models.opponents import OPPONENTS
from tests.strategies import between, examples

LEVELS = (0.1, 0.5, 0.9)
ALL = pytest.mark.parametrize("name", OPPONENTS)
RNG = np.random.default_rng(0)
NOISE = RNG.normal(size=60)
SEASONAL = np.tile([0.0, 3.0, 5.0, 1.0], 15) + 0.1 * NOISE


def test_the_simplest_by_hand() -> None:
    known = [1.0, 4.0, 2.0, 7.0]
    assert opponents.naive(known, 3).values[:, 0].tolist() == [7, 7, 7]
    assert opponents.seasonal_naive(known, 5, 3).values[:, 0].tolist() == [4, 2, 7, 4, 2]
    assert opponents.drift(known, 2).values[:, 0].tolist() == [9, 11]
    assert opponents.seasonal_naive(known, 1, 4).note == "not longer than a season: the last value"


def test_spreads_by_hand() -> None:
    known, z = [0.0, 1.0, 0.0, 1.0, 0.0], 1.2815515655446004
    assert opponents.naive(known, 4, quantiles=(0.9,)).values[:, 0] == pytest.approx(z * np.sqrt([1, 2, 3, 4]))
    seasons = opponents.seasonal_naive([0, 0, 1, 1, 0, 0], 4, 2, (0.9,)).values[:, 0]
    assert seasons == pytest.approx(z * np.sqrt([1, 1, 2, 2]))


@ALL
def test_a_season_is_seen_by_those_that_look_for_one(name: str) -> None:
    found = OPPONENTS[name](SEASONAL[:52], 8, 4, LEVELS).values[:, 1]
    error = mase(found, SEASONAL[52:], SEASONAL[:52], 4)
    assert (error < 2.5) == (name not in ("naive", "drift"))


@ALL
def test_company_and_unit_change_nothing(name: str) -> None:
    method = OPPONENTS[name]
    plain = method(SEASONAL + 20, 6, 4, LEVELS).values
    assert method(SEASONAL + 20, 6, 4, (0.5,)).values[:, 0] == pytest.approx(plain[:, 1], rel=1e-6)
    assert method(1e12 * (SEASONAL + 20), 6, 4, LEVELS).values == pytest.approx(1e12 * plain, rel=1e-2)
    assert method(1e-12 * (SEASONAL + 20), 6, 4, LEVELS).values == pytest.approx(1e-12 * plain, rel=1e-2)


@ALL
@examples(8)
@given(
    known=st.lists(between(-1e6, 1e6), min_size=2, max_size=40),
    steps=st.integers(1, 15),
    season=st.integers(1, 14),
)
def test_every_series_has_an_answer(name: str, known: list[float], steps: int, season: int) -> None:
    before = list(known)
    found = OPPONENTS[name](known, steps, season, LEVELS)
    assert found.values.shape == (steps, 3)
    assert np.isfinite(found.values).all()
    assert (np.diff(found.values, axis=1) >= -1e-6 * (1 + np.abs(found.values).max())).all()
    assert known == before


@ALL
@pytest.mark.parametrize("value", [0.0, -3.5, 1e12])
def test_a_constant_stays_constant(name: str, value: float) -> None:
    assert OPPONENTS[name](np.full(40, value), 5, 4, LEVELS).values == pytest.approx(np.full((5, 3), value))


def test_what_did_not_go_as_asked_is_told() -> None:
    assert opponents.ets([1, 2], 3, 4).note == "fewer than 4 values: seasonal naive instead"
    assert opponents.sarima(np.ones(30), 3, 4).note == "constant values: seasonal naive instead"
    assert opponents.boosting(np.arange(20), 3, 12).note.startswith("fewer than 28 values")


def test_a_fit_that_does_not_converge_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    whole: Any = ETSModel.fit
    monkeypatch.setattr(ETSModel, "fit", lambda self, **options: whole(self, **options | {"maxiter": 1}))
    assert opponents.ets(SEASONAL - 20, 3, 4).note == "did not converge"


def test_seasons_that_multiply_are_found_by_their_logarithms() -> None:
    """Growth of an eighth a year, and seasons that grow with it."""
    years = np.exp(0.01 * np.arange(96)) * np.tile(np.exp(np.sin(np.arange(12))), 8)
    years *= np.exp(0.01 * np.random.default_rng(1).normal(size=96))
    found = opponents.ets(years[:84], 12, 12).values[:, 0]
    assert mase(found, years[84:], years[:84], 12) < 0.5


def test_carbon_dioxide_is_easy_for_them() -> None:
    known = monthly_co2().to_numpy()[-132:]
    scores = {
        name: mase(OPPONENTS[name](known[:120], 12, 12).values[:, 0], known[120:], known[:120], 12)
        for name in ("naive", "seasonal naive", "ETS", "SARIMA")
    }
    assert scores["ETS"] < scores["seasonal naive"] < scores["naive"]
    assert scores["SARIMA"] < scores["seasonal naive"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1.0], 3), r"the shape \(1,\)"),
        (([[1.0, 2.0]], 3), r"Expected: \(T,\)"),
        (([1.0, np.nan], 3), "finite"),
        (([1.0, 2.0], 0), "steps must be"),
        (([1.0, 2.0], 1, 0), "season must be"),
        (([1.0, 2.0], 1, 1, (0.0,)), "a quantile must be"),
        (([1.0, 2.0], 1, 1, ()), "quantiles is empty"),
    ],
)
def test_what_cannot_be_meant_is_refused(arguments: Any, message: str) -> None:
    for method in OPPONENTS.values():
        with pytest.raises(CourseError, match=message):
            method(*arguments)
