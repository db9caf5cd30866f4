"""Boxes in pictures: the three ways to write one down, how far two of them agree, and which of many to keep.

The course writes a box as xyxy: (left, top, right, bottom) in pixels, x to the right and y downwards, so that a box
around the whole picture of H rows and W columns is (0, 0, W, H). N, M boxes; each array (N, 4).

Sources: Everingham and others 2010, doi:10.1007/s11263-009-0275-4 (intersection over union); Rezatofighi and others
2019, arXiv 1902.09630 (its generalisation).
"""

from __future__ import annotations

import torch
from torch import Tensor

from course_utils.checks import check_name
from course_utils.errors import CourseError

CONVENTIONS = ("xyxy", "xywh", "cxcywh")
LEAST = 1e-12  # square pixels: what is divided by is never 0


def converted(boxes: Tensor, given: str, wanted: str = "xyxy") -> Tensor:
    """The same boxes written down in another way.

    Args:
        boxes: (N, 4).
        given: how they are written: "xyxy" (left, top, right, bottom), "xywh" (left, top, width, height) or "cxcywh"
            (centre, then width and height).
        wanted: how they are to be written, likewise.

    Returns:
        (N, 4), floats.

    Raises:
        CourseError: another convention, or no (N, 4).
    """
    for name in (given, wanted):
        check_name("convention of boxes", name, CONVENTIONS)
    first, second = (corners_of(_checked(boxes)) if given == "xywh" else _checked(boxes)).split(2, dim=1)
    if given == "cxcywh":
        first, second = first - second / 2, first + second / 2
    if wanted == "xywh":
        first, second = first, second - first
    elif wanted == "cxcywh":
        first, second = (first + second) / 2, second - first
    return torch.cat([first, second], dim=1)


def corners_of(boxes: Tensor) -> Tensor:
    """(N, 4) boxes written as left, top, width and height → the same boxes as left, top, right and bottom."""
    corner, size = boxes[:, :2], boxes[:, 2:]
    return torch.cat([corner, corner + size], dim=1)


def box_areas(boxes: Tensor) -> Tensor:
    """(N,) areas of xyxy boxes, in square pixels; 0 for one whose corners are swapped."""
    width, height = (_checked(boxes)[:, 2:] - boxes[:, :2]).clamp_min(0).unbind(1)
    return width * height


def box_iou(first: Tensor, second: Tensor) -> Tensor:
    """How far boxes agree: the area that two share, divided by the area that they cover together.

    Args:
        first: (N, 4), xyxy.
        second: (M, 4), xyxy.

    Returns:
        (N, M), from 0 (nothing shared) to 1 (the same box); 0 where both have no area.

    Raises:
        CourseError: no (N, 4) and (M, 4).
    """
    shared, union = _shared_and_union(_checked(first), _checked(second))
    return shared / union.clamp_min(LEAST)


def generalised_iou(first: Tensor, second: Tensor) -> Tensor:
    """IoU, minus the share of the smallest box around both that neither covers: it also tells how far apart two are.

    Args:
        first: (N, 4), xyxy.
        second: (M, 4), xyxy.

    Returns:
        (N, M), from above -1 to 1; equal to the IoU where the two boxes fill the one around them.

    Raises:
        CourseError: as for `box_iou`.
    """
    a, b = _checked(first)[:, None], _checked(second)[None]
    sides = torch.maximum(a[..., 2:], b[..., 2:]) - torch.minimum(a[..., :2], b[..., :2])
    around = sides.clamp_min(0).prod(-1)
    _, union = _shared_and_union(first, second)
    return box_iou(first, second) - (around - union) / around.clamp_min(LEAST)


def non_maximum_suppression(
    boxes: Tensor, scores: Tensor, classes: Tensor | None = None, threshold: float = 0.5
) -> Tensor:
    """Which boxes to keep, so that no two of one class cover nearly the same place.

    The best one is kept, those of its class that agree with it too well are dropped, and so on with the best of the
    rest.

    Args:
        boxes: (N, 4), xyxy.
        scores: (N,).
        classes: (N,) whole numbers; boxes of different classes do not drop each other. Default: one class.
        threshold: a box whose IoU with a kept one is above it is dropped.

    Returns:
        The indices of those that are kept, best first.

    Raises:
        CourseError: another number of scores or classes than of boxes.
    """
    of = torch.zeros(len(boxes), dtype=torch.long) if classes is None else classes
    if scores.shape != (len(boxes),) or of.shape != (len(boxes),):
        raise CourseError(
            f"There are {len(boxes)} boxes, and scores and classes of the shapes {tuple(scores.shape)} and "
            f"{tuple(of.shape)}. Give one score, and one class, for each box: (N,)."
        )
    same = of[:, None] == of[None]
    rivals = (box_iou(boxes, boxes) > threshold) & same
    left = torch.ones(len(boxes), dtype=torch.bool)
    kept = []
    for index in scores.argsort(descending=True, stable=True).tolist():
        if left[index]:
            kept.append(index)
            left &= ~rivals[index]
    return torch.tensor(kept, dtype=torch.long)


def _shared_and_union(first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
    """(N, M) areas that two boxes share, and cover together."""
    a, b = first[:, None], second[None]
    sides = torch.minimum(a[..., 2:], b[..., 2:]) - torch.maximum(a[..., :2], b[..., :2])
    shared = sides.clamp_min(0).prod(-1)
    return shared, box_areas(first)[:, None] + box_areas(second)[None] - shared


def _checked(boxes: Tensor) -> Tensor:
    if not isinstance(boxes, Tensor) or boxes.dim() != 2 or boxes.shape[1] != 4:
        shape = tuple(getattr(boxes, "shape", ()))
        raise CourseError(
            f"Boxes come as a tensor (N, 4); this is {type(boxes).__name__} {shape}. One box is box[None]."
        )
    return boxes if boxes.is_floating_point() else boxes.float()
