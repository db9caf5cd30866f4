"""A series in time from a CSV file of your own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from course_utils.checks import check_name
from course_utils.data.csv_entries import GAPS, decimal_mark, read_entries
from course_utils.data.texts import composed
from course_utils.errors import CourseError
from course_utils.paths import expanded

if TYPE_CHECKING:
    import pandas as pd


def series_from_csv(path: str | Path, column: str, time: str | None = None, encoding: str = "utf-8") -> pd.Series:
    """One column of a CSV file as a series in time.

    Args:
        path: of the file: a header, and a row for each time, in their order. Commas, semicolons, tabs or bars separate
            the entries.
        column: the name of the column with the numbers; entries such as "NA", or none, are missing: NaN.
        time: the name of the column with the dates or times; None: the rows are counted from 0.
        encoding: of the text; a byte-order mark in the file counts more.

    Returns:
        The series, named as the column, in the order of the file.

    Raises:
        CourseError: a file that is no such table, no such column, an entry that is no number or no time.
    """
    import numpy as np

    path = expanded(path)
    entries = read_entries(path, encoding)
    for name in [column] if time is None else [column, time]:
        check_name(f"column in {path.name}", composed(name), entries.frame)
    texts = entries.frame[composed(column)]
    missing = texts.str.casefold().isin(GAPS)
    if missing.all():
        raise CourseError(f"Column {column!r} of {path.name} holds no number.")
    entries.mark = decimal_mark(entries)
    reading = entries.read(column, texts[~missing])
    wrong = reading.values.isna()
    if reading.fault or wrong.any():
        example = texts[~missing][wrong].iloc[0] if wrong.any() else ""
        why = reading.fault or f"{example!r} in row {wrong.idxmax() + 1}, which is no number."
        raise CourseError(f"Column {column!r} of {path.name} holds {why}")
    series = texts.where(missing, "").map(lambda _: np.nan).astype(float)
    series[~missing] = reading.values.astype(float)
    series.name = column
    if time is not None:
        series.index = _times(entries.frame[composed(time)], time, path)
    return series


def _times(texts: pd.Series, name: str, path: Path) -> pd.Index:
    """Dates: as ISO writes them; else the day first or the month first, whichever lets them rise. Years: numbers."""
    import pandas as pd

    if texts.str.fullmatch(r"\d{1,4}").all():
        return pd.Index(texts.astype(int), name=name)
    found = []
    for day_first in (False, True):
        times = pd.to_datetime(texts, format="mixed", dayfirst=day_first, errors="coerce")
        if times.notna().all():
            found.append(pd.DatetimeIndex(times, name=name))
    if not found:
        times = pd.to_datetime(texts, format="mixed", errors="coerce")
        row = int(times.isna().to_numpy().argmax())
        raise CourseError(
            f"Column {name!r} of {path.name} holds {texts.iloc[row]!r} in row {row + 1}, which is no date or time. "
            "Write them like 2024-03-31 or 2024-03-31 18:00."
        )
    return next((times for times in found if times.is_monotonic_increasing), found[0])
