"""Questions whose answer is a number or a choice: exercises, and predictions made before a result is shown."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from course_utils.checks import describe
from course_utils.display.html import Html, element, joined
from course_utils.display.live import live_view
from course_utils.errors import CourseError
from course_utils.exercises.engine.exercise import Exercise
from course_utils.exercises.engine.feedback import Feedback, Note, Outcome

NEAR = 1e-3  # how close a number must be to that of a mistake, relative to it
AS_PREDICTED, NOT_AS_PREDICTED = "As you predicted", "Not as you predicted"


@dataclass(kw_only=True)
class NumberQuestion(Exercise):
    """A question whose answer is a number.

    Attributes:
        name: its name in the lesson's module.
        answer: the right number, or the lowest and highest right number. None where the lesson measures it and
            gives it to `check`.
        unit: such as "years"; it is shown behind numbers.
        tolerance: how far off an answer may be, relative to the right number.
        within: how far off it may be besides; for shares, which lie between 0 and 1.
        mistakes: wrong numbers that people really give, and what to say to each. An answer within 0.1 % of such a
            number is told so (where the number is 0, an answer of 0).
        why: shown with a right answer.
        prediction: is it a guess made before the result is shown? Then a wrong one is told the right number; a cell
            that was not attempted never is.
        label: is the number a name, such as a digit that was heard, which cannot be too small or too large?
    """

    answer: float | tuple[float, float] | None = None
    unit: str = ""
    tolerance: float = 1e-3
    within: float = 0.0
    mistakes: Mapping[float, str] = field(default_factory=dict)
    why: str = ""
    prediction: bool = False
    label: bool = False

    def check(self, given: Any, measured: float | tuple[float, float] | None = None) -> Feedback:
        """Compare a number with the right one.

        Args:
            given: the learner's number.
            measured: what the lesson has just measured, in place of the stored answer: a number or (lowest, highest).

        Raises:
            CourseError: there is neither a stored answer nor a measured one (a mistake of the lesson).
        """
        right = measured if measured is not None else self.answer
        if right is None:
            raise CourseError(f"{self.name} has no stored answer: give it what was measured, check(guess, measured).")
        low, high = right if isinstance(right, tuple) else (right, right)
        return self._finish(self._judge(given, float(low), float(high)))

    def _judge(self, given: Any, low: float, high: float) -> Feedback:
        if given is None or given is Ellipsis:
            asks = "Put a number in place of the dots, and run the cell again."
            return self._feedback(Outcome.NOT_ATTEMPTED, asks)
        number = as_number(given)
        if number is None and not_a_number(given):
            return self._feedback(Outcome.NOT_YET, "This is NaN, which means: not a number. Enter a number.")
        if number is None:
            return self._feedback(Outcome.NOT_YET, f"A number is expected here, and this is {describe(given)}.")
        if self.within and 0 <= low <= high <= 1 < number < 2:
            return self._feedback(Outcome.NOT_YET, f"A share lies between 0 and 1, and {number:g} is more.")
        below, above = (self.within + abs(limit) * self.tolerance for limit in (low, high))
        if low - below <= number <= high + above:
            return self._right(low, high)
        says = next((says for value, says in self.mistakes.items() if math.isclose(number, value, rel_tol=NEAR)), "")
        if not says and self._is_percentage(number, low, high):
            return self._feedback(Outcome.NOT_YET, f"A share lies between 0 and 1: {number:g} % is {number / 100:g}.")
        if self.prediction:
            text = f"{says or f'You said {in_digits(number)}.'} {self._was(low, high)}"
            return self._feedback(Outcome.NOT_YET, text, words=NOT_AS_PREDICTED)
        side = "too small" if number < low else "too large"
        found = f"It is not {in_digits(number)}." if self.label else f"{in_digits(number)} is {side}."
        return self._feedback(Outcome.NOT_YET, says or found)

    def _is_percentage(self, number: float, low: float, high: float) -> bool:
        """Is a share between 0 and 1 asked for, and a percentage given?"""
        share = not self.unit and 0 <= low <= high <= 1
        return share and 1 < number <= 100

    def _right(self, low: float, high: float) -> Feedback:
        text = " ".join(filter(None, (self._was(low, high), self.why)))
        return self._feedback(Outcome.SOLVED, text, words=AS_PREDICTED if self.prediction else "")

    def _was(self, low: float, high: float) -> str:
        numbers = in_digits(low) if low == high else f"{in_digits(low)} to {in_digits(high)}"
        return f"It is {numbers}{' ' + self.unit if self.unit else ''}."


def in_digits(number: float) -> str:
    """A number as people write it: 7,234,560 and not 7.23456e+06; a true minus."""
    return (f"{number:,.0f}" if 1e4 <= abs(number) < 1e12 else f"{number:g}").replace("-", "−")


def not_a_number(given: Any) -> bool:
    """Is it NaN?"""
    try:
        return bool(given != given) and math.isnan(float(given))
    except Exception:  # what an unknown object raises
        return False


def as_number(given: Any) -> float | None:
    """A finite real number from whatever a learner gives (a number, or a tensor or array of one); else None."""
    if isinstance(given, (str, bytes, bool, complex)):
        return None
    try:
        number = float(given)
    except Exception:  # what an unknown object raises
        return None
    return number if math.isfinite(number) else None


class Asked:
    """A question put to the learner: buttons in a live notebook, a list elsewhere. `choice` is the answer so far."""

    def __init__(self, question: ChoiceQuestion) -> None:
        self.question = question
        self._buttons: Any = None

    @property
    def choice(self) -> str | None:
        """The choice made; None before one is made."""
        return None if self._buttons is None else self._buttons.value

    def __str__(self) -> str:
        lines = [f"  {n}. {choice}" for n, choice in enumerate(self.question.choices, 1)]
        return "\n".join([self.question.question, *lines])

    __repr__ = __str__

    @property
    def html(self) -> Html:
        """The question and its choices, for pages without a kernel."""
        items = joined(element("li", choice) for choice in self.question.choices)
        return element("p", element("strong", self.question.question)) + element("ol", items)

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        from course_utils.exercises.engine.choices import Choices  # which needs a front end's packages

        if self._buttons is None:
            self._buttons = Choices(self.question.question, self.question.choices)
        return {**live_view(self._buttons), "text/plain": str(self), "text/html": self.html}, {}


@dataclass(kw_only=True)
class ChoiceQuestion(Exercise):
    """A question with choices: a prediction made before the result, or a check of what was understood.

    Attributes:
        name: its name in the lesson's module.
        question: what is asked.
        choices: what can be chosen, in words.
        answer: the right choice.
        says: for each wrong choice, the sentence that meets its misconception.
        why: shown with the right choice.
        prediction: is it made before the result is shown?
    """

    question: str
    choices: tuple[str, ...]
    answer: str
    says: Mapping[str, str]
    why: str
    prediction: bool = True
    _asked: Asked | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.answer not in self.choices or {*self.says, self.answer} != set(self.choices):
            raise ValueError(f"{self.name}: every choice needs a sentence in `says`, the right one its `why`.")

    def ask(self) -> Asked:
        """Put the question: `predict = ex.….ask()`."""
        self._asked = Asked(self)
        show_asked(self._asked)
        return self._asked

    def check(self, given: Any) -> Feedback:
        """Compare a choice with the right one.

        Args:
            given: what `ask` returned, or a choice by its text or its number from 1. After "Run All" the variable may
                hold what a later question returned; then this question's own answer counts.
        """
        if isinstance(given, Asked) and given.question is not self:
            given = self._asked
        return self._finish(self._judge(given.choice if isinstance(given, Asked) else given))

    def _judge(self, given: Any) -> Feedback:
        if given is None or given is Ellipsis:
            return self._feedback(Outcome.NOT_ATTEMPTED, "Choose one of the answers above, and run this cell again.")
        choice = self._choice(given)
        if choice is None:
            listed = "; ".join(f"{n}. {c}" for n, c in enumerate(self.choices, 1))
            return self._feedback(Outcome.NOT_YET, f"This is none of the choices. They are: {listed}")
        if choice == self.answer:
            return self._feedback(Outcome.SOLVED, self.why, words=AS_PREDICTED if self.prediction else "")
        return self._feedback(Outcome.NOT_YET, self.says[choice], words=NOT_AS_PREDICTED if self.prediction else "")

    def _choice(self, given: Any) -> str | None:
        if isinstance(given, str) and given in self.choices:
            return given
        number = as_number(given)
        if number is not None and number in range(1, len(self.choices) + 1):
            return self.choices[int(number) - 1]
        return None

    def solution(self) -> Note:
        """The right choice and why."""
        note = Note(f"{self.answer}. {self.why}")
        note.say()
        return note


def show_asked(asked: Asked) -> None:
    """In a notebook show the buttons at once; in a script print the question."""
    from IPython import get_ipython

    if get_ipython() is None:
        print(asked)
        return
    from IPython.display import display

    display(asked)
