"""Pictures and boxes that are given to a detector, checked; where boxes are written in another way, it is guessed."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from course_utils.errors import CourseError
from course_utils.metrics.boxes import converted
from course_utils.models.inputs import Label, check_counts, checked_labels
from course_utils.models.picture_inputs import as_bytes, checked_pictures

SMALLEST, LARGEST = 8, 4_096  # pixels of a side


class Objects(NamedTuple):
    """What stands in one picture.

    Attributes:
        boxes: (n, 4), xyxy, inside the picture.
        labels: n.
    """

    boxes: Tensor
    labels: list[Label]


# ---------------------------------------------------------------------------------------------------------------------
# Pictures


def pictures_of(images: Any) -> list[Tensor]:
    """Pictures of one size or of several.

    Args:
        images: (N, H, W) or (N, C, H, W), or a list of (H, W), (C, H, W) or (H, W, 3); 0 … 1, or whole numbers
            0 … 255.

    Returns:
        N tensors of bytes (C, H, W), C 1 or 3, each contiguous.

    Raises:
        CourseError: they are no pictures, or smaller than 8 or larger than 4,096 pixels.
    """
    if isinstance(images, list | tuple):
        found = _of_list(list(images))
    else:
        found = list(as_bytes(checked_pictures(images)))
    for index, picture in enumerate(found):
        if not all(SMALLEST <= side <= LARGEST for side in picture.shape[1:]):
            raise CourseError(
                f"Picture {index} is {picture.shape[1]} × {picture.shape[2]} pixels. A side must have {SMALLEST} to "
                f"{LARGEST:,}."
            )
    return found


def _of_list(images: list[Any]) -> list[Tensor]:
    arrays = [_one(image, index) for index, image in enumerate(images)]
    black_and_white = bool(arrays) and all(
        a.dtype.kind == "b" or (a.dtype.kind in "iu" and a.max() <= 1) for a in arrays
    )
    found = []
    for index, array in enumerate(arrays):
        whole = array.dtype.kind in "iu" and not black_and_white and array.min() >= 0 and array.max() <= 1
        try:  # bytes of a dark picture among others are no black and white
            picture = torch.from_numpy(array.astype(np.uint8)) if whole else as_bytes(checked_pictures(array[None]))[0]
        except CourseError as error:
            raise CourseError(f"Picture {index}: {error}") from None
        found.append(picture.contiguous())
    return found


def _one(image: Any, index: int) -> Any:
    """A picture as an array (C, H, W)."""
    try:
        given = image.detach().cpu().numpy() if isinstance(image, Tensor) else image
        array = np.array(given)  # a copy: torch warns of arrays that cannot be written
    except (TypeError, ValueError, RuntimeError):
        array = np.empty(0, dtype=object)
    array = array[None] if array.ndim == 2 else array
    if array.ndim == 3 and array.shape[0] not in (1, 3) and array.shape[2] in (1, 3):
        array = array.transpose(2, 0, 1)
    if array.dtype.kind not in "biuf" or array.ndim != 3 or array.shape[0] not in (1, 3) or 0 in array.shape:
        raise CourseError(
            f"Picture {index} has the shape {array.shape} and holds {array.dtype}. Expected: numbers, (H, W), "
            "(C, H, W) with one channel or three, or (H, W, 3)."
        )
    return array


# ---------------------------------------------------------------------------------------------------------------------
# Boxes


def objects_of(boxes: Any, labels: Any, pictures: list[Tensor]) -> list[Objects]:
    """The objects of each picture.

    Args:
        boxes: N arrays, tensors or lists (n, 4), n from 0: left, top, right, bottom in pixels.
        labels: N lists of n labels.
        pictures: N, (C, H, W).

    Returns:
        N; boxes that reach beyond their picture are cut there.

    Raises:
        CourseError: not as many as pictures, boxes that are none, or in another convention (it says in which).
    """
    arrays = _box_arrays(boxes, len(pictures))
    names = _label_lists(labels, arrays)
    _check_boxes(arrays, pictures)
    found = []
    for array, own, picture in zip(arrays, names, pictures, strict=True):
        height, width = picture.shape[1:]
        box = torch.from_numpy(array).float()
        ends = torch.tensor([width, height, width, height])
        found.append(Objects(torch.minimum(box.clamp_min(0), ends), own))
    return found


def _box_arrays(boxes: Any, count: int) -> list[Any]:
    expected = "`boxes` must be a list with an array (n, 4) for each picture: left, top, right, bottom in pixels"
    if isinstance(boxes, str | bytes | dict) or not hasattr(boxes, "__len__"):
        raise CourseError(f"{expected}; it is {type(boxes).__name__}.")
    several = list(boxes)
    if len(several) != count:
        tip = _tip_for_one_picture(several) if count == 1 else ""
        check_counts("pictures", count, "arrays of boxes" + tip, len(several)) if not tip else None
        raise CourseError(f"{expected}.{tip}")
    return [_box_array(own, index, expected) for index, own in enumerate(several)]


def _tip_for_one_picture(several: list[Any]) -> str:
    """What to write instead of boxes that stand in no list of pictures."""
    tips = {0: " One box of one picture is [[box]].", 1: " One array of boxes for one picture is [boxes]."}
    try:
        return tips.get(np.ndim(several[0]), "") if several else ""
    except ValueError:  # lists of different lengths
        return ""


def _box_array(own: Any, index: int, expected: str) -> Any:
    """(n, 4) numbers."""
    if own is None:
        raise CourseError(f"{expected}; number {index} is None. A picture without objects has an empty list: [].")
    try:
        array = np.array(own.detach().cpu().numpy() if isinstance(own, Tensor) else own, dtype=np.float64)
    except (TypeError, ValueError, RuntimeError):
        raise CourseError(f"{expected}; number {index} holds something other than four numbers a box.") from None
    if array.size == 0:
        return np.zeros((0, 4))
    if array.ndim != 2 or array.shape[1] != 4:
        tip = " One box alone is [box]." if array.shape == (4,) else ""
        raise CourseError(f"{expected}; number {index} has the shape {array.shape}.{tip}")
    if not np.isfinite(array).all():
        raise CourseError(f"A box of picture {index} has numbers that are missing or not finite. Leave it out.")
    return array


def _label_lists(labels: Any, arrays: list[Any]) -> list[list[Label]]:
    expected = "`labels` must be a list with a list of labels for each picture, one label for each of its boxes"
    if isinstance(labels, str | bytes | dict) or not hasattr(labels, "__len__"):
        raise CourseError(f"{expected}; it is {type(labels).__name__}.")
    several = list(labels)
    if len(several) != len(arrays):
        raise CourseError(f"{expected}; there are {len(arrays)} pictures and {len(several)} lists of labels.")
    flat: list[Any] = []
    for index, (own, array) in enumerate(zip(several, arrays, strict=True)):
        if isinstance(own, str | bytes | dict) or not hasattr(own, "__len__") or np.ndim(own) == 0:
            raise CourseError(f"{expected}; number {index} is {own!r:.40}.")
        if len(own) != len(array):
            raise CourseError(f"{expected}; picture {index} has {len(array)} boxes and {len(own)} labels.")
        flat += own.tolist() if hasattr(own, "tolist") else list(own)
    names = checked_labels(flat, "boxes")
    ends = np.cumsum([len(array) for array in arrays]).tolist()
    return [names[end - len(array) : end] for end, array in zip(ends, arrays, strict=True)]


def _check_boxes(arrays: list[Any], pictures: list[Tensor]) -> None:
    """Raise a CourseError unless all boxes are xyxy, have an area, and lie in their picture, at least in part."""
    wrong = 0
    first = None
    for index, (array, picture) in enumerate(zip(arrays, pictures, strict=True)):
        bad = ~_are_inside(array, picture)
        wrong += int(bad.sum())
        if first is None and bad.any():
            first = index, array[bad][0], picture.shape[1:]
    if first is None:
        _check_shares(arrays)
        return
    index, box, (height, width) = first
    told = ", ".join(f"{value:g}" for value in box)
    raise CourseError(
        f"{wrong} of {sum(map(len, arrays))} boxes {_what(box, height, width)}, the first in picture {index} "
        f"({height} × {width} pixels): ({told}). Expected: (left, top, right, bottom) in pixels, left < right and "
        f"top < bottom.{_guess(arrays, pictures)}"
    )


def _are_inside(array: Any, picture: Tensor) -> Any:
    """(n,) has a box an area inside the picture?"""
    height, width = picture.shape[1:]
    ends = np.array([width, height])
    return (np.minimum(array[:, 2:], ends) > np.maximum(array[:, :2], 0)).all(axis=1)


def _what(box: Any, height: int, width: int) -> str:
    if box[2] < box[0] or box[3] < box[1]:
        return "have left and right, or top and bottom, the wrong way round"
    if box[2] == box[0] or box[3] == box[1]:
        return "have no area"
    return "lie outside their picture"


def _check_shares(arrays: list[Any]) -> None:
    """Boxes as shares of the picture are inside it, in its first pixel."""
    together = np.concatenate(arrays) if arrays else np.zeros((0, 4))
    if len(together) and together.max() <= 1:
        raise CourseError(
            "All numbers of the boxes are at most 1: they look like shares of the picture. Multiply left and right by "
            "its width, top and bottom by its height."
        )


def _guess(arrays: list[Any], pictures: list[Tensor]) -> str:
    """How the boxes may be written, if in that way all of them lie whole in their pictures."""
    if _all_whole([array[:, [1, 0, 3, 2]] for array in arrays], pictures):
        return " They look like (top, left, bottom, right): boxes[:, [1, 0, 3, 2]] turns them."
    for convention, words in (("xywh", "(left, top, width, height)"), ("cxcywh", "(centre, width, height)")):
        others = [converted(torch.from_numpy(array), convention).numpy() for array in arrays]
        if _all_whole(others, pictures):
            return (
                f" They look like {words}: course_utils.metrics.boxes.converted(boxes, {convention!r}) makes xyxy of "
                "them."
            )
    swapped = [np.concatenate([np.minimum(a[:, :2], a[:, 2:]), np.maximum(a[:, :2], a[:, 2:])], axis=1) for a in arrays]
    if _all_whole(swapped, pictures):
        return " With the corners the other way round all would do."
    return " Leave such boxes out."


def _all_whole(arrays: list[Any], pictures: list[Tensor]) -> bool:
    """Have all boxes an area, and do they lie in their pictures, but for a pixel?"""
    for array, picture in zip(arrays, pictures, strict=True):
        height, width = picture.shape[1:]
        inside = (array[:, :2] >= -1).all() and (array[:, 2:] <= [width + 1, height + 1]).all()
        if not (inside and (array[:, 2:] > array[:, :2]).all()):
            return False
    return True
