"""Exercises of lesson 17: from samples to decibels, CTC by hand, reading a path, word errors, who or what."""

from course_utils.exercises.lesson_17.ctc_loss import ctc_forward
from course_utils.exercises.lesson_17.features import decibels, frames_count, heard_digit, triangle, without_floor
from course_utils.exercises.lesson_17.reading import (
    alignments_of_ab,
    collapsed,
    greedy,
    labelled_frames,
    shortest,
    which_of_the_two,
)
from course_utils.exercises.lesson_17.scores_and_voices import (
    first_words,
    real_speakers,
    split_of_voices,
    voice_from_words,
    word_errors,
    words_right,
)

__all__ = [  # noqa: RUF022 (the order of the exercises in the lesson)
    "frames_count",
    "triangle",
    "decibels",
    "collapsed",
    "shortest",
    "ctc_forward",
    "greedy",
    "word_errors",
    "alignments_of_ab",
    "labelled_frames",
    "split_of_voices",
    "which_of_the_two",
    "first_words",
    "heard_digit",
    "without_floor",
    "words_right",
    "real_speakers",
    "voice_from_words",
]
