"""Exercises of lesson 06: growth of matrix powers, the product of backpropagation through time, clipping, remedies."""

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

__all__ = [  # noqa: RUF022 (the order of the exercises in the lesson)
    "four_fates",
    "worst_growth",
    "jacobian_product",
    "step_jacobian",
    "clip_by_norm",
    "clipped_angle",
    "scaled_to_radius",
    "adding_chance",
    "river_question",
    "identity_question",
    "inside_networks",
    "left_at_100",
]
