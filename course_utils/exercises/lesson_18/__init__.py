"""Exercises of lesson 18: switches of keys, what a frame costs, the mean over tunes, other keys, drawing, notes."""

from course_utils.exercises.lesson_18.costs import frame_cost, nats_of_all, read_and_said
from course_utils.exercises.lesson_18.keys import drawn_keys, in_another_key, notes_in, switches_of
from course_utils.exercises.lesson_18.listening import blind_clips as blind_clips
from course_utils.exercises.lesson_18.predictions import (
    by_counting,
    fewest_nats,
    two_chords,
    which_is_bach,
    without_memory,
)

__all__ = [  # noqa: RUF022 (the order of the exercises in the lesson)
    "switches_of",
    "read_and_said",
    "frame_cost",
    "nats_of_all",
    "by_counting",
    "without_memory",
    "fewest_nats",
    "in_another_key",
    "drawn_keys",
    "two_chords",
    "which_is_bach",
    "notes_in",
]
