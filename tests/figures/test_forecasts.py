"""Figures of forecasts tell what they show."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from course_utils.errors import CourseError
from course_utils.figures import forecasts


def test_a_fan_tells_how_many_values_its_band_held() -> None:
    known = pd.Series([1.0, 2.0, 3.0], index=[1, 2, 3])
    table = pd.DataFrame({0.1: [3.0, 3.0], 0.5: [4.0, 5.0], 0.9: [5.0, 7.0]}, index=[4, 5])
    picture = forecasts.fan(known, table, "It goes on", "things", pd.Series([4.5, 9.0], index=[4, 5]))
    assert "the median of 2 steps, from 4 to 5" in picture.alt
    assert "1 of the 2 values that came lie within the widest band" in picture.alt
    assert "that came" not in forecasts.fan(known, table, "It goes on", "things").alt


def test_errors_by_horizon_tell_their_origins() -> None:
    errors = {"naive": np.array([[1.0, 3.0], [1.0, 5.0]]), "LSTM": np.array([[0.5, 1.0], [0.5, 2.0]])}
    alt = forecasts.by_horizon(errors, "Worse the farther", "MASE").alt
    assert alt.startswith("Worse the farther. A line for each method, the mean over 2 origins")
    assert "naive 1 to 4" in alt
    assert forecasts.by_horizon(errors, "Worse the farther", "MASE", log=True).alt == alt
    with pytest.raises(CourseError, match="nothing to draw"):
        forecasts.by_horizon({}, "Nothing", "MASE")
