"""Boxes that never move have the scores that counting gives."""

from __future__ import annotations

import pytest
import torch

from course_utils.metrics.boxes import box_iou
from course_utils.metrics.detection import Detections
from course_utils.models.fixed_boxes import fixed_boxes


def some_truth(count: int) -> list[Detections]:
    generator = torch.Generator().manual_seed(0)
    found = []
    for _ in range(count):
        corner = 20 * torch.rand(3, 2, generator=generator)
        boxes = torch.cat([corner, corner + 8 + 4 * torch.rand(3, 2, generator=generator)], dim=1)
        found.append(Detections.true(boxes, torch.tensor([2, 5, 5])))
    return found


def test_scores_are_shares_of_pictures_and_fall() -> None:
    truth = some_truth(40)
    fixed = fixed_boxes(truth, 32)
    assert len(fixed.boxes) == 100
    assert set(fixed.classes.tolist()) == {2, 5}
    assert (fixed.scores.diff() <= 0).all()
    assert fixed.boxes.min() >= 0
    assert fixed.boxes.max() <= 32
    for index in (0, 10, 99):
        number = int(fixed.classes[index])
        hits = [box_iou(fixed.boxes[[index]], own.of_class(number).boxes) >= 0.5 for own in truth]
        assert fixed.scores[index].item() == pytest.approx(sum(int(hit.sum()) for hit in hits) / 40)


def test_where_objects_never_move_the_best_box_is_theirs() -> None:
    truth = [Detections.true(torch.tensor([[4.0, 8, 12, 16]]), torch.tensor([1]))] * 5
    fixed = fixed_boxes(truth, 24)
    assert fixed.scores[0] == 1
    assert box_iou(fixed.boxes[fixed.scores == 1], truth[0].boxes).max() == 1
