"""What a network that forecasts has to beat: seven older methods, each called alike.

    opponents.ets(values, 12, season=12, quantiles=(0.1, 0.5, 0.9)).values

T values are known, S steps are wanted, Q quantiles of each.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from course_utils.checks import check_number, check_whole
from course_utils.errors import CourseError

Values: TypeAlias = npt.NDArray[np.float64]

FEWEST_FOR_LAGS = 8  # values that an AR rule or boosting needs
LONGEST_ETS, LONGEST_SARIMA = 1_500, 600  # values that are fitted at most: the last ones
TREES = {"max_iter": 100, "learning_rate": 0.08, "max_leaf_nodes": 15, "min_samples_leaf": 10, "early_stopping": False}


class Opponent(NamedTuple):
    """A forecast, and what there is to say about it.

    Attributes:
        values: (S, Q) the quantiles of each step.
        note: such as "did not converge"; empty where all went well.
    """

    values: Values
    note: str = ""


def naive(values: npt.ArrayLike, steps: int, season: int = 1, quantiles: Sequence[float] = (0.5,)) -> Opponent:
    """The last value again and again; the spread is that of a random walk.

    Args:
        values: (T,) what is known, in the order of time.
        steps: S.
        season: is not used.
        quantiles: Q numbers above 0 and below 1.

    Raises:
        CourseError: values that are missing, not finite or too few, or an argument that cannot be meant.
    """
    known, steps, _, levels = _checked(values, steps, season, quantiles)
    ahead = np.arange(1, steps + 1)
    return Opponent(_normal(np.full(steps, known[-1]), _rms(np.diff(known)) * np.sqrt(ahead), levels))


def seasonal_naive(values: npt.ArrayLike, steps: int, season: int = 1, quantiles: Sequence[float] = (0.5,)) -> Opponent:
    """Each value as a season ago; the spread grows from season to season as that of a random walk.

    Args:
        values: (T,) what is known, in the order of time.
        steps: S.
        season: steps of a season; where T does not exceed it, the forecast is the naive one.
        quantiles: Q numbers above 0 and below 1.

    Raises:
        CourseError: as in `naive`.
    """
    known, steps, season, levels = _checked(values, steps, season, quantiles)
    if len(known) <= season:
        return naive(known, steps, 1, quantiles)._replace(note="not longer than a season: the last value")
    ahead = np.arange(steps)
    spread = _rms(known[season:] - known[:-season]) * np.sqrt(ahead // season + 1)
    return Opponent(_normal(known[len(known) - season + ahead % season], spread, levels))


def drift(values: npt.ArrayLike, steps: int, season: int = 1, quantiles: Sequence[float] = (0.5,)) -> Opponent:
    """On along the line from the first value to the last.

    Args:
        values: (T,) what is known, in the order of time.
        steps: S.
        season: is not used.
        quantiles: Q numbers above 0 and below 1.

    Raises:
        CourseError: as in `naive`.
    """
    known, steps, _, levels = _checked(values, steps, season, quantiles)
    ahead, count = np.arange(1, steps + 1), len(known) - 1
    slope = (known[-1] - known[0]) / count
    spread = _rms(np.diff(known) - slope) * np.sqrt(ahead * (1 + ahead / count))
    return Opponent(_normal(known[-1] + slope * ahead, spread, levels))


def autoregression(values: npt.ArrayLike, steps: int, season: int = 1, quantiles: Sequence[float] = (0.5,)) -> Opponent:
    """A weighted sum of the last values and a constant (AR), applied again and again; AIC chooses how many.

    Args:
        values: (T,) what is known, in the order of time.
        steps: S.
        season: up to two seasons of values may be chosen, at least 12, at most a quarter of T.
        quantiles: Q numbers above 0 and below 1.

    Raises:
        CourseError: as in `naive`.
    """
    known, steps, season, levels = _checked(values, steps, season, quantiles)

    def forecast(scaled: Values) -> tuple[Values, Values, str]:
        from statsmodels.tsa.ar_model import AutoReg, ar_select_order

        most = min(max(2 * season, 12), len(scaled) // 4)
        lags = ar_select_order(scaled, most, ic="aic").ar_lags or [1]
        found = AutoReg(scaled, lags).fit().get_prediction(len(scaled), len(scaled) + steps - 1)
        return found.predicted_mean, found.se_mean, ""

    return _by_library(known, steps, season, levels, forecast, FEWEST_FOR_LAGS)


def sarima(values: npt.ArrayLike, steps: int, season: int = 1, quantiles: Sequence[float] = (0.5,)) -> Opponent:
    """The airline model, SARIMA (0, 1, 1)(0, 1, 1), or with an AR term in place of the first MA term: AIC chooses.

    Without a season it is ARIMA (0, 1, 1), (1, 1, 0) or (2, 1, 1). The last 600 values are fitted.

    Source: Box & Jenkins 1970; fitted by statsmodels' `SARIMAX`.

    Args:
        values: (T,) what is known, in the order of time.
        steps: S.
        season: steps of a season.
        quantiles: Q numbers above 0 and below 1.

    Raises:
        CourseError: as in `naive`.
    """
    known, steps, season, levels = _checked(values, steps, season, quantiles)
    seasonal = season > 1 and len(known) >= 3 * season

    def forecast(scaled: Values) -> tuple[Values, Values, str]:
        from statsmodels.tsa.statespace.sarimax import SARIMAX

        orders = [(0, 1, 1), (1, 1, 0)] if seasonal else [(0, 1, 1), (1, 1, 0), (2, 1, 1)]
        tail = (0, 1, 1, season) if seasonal else (0, 0, 0, 0)
        fits = [SARIMAX(scaled, order=order, seasonal_order=tail).fit(disp=False, maxiter=50) for order in orders]
        best = min(fits, key=lambda fit: fit.aic)
        found = best.get_forecast(steps)
        return found.predicted_mean, found.se_mean, _told(best)

    return _by_library(known, steps, season, levels, forecast, FEWEST_FOR_LAGS, LONGEST_SARIMA)


def ets(values: npt.ArrayLike, steps: int, season: int = 1, quantiles: Sequence[float] = (0.5,)) -> Opponent:
    """Exponential smoothing in state-space form: level, none or a damped trend, a season that is added; AIC chooses.

    Where all values are above 0 the same is tried on their logarithms, in which seasons and trends multiply; the
    likelihoods are compared in the unit of the values. The last 1,500 values are fitted.

    Source: Hyndman, Koehler, Snyder & Grose 2002, doi:10.1016/S0169-2070(01)00110-8; fitted by statsmodels' `ETSModel`.

    Args:
        values: (T,) what is known, in the order of time.
        steps: S.
        season: steps of a season; it counts where there are two at least.
        quantiles: Q numbers above 0 and below 1.

    Raises:
        CourseError: as in `naive`.
    """
    known, steps, season, levels = _checked(values, steps, season, quantiles)
    known = known[-LONGEST_ETS:]
    plain = _smoothed(known, steps, season, levels)
    if known.min() <= 0 or plain.note.startswith("the fit failed"):
        return plain.forecast
    logs = _smoothed(np.log(known), steps, season, levels, jacobian=2 * float(np.log(known).sum()))
    if logs.aic >= plain.aic:
        return plain.forecast
    with np.errstate(over="ignore"):
        found = np.exp(logs.forecast.values)
    return logs.forecast._replace(values=found) if np.isfinite(found).all() else plain.forecast


def boosting(values: npt.ArrayLike, steps: int, season: int = 1, quantiles: Sequence[float] = (0.5,)) -> Opponent:
    """Gradient-boosted trees that see the last values and the step, one set of trees for each quantile.

    The trees say how far a value lies from the seasonal naive forecast, in units of the series' own changes, so that
    they can follow a trend.

    Source: Friedman 2001, doi:10.1214/aos/1013203451; scikit-learn's `HistGradientBoostingRegressor`.

    Args:
        values: (T,) what is known, in the order of time.
        steps: S.
        season: the trees see two seasons, at least 12 values.
        quantiles: Q numbers above 0 and below 1.

    Raises:
        CourseError: as in `naive`.
    """
    known, steps, season, levels = _checked(values, steps, season, quantiles)
    reach = max(2 * season, 12)
    direct = min(steps, (len(known) - reach) // 4)
    if direct < 1:
        return _fallback(known, steps, season, levels, f"fewer than {reach + 4} values")
    from sklearn.ensemble import HistGradientBoostingRegressor

    unit = _rms(np.diff(known)) or 1.0
    starts = np.arange(reach, len(known) - direct + 1)
    x, base = _lags(known, starts, direct, season, unit)
    y = np.concatenate([(known[starts + step] - base[:, step]) / unit for step in range(direct)])
    trees = [HistGradientBoostingRegressor(loss="quantile", quantile=q, **TREES).fit(x, y) for q in levels]
    found = np.empty((0, len(levels)))
    while len(found) < steps:  # beyond what was learned directly, on from the medians
        seen = np.concatenate([known, found[:, len(levels) // 2]])
        x, base = _lags(seen, np.array([len(seen)]), direct, season, unit)
        more = base[0][:, None] + unit * np.stack([tree.predict(x) for tree in trees], axis=1)
        found = np.concatenate([found, np.sort(more, axis=1)])
    return Opponent(found[:steps])


OPPONENTS: Mapping[str, Callable[..., Opponent]] = {
    "naive": naive,
    "seasonal naive": seasonal_naive,
    "drift": drift,
    "AR": autoregression,
    "SARIMA": sarima,
    "ETS": ets,
    "boosting": boosting,
}

# ---------------------------------------------------------------------------------------------------------------------
# Lags for the trees


def _lags(known: Values, starts: Any, steps: int, season: int, unit: float) -> tuple[Values, Values]:
    """(steps · N, …) what the trees see, step by step, and (N, steps) the seasonal naive forecasts."""
    reach = max(2 * season, 12)
    windows = np.stack([known[starts - back] for back in range(reach, 0, -1)], axis=1)
    base = np.stack([windows[:, reach - season + step % season] for step in range(steps)], axis=1)
    seen = (windows - windows[:, -1:]) / unit
    rows = [
        np.column_stack([seen, np.full(len(starts), step), (base[:, step] - windows[:, -1]) / unit])
        for step in range(steps)
    ]
    return np.concatenate(rows), base


# ---------------------------------------------------------------------------------------------------------------------
# Exponential smoothing


class _Smoothed(NamedTuple):
    forecast: Opponent
    aic: float
    note: str


def _smoothed(known: Values, steps: int, season: int, levels: Values, jacobian: float = 0.0) -> _Smoothed:
    """The best of a few kinds of exponential smoothing by AIC, in the unit of the values."""
    aics: list[float] = []
    seasonal = season > 1 and len(known) >= 2 * season + 2

    def forecast(scaled: Values) -> tuple[Values, Values, str]:
        import pandas as pd
        from statsmodels.tsa.exponential_smoothing.ets import ETSModel

        fits = [
            ETSModel(
                pd.Series(scaled),  # its predictions need an index
                trend=trend,
                damped_trend=trend is not None,
                seasonal="add" if seasonal else None,
                seasonal_periods=season if seasonal else None,
            ).fit(disp=False, maxiter=200)
            for trend in (None, "add")
        ]
        best = min(fits, key=lambda fit: fit.aic)
        aics.append(float(best.aic))
        found = best.get_prediction(len(scaled), len(scaled) + steps - 1)
        return found.predicted_mean, np.sqrt(found.forecast_variance), _told(best)

    found = _by_library(known, steps, season, levels, forecast, 4)
    unit = known.std() or 1.0
    aic = aics[0] + 2 * len(known) * float(np.log(unit)) + jacobian if aics else np.inf
    return _Smoothed(found, aic, found.note)


# ---------------------------------------------------------------------------------------------------------------------
# What they share


def _by_library(
    known: Values,
    steps: int,
    season: int,
    levels: Values,
    forecast: Callable[[Values], tuple[Values, Values, str]],
    fewest: int,
    longest: int | None = None,
) -> Opponent:
    """A forecast by a library, which sees the values standardised; the seasonal naive one where it fails."""
    used = known[-longest:] if longest else known
    centre, unit = used.mean(), used.std()
    if len(used) < fewest:
        return _fallback(known, steps, season, levels, f"fewer than {fewest} values")
    if not unit > 1e-12 * max(abs(centre), np.finfo(float).tiny):
        return _fallback(known, steps, season, levels, "constant values")
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            mean, spread, note = forecast((used - centre) / unit)
    except (ValueError, ArithmeticError, IndexError, np.linalg.LinAlgError) as error:
        return _fallback(known, steps, season, levels, f"the fit failed ({error!s:.60})")
    found = _normal(centre + unit * np.asarray(mean), unit * np.asarray(spread), levels)
    if not np.isfinite(found).all():
        return _fallback(known, steps, season, levels, "the fit failed (its forecast is not finite)")
    return Opponent(found, note)


def _told(fitted: Any) -> str:
    return "" if fitted.mle_retvals is None or fitted.mle_retvals.get("converged", True) else "did not converge"


def _fallback(known: Values, steps: int, season: int, levels: Values, why: str) -> Opponent:
    return seasonal_naive(known, steps, season, levels.tolist())._replace(note=f"{why}: seasonal naive instead")


def _normal(centre: Values, spread: Values, levels: Values) -> Values:
    """(S, Q) quantiles of normal distributions."""
    found: Values = centre[:, None] + spread[:, None] * ndtri(levels)
    return found


def _rms(values: Values) -> float:
    """The root mean square, safe for large and small numbers; 0 for no values."""
    largest = float(np.abs(values).max(initial=0.0))
    return largest * float(np.sqrt(np.mean((values / largest) ** 2))) if largest else 0.0


def _checked(
    values: npt.ArrayLike, steps: int, season: int, quantiles: Sequence[float]
) -> tuple[Values, int, int, Values]:
    known = np.asarray(values, dtype=np.float64)
    if known.ndim != 1 or len(known) < 2 or not np.isfinite(known).all():
        raise CourseError(
            f"The values have the shape {known.shape}. Expected: (T,), two or more finite numbers in the order of time."
        )
    if not len(quantiles):
        raise CourseError("quantiles is empty. Name one at least, such as 0.5.")
    levels = np.array([check_number("a quantile", q, 0.001, 0.999) for q in quantiles])
    return known, check_whole("steps", steps, 1), check_whole("season", season, 1), levels
