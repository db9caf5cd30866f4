"""What a clinic asks of probabilities: who is found, who is alarmed for nothing, and how far a number can be believed.

Each row has a probability to be ill and a label, 1 ill and 0 well. A row is called ill where its probability reaches a
threshold.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course_utils.checks import check_number
from course_utils.errors import CourseError

Floats: TypeAlias = NDArray[np.float64]

BINS = 10


def sensitivity_specificity(probabilities: ArrayLike, labels: ArrayLike, threshold: float = 0.5) -> tuple[float, float]:
    """The share of the ill that are called ill, and the share of the well that are called well.

    Args:
        probabilities: (N,) to be ill.
        labels: (N,) 1 ill, 0 well; some of each.
        threshold: from which on a row is called ill.

    Raises:
        CourseError: see `_checked`.
    """
    p, ill = _checked(probabilities, labels)
    called = p >= threshold
    return float(called[ill].mean()), float((~called[~ill]).mean())


def threshold_for(probabilities: ArrayLike, labels: ArrayLike, sensitivity: float = 0.95) -> float:
    """The highest threshold at which at least this share of the ill is found: to be chosen on validation rows.

    Args:
        probabilities: (N,) to be ill.
        labels: (N,) 1 ill, 0 well; some of each.
        sensitivity: 0.01 to 1.

    Raises:
        CourseError: a sensitivity that is none, or see `_checked`.
    """
    p, ill = _checked(probabilities, labels)
    wanted = check_number("sensitivity", sensitivity, 0.01, 1)
    falling = np.sort(p[ill])[::-1]
    return float(falling[int(np.ceil(wanted * len(falling) - 1e-9)) - 1])


def predictive_values(sensitivity: float, specificity: float, prevalence: float) -> tuple[float, float]:
    """The probability that a row called ill is ill, and that one called well is well: Bayes' rule.

    Args:
        sensitivity: share of the ill that are called ill, 0 … 1.
        specificity: share of the well that are called well, 0 … 1.
        prevalence: share of the ill among those that are tested, 0 … 1.

    Returns:
        Positive and negative predictive value; 0 where nobody is called so.
    """
    found, missed = sensitivity * prevalence, (1 - sensitivity) * prevalence
    cleared, alarmed = specificity * (1 - prevalence), (1 - specificity) * (1 - prevalence)
    return (
        found / (found + alarmed) if found + alarmed else 0.0,
        cleared / (cleared + missed) if cleared + missed else 0.0,
    )


def brier_score(probabilities: ArrayLike, labels: ArrayLike) -> float:
    """Mean squared difference between probability and label: 0 at best. Source: Brier 1950.

    Args:
        probabilities: (N,) to be ill.
        labels: (N,) 1 ill, 0 well; some of each.
    """
    p, ill = _checked(probabilities, labels)
    return float(((p - ill) ** 2).mean())


def calibration_error(probabilities: ArrayLike, labels: ArrayLike, bins: int = BINS) -> float:
    """How far, on average, what is said lies from what comes true: |mean probability − share of the ill| over bins.

    Bins of equal width, each weighted by its rows. Source: Naeini, Cooper & Hauskrecht 2015. With few rows it is above
    0 by chance alone.

    Args:
        probabilities: (N,) to be ill.
        labels: (N,) 1 ill, 0 well; some of each.
        bins: how many.
    """
    p, ill = _checked(probabilities, labels)
    places = np.minimum((p * bins).astype(int), bins - 1)
    gaps = [abs(p[places == b].mean() - ill[places == b].mean()) * (places == b).mean() for b in np.unique(places)]
    return float(np.sum(gaps))


def _checked(probabilities: ArrayLike, labels: ArrayLike) -> tuple[Floats, NDArray[np.bool_]]:
    """As arrays.

    Raises:
        CourseError: other lengths, numbers that are no probabilities, other labels than 0 and 1, or one kind alone.
    """
    p, y = np.asarray(probabilities, dtype=np.float64), np.asarray(labels)
    if p.ndim != 1 or p.shape != y.shape:
        raise CourseError(f"Probabilities have the shape {p.shape}, labels {y.shape}. Expected: (N,) both.")
    if not ((p >= 0) & (p <= 1)).all():
        raise CourseError("Some probabilities are not between 0 and 1. Expected: those of being ill, one for each row.")
    if not np.isin(y, (0, 1)).all() or len(np.unique(y)) < 2:
        raise CourseError("Expected labels: 1 for ill and 0 for well, some of each.")
    return p, y == 1
