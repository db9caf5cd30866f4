"""From rows to a verdict: pure functions. A verdict is always derived, and never typed or stored.

A part of a claim is one number for each seed. Their mean has a two-sided interval, by Student's t, or by Wilson's score
where each is 0 or 1. The position of the interval beside the number it is compared with, give or take the smallest
effect that matters, is the part's outcome.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

import numpy as np

from course_utils.checks import check_name
from course_utils.claims.rules import Claim, Part
from course_utils.display.numbers import listed
from course_utils.errors import CourseError
from course_utils.stats import mean_interval, wilson_interval

if TYPE_CHECKING:
    import pandas as pd


class Outcome(Enum):
    """What was found for one part."""

    SUPPORTED = "supported"
    CONTRADICTED = "contradicted"
    EQUIVALENT = "equivalent"
    UNDECIDED = "undecided"


COUNTED = ", counted in "  # what follows it in a condition is a measure
REFUTED = (Outcome.CONTRADICTED, Outcome.EQUIVALENT)


@dataclass(frozen=True)
class Estimate:
    """A mean over seeds and its interval; the interval of a single seed is infinite."""

    mean: float
    low: float
    high: float
    seeds: int


@dataclass(frozen=True)
class Finding:
    """A part, what was measured, and what follows."""

    part: Part
    estimate: Estimate | None
    outcome: Outcome
    note: str = ""


def estimate(values: Sequence[float], interval: float, statistic: str = "mean") -> Estimate:
    """The mean of one number for each seed, with its two-sided interval.

    By Student's t; for a "share", where each number is 0 or 1, by Wilson's score, which stays within 0 and 1 and is
    not certain of a share of 0 after ten seeds (Wilson 1927).

    Args:
        values: at least one, finite.
        interval: such as 0.95.
        statistic: "mean" or "share".

    Raises:
        CourseError: a share of numbers other than 0 and 1.
    """
    count = len(values)
    if statistic == "share":
        if not set(values) <= {0.0, 1.0}:
            raise CourseError("A share is taken of numbers that are 0 or 1 for each seed. Use the mean for others.")
        solved = int(math.fsum(values))
        low, high = wilson_interval(solved, count, interval)
        return Estimate(solved / count, float(low), float(high), count)
    mean = mean_interval(values, interval)
    return Estimate(mean.value, mean.low, mean.high, count)


def judge(measured: Estimate, expect: str, than: float, margin: float) -> Outcome:
    """The outcome of a part whose number was expected above, below or within a margin of another."""
    low, high = measured.low, measured.high
    inside = than - margin <= low and high <= than + margin
    if expect == "within":
        outside = high < than - margin or low > than + margin
        return Outcome.SUPPORTED if inside else Outcome.CONTRADICTED if outside else Outcome.UNDECIDED
    if expect == "above":
        supported, contradicted = low > than + margin, high < than + margin
    else:
        supported, contradicted = high < than - margin, low > than - margin
    if supported:
        return Outcome.SUPPORTED
    if inside:
        return Outcome.EQUIVALENT
    return Outcome.CONTRADICTED if contradicted else Outcome.UNDECIDED


def finding_of(part: Part, rows: pd.DataFrame, seeds: int, interval: float) -> Finding:
    """Judge one part by the rows of its experiment; fewer than `seeds` seeds decide nothing.

    Raises:
        CourseError: the rows lack a column, or what the part selects.
    """
    values = per_seed(part, rows)
    measured = estimate(values, interval, part.statistic)
    if measured.seeds < seeds:
        note = f"too few seeds: {measured.seeds}, a verdict needs {seeds}"
        return Finding(part, measured, Outcome.UNDECIDED, note)
    return Finding(part, measured, judge(measured, part.expect, part.than, part.margin))


def per_seed(part: Part, rows: pd.DataFrame) -> list[float]:
    """The number of each seed, in the order of the seeds.

    Raises:
        CourseError: the rows lack a column, or what the part selects.
    """
    values = _means(part, rows, part.where)
    if part.minus is not None:
        values = values - _means(part, rows, part.minus)
    return [float(value) for value in values]


def _means(part: Part, rows: pd.DataFrame, where: Mapping[str, Any]) -> pd.Series:
    """For each seed the mean of the metric over the rows selected."""
    for column in (part.metric, *where):
        check_name(f"column in the rows of experiment {part.experiment!r}", column, rows.columns)
    chosen = rows
    for column, allowed in where.items():
        allowed = allowed if isinstance(allowed, list) else [allowed]
        chosen = chosen[chosen[column].isin(allowed)]
        for seed in rows["seed"].unique():
            absent = sorted(map(str, set(allowed) - set(chosen.loc[chosen["seed"] == seed, column])))
            if absent:
                raise CourseError(
                    f"Experiment {part.experiment!r} has no rows for {column} = {absent[0]} at seed {seed} where "
                    f"{dict(where)}. Fix the rule, or measure them."
                )
    values = chosen[part.metric]
    numeric = all(isinstance(value, int | float | np.number | np.bool_) and math.isfinite(value) for value in values)
    if not numeric:
        raise CourseError(f"Experiment {part.experiment!r}: {part.metric} is not a number in every row {dict(where)}.")
    return values.astype(float).groupby(chosen["seed"]).mean().sort_index()


def verdict(findings: Sequence[Finding]) -> str:
    """The verdict that follows from the parts: "holds", "holds when …", "does not hold", "equivalent" or "undecided".

    A condition counts as one under which the claim holds where all parts measured under it are supported, and all parts
    without a condition.
    """
    outcomes = [finding.outcome for finding in findings]
    if all(outcome is Outcome.SUPPORTED for outcome in outcomes):
        return "holds"
    always = [finding.outcome for finding in findings if not finding.part.when]
    conditions: dict[str, list[Outcome]] = {}
    for finding in findings:
        if finding.part.when:
            conditions.setdefault(finding.part.when, [*always]).append(finding.outcome)
    holding = [when for when, under in conditions.items() if set(under) == {Outcome.SUPPORTED}]
    if holding and any(outcome in REFUTED for outcome in outcomes):
        return f"holds {'; '.join(f'when {when}' for when in _joined(holding))}"
    if Outcome.UNDECIDED in outcomes:
        return "undecided"
    return "equivalent" if set(outcomes) == {Outcome.EQUIVALENT} else "does not hold"


def _joined(conditions: Sequence[str]) -> list[str]:
    """Conditions that differ only in how they were counted, "…, counted in steps", as one."""
    ways: dict[str, list[str]] = {}
    for condition in conditions:
        about, counted, way = condition.partition(COUNTED)
        ways.setdefault(about + counted, []).append(way)
    return [about + listed(how) for about, how in ways.items()]


def verdict_and_remark(claim: Claim, findings: Sequence[Finding]) -> tuple[str, str]:
    """A claim's verdict and a remark on lessons to come; where there is none it says "no verdict yet", and why."""
    come = f"lesson{'s' * (len(claim.to_come) > 1)} {listed(list(claim.to_come))}"
    come = f"{come} {'are' if len(claim.to_come) > 1 else 'is'} still to come" if claim.to_come else ""
    remark = f"so far; {come}" if come else ""
    if findings:
        return verdict(findings), remark
    if claim.source and set(claim.to_come) < set(claim.lessons):
        return f"settled by source: {claim.ruling}", remark
    return f"no verdict yet: {come or 'its measurement is still to be written'}", ""
