"""The few exceptions a learner meets, each with one sentence that says what was wrong and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

UNSHOWN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
BYTES = range(0xDC80, 0xDD00)  # what Python makes of a byte in a file name that is no UTF-8


class CourseError(Exception):
    """Something the learner can fix. Its text says what was wrong, what was expected and what to do."""

    def __init__(self, *sentences: object) -> None:
        super().__init__(*(printable(each) if isinstance(each, str) else each for each in sentences))


def printable(text: str) -> str:
    """The text with an escape such as \\x1b in place of each character that no terminal, page or font should be given.

    These are control characters, which steer a terminal, and the bytes of file names that are not UTF-8.

    Args:
        text: of any origin: a file name, a server's answer.
    """
    return UNSHOWN.sub(lambda found: _escape(ord(found[0])), text)


def _escape(code: int) -> str:
    code = code - 0xDC00 if code in BYTES else code
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


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
