"""The arguments of all models and of their `fit`, checked alike: one rule for each name."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import partial, wraps
from typing import Any, ParamSpec, TypeVar

from course_utils.checks import check_number, check_positive, check_truth, check_whole

P = ParamSpec("P")
R = TypeVar("R")
Rule = Callable[[str, Any], Any]

LARGEST_SEED = 2**63 - 1  # of torch's and numpy's generators
WIDEST = 10_000  # units of a layer: more do not fit into the memory of a computer as learners have it
MOST_LAYERS = 16
LONGEST_RUN = 12  # tokens of an n-gram
LARGEST_VOCABULARY = 100_000
MOST_SEMITONES = 11  # a tune is moved by, up or down
WITHOUT_LIMIT = ("seconds", "steps", "epochs", "patience")  # None: this does not end the training

_from_one = partial(check_whole, lowest=1)
_share = partial(check_number, lowest=0, below=1)

RULES: Mapping[str, Rule] = {
    "seed": partial(check_whole, lowest=0, highest=LARGEST_SEED),
    "hidden_size": partial(check_whole, lowest=1, highest=WIDEST),
    "layers": partial(check_whole, lowest=1, highest=MOST_LAYERS),
    "order": partial(check_whole, lowest=1, highest=LONGEST_RUN),
    "vocabulary": partial(check_whole, lowest=1, highest=LARGEST_VOCABULARY),
    "seconds": check_positive,
    "steps": _from_one,
    "epochs": _from_one,
    "patience": _from_one,
    "batch_size": _from_one,
    "seq_len": partial(check_whole, lowest=1, highest=WIDEST),
    "lr": check_positive,
    "dropout": _share,
    "word_dropout": _share,
    "feature_dropout": _share,
    "smoothing": _share,
    "transpose": partial(check_whole, lowest=0, highest=MOST_SEMITONES),
    "augment": check_truth,
    "bf16": check_truth,
    "bidirectional": check_truth,
    "go_on": check_truth,
    "once": check_truth,
    "progress": check_truth,
}


def checked(name: str, value: Any) -> Any:
    """The value of an argument, as Python's own kind.

    Args:
        name: one of `RULES`.
        value: what was given.

    Raises:
        CourseError: it cannot be meant.
    """
    return RULES[name](name, value)


def checked_call(function: Callable[..., Any], *given: Any, **by_name: Any) -> inspect.BoundArguments:
    """The arguments of a call, those that have a rule checked; None stays None where it is the default.

    Args:
        function: that is to be called.
        given: its arguments by position.
        by_name: its arguments by name.

    Raises:
        CourseError: one cannot be meant.
        TypeError: as Python itself has it, an argument is missing, unknown, or there twice.
    """
    signature = inspect.signature(function)
    call = signature.bind(*given, **by_name)
    for name, value in call.arguments.items():
        may_be_none = name in WITHOUT_LIMIT or signature.parameters[name].default is None
        if name in RULES and not (value is None and may_be_none):
            call.arguments[name] = checked(name, value)
    return call


def arguments_checked(function: Callable[P, R]) -> Callable[P, R]:
    """Decorator: what `checked_call` does, before each call of a function."""

    @wraps(function)
    def called(*given: P.args, **by_name: P.kwargs) -> R:
        call = checked_call(function, *given, **by_name)
        return function(*call.args, **call.kwargs)

    return called
