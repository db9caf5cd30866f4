"""Exercises of lesson 11: windows, one scale, the season again, quantiles, intervals, and times that are censored."""

from course_utils.exercises.lesson_11.delays import concordance, constant_hazard, hazard_nats, still_waiting
from course_utils.exercises.lesson_11.forecasts import (
    interval_over_origins,
    last_season_again,
    mase_below_one,
    pinball_minimum,
    scaled_by_training,
    windows,
)
from course_utils.exercises.lesson_11.predictions import reads_values, series_won, split_in_time, who_times_it

__all__ = [  # noqa: RUF022 (the order of the exercises in the lesson)
    "windows",
    "scaled_by_training",
    "last_season_again",
    "mase_below_one",
    "pinball_minimum",
    "interval_over_origins",
    "constant_hazard",
    "hazard_nats",
    "concordance",
    "still_waiting",
    "split_in_time",
    "reads_values",
    "series_won",
    "who_times_it",
]
