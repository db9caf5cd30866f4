"""Exercises of lesson 07: the LSTM step, its parameters, its forget bias, and what is where."""

from course_utils.exercises.lesson_07.lstm_steps import cell_update, lstm_step
from course_utils.exercises.lesson_07.programmed_unit import adding_unit
from course_utils.exercises.lesson_07.questions import by_hand, grows, learns_adding, swapped_h, transplant
from course_utils.exercises.lesson_07.sizes_and_biases import (
    direct_path,
    half_life,
    lstm_parameter_count,
    with_forget_bias,
)

__all__ = [  # noqa: RUF022 (the order of the exercises in the lesson)
    "cell_update",
    "lstm_step",
    "lstm_parameter_count",
    "half_life",
    "with_forget_bias",
    "direct_path",
    "adding_unit",
    "learns_adding",
    "by_hand",
    "transplant",
    "swapped_h",
    "grows",
]
