"""Times to an event, some of them censored: the likelihood of hazards, two simple models of them, and concordance.

A record of t steps has been at risk of the event t times: it came at the last step, or (censored) it had not come yet.
A hazard is the probability that it comes at a step, if it has not come before.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from course_utils.errors import CourseError

Numbers = NDArray[np.float64]


def hazard_nats(logits: Tensor, times: Tensor, events: Tensor) -> Tensor:
    """Minus the log likelihood of each record.

    Where the event came at step t it is −log h_t − Σ_{s<t} log(1 − h_s); where the record ended without it,
    −Σ_{s≤t} log(1 − h_s).

    Args:
        logits: (N, T) of the hazards: column 0 is the first step's.
        times: (N,) steps of each record, 1 to T.
        events: (N,) True where the event came at the last of them.

    Returns:
        (N,) in nats.

    Raises:
        CourseError: a time below 1 or above T.
    """
    N, T = logits.shape
    if N and not (int(times.min()) >= 1 and int(times.max()) <= T):
        raise CourseError(
            f"Times must lie between 1 and {T}, the columns of the hazards; they go from "
            f"{int(times.min())} to {int(times.max())}."
        )
    steps = torch.arange(1, T + 1, device=logits.device)
    survived = torch.nn.functional.softplus(logits)  # −log(1 − h)
    at_risk = steps <= times[:, None]
    last = (steps == times[:, None]) & events.bool()[:, None]
    return (survived * at_risk).sum(1) - (logits * last).sum(1)  # −log h = softplus(z) − z


def constant_hazard(times: Tensor, events: Tensor) -> float:
    """The most likely hazard that is the same at every step: events divided by steps at risk.

    Args:
        times: (N,) steps of each record.
        events: (N,) True where the event came.

    Raises:
        CourseError: there is no step.
    """
    if not float(times.sum()) > 0:
        raise CourseError("No record has a step: there is nothing to estimate a hazard from.")
    return float(events.sum()) / float(times.sum())


def weibull_fit(times: Any, events: Any) -> tuple[float, float]:
    """The most likely Weibull distribution of times that are rounded up to whole steps.

    Args:
        times: (N,) whole numbers from 1.
        events: (N,) True where the event came at that step; else it comes later.

    Returns:
        Scale and shape: P(time > t) = exp(−(t / scale)^shape).

    Raises:
        CourseError: no event, or no times.
    """
    from scipy.optimize import minimize

    t, came = np.asarray(times, dtype=float), np.asarray(events, dtype=bool)
    if not len(t) or not came.any():
        raise CourseError("Without an event there is nothing to fit: every record is censored.")

    def nats(parameters: Numbers) -> float:
        scale, shape = np.exp(parameters)
        before, at = ((t - 1) / scale) ** shape, (t / scale) ** shape
        ended = before[came] - np.log(np.maximum(-np.expm1(before[came] - at[came]), 1e-300))
        return float(ended.sum() + at[~came].sum()) / len(t)

    with np.errstate(over="ignore", invalid="ignore"):
        found = minimize(nats, np.log([t.mean(), 1.5]), method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-10})
    scale, shape = np.exp(found.x)
    return float(scale), float(shape)


def concordance(times: Any, events: Any, risks: Any) -> float:
    """Of two records, how often has the one with the earlier event the higher risk? Harrell's C.

    Pairs count in which it is known whose event came first: the earlier time is that of an event, and the other record
    lasted longer (or was censored at the same step). Of equal risks each counts as half right; pairs with events at the
    same step are left out.

    Args:
        times: (N,).
        events: (N,) True where the event came.
        risks: (N,) higher where the event is expected sooner.

    Returns:
        0 … 1; 1/2 for risks that say nothing.

    Raises:
        CourseError: there is no pair of which it is known whose event came first; numbers that are not finite, or not
            as many of each.

    Source: Harrell, Califf, Pryor, Lee & Rosati 1982, doi:10.1001/jama.1982.03320430047030.
    """
    t, came, r = np.asarray(times, dtype=float), np.asarray(events, dtype=bool), np.asarray(risks, dtype=float)
    if not (t.shape == came.shape == r.shape) or t.ndim != 1:
        raise CourseError(
            f"Times, events and risks must be as many; they are of the shapes {t.shape}, {came.shape}, {r.shape}."
        )
    if not (np.isfinite(t).all() and np.isfinite(r).all()):
        raise CourseError("A time or a risk is not a finite number.")
    right = pairs = 0.0
    for time, risk in zip(t[came], r[came], strict=True):
        later = (t > time) | ((t == time) & ~came)
        pairs += later.sum()
        right += (risk > r[later]).sum() + 0.5 * (risk == r[later]).sum()
    if not pairs:
        raise CourseError("There is no pair of records of which it is known whose event came first.")
    return float(right / pairs)
