"""Which forecast a network starts from, by errors on windows; how much of the network counts; and honest intervals.

N windows, L values in each, S steps ahead, Q quantiles.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri, stdtrit
from sklearn.isotonic import IsotonicRegression

from course_utils.models.forecast_bases import PENALTIES, ridge_base, untrained_bases
from course_utils.models.forecast_windows import Plan, Windows

Values: TypeAlias = npt.NDArray[np.float64]

SHARES = (0.25, 0.5, 0.75, 1.0)  # of a network's correction that may count
STRETCHES = 8  # of windows, whose means tell how much chance there is in a difference
ERRORS_OF_DIFFERENCE = 1.0  # standard errors by which what was trained must be better than what was not
GAIN = 0.01  # and by this share
AVERAGED = 3  # of the untrained forecasts, the best: their mean varies less than the best one


class Base(NamedTuple):
    """A forecast to start from.

    Attributes:
        name: in words.
        matrix: (S, L).
        trained: was it fitted to windows?
        score: its mean absolute error on the windows that judged it, in mean changes of a step.
        untrained: the score of the best forecast that needs no training.
    """

    name: str
    matrix: Values
    trained: bool
    score: float
    untrained: float


def best_base(train: Windows, valid: Windows, plan: Plan, wanted: str | None = None) -> Base:
    """The mean of the best untrained forecasts, or a linear one that corrects it, where that is clearly better.

    What needs no training is judged on all windows, half the weight on those that validate; what is trained on the
    latter alone.

    Args:
        train: windows to fit with.
        valid: windows to judge with; may be none.
        plan: what a window is.
        wanted: "naive" takes the (seasonal) naive forecast, whatever would be better.
    """
    bases = untrained_bases(plan.length, plan.steps, plan.season)
    parts = [part for part in (train, valid) if len(part)]
    errors = {name: [part.errors(part.known @ matrix.T, plan) for part in parts] for name, matrix in bases.items()}
    scores = {name: float(np.mean([part.mean() for part in found])) for name, found in errors.items()}
    simplest = next(iter(bases))
    best = sorted(scores, key=scores.__getitem__)[:AVERAGED] if wanted is None else [simplest]
    if not clearly_better(np.concatenate(errors[best[0]]), np.concatenate(errors[simplest]), plan.steps):
        best = [simplest]
    names = best[0] if len(best) == 1 else f"the mean of {'; '.join(best)}"
    found = Base(names, np.mean([bases[name] for name in best], axis=0), False, scores[best[0]], scores[best[0]])
    if wanted is not None or len(train) < 4 or not len(valid):
        return found
    plain = valid.errors(valid.known @ found.matrix.T, plan)
    candidates = []
    for start in (found.matrix, np.zeros_like(found.matrix)):
        residual = train.came - train.known @ start.T
        for penalty in PENALTIES:
            ridge = start + ridge_base(train.known, residual, float(penalty))
            candidates += [ridge, (found.matrix + ridge) / 2]
    trained = [valid.errors(valid.known @ matrix.T, plan) for matrix in candidates]
    winner = int(np.argmin([part.mean() for part in trained]))
    if not clearly_better(trained[winner], plain, plan.steps):
        return found
    gain = float(trained[winner].mean() / max(plain.mean(), 1e-300))
    name = f"{found.name}, corrected by a ridge regression"
    return Base(name, candidates[winner], True, found.score * gain, found.score)


def clearly_better(errors: Values, others: Values, apart: int) -> bool:
    """Are errors lower than others, window by window, by more than chance and by a share that matters?

    Neighbouring windows share targets, and a series changes slowly: the standard error is that of the means of up to
    eight stretches of windows. Fewer than two stretches decide nothing.

    Args:
        errors: (N,) of what may be better, in the order of time.
        others: (N,) of what it is compared with.
        apart: a stretch has half as many windows at least.
    """
    gains = others - errors
    stretches = min(STRETCHES, 2 * len(gains) // apart)
    if stretches < 2:
        return False
    means = np.array([part.mean() for part in np.array_split(gains, stretches)])
    noise = float(means.std(ddof=1)) / np.sqrt(stretches)
    return bool(gains.mean() > max(ERRORS_OF_DIFFERENCE * noise, GAIN * float(others.mean())))


def pinball(quantiles: Values, came: Values, levels: Values) -> Values:
    """(N,) mean pinball losses of (N, S, Q) quantiles, for (N, S) that came."""
    above = came[..., None] - quantiles
    return np.asarray(np.maximum(levels * above, (levels - 1) * above).mean(axis=(1, 2)))


def best_share(plain: Values, corrections: Values, came: Values, levels: Values) -> float:
    """How much of a network's correction counts: the share with the lowest loss, or 0 where it is not clearly lower.

    The losses are those of quantiles that were moved to hold on these windows, so that a network is not preferred for
    their width.

    Args:
        plain: (S, Q) quantiles without the network.
        corrections: (N, S, Q) what the network adds.
        came: (N, S).
        levels: (Q,).
    """
    losses = {}
    for share in (0.0, *SHARES):
        quantiles = plain + share * corrections
        losses[share] = pinball(quantiles + offsets(quantiles, came, levels), came, levels)
    share = min(losses, key=lambda name: float(losses[name].mean()))
    return share if clearly_better(losses[share], losses[0.0], came.shape[1]) else 0.0


def residual_quantiles(residuals: Values, levels: Values) -> Values:
    """(S, Q) quantiles of (N, S) residuals around their centre, their spread smoothed over the steps; 0 at the median.

    The spread of a step is its mean absolute residual, made to rise with the steps (isotonic regression); the shape is
    that of all steps' residuals in these units.
    """
    spread = IsotonicRegression().fit_transform(np.arange(residuals.shape[1]), np.abs(residuals).mean(axis=0))
    if not spread.max() > 0:
        return np.zeros((residuals.shape[1], len(levels)))
    shape = np.quantile(residuals / np.maximum(spread, 1e-12 * spread.max()), levels, axis=None)
    shape = np.where(levels < 0.5, np.minimum(shape, 0), np.where(levels > 0.5, np.maximum(shape, 0), 0.0))
    return np.asarray(spread[:, None] * shape)


def offsets(quantiles: Values, came: Values, levels: Values, independent: float = np.inf) -> Values:
    """(S, Q) what is added to quantiles so that on these windows each share of the truths lies below its quantile.

    Split conformal prediction (Romano, Patterson & Candès 2019, arXiv 1905.03222), the spread smoothed over the steps,
    and a little wider where few windows are independent, as Student's distribution is wider than the normal one.

    Args:
        quantiles: (N, S, Q).
        came: (N, S).
        levels: (Q,); what belongs to 0.5 stays as it is.
        independent: how many windows count as independent.
    """
    off = came[..., None] - quantiles
    middle = int(np.argmin(np.abs(levels - 0.5)))
    spread = IsotonicRegression().fit_transform(np.arange(came.shape[1]), np.abs(off[..., middle]).mean(axis=0))
    found = np.zeros(quantiles.shape[1:])
    if not spread.max() > 0:
        return found
    spread = np.maximum(spread, 1e-12 * spread.max())
    few = student_factor(levels, independent)
    for column, level in enumerate(levels):
        if level != 0.5:
            moved = spread * np.quantile(off[..., column] / spread, level, axis=None)
            reach = quantiles[..., column].mean(axis=0) - quantiles[..., middle].mean(axis=0) + moved
            found[:, column] = moved + (few[column] - 1) * reach
    return found


def student_factor(levels: Values, independent: float) -> Values:
    """(Q,) how many times as far from the middle a quantile lies that few independent values tell; 1 for many."""
    degrees = max(independent, 2.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = stdtrit(degrees, levels) / ndtri(levels)
    return np.where(levels == 0.5, 1.0, factor)


def likely_seasons(series: Sequence[Values], usual: int | None) -> list[int]:
    """Lags that may be seasons: the usual one of the index, and where changes repeat themselves most."""
    found = [] if usual is None else [usual]
    longest = max(series, key=len)
    changes = np.diff(longest[-2_000:])
    most = min(len(changes) // 3, 200)
    size = float(np.abs(changes).max(initial=0.0))
    if most >= 3 and size > 0:
        centred = changes / size - (changes / size).mean()
        power = float(centred @ centred)
        alike = np.array([centred[lag:] @ centred[: len(centred) - lag] for lag in range(most + 1)]) / max(
            power, 1e-300
        )
        peaks = [lag for lag in range(2, most) if alike[lag] >= max(alike[lag - 1], alike[lag + 1], 0.3)]
        strongest = sorted(sorted(peaks, key=lambda lag: -alike[lag])[:4])
        found += [lag for lag in strongest if not any(_is_multiple(lag, less) for less in found + strongest)][:2]
    shortest = int(np.median([len(values) for values in series]))
    return sorted({season for season in found if 2 <= season <= min(shortest // 3, 200)})


def _is_multiple(lag: int, less: int) -> bool:
    """Is a lag twice another, three times …, give or take one?"""
    return less < lag and min(lag % less, less - lag % less) <= 1
