"""Exercises of lesson 09: counting, chrono biases, growing lags, echo states, hidden Markov, holding or learning."""

from course_utils.exercises.lesson_09.counting import counted
from course_utils.exercises.lesson_09.holding_or_learning import (
    beyond,
    copy_chance,
    flagged_guess,
    hold_or_learn,
    tanh_beyond,
)
from course_utils.exercises.lesson_09.opponents import echo_holds, forward_step, ridge_readout, states_needed
from course_utils.exercises.lesson_09.remedies import biases_from_times, lag_at, remedy

__all__ = [  # noqa: RUF022 (the order of the exercises in the lesson)
    "counted",
    "biases_from_times",
    "lag_at",
    "ridge_readout",
    "forward_step",
    "hold_or_learn",
    "beyond",
    "tanh_beyond",
    "flagged_guess",
    "copy_chance",
    "remedy",
    "states_needed",
    "echo_holds",
]
