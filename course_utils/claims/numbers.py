"""From the rows of an experiment to one number for each seed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from course_utils.checks import check_name
from course_utils.claims.rules import Part
from course_utils.errors import CourseError

if TYPE_CHECKING:
    import pandas as pd


def per_seed(part: Part, rows: pd.DataFrame) -> list[float]:
    """The number of each seed, in the order of the seeds; less that of the rows to subtract, where the part has some.

    Raises:
        CourseError: the rows lack a column, or what the part selects.
    """
    numbers, others = both_sides(part, rows)
    return numbers if others is None else [a - b for a, b in zip(numbers, others, strict=True)]


def both_sides(part: Part, rows: pd.DataFrame) -> tuple[list[float], list[float] | None]:
    """The number of each seed in the rows of the part, and in those to subtract; None where it subtracts nothing.

    Raises:
        CourseError: the rows lack a column, or what the part selects.
    """
    numbers = _means(part, rows, part.where)
    return numbers, None if part.minus is None else _means(part, rows, part.minus)


def _means(part: Part, rows: pd.DataFrame, where: Mapping[str, Any]) -> list[float]:
    """For each seed the mean of the metric over the rows selected; 1 or 0 where the part asks what it reaches."""
    for column in (part.metric, *where):
        check_name(f"column in the rows of experiment {part.experiment!r}", column, rows.columns)
    chosen = rows
    for column, allowed in where.items():
        allowed = allowed if isinstance(allowed, list) else [allowed]
        chosen = chosen[chosen[column].isin(allowed)]
        there = set(zip(chosen["seed"], chosen[column], strict=True))
        for seed in rows["seed"].unique():
            absent = sorted(str(value) for value in allowed if (seed, value) not in there)
            if absent:
                raise CourseError(
                    f"Experiment {part.experiment!r} has no rows for {column} = {absent[0]} at seed {seed} where "
                    f"{dict(where)}. Fix the rule, or measure them."
                )
    values = chosen[part.metric]
    numeric = all(isinstance(value, int | float | np.number | np.bool_) and math.isfinite(value) for value in values)
    if not numeric:
        raise CourseError(f"Experiment {part.experiment!r}: {part.metric} is not a number in every row {dict(where)}.")
    means = values.astype(float).groupby(chosen["seed"]).mean().sort_index()
    if part.at_least is not None:
        means = means >= part.at_least
    if part.at_most is not None:
        means = means <= part.at_most
    return [float(value) for value in means]
