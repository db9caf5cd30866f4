"""Exercises of lesson 06: the product of backpropagation through time, clipping, matrix powers, first weights."""

from course_utils.exercises.lesson_06.clipping import clip_by_norm, clipped_angle
from course_utils.exercises.lesson_06.jacobians import jacobian_product, step_jacobian
from course_utils.exercises.lesson_06.matrix_powers import four_fates, worst_growth
from course_utils.exercises.lesson_06.remedies import (
    adding_chance,
    identity_question,
    inside_networks,
    left_at_100,
    river_question,
    scaled_to_radius,
)
from course_utils.exercises.lesson_06.trainings import (
    moved_question,
    peak_of_30,
    safe_slope,
    second_step,
    skewed_question,
    smaller_steps,
    widening_question,
)

__all__ = [  # noqa: RUF022 (the order of the exercises in the lesson)
    "adding_chance",
    "skewed_question",
    "step_jacobian",
    "jacobian_product",
    "left_at_100",
    "river_question",
    "second_step",
    "smaller_steps",
    "clip_by_norm",
    "widening_question",
    "four_fates",
    "worst_growth",
    "peak_of_30",
    "safe_slope",
    "inside_networks",
    "moved_question",
    "clipped_angle",
    "scaled_to_radius",
    "identity_question",
]
