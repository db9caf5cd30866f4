"""Atmospheric CO2 at Mauna Loa, March 1958 to December 2001.

Source: C. D. Keeling and T. P. Whorf (2004), Carbon Dioxide Information Analysis Center, public domain; the table comes
with statsmodels. http://cdiac.ornl.gov/trends/co2/sio-keel-flask/sio-keel-flaskmlo_c.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def weekly_co2() -> pd.Series:
    """The weekly mean concentration, with the gaps of the measurement.

    Returns:
        A series named "co2" of 2,284 floats in ppm by volume, indexed by the date of each week's Saturday
        (1958-03-29 … 2001-12-29, every week present); NaN in the 59 weeks without a measurement.
    """
    from statsmodels.datasets import co2

    series = co2.load_pandas().data["co2"].astype("float64")
    series.index = series.index.rename("week")
    return series


def monthly_co2(fill: bool = True) -> pd.Series:
    """The monthly mean concentration: the mean of the weeks measured that begin in the month.

    Args:
        fill: the five months without any measurement (June and October 1958, February to April 1964) are read off the
            straight line between the months before and after. False leaves them NaN.

    Returns:
        A series named "co2" of 526 floats in ppm by volume, indexed by the first day of each month
        (1958-03-01 … 2001-12-01, every month present).
    """
    series = weekly_co2().resample("MS").mean()
    series.index = series.index.rename("month")
    return series.interpolate("linear") if fill else series
