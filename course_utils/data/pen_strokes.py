"""Lines of hiragana as a pen writes them: points, stroke after stroke; and the same writing as a picture.

Each character has one drawing, KanjiVG's, with its strokes in the order in which they are written. Hands are made by
the course: every character is slanted, stretched, turned and bent at random, and each of its strokes moved a little.
Source: KanjiVG, copyright Ulrich Apel, kanjivg.tagaini.net, CC BY-SA 3.0.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from course_utils.checks import check_name, check_whole
from course_utils.data.handwritten_lines import MOST_TRIES, part_of
from course_utils.data.pictures import PARTS
from course_utils.data.resources import resource
from course_utils.errors import CourseError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Points = NDArray[np.float64]

ORDERS = ("as written", "shuffled", "backwards")  # of the strokes of each character
LONGEST = 20  # characters of a line
SIDE = 109.0  # of the square in which a character is drawn; a line's unit is this side
SIZES = (0.8, 1.15)  # a character is written smaller or larger
SLANT, TURN = 0.25, 0.15  # at most, to either side: columns a row, radians
BENT = 0.03  # of the side: how far places of a character are pushed, the standard deviation
MOVED = 0.03  # of the side: how far a whole stroke is moved, the standard deviation
GAPS = (0.05, 0.3)  # between the boxes of neighbours
RISE = 0.08  # how far a character stands above or below its line, at most
ROWS = 40  # pixels, the height of a picture
PEN = 1.1  # pixels, half the width of a line in a picture


@dataclass(frozen=True, eq=False)
class PenLines:
    """Lines written with a pen, and their texts.

    Attributes:
        strokes: N arrays (T, 3): x to the right, y downwards, and 1 where the pen is lifted after this point.
        texts: N strings of hiragana.
    """

    strokes: list[Points]
    texts: list[str]

    def __len__(self) -> int:
        return len(self.texts)


def pen_lines(
    count: int, seed: int = 0, part: str = "train", lengths: tuple[int, int] = (2, 4), order: str = "as written"
) -> PenLines:
    """Write lines of hiragana. No string stands in two parts; the same seed writes the same line in any order.

    Args:
        count: N.
        seed: of all that is drawn.
        part: whose strings: "train", "valid" or "test".
        lengths: the fewest and the most characters of a line; each length in between is as frequent.
        order: of the strokes of each character: "as written", "shuffled" (drawn for each anew), or "backwards": the
            last stroke first, and each from its end.

    Raises:
        CourseError: another part or order, or lengths that cannot be meant.
    """
    import numpy as np

    check_name("part of the strings", part, PARTS)
    check_name("order of strokes", order, ORDERS)
    check_whole("count", count, 1)
    check_whole("seed", seed, 0)
    if not isinstance(lengths, tuple | list) or len(lengths) != 2:
        raise CourseError(f"lengths must be two whole numbers, the fewest and the most; it is {lengths!r:.40}.")
    check_whole("the most characters", lengths[1], check_whole("the fewest characters", lengths[0], 1), LONGEST)
    rng, ways = (np.random.default_rng([seed, list(PARTS).index(part), number]) for number in (0, 1))
    texts = [_string(rng, part, *lengths) for _ in range(count)]
    return PenLines([_line(text, rng, ways, order) for text in texts], texts)


def drawn(points: Points) -> NDArray[np.uint8]:
    """The picture that a pen leaves, without the way it went.

    Args:
        points: (T, 3), as of `PenLines.strokes`.

    Returns:
        (40, width), 0 the paper … 255 the ink.

    Raises:
        CourseError: they are no points.
    """
    import numpy as np
    from PIL import Image, ImageDraw

    array = np.asarray(points, dtype=np.float64)
    if array.ndim != 2 or array.shape[1] != 3 or not len(array):
        raise CourseError(f"Points are an array (T, 3) with one row at least; its shape is {array.shape}.")
    fine = 4  # pixels of the drawing for each of the picture
    corner, size = array[:, :2].min(axis=0), np.ptp(array[:, :2], axis=0)
    scale = (ROWS - 8) / max(float(size[1]), 0.25 * float(size[0]) / 4, 1e-9)
    places = ((array[:, :2] - corner) * scale + 4) * fine
    width = int(np.ceil(size[0] * scale)) + 8
    page = Image.new("L", (width * fine, ROWS * fine))
    pen = ImageDraw.Draw(page)
    for stroke in np.split(places, np.flatnonzero(array[:-1, 2]) + 1):
        dots = [(float(x), float(y)) for x, y in stroke]
        pen.line(dots, fill=255, width=round(2 * PEN * fine), joint="curve")
        for x, y in (dots[0], dots[-1]):
            pen.ellipse([x - PEN * fine, y - PEN * fine, x + PEN * fine, y + PEN * fine], fill=255)
    return np.asarray(page.resize((width, ROWS), Image.Resampling.BOX))


@cache
def characters() -> dict[str, list[Points]]:
    """The strokes (T, 2) of each hiragana, in the order in which they are written; 0 … 1, y downwards."""
    import numpy as np

    found = json.loads(resource("pen_strokes.json").read_text(encoding="utf-8"))
    return {name: [np.array(stroke) / SIDE for stroke in strokes] for name, strokes in found.items()}


def _string(rng: np.random.Generator, part: str, fewest: int, most: int) -> str:
    names = list(characters())
    length = int(rng.integers(fewest, most + 1))
    for _ in range(MOST_TRIES):
        text = "".join(names[index] for index in rng.integers(len(names), size=length))
        if part_of(text) == part:
            return text
    raise CourseError(f"No string of {length} characters belongs to the part {part!r}. Take longer ones.")


def _line(text: str, rng: np.random.Generator, ways: np.random.Generator, order: str) -> Points:
    """(T, 3)."""
    import numpy as np

    left, rows = 0.0, []
    for character in text:
        strokes = _by_hand(characters()[character], rng)
        whole = np.concatenate(strokes)
        corner = np.array([whole[:, 0].min() - left, rng.uniform(-RISE, RISE)])
        left += float(np.ptp(whole[:, 0])) + rng.uniform(*GAPS)
        for stroke in _ordered(strokes, ways, order):
            lifted = np.zeros((len(stroke), 1))
            lifted[-1] = 1
            rows.append(np.hstack([stroke - corner, lifted]))
    return np.concatenate(rows)


def _by_hand(strokes: list[Points], rng: np.random.Generator) -> list[Points]:
    """A character as some hand writes it: another in each call."""
    import numpy as np

    size = rng.uniform(*SIZES, size=2)
    slant, turn = rng.uniform(-SLANT, SLANT), rng.uniform(-TURN, TURN)
    cos, sin = np.cos(turn), np.sin(turn)
    change = np.diag(size) @ np.array([[1, 0], [slant, 1]]) @ np.array([[cos, sin], [-sin, cos]])
    waves = rng.normal(size=(3, 2)) * BENT  # how far x and y are pushed, as waves over the square
    phases = rng.uniform(0, 2 * np.pi, size=(3, 2))
    found = []
    for stroke in strokes:
        middle = stroke - 0.5
        bend = sum(
            wave * np.sin(2 * np.pi * middle[:, [n % 2]] * (1 + n // 2) + phase)
            for n, (wave, phase) in enumerate(zip(waves, phases, strict=True))
        )
        found.append((middle + bend) @ change + 0.5 + rng.normal(size=2) * MOVED)
    return found


def _ordered(strokes: list[Points], ways: np.random.Generator, order: str) -> list[Points]:
    if order == "backwards":
        return [stroke[::-1] for stroke in reversed(strokes)]
    if order == "shuffled":
        return [strokes[index] for index in ways.permutation(len(strokes))]
    return strokes
