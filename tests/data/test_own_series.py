"""A series from a CSV file: numbers, gaps, and times in several ways of writing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from course_utils.data.own_series import series_from_csv
from course_utils.errors import CourseError


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_rows_are_counted_where_no_time_is_named(tmp_path: Path) -> None:
    series = series_from_csv(written(tmp_path, "sales,note\n1.5,a\n2,b\n-3e2,c\n"), "sales")
    assert series.tolist() == [1.5, 2, -300]
    assert list(series.index) == [0, 1, 2]
    assert series.name == "sales"


@pytest.mark.parametrize(
    "times",
    [
        ("2024-01-30", "2024-01-31", "2024-02-01"),
        ("30.01.2024", "31.01.2024", "01.02.2024"),
        ("01/30/2024", "01/31/2024", "02/01/2024"),
        ("30/01/2024", "31/01/2024", "01/02/2024"),
    ],
)
def test_times_as_people_write_them(times: tuple[str, ...], tmp_path: Path) -> None:
    rows = "".join(f"{time};{number},5\n" for number, time in enumerate(times))
    series = series_from_csv(written(tmp_path, f"day;sales\n{rows}"), "sales", "day")
    assert series.index.equals(pd.date_range("2024-01-30", periods=3))
    assert series.tolist() == [0.5, 1.5, 2.5]


def test_days_first_are_known_by_their_order(tmp_path: Path) -> None:
    rows = "".join(f"{day:02}.03.2024,{day}\n" for day in range(1, 10))  # each could be a month too
    series = series_from_csv(written(tmp_path, f"day,sales\n{rows}"), "sales", "day")
    assert series.index.is_monotonic_increasing


def test_years_are_numbers_and_gaps_are_missing(tmp_path: Path) -> None:
    series = series_from_csv(written(tmp_path, "year,spots\n1700,5\n1701,NA\n1702,\n1703,16\n"), "spots", "year")
    assert list(series.index) == [1700, 1701, 1702, 1703]
    assert np.isnan(series.to_numpy()).tolist() == [False, True, True, False]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("day,x\n2024-01-01,1\n2024-01-02,many\n", "'many' in row 2, which is no number|holds"),
        ("day,x\nsoon,1\nlater,2\n", "'soon' in row 1, which is no date or time"),
        ("day,x\n2024-01-01,NA\n2024-01-02,NA\n", "holds no number"),
        ("day,y\n2024-01-01,1\n2024-01-02,2\n", "no column in mine.csv 'x'"),
    ],
)
def test_what_is_no_series_is_told(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(CourseError, match=message):
        series_from_csv(written(tmp_path, text), "x", "day")


def test_no_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="no file"):
        series_from_csv(tmp_path / "none.csv", "x")
