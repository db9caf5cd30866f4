"""Three centuries of sunspots."""

from __future__ import annotations

import numpy as np

from course_utils.data.sunspots import yearly_sunspots


def test_sunspots_are_what_their_source_says() -> None:
    series = yearly_sunspots()
    assert series.name == "sunspots"
    assert list(series.index) == list(range(1700, 2009))
    assert series.dtype == np.float64
    assert series.idxmax() == 1957
    assert series[1957] == 190.2
    assert (series >= 0).all()
