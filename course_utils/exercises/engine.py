"""The engine beneath every exercise: runs an answer beside the reference and says what it found.

An answer is called on copies of random inputs, with the learner's random state, grad mode and objects left as they
were. A wrong answer is compared with the mistakes people really make; the one that gives the same results on all
inputs names the misconception.
"""

from __future__ import annotations

import copy
import inspect
import linecache
import random
import signal
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from course_utils.errors import CourseError
from course_utils.exercises.feedback import Feedback, Hint, Outcome
from course_utils.figures.source import Source

Arguments = tuple[Any, ...]
SECONDS_ALLOWED = 10.0


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that people really give, as a function one would write, and what to say to it."""

    answer: Callable[..., Any]
    says: str


class TooLongError(Exception):
    """The answer did not end in time."""


@dataclass(frozen=True)
class FunctionExercise:
    """An exercise whose answer is a function.

    Attributes:
        reference: the right answer, a function of the package.
        cases: makes the inputs to try, from a seeded generator.
        mistakes: wrong answers, each with its own feedback.
        variants: other right answers that must be accepted (for the tests).
        hints: from a nudge to nearly the answer.
        result: what the function returns, in words and shape, such as "the new state, shape (B, H)".
        tolerance: largest difference from the reference that counts as equal, relative to values of size 1.
        gradients: also compare the gradients with respect to the inputs.
    """

    reference: Callable[..., Any]
    cases: Callable[[torch.Generator], Sequence[Arguments]]
    mistakes: tuple[Mistake, ...]
    hints: tuple[str, ...]
    result: str
    variants: tuple[Callable[..., Any], ...] = ()
    tolerance: float = 1e-5
    gradients: bool = False
    name: str = field(default="")

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", self.name or self.reference.__name__)

    def check(self, answer: Callable[..., Any]) -> Feedback:
        """Run the answer beside the reference and say what was found. Never raises, changes nothing of the learner's.

        Args:
            answer: the learner's function.
        """
        with surroundings_kept():
            feedback = self._run(answer)
        feedback.say()
        return feedback

    def _run(self, answer: Callable[..., Any]) -> Feedback:
        if not callable(answer):
            return self._feedback(Outcome.NOT_YET, f"{self.name} should be a function, and this is {describe(answer)}.")
        cases = self.cases(torch.Generator().manual_seed(0))
        got = []
        for case in cases:
            try:
                with time_limit(SECONDS_ALLOWED):
                    got.append(answer(*copy.deepcopy(case)))
            except NotImplementedError:
                return self._not_attempted()
            except TooLongError:
                told = f"It had not ended after {SECONDS_ALLOWED:g} seconds. Is there a loop that never stops?"
                return self._feedback(Outcome.ERROR, told)
            except Exception as error:
                return self._raised(answer, error, case)
        return self._judge(answer, cases, got)

    def _judge(self, answer: Callable[..., Any], cases: Sequence[Arguments], got: list[Any]) -> Feedback:
        if all(result is None or result is Ellipsis for result in got):
            return self._not_attempted()
        want = [self.reference(*copy.deepcopy(case)) for case in cases]
        first = next((d for g, w in zip(got, want, strict=True) if (d := difference(g, w, self.tolerance))), None)
        if first is None:
            fault = self._gradient_fault(answer, cases) if self.gradients else None
            if fault:
                return self._feedback(Outcome.NOT_YET, fault)
            return self._feedback(
                Outcome.SOLVED, f"{self.name} agrees with the reference on {len(cases)} random inputs."
            )
        for mistake in self.mistakes:
            if self._same_results(mistake.answer, cases, got):
                return self._feedback(Outcome.NOT_YET, mistake.says)
        return self._feedback(Outcome.NOT_YET, f"{first} It should return {self.result}.")

    def _same_results(self, mistake: Callable[..., Any], cases: Sequence[Arguments], got: list[Any]) -> bool:
        try:
            results = [mistake(*copy.deepcopy(case)) for case in cases]
        except Exception:  # this mistake has no result on these inputs, so it is not the one
            return False
        return all(difference(g, r, self.tolerance) is None for g, r in zip(got, results, strict=True))

    def _gradient_fault(self, answer: Callable[..., Any], cases: Sequence[Arguments]) -> str | None:
        names = list(inspect.signature(self.reference).parameters)
        for case in cases:
            want = input_gradients(self.reference, case)
            try:
                got = input_gradients(answer, case)
            except Exception:
                got = [None] * len(want)
            for name, g, w in zip(names, got, want, strict=True):
                if w is not None and (g is None or difference(g, w, self.tolerance)):
                    return (
                        f"The values are right, but the gradient with respect to {name} is not, and training needs it. "
                        "Compute with torch's operations only: numpy, .detach(), .item() and .data cut the gradient."
                    )
        return None

    def _not_attempted(self) -> Feedback:
        return self._feedback(
            Outcome.NOT_ATTEMPTED,
            f"Replace the ... in {self.name} by your own lines, and run the cell again. "
            "(If you did write something: is there a return?)",
        )

    def _raised(self, answer: Callable[..., Any], error: Exception, case: Arguments) -> Feedback:
        line = own_line(answer, error)
        given = ", ".join(describe(a) for a in case)
        where = f"in your line {line[0]}: `{line[1]}`" if line else f"when it was called with {given}"
        detail = str(error)
        if "shapes cannot be multiplied" in detail:
            detail += (
                "\nIn A @ B the columns of A must be as many as the rows of B: (4, 3) @ (3, 5) gives (4, 5). "
                "A.T exchanges rows and columns."
            )
        return self._feedback(Outcome.ERROR, f"{type(error).__name__} {where}", detail)

    def _feedback(self, outcome: Outcome, text: str, detail: str = "") -> Feedback:
        return Feedback(self.name, outcome, text, detail)

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

    def solution(self) -> Source:
        """The solution: the very function that later lessons import."""
        source = Source(self.reference)
        source.say()
        return source


def difference(got: Any, want: Any, tolerance: float) -> str | None:
    """What tells a result from the wanted one, as a sentence; None where they agree within the tolerance."""
    if isinstance(want, torch.Tensor):
        if not isinstance(got, torch.Tensor):
            return f"It returned {describe(got)}, where a tensor was expected."
        got, want = got.detach().cpu(), want.detach().cpu()
    if np.iscomplexobj(got):
        return f"It returned {describe(got)} of complex numbers, where real ones were expected."
    try:
        g, w = np.asarray(got, dtype=np.float64), np.asarray(want, dtype=np.float64)
    except (TypeError, ValueError):
        return f"It returned {describe(got)}, where {describe(want)} was expected."
    if g.shape != w.shape:
        return f"The result has shape {g.shape}, where {w.shape} was expected."
    if np.isnan(g).any() and not np.isnan(w).any():
        return "The result holds NaN (not a number)."
    far = ~np.isclose(g, w, rtol=tolerance, atol=tolerance, equal_nan=True)
    if not far.any():
        return None
    place = tuple(np.argwhere(far)[0]) if far.ndim else ()
    at = f" at [{', '.join(map(str, place))}]" if place else ""
    return f"The values differ: {g[place]:.6g}{at}, where {w[place]:.6g} was expected."


def describe(value: Any) -> str:
    """A value in a few words, such as "a tensor of shape (4, 3)"."""
    if value is None:
        return "None"
    if isinstance(value, (torch.Tensor, np.ndarray)):
        kind = "a tensor" if isinstance(value, torch.Tensor) else "an array"
        return f"{kind} of shape {tuple(value.shape)}"
    return f"{'an' if type(value).__name__[0] in 'aeiou' else 'a'} {type(value).__name__}"


def input_gradients(function: Callable[..., Any], case: Arguments) -> list[torch.Tensor | None]:
    """Gradients of a fixed weighted sum of the result in each input; None for inputs that are no tensors."""
    inputs = [a.clone().requires_grad_() if isinstance(a, torch.Tensor) else a for a in copy.deepcopy(case)]
    with torch.enable_grad():
        result = function(*inputs)
        weights = torch.linspace(0.5, 1.5, result.numel()).reshape(result.shape)
        (result * weights).sum().backward()
    return [a.grad if isinstance(a, torch.Tensor) else None for a in inputs]


def own_line(answer: Callable[..., Any], error: Exception) -> tuple[int, str] | None:
    """The learner's own line in which the error arose: its number in the cell, and its text."""
    code = getattr(answer, "__code__", None)
    if code is None:
        return None
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == code.co_filename]
    if not frames or frames[-1].lineno is None:
        return None
    return frames[-1].lineno, linecache.getline(code.co_filename, frames[-1].lineno).strip()


@contextmanager
def surroundings_kept() -> Iterator[None]:
    """Put back the random states and grad mode, whatever happens inside."""
    python, numpy, generator, grad = (
        random.getstate(),
        np.random.get_state(),
        torch.get_rng_state(),
        torch.is_grad_enabled(),
    )
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)
        torch.set_rng_state(generator)
        torch.set_grad_enabled(grad)


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TooLongError after that many seconds, where Python can be interrupted (main thread; not on Windows)."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(signum: int, frame: Any) -> None:
        raise TooLongError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
