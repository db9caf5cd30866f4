"""What all detectors have in common: what they are judged by, and labels as a file has them."""

from __future__ import annotations

from typing import Any

import pytest

from course_utils.errors import CourseError
from course_utils.models.detection_inputs import Objects
from course_utils.models.object_finder import are_labels, classes_of, held_out, pictures_and_objects
from tests.models.test_detector import TEST


def test_validation_looks_at_no_more_pictures_than_it_has_time_for() -> None:
    pictures, truth = held_out(TEST, ["blue", "red"], 5)
    assert len(pictures) == len(truth) == 5
    assert all(len(own.boxes) for own in truth)
    assert len(held_out(TEST, ["blue", "red"])[0]) == 40


def test_what_cannot_be_judged_by_is_told() -> None:
    for wrong, message in (
        (TEST[:2], "must be a triple"),
        ((TEST.images[:1], [[]], [[]]), "no true box"),
        ((TEST.images[:1], [[[1, 1, 9, 9]]], [["green"]]), "class"),
    ):
        with pytest.raises(CourseError, match=message):
            held_out(wrong, ["blue", "red"])


def test_classes_are_the_labels_in_order() -> None:
    _, objects = pictures_and_objects(*TEST)
    assert classes_of(objects) == ["blue", "red"]
    with pytest.raises(CourseError, match="nothing to learn"):
        classes_of([Objects(own.boxes[:0], []) for own in objects])
    with pytest.raises(CourseError, match="no pictures"):
        pictures_and_objects([], [], [])


@pytest.mark.parametrize(
    ("value", "fits"),
    [(["a", "b"], True), ([1, 2], True), ([], False), ([1, "a"], False), (["a", "a"], False), ("ab", False)],
)
def test_labels_of_a_file_are_different_and_of_one_kind(value: Any, fits: bool) -> None:
    assert are_labels(value) is fits
