"""Series as they may be given: what is understood, what is refused, and how their index goes on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_utils.errors import CourseError
from course_utils.models.series_inputs import Index, checked_series, checked_several, is_several

VALUES = [3.0, 1.0, 4.0, 1.0, 5.0]
SPRING = pd.date_range("2024-03-01", periods=5, freq="D")


@pytest.mark.parametrize(
    "given",
    [
        VALUES,
        tuple(VALUES),
        np.array(VALUES),
        np.array(VALUES, dtype=np.float32),
        torch.tensor(VALUES),
        [3, 1, 4, 1, 5],
        np.array([3, 1, 4, 1, 5], dtype=np.int8),
        pd.Series(VALUES),
        pd.Series([3, 1, 4, 1, 5], dtype="Int64"),
        pd.Series(VALUES, dtype=object),
        pd.DataFrame({"x": VALUES}),
        pd.Series(VALUES, index=SPRING),
    ],
)
def test_many_kinds_of_numbers_are_one_series(given: Any) -> None:
    found = checked_series(given, "refuse")
    assert found.values.tolist() == VALUES
    assert found.values.dtype == np.float64


@pytest.mark.parametrize(
    "index",
    [
        pd.RangeIndex(3, 13, 2),
        pd.Index([10, 20, 30, 40, 50]),
        pd.Index([0.5, 1.0, 1.5, 2.0, 2.5]),
        pd.date_range("2020-01-01", periods=5, freq="MS"),
        pd.date_range("2020-01-31", periods=5, freq="ME"),
        pd.date_range("2020-01-03", periods=5, freq="W-FRI"),
        pd.date_range("2020-01-03", periods=5, freq="B"),
        pd.date_range("2020-01-03 02:00", periods=5, freq="15min"),
        pd.date_range("2024-03-29", periods=5, freq="D", tz="Europe/Berlin"),  # over a change of the clock
        pd.date_range("2024-03-30 22:00", periods=5, freq="h", tz="Europe/Berlin"),
        pd.date_range("2024-03-30 22:00", periods=5, freq="h", tz="+02:00"),
        pd.period_range("2020-01", periods=5, freq="M"),
        pd.period_range("2020Q1", periods=5, freq="Q"),
        pd.period_range("1700", periods=5, freq="Y"),
    ],
)
def test_an_index_goes_on_as_it_began(index: pd.Index) -> None:
    plain = index._with_freq(None) if isinstance(index, pd.DatetimeIndex) else index
    known = checked_series(pd.Series(VALUES[:4], index=plain[:4]), "refuse")
    assert known.index.ahead(1)[0] == index[4]
    if isinstance(index, pd.DatetimeIndex):
        assert str(known.index.ahead(1).tz) == str(index.tz)
    described = Index(**known.index.described)
    assert described.ahead(3).equals(known.index.ahead(3))
    assert known.index.moved(1).ahead(2).equals(known.index.ahead(3)[1:])
    assert known.until(2).index.ahead(1)[0] == index[2]


def test_an_array_is_counted_from_0() -> None:
    assert checked_series(VALUES, "refuse").index.ahead(3).tolist() == [5, 6, 7]


def test_names_are_kept_and_usual_seasons_known() -> None:
    known = checked_series(
        pd.Series(VALUES, index=pd.period_range("2020-01", periods=5, freq="M"), name="it"), "refuse"
    )
    assert (known.name, known.index.season) == ("it", 12)
    assert checked_series(pd.Series(VALUES, index=SPRING), "refuse").index.season == 7
    assert checked_series(VALUES, "refuse").index.season is None


def test_gaps_are_filled_along_lines_where_that_is_asked_for() -> None:
    holes = pd.Series([np.nan, 1.0, np.nan, 3.0, np.nan], index=SPRING)
    known = checked_series(holes, "fill")
    assert known.values.tolist() == [1, 2, 3]
    assert known.filled == 1
    assert known.index.ahead(1)[0] == SPRING[4]


@pytest.mark.parametrize(
    "index",
    [
        pd.DatetimeIndex(["2024-03-01", "2024-03-02", "2024-03-04", "2024-03-05"]),
        pd.DatetimeIndex(["2024-01-01", "2024-02-01", "2024-04-01", "2024-05-01"]),
        pd.PeriodIndex(["2024-01", "2024-02", "2024-04", "2024-05"], freq="M"),
        pd.Index([1, 2, 4, 5]),
        pd.Index([0.1, 0.2, 0.4, 0.5]),
    ],
)
def test_an_unequal_index_is_refused_or_filled(index: pd.Index) -> None:
    series = pd.Series([1.0, 2.0, 4.0, 5.0], index=index)
    with pytest.raises(CourseError, match=r"do not lie at equal distances, such as between .* gaps='fill'"):
        checked_series(series, "refuse")
    known = checked_series(series, "fill")
    assert known.values.tolist() == [1, 2, 3, 4, 5]
    assert known.index.ahead(1)[0] > index[-1]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("1, 2, 3", "is a str"),
        (None, "is a NoneType"),
        (3.0, "is a float"),
        ({"a": 1}, "is a dict"),
        (np.ones((3, 2)), r"an array of shape \(3, 2\)"),
        ([[1.0, 2.0], [3.0]], "a list of 2"),
        (pd.DataFrame({"a": VALUES, "b": VALUES}), "a table of 2 columns"),
        ([True, False, True], "True and False"),
        (["a", "b"], "'a', which is no number"),
        (pd.Series(["1", "2"]), "'1', which is no number"),
        (np.array([1 + 2j, 3]), "no real numbers"),
        (pd.Series(SPRING), "no real numbers"),
        ([1.0, np.inf], "infinite"),
        ([1.0, 1e200], "beyond 10\\^150, in row 1"),
        ([1.0, np.nan, 2.0], "1 of the 3 values of `series` are missing, the first in row 1"),
        (np.ma.masked_values([1.0, 2.0, 3.0], 2.0), "missing"),
        (pd.Series(VALUES, index=list("abcde")), "holds entries such as 'a'"),
        (pd.Series(VALUES, index=pd.MultiIndex.from_product([[0], range(5)])), "holds entries such as"),
        (pd.Series(VALUES, index=[0, 1, 1, 2, 3]), "has 1 twice"),
        (pd.Series(VALUES, index=SPRING[[0, 1, 1, 2, 3]]), "2024-03-02 00:00:00 twice"),
        (pd.Series(VALUES, index=SPRING[::-1]), "does not rise"),
        (pd.Series(VALUES)[::-1], "does not rise"),
        (pd.Series(VALUES, index=[*SPRING[:4], pd.NaT]), "index of `series` is missing"),
        (pd.Series(VALUES, index=[0.0, 1.0, 2.0, 3.0, np.inf]), "not finite"),
    ],
)
def test_what_is_no_series_is_refused_with_a_sentence(given: Any, message: str) -> None:
    with pytest.raises(CourseError, match=message):
        checked_series(given, "refuse")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([np.nan, np.nan], "All values"),
        (pd.Series(VALUES, index=[0, 1, 2, 3, 10**9]), "too irregular"),
        (pd.Series(VALUES, index=[0.0, 1.0, 2.3, 3.0, 4.0]), "too irregular"),
        (pd.Series(VALUES, index=pd.DatetimeIndex(["1700", "1701-02-03", "1702", "1750", "1990"])), "too irregular"),
        (pd.Series(VALUES, index=[*SPRING[:4], pd.Timestamp("2024-03-05 07:13")]), "too irregular"),
    ],
)
def test_what_cannot_be_filled_is_refused_too(given: Any, message: str) -> None:
    with pytest.raises(CourseError, match=message):
        checked_series(given, "fill")


def test_lists_of_series_and_lists_of_numbers() -> None:
    assert is_several([VALUES, np.array(VALUES)])
    assert is_several([pd.Series(VALUES)])
    for one in (VALUES, np.array(VALUES), pd.Series(VALUES), [], "abc", ["abc"]):
        assert not is_several(one)
    with pytest.raises(CourseError, match=r"`series\[1\]` is missing|values of `series\[1\]` are missing"):
        checked_several([VALUES, [1.0, np.nan]], "refuse")


@given(st.lists(st.one_of(st.none(), st.floats(), st.integers(), st.booleans(), st.text(max_size=2)), max_size=8))
def test_whatever_a_list_holds_it_is_a_series_or_refused(given: list[Any]) -> None:
    for gaps in ("refuse", "fill"):
        try:
            found = checked_series(given, gaps)
        except CourseError:
            continue
        assert np.isfinite(found.values).all()
