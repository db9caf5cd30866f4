"""How long a lesson is: words and minutes of its core, and of what goes deeper.

A heading `## Going deeper: …` begins a deeper part; the next heading of that level ends it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from course_utils.syllabus import LESSONS
from tools import evidence

MOST_WORDS = 2200  # of a core
MOST_MINUTES = 60  # of a core
WORKSHOP_HOURS = 11  # of the two-day path
WORDS_A_MINUTE = 100  # of text with figures and formulas to look at
LINES_A_MINUTE = 10  # of code
DEEPER = re.compile(r"## Going deeper\b")
LABEL = re.compile(r"#+ Your turn\b.*?(\d+) minutes?\b")
FENCED = re.compile(r"```.*?```|\$\$.*?\$\$", re.DOTALL)
WORD = re.compile(r"\S*\w\S*")


@dataclass(frozen=True)
class Length:
    """What a part of a lesson holds.

    Attributes:
        words: of its text.
        lines: of its code, empty ones aside.
        exercise_minutes: as its headings "Your turn" say.
        predictions: checks that are no exercise with a heading of its own.
    """

    words: int
    lines: int
    exercise_minutes: int
    predictions: int

    @property
    def minutes(self) -> int:
        """Minutes for a learner, rounded up to 5."""
        reading = self.words / WORDS_A_MINUTE + self.lines / LINES_A_MINUTE
        return -5 * int(-(reading + self.exercise_minutes + self.predictions) // 5)


def parts(cells: Sequence[Any]) -> Iterator[tuple[bool, Any]]:
    """Each cell of a lesson, evidence aside, with whether it goes deeper."""
    deeper = False
    for cell in cells:
        if evidence.is_evidence(cell):
            continue
        if cell.cell_type == "markdown":
            headings = [line for line in FENCED.sub("", cell.source).splitlines() if line.startswith("## ")]
            if headings:
                deeper = bool(DEEPER.match(headings[0]))
        yield deeper, cell


def length(cells: Sequence[Any], *, deeper: bool) -> Length:
    """The length of a lesson's core, or of what goes deeper.

    Args:
        cells: of the lesson, in order.
        deeper: which of the two.
    """
    own = [cell for goes_deeper, cell in parts(cells) if goes_deeper == deeper]
    text = [FENCED.sub("", cell.source) for cell in own if cell.cell_type == "markdown"]
    code = [line for cell in own if cell.cell_type == "code" for line in cell.source.splitlines() if line.strip()]
    labels = [int(minutes) for part in text for minutes in LABEL.findall(part)]
    checks = sum(".check(" in line and not line.lstrip().startswith("#") for line in code)
    words = sum(len(WORD.findall(part)) for part in text)
    return Length(words, len(code), sum(labels), max(0, checks - len(labels)))


def time_line(name: str) -> str:
    """What a lesson's first cell says of the time it takes; empty where the syllabus does not know it yet."""
    row = LESSONS.get(name)
    if row is None or not row.minutes:
        return ""
    more = f", and {row.deeper_minutes} more for the parts that go deeper" if row.deeper_minutes else ""
    return f"\n**About {row.minutes} minutes with its exercises{more}.**\n"
