"""The few exceptions a learner meets, each with one sentence that says what was wrong and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class CourseError(Exception):
    """Something the learner can fix. Its text says what was wrong, what was expected and what to do."""


def unknown(kind: str, given: object, choices: Iterable[str]) -> CourseError:
    """The error for a name that does not exist.

    Args:
        kind: what the name should have named, such as "lesson".
        given: the name that was given.
        choices: the names that exist.

    Returns:
        An error to raise: it lists the choices, and guesses which one was meant.
    """
    names = list(choices)
    close = get_close_matches(str(given), names, n=1)
    guess = f" Did you mean {close[0]!r}?" if close else ""
    return CourseError(f"There is no {kind} {given!r}.{guess} Choose one of: {', '.join(names)}.")
