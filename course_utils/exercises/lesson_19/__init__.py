"""Exercises of lesson 19: automata, chance lines, what linear recurrences can and cannot do, and units set by hand."""

from course_utils.exercises.lesson_19.chance_and_signs import best_constant_share, difference_left
from course_utils.exercises.lesson_19.machines import composed, first_difference, states_along
from course_utils.exercises.lesson_19.predictions import how_many_flip, random_strings, right_at_500, which_is_memory
from course_utils.exercises.lesson_19.programmed_units import counting_unit, parity_units
from course_utils.exercises.lesson_19.turns import third_of_a_turn

__all__ = [  # noqa: RUF022 (the order of the exercises in the lesson)
    "states_along",
    "composed",
    "best_constant_share",
    "parity_units",
    "counting_unit",
    "difference_left",
    "first_difference",
    "third_of_a_turn",
    "which_is_memory",
    "right_at_500",
    "random_strings",
    "how_many_flip",
]
