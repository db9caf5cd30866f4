"""The arguments of every model and of every `fit`: taken as they are meant, or refused, by the same rules."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.errors import CourseError
from course_utils.models.arguments import LARGEST_SEED, LARGEST_VOCABULARY, RULES, WIDEST, checked, checked_call
from course_utils.models.translation import Translator
from tests.models.fitted import KINDS, PAIRS

NO_NUMBERS = (True, "1", [1], 1j, object(), float("nan"), float("inf"))
COUNTS = ("steps", "epochs", "patience", "batch_size", "hidden_size", "vocabulary", "layers", "order", "seq_len")
WRONG: dict[str, tuple[Any, ...]] = {
    **dict.fromkeys(COUNTS, (*NO_NUMBERS, 0, 1.5, 2.0, -3)),
    "transpose": (*NO_NUMBERS, -1, 0.5, 12),
    "seed": (*NO_NUMBERS, -1, 0.5, LARGEST_SEED + 1, 2**70),
    **dict.fromkeys(("seconds", "lr"), (*NO_NUMBERS, 0, 0.0, -1)),
    **dict.fromkeys(("dropout", "word_dropout", "feature_dropout", "smoothing"), (*NO_NUMBERS, 1, 1.0, 2, -0.1)),
    **dict.fromkeys(("augment", "bf16", "bidirectional", "go_on", "once", "progress"), (0, 1, None, "no", 2.0)),
}
RIGHT: dict[str, tuple[Any, ...]] = {
    "transpose": (0, 11),
    "seed": (0, LARGEST_SEED),
    "hidden_size": (1, WIDEST),
    "layers": (1, 16),
    "order": (1, 12),
    "seq_len": (1, WIDEST),
    "vocabulary": (1, LARGEST_VOCABULARY),
    **dict.fromkeys(("steps", "epochs", "patience", "batch_size"), (1, 10**6)),
    **dict.fromkeys(("seconds", "lr"), (1e-9, 3, 1e9)),
    **dict.fromkeys(("dropout", "word_dropout", "feature_dropout", "smoothing"), (0, 0.0, 0.999)),
    **dict.fromkeys(("augment", "bf16", "bidirectional", "go_on", "once", "progress"), (True, False)),
}


def test_each_rule_is_tried() -> None:
    assert RULES.keys() == WRONG.keys() == RIGHT.keys()


@pytest.mark.parametrize("name", RULES)
def test_what_can_be_meant_comes_back_as_python_has_it(name: str) -> None:
    for value in RIGHT[name]:
        for form in (value, np.array(value)[()]):
            assert checked(name, form) == value
            assert type(checked(name, form)).__module__ == "builtins"


@pytest.mark.parametrize("name", RULES)
def test_what_cannot_be_meant_is_refused_with_its_name(name: str) -> None:
    for value in WRONG[name]:
        with pytest.raises(CourseError, match=rf"^{name} must be .*; it is "):
            checked(name, value)


FITS = [
    (kind, name) for kind in KINDS for name in inspect.signature(KINDS[kind].make().fit).parameters if name in RULES
]


@pytest.mark.parametrize(("kind", "name"), FITS)
def test_each_fit_refuses_it_before_it_looks_at_its_data(kind: str, name: str) -> None:
    data = [object()] * len(KINDS[kind].data)
    default = inspect.signature(KINDS[kind].make().fit).parameters[name].default
    for value in [value for value in WRONG[name] if value is not default]:
        with pytest.raises(CourseError, match=rf"^{name} must be .*; it is "):
            KINDS[kind].make().fit(*data, **{name: value})


MADE = [(kind, name) for kind in KINDS for name in KINDS[kind].make()._argument_names() if name in RULES]


@pytest.mark.parametrize(("kind", "name"), MADE)
def test_each_model_refuses_it_when_it_is_made(kind: str, name: str) -> None:
    for value in WRONG[name]:
        with pytest.raises(CourseError, match=rf"^{name} must be .*; it is "):
            type(KINDS[kind].make())(**{name: value})


def test_no_argument_of_this_kind_is_without_a_rule() -> None:
    """Numbers and yes or no of any `fit` have a rule; what has none is data or has a check of its own."""
    others = {"valid", "sample_rate", "backbone", "gaps", "base"}
    for kind in KINDS.values():
        parameters = list(inspect.signature(kind.make().fit).parameters.values())[len(kind.data) :]
        assert {parameter.name for parameter in parameters} <= RULES.keys() | others


def test_none_is_taken_where_it_is_the_default_or_no_limit() -> None:
    def fit(data: Any, lr: float = 1.0, vocabulary: int | None = None, seconds: float | None = 30) -> None:
        """A training."""

    assert checked_call(fit, [], 0.5, None, None).args == ([], 0.5, None, None)
    assert checked_call(fit, [], seconds=np.float32(2)).kwargs == {"seconds": 2.0}
    with pytest.raises(CourseError, match="lr must be a number greater than 0; it is None"):
        checked_call(fit, [], lr=None)
    with pytest.raises(TypeError, match="stepps"):
        checked_call(fit, [], stepps=3)


@given(st.floats(0, 0.9), st.floats(0, 0.9), st.floats(0, 0.9), st.integers(1, 20))
def test_shares_that_are_allowed_can_be_trained_with(dropout: float, word: float, smoothing: float, size: int) -> None:
    shares: dict[str, Any] = {"dropout": dropout, "word_dropout": word, "smoothing": smoothing}
    history = Translator("rnn", 2, level="word").fit(
        PAIRS, steps=1, vocabulary=size, batch_size=size, progress=False, **shares
    )
    assert history.steps == 1
