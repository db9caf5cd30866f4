"""Scores of detections, compared with pycocotools' own figures, with a slow count, and with cases done by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from course_utils.errors import CourseError
from course_utils.metrics.boxes import box_iou
from course_utils.metrics.detection import (
    ERRORS,
    Detections,
    average_of_hits,
    average_precision,
    best_from_here,
    kinds_of_error,
    matched,
    mean_average_precision,
    precision_recall,
)

# What pycocotools 2.0.11 says of `random_detections(seed)` at an IoU of 0.5 and 0.75, all areas, 100 detections
COCO = {
    0: (0.4626649752887377, 0.29751500180543083),
    1: (0.5152956596025903, 0.33617722578118614),
    2: (0.3978489971895016, 0.1113848860741757),
}


def random_detections(seed: int, pictures: int = 20) -> tuple[list[Detections], list[Detections]]:
    """True boxes of three of four classes, and detections of which some are near them, some twice, some nowhere."""
    rng = np.random.default_rng(seed)
    found, truth = [], []
    for _ in range(pictures):
        n = int(rng.integers(0, 5))
        corner = rng.uniform(0, 60, (n, 2))
        real = np.concatenate([corner, corner + rng.uniform(8, 30, (n, 2))], axis=1)
        kinds = rng.integers(0, 3, n)
        said = np.concatenate([real, real, rng.uniform([0, 0, 41, 41], [40, 40, 81, 81], (2, 4))])
        said = said + np.concatenate([rng.normal(size=(2 * n, 4)), np.zeros((2, 4))]) * rng.choice([0.5, 3.0])
        said[:, 2:] = np.maximum(said[:, 2:], said[:, :2] + 1)
        classes = np.concatenate([kinds, kinds, rng.integers(0, 4, 2)])
        classes = np.where(rng.random(len(classes)) < 0.2, rng.integers(0, 4, len(classes)), classes)
        keep = rng.random(len(said)) < 0.7
        scores = torch.from_numpy(rng.permutation(len(said)) / len(said) + 0.003 * rng.random(len(said)))
        found.append(Detections(torch.from_numpy(said)[keep], torch.from_numpy(classes)[keep], scores[keep]))
        truth.append(Detections.true(torch.from_numpy(real), torch.from_numpy(kinds)))
    return found, truth


def one(boxes: list[list[float]], classes: list[int], scores: list[float] | None = None) -> Detections:
    """The detections of a picture, or its true boxes."""
    return Detections(
        torch.tensor(boxes).reshape(-1, 4), torch.tensor(classes), torch.tensor(scores or [1.0] * len(boxes))
    )


@pytest.mark.parametrize("seed", COCO)
def test_the_mean_average_precision_is_that_of_pycocotools(seed: int) -> None:
    found, truth = random_detections(seed)
    for iou, expected in zip((0.5, 0.75), COCO[seed], strict=True):
        assert mean_average_precision(found, truth, iou) == pytest.approx(expected, abs=1e-6)


def test_the_area_is_that_under_the_envelope_counted_box_by_box() -> None:
    found, truth = random_detections(5)
    for number in range(3):
        curve = precision_recall(found, truth, number)
        slow, last = 0.0, 0.0
        for row, recall in enumerate(curve.recall.tolist()):
            slow += (recall - last) * max(curve.precision[row:].tolist())
            last = recall
        assert average_precision(curve, "area") == pytest.approx(slow)
        assert abs(average_precision(curve, "coco") - slow) < 0.02  # 101 points of the same steps


def test_precision_and_recall_by_hand() -> None:
    truth = [one([[0, 0, 10, 10], [20, 20, 30, 30]], [1, 1]), one([[0, 0, 10, 10]], [1])]
    found = [
        one([[0, 0, 10, 10], [0, 0, 10, 9]], [1, 1], [0.9, 0.8]),  # right, and the same one again
        one([[1, 0, 10, 10], [40, 40, 50, 50], [0, 0, 10, 10]], [1, 1, 2], [0.7, 0.95, 0.99]),
    ]
    curve = precision_recall(found, truth, 1)
    assert curve.scores.tolist() == pytest.approx([0.95, 0.9, 0.8, 0.7])
    assert curve.precision.tolist() == pytest.approx([0, 1 / 2, 1 / 3, 1 / 2])
    assert curve.recall.tolist() == pytest.approx([0, 1 / 3, 1 / 3, 2 / 3])
    assert curve.count == 3
    assert average_precision(curve, "area") == pytest.approx(2 / 3 * 1 / 2)
    assert average_precision(curve) == pytest.approx(67 / 101 / 2)  # of 101 recalls 0.00 … 0.66 are reached
    assert mean_average_precision(found, truth) == pytest.approx(67 / 101 / 2)  # class 2 has no true box


def test_the_area_from_hits_is_that_of_the_curve() -> None:
    found, truth = random_detections(6)
    for number in range(3):
        curve = precision_recall(found, truth, number)
        hits = torch.diff(curve.recall, prepend=torch.zeros(1, dtype=torch.float64)) > 0
        assert average_of_hits(hits.double(), curve.count) == pytest.approx(average_precision(curve, "area"))
    assert average_of_hits(torch.tensor([0.0, 1, 1, 0]), 4) == pytest.approx((2 / 3 + 2 / 3) / 4)
    assert best_from_here(torch.tensor([0.2, 0.9, 0.5, 0.6])).tolist() == pytest.approx([0.9, 0.9, 0.6, 0.6])


def test_each_true_box_is_met_once_and_the_best_detection_chooses_first() -> None:
    truth = torch.tensor([[0.0, 0, 10, 10], [0.0, 0, 10, 8]])
    boxes = torch.tensor([[0.0, 0, 10, 9.5], [0.0, 0, 10, 10], [0.0, 0, 10, 10]])
    met = matched(boxes, torch.tensor([0.5, 0.9, 0.7]), truth)
    assert met.tolist() == [-1, 0, 1]
    assert matched(boxes, torch.tensor([0.9, 0.5, 0.4]), truth, iou=0.9).tolist() == [0, -1, -1]
    assert matched(boxes[:0], torch.zeros(0), truth).tolist() == []
    assert matched(boxes, torch.ones(3), truth[:0]).tolist() == [-1, -1, -1]


def test_an_iou_at_the_threshold_is_enough() -> None:
    half = torch.tensor([[0.0, 0, 10, 5]])
    assert matched(half, torch.ones(1), torch.tensor([[0.0, 0, 10, 10]]), iou=0.5).tolist() == [0]


def test_perfect_nothing_and_nothing_to_find() -> None:
    truth = [one([[0, 0, 9, 9], [9, 9, 20, 20]], [0, 3]), one([], [])]
    assert mean_average_precision(truth, truth) == pytest.approx(1)
    assert mean_average_precision([one([], []), one([], [])], truth) == 0
    assert math.isnan(mean_average_precision([one([], [])], [one([], [])]))
    assert math.isnan(mean_average_precision([], []))
    assert math.isnan(average_precision(precision_recall(truth, truth, 7)))


def test_each_kind_of_error() -> None:
    real = one([[0, 0, 10, 10], [20, 20, 40, 40], [60, 0, 70, 10]], [1, 2, 3])
    cases: list[tuple[list[float], int, str]] = [
        ([0, 0, 10, 4], 1, "place"),
        ([0, 0, 10, 9], 2, "class"),
        ([0, 0, 10, 4], 2, "both"),
        ([80, 80, 90, 90], 1, "ground"),
    ]
    for box, number, kind in cases:
        counted = kinds_of_error([one([box], [number])], [real])
        about = 0 if kind == "ground" else 1
        assert counted == dict.fromkeys(ERRORS, 0) | {kind: 1, "miss": 3 - about}
    twice = one([[0, 0, 10, 10], [0, 0, 10, 9]], [1, 1], [0.9, 0.8])
    assert kinds_of_error([twice], [real]) == dict.fromkeys(ERRORS, 0) | {"double": 1, "miss": 2}
    assert kinds_of_error([real], [real]) == dict.fromkeys(ERRORS, 0)
    assert kinds_of_error([real], [one([], [])])["ground"] == 3


def test_kinds_of_error_and_right_ones_add_up() -> None:
    found, truth = random_detections(4)
    counted = kinds_of_error(found, truth)
    right = sum(
        int((matched(s.of_class(n).boxes, s.of_class(n).scores, r.of_class(n).boxes) >= 0).sum())
        for s, r in zip(found, truth, strict=True)
        for n in range(4)
    )
    assert sum(counted.values()) - counted["miss"] + right == sum(len(said.boxes) for said in found)
    far = [box_iou(s.boxes, r.boxes) < 0.1 for s, r in zip(found, truth, strict=True) if len(s.boxes)]
    assert counted["miss"] >= sum(int(away.all(dim=0).sum()) for away in far)


def test_what_cannot_be_meant() -> None:
    with pytest.raises(CourseError, match="detections of 1 pictures and true boxes of 0"):
        mean_average_precision([one([], [])], [])
    with pytest.raises(CourseError, match="iou must be"):
        kinds_of_error([], [], iou=1.5)
    with pytest.raises(CourseError, match="near must be"):
        kinds_of_error([], [], near=0.6)
    with pytest.raises(CourseError, match="way to average"):
        average_precision(precision_recall([], [], 0), "voc")
