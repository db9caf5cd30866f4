"""The learner's progress: a private file on this machine, which can be exported and imported. Nothing is sent anywhere.

Every check adds one line of JSON to the file. A line that cannot be read is never thrown away: the whole file is set
aside under another name, and its good lines go on.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from course_utils.errors import CourseError

OUTCOMES = ("SOLVED", "NOT_YET", "ERROR")


@dataclass(frozen=True)
class Entry:
    """One check: which exercise of which lesson, what came out, and when (ISO 8601, UTC)."""

    lesson: str
    exercise: str
    outcome: str
    at: str

    @classmethod
    def read(cls, line: str) -> Entry:
        """An entry from its line.

        Raises:
            ValueError: the line is no entry.
        """
        values = json.loads(line)
        if not isinstance(values, dict) or set(values) != {"lesson", "exercise", "outcome", "at"}:
            raise ValueError("not an entry")
        if not all(isinstance(value, str) for value in values.values()) or values["outcome"] not in OUTCOMES:
            raise ValueError("not an entry")
        datetime.fromisoformat(values["at"])
        return cls(**values)

    @property
    def line(self) -> str:
        """The entry as a line of JSON."""
        return json.dumps(vars(self), ensure_ascii=False) + "\n"


def progress_file() -> Path:
    """Where progress is kept: the environment variable COURSE_PROGRESS, else `.rnn-vs-lstm` in the home folder."""
    named = os.environ.get("COURSE_PROGRESS")
    return Path(named) if named else Path.home() / ".rnn-vs-lstm" / "progress.jsonl"


def record(lesson: str, exercise: str, outcome: str) -> str:
    """Add one check to the file.

    Returns:
        An empty string, or a sentence where the file could not be written (a check never fails for that).
    """
    entry = Entry(lesson, exercise, outcome, datetime.now(UTC).isoformat(timespec="seconds"))
    path = progress_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        append(path, entry.line)
    except OSError as error:
        return f"(Your progress could not be saved in {path}: {error.strerror}. The check itself is not affected.)"
    return ""


def append(path: Path, text: str) -> None:
    """Append in one write, so that two notebooks at once do not mix their lines; begin on a line of one's own.

    (While another notebook writes, its last byte may not be there yet. Then an empty line comes between: no harm.)
    """
    with path.open("ab+") as file:
        file.seek(0, os.SEEK_END)
        if file.tell():
            file.seek(-1, os.SEEK_END)
            text = text if file.read(1) == b"\n" else "\n" + text
        file.write(text.encode())


def parse(text: str) -> tuple[list[Entry], bool]:
    """The entries of a file's text, and whether every line was one."""
    entries, whole = [], True
    for line in text.splitlines():
        try:
            entries.append(Entry.read(line))
        except (ValueError, RecursionError):
            whole = whole and not line.strip()
    return entries, whole


def load() -> list[Entry]:
    """All checks, oldest first. A file with broken lines is set aside whole, and its good lines go on.

    Raises:
        CourseError: the file cannot be read.
    """
    path = progress_file()
    try:
        text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    except OSError as error:
        raise CourseError(
            f"Your progress in {path} cannot be read: {error.strerror}. See to the file's rights."
        ) from None
    entries, whole = parse(text)
    if not whole:
        set_aside(path, entries)
    return entries


def set_aside(path: Path, good: list[Entry]) -> Path:
    """Move a broken file to a name that is free, and go on with its good lines."""
    number = 1
    while (aside := path.with_name(f"{path.stem}-broken-{number}{path.suffix}")).exists():
        number += 1
    path.rename(aside)
    if good:
        append(path, "".join(entry.line for entry in good))
    return aside


def solved() -> dict[str, set[str]]:
    """The exercises solved at least once, by lesson number: {"05": {"rnn_step"}}."""
    found: dict[str, set[str]] = {}
    for entry in load():
        if entry.outcome == "SOLVED":
            found.setdefault(entry.lesson, set()).add(entry.exercise)
    return found


def export(path: str | Path = "my-progress.jsonl") -> Path:
    """Write all progress to a file, to keep or to carry to another machine (from Binder: download it before you leave).

    Raises:
        CourseError: there is a file of that name already, or it cannot be written.
    """
    target = Path(path)
    text = "".join(entry.line for entry in load())
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise CourseError(f"{target} exists already. Give another name, such as export('progress-2.jsonl').") from None
    except OSError as error:
        raise CourseError(f"{target} cannot be written: {error.strerror}. Give another place.") from None
    return target


def import_from(path: str | Path) -> int:
    """Add the progress of an exported file to yours; what you have already is not doubled.

    Returns:
        How many checks were new.

    Raises:
        CourseError: the file is missing, or is no exported progress; then yours is left as it was.
    """
    source = Path(path)
    try:
        text = source.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise CourseError(f"{source} cannot be read. It should be a file that progress.export() wrote.") from None
    entries, whole = parse(text)
    if not whole:
        raise CourseError(f"{source} is not a file that progress.export() wrote, or it was damaged on its way.")
    new = [entry for entry in dict.fromkeys(entries) if entry not in set(load())]
    target = progress_file()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if new:
            append(target, "".join(entry.line for entry in new))
    except OSError as error:
        raise CourseError(f"Your progress could not be saved in {target}: {error.strerror}.") from None
    return len(new)
