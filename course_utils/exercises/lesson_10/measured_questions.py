"""Lesson 10: predictions that the lesson answers by what it measures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from course_utils.errors import unknown
from course_utils.exercises.engine.feedback import Feedback
from course_utils.exercises.engine.questions import ChoiceQuestion, NumberQuestion


@dataclass(kw_only=True)
class MeasuredChoice(ChoiceQuestion):
    """A prediction with choices, of which the lesson measures the right one: `ex.….check(predict, measured)`."""

    answer: str = "The lesson measures it"
    says: Mapping[str, str] = field(default_factory=dict)
    why: str = "Run its cells, and check your prediction."

    def __post_init__(self) -> None:
        """There are no sentences to check yet: no choice is right before it is measured."""

    def check(self, given: Any, measured: str | None = None) -> Feedback:
        """Compare a choice with what was measured.

        Args:
            given: what `ask` returned, or a choice by its text or its number from 1.
            measured: the choice that turned out right.

        Raises:
            CourseError: what was measured is none of the choices (a mistake of the lesson).
        """
        if measured not in self.choices:
            raise unknown("choice", measured, self.choices)
        self.answer, self.why = measured, f"Measured: {measured}."
        self.says = dict.fromkeys((choice for choice in self.choices if choice != measured), self.why)
        return super().check(given)


first_winner = MeasuredChoice(
    lesson="10",
    name="first_winner",
    question="Digits, read pixel by pixel in 64 steps: which network is first at the criterion?",
    choices=("RNN", "LSTM", "GRU", "none of them clearly"),
)

longest_winner = MeasuredChoice(
    lesson="10",
    name="longest_winner",
    question="The adding problem with the longest lag: which network is first at the criterion?",
    choices=("RNN", "LSTM", "GRU", "none of them clearly"),
)

others = MeasuredChoice(
    lesson="10",
    name="others",
    question="The flagged latch over 160 steps: which of the two needs clearly fewer CPU seconds than the LSTM?",
    choices=("both, Transformer and state space network", "the Transformer", "the state space network", "neither"),
)

doubling = NumberQuestion(lesson="10", name="doubling", unit="times as long", tolerance=0.25, prediction=True)

attention_doubling = NumberQuestion(
    lesson="10",
    name="attention_doubling",
    unit="times as long",
    tolerance=0.15,
    mistakes={
        2: "Twice as long is what work in proportion to the length takes. Attention compares *each pair* of steps.",
        4: "Four times is the work of attention alone, each pair of steps. The other layers' work only doubles.",
    },
    prediction=True,
)
