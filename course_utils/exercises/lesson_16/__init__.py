"""Exercises of lesson 16: ink, frames over columns, character errors, lexicons, calibration, and moves of a pen."""

from course_utils.exercises.lesson_16.answers import calibration_of, error_rate_of, lexicon_entry
from course_utils.exercises.lesson_16.pens import moves_of
from course_utils.exercises.lesson_16.pictures_of_lines import columns_of, cut_out, fewest_columns, ink_of
from course_utils.exercises.lesson_16.questions import (
    line_errors,
    new_to_it,
    of_a_new_string,
    ones_and_sevens,
    other_order,
    touching_errors,
)

__all__ = [  # noqa: RUF022 (the order of the exercises in the lesson)
    "new_to_it",
    "ink_of",
    "fewest_columns",
    "line_errors",
    "error_rate_of",
    "of_a_new_string",
    "lexicon_entry",
    "ones_and_sevens",
    "touching_errors",
    "calibration_of",
    "columns_of",
    "cut_out",
    "moves_of",
    "other_order",
]
