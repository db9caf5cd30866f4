"""Argument checks, each with a sentence that says what was wrong, what was expected, and what to do."""

from __future__ import annotations

import operator
from typing import Any

from course_utils.errors import CourseError


def check_whole(name: str, value: Any, lowest: int, highest: int | None = None) -> None:
    """Raise a CourseError unless a value is a whole number within bounds.

    Args:
        name: of the argument, for the message.
        value: what was given.
        lowest: the smallest that is allowed.
        highest: the largest that is allowed; None: there is none.

    Raises:
        CourseError: it is not.
    """
    try:
        number = None if isinstance(value, bool) else operator.index(value)
    except TypeError:
        number = None
    if number is None or number < lowest or (highest is not None and number > highest):
        bounds = f"from {lowest}" if highest is None else f"from {lowest} to {highest}"
        raise CourseError(f"{name} must be a whole number {bounds}; it is {value!r}.")
