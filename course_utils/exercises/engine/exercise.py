"""The engine beneath every exercise: runs an answer beside the reference and says what it found.

An answer is called on copies of the inputs, in float32 and in float64, with the learner's random state, grad mode and
objects left as they were. A wrong answer is compared with the mistakes people really make; the one that gives the
same results on all inputs, errors included, names the misconception.
"""

from __future__ import annotations

import copy
import inspect
import linecache
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch

from course_utils.checks import describe
from course_utils.display.source import Source
from course_utils.errors import CourseError
from course_utils.exercises.engine import inputs, isolation, progress
from course_utils.exercises.engine.compare import difference, in_double, input_gradients, is_odd
from course_utils.exercises.engine.feedback import Feedback, Hint, Note, Outcome, shortened
from course_utils.exercises.engine.inputs import Arguments
from course_utils.exercises.engine.surroundings import checking, surroundings_kept
from course_utils.exercises.engine.tips import tip

__all__ = ["Arguments", "Exercise", "FunctionExercise", "Mistake"]

SHOWN_NUMBERS = 24  # a case of so many numbers is shown with the feedback
LONGEST_LINE, LONGEST_ERROR = 200, 2_000  # characters that are shown of a learner's line and of Python's message
SMALLER_SEEDS, SMALLER_SECONDS = 10, 1.0  # how long a smaller input is looked for on which a wrong answer differs


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
        """Record what was attempted and counts, and show the feedback."""
        if feedback.counted and feedback.outcome is not Outcome.NOT_ATTEMPTED:
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
        cases: makes the inputs to try, from a seeded generator. A difference is shown on the smallest that is found.
            Where all tensors are float32, the last case is tried in float64 as well, and the other way round.
        mistakes: wrong answers, each with its own feedback.
        variants: other right answers that must be accepted (for the tests).
        result: what the function returns, in words and shape, such as "the new state, shape (B, H)".
        tolerance: largest difference from the reference that counts as equal, as a share of its value.
        least: for values smaller than this, as a share of this size; 0 where also tiny values must be right.
        gradients: also compare the gradients with respect to the inputs.
        data: the names of arguments that hold data, so that no gradient with respect to them is asked.
        either_float: float32 and float64 count alike in the result, and mistakes are recognised in every dtype.
        draws_itself: said to a wrong answer that gives something else when it is called again, where what is random
            is an argument.
        shape_tip: added to torch's message when shapes do not fit; by default one that fits the message.
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
    data: tuple[str, ...] = ()
    either_float: bool = False
    draws_itself: str = ""
    shape_tip: str = ""
    _passed: Callable[..., Any] | None = field(default=None, repr=False)
    _lent: bool = field(default=False, repr=False)  # did an answer call the course's function by way of `mine`?

    def __post_init__(self) -> None:
        self.name = self.name or self.reference.__name__

    def check(self, answer: Callable[..., Any]) -> Feedback:
        """Run the answer beside the reference and say what was found. Changes nothing of the learner's.

        Args:
            answer: the learner's function.

        Raises:
            KeyboardInterrupt: the learner stopped the cell (■).
        """
        self._lent = False
        with surroundings_kept(), isolation.last_words():
            try:
                feedback = self._run(answer)
            except CourseError:
                raise
            except (Exception, isolation.TooLongError) as error:
                feedback = self._failed(error)
        if feedback.solved and (self._lent or is_same_function(answer, self.reference)):
            feedback.text = "This is the course's own function, so it is not counted. Write yours, and check it."
            feedback.counted = False
        elif feedback.solved:
            self._passed = answer
        return self._finish(feedback)

    def _failed(self, error: BaseException) -> Feedback:
        """The engine's own error, which is none of the learner's."""
        feedback = self._feedback(
            Outcome.ERROR,
            "This is a fault of the course and not of your answer, and nothing was counted. Please report it with "
            "your answer and the lines below.",
            detail="".join(traceback.format_exception(error)[-4:]),
            words="The check itself failed",
        )
        feedback.counted = False
        return feedback

    def mine(self) -> Callable[..., Any]:
        """The learner's own function if its last check in this session passed, else the course's; says which.

        While an answer is checked nothing is said: it may ask for another exercise's function at each call.
        """
        if checking():
            self._lent |= self._passed is None
            return self._passed or self.reference
        whose = "your own" if self._passed else "the course's (yours has not passed a check in this session)"
        Note(f"From here on {self.name} is {whose}.").say()
        return self._passed or self.reference

    def solution(self) -> Source:
        """The solution: the very function that later lessons import."""
        source = Source(self.reference, *self.helpers)
        source.say()
        return source

    def tried(self, seed: int = 0) -> list[Arguments]:
        """The inputs on which an answer is tried, made from this seed."""
        return inputs.in_both_precisions(self.cases(torch.Generator().manual_seed(seed)))

    def _run(self, answer: Any) -> Feedback:
        if answer is None or answer is Ellipsis:
            return self._not_attempted()
        if not callable(answer):
            return self._feedback(Outcome.NOT_YET, f"{self.name} should be a function, and this is {describe(answer)}.")
        runs = []
        for case in self.tried():
            run = Run.of(answer, case)
            runs.append(run)
            if isinstance(run.error, isolation.TooLongError):
                break
        failed = next((run for run in runs if run.error), None)
        try:
            return self._judge_error(answer, runs, failed) if failed else self._judge(answer, runs)
        except (Exception, isolation.TooLongError) as error:
            odd = next((run.result for run in runs if is_odd(run.result)), None)
            if odd is None or isinstance(error, CourseError):
                raise  # not the result's fault
            told = f"It returned {kind_of(odd)}, which cannot be compared. It should return {self.result}."
            return self._feedback(Outcome.NOT_YET, told)

    def _judge_error(self, answer: Callable[..., Any], runs: Sequence[Run], failed: Run) -> Feedback:
        """An answer that raised an error on some input: the stub, a known mistake, or an error to explain."""
        error = failed.error
        assert error is not None
        if isinstance(error, NotImplementedError):  # the learner's own stub, or torch that cannot do what was asked
            line = own_line(answer, error)
            if line is None or "NotImplementedError" in line[1]:
                return self._not_attempted()
        known = self._known_mistake(runs)
        return self._feedback(Outcome.NOT_YET, known.says) if known else self._raised(answer, error, failed.case)

    def _judge(self, answer: Callable[..., Any], runs: Sequence[Run]) -> Feedback:
        if all(run.result is None or run.result is Ellipsis for run in runs):
            return self._not_attempted()
        wrong = [(run.case, found) for run in runs if (found := self._difference(run.case, run.result))]
        changes = next(filter(None, (inputs.changed(self._names, run.case, run.after) for run in runs)), "")
        if not wrong:
            fault = self._changes(changes) if changes else self._gradient_fault(answer) if self.gradients else None
            told = f"It agrees with the reference on {len(runs)} inputs."
            return self._feedback(Outcome.NOT_YET, fault) if fault else self._feedback(Outcome.SOLVED, told)
        known = self._known_mistake(runs)
        if known:
            return self._feedback(Outcome.NOT_YET, known.says)
        if self.draws_itself and any(self._differs_again(answer, run) for run in runs):
            return self._feedback(Outcome.NOT_YET, self.draws_itself)
        case, found = self._smallest(answer, wrong)
        given = f"For {inputs.in_words(case, self._names)}: " if inputs.numbers_in(case) <= SHOWN_NUMBERS else ""
        more = f" {self._changes(changes)}" if changes else ""
        return self._feedback(Outcome.NOT_YET, f"{given}{found} It should return {self.result}.{more}")

    @property
    def _names(self) -> list[str]:
        return inputs.names_of(self.reference)

    def _difference(self, case: Arguments, result: Any) -> str | None:
        """What tells a result from the reference's on these inputs."""
        want = self.reference(*copy.deepcopy(case))
        if self.either_float and inputs.floating(result) and result.dtype in (torch.float32, torch.float64):
            result, want = in_double(result), in_double(want)
        with isolation.time_limit(isolation.SECONDS_ALLOWED):  # a result can be an object of the learner's own kind
            return difference(result, want, self.tolerance, self.least, inputs.dtypes_of(case, self._names))

    def _changes(self, name: str) -> str:
        return (
            f"It changes its argument {name} in place, and the caller loses the old values. "
            f"Make a new one: `{name} = {name}.clone()` for a tensor, `{name}.copy()` for an array or a list."
        )

    def _smallest(self, answer: Callable[..., Any], wrong: Sequence[tuple[Arguments, str]]) -> tuple[Arguments, str]:
        """The smallest input found on which the answer differs, with short numbers where that is enough."""
        best = min(wrong, key=lambda pair: inputs.numbers_in(pair[0]))
        until = time.monotonic() + SMALLER_SECONDS
        for seed in range(1, SMALLER_SEEDS):
            for case in self.tried(seed):
                smaller = inputs.numbers_in(case) < inputs.numbers_in(best[0])
                if smaller and time.monotonic() < until and (found := self._wrong_on(answer, case)):
                    best = case, found
        short = inputs.rounded(best[0])
        found = self._wrong_on(answer, short)
        return (short, found) if found else best

    def _wrong_on(self, answer: Callable[..., Any], case: Arguments) -> str | None:
        """How the answer differs on these inputs; None where it agrees, or either cannot take them."""
        run = Run.of(answer, case)
        try:
            return None if run.error else self._difference(case, run.result)
        except Exception:
            return None

    def _known_mistake(self, runs: Sequence[Run]) -> Mistake | None:
        """The mistake that gives what the answer gave, on all inputs."""
        return next((mistake for mistake in self.mistakes if self._same_results(mistake.answer, runs)), None)

    def _same_results(self, mistake: Callable[..., Any], runs: Sequence[Run]) -> bool:
        """Does the mistake give what the answer gave, on all cases? It is run no further than the first difference."""
        for run in runs:
            try:
                expected = mistake(*copy.deepcopy(run.case))
            except Exception as error:
                if type(error) is not type(run.error) or error_text(error) != error_text(run.error):
                    return False
            else:
                if run.error or self._differ(run.result, expected):
                    return False
        return True

    def _differ(self, result: Any, expected: Any) -> bool:
        """Do the results of two answers differ?"""
        if self.either_float:
            result, expected = in_double(result), in_double(expected)
        return difference(result, expected, self.tolerance, self.least) is not None

    def _differs_again(self, answer: Callable[..., Any], run: Run) -> bool:
        """Does the answer give something else on the same inputs when it is called again?"""
        again = Run.of(answer, run.case)
        return again.error is None and self._differ(again.result, run.result)

    def _gradient_fault(self, answer: Callable[..., Any]) -> str | None:
        data = [self._names.index(name) for name in self.data]
        for case in self.tried():
            want = input_gradients(self.reference, case, data)
            try:
                with isolation.time_limit(isolation.SECONDS_ALLOWED):
                    got = input_gradients(lambda *arguments: isolation.call(answer, arguments), case, data)
            except isolation.TooLongError:
                told = f"With gradients it had not ended after {isolation.SECONDS_ALLOWED:g} seconds."
                return f"The values are right. {told} Training needs them: is there a way with fewer steps?"
            except Exception:
                got = [None] * len(want)
            for name, g, w in zip(self._names, got, want, strict=False):
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
        sizes = inputs.sizes_in_words(case, self._names) if line else ""
        small = inputs.numbers_in(case) <= SHOWN_NUMBERS and not sizes
        called = (
            f"It was called with {inputs.in_words(case, self._names) if small else sizes}." if small or sizes else ""
        )
        detail = "\n".join(filter(None, (text, called, tip(text, line[1] if line else "", self.shape_tip))))
        return self._feedback(Outcome.ERROR, f"{type(error).__name__} {where}", detail)


@dataclass
class Run:
    """What an answer gave on one case: its result or its error, and the arguments as they were afterwards."""

    case: Arguments
    after: Arguments
    result: Any = None
    error: BaseException | None = None

    @classmethod
    def of(cls, answer: Callable[..., Any], case: Arguments) -> Run:
        """Run an answer on copies of the arguments.

        Raises:
            KeyboardInterrupt: the learner stopped it.
        """
        after = copy.deepcopy(case)
        try:
            return cls(case, after, isolation.call(answer, after))
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            return cls(case, after, error=error)


def error_text(error: BaseException) -> str:
    """Python's own message, shortened; empty where an error cannot tell its text."""
    try:
        with isolation.time_limit(isolation.SECONDS_ALLOWED):
            return shortened(str(error), LONGEST_ERROR)
    except KeyboardInterrupt:
        raise
    except BaseException:
        return ""


def kind_of(thing: Any) -> str:
    """What a result is, also where it cannot be asked for it."""
    try:
        return describe(thing)
    except Exception:
        return f"something of the type {type(thing).__name__}"


def is_same_function(answer: Any, reference: Callable[..., Any]) -> bool:
    """Is an answer the reference, or something that only calls it: a partial, a decorated or copied function?"""
    try:
        while answer is not reference and (inner := _inside(answer)) is not None:
            answer = inner
        return answer is reference or answer.__code__ is reference.__code__
    except Exception:  # whatever an object raises when it is asked
        return False


def _inside(function: Any) -> Any:
    """What a partial, a decorated function or a method calls; None where it is none of them."""
    if isinstance(function, partial):
        return function.func
    return getattr(function, "__wrapped__", None) or getattr(function, "__func__", None)


def own_line(answer: Callable[..., Any], error: BaseException) -> tuple[int, str] | None:
    """The learner's own line in which the error arose: its number in the cell, and its text."""
    code = getattr(answer, "__code__", None)
    if not inspect.iscode(code):
        return None
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == code.co_filename]
    if not frames or frames[-1].lineno is None:
        return None
    text = linecache.getline(code.co_filename, frames[-1].lineno).strip()
    return frames[-1].lineno, shortened(text, LONGEST_LINE)
