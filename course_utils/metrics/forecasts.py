"""Errors of forecasts: of the simplest ones, beside which every other is judged, and of quantiles and intervals."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from course_utils.checks import check_positive, check_whole
from course_utils.errors import CourseError

Values: TypeAlias = npt.NDArray[np.float64]


def persistence_error(values: npt.NDArray[np.floating[Any]]) -> float:
    """Mean absolute error of the simplest forecast: the next value will be the one before it.

    Args:
        values: (T,) at least two values, in the order of time.

    Returns:
        The error in the unit of the values: the mean over the T − 1 values that have one before them.
    """
    forecast, truth = values[:-1], values[1:]
    return float(abs(truth - forecast).mean())


def seasonal_naive_error(values: npt.NDArray[np.floating[Any]], season: int) -> float:
    """Mean absolute error of the forecast "like a season ago": the next value will be the one `season` steps before it.

    Args:
        values: (T,) more than `season` values, in the order of time.
        season: steps of a season, 1 or more; with 1 it is `persistence_error`.

    Returns:
        The error in the unit of the values: the mean over the T − season values that have one a season before them.
    """
    forecast, truth = values[:-season], values[season:]
    return float(abs(truth - forecast).mean())


def mase(forecast: npt.ArrayLike, truth: npt.ArrayLike, training: npt.ArrayLike, season: int = 1) -> float:
    """Mean absolute scaled error: how many times as wrong as "like a season ago" was on the training part.

    Below 1 a forecast is better than the seasonal naive one was there, one step ahead. The scale comes from the
    training part alone, so that the parts that judge change nothing but the numerator.

    Source: Hyndman & Koehler 2006, doi:10.1016/j.ijforecast.2006.03.001.

    Args:
        forecast: values of any shape.
        truth: what came, of the same shape.
        training: (T,) more than `season` values before them, in the order of time.
        season: steps of a season; 1 scales by persistence.

    Returns:
        The error, without unit.

    Raises:
        CourseError: shapes that differ, no values or ones that are not finite, a training part that is no longer than
            a season, or that repeats itself exactly: there is no error to scale by.
    """
    forecast, truth = _pair(forecast, truth)
    known = _finite("training part", training)
    season = check_whole("season", season, 1)
    if known.ndim != 1 or len(known) <= season:
        raise CourseError(
            f"The training part has the shape {known.shape}. Expected: (T,) with T above the season, {season}."
        )
    scale = seasonal_naive_error(known, season)
    if not scale > 0:
        raise CourseError(
            "The training part repeats itself exactly from season to season, so there is no error to scale by. Take "
            "the mean absolute error as it is."
        )
    return float(np.abs(forecast - truth).mean() / scale)


def pinball_loss(forecast: npt.ArrayLike, truth: npt.ArrayLike, quantile: float) -> float:
    """The loss whose minimum is a quantile: a truth above the forecast costs q a unit, one below it 1 − q.

    For q = 0.5 it is half the mean absolute error.

    Source: Koenker & Bassett 1978, doi:10.2307/1913643.

    Args:
        forecast: of the quantile; values of any shape.
        truth: what came, of the same shape.
        quantile: q, above 0 and below 1.

    Returns:
        The mean, in the unit of the values.

    Raises:
        CourseError: shapes that differ, no values or ones that are not finite, no such quantile.
    """
    forecast, truth = _pair(forecast, truth)
    if check_positive("quantile", quantile) >= 1:
        raise CourseError(f"quantile must be a number above 0 and below 1; it is {quantile!r}.")
    above = truth - forecast
    return float(np.maximum(quantile * above, (quantile - 1) * above).mean())


def coverage(lower: npt.ArrayLike, upper: npt.ArrayLike, truth: npt.ArrayLike) -> float:
    """The share of what came that lies within its interval, bounds included.

    Args:
        lower: lower bounds of any shape.
        upper: upper bounds, of the same shape.
        truth: what came, of the same shape.

    Returns:
        0 … 1. An interval from the quantile 0.1 to 0.9 should cover 0.8.

    Raises:
        CourseError: shapes that differ, no values or ones that are not finite.
    """
    lower, truth = _pair(lower, truth)
    upper, _ = _pair(upper, truth)
    return float(((lower <= truth) & (truth <= upper)).mean())


def _pair(forecast: npt.ArrayLike, truth: npt.ArrayLike) -> tuple[Values, Values]:
    forecasts, truths = _finite("forecast", forecast), _finite("truth", truth)
    if forecasts.shape != truths.shape or not truths.size:
        raise CourseError(
            f"The forecast has the shape {forecasts.shape}, the truth {truths.shape}. Expected: one value for each."
        )
    return forecasts, truths


def _finite(name: str, given: npt.ArrayLike) -> Values:
    try:
        values = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        raise CourseError(f"The {name} holds something other than numbers: {given!r:.60}.") from None
    if not np.isfinite(values).all():
        raise CourseError(f"Some values of the {name} are missing or not finite. Leave them out, in both.")
    return values
