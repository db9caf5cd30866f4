"""Tables of runs that widgets show, checked: their columns, their numbers, and each run once."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from course_utils.checks import check_whole
from course_utils.display.numbers import listed, short
from course_utils.errors import CourseError

if TYPE_CHECKING:
    import numpy.typing as npt


def check_columns(runs: Any, columns: tuple[str, ...], example: str) -> None:
    """Raise a CourseError unless this is a table with rows and these columns.

    Args:
        runs: what was given.
        columns: what it needs.
        example: what a row stands for, such as "seed, lag and start".

    Raises:
        CourseError: it is no table, it is empty, or a column is missing.
    """
    if not isinstance(runs, pd.DataFrame):
        raise CourseError(f"The runs are a table (pandas DataFrame), not a {type(runs).__name__}.")
    missing = [name for name in columns if name not in runs]
    if missing:
        raise CourseError(f"The table of runs needs the columns {listed(list(columns))}; {listed(missing)} is missing.")
    if runs.empty:
        raise CourseError(f"The table of runs is empty. Give one row for each {example}.")


def number_column(
    runs: pd.DataFrame, name: str, low: float, high: float = math.inf, whole: bool = False
) -> npt.NDArray[np.float64]:
    """A column as numbers within a range.

    Args:
        runs: N rows.
        name: the column.
        low: its smallest number.
        high: its largest; infinity allows every finite one.
        whole: only whole numbers?

    Returns:
        (N,)

    Raises:
        CourseError: a number is missing, infinite, or out of the range.
    """
    values: npt.NDArray[np.float64] = pd.to_numeric(runs[name], errors="coerce").to_numpy(dtype=np.float64)
    valid = np.isfinite(values) & (values >= low) & (values <= high)
    if whole:
        valid &= values == np.round(values)
    if not valid.all():
        kind = "whole numbers" if whole else "numbers"
        limits = f"from {short(low)} up" if high == math.inf else f"from {short(low)} to {short(high, 6)}"
        wrong = runs[name].tolist()[int(np.argmin(valid))]
        raise CourseError(f"The column {name} holds {kind} {limits}, and {wrong!r} is not. Fix or drop the row.")
    return values


def no_run_twice(runs: pd.DataFrame, columns: list[str]) -> None:
    """Raise a CourseError where two rows are of one run, which these columns name."""
    twice = runs.duplicated(columns)
    if twice.any():
        run = runs.loc[twice, columns].iloc[0]
        description = ", ".join(f"{name} {value}" for name, value in run.items())
        raise CourseError(f"The run {description} stands in the table twice. Keep one row of it.")


def steps_allowed(budget: Any) -> int:
    """A budget of training, in steps of the optimiser.

    Raises:
        CourseError: it is no whole number from 10 up.
    """
    return check_whole("The budget", budget, 10, unit="steps")
