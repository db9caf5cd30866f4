"""Pictures of lines of handwritten digits, with what is written in them: real digits set side by side.

The digits are those of `data.pictures.digit_pictures`, in parts. Each is as somebody wrote it; that they stand in one
line, how closely, how slanted and how clean is drawn by the course. Who wrote a digit is not known, so a line mixes
hands.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING

from course_utils.checks import check_name, check_number, check_whole
from course_utils.data.pictures import PARTS, digit_pictures
from course_utils.errors import CourseError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

HEIGHT = 36  # pixels of a line
LONGEST = 40  # digits of a line
SIZES = (0.8, 1.15)  # a digit is drawn smaller or larger than MNIST has it
RISE = 2.0  # pixels that a digit stands above or below its line, at most
GAPS = (-2.5, 4.0)  # pixels between the ink of neighbours; below 0 they overlap
SLANT = 0.35  # columns a line leans to either side for each row, at most
NOISE = 0.12  # standard deviation of the noise, at most; the ink is 1
INKED = 0.25  # from where on a pixel of a digit counts as ink
MOST_TRIES = 2_000  # to draw a string that belongs to a part


@dataclass(frozen=True, eq=False)
class Lines:
    """Pictures of lines, and their texts.

    Attributes:
        images: N arrays uint8 (36, width), each with a width of its own, 0 the paper … 255 the ink.
        texts: N strings of digits.
    """

    images: list[NDArray[np.uint8]]
    texts: list[str]

    def __len__(self) -> int:
        return len(self.texts)


def handwritten_lines(
    count: int,
    seed: int = 0,
    part: str = "train",
    lengths: tuple[int, int] = (3, 8),
    texts: Sequence[str] | None = None,
    overlap: float = 0.3,
) -> Lines:
    """Draw lines of digits. Neither a digit's picture nor a string stands in two parts.

    Args:
        count: N.
        seed: of all that is drawn.
        part: whose digits and strings: "train", "valid" or "test".
        lengths: the fewest and the most digits of a line; each length in between is as frequent. A part has few strings
            of one or two digits.
        texts: strings to choose from, in place of those of the part; of any lengths. The digits stay those of the part.
        overlap: how closely digits stand, from 0 (none touch) to 1 (most do).

    Raises:
        CourseError: another part, lengths or an overlap that cannot be meant, texts that are no digits.
    """
    import numpy as np

    _check(count, seed, part, lengths, overlap)
    given = None if texts is None else _checked_texts(texts)
    rng = np.random.default_rng([seed, list(PARTS).index(part)])
    drawn = [given[rng.integers(len(given))] if given else _string(rng, part, *lengths) for _ in range(count)]
    return Lines([line_of(_written(text, part, rng), rng, overlap) for text in drawn], drawn)


def part_of(text: str) -> str:
    """The part that a string belongs to: it stands in no line of another. About as many strings a part as digits.

    Args:
        text: digits.

    Returns:
        "train", "valid" or "test".
    """
    number = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=4).digest(), "big") % sum(PARTS.values())
    ends = accumulate(PARTS.values())
    return next(part for part, end in zip(PARTS, ends, strict=True) if number < end)


def line_of(digits: Sequence[NDArray[np.float32]], rng: np.random.Generator, overlap: float = 0.3) -> NDArray[np.uint8]:
    """One line.

    Args:
        digits: pictures (28, 28), 0 the paper … 1 the ink, one at least.
        rng: draws size, height, gaps, slant and noise.
        overlap: how closely they stand, from 0 to 1.

    Returns:
        (36, width), 0 the paper … 255 the ink.
    """
    import numpy as np
    from scipy import ndimage

    inks = [_sized(digit, rng.uniform(*SIZES)) for digit in digits]
    gaps = rng.uniform(*GAPS, size=len(inks)) + (1 - 2 * overlap) * GAPS[1]
    slant = rng.uniform(-SLANT, SLANT)
    around = rng.integers(2, 7, size=2)
    lean = int(np.ceil(abs(slant) * HEIGHT / 2))
    starts = _starts(inks, gaps, int(around[0]) + lean)
    line = np.zeros((HEIGHT, starts[-1] + inks[-1].shape[1] + lean + int(around[1])), dtype=np.float32)
    for ink, left in zip(inks, starts, strict=True):
        top = round((HEIGHT - len(ink)) / 2 + rng.uniform(-RISE, RISE))
        top = min(max(top, 0), HEIGHT - len(ink))
        place = line[top : top + len(ink), left : left + ink.shape[1]]
        np.maximum(place, ink, out=place)
    shear = np.array([[1.0, 0.0], [slant, 1.0]])  # (row, column) of the line → of the picture without slant
    line = ndimage.affine_transform(line, shear, offset=(0, -slant * (HEIGHT - 1) / 2), order=1)
    line += rng.normal(size=line.shape).astype(np.float32) * rng.uniform(0, NOISE)
    picture: NDArray[np.uint8] = (line.clip(0, 1) * 255).round().astype(np.uint8)
    return picture


def _starts(inks: list[NDArray[np.float32]], gaps: NDArray[np.float64], first: int) -> list[int]:
    """The first column of each digit; each begins behind where the one before it began."""
    starts = [first]
    for ink, gap in zip(inks, gaps, strict=False):
        starts.append(starts[-1] + max(round(ink.shape[1] + gap), 1 + ink.shape[1] // 2))
    return starts[: len(inks)]


def _sized(digit: NDArray[np.float32], size: float) -> NDArray[np.float32]:
    """A digit without the empty columns and rows around it, smaller or larger."""
    import numpy as np
    from scipy import ndimage

    inked = digit > INKED
    rows, columns = (np.flatnonzero(inked.any(axis=axis)) for axis in (1, 0))
    cut = digit[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return np.clip(ndimage.zoom(cut, size, order=1, grid_mode=True, mode="grid-constant"), 0, 1)  # type: ignore[no-any-return]


def _string(rng: np.random.Generator, part: str, fewest: int, most: int) -> str:
    length = int(rng.integers(fewest, most + 1))
    for _ in range(MOST_TRIES):
        text = "".join(map(str, rng.integers(10, size=length)))
        if part_of(text) == part:
            return text
    raise CourseError(f"No string of {length} digits belongs to the part {part!r}. Take longer ones.")


def _written(text: str, part: str, rng: np.random.Generator) -> list[NDArray[np.float32]]:
    """A picture of the part for each digit."""
    found = _by_digit()[part]
    return [found[int(digit)][rng.integers(len(found[int(digit)]))] for digit in text]


@cache
def _by_digit() -> dict[str, list[NDArray[np.float32]]]:
    """The pictures (N, 28, 28) of each digit, by part."""
    return {part: [x[y == digit, 0] for digit in range(10)] for part, (x, y) in digit_pictures().items()}


def _check(count: int, seed: int, part: str, lengths: tuple[int, int], overlap: float) -> None:
    check_name("part of the digits", part, PARTS)
    check_whole("count", count, 1)
    check_whole("seed", seed, 0)
    if not isinstance(lengths, tuple | list) or len(lengths) != 2:
        raise CourseError(f"lengths must be two whole numbers, the fewest digits and the most; it is {lengths!r:.40}.")
    check_whole("the most digits", lengths[1], check_whole("the fewest digits", lengths[0], 1), LONGEST)
    check_number("overlap", overlap, 0, 1)


def _checked_texts(texts: Sequence[str]) -> list[str]:
    found = [texts] if isinstance(texts, str) else list(texts)
    for text in found:
        if not isinstance(text, str) or not 0 < len(text) <= LONGEST or set(text) - set("0123456789"):
            raise CourseError(f"A text is {text!r:.40}. Expected: 1 to {LONGEST} digits, such as '407'.")
    if not found:
        raise CourseError("There are no texts to draw. Give one at least.")
    return found
