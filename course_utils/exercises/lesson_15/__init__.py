"""Exercises of lesson 15: places of a picture, ways to see it, words dropped, and scores that say what is wrong."""

from course_utils.exercises.lesson_15.captions import (
    emoji_exact,
    how_it_fails,
    never_seen,
    new_combinations,
    right_words,
    weakest_kind,
    word_dropout,
)
from course_utils.exercises.lesson_15.looking_at_places import (
    at_every_step,
    frames_alone,
    look,
    places_of,
    seen_at_every_step,
    shuffled_places,
    with_attention,
)

__all__ = [  # noqa: RUF022 (the order of the exercises in the lesson)
    "places_of",
    "seen_at_every_step",
    "look",
    "word_dropout",
    "right_words",
    "never_seen",
    "shuffled_places",
    "frames_alone",
    "how_it_fails",
    "with_attention",
    "at_every_step",
    "weakest_kind",
    "new_combinations",
    "emoji_exact",
]
