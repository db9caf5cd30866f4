"""How a detector sees pictures, scaled and in parts, and what its network finds in them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from course_utils.metrics.boxes import non_maximum_suppression
from course_utils.metrics.detection import Detections
from course_utils.models.detection_inputs import Objects
from course_utils.models.detection_training import stacked
from course_utils.models.pictures import GREY
from course_utils.nn.detection import read_off

MOST_PIXELS = 2**19  # of the pictures of a batch together
FEWEST_PICTURES = 2  # of a batch: one alone cannot be normalised well
USUAL_SIDES, WANTED_SIDE = (10, 48), 24  # pixels of the longer side of half the boxes; outside them pictures are scaled
LONGEST_SIDE = 640  # pixels of a picture as the network sees it
OVERLAP = 0.5  # the IoU from which on two detections of one class are one
MOST_FOUND = 100  # in a picture
LOWEST_SCORE = 0.01  # of detections that count for the mean average precision
AT_ONCE = 2**21  # pixels that are looked at together


class Seen(NamedTuple):
    """Pictures as the network sees them.

    Attributes:
        pictures: N tensors of bytes (C, h, w).
        factors: N, how much larger each is than it was given.
    """

    pictures: list[Tensor]
    factors: list[float]


def is_coloured(picture: Tensor) -> bool:
    """Are the three channels of a picture (C, H, W) not all the same?"""
    return len(picture) == 3 and not torch.equal(picture[:1].expand_as(picture), picture)


def scale_for(objects: Sequence[Objects]) -> float:
    """How much larger or smaller pictures are made, so that most objects are neither too small nor too large."""
    sides = torch.cat([own.boxes[:, 2:] - own.boxes[:, :2] for own in objects]).amax(1)
    usual = float(sides.median())
    return 1.0 if USUAL_SIDES[0] <= usual <= USUAL_SIDES[1] else WANTED_SIDE / max(usual, 1.0)


def seen_at(pictures: Sequence[Tensor], channels: int, scale: float) -> Seen:
    """Pictures as a network sees them.

    Args:
        pictures: N of bytes (C, H, W).
        channels: that it reads, 1 or 3.
        scale: how much larger they are made; no side becomes longer than 640 pixels.
    """
    found, factors = [], []
    for picture in pictures:
        factor = min(scale, LONGEST_SIDE / max(picture.shape[1:]))
        found.append(_resized(_with_channels(picture, channels), factor))
        factors.append(factor)
    return Seen(found, factors)


def _with_channels(picture: Tensor, channels: int) -> Tensor:
    if len(picture) == channels:
        return picture
    if channels == 3:
        return picture.expand(3, -1, -1).contiguous()
    return (picture.float() * torch.tensor(GREY)[:, None, None]).sum(0, keepdim=True).round().to(torch.uint8)


def _resized(picture: Tensor, factor: float) -> Tensor:
    if factor == 1:
        return picture
    sides = [max(round(side * factor), 1) for side in picture.shape[1:]]
    resized = nn.functional.interpolate(
        picture[None].float(), sides, mode="bilinear", antialias=True, align_corners=False
    )
    return resized[0].clamp(0, 255).round().to(torch.uint8)


def batch_size_for(pictures: Sequence[Tensor], wanted: int) -> int:
    """As many pictures as fit into a batch; no last batch of one, where that can be had."""
    pixels = sum(picture.shape[1] * picture.shape[2] for picture in pictures) / len(pictures)
    size = max(min(wanted, math.floor(MOST_PIXELS / pixels)), min(wanted, FEWEST_PICTURES))
    return size + 1 if 1 < size < len(pictures) and len(pictures) % size == 1 else size


@torch.no_grad()
def detections_of(model: nn.Module, seen: Seen, lowest: float = LOWEST_SCORE) -> list[Detections]:
    """The objects in each picture.

    Args:
        model: a `DetectionNet`, or a network that answers alike, in eval mode.
        seen: N pictures as it sees them.
        lowest: score that is told.

    Returns:
        N, in the pixels of the pictures that were given; at most 100 of a picture.
    """
    found: list[Detections] = []
    first = 0
    while first < len(seen.pictures):
        last = _end_of_part(seen.pictures, first)
        for index, boxes, classes, scores in zip(
            range(first, last), *read_off(model(stacked(seen.pictures[first:last])), MOST_FOUND), strict=True
        ):
            height, width = seen.pictures[index].shape[1:]
            ends = torch.tensor([width, height, width, height])
            inside = torch.minimum(boxes.clamp_min(0), ends)
            keep = (scores >= lowest) & (scores > 0) & (inside[:, 2:] > inside[:, :2]).all(1)
            inside, classes, scores = inside[keep], classes[keep], scores[keep]
            best = non_maximum_suppression(inside, scores, classes, OVERLAP)
            found.append(Detections(inside[best] / seen.factors[index], classes[best], scores[best]))
        first = last
    return found


def _end_of_part(pictures: Sequence[Tensor], first: int) -> int:
    """Pictures of one size that are looked at together: those from `first` up to here."""
    shape = pictures[first].shape
    most = max(AT_ONCE // (shape[1] * shape[2]), 1)
    last = first + 1
    while last < len(pictures) and last - first < most and pictures[last].shape == shape:
        last += 1
    return last
