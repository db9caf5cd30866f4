"""Canvases with handwritten digits at random places, and the box around each: made when they are asked for.

The digits are those of `data.pictures.digit_pictures`, in parts: a canvas of one part holds no digit of another. Where
a digit stands, how large it is and how clean the paper is, is drawn by the course.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from course_utils.checks import check_name, check_number, check_whole
from course_utils.data.pictures import PARTS, digit_pictures
from course_utils.errors import CourseError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SIDE = 64  # pixels
SIZES = (14, 28)  # of the longer side of a digit's box, in pixels
DIGITS = (1, 4)  # the fewest and the most on a canvas
NOISE = 0.15  # standard deviation of the noise, at most; the ink is 1
SHAPES = ("circle", "square", "triangle", "cross")
SHAPE_INK = (0.5, 1.0)
INKED = 0.25  # from where on a pixel of a digit counts as ink
MOST_TRIES = 40  # to find a place for a digit


@dataclass(frozen=True, eq=False)
class Canvases:
    """Pictures, and what stands in each.

    Attributes:
        images: uint8 (N, 1, side, side), 0 the paper … 255 the ink.
        boxes: N arrays (n, 4), n from 1: left, top, right and bottom, in pixels.
        labels: N lists of n labels: the digits as whole numbers; with shapes, as words ("7", "circle").
    """

    images: NDArray[np.uint8]
    boxes: list[NDArray[np.float32]]
    labels: list[list[Any]]

    def __len__(self) -> int:
        return len(self.labels)


def digit_canvases(
    count: int = 4_000,
    seed: int = 0,
    part: str = "train",
    *,
    side: int = SIDE,
    digits: tuple[int, int] = DIGITS,
    sizes: tuple[int, int] = SIZES,
    overlap: float = 0.05,
    shapes: bool = False,
) -> Canvases:
    """Draw canvases.

    Args:
        count: N.
        seed: of all that is drawn.
        part: whose digits: "train", "valid" or "test" of `digit_pictures`.
        side: height and width of a canvas, in pixels.
        digits: the fewest and the most on a canvas; a digit for which there is no place is left out, but for the first.
        sizes: the shortest and the longest that the longer side of a box is, in pixels.
        overlap: the largest IoU of two boxes that is allowed when a digit is placed.
        shapes: a third of the objects are circles, squares, triangles and crosses; all labels are words then.

    Raises:
        CourseError: another part, or numbers that cannot be meant.
    """
    import numpy as np

    _check(count, seed, part, side, digits, sizes, overlap)
    rng = np.random.default_rng([seed, list(PARTS).index(part)])
    found = [_canvas(rng, part, side, digits, sizes, overlap, shapes) for _ in range(count)]
    images = np.stack([image for image, _, _ in found])
    return Canvases(images[:, None], [boxes for _, boxes, _ in found], [labels for _, _, labels in found])


def _canvas(
    rng: np.random.Generator,
    part: str,
    side: int,
    digits: tuple[int, int],
    sizes: tuple[int, int],
    overlap: float,
    shapes: bool,
) -> tuple[NDArray[np.uint8], NDArray[np.float32], list[Any]]:
    """One canvas (side, side), its boxes and their labels."""
    import numpy as np

    canvas = np.zeros((side, side), dtype=np.float32)
    boxes: list[tuple[int, int, int, int]] = []
    labels: list[Any] = []
    for _ in range(int(rng.integers(digits[0], digits[1] + 1))):
        ink, label = _object(rng, part, shapes)
        ink = _sized(ink, int(rng.integers(sizes[0], sizes[1] + 1)))
        box = _place(rng, ink.shape, side, boxes, overlap)
        if box is None:
            continue
        left, top, right, bottom = box
        window = canvas[top:bottom, left:right]
        np.maximum(window, ink, out=window)
        boxes.append(box)
        labels.append(label)
    canvas += rng.normal(size=canvas.shape).astype(np.float32) * rng.uniform(0, NOISE)
    image: NDArray[np.uint8] = (canvas.clip(0, 1) * 255).round().astype(np.uint8)
    return image, np.array(boxes, dtype=np.float32), labels


def _object(rng: np.random.Generator, part: str, shapes: bool) -> tuple[NDArray[np.float32], Any]:
    """What is drawn, cut to its ink, and its label."""
    import numpy as np

    if shapes and rng.random() < 1 / 3:
        shape = SHAPES[rng.integers(len(SHAPES))]
        return (_shape(shape) * rng.uniform(*SHAPE_INK)).astype(np.float32), shape
    inks, labels = _inks(part)
    index = int(rng.integers(len(inks)))
    return inks[index], str(labels[index]) if shapes else labels[index]


def _place(
    rng: np.random.Generator, shape: tuple[int, ...], side: int, boxes: list[tuple[int, int, int, int]], overlap: float
) -> tuple[int, int, int, int] | None:
    """Where an object of (height, width) may stand; None where no place was found."""
    height, width = shape
    for _ in range(MOST_TRIES):
        left, top = int(rng.integers(side - width + 1)), int(rng.integers(side - height + 1))
        box = (left, top, left + width, top + height)
        if all(_iou(box, other) <= overlap for other in boxes):
            return box
    return None


def _iou(a: tuple[int, int, int, int], b: tuple[int, int, int, int]) -> float:
    """`metrics.boxes.box_iou` of two boxes of whole numbers."""
    width, height = (min(a[side + 2], b[side + 2]) - max(a[side], b[side]) for side in (0, 1))
    shared = max(width, 0) * max(height, 0)
    return shared / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared)


def _sized(ink: NDArray[np.float32], longest: int) -> NDArray[np.float32]:
    """An object whose longer side has a number of pixels."""
    import numpy as np
    from PIL import Image

    factor = longest / max(ink.shape)
    height, width = (max(round(side * factor), 3) for side in ink.shape)
    image = Image.fromarray((ink * 255).round().astype(np.uint8)).resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(image, dtype=np.float32) / np.float32(255)


@cache
def _inks(part: str) -> tuple[list[NDArray[np.float32]], list[int]]:
    """The digits of a part, each cut to its ink, and which they are."""
    import numpy as np

    images, labels = digit_pictures()[part]
    cut = []
    for image in images[:, 0]:
        rows, columns = (np.flatnonzero((image > INKED).any(axis=axis)) for axis in (1, 0))
        cut.append(image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    return cut, labels.tolist()


@cache
def _shape(name: str) -> NDArray[np.float32]:
    """A shape (28, 28) that touches all four sides, 0 … 1."""
    import numpy as np

    y, x = np.mgrid[-1:1:28j, -1:1:28j]
    inside = {
        "circle": x**2 + y**2 <= 1.02,
        "square": np.ones_like(x, dtype=bool),
        "triangle": 2 * np.abs(x) <= y + 1.08,
        "cross": np.minimum(np.abs(x), np.abs(y)) <= 0.3,
    }[name]
    drawn: NDArray[np.float32] = inside.astype(np.float32)
    return drawn


def _check(
    count: int, seed: int, part: str, side: int, digits: tuple[int, int], sizes: tuple[int, int], overlap: float
) -> None:
    check_name("part of the digits", part, PARTS)
    check_whole("count", count, 1)
    check_whole("seed", seed, 0)
    check_whole("side", side, 16, 1_000, unit="pixels")
    for name, pair, most in (("digits", digits, 100), ("sizes", sizes, side)):
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise CourseError(f"{name} must be two whole numbers, the smallest and the largest; it is {pair!r:.40}.")
        first = check_whole(f"the smaller of {name}", pair[0], 1 if name == "digits" else 4, most)
        check_whole(f"the larger of {name}", pair[1], first, most)
    check_number("overlap", overlap, 0, 1)
