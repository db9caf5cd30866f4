"""Figures of series say what the series hold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.data.sunspots import yearly_sunspots
from course_utils.figures import series
from course_utils.figures.style import Picture


@given(st.lists(st.floats(0.1, 0.8), min_size=1, max_size=5))
def test_steps_until_is_the_first_step_that_stays_below(factors: list[float]) -> None:
    share = np.array([[factor**k for k in range(60)] for factor in factors])
    for row, found in zip(share, series.steps_until(share, 0.01), strict=True):
        assert (row[found:] < 0.01).all()
        assert row[found - 1] >= 0.01


def test_steps_until_counts_from_the_last_time_above() -> None:
    assert series.steps_until(np.array([[1.0, 0.001, 0.5, 0.001, 0.001]]), 0.01).tolist() == [3]
    assert series.steps_until(np.array([[1.0, 0.5], [0.001, 0.001]]), 0.01).tolist() == [2, 0]


def test_echo_s_title_and_alt_text_hold_what_was_measured() -> None:
    distances = np.array([[0.1**k for k in range(10)], [0.5**k for k in range(10)]]) * 3
    picture = series.echo(distances)  # 0.1^3 < 1 % (0.1^2 is 1 % itself); 0.5^7 < 1 %
    assert isinstance(picture, Picture)
    assert picture.alt.startswith("Under 1 % of the change is left within 3 to 7 years. 2 networks, one line each")


@pytest.mark.parametrize(
    ("factors", "says"),
    [
        ((0.1, 0.9), "After 9 years, 1 of 2 networks still hold more than 1 %"),
        ((1.0, 1.1), "After 9 years, 2 of 2 networks still hold more than 1 %"),
        ((0.5, 0.5), "Under 1 % of the change is left after 7 years"),
    ],
)
def test_echo_says_so_where_the_change_does_not_fade(factors: tuple[float, float], says: str) -> None:
    assert series.echo(np.array([[factor**k for k in range(10)] for factor in factors])).alt.startswith(says)


def test_twins_and_whole_tell_the_numbers_of_the_series() -> None:
    sunspots = yearly_sunspots()
    assert "In 1858 the number is 55 on the way up, a year later 94." in series.twins(sunspots, (1858, 1961)).alt
    assert "highest in 1957" in series.whole(sunspots, "Waves of about eleven years").alt
