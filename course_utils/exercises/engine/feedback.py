"""What an exercise says: the outcome in words, as HTML for notebooks and as plain text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from course_utils.display.html import FAULT, GOOD, INFORMATION, NEUTRAL, WARNING, Html, element, marked_box, with_code
from course_utils.display.message import Message

MOST_CHARACTERS = 4_000  # of a text or a detail; an error can hold all of its data


def shortened(text: str, most: int = MOST_CHARACTERS) -> str:
    """A text that every page can hold and show: its beginning where it is long, and no half characters."""
    if len(text) > most:
        text = f"{text[:most]} … ({len(text):,} characters)"
    return text.encode("utf-8", "replace").decode()


class Outcome(Enum):
    """The four outcomes of a check: a sign and words, and a colour that only repeats them."""

    SOLVED = ("✔", "Solved", GOOD)
    NOT_YET = ("✎", "Not yet right", WARNING)
    NOT_ATTEMPTED = ("○", "Not attempted", NEUTRAL)
    ERROR = ("⚠", "Raised an error", FAULT)

    def __init__(self, sign: str, words: str, colour: str) -> None:
        self.sign, self.words, self.colour = sign, words, colour


def box(colour: str, head: str, text: str, detail: str = "") -> Html:
    """A box in HTML that a screen reader announces; what stands between backticks becomes code."""
    lines = element("pre", detail, style="margin:.4em 0 0;white-space:pre-wrap") if detail else ""
    style = "padding:.3em .8em;margin:.3em 0;max-width:46em"
    return marked_box(colour, element("strong", head), " ", with_code(text), lines, role="status", style=style)


@dataclass
class Feedback(Message):
    """The result of a check.

    Attributes:
        exercise: the exercise's name.
        outcome: one of four.
        text: what was found, one or two sentences.
        detail: lines shown as they are, such as Python's own error message.
        words: the outcome in other words than its own (a prediction is not "solved").
        counted: does it belong into the learner's progress?
    """

    exercise: str
    outcome: Outcome
    text: str
    detail: str = ""
    words: str = ""
    counted: bool = True

    def __post_init__(self) -> None:
        self.text, self.detail = shortened(self.text), shortened(self.detail)

    @property
    def solved(self) -> bool:
        """Was the answer right?"""
        return self.outcome is Outcome.SOLVED

    @property
    def head(self) -> str:
        """The outcome in words, and the exercise."""
        return f"{self.outcome.sign} {self.words or self.outcome.words}: {self.exercise}."

    def __str__(self) -> str:
        lines = f"{self.head} {self.text}"
        return f"{lines}\n{self.detail}" if self.detail else lines

    @property
    def html(self) -> Html:
        """A box in the colour of the outcome, with the outcome in words."""
        return box(self.outcome.colour, self.head, self.text, self.detail)


@dataclass
class Hint(Message):
    """One hint of several."""

    text: str
    number: int
    of: int
    exercise: str

    def __str__(self) -> str:
        return f"{self._head()} {self.text}"

    def _head(self) -> str:
        return f"Hint {self.number} of {self.of} for {self.exercise}:"

    @property
    def html(self) -> Html:
        """A blue box."""
        return box(INFORMATION, self._head(), self.text)


@dataclass
class Note(Message):
    """A sentence to the learner."""

    text: str

    def __str__(self) -> str:
        return self.text

    @property
    def html(self) -> Html:
        """A blue box."""
        return box(INFORMATION, "", self.text)
