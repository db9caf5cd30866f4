"""Pictures and boxes that are given to a detector: taken as they are meant, or refused with what was wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from course_utils.errors import CourseError
from course_utils.models.detection_inputs import Objects, objects_of, pictures_of

WIDE = [torch.zeros(1, 20, 40, dtype=torch.uint8)] * 2  # 20 high, 40 wide
BOXES = [[[2, 3, 12, 13], [20, 5, 38, 15]], [[1, 1, 30, 19]]]
LABELS = [["a", "b"], ["a"]]


def boxes_of(found: list[Objects]) -> list[list[list[float]]]:
    return [own.boxes.tolist() for own in found]


@pytest.mark.parametrize(
    "images",
    [
        np.full((2, 9, 12), 0.5),
        torch.full((2, 1, 9, 12), 0.5),
        [np.full((9, 12), 0.5)] * 2,
        [torch.full((1, 9, 12), 0.5)] * 2,
        [np.full((9, 12), 128, dtype=np.uint8), torch.full((9, 12), 0.5)],
    ],
)
def test_grey_pictures(images: Any) -> None:
    found = pictures_of(images)
    assert [tuple(picture.shape) for picture in found] == [(1, 9, 12)] * 2
    assert {int(picture.float().mean()) for picture in found} == {128}


def test_pictures_of_several_sizes_in_colour_and_grey() -> None:
    rng = np.random.default_rng(0)
    tall = rng.integers(0, 256, (30, 10, 3), dtype=np.uint8)
    found = pictures_of([tall, tall.transpose(2, 0, 1), rng.random((8, 9)), torch.rand(3, 20, 20)])
    assert [tuple(picture.shape) for picture in found] == [(3, 30, 10), (3, 30, 10), (1, 8, 9), (3, 20, 20)]
    assert torch.equal(found[0], found[1])
    assert all(picture.is_contiguous() for picture in found)


def test_a_dark_picture_among_others_is_dark_and_masks_are_black_and_white() -> None:
    dark, light = np.ones((8, 8), dtype=np.uint8), np.full((8, 8), 200, dtype=np.uint8)
    assert [int(picture.max()) for picture in pictures_of([dark, light])] == [1, 200]
    assert [int(picture.max()) for picture in pictures_of([dark, dark > 0])] == [255, 255]


@pytest.mark.parametrize(
    ("images", "message"),
    [
        ([np.zeros((9, 9)), np.zeros((4, 9, 9))], r"Picture 1 has the shape \(4, 9, 9\)"),
        ([np.zeros((9, 9)), None], "Picture 1 has the shape"),
        ([["a"]], "Picture 0 has the shape"),
        ([np.full((9, 9), 3.0)], "Picture 0: The pictures' values reach from 3 to 3"),
        ([np.full((9, 9), np.nan)], "not finite"),
        ([np.zeros((7, 9))], "Picture 0 is 7 × 9 pixels"),
        (np.zeros((2, 5, 9)), "Picture 0 is 5 × 9 pixels"),
        (np.zeros((9, 9)), "add an axis"),
        (np.zeros((1, 9, 9, 3)), "channels come last"),
        ("photo.png", "Pictures come as|no array of numbers"),
    ],
)
def test_what_are_no_pictures(images: Any, message: str) -> None:
    with pytest.raises(CourseError, match=message):
        pictures_of(images)


@pytest.mark.parametrize("kind", [list, np.array, torch.tensor])
def test_boxes_and_labels_of_any_kind(kind: Any) -> None:
    found = objects_of([kind(own) for own in BOXES], [kind([1, 2]), kind([1])], WIDE)
    assert boxes_of(found) == BOXES
    assert [own.labels for own in found] == [[1, 2], [1]]


def test_pictures_without_objects() -> None:
    forms: tuple[Any, ...] = ([], np.zeros((0, 4)), torch.zeros(0, 4), ())
    for nothing in forms:
        found = objects_of([BOXES[0], nothing], [["a", "b"], []], WIDE)
        assert found[1].boxes.shape == (0, 4)
        assert found[1].labels == []


def test_boxes_are_cut_at_the_edges_of_their_picture() -> None:
    found = objects_of([[[-5, 3, 12, 13]], [[30, 10, 99, 99]]], [["a"], ["b"]], WIDE)
    assert boxes_of(found) == [[[0, 3, 12, 13]], [[30, 10, 40, 20]]]


@pytest.mark.parametrize(
    ("turn", "message"),
    [
        (lambda b: [b[0], b[1], b[2] - b[0], b[3] - b[1]], r"look like \(left, top, width, height\).*'xywh'"),
        (
            lambda b: [(b[0] + b[2]) / 2, (b[1] + b[3]) / 2, b[2] - b[0], b[3] - b[1]],
            r"look like \(centre, width, height\).*'cxcywh'",
        ),
        (lambda b: [b[1], b[0], b[3], b[2]], r"look like \(top, left, bottom, right\)"),
        (lambda b: [b[2], b[3], b[0], b[1]], "With the corners the other way round all would do"),
        (lambda b: [b[0] / 40, b[1] / 20, b[2] / 40, b[3] / 20], "look like shares of the picture"),
    ],
)
def test_boxes_in_another_convention_are_refused_and_it_is_guessed(turn: Any, message: str) -> None:
    boxes = [[*BOXES[0], [25, 12, 39, 19]], [[22, 2, 34, 18]]]
    labels = [["a", "b", "a"], ["b"]]
    assert objects_of(boxes, labels, WIDE)
    with pytest.raises(CourseError, match=message):
        objects_of([[turn(box) for box in own] for own in boxes], labels, WIDE)


@pytest.mark.parametrize(
    ("box", "message"),
    [
        ([5, 5, 5, 9], "1 of 3 boxes have no area, the first in picture 1"),
        ([41, 5, 60, 9], "1 of 3 boxes lie outside their picture"),
        ([9, 5, 5, 9], r"the wrong way round.*\(9, 5, 5, 9\)"),
        ([0, 0, float("nan"), 9], "missing or not finite"),
    ],
)
def test_boxes_that_cannot_be_meant(box: list[float], message: str) -> None:
    with pytest.raises(CourseError, match=message):
        objects_of([BOXES[0], [box]], LABELS, WIDE)


@pytest.mark.parametrize(
    ("boxes", "labels", "message"),
    [
        (None, LABELS, "`boxes` must be a list"),
        ([BOXES[0]], LABELS, "Give one of the arrays of boxes for each of the pictures"),
        ([BOXES[0], None], LABELS, "number 1 is None. A picture without objects"),
        ([BOXES[0], [1, 1, 30, 19]], LABELS, r"One box alone is \[box\]"),
        ([BOXES[0], [[1, 1, 30]]], LABELS, r"number 1 has the shape \(1, 3\)"),
        ([BOXES[0], [["x", 1, 2, 3]]], LABELS, "something other than four numbers"),
        (BOXES, None, "`labels` must be a list"),
        (BOXES, [["a", "b"]], "2 pictures and 1 lists of labels"),
        (BOXES, ["ab", ["a"]], "number 0 is 'ab'"),
        (BOXES, [["a"], ["a"]], "picture 0 has 2 boxes and 1 labels"),
        (BOXES, [["a", 1], ["a"]], "a mixture"),
        (BOXES, [["a", None], ["a"]], "A label is None"),
    ],
)
def test_what_are_no_boxes_and_labels(boxes: Any, labels: Any, message: str) -> None:
    with pytest.raises(CourseError, match=message):
        objects_of(boxes, labels, WIDE)


def test_one_array_of_boxes_for_one_picture() -> None:
    with pytest.raises(CourseError, match=r"One array of boxes for one picture is \[boxes\]"):
        objects_of(BOXES[0], ["a", "b"], WIDE[:1])
    with pytest.raises(CourseError, match=r"One box of one picture is \[\[box\]\]"):
        objects_of(np.array([1, 2, 9, 9]), ["a"], WIDE[:1])
    with pytest.raises(CourseError, match="arrays of boxes"):
        objects_of([[[1, 2], [3]], []], [["a"]], WIDE[:1])
