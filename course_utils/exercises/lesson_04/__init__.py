"""Exercises of lesson 04: a restricted Boltzmann machine step by step, its gradient, and what a clinic asks."""

from course_utils.exercises.lesson_04.clinic import (
    alarms_that_are_right,
    gain_of_pretraining,
    judged_at,
    right_alarms,
)
from course_utils.exercises.lesson_04.learning import log_z, positive_and_negative, which_way
from course_utils.exercises.lesson_04.machine import free_energies, gibbs_step, hidden_chances, pair_energy, why_free

__all__ = [  # noqa: RUF022 (the order of the exercises in the lesson)
    "pair_energy",
    "hidden_chances",
    "gibbs_step",
    "free_energies",
    "why_free",
    "log_z",
    "positive_and_negative",
    "which_way",
    "gain_of_pretraining",
    "judged_at",
    "alarms_that_are_right",
    "right_alarms",
]
