"""Exercises of lesson 10: a fair comparison (sizes, time to solve, seeds and intervals), unfair ones, and a scan."""

from course_utils.exercises.lesson_10.intervals import paired_interval, share_interval
from course_utils.exercises.lesson_10.measured_questions import (
    attention_doubling,
    doubling,
    first_winner,
    longest_winner,
    others,
)
from course_utils.exercises.lesson_10.scans import combine
from course_utils.exercises.lesson_10.sizes import equal_width, nearest_width, network_size
from course_utils.exercises.lesson_10.time_to_solve import restricted_mean
from course_utils.exercises.lesson_10.unfair_comparisons import best_of, lag_told, ten_to_seven

__all__ = [  # noqa: RUF022 (the order of the exercises in the lesson)
    "equal_width",
    "network_size",
    "nearest_width",
    "restricted_mean",
    "paired_interval",
    "share_interval",
    "best_of",
    "lag_told",
    "ten_to_seven",
    "combine",
    "first_winner",
    "longest_winner",
    "others",
    "doubling",
    "attention_doubling",
]
