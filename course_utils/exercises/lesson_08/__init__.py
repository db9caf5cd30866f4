"""Exercises of lesson 08: the GRU step in both forms, its sizes and biases, coupled gates, and which gate matters."""

from course_utils.exercises.lesson_08.ablation import lstm_step_without
from course_utils.exercises.lesson_08.gru_steps import gru_step, gru_step_before, keeps
from course_utils.exercises.lesson_08.sizes_and_gates import coupled_update, gru_size_like, matters, update_bias_for

__all__ = [  # noqa: RUF022 (the order of the exercises in the lesson)
    "gru_step",
    "gru_step_before",
    "gru_size_like",
    "update_bias_for",
    "coupled_update",
    "lstm_step_without",
    "keeps",
    "matters",
]
