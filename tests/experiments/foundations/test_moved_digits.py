"""Moved digits: held to what can be derived, never to who wins."""

from __future__ import annotations

import pytest
import torch

from course_utils.errors import CourseError
from course_utils.experiments.foundations import moved_digits
from tests.experiments.small_runs import small_rows, small_settings


def test_ink_is_lost_at_the_edge_alone() -> None:
    images = torch.zeros(2, 1, 6, 6)
    images[0, 0, 2, 2] = 0.3
    images[1, 0, 5, 1] = images[1, 0, 1, 1] = 0.7
    assert moved_digits.ink_kept(images, 0).tolist() == [1, 1]
    assert moved_digits.ink_kept(images, 1).tolist() == [1, 0.5]
    assert moved_digits.ink_kept(images, 6).tolist() == [0, 0]


def test_every_network_is_judged_at_every_shift_on_all_digits_and_on_those_that_are_whole() -> None:
    found = small_rows("moved_digits")
    assert len(found) == 2 * 2 * 2
    still = found[found["moved_by"] == 0]
    assert (still["cut"] == 0).all()
    assert (still["accuracy"] == still["accuracy_whole"]).all()
    assert (found[found["moved_by"] == 3]["cut"] > 0).all()
    assert set(found["largest_shift"]) == {1.68}


def test_the_largest_shift_is_that_of_the_lesson_s_training() -> None:
    assert moved_digits.NETWORKS["CNN"][1] == pytest.approx(0.12 * moved_digits.PIXELS)


def test_settings_that_cannot_be_are_refused_with_a_sentence() -> None:
    with pytest.raises(CourseError, match="no network 'RNN'"):
        moved_digits.measure(0, **small_settings("moved_digits", networks=["RNN"]))
    with pytest.raises(CourseError, match="most must be 50 or more"):
        moved_digits.measure(0, **small_settings("moved_digits", most=3))
