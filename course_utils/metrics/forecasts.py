"""Errors of the simplest forecasts, beside which every other forecast is judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


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
