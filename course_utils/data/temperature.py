"""Hourly temperatures of Seattle: the course of a typical year, hour by hour.

The package that brings the table calls it "hourly temperatures in Seattle during the full year of 2010". They are
NOAA's Hourly Climate Normals of Seattle-Tacoma International Airport (station USW00024233): for each hour of the year
the mean of the years 1981 to 2010, dated 2010. So the series is smooth and has no weather in it: each day is much like
the day before.

Source: NOAA, public domain; the table comes with vega_datasets (`seattle_temps`, in degrees Fahrenheit).
https://www.ncdc.noaa.gov/cdo-web/datasets/NORMAL_HLY/stations/GHCND:USW00024233/detail
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from course_utils.checks import check_name

if TYPE_CHECKING:
    import pandas as pd

UNITS = ("celsius", "fahrenheit")


def hourly_temperature(unit: str = "celsius", fill: bool = True) -> pd.Series:
    """The mean temperature of every hour of the year, over the years 1981 to 2010.

    Args:
        unit: "celsius", or "fahrenheit" as in the table.
        fill: the one hour that the table lacks (14 March, 3 o'clock) gets the mean of its neighbours. False leaves it
            NaN.

    Returns:
        A series named "temperature" of 8,760 floats in the unit, indexed by the hour
        (2010-01-01 00:00 … 2010-12-31 23:00, every hour present).

    Raises:
        CourseError: no such unit.
    """
    check_name("unit of temperature", unit, UNITS)
    from vega_datasets import local_data

    table = local_data.seattle_temps()
    series: pd.Series = table.set_index("date")["temp"].rename("temperature").astype("float64")
    series = series.asfreq("h")
    series.index = series.index.rename("hour")
    if fill:
        series = series.interpolate("linear")
    return (series - 32) * 5 / 9 if unit == "celsius" else series
