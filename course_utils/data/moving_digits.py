"""Clips of handwritten digits that move: which way? The digits are those of `data.pictures.digit_pictures`, in parts.

A digit that leaves the picture on one side comes in again on the other. So it stands at every place equally often,
whichever way it goes, and one frame says nothing about the direction: only the order of the frames does.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from course_utils.checks import check_name, check_whole
from course_utils.data.pictures import PARTS, digit_pictures
from course_utils.errors import CourseError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CANVAS = 40  # pixels, height and width of a frame; a digit has 28
DIRECTIONS: dict[str, tuple[int, int]] = {  # (down, right) in steps
    "left": (0, -1),
    "right": (0, 1),
    "up": (-1, 0),
    "down": (1, 0),
    "up left": (-1, -1),
    "up right": (-1, 1),
    "down left": (1, -1),
    "down right": (1, 1),
}
SPEEDS = (1, 2)  # pixels a frame


@dataclass(frozen=True, eq=False)
class MovingDigits:
    """Clips of digits that move, one digit in each.

    Attributes:
        clips: uint8 (N, frames, 40, 40), 0 the paper … 255 the ink.
        directions: N of `DIRECTIONS`.
        digits: (N,), which digit it is, 0 … 9.
    """

    clips: NDArray[np.uint8]
    directions: list[str]
    digits: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.directions)

    @property
    def classes(self) -> tuple[str, ...]:
        """The directions that occur, in the order of `DIRECTIONS`."""
        return tuple(name for name in DIRECTIONS if name in self.directions)


def moving_digits(count: int, seed: int = 0, frames: int = 12, ways: int = 4, part: str = "train") -> MovingDigits:
    """Make clips. Digit, place, speed (1 or 2 pixels a frame) and direction are drawn apart from each other.

    Args:
        count: N.
        seed: of all that is drawn.
        frames: T, from 1.
        ways: 4 directions, or 8 with the slanting ones.
        part: whose digits move: "train", "valid" or "test" of `digit_pictures()`; no digit is in two parts.

    Returns:
        N clips, in no order.

    Raises:
        CourseError: another part, a number of ways that is not 4 or 8, or no clip or frame.
    """
    import numpy as np

    _check(count, frames, ways, part)
    rng = np.random.default_rng([seed, list(PARTS).index(part)])
    images, labels = _parts()[part]
    which = rng.integers(len(images), size=count)
    names = rng.choice(list(DIRECTIONS)[:ways], size=count).tolist()
    start = rng.integers(CANVAS, size=(count, 1, 2))
    speed = rng.choice(SPEEDS, size=(count, 1, 1))
    step = np.array([DIRECTIONS[name] for name in names])[:, None] * speed  # (N, 1, 2)
    places = (start + step * np.arange(frames)[None, :, None]) % CANVAS  # (N, T, 2)
    return MovingDigits(_drawn(images[which], places), names, labels[which])


def clip_of(
    digit: NDArray[np.uint8], start: tuple[int, int], direction: str, speed: int = 1, frames: int = 12
) -> NDArray[np.uint8]:
    """One clip of one digit.

    Args:
        digit: (28, 28), 0 the paper … 255 the ink.
        start: row and column of its top left corner in the first frame, 0 … 39.
        direction: one of `DIRECTIONS`.
        speed: pixels a frame.
        frames: T.

    Returns:
        (T, 40, 40).

    Raises:
        CourseError: an unknown direction.
    """
    import numpy as np

    check_name("direction", direction, DIRECTIONS)
    steps = np.arange(frames)[:, None] * np.array(DIRECTIONS[direction]) * speed  # (T, 2)
    clips = _drawn(digit[None], ((np.array(start) + steps) % CANVAS)[None])
    return clips[0]  # type: ignore[no-any-return]


def _drawn(digits: NDArray[np.uint8], places: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Digits (N, 28, 28) at places (N, T, 2), the top left corner of each; what is outside comes in on the far side."""
    import numpy as np

    side = np.arange(digits.shape[-1])
    rows = (places[:, :, :1] + side) % CANVAS  # (N, T, 28)
    columns = (places[:, :, 1:] + side) % CANVAS
    clips = np.zeros((*places.shape[:2], CANVAS, CANVAS), dtype=np.uint8)
    clip, frame = np.ogrid[: places.shape[0], : places.shape[1]]
    clips[clip[..., None, None], frame[..., None, None], rows[..., None], columns[:, :, None]] = digits[:, None]
    return clips


@cache
def _parts() -> dict[str, tuple[NDArray[np.uint8], NDArray[np.int64]]]:
    import numpy as np

    return {part: ((x[:, 0] * 255).round().astype(np.uint8), y) for part, (x, y) in digit_pictures().items()}


def _check(count: int, frames: int, ways: int, part: str) -> None:
    check_name("part of the digits", part, PARTS)
    if ways not in (4, 8):
        raise CourseError(f"A digit goes one of 4 ways, or of 8; ways is {ways!r}.")
    for name, value in (("count", count), ("frames", frames)):
        check_whole(name, value, 1)
