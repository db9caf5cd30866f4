"""The rows that a figure draws, checked: there are some, and they have its columns."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from course_utils.display.numbers import listed
from course_utils.errors import CourseError


def check_rows(rows: pd.DataFrame, columns: Sequence[str]) -> None:
    """Raise a CourseError unless there are rows, with these columns.

    Args:
        rows: of an experiment, or of a table of its own.
        columns: those that the figure needs.

    Raises:
        CourseError: there is no row, or a column is missing.
    """
    missing = [name for name in columns if name not in rows]
    if missing or rows.empty:
        what = f"the rows lack {listed(missing)}" if missing else "there are no rows"
        raise CourseError(f"There is nothing to draw: {what}. Give rows with {listed(list(columns))}.")
