"""Forecasts that need no training: what `Forecaster` starts from, and what its network corrects.

Each is a matrix W (S, L): the forecasts of S steps are W u, where u (L,) is a window of the series that counts from its
last value, u = x − x[L − 1]. So all windows of all series are forecast in one product.

Source: smoothing as in Gardner 2006, doi:10.1016/j.ijforecast.2006.03.005; ridge regression of all steps on the window
is the linear forecaster that Zeng, Chen, Zhang & Xu 2023 (arXiv 2205.13504) found hard to beat.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Values: TypeAlias = npt.NDArray[np.float64]

RATES = (1.0, 0.5, 0.2, 0.05)  # how fast the level follows: 1, the last value alone
SLOPES = (0.0, 0.5, 1.0)  # how much of the window's slope goes on
PENALTIES = 10.0 ** np.arange(-3, 4)  # of the ridge regression, in units of the inputs' mean square


def untrained_bases(length: int, steps: int, season: int) -> Mapping[str, Values]:
    """All forecasts without parameters: seasonal naive, and a smoothed level with season and slope.

    Args:
        length: L, of the window; at least a season.
        steps: S.
        season: steps of a season; 1: none.

    Returns:
        (S, L) matrices by name; the first is the seasonal naive one.
    """
    naive = "seasonal naive" if season > 1 else "naive"
    found = {naive: _seasonal_naive(length, steps, season)}
    profile, slope = _profile(length, season), _slope(length, season)
    for rate in RATES:
        for share in SLOPES if length > 2 * season else SLOPES[:1]:
            if rate == 1.0 and share == 0.0 and season == 1:
                continue  # the naive one again
            name = f"level (rate {rate:g})" + (f", slope {share:g}" if share else "") + (", season" * (season > 1))
            found[name] = _smoothed(profile, share * slope, rate, steps, season)
    return found


def ridge_base(windows: Values, targets: Values, penalty: float) -> Values:
    """The matrix that forecasts best on windows, with a penalty for leaving the forecast 0.

    Args:
        windows: (N, L) that count from their last values.
        targets: (N, S) that count from there too.
        penalty: in units of the windows' mean square; above 0.

    Returns:
        (S, L)
    """
    square = windows.T @ windows
    size = float(np.trace(square)) / len(square)
    regular = square + (penalty * size + np.finfo(float).tiny) * np.eye(len(square))
    if not size > 0:
        return np.zeros((targets.shape[1], len(square)))
    return np.asarray(np.linalg.solve(regular, windows.T @ targets).T, dtype=np.float64)


def _seasonal_naive(length: int, steps: int, season: int) -> Values:
    matrix = np.zeros((steps, length))
    matrix[np.arange(steps), length - season + np.arange(steps) % season] = 1.0
    return matrix


def _profile(length: int, season: int) -> Values:
    """(season, L): how far each phase lies from the mean of its season, over all whole seasons of the window.

    Row j is the phase of the j-th step after the window.
    """
    count = length // season
    matrix = np.zeros((season, length))
    for back in range(count):
        start = length - (back + 1) * season
        matrix[np.arange(season), start + np.arange(season)] += 1.0 / count
        matrix[:, start : start + season] -= 1.0 / (season * count)
    return matrix


def _slope(length: int, season: int) -> Values:
    """(L,): the slope from the first to the last season of the window, a step."""
    row = np.zeros(length)
    count = length // season
    apart = (count - 1) * season
    if apart > 0:
        row[length - season :] += 1.0 / (season * apart)
        row[length - count * season : length - (count - 1) * season] -= 1.0 / (season * apart)
    return row


def _smoothed(profile: Values, slope: Values, rate: float, steps: int, season: int) -> Values:
    """(S, L): level + slope · step + season, the level smoothed after season and slope are taken off."""
    length = profile.shape[1]
    ages = np.arange(length - 1, -1, -1)
    weights = rate * (1 - rate) ** ages.astype(float) if rate < 1 else (ages == 0).astype(float)
    weights /= weights.sum()
    profile = profile - np.outer(np.arange(season) - (season - 1) / 2, slope)  # no slope is left in the season
    phases = (np.arange(length) - length) % season
    level = weights - weights @ profile[phases] + (weights @ ages) * slope
    ahead = np.arange(1, steps + 1)
    found: Values = level[None] + ahead[:, None] * slope[None] + profile[(ahead - 1) % season]
    return found
