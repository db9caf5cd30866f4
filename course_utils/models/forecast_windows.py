"""The windows that a forecaster learns from: what was known, what came, and on which scale.

N windows of L values, S steps ahead. A window counts from its last value, in units of its series' usual changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Values: TypeAlias = npt.NDArray[np.float64]

SEASONS_SEEN = 4  # in a window, where there is enough
SEEN = 24  # values in a window, where there is no season
LONGEST_WINDOW = 200
FIRST_ORIGIN = 4  # values that are known at least before a forecast is learned from
MOST_TRAINED, MOST_VALIDATED = 20_000, 2_000  # windows; of more, so many at equal distances
TAIL = 0.2  # of a series, to validate with
LAGS = (1, 2, 4, 8, 16, 32, 64)


@dataclass(frozen=True)
class Plan:
    """What a window is.

    Attributes:
        length: L.
        steps: S that are forecast directly.
        season: steps of a season; 1: none.
        log: are the logarithms forecast?
    """

    length: int
    steps: int
    season: int
    log: bool = False

    @staticmethod
    def of(sizes: Sequence[int], horizon: int, season: int) -> Plan:
        """A plan that leaves windows to learn from, for series of these lengths."""
        usual = int(np.median(sizes))
        first = max(season, FIRST_ORIGIN)
        steps = max(1, min(horizon, (usual - first) // 3))
        wanted = max(min(SEASONS_SEEN * season, LONGEST_WINDOW), season, SEEN)
        return Plan(max(min(wanted, max(usual - steps, season)), season, 2), steps, season)

    @property
    def first(self) -> int:
        """How many values are known at the first origin."""
        return max(self.season, FIRST_ORIGIN)

    def logged(self) -> Plan:
        """The same on logarithms."""
        return replace(self, log=True)

    def inner(self, values: Values) -> Values:
        """Values as the plan forecasts them."""
        return np.log(values) if self.log else values

    def outer(self, values: Values) -> Values:
        """Values as they were given."""
        with np.errstate(over="ignore"):
            return np.exp(np.minimum(values, 345.0)) if self.log else values


def usual_change(values: Values, plan: Plan) -> float:
    """The mean absolute change of a series within a window; 1 for a constant one."""
    inner = plan.inner(values)
    lags = [lag for lag in LAGS if lag < min(plan.length, len(inner))]
    changes = [float(np.abs(inner[lag:] - inner[:-lag]).mean()) for lag in lags]
    usual = float(np.mean(changes)) if changes else 0.0
    return usual if usual > 1e-280 and usual > 1e-14 * float(np.abs(inner).max()) else 1.0


@dataclass(frozen=True)
class Windows:
    """Windows of one or several series.

    Attributes:
        known: (N, L) what was known, 0 at the end, in usual changes.
        came: (N, S) what came, on the same scale.
        last: (N,) the last known value, in the plan's own unit.
        unit: (N,) a usual change, in that unit.
        outer_unit: (N,) the mean change from one value to the next, as they were given: the same for all plans.
    """

    known: Values
    came: Values
    last: Values
    unit: Values
    outer_unit: Values

    def __len__(self) -> int:
        return len(self.known)

    def outer(self, forecasts: Values, plan: Plan) -> Values:
        """(N, S, …) forecasts on the windows' scale, as values."""
        shape = (-1,) + (1,) * (forecasts.ndim - 1)
        return plan.outer(self.last.reshape(shape) + self.unit.reshape(shape) * forecasts)

    def errors(self, forecasts: Values, plan: Plan) -> Values:
        """(N,) mean absolute errors of (N, S) forecasts, as given values have them, in mean changes of a step."""
        off = np.abs(self.outer(forecasts, plan) - self.outer(self.came, plan))
        return np.asarray(off.mean(axis=1) / self.outer_unit)


def window_at(values: Values, origin: int | npt.NDArray[np.int64], plan: Plan) -> Values:
    """(N, L) the values before each origin; before the first value the first season is repeated."""
    places = np.atleast_1d(origin)[:, None] - plan.length + np.arange(plan.length)
    return values[np.where(places < 0, places % min(plan.season, len(values)), places)]


def windows_of(series: Sequence[Values], bounds: Sequence[tuple[int, int]], plan: Plan, most: int) -> Windows:
    """The windows of all series whose targets lie within bounds.

    Args:
        series: values, each series of its own length.
        bounds: of each series: the number of values known at the first and the last origin.
        plan: what a window is.
        most: windows at most; of more, so many at equal distances.
    """
    counts = np.array([max(0, last - first + 1) for first, last in bounds])
    wanted = np.arange(counts.sum())
    if len(wanted) > most:
        wanted = np.linspace(0, len(wanted) - 1, most).astype(np.int64)
    begins = np.concatenate([[0], np.cumsum(counts)])
    parts = []
    for number, (values, (first, _)) in enumerate(zip(series, bounds, strict=True)):
        origins = wanted[(wanted >= begins[number]) & (wanted < begins[number + 1])] - begins[number] + first
        if not len(origins):
            continue
        inner = plan.inner(values)
        unit = usual_change(values[: bounds[number][1]], plan)
        outer_unit = float(np.abs(np.diff(values[: bounds[number][1]])).mean()) or 1.0
        last = inner[origins - 1]
        known = (window_at(inner, origins, plan) - last[:, None]) / unit
        came = (inner[origins[:, None] + np.arange(plan.steps)] - last[:, None]) / unit
        full = np.full(len(origins), 1.0)
        parts.append((known, came, last, unit * full, outer_unit * full))
    if not parts:
        empty = np.empty(0)
        return Windows(np.empty((0, plan.length)), np.empty((0, plan.steps)), empty, empty, empty)
    return Windows(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def tail_of(size: int, plan: Plan) -> int:
    """How many of a series' values are kept to validate with; 0 for a series too short for that."""
    wanted = max(round(TAIL * size), plan.steps + 2)
    return (
        wanted if size - wanted >= plan.first + plan.steps else max(0, min(plan.steps, size - plan.first - plan.steps))
    )
