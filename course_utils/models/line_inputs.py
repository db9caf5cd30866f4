"""Pictures of lines that are given to a reader: any size, any colours, brought to one height, the ink 1 on paper 0.

The paper is the colour that most pixels have, those of the border counted twice; the ink is what differs from it, in
the direction in which the strongest pixels do. So dark on light, light on dark, and blue on yellow are the same.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from course_utils.errors import CourseError
from course_utils.nn.reading_model import ROWS

Floats = NDArray[np.float32]

WIDEST = 30_000  # columns of a picture of 32 rows
FAINT = 0.03  # of the range of values: a picture with less contrast is blank
SMALL = 10.0  # values up to here are no whole numbers from 0 to 255
SPECKLED = 0.15  # the correlation of neighbouring pixels below which there is noise and no stroke
INKED = 0.25  # of the ink: a pixel from here on, whose surroundings (3 × 3) have as much, belongs to the line
MARGIN = 0.12  # of the height of the ink, left around it
LOWEST = 8  # rows that are brought to 32 at least: a speck is not blown up further


def checked_lines(given: Any, name: str = "images") -> list[Any]:
    """A list of pictures, which are not looked at yet.

    Args:
        given: a list of them, or an array (N, h, w) or (N, h, w, 3).
        name: of the argument, for the message.

    Raises:
        CourseError: it is a single picture, or no list.
    """
    expected = f"`{name}` must be a list of pictures, each an array (h, w) or (h, w, 3)"
    many = hasattr(given, "__len__") and hasattr(given, "__iter__") and not isinstance(given, str | bytes | dict | set)
    if not many:
        raise CourseError(f"{expected}; it is a {type(given).__name__}. Write [image] for a list of one.")
    shape = getattr(given, "shape", None)
    if shape is not None and (len(shape) == 2 or (len(shape) == 3 and 0 < shape[-1] <= 4)):
        raise CourseError(f"{expected}; it is a single picture. Write [image] for a list of one.")
    return list(given)


def line_pictures(given: Any, name: str = "images") -> list[Tensor | None]:
    """Each picture on its side, (W, 32), the paper 0 and the ink 1; None for a blank one.

    Args:
        given: as in `checked_lines`.
        name: of the argument, for the message.

    Raises:
        CourseError: one is no picture; the message says which.
    """
    found = []
    for index, image in enumerate(checked_lines(given, name)):
        try:
            found.append(line_picture(image))
        except CourseError as error:
            raise CourseError(f"Number {index} of `{name}`: {error}") from None
    return found


def line_picture(image: Any) -> Tensor | None:
    """One picture on its side, (W, 32), as the network sees it; None for a blank one.

    Args:
        image: (h, w), (h, w, C) or (C, h, w) with 1, 3 or 4 channels (the fourth says how opaque a pixel is), an array,
            a tensor, lists, or a picture of Pillow's; values of any range.

    Raises:
        CourseError: it is no picture, has values that are not finite, or is too wide for its height.
    """
    ink = _ink(_channels(image))
    if ink is None:
        return None
    cut = _cut(ink)
    width = max(round(cut.shape[1] * ROWS / cut.shape[0]), 1)
    if width > WIDEST:
        raise CourseError(
            f"The line is {cut.shape[1]:,} pixels wide and {cut.shape[0]} high: more than {WIDEST:,} columns at a "
            f"height of {ROWS}. Cut it into pieces."
        )
    whole = torch.from_numpy(cut)[None, None]
    small = nn.functional.interpolate(whole, (ROWS, width), mode="bilinear", antialias=True, align_corners=False)
    return torch.from_numpy(_scaled(small[0, 0].numpy())).T.contiguous()


def _channels(image: Any) -> NDArray[np.float64]:
    """(h, w, C), 0 … 1, with C of 1 or 3."""
    if hasattr(image, "convert") and hasattr(image, "getbands"):  # a picture of Pillow's, which may have a palette
        image = image.convert("RGBA" if "A" in image.getbands() or "transparency" in image.info else "RGB")
    try:
        array = np.asarray(image.detach().cpu() if isinstance(image, Tensor) else image)
    except (TypeError, ValueError, RuntimeError):
        array = np.empty(0, dtype=object)
    if array.dtype.kind not in "biuf":
        raise CourseError("it is no array of numbers. Expected: a picture (h, w) or (h, w, 3).")
    if array.ndim == 3 and array.shape[2] not in (1, 3, 4) and array.shape[0] in (1, 3, 4):
        array = array.transpose(1, 2, 0)
    array = array[..., None] if array.ndim == 2 else array
    if array.ndim != 3 or array.shape[2] not in (1, 3, 4):
        raise CourseError(f"its shape is {array.shape}. Expected: a picture (h, w) or (h, w, 3).")
    if not array.size:
        raise CourseError(f"it has no pixels: its shape is {array.shape}. Leave it out.")
    values = array.astype(np.float64)
    if not np.isfinite(values).all():
        raise CourseError("it has values that are not finite. Leave it out, or fill them in.")
    values = values / _range(array)
    if array.shape[2] == 4:
        opaque = values[..., 3:]
        return values[..., :3] * opaque + 1 - opaque  # on white paper
    return values


def _range(array: NDArray[Any]) -> float:
    """What counts as the range of values: 1, and where larger ones occur than noise makes of it, 255 or the largest."""
    largest = float(np.abs(array.astype(np.float64)).max())
    return 1.0 if largest <= SMALL else max(largest, 255.0)


def _ink(values: NDArray[np.float64]) -> Floats | None:
    """How much ink each pixel has, 0 … 1, of (h, w, C); None where there is none."""
    border = np.concatenate([values[0], values[-1], values[:, 0], values[:, -1]])
    everywhere = np.concatenate([values.reshape(-1, values.shape[2]), border])
    paper = np.quantile(everywhere, 0.5, axis=0, method="lower")  # a value that occurs
    apart = values - paper
    strength = np.sqrt((apart**2).sum(axis=2))
    if strength.max() < FAINT:
        return None
    direction = apart[strength >= 0.5 * strength.max()].sum(axis=0)
    along = apart @ (direction / max(float(np.linalg.norm(direction)), 1e-12))
    if along.max() < FAINT or _is_noise(along):
        return None
    return _scaled(along.clip(0).astype(np.float32))


def _is_noise(along: NDArray[np.float64]) -> bool:
    """Do neighbouring pixels have nothing in common? In small pictures one cannot say."""
    if min(along.shape) < LOWEST:
        return False
    power = (along**2).mean()
    alike = max((along[1:] * along[:-1]).mean(), (along[:, 1:] * along[:, :-1]).mean())
    return bool(alike < SPECKLED * power)


def _scaled(ink: Floats) -> Floats:
    """The ink of a typical dark pixel is 1; the faintest marks are left as they are."""
    largest = float(ink.max())
    typical = float(np.median(ink[ink >= 0.5 * largest])) if largest > 0 else 1.0
    return (ink / typical).clip(0, 1).astype(np.float32)


def _cut(ink: Floats) -> Floats:
    """The part of a picture where there is ink, with a margin around it."""
    from scipy import ndimage

    inked = (ndimage.uniform_filter(ink, 3, mode="constant") > INKED) & (ink > INKED)  # and no speck
    inked = inked if inked.any() else ink >= 0.5
    rows, columns = (np.flatnonzero(inked.any(axis=axis)) for axis in (1, 0))
    height = int(rows[-1] - rows[0] + 1)
    margin = max(round(MARGIN * height), 1, -(-(LOWEST - height) // 2))
    around = np.pad(ink, margin)
    return around[rows[0] : rows[-1] + 1 + 2 * margin, columns[0] : columns[-1] + 1 + 2 * margin]
