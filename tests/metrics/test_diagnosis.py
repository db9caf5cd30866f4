"""Sensitivity, thresholds, predictive values and calibration, against counts by hand and scikit-learn."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, recall_score

from course_utils.errors import CourseError
from course_utils.metrics.diagnosis import (
    brier_score,
    calibration_error,
    predictive_values,
    sensitivity_specificity,
    threshold_for,
)
from tests.strategies import examples

ROWS = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=2, max_size=30)


def columns(rows: list[tuple[float, bool]]) -> tuple[np.ndarray, np.ndarray]:
    """The probabilities and labels, the first two rows made ill and well."""
    p, y = (np.array(column) for column in zip(*rows, strict=True))
    y[:2] = True, False
    return p, y.astype(int)


@given(ROWS, st.floats(0, 1))
@examples(50)
def test_sensitivity_and_specificity_are_the_recalls_of_both_classes(
    rows: list[tuple[float, bool]], threshold: float
) -> None:
    p, y = columns(rows)
    called = (p >= threshold).astype(int)
    expected = recall_score(y, called), recall_score(y, called, pos_label=0)
    assert sensitivity_specificity(p, y, threshold) == pytest.approx(expected)
    assert brier_score(p, y) == pytest.approx(brier_score_loss(y, p))


@given(ROWS, st.floats(0.05, 1))
@examples(50)
def test_the_threshold_is_the_highest_that_finds_enough(rows: list[tuple[float, bool]], wanted: float) -> None:
    p, y = columns(rows)
    threshold = threshold_for(p, y, wanted)
    assert sensitivity_specificity(p, y, threshold)[0] >= wanted - 1e-9
    higher = [one for one in p[y == 1] if one > threshold]
    assert all(sensitivity_specificity(p, y, one)[0] < wanted for one in higher)


def test_most_alarms_are_false_where_the_disease_is_rare() -> None:
    positive, negative = predictive_values(0.9, 0.91, 0.01)
    ill, well = 0.9 * 1_000, 0.09 * 99_000  # of 100,000
    assert positive == pytest.approx(ill / (ill + well))
    assert negative == pytest.approx(0.91 * 99_000 / (0.91 * 99_000 + 100))
    assert predictive_values(0.9, 0.9, 0.5) == pytest.approx((0.9, 0.9))
    assert predictive_values(0.0, 1.0, 0.3) == pytest.approx((0.0, 0.7))
    assert predictive_values(1.0, 0.0, 0.3) == pytest.approx((0.3, 0.0))


def test_calibration_error_counts_bins_by_their_rows() -> None:
    p, y = [0.05, 0.05, 0.95, 0.95, 0.95, 1.0], [0, 1, 1, 1, 0, 1]
    low, high = abs(0.05 - 0.5) * 2 / 6, abs((3 * 0.95 + 1) / 4 - 0.75) * 4 / 6
    assert calibration_error(p, y) == pytest.approx(low + high)
    assert calibration_error([0.25] * 4, [1, 0, 0, 0]) == pytest.approx(0)
    assert math.isclose(calibration_error(p, y, bins=1), abs(float(np.mean(p)) - 4 / 6))


@pytest.mark.parametrize(
    ("p", "y", "word"),
    [
        ([0.2, 0.3], [1], "shape"),
        ([[0.2, 0.3]], [[1, 0]], "shape"),
        ([0.2, 1.3], [1, 0], "between 0 and 1"),
        ([0.2, math.nan], [1, 0], "between 0 and 1"),
        ([0.2, 0.3], [1, 1], "some of each"),
        ([0.2, 0.3], [1, 2], "some of each"),
    ],
)
def test_what_cannot_be_judged_is_refused(p: Any, y: Any, word: str) -> None:
    for score in (sensitivity_specificity, threshold_for, brier_score, calibration_error):
        with pytest.raises(CourseError, match=word):
            score(p, y)
    with pytest.raises(CourseError, match="sensitivity"):
        threshold_for([0.2, 0.3], [0, 1], 0.0)
