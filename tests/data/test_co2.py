"""The series of carbon dioxide, weekly and monthly."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from course_utils.data.co2 import monthly_co2, weekly_co2


def test_weekly_co2_keeps_the_gaps_of_the_measurement() -> None:
    series = weekly_co2()
    assert len(series) == 2284
    assert series.isna().sum() == 59
    assert (series.index.to_series().diff().dropna() == pd.Timedelta(days=7)).all()
    assert series.iloc[0] == 316.1


def test_monthly_co2_has_every_month_and_fills_five_by_the_straight_line() -> None:
    filled, raw = monthly_co2(), monthly_co2(fill=False)
    assert list(filled.index) == list(pd.date_range("1958-03-01", "2001-12-01", freq="MS"))
    assert filled.name == "co2"
    assert list(raw.index[raw.isna()].strftime("%Y-%m")) == ["1958-06", "1958-10", "1964-02", "1964-03", "1964-04"]
    assert filled[raw.notna()].equals(raw[raw.notna()])
    before, after = raw["1964-01-01"], raw["1964-05-01"]
    between = filled["1964-02-01":"1964-04-01"].to_numpy()
    np.testing.assert_allclose(between, before + (after - before) * np.array([1, 2, 3]) / 4)
    april = weekly_co2()["1958-04"]
    assert filled["1958-04-01"] == pytest.approx(april.mean())
    assert filled.between(312, 375).all()
