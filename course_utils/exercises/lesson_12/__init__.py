"""Exercises of lesson 12: spans and their score, padding, both directions, and the two algorithms of a CRF."""

from course_utils.exercises.lesson_12.directions import both_ends, reversed_within, token_accuracy
from course_utils.exercises.lesson_12.field import best_tags, log_partition
from course_utils.exercises.lesson_12.spans import (
    ahead_of_all,
    always_outside,
    later_words,
    passes_the_ceiling,
    read_spans,
    span_f1,
)

__all__ = [  # noqa: RUF022 (the order of the exercises in the lesson)
    "read_spans",
    "span_f1",
    "token_accuracy",
    "reversed_within",
    "both_ends",
    "log_partition",
    "best_tags",
    "always_outside",
    "later_words",
    "passes_the_ceiling",
    "ahead_of_all",
]
