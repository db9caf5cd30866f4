"""Confidence against the share of right answers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.errors import CourseError
from course_utils.metrics.calibration import calibration_bins, calibration_error


def test_two_bins_by_hand() -> None:
    confidence, right = [0.2, 0.9, 0.9, 0.9], [True, True, True, False]
    low, high = calibration_bins(confidence, right, 2)
    assert list(low) == pytest.approx([1, 0.2, 1])
    assert list(high) == pytest.approx([3, 0.9, 2 / 3])
    assert calibration_error(confidence, right, 2) == pytest.approx((0.8 + 3 * (0.9 - 2 / 3)) / 4)


def test_certainty_belongs_to_the_last_bin_and_empty_ones_are_left_out() -> None:
    (last,) = calibration_bins([1.0, 0.95], [True, True], 10)
    assert list(last) == pytest.approx([2, 0.975, 1])
    assert [b.answers for b in calibration_bins([0.0, 0.25, 0.5, 0.75, 1.0], [True] * 5, 4)] == [1, 1, 1, 2]


def test_too_sure_and_not_sure_enough_do_not_cancel() -> None:
    assert calibration_error([0.6, 0.9], [True, False], 10) == pytest.approx((0.4 + 0.9) / 2)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=30), st.integers(1, 12))
def test_every_answer_is_in_one_bin(answers: list[tuple[float, bool]], bins: int) -> None:
    confidence, right = [sure for sure, _ in answers], [hit for _, hit in answers]
    found = calibration_bins(confidence, right, bins)
    assert sum(b.answers for b in found) == len(answers)
    assert sum(b.answers * b.right for b in found) == pytest.approx(sum(right))
    assert 0 <= calibration_error(confidence, right, bins) <= 1


@pytest.mark.parametrize(
    ("confidence", "right", "bins", "says"),
    [
        ([], [], 3, "one answer at least"),
        ([0.5], [True, False], 3, "1 confidences for 2 answers"),
        ([1.5], [True], 3, "from 0 to 1"),
        ([float("nan")], [True], 3, "from 0 to 1"),
        ([0.5], [True], 0, "bins"),
    ],
)
def test_what_cannot_be_meant_is_refused(confidence: list[float], right: list[bool], bins: int, says: str) -> None:
    with pytest.raises(CourseError, match=says):
        calibration_error(confidence, right, bins)
