"""Forecasts from several origins of one series, beside those of older methods, all scored alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from course_utils.errors import CourseError
from course_utils.metrics import coverage, pinball_loss, seasonal_naive_error
from course_utils.models.forecast_state import MARKED, mark
from course_utils.models.forecast_windows import Values, usual_change
from course_utils.models.opponents import OPPONENTS
from course_utils.models.series_inputs import Known
from course_utils.stats import mean_interval

if TYPE_CHECKING:
    import pandas as pd

    from course_utils.models.forecaster import Forecaster

BESIDE = ("seasonal naive", "ETS")
FEWEST_LEARNED = 20  # values before the first origin, where a copy is trained
MOST_JUDGED = 0.4  # of a series, where a copy is trained


class _Origins(NamedTuple):
    forecaster: Any
    positions: list[int]
    again: bool


def backtest(forecaster: Forecaster, known: Known, origins: int, steps: int) -> pd.DataFrame:
    """What `Forecaster.backtest` returns.

    Args:
        forecaster: that was trained.
        known: the series.
        origins: how many.
        steps: S of each forecast.

    Raises:
        CourseError: as there.
    """
    import pandas as pd

    judged = _origins(forecaster, known, origins, steps)
    learned, model = judged.forecaster._state(), judged.forecaster._trained()
    values, first = known.values, judged.positions[0]
    learned.check(values)
    levels, season = learned.levels, learned.plan.season
    unit = usual_change(values[:first], learned.plan)
    name = judged.forecaster.cell.upper()
    forecasts = {name: [learned.forecast(model, values[:at], unit, steps) for at in judged.positions]}
    notes = {name: ""}
    for other in BESIDE:
        found = [OPPONENTS[other](values[:at], steps, season, levels.tolist()) for at in judged.positions]
        forecasts[other] = [forecast.values for forecast in found]
        notes[other] = "; ".join(sorted({forecast.note for forecast in found} - {""}))
    truths = [values[at : at + steps] for at in judged.positions]
    scale = seasonal_naive_error(values[:first], season) if first > season else 0.0
    table = pd.DataFrame(
        [_row(found, forecasts[BESIDE[0]], truths, scale, levels) for found in forecasts.values()],
        index=pd.Index(forecasts, name="method"),
    )
    table["note"] = list(notes.values())
    table.attrs = {"origins": judged.positions, "trained again": judged.again}
    return table


def _row(
    forecasts: Sequence[Values], naive: Sequence[Values], truths: Sequence[Values], scale: float, levels: Values
) -> dict[str, float]:
    """The scores of a method over all origins."""
    middle = int(np.argmin(np.abs(levels - 0.5)))
    found, other, came = np.stack(forecasts), np.stack(naive), np.stack(truths)  # (origins, S, Q), (origins, S)
    off = found[..., middle] - came
    errors, naive_errors = np.abs(off).mean(axis=1), np.abs(other[..., middle] - came).mean(axis=1)
    scaled, naive_scaled = (
        part / scale if scale > 0 else np.full(len(part), np.nan) for part in (errors, naive_errors)
    )
    over, paired = mean_interval(scaled), mean_interval(scaled - naive_scaled)
    largest = float(np.abs(off).max()) or 1.0
    return {
        "MAE": float(errors.mean()),
        "RMSE": largest * float(np.sqrt(np.mean((off / largest) ** 2))),
        "MASE": over.value,
        "low": over.low,
        "high": over.high,
        "difference": paired.value,
        "difference low": paired.low,
        "difference high": paired.high,
        "pinball": float(
            np.mean([pinball_loss(found[..., q], came, level) for q, level in enumerate(levels.tolist())])
        ),
        "coverage": coverage(found[..., 0], found[..., -1], came) if len(levels) > 1 else np.nan,
        "nominal": float(levels[-1] - levels[0]) if len(levels) > 1 else np.nan,
        "origins": len(came),
    }


def _origins(forecaster: Forecaster, known: Known, origins: int, steps: int) -> _Origins:
    """Positions that were not learned from, and a forecaster that has not seen them."""
    values = known.values
    marks = {end.marks: end.size for end in forecaster._endings}
    head = mark(values[:MARKED])
    seen = [size for (first, _), size in marks.items() if first == head]
    extended = [
        size for (_, whole), size in marks.items() if size + steps < len(values) and mark(values[:size]) == whole
    ]
    if extended or not seen:
        first = max(extended, default=max(len(values) // 3, 2))
        last = len(values) - steps
        if last <= first:
            raise CourseError(
                f"The series has {len(values)} values: too few for two origins with {steps} steps after each. Give a "
                "longer one, or fewer steps."
            )
        return _Origins(forecaster, _spread(first, last, origins), False)
    if forecaster._several:
        raise CourseError(
            "This series is one of those that were learned from, up to its end. Learn from the series without their "
            "ends, then give a whole one here."
        )
    last = len(values) - steps
    fewest = max(FEWEST_LEARNED, 2 * (forecaster.season or 1))
    first = max(len(values) - max(int(MOST_JUDGED * len(values)), steps + 1), fewest)
    first = max(first, last - steps * (origins - 1))
    if last <= first:
        raise CourseError(
            f"The series has {len(values)} values. Expected: {fewest + steps + 1} at least, to learn from the first "
            f"{fewest} and to judge forecasts of {steps} steps from two origins."
        )
    return _Origins(forecaster.again(values[:first]), _spread(first, last, origins), True)


def _spread(first: int, last: int, count: int) -> list[int]:
    """At most so many positions from first to last, at equal distances."""
    return sorted({round(float(position)) for position in np.linspace(first, last, count)})
