"""Pictures that are given to a model, checked and scaled."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor

from course_utils.errors import CourseError

BEYOND = 1e-3  # how far decimals of a picture may lie outside 0 … 1
PART = 512  # pictures that are looked at together


def checked_pictures(images: Any, *, colour: bool = False) -> Tensor:
    """Pictures as a tensor, checked and otherwise as they were given: `as_decimals` and `as_bytes` scale them.

    Args:
        images: (N, H, W), or (N, C, H, W) with one channel or three; arrays, tensors or lists; 0 … 1, or whole numbers
            0 … 255. Truth values, and whole numbers of which none is larger than 1, are black and white.
        colour: must they have three channels?

    Returns:
        (N, C, H, W), of bytes or floats; N may be 0.

    Raises:
        CourseError: they are no pictures.
    """
    channels = "three channels" if colour else "one channel or three"
    try:
        given = _tensor(images)
    except (TypeError, ValueError, RuntimeError):
        raise CourseError(
            "The pictures are no array of numbers: do they differ in size? Give one array (N, C, H, W), or put the "
            "files into folders: picture_folder reads them."
        ) from None
    shape = tuple(given.shape)
    if given.is_complex() or given.dim() not in ((4,) if colour else (3, 4)) or 0 in shape[1:]:
        raise CourseError(
            f"Pictures come as (N, C, H, W) with {channels}; these have the shape {shape}. For a single picture add an "
            "axis: image[None]."
        )
    if given.dim() == 4 and given.shape[1] not in ((3,) if colour else (1, 3)):
        raise CourseError(f"Pictures come as (N, C, H, W) with {channels}; these have the shape {shape}.{_tip(shape)}")
    given = given if given.dim() == 4 else given[:, None]
    for first in range(0, len(given), PART):
        _check_range(given[first : first + PART], first)
    if given.dtype == torch.bool or _are_zeros_and_ones(given):
        return given.float()
    return given if given.is_floating_point() else given.to(torch.uint8)


def _tip(shape: tuple[int, ...]) -> str:
    if shape[3] in (1, 3):
        return " Your channels come last: images.transpose(0, 3, 1, 2) puts them second."
    if shape[1] == 1:
        return " Grey pictures become coloured ones by repeating the channel three times."
    return ""


def _tensor(images: Any) -> Tensor:
    """A tensor of what is given; arrays that torch would warn of are copied."""
    if isinstance(images, Tensor):
        return images.detach().cpu()
    if isinstance(images, list | tuple):
        images = np.stack([np.asarray(image) for image in images]) if images else np.empty(0)
    array = np.asarray(images)
    plain = array.flags.writeable and array.flags.c_contiguous
    return torch.as_tensor(array if plain else array.copy(order="C"))


def _check_range(part: Tensor, first: int) -> None:
    """Raise a CourseError unless pictures are finite, and 0 … 1 or 0 … 255."""
    if not part.numel() or part.dtype in (torch.bool, torch.uint8):
        return
    lowest, highest = (float(value) for value in part.aminmax())
    if not (math.isfinite(lowest) and math.isfinite(highest)):
        broken = first + int((~part.isfinite()).flatten(1).any(dim=1).nonzero()[0])
        raise CourseError(f"Picture {broken} is damaged: it has values that are not finite. Leave it out.")
    if part.is_floating_point() and (lowest < -BEYOND or highest > 1 + BEYOND):
        raise CourseError(
            f"The pictures' values reach from {lowest:g} to {highest:g}; as decimals they must be 0 … 1. "
            + ("Take (images + 1) / 2." if lowest >= -1 and highest <= 1 else "Divide by 255, or give whole numbers.")
        )
    if not part.is_floating_point() and (lowest < 0 or highest > 255):
        raise CourseError(f"The pictures' values reach from {lowest:g} to {highest:g}; whole numbers must be 0 … 255.")


def _are_zeros_and_ones(given: Tensor) -> bool:
    """Whole numbers of which the largest is 1: a mask, and no pictures that are all but black."""
    return not given.is_floating_point() and bool(given.numel()) and int(given.max()) == 1


def as_decimals(checked: Tensor) -> Tensor:
    """What `checked_pictures` returned, as floats of 32 bits, 0 … 1."""
    return checked.float().clamp(0, 1) if checked.is_floating_point() else checked.float() / 255


def as_bytes(checked: Tensor) -> Tensor:
    """What `checked_pictures` returned, as bytes, 0 … 255."""
    return (as_decimals(checked) * 255).round().to(torch.uint8) if checked.is_floating_point() else checked
