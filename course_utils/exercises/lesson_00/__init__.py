"""Exercise of lesson 00: the error of the simplest forecast."""

from course_utils.exercises.lesson_00.persistence import persistence_error, persistence_guess

__all__ = [  # noqa: RUF022 (the order of the exercises in the lesson)
    "persistence_guess",
    "persistence_error",
]
