"""From numbers to a verdict: pure functions. A verdict is always derived, and never typed or stored.

A part of a claim is one number for each seed. Their mean has a two-sided interval; its position beside the number it is
compared with, give or take the smallest effect that matters, is the part's outcome. Where a claim has several parts,
each has its interval at the level of Holm's correction, so that the chance of any wrong outcome stays at 5 %
(Holm 1979, *Scandinavian Journal of Statistics* 6, 65–70).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from course_utils.claims.numbers import both_sides
from course_utils.claims.rules import Claim, Part
from course_utils.display.numbers import listed
from course_utils.errors import CourseError
from course_utils.stats import (
    accuracy_interval,
    mean_interval,
    share_difference_interval,
    wilson_interval,
)

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
NEARLY_ALL, SURELY = 0.9, 0.6  # "reached": by this share of the seeds, and Wilson's interval begins here or above
ROUNDING = 1e-9
SUREST = 1e-12  # smaller chances of being wrong are taken for 0


@dataclass(frozen=True)
class Estimate:
    """A mean over seeds and its interval; the interval of a single seed is infinite.

    Attributes:
        mean: over the seeds.
        low, high: the interval's ends.
        seeds: how many.
        level: how sure the interval is; 1 for a count, which has none.
    """

    mean: float
    low: float
    high: float
    seeds: int
    level: float = 0.95


@dataclass(frozen=True)
class Finding:
    """A part, what was measured, and what follows."""

    part: Part
    estimate: Estimate | None
    outcome: Outcome
    note: str = ""


def estimate(
    values: Sequence[float], level: float, statistic: str = "mean", minus: Sequence[float] | None = None
) -> Estimate:
    """The mean of one number for each seed, with its two-sided interval.

    "mean": by Student's t, for a difference of pairs too. "accuracy": numbers from 0 to 1, on the scale of log-odds, so
    that it stays within them; a difference of two by Student's t, within −1 and 1, but that of two that are each the
    same 0 or 1 with every seed, which has no spread, as one of shares. "share": numbers that are 0 or 1, by Wilson's
    score, and a difference by Newcombe's. "count": one number, without an interval.

    Args:
        values: at least one, finite.
        level: such as 0.95.
        statistic: "mean", "accuracy", "share" or "count".
        minus: as many, subtracted seed by seed.

    Raises:
        CourseError: numbers that the statistic cannot be taken of.
    """
    count = len(values)
    differences = list(values) if minus is None else [a - b for a, b in zip(values, minus, strict=True)]
    at_an_end = statistic == "accuracy" and minus is not None and len({*values}) == len({*minus}) == 1
    if statistic == "share" or (at_an_end and {*values, *(minus or ())} <= {0.0, 1.0}):
        return _share(values, minus, level)
    if statistic == "count":
        if not all(math.isclose(number, differences[0], abs_tol=ROUNDING) for number in differences):
            raise CourseError("A count is the same with every seed, and these numbers differ. Use the mean.")
        return Estimate(differences[0], differences[0], differences[0], count, 1.0)
    if statistic == "accuracy" and minus is None:
        mean, low, high = accuracy_interval(values, level)
        return Estimate(mean, low, high, count, level)
    interval = mean_interval(differences, level)
    low, high = interval.low, interval.high
    if statistic == "accuracy":
        low, high = max(low, -1.0), min(high, 1.0)
    equal = minus is not None and abs(interval.value) < SUREST  # two means, rounding aside
    mean = 0.0 if equal else interval.value
    return Estimate(mean, low, high, count, level)


def _share(values: Sequence[float], minus: Sequence[float] | None, level: float) -> Estimate:
    """A share of seeds, or the difference of two, with its interval."""
    count = len(values)
    if not {*values, *(minus or ())} <= {0.0, 1.0}:
        raise CourseError("A share is taken of numbers that are 0 or 1 for each seed. Use the mean for others.")
    solved = int(math.fsum(values))
    if minus is None:
        low, high = wilson_interval(solved, count, level)
        return Estimate(solved / count, float(low), float(high), count, level)
    others = int(math.fsum(minus))
    low, high = share_difference_interval((solved, count), (others, len(minus)), level)
    return Estimate((solved - others) / count, float(low), float(high), count, level)


def judge(measured: Estimate, expect: str, than: float, margin: float) -> Outcome:
    """The outcome of a part whose number was expected above, below or within a margin of another.

    "reached" is a share that was expected to be nearly all seeds: 9 of 10 at least, and surely more than 6 of 10.
    """
    low, high = measured.low, measured.high
    if expect == "reached":
        if measured.mean >= NEARLY_ALL and low >= SURELY:
            return Outcome.SUPPORTED
        return Outcome.CONTRADICTED if high < NEARLY_ALL else Outcome.UNDECIDED
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


def findings_of(claim: Claim, parts: Sequence[Part], tables: dict[str, pd.DataFrame]) -> list[Finding]:
    """Judge parts by the rows of their experiments, with Holm's correction; too few seeds decide nothing.

    The part that is decided most surely is judged at 1 − α/m, with m parts and α = 1 − the claim's interval; the next
    at 1 − α/(m − 1), and so on until one is undecided: then all that follow are undecided too. Of an existential claim
    the settings are counted: all parts of a setting must be reached, so that more parts are no more chances.

    Args:
        claim: names the fewest seeds and how sure an interval is.
        parts: of the claim, or alternatives.
        tables: the rows of each experiment.

    Raises:
        CourseError: the rows lack a column, or what a part selects.
    """
    looks = [_look_at(part, tables[part.experiment], claim.seeds) for part in parts]
    family: dict[object, list[int]] = {}
    for n, part in enumerate(parts):
        family.setdefault(part.when if claim.kind == "existential" else n, []).append(n)
    chances = [look.chance_of_error() for look in looks]
    findings: dict[int, Finding] = {}
    left = len(family)
    for members in sorted(family.values(), key=lambda members: max(chances[n] for n in members)):
        level = 1 - (1 - claim.interval) / left
        findings |= {n: looks[n].finding(level) for n in members}
        left -= all(findings[n].outcome is not Outcome.UNDECIDED for n in members)
    return [findings[n] for n in range(len(parts))]


def finding_of(part: Part, rows: pd.DataFrame, seeds: int, level: float) -> Finding:
    """Judge one part alone by the rows of its experiment; fewer than `seeds` seeds decide nothing.

    Raises:
        CourseError: the rows lack a column, or what the part selects.
    """
    claim = Claim("C00", "", (), (), "", seeds=seeds, interval=level)
    (finding,) = findings_of(claim, [part], {part.experiment: rows})
    return finding


@dataclass(frozen=True)
class _Look:
    """The numbers of a part, to be judged at any level."""

    part: Part
    values: list[float]
    minus: list[float] | None
    fewest: int

    def finding(self, level: float) -> Finding:
        part, seeds = self.part, len(self.values)
        measured = estimate(self.values, level, part.statistic, self.minus)
        if seeds < self.fewest and part.statistic != "count":  # a count is the same with every seed
            note = f"too few seeds: {seeds}, a verdict needs {self.fewest}"
            return Finding(part, measured, Outcome.UNDECIDED, note)
        return Finding(part, measured, judge(measured, part.expect, part.than, part.margin))

    def chance_of_error(self) -> float:
        """The smallest α at which an interval of level 1 − α decides; a p-value. 1 where none does."""
        return smallest(lambda alpha: self.finding(1 - alpha).outcome is not Outcome.UNDECIDED)


def _look_at(part: Part, rows: pd.DataFrame, fewest: int) -> _Look:
    return _Look(part, *both_sides(part, rows), fewest)


def smallest(decides: Callable[[float], bool]) -> float:
    """The smallest α from 0 to 1 at which something is decided that stays decided for a larger one."""
    low, high = math.log10(SUREST), math.log10(0.999)
    if decides(10**low):
        return 0.0
    if not decides(10**high):
        return 1.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if decides(10**middle) else (middle, high)
    return float(10**high)


def verdict(findings: Sequence[Finding], kind: str = "comparative") -> str:
    """The verdict that follows from the parts: "holds", "holds when …", "does not hold", "equivalent" or "undecided".

    A condition counts as one under which the claim holds where all parts measured under it are supported, and all parts
    without a condition. Where it holds under some condition and another is refuted, the verdict names the conditions.
    What is undecided keeps a claim undecided, with two exceptions: a universal one is refuted by one condition beyond
    its margin, and an existential one ("can") needs no more than one setting that reaches it.

    Args:
        findings: of its parts.
        kind: of `course_utils.claims.rules.KINDS`.
    """
    outcomes = [finding.outcome for finding in findings]
    if all(outcome is Outcome.SUPPORTED for outcome in outcomes):
        return "holds"
    holding = [when for when, under in conditions(findings).items() if when and set(under) == {Outcome.SUPPORTED}]
    refuted = any(outcome in REFUTED for outcome in outcomes)
    if holding and (refuted or kind == "existential"):
        return f"holds {'; '.join(f'when {when}' for when in _joined(holding))}"
    if kind == "universal" and Outcome.CONTRADICTED in outcomes:
        return "does not hold"
    if Outcome.UNDECIDED in outcomes:
        return "undecided"
    return "equivalent" if set(outcomes) == {Outcome.EQUIVALENT} else "does not hold"


def conditions(findings: Sequence[Finding]) -> dict[str, list[Outcome]]:
    """By condition the outcomes that count there: those of its own parts, and of the parts without a condition."""
    always = [finding.outcome for finding in findings if not finding.part.when]
    under: dict[str, list[Outcome]] = {}
    for finding in findings:
        if finding.part.when:
            under.setdefault(finding.part.when, [*always]).append(finding.outcome)
    return under


def _joined(conditions: Sequence[str]) -> list[str]:
    """Conditions that differ only in how they were counted, as one: "…, counted in steps", "…, counted in steps, …"."""
    ways: dict[tuple[str, str], list[str]] = {}
    for condition in conditions:
        about, counted, way = condition.partition(COUNTED)
        how, comma, rest = way.partition(", ")
        ways.setdefault((about + counted, comma + rest), []).append(how)
    return [about + listed(how) + rest for (about, rest), how in ways.items()]


def verdict_and_remark(claim: Claim, findings: Sequence[Finding]) -> tuple[str, str]:
    """A claim's verdict and a remark on lessons to come; where there is none it says "no verdict yet", and why."""
    come = f"lesson{'s' * (len(claim.to_come) > 1)} {listed(list(claim.to_come))}"
    come = f"{come} {'are' if len(claim.to_come) > 1 else 'is'} still to come" if claim.to_come else ""
    remark = f"so far; {come}" if come else ""
    if findings:
        return verdict(findings, claim.kind), remark
    if claim.source and set(claim.to_come) < set(claim.lessons):
        return f"settled by source: {claim.ruling}", remark
    return f"no verdict yet: {come or 'its measurement is still to be written'}", ""
