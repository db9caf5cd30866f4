"""Argument checks: what is right comes back as a plain number; what is wrong is told with name, bounds and value."""

from __future__ import annotations

import math
import re
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_utils.checks import check_name, check_number, check_positive, check_truth, check_whole, describe
from course_utils.errors import CourseError, printable

WHOLE = st.integers(-(2**70), 2**70)
FLOATS = st.floats(allow_nan=True, allow_infinity=True)
NO_NUMBERS: tuple[Any, ...] = (None, "3", True, np.True_, [3], (1, 2), {}, 3j, object(), Decimal(3), np.ones(2))


def refused(check: Callable[..., Any], *given: Any, **more: Any) -> str:
    """The sentence with which a check refuses; fails where it does not."""
    with pytest.raises(CourseError) as caught:
        check("size", *given, **more)
    return str(caught.value)


@given(WHOLE, WHOLE, st.none() | WHOLE)
def test_a_whole_number_comes_back_where_it_is_within_its_bounds(value: int, lowest: int, highest: int | None) -> None:
    if lowest <= value and (highest is None or value <= highest):
        assert check_whole("size", value, lowest, highest) == value
    else:
        bounds = f"from {lowest:,}" if highest is None else f"from {lowest:,} to {highest:,}"
        assert refused(check_whole, value, lowest, highest) == (
            f"size must be a whole number {bounds}; it is {value!r}."
        )


@given(st.integers(-5, 100), st.sampled_from((int, np.int8, np.int64, torch.tensor)))
def test_whole_numbers_of_other_libraries_become_pythons(value: int, kind: Callable[[int], Any]) -> None:
    assert type(check_whole("size", kind(value), -5)) is int
    assert check_whole("size", kind(value), -5) == value


@given(FLOATS | st.sampled_from(NO_NUMBERS) | st.text())
def test_what_is_no_whole_number_is_refused(value: Any) -> None:
    assert refused(check_whole, value, -(10**9)).endswith(f"it is {value!r}.")


def test_what_is_counted_can_be_said() -> None:
    assert refused(check_whole, 3, 8, 2000, unit="pixels") == (
        "size must be a whole number of pixels from 8 to 2,000; it is 3."
    )


@given(st.integers(-10, 10) | FLOATS | st.fractions() | st.floats(width=32).map(np.float32))
def test_a_positive_number_is_finite_and_greater_than_0(value: Any) -> None:
    if math.isfinite(value) and value > 0:
        assert check_positive("lr", value) == float(value)
        assert type(check_positive("lr", value)) is float
    else:
        assert refused(check_positive, value) == f"size must be a number greater than 0; it is {value!r}."


@given(FLOATS, st.floats(-1e6, 1e6), st.none() | st.floats(-1e6, 1e6))
def test_a_number_comes_back_where_it_is_within_its_bounds(value: float, lowest: float, highest: float | None) -> None:
    if math.isfinite(value) and lowest <= value and (highest is None or value <= highest):
        assert check_number("size", value, lowest, highest) == value
    else:
        told = refused(check_number, value, lowest, highest)
        assert told.startswith("size must be a finite number from ")
        assert told.endswith(f"; it is {value!r}.")
        assert (" to " in told) == (highest is not None)


@pytest.mark.parametrize("value", NO_NUMBERS, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize(("check", "bounds"), [(check_positive, ()), (check_number, (0, 1))], ids=["positive", "share"])
def test_what_is_no_number_is_refused(check: Callable[..., Any], bounds: tuple[int, ...], value: Any) -> None:
    assert refused(check, value, *bounds).endswith(f"it is {value!r}.")


def test_a_fraction_is_a_number_too() -> None:
    assert check_number("share", Fraction(1, 4), 0, 1) == 0.25


@given(st.lists(st.text(min_size=1), min_size=1, unique=True), st.text(), st.data())
def test_a_name_is_one_of_those_that_exist(names: list[str], other: str, data: st.DataObject) -> None:
    for choices in (names, tuple(names), dict.fromkeys(names), iter(names)):
        check_name("cell", data.draw(st.sampled_from(names)), choices)
    if other not in names:
        with pytest.raises(CourseError, match=re.escape(printable(f"There is no cell {other!r}."))) as caught:
            check_name("cell", other, iter(names))
        assert str(caught.value).endswith(printable("Choose one of: " + ", ".join(names) + "."))


def test_a_name_may_be_none_and_what_cannot_be_a_key_is_refused() -> None:
    check_name("attention", None, ("additive", None))
    with pytest.raises(
        CourseError,
        match=re.escape("There is no attention ['additive']. Did you mean 'additive'? Choose one of: additive, None."),
    ):
        check_name("attention", ["additive"], ("additive", None))


@pytest.mark.parametrize(
    ("thing", "told"),
    [
        (None, "None"),
        (torch.zeros(4, 3), "a tensor of shape (4, 3)"),
        (torch.nn.Parameter(torch.zeros(2)), "a tensor of shape (2,)"),
        (np.zeros((2, 5)), "an array of shape (2, 5)"),
        ([1, 2, 3], "a list of 3"),
        ((), "a tuple of 0"),
        (torch.nn.LSTM, "the class LSTM itself"),
        (torch.nn.ReLU(), "a ReLU"),
        (7, "an int"),
        ("seven", "a str"),
    ],
    ids=str,
)
def test_a_thing_is_described_in_a_few_words(thing: object, told: str) -> None:
    assert describe(thing) == told


def test_the_checks_need_neither_torch_nor_numpy() -> None:
    asked = (
        "import sys; from course_utils.checks import describe; "
        "print(describe([1]), {'torch', 'numpy', 'pandas'} & set(sys.modules))"
    )
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert told.stdout == "a list of 1 set()\n"


@given(FLOATS)
def test_a_share_that_must_stay_below_its_bound(value: float) -> None:
    if 0 <= value < 1:
        assert check_number("share", value, 0, below=1) == value
    else:
        assert refused(check_number, value, 0, below=1) == (
            f"size must be a finite number from 0 to below 1; it is {value!r}."
        )


@given(FLOATS | st.sampled_from((None, "yes", 0, 1, [True], torch.tensor(True))))
def test_only_true_and_false_are_yes_or_no(value: Any) -> None:
    for truth in (True, False, np.True_, np.False_):
        assert check_truth("size", truth) is bool(truth)
    assert refused(check_truth, value) == f"size must be True or False; it is {value!r}."
