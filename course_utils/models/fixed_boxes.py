"""The trivial opponent of a detector: boxes that never move, the same for every picture."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from course_utils.metrics.boxes import box_iou, converted
from course_utils.metrics.detection import Detections

STEP = 4  # pixels between the places that are tried
MOST_FOUND = 100


def fixed_boxes(truth: Sequence[Detections], side: int, iou: float = 0.5) -> Detections:
    """An answer that is the same for every picture: boxes of usual sizes, by how often they are right.

    Each class has a box of its median width and height at every fourth pixel; the score is the share of pictures on
    which it meets such an object. The 100 best are told; a class that is
    seldom right at any one place may have none among them.

    Args:
        truth: the true boxes of each picture that is counted on.
        side: height and width of the pictures, in pixels.
        iou: from which on a box is right.
    """
    places = torch.cartesian_prod(*[torch.arange(0, side, STEP, dtype=torch.float32)] * 2)
    parts = []
    for number in sorted({number for real in truth for number in real.classes.tolist()}):
        known = torch.cat([own.of_class(number).boxes for own in truth]).float()
        size = (known[:, 2:] - known[:, :2]).median(dim=0).values.expand_as(places)
        boxes = converted(torch.cat([places, size], dim=1), "cxcywh").clamp(0, side)
        scores = (box_iou(boxes, known) >= iou).float().sum(1) / len(truth)
        parts.append(Detections(boxes, torch.full((len(boxes),), number), scores))
    together = Detections(*(torch.cat(values) for values in zip(*parts, strict=True)))
    best = together.scores.argsort(descending=True, stable=True)[:MOST_FOUND]
    return Detections(*(values[best] for values in together))
