"""Canvases of digits: drawn alike each time, boxes that fit their ink, and no digit of another part."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from course_utils.data.canvases import INKED, SHAPES, Canvases, digit_canvases
from course_utils.data.pictures import digit_pictures
from course_utils.errors import CourseError
from course_utils.metrics.boxes import box_iou


@pytest.fixture(scope="module")
def drawn() -> Canvases:
    return digit_canvases(200, seed=3, part="valid")


def test_what_a_canvas_is(drawn: Canvases) -> None:
    assert len(drawn) == 200
    assert drawn.images.shape == (200, 1, 64, 64)
    assert drawn.images.dtype == np.uint8
    for boxes, labels in zip(drawn.boxes, drawn.labels, strict=True):
        assert 1 <= len(boxes) == len(labels) <= 4
        assert boxes.min() >= 0
        assert boxes.max() <= 64
        longer = (boxes[:, 2:] - boxes[:, :2]).max(axis=1)
        assert ((longer >= 14) & (longer <= 28)).all()
        agreement = box_iou(torch.from_numpy(boxes), torch.from_numpy(boxes)).fill_diagonal_(0)
        assert agreement.max() <= 0.05
    labels = [label for own in drawn.labels for label in own]
    assert set(labels) == set(range(10))
    assert len(labels) > 2 * 200
    assert {type(label) for label in labels} == {int}


def test_the_ink_touches_all_sides_of_its_box_and_stays_inside() -> None:
    drawn = digit_canvases(60, digits=(1, 1), seed=1)
    fits = []
    for image, (box,) in zip(drawn.images[:, 0], drawn.boxes, strict=True):
        left, top, right, bottom = box.astype(int)
        ink = image > 160  # more than four standard deviations of the noise
        rows, columns = (np.flatnonzero(ink.any(axis=axis)) for axis in (1, 0))
        found = np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1])
        fits.append((np.abs(found - [left, top, right, bottom]) <= 4).all())
    assert np.mean(fits) > 0.9


def _thumbnails(images: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each digit cut to its ink and stretched to 8 × 8."""
    found = []
    for image in images:
        rows, columns = (np.flatnonzero((image > INKED).any(axis=axis)) for axis in (1, 0))
        cut = torch.from_numpy(image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
        found.append(torch.nn.functional.interpolate(cut[None, None], (8, 8), mode="area")[0, 0].numpy())
    return np.stack(found).reshape(len(found), -1)


def test_digits_are_those_of_their_part() -> None:
    """The nearest of all 5,000 digits is one of the part, wherever a canvas is clean enough to tell."""
    known = {part: _thumbnails(images[:, 0]) for part, (images, _) in digit_pictures().items()}
    for part in known:
        drawn = digit_canvases(150, seed=0, part=part, digits=(1, 1), sizes=(28, 28))
        nearest = []
        for image, (box,) in zip(drawn.images[:, 0], drawn.boxes, strict=True):
            left, top, right, bottom = box.astype(int)
            cut = torch.from_numpy(image[top:bottom, left:right].astype(np.float32) / 255)
            small = torch.nn.functional.interpolate(cut[None, None], (8, 8), mode="area").numpy().reshape(-1)
            distances = {name: ((table - small) ** 2).sum(1).min() for name, table in known.items()}
            nearest.append(min(distances, key=lambda name: distances[name]))
        assert np.mean([name == part for name in nearest]) > 0.95


def test_the_same_seed_draws_the_same_and_another_does_not() -> None:
    first, again, other = (digit_canvases(5, seed=seed) for seed in (4, 4, 5))
    assert np.array_equal(first.images, again.images)
    assert first.labels == again.labels
    assert not np.array_equal(first.images, other.images)
    assert not np.array_equal(first.images, digit_canvases(5, seed=4, part="test").images)


def test_shapes_sizes_and_crowds() -> None:
    drawn = digit_canvases(60, side=96, digits=(5, 9), sizes=(10, 40), overlap=0.3, shapes=True)
    labels = [label for own in drawn.labels for label in own]
    assert set(labels) == {*SHAPES, *map(str, range(10))}
    assert 0.2 < np.mean([label in SHAPES for label in labels]) < 0.45
    assert drawn.images.shape[2:] == (96, 96)
    assert max(map(len, drawn.labels)) > 4
    tensors = [torch.from_numpy(boxes).double() for boxes in drawn.boxes]
    largest = max(float(box_iou(boxes, boxes).fill_diagonal_(0).max()) for boxes in tensors)
    assert 0.05 < largest <= 0.3


def test_what_cannot_be_meant() -> None:
    for wrong, message in (
        ({"part": "tests"}, "part of the digits"),
        ({"count": 0}, "count must be"),
        ({"digits": 3}, "digits must be two whole numbers"),
        ({"digits": (4, 2)}, "the larger of digits"),
        ({"sizes": (14, 70)}, "the larger of sizes"),
        ({"overlap": 2}, "overlap must be"),
        ({"side": 8}, "side must be"),
    ):
        with pytest.raises(CourseError, match=message):
            digit_canvases(**{"count": 1} | wrong)
