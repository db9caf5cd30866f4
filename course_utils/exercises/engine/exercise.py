"""The engine beneath every exercise: runs an answer beside the reference and says what it found.

An answer is called on copies of random inputs, with the learner's random state, grad mode and objects left as they
were. A wrong answer is compared with the mistakes people really make; the one that gives the same results on all
inputs names the misconception.
"""

from __future__ import annotations

import copy
import inspect
import linecache
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from course_utils.checks import describe
from course_utils.display.source import Source
from course_utils.errors import CourseError
from course_utils.exercises.engine import isolation, progress
from course_utils.exercises.engine.compare import difference, input_gradients
from course_utils.exercises.engine.feedback import Feedback, Hint, Note, Outcome
from course_utils.runtime import torch_settings_kept

Arguments = tuple[Any, ...]
SHOWN_NUMBERS = 4  # a case of so many numbers is shown with the feedback


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that people really give, as a function one would write, and what to say to it."""

    answer: Callable[..., Any]
    says: str


@dataclass(kw_only=True)
class Exercise:
    """What all exercises share: a name, hints in steps, and a line in the learner's progress.

    Attributes:
        lesson: the lesson's number, such as "05".
        name: the name under which the lesson's module keeps it.
        hints: from a nudge to nearly the answer.
    """

    lesson: str
    name: str = ""
    hints: tuple[str, ...] = ()

    def hint(self, number: int = 1) -> Hint:
        """Hint 1 is a nudge; the last is nearly the answer.

        Raises:
            CourseError: there is no hint of that number.
        """
        if number not in range(1, len(self.hints) + 1):
            raise CourseError(f"{self.name} has the hints 1 to {len(self.hints)}; there is no hint {number}.")
        hint = Hint(self.hints[number - 1], number, len(self.hints), self.name)
        hint.say()
        return hint

    def _feedback(self, outcome: Outcome, text: str, detail: str = "", words: str = "") -> Feedback:
        return Feedback(self.name, outcome, text, detail, words)

    def _finish(self, feedback: Feedback) -> Feedback:
        """Record what was attempted, and show the feedback."""
        if feedback.outcome is not Outcome.NOT_ATTEMPTED:
            problem = progress.record(self.lesson, self.name, feedback.outcome.name)
            feedback.detail = "\n".join(filter(None, (feedback.detail, problem)))
        feedback.say()
        return feedback


@dataclass(kw_only=True)
class FunctionExercise(Exercise):
    """An exercise whose answer is a function.

    Attributes:
        reference: the right answer, a function of the package.
        helpers: functions of the package that the reference calls, shown below it as part of the solution.
        cases: makes the inputs to try, from a seeded generator. A difference is shown on a small case if there is
            one (then with its inputs), else on the last.
        mistakes: wrong answers, each with its own feedback.
        variants: other right answers that must be accepted (for the tests).
        result: what the function returns, in words and shape, such as "the new state, shape (B, H)".
        tolerance: largest difference from the reference that counts as equal, as a share of its value.
        least: for values smaller than this, as a share of this size; 0 where also tiny values must be right.
        gradients: also compare the gradients with respect to the inputs.
        shape_tip: added to torch's message when shapes do not fit.
    """

    reference: Callable[..., Any]
    cases: Callable[[torch.Generator], Sequence[Arguments]]
    mistakes: tuple[Mistake, ...]
    result: str
    variants: tuple[Callable[..., Any], ...] = ()
    helpers: tuple[Callable[..., Any], ...] = ()
    tolerance: float = 1e-5
    least: float = 1.0
    gradients: bool = False
    shape_tip: str = (
        "In A @ B the columns of A must be as many as the rows of B: (4, 3) @ (3, 5) gives (4, 5). "
        "A.T exchanges rows and columns. A * B multiplies entry by entry."
    )
    _passed: Callable[..., Any] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self.name = self.name or self.reference.__name__

    def check(self, answer: Callable[..., Any]) -> Feedback:
        """Run the answer beside the reference and say what was found. Changes nothing of the learner's.

        Args:
            answer: the learner's function.

        Raises:
            KeyboardInterrupt: the learner stopped the cell (■).
        """
        with isolation.surroundings_kept():
            feedback = self._run(answer)
        if feedback.solved:
            self._passed = answer
        return self._finish(feedback)

    def mine(self) -> Callable[..., Any]:
        """The learner's own function if its last check in this session passed, else the course's; says which."""
        whose = "your own" if self._passed else "the course's (yours has not passed a check in this session)"
        Note(f"From here on {self.name} is {whose}.").say()
        return self._passed or self.reference

    def solution(self) -> Source:
        """The solution: the very function that later lessons import."""
        source = Source(self.reference, *self.helpers)
        source.say()
        return source

    def _run(self, answer: Any) -> Feedback:
        if answer is None or answer is Ellipsis:
            return self._not_attempted()
        if not callable(answer):
            return self._feedback(Outcome.NOT_YET, f"{self.name} should be a function, and this is {describe(answer)}.")
        cases = self.cases(torch.Generator().manual_seed(0))
        got = []
        for case in cases:
            try:
                got.append(isolation.call(answer, case))
            except NotImplementedError as error:  # the learner's own stub, or torch that cannot do what was asked
                line = own_line(answer, error)
                stub = line is None or "NotImplementedError" in line[1]
                return self._not_attempted() if stub else self._raised(answer, error, case)
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                return self._raised(answer, error, case)
        try:
            return self._judge(answer, cases, got)
        except (KeyboardInterrupt, CourseError):
            raise
        except Exception:  # a result so odd that it cannot even be compared
            told = f"It returned {describe(got[0])}, which cannot be compared. It should return {self.result}."
            return self._feedback(Outcome.NOT_YET, told)

    def _judge(self, answer: Callable[..., Any], cases: Sequence[Arguments], got: list[Any]) -> Feedback:
        if all(result is None or result is Ellipsis for result in got):
            return self._not_attempted()
        want = [self.reference(*copy.deepcopy(case)) for case in cases]
        wrong = [
            (case, found)
            for case, g, w in zip(cases, got, want, strict=True)
            if (found := difference(g, w, self.tolerance, self.least))
        ]
        if not wrong:
            fault = self._gradient_fault(answer, cases) if self.gradients else None
            if fault:
                return self._feedback(Outcome.NOT_YET, fault)
            return self._feedback(Outcome.SOLVED, f"It agrees with the reference on {len(cases)} random inputs.")
        for mistake in self.mistakes:
            if self._same_results(mistake.answer, cases, got):
                return self._feedback(Outcome.NOT_YET, mistake.says)
        case, found = next((pair for pair in wrong if numbers_in(pair[0]) <= SHOWN_NUMBERS), wrong[-1])
        given = f"For {self._in_words(case)}: " if numbers_in(case) <= SHOWN_NUMBERS else ""
        return self._feedback(Outcome.NOT_YET, f"{given}{found} It should return {self.result}.")

    def _in_words(self, case: Arguments) -> str:
        """A small case, such as "x = 3.0, h = [[0.5]]"."""
        names = inspect.signature(self.reference).parameters
        values = (v if isinstance(v, int) else np.round(np.asarray(v, dtype=np.float64), 4).tolist() for v in case)
        return ", ".join(f"{name} = {value}" for name, value in zip(names, values, strict=False))

    def _same_results(self, mistake: Callable[..., Any], cases: Sequence[Arguments], got: list[Any]) -> bool:
        """Does the mistake give what the answer gave, on all cases? It is run no further than the first difference."""
        for case, result in zip(cases, got, strict=True):
            try:
                expected = mistake(*copy.deepcopy(case))
            except Exception:  # this mistake has no result on these inputs, so it is not the one
                return False
            if difference(result, expected, self.tolerance, self.least) is not None:
                return False
        return True

    def _gradient_fault(self, answer: Callable[..., Any], cases: Sequence[Arguments]) -> str | None:
        names = list(inspect.signature(self.reference).parameters)
        for case in cases:
            want = input_gradients(self.reference, case)
            try:
                with torch_settings_kept(), isolation.time_limit(isolation.SECONDS_ALLOWED):
                    got = input_gradients(answer, case)
            except (Exception, isolation.TooLongError):
                got = [None] * len(want)
            for name, g, w in zip(names, got, want, strict=True):
                if w is not None and (g is None or difference(g, w, self.tolerance)):
                    return (
                        f"The values are right, but the gradient with respect to {name} is not, and training needs it. "
                        "Compute with torch's operations only: numpy, .detach(), .item() and .data cut the gradient, "
                        "and changes in place (h += …) spoil it."
                    )
        return None

    def _not_attempted(self) -> Feedback:
        return self._feedback(
            Outcome.NOT_ATTEMPTED,
            "It returns nothing so far. Put your own lines in place of the `...` and run the cell again. "
            "If you have done so: does your function end with a `return`?",
        )

    def _raised(self, answer: Callable[..., Any], error: BaseException, case: Arguments) -> Feedback:
        if isinstance(error, isolation.TooLongError):
            told = f"It had not ended after {isolation.SECONDS_ALLOWED:g} seconds. Is there a loop that never stops?"
            return self._feedback(Outcome.ERROR, told)
        if isinstance(error, SystemExit):
            return self._feedback(Outcome.ERROR, "It tried to end Python (exit or quit). Return a result instead.")
        line = own_line(answer, error)
        given = ", ".join(describe(a) for a in case)
        where = f"in your line {line[0]}: `{line[1]}`" if line else f"when it was called with {given}"
        text = error_text(error)
        if any(words in text for words in ("shapes cannot be multiplied", "must match the size", "size mismatch")):
            text += f"\n{self.shape_tip}"
        if "only one element tensors can be converted" in text:
            text += "\nPython's own math works on single numbers; for tensors use torch's, such as torch.tanh."
        return self._feedback(Outcome.ERROR, f"{type(error).__name__} {where}", text)


def numbers_in(case: Arguments) -> float:
    """How many numbers a case holds; infinite where it holds something else than numbers, tensors and arrays."""
    if not all(isinstance(value, (int, float, np.ndarray, torch.Tensor)) for value in case):
        return float("inf")
    return sum(np.size(value) if not isinstance(value, torch.Tensor) else value.numel() for value in case)


def error_text(error: BaseException) -> str:
    """Python's own message; empty where an error cannot tell its text."""
    try:
        return str(error)
    except Exception:
        return ""


def own_line(answer: Callable[..., Any], error: BaseException) -> tuple[int, str] | None:
    """The learner's own line in which the error arose: its number in the cell, and its text."""
    code = getattr(answer, "__code__", None)
    if not inspect.iscode(code):
        return None
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == code.co_filename]
    if not frames or frames[-1].lineno is None:
        return None
    return frames[-1].lineno, linecache.getline(code.co_filename, frames[-1].lineno).strip()
