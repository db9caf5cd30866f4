"""Exercises of lesson 05: what lies k steps back, an RNN cell and its unrolling, shapes, holding, honest forecasts."""

from course_utils.exercises.lesson_05.delays import delayed, recall_chance
from course_utils.exercises.lesson_05.forecasts import echo_years, next_year, seasonal_naive_error, sunspot_winner
from course_utils.exercises.lesson_05.holding import derivative_along, held, pulse
from course_utils.exercises.lesson_05.recurrent_layer import rnn_states, rnn_step
from course_utils.exercises.lesson_05.shapes_and_sizes import episodes, last_states, rnn_parameter_count, shapes
from course_utils.exercises.lesson_05.training import padded_end, second_try, training_loop

__all__ = [  # noqa: RUF022 (the order of the exercises in the lesson, the two that make a network first)
    "rnn_step",
    "rnn_states",
    "next_year",
    "recall_chance",
    "pulse",
    "shapes",
    "training_loop",
    "second_try",
    "padded_end",
    "last_states",
    "held",
    "derivative_along",
    "delayed",
    "rnn_parameter_count",
    "episodes",
    "echo_years",
    "seasonal_naive_error",
    "sunspot_winner",
]
