"""A series cut for a forecaster: windows with what comes after them, one scale, and the season again."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Values: TypeAlias = npt.NDArray[np.float64]


def windows(values: Values, seen: int, steps: int) -> tuple[Values, Values]:
    """Every stretch of `seen` values, and the `steps` values right after it.

    Args:
        values: (T,) in the order of time, T at least seen + steps.
        seen: L values that a network sees.
        steps: S values that it forecasts.

    Returns:
        (N, L) and (N, S), with N = T − L − S + 1.
    """
    import numpy as np

    both = np.lib.stride_tricks.sliding_window_view(values, seen + steps)
    return both[:, :seen].copy(), both[:, seen:].copy()


def scaled_by_training(values: Values, count: int) -> Values:
    """A whole series in units of its training part.

    Args:
        values: (T,) in the order of time.
        count: how many of them, from the first on, are learned from: 2 to T.

    Returns:
        (T,) with mean 0 and standard deviation 1 (divided by count) over the training part.
    """
    train = values[:count]
    scaled: Values = (values - train.mean()) / train.std()
    return scaled


def last_season_again(values: Values, steps: int, season: int) -> Values:
    """The seasonal naive forecast: the last season that is known, again and again.

    Args:
        values: (T,) known, T at least a season.
        steps: S, which may be longer than a season.
        season: steps of a season.

    Returns:
        (S,)
    """
    import numpy as np

    return values[len(values) - season + np.arange(steps) % season]
