"""Exercises of lesson 03: boxes and how far they agree, which to keep, what is right, average precision, centres."""

from course_utils.exercises.lesson_03.agreement import box_iou, corners_of, non_maximum_suppression, shifted_box
from course_utils.exercises.lesson_03.centres import centre_cells, peaks
from course_utils.exercises.lesson_03.scoring import average_of_hits, frequent_error, matched

__all__ = [  # noqa: RUF022 (the order of the exercises in the lesson)
    "corners_of",
    "box_iou",
    "shifted_box",
    "centre_cells",
    "peaks",
    "matched",
    "average_of_hits",
    "frequent_error",
    "non_maximum_suppression",
]
