"""Argument checks, each with a sentence that says what was wrong and what was expected."""

from __future__ import annotations

import math
import numbers
import operator
import sys
from collections.abc import Iterable
from typing import Any

from course_utils.errors import CourseError, unknown


def check_whole(name: str, value: Any, lowest: int, highest: int | None = None, *, unit: str = "") -> int:
    """Raise a CourseError unless a value is a whole number within bounds.

    Args:
        name: of the argument, for the message.
        value: what was given.
        lowest: the smallest that is allowed.
        highest: the largest that is allowed; None: there is none.
        unit: what is counted, such as "pixels".

    Returns:
        The number, as Python's int.

    Raises:
        CourseError: it is none, or out of bounds.
    """
    try:
        number = None if _is_truth_value(value) else operator.index(value)
    except TypeError:
        number = None
    if number is None or number < lowest or (highest is not None and number > highest):
        bounds = f"from {lowest:,}" if highest is None else f"from {lowest:,} to {highest:,}"
        of = f" of {unit}" if unit else ""
        raise CourseError(f"{name} must be a whole number{of} {bounds}; it is {value!r}.")
    return number


def check_positive(name: str, value: Any) -> float:
    """Raise a CourseError unless a value is a finite number greater than 0.

    Args:
        name: of the argument, for the message.
        value: what was given.

    Returns:
        The number, as Python's float.

    Raises:
        CourseError: it is none, or not greater than 0.
    """
    if not _is_finite(value) or not value > 0:
        raise CourseError(f"{name} must be a number greater than 0; it is {value!r}.")
    return float(value)


def check_number(
    name: str, value: Any, lowest: float, highest: float | None = None, *, below: float | None = None
) -> float:
    """Raise a CourseError unless a value is a finite number within bounds.

    Args:
        name: of the argument, for the message.
        value: what was given.
        lowest: the smallest that is allowed.
        highest: the largest that is allowed; 1 for a share; None: there is none.
        below: in place of `highest`: the smallest that is too large.

    Returns:
        The number, as Python's float.

    Raises:
        CourseError: it is none, or out of bounds.
    """
    too_large = _is_finite(value) and (
        (highest is not None and value > highest) or (below is not None and value >= below)
    )
    if not _is_finite(value) or value < lowest or too_large:
        end = f" to {highest:g}" if highest is not None else f" to below {below:g}" if below is not None else ""
        raise CourseError(f"{name} must be a finite number from {lowest:g}{end}; it is {value!r}.")
    return float(value)


def check_truth(name: str, value: Any) -> bool:
    """Raise a CourseError unless a value is True or False, Python's or numpy's.

    Args:
        name: of the argument, for the message.
        value: what was given.

    Returns:
        The value, as Python's bool.

    Raises:
        CourseError: it is something else, such as 1 or "no".
    """
    if not _is_truth_value(value):
        raise CourseError(f"{name} must be True or False; it is {value!r}.")
    return bool(value)


def check_name(kind: str, given: Any, choices: Iterable[Any]) -> None:
    """Raise a CourseError unless a name is one of those that exist.

    Args:
        kind: what the name should have named, such as "lesson".
        given: the name that was given.
        choices: the names that exist.

    Raises:
        CourseError: it is none of them; the message lists them, and guesses which one was meant.
    """
    names = list(choices)
    if given not in names:
        raise unknown(kind, given, map(str, names))


def describe(thing: object) -> str:
    """What something is, in a few words, such as "a tensor of shape (4, 3)"."""
    if thing is None:
        return "None"
    if isinstance(thing, type):
        return f"the class {thing.__name__} itself"
    for module, kind, words in (("torch", "Tensor", "a tensor"), ("numpy", "ndarray", "an array")):
        if module in sys.modules and isinstance(thing, getattr(sys.modules[module], kind)):
            return f"{words} of shape {tuple(thing.shape)}"
    name = type(thing).__name__
    if isinstance(thing, tuple | list):
        return f"a {name} of {len(thing)}"
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def _is_finite(value: Any) -> bool:
    """Is it a real number, no yes or no, and neither infinite nor NaN?"""
    return isinstance(value, numbers.Real) and not _is_truth_value(value) and math.isfinite(value)


def _is_truth_value(value: Any) -> bool:
    """Is it True or False, Python's or numpy's? (numpy before 2 takes its own for whole numbers.)"""
    return type(value).__name__ in ("bool", "bool_")
