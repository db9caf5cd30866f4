"""Paths that people write: in an environment variable, or by hand with a `~` that no shell has expanded."""

from __future__ import annotations

import os
from pathlib import Path

from course_utils.errors import CourseError


def said(variable: str) -> str:
    """What an environment variable says, without spaces and quotes around it; empty where it is not set.

    (Quotes stay around a value in a file that no shell reads, such as that of `docker run --env-file`.)
    """
    return os.environ.get(variable, "").strip().strip("\"'").strip()


def named(variable: str) -> Path | None:
    """The absolute path that an environment variable names, `~` and `$NAME` expanded; None where it names none.

    Args:
        variable: such as "COURSE_DATA".

    Raises:
        CourseError: it begins with `~`, and there is no such home folder.
    """
    text = said(variable)
    if not text:
        return None
    try:
        return Path(os.path.expandvars(text)).expanduser().absolute()
    except (RuntimeError, OSError):
        raise CourseError(
            f"{variable} is {text!r}, and its home folder is not known here. Give it the whole path."
        ) from None


def expanded(path: str | Path) -> Path:
    """A path given by hand, `~` expanded.

    Raises:
        CourseError: there is no such home folder.
    """
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise CourseError(f"The home folder in {str(path)!r} is not known here. Give the whole path.") from None


def home(variable: str) -> Path:
    """The user's home folder.

    Args:
        variable: the environment variable that can name another place, for the message.

    Raises:
        CourseError: there is none, as for a user number without a name in a container.
    """
    try:
        return Path.home()
    except RuntimeError:
        raise CourseError(
            f"No home folder is known here. Set the environment variable {variable} to a path that you may write to."
        ) from None
