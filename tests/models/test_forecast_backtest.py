"""Scores from several origins: nothing that judges was learned from, and the scale is that of the training part."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd
import pytest

from course_utils.errors import CourseError
from course_utils.metrics import seasonal_naive_error
from course_utils.models.forecaster import Forecaster
from course_utils.models.opponents import seasonal_naive

RNG = np.random.default_rng(0)
VALUES = np.tile([0.0, 3.0, 5.0, 1.0], 30) + 0.2 * RNG.normal(size=120)
SERIES = pd.Series(VALUES, index=pd.date_range("2000-01-01", periods=120, freq="QS"))


@functools.cache
def learned(until: int = 90) -> Forecaster:
    forecaster = Forecaster("gru", 8, horizon=4, season=4)
    forecaster.fit(SERIES[:until], steps=10, progress=False)
    return forecaster


def test_origins_lie_after_what_was_learned_from() -> None:
    table = learned().backtest(SERIES, 6)
    assert table.attrs == {"origins": [90, 95, 100, 106, 111, 116], "trained again": False}
    assert list(table.index) == ["GRU", "seasonal naive", "ETS"]
    assert (table["origins"] == 6).all()


def test_scores_by_hand() -> None:
    table = learned().backtest(SERIES, 6)
    positions = table.attrs["origins"]
    errors = [np.abs(seasonal_naive(VALUES[:at], 4, 4).values[:, 0] - VALUES[at : at + 4]).mean() for at in positions]
    scale = seasonal_naive_error(VALUES[:90], 4)
    row = table.loc["seasonal naive"]
    assert row["MAE"] == pytest.approx(np.mean(errors))
    assert row["MASE"] == pytest.approx(np.mean(errors) / scale)
    assert row["high"] - row["low"] == pytest.approx(2 * 2.5706 * np.std(errors, ddof=1) / np.sqrt(6) / scale, rel=1e-4)
    assert row["difference"] == row["difference low"] == row["difference high"] == 0
    forecasts = [learned().forecast(4, SERIES[:90]).to_numpy()]
    assert table.loc["GRU", "nominal"] == pytest.approx(0.8)
    assert np.abs(forecasts[0][:, 1] - VALUES[90:94]).mean() < 1


def test_what_comes_after_an_origin_does_not_change_its_forecast() -> None:
    """The scale and the forecast of the first origin stay; the truth alone moves the error."""
    other = SERIES.copy()
    other.iloc[94:] += 1000
    plain, changed = learned().backtest(SERIES[:95], 2), learned().backtest(other[:95], 2)
    assert plain.attrs == changed.attrs
    assert (changed["MAE"] > plain["MAE"]).all()
    assert changed.loc["ETS", "MAE"] - plain.loc["ETS", "MAE"] == pytest.approx(1000 / 8, rel=0.05)


def test_where_nothing_is_left_a_copy_is_trained_on_the_first_part() -> None:
    forecaster = learned(120)
    before = forecaster.forecast()
    table = forecaster.backtest(SERIES, 5)
    assert table.attrs["trained again"]
    assert table.attrs["origins"][-1] == 116
    assert forecaster.forecast().equals(before)
    assert forecaster.backtest(SERIES[:70], 3).attrs["trained again"]  # a beginning of what was learned from


def test_another_series_is_judged_as_it_is() -> None:
    table = learned().backtest(SERIES + 100, 3)
    assert not table.attrs["trained again"]


def test_a_series_of_many_must_go_on() -> None:
    forecaster = Forecaster("rnn", 4, horizon=4, season=4)
    forecaster.fit([SERIES[:90], SERIES[:60] + 7], steps=3, progress=False)
    assert not forecaster.backtest(SERIES, 3).attrs["trained again"]
    with pytest.raises(CourseError, match="one of those that were learned from"):
        forecaster.backtest(SERIES[:90], 3)


def test_constant_series_have_errors_without_a_scale() -> None:
    forecaster = Forecaster("rnn", 4, horizon=3, season=1)
    forecaster.fit(np.full(30, 5.0), steps=3, progress=False)
    table = forecaster.backtest(np.full(40, 5.0), 3)
    assert (table["MAE"] == 0).all()
    assert table["MASE"].isna().all()
    assert table.loc["ETS", "note"] == "constant values: seasonal naive instead"


def test_too_short_for_a_backtest() -> None:
    with pytest.raises(CourseError, match="too few for two origins"):
        learned().backtest(np.arange(6.0), 3)
    short = Forecaster("rnn", 4, horizon=4, season=4)
    short.fit(SERIES[:22], steps=2, progress=False)
    with pytest.raises(CourseError, match="Expected: 25 at least"):
        short.backtest(SERIES[:22])
    with pytest.raises(CourseError, match="origins must be"):
        learned().backtest(SERIES, 1)
