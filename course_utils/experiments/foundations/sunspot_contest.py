"""Who forecasts sunspots better, an RNN or a weighted sum of the last years, and where both are wrong."""

from __future__ import annotations

import numpy as np

from course_utils.data.sunspots import yearly_sunspots
from course_utils.experiments.foundations import sunspot_forecasts as contest
from course_utils.experiments.foundations.sunspot_forecasts import Mask, Values
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.stats import mean_interval

FAR = {"came": 30, "said": 20}  # sunspots from one year to the next that count as a steep rise or fall


def best_order(values: Values, learn: Mask, choose: Mask, most: int = 15) -> int:
    """How many last years the linear rule should see: the number that is best on the years to choose."""
    tried = {p: contest.error(contest.linear_forecast(values, p, learn), values, choose) for p in range(1, most + 1)}
    return min(tried, key=tried.__getitem__)


def steep_years(forecast: Values, values: Values, years: Mask) -> Row:
    """How far a forecast is off, with its sign, in years that rise or fall steeply, chosen in two ways.

    Args:
        forecast: (T,) of every year, from the years before it.
        values: (T,) what came.
        years: (T,) which years count.

    Returns:
        For "came" (chosen by what came: more than 30 above or below the year before) and "said" (by the forecast: more
        than 20): `came_up`, `came_down`, `said_up`, `said_down`, the mean of forecast minus truth, and the numbers of
        years as `…_years`; `off`, the mean over all years.
    """
    before, off = contest.naive_forecast(values, 1), forecast - values
    row: Row = {"off": float(off[years].mean())}
    for name, next_year in (("came", values), ("said", forecast)):
        change = next_year - before
        for way, chosen in (("up", change > FAR[name]), ("down", change < -FAR[name])):
            row[f"{name}_{way}"] = float(off[chosen & years].mean()) if (chosen & years).any() else 0.0
            row[f"{name}_{way}_years"] = int((chosen & years).sum())
    return row


def measure(seed: int, *, steps: int, lr: float, hidden_size: int) -> list[Row]:
    """Train one RNN, and judge it and the linear rule on the test years.

    Args:
        seed: of the first weights.
        steps: of training, at most.
        lr: learning rate.
        hidden_size: H.

    Returns:
        A row for each of "linear" and "RNN": `network`, `error_choose`, `error` (mean absolute error from 1950 on),
        `difference` (its error minus that of the linear rule, year by year; mean) and `half` (half the width of the
        95 % interval of that mean over the years), and what `steep_years` finds.
    """
    series = yearly_sunspots()
    values = series.to_numpy()
    learn, choose, test = contest.split(series)
    network = contest.train(values, learn, choose, seed=seed, steps=steps, lr=lr, hidden_size=hidden_size)
    linear = contest.linear_forecast(values, best_order(values, learn, choose), learn)
    rows = []
    for name, forecast in (("linear", linear), ("RNN", contest.network_forecast(network, values))):
        paired = mean_interval((np.abs(forecast - values) - np.abs(linear - values))[test])
        found = {"difference": paired.value, "half": paired.half, **steep_years(forecast, values, test)}
        errors = {
            "error_choose": contest.error(forecast, values, choose),
            "error": contest.error(forecast, values, test),
        }
        rows.append({"network": name, **errors, **found})
    return rows


EXPERIMENT = Experiment(
    name="sunspot_contest",
    version=1,
    measure=measure,
    seeds=tuple(range(5)),
    settings={"steps": 250, "lr": 0.01, "hidden_size": 16},
    quick={"steps": 20, "hidden_size": 4},
    told=contest.told,
)
