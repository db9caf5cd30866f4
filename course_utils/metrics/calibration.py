"""How far confidence and the share of right answers are apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from course_utils.checks import check_whole
from course_utils.errors import CourseError


class Bin(NamedTuple):
    """Answers of about the same confidence.

    Attributes:
        answers: how many.
        confidence: their mean confidence.
        right: the share of them that is right.
    """

    answers: int
    confidence: float
    right: float


def calibration_bins(confidence: Sequence[float], right: Sequence[bool], bins: int = 10) -> list[Bin]:
    """Answers in bins of equal width by their confidence; empty bins are left out.

    Bin b holds b / bins up to (b + 1) / bins, and the last one 1 as well.

    Args:
        confidence: N numbers from 0 to 1.
        right: was each answer right?
        bins: how many there are.

    Raises:
        CourseError: no answers, not as many of one as of the other, a confidence below 0 or above 1, or no bin.
    """
    sure, hits = np.asarray(confidence, dtype=np.float64), np.asarray(right, dtype=np.float64)
    check_whole("bins", bins, 1)
    if sure.ndim != 1 or sure.shape != hits.shape or not len(sure):
        raise CourseError(
            f"There are {sure.size} confidences for {hits.size} answers. Give one for each, and one answer at least."
        )
    if not ((sure >= 0) & (sure <= 1)).all():
        raise CourseError("A confidence is a number from 0 to 1, and one of these is not.")
    number = np.minimum((sure * bins).astype(int), bins - 1)
    found = [(sure[number == index], hits[number == index]) for index in range(bins)]
    return [Bin(len(here), float(here.mean()), float(of_them.mean())) for here, of_them in found if len(here)]


def calibration_error(confidence: Sequence[float], right: Sequence[bool], bins: int = 10) -> float:
    """The distance of confidence and share right in a bin, on average over the answers.

    Source: Naeini, Cooper & Hauskrecht 2015, *Obtaining well calibrated probabilities using Bayesian binning*, AAAI.

    Args:
        confidence: N numbers from 0 to 1.
        right: was each answer right?
        bins: how many, of equal width.

    Returns:
        From 0, where they agree in each bin, to 1.

    Raises:
        CourseError: as of `calibration_bins`.
    """
    found = calibration_bins(confidence, right, bins)
    return sum(b.answers * abs(b.confidence - b.right) for b in found) / sum(b.answers for b in found)
