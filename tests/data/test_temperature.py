"""The hourly temperatures of a typical year."""

from __future__ import annotations

import pandas as pd
import pytest

from course_utils.data.temperature import hourly_temperature
from course_utils.errors import CourseError


def test_hourly_temperature_has_every_hour_and_fills_one() -> None:
    filled, raw = hourly_temperature(), hourly_temperature(fill=False)
    assert list(filled.index) == list(pd.date_range("2010-01-01", "2010-12-31 23:00", freq="h"))
    assert filled.name == "temperature"
    assert list(raw.index[raw.isna()]) == [pd.Timestamp("2010-03-14 03:00")]
    assert filled.notna().all()
    neighbours = (raw["2010-03-14 02:00"] + raw["2010-03-14 04:00"]) / 2
    assert filled["2010-03-14 03:00"] == pytest.approx(neighbours)


def test_temperature_is_fahrenheit_in_the_table_and_celsius_by_default() -> None:
    fahrenheit, celsius = hourly_temperature("fahrenheit"), hourly_temperature()
    assert fahrenheit.iloc[0] == 39.4
    assert celsius.iloc[0] == pytest.approx((39.4 - 32) / 1.8)
    # Seattle in July: about 18 °C. Read as Celsius, the table would have a mean of 64 °C.
    assert 15 < celsius["2010-07"].mean() < 21
    with pytest.raises(CourseError, match=r"no unit of temperature 'kelvin'.*celsius, fahrenheit"):
        hourly_temperature("kelvin")


def test_temperature_is_a_typical_year_and_no_weather() -> None:
    """As the docstring warns: days differ from the day before by far less than real weather does."""
    daily = hourly_temperature().resample("D").mean()
    assert daily.diff().abs().max() < 1.0
