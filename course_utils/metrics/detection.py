"""How good detections are: matches with true boxes, precision and recall along the score, AP and mAP, kinds of error.

Detections of one class are taken in the order of their scores. Each is right if it meets a true box of its class, with
an IoU of at least a threshold, that no better one has met before; else it is a false alarm.

Sources: Everingham and others 2010, doi:10.1007/s11263-009-0275-4 (VOC: one match each, eleven recalls), and 2015,
doi:10.1007/s11263-014-0733-5 (the whole area); Lin and others 2014, arXiv 1405.0312 (COCO: the next best free box may
be met, 101 recalls); Bolya and others 2020, arXiv 2008.08115 (kinds of error, counted here and weighed there).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from course_utils.checks import check_name, check_number
from course_utils.errors import CourseError
from course_utils.metrics.boxes import box_iou

RECALLS = 101  # points at which COCO reads the precision: 0.00, 0.01 … 1.00
WAYS = ("coco", "area")
NEAR = 0.1  # an IoU from which on a false alarm is about an object, and not about nothing (Bolya and others 2020)
ERRORS = ("miss", "place", "class", "both", "double", "ground")


class Detections(NamedTuple):
    """What stands in one picture, or is said to stand there.

    Attributes:
        boxes: (n, 4), xyxy, in pixels.
        classes: (n,) whole numbers.
        scores: (n,); of true boxes they are not looked at.
    """

    boxes: Tensor
    classes: Tensor
    scores: Tensor

    @classmethod
    def true(cls, boxes: Tensor, classes: Tensor) -> Detections:
        """True boxes, which have no scores."""
        return cls(boxes, classes, torch.ones(len(boxes)))

    def of_class(self, number: int) -> Detections:
        """Those of one class."""
        keep = self.classes == number
        return Detections(self.boxes[keep], self.classes[keep], self.scores[keep])


@dataclass(frozen=True, eq=False)
class Curve:
    """Precision and recall of one class, as more and more detections are believed.

    Attributes:
        precision: (n,) share of right ones among the detections so far.
        recall: (n,) share of the true boxes that they have met.
        scores: (n,) of the last detection that is believed, falling.
        count: of true boxes.
    """

    precision: Tensor
    recall: Tensor
    scores: Tensor
    count: int


def matched(boxes: Tensor, scores: Tensor, truth: Tensor, iou: float = 0.5) -> Tensor:
    """Which true box each detection meets, in one picture and of one class.

    Args:
        boxes: (n, 4) of detections.
        scores: (n,); the best one chooses first.
        truth: (m, 4) true boxes; each is met once at most.
        iou: the smallest that counts.

    Returns:
        (n,) index of the true box, -1 for a false alarm; of several that are free, the one with the highest IoU.
    """
    agreement = box_iou(boxes, truth)
    free = torch.ones(len(truth), dtype=torch.bool)
    met = torch.full((len(boxes),), -1)
    for index in scores.argsort(descending=True, stable=True).tolist():
        candidates = torch.where(free, agreement[index], -1)
        if len(truth) and candidates.max() >= iou:
            met[index] = candidates.argmax()
            free[met[index]] = False
    return met


def precision_recall(found: Sequence[Detections], truth: Sequence[Detections], number: int, iou: float = 0.5) -> Curve:
    """Precision and recall of one class over all pictures.

    Args:
        found: the detections of each picture.
        truth: the true boxes of each picture.
        number: of the class.
        iou: the smallest that counts.

    Raises:
        CourseError: not as many of one as of the other, or an IoU that is none.
    """
    _check(found, truth, iou)
    right, scores, count = [], [], 0
    for said, real in zip(found, truth, strict=True):
        detections, boxes = said.of_class(number), real.of_class(number).boxes
        right.append(matched(detections.boxes, detections.scores, boxes, iou) >= 0)
        scores.append(detections.scores)
        count += len(boxes)
    all_scores = torch.cat(scores) if scores else torch.zeros(0)
    order = all_scores.argsort(descending=True, stable=True)
    hits = (torch.cat(right)[order] if right else torch.zeros(0)).double().cumsum(0)
    believed = torch.arange(1, len(hits) + 1, dtype=torch.float64)
    recall = torch.from_numpy(hits.numpy() / max(count, 1))  # numpy divides exactly; torch multiplies by 1/count
    return Curve(hits / believed, recall, all_scores[order], count)


def average_precision(curve: Curve, way: str = "coco") -> float:
    """The area under precision against recall, where precision is the best that any recall at least as high reaches.

    Args:
        curve: of one class, with one true box at least.
        way: "coco": the mean of the precision at 101 recalls; "area": the area itself, as VOC since 2010.

    Returns:
        From 0 to 1; NaN where the class has no true box.

    Raises:
        CourseError: another way.
    """
    check_name("way to average a precision", way, WAYS)
    if not curve.count:
        return float("nan")
    precision = best_from_here(curve.precision)
    if way == "area":
        steps = torch.diff(curve.recall, prepend=torch.zeros(1, dtype=torch.float64))
        return float((steps * precision).sum())
    wanted = torch.from_numpy(np.linspace(0, 1, RECALLS))  # to the last digit those of pycocotools
    places = torch.searchsorted(curve.recall, wanted)
    beyond = torch.cat([precision, torch.zeros(1, dtype=torch.float64)])
    return float(beyond[places].mean())


def best_from_here(precision: Tensor) -> Tensor:
    """(n,) precisions along the score → at each place the best of this one and all after it."""
    return precision.flip(0).cummax(0).values.flip(0) if len(precision) else precision


def average_of_hits(hits: Tensor, count: int) -> float:
    """The area of `average_precision`, from which detections are right.

    Args:
        hits: (n,) 1.0 for a detection that is right, 0.0 for a false alarm, the surest first.
        count: of true boxes, 1 at least.

    Returns:
        From 0 to 1: the precision, the best from each hit on, averaged over all true boxes; 0 for those never met.
    """
    precision = hits.cumsum(0) / torch.arange(1, len(hits) + 1)
    return float((best_from_here(precision) * hits).sum() / count)


def mean_average_precision(
    found: Sequence[Detections], truth: Sequence[Detections], iou: float = 0.5, way: str = "coco"
) -> float:
    """The mean of the average precision over all classes that have a true box.

    Args:
        found: the detections of each picture.
        truth: the true boxes of each picture.
        iou: the smallest that counts as right.
        way: as for `average_precision`.

    Returns:
        From 0 to 1; NaN where there is no true box at all.

    Raises:
        CourseError: as for `precision_recall` and `average_precision`.
    """
    _check(found, truth, iou)
    classes = sorted({number for real in truth for number in real.classes.tolist()})
    each = [average_precision(precision_recall(found, truth, number, iou), way) for number in classes]
    return sum(each) / len(each) if each else float("nan")


def kinds_of_error(
    found: Sequence[Detections], truth: Sequence[Detections], iou: float = 0.5, near: float = NEAR
) -> dict[str, int]:
    """What goes wrong, counted: each detection that is not right, and each true box that nothing is about.

    Args:
        found: the detections of each picture that are believed; leave out those of low score first.
        truth: the true boxes of each picture.
        iou: the smallest that counts as right.
        near: the smallest IoU with which a detection is about an object.

    Returns:
        "place": the right class, an IoU from `near` to below `iou`; "class": the place of an object of another class;
        "both": near an object of another class; "double": an object of this class that a better detection has met;
        "ground": about no object; "miss": true boxes that no detection of the first three kinds, and no right one, is
        about.

    Raises:
        CourseError: as for `precision_recall`.
    """
    _check(found, truth, iou)
    check_number("near", near, 0, iou)
    counts = dict.fromkeys(ERRORS, 0)
    for said, real in zip(found, truth, strict=True):
        about = torch.zeros(len(real.boxes), dtype=torch.bool)
        for kind, index in _kinds(said, real, iou, near):
            if kind != "right":
                counts[kind] += 1
            if index >= 0:
                about[index] = True
        counts["miss"] += int((~about).sum())
    return counts


def _kinds(said: Detections, real: Detections, iou: float, near: float) -> list[tuple[str, int]]:
    """The kind of each detection of a picture, "right" among them, and the true box that it is about, or -1."""
    right = torch.full((len(said.boxes),), -1)
    for number in set(said.classes.tolist()):
        mine, theirs = (said.classes == number).nonzero()[:, 0], (real.classes == number).nonzero()[:, 0]
        met = matched(said.boxes[mine], said.scores[mine], real.boxes[theirs], iou)
        right[mine[met >= 0]] = theirs[met[met >= 0]]
    agreement = box_iou(said.boxes, real.boxes)
    same = said.classes[:, None] == real.classes[None]
    return [
        ("right", int(right[row])) if right[row] >= 0 else _wrong(agreement[row], same[row], iou, near)
        for row in range(len(right))
    ]


def _wrong(agreement: Tensor, same: Tensor, iou: float, near: float) -> tuple[str, int]:
    """Why a detection is not right, and the true box that it is about."""
    if not len(agreement):
        return "ground", -1
    own, other = torch.where(same, agreement, -1), torch.where(same, -1, agreement)
    if own.max() >= iou:
        return "double", -1
    if own.max() >= near:
        return "place", int(own.argmax())
    if other.max() >= iou:
        return "class", int(other.argmax())
    return ("both", int(other.argmax())) if other.max() >= near else ("ground", -1)


def _check(found: Sequence[Detections], truth: Sequence[Detections], iou: float) -> None:
    check_number("iou", iou, 0, 1)
    if len(found) != len(truth):
        raise CourseError(
            f"There are detections of {len(found)} pictures and true boxes of {len(truth)}. Give both of each picture."
        )
