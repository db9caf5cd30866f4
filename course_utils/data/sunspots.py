"""Yearly sunspot numbers, 1700 to 2008.

Source: NOAA National Geophysical Data Center, public domain; the table comes with statsmodels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def yearly_sunspots() -> pd.Series:
    """The yearly mean sunspot number, one value a year.

    Returns:
        A series named "sunspots" of 309 floats (a count, without unit), indexed by the year (int, 1700 … 2008).
    """
    from statsmodels.datasets import sunspots

    table = sunspots.load_pandas().data
    series = table["SUNACTIVITY"].rename("sunspots")
    series.index = table["YEAR"].astype(int).rename("year")
    return series
