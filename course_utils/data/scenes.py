"""Scenes for captioning: one or two coloured shapes on a dark ground, and the sentence that they were drawn from.

Made when they are asked for; the same on every machine. The caption says of two objects how they stand to each other,
and names first the one on the left, or above: of each picture there is one right caption.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from course_utils.checks import check_name, check_whole
from course_utils.errors import CourseError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SIDE = 48  # pixels
RADII = {"small": 4, "large": 7}
SHAPES = ("circle", "square", "triangle", "cross")
COLOURS = {
    "red": (214, 39, 40),
    "green": (60, 170, 60),
    "blue": (50, 90, 230),
    "yellow": (240, 220, 60),
    "orange": (240, 140, 30),
    "purple": (150, 70, 190),
    "white": (240, 240, 240),
    "cyan": (60, 210, 220),
}
RELATIONS = ("left", "above")
KINDS = {"size": tuple(RADII), "colour": tuple(COLOURS), "shape": SHAPES, "relation": RELATIONS}
# What helps with new combinations was chosen with four other pairs held out: red triangle, green cross, blue square,
# yellow circle.
HELD_OUT = (("red", "square"), ("green", "triangle"), ("blue", "circle"), ("yellow", "cross"))
SPLITS = ("random", "combinations")
VALID, TEST = 500, 1_000
GROUND, NOISE = 40, 8
EDGE = 8  # pixels from a centre to the edge, at least
AT_ONCE = 500  # scenes that are painted together


@dataclass(frozen=True)
class Thing:
    """An object in a scene.

    Attributes:
        size: "small" or "large".
        colour: one of `COLOURS`.
        shape: one of `SHAPES`.
        x: of its centre, pixels from the left.
        y: of its centre, pixels from the top.
    """

    size: str
    colour: str
    shape: str
    x: int
    y: int

    @property
    def words(self) -> str:
        """Its part of the caption."""
        return f"a {self.size} {self.colour} {self.shape}"

    @property
    def is_held_out(self) -> bool:
        """Is its combination of colour and shape one of `HELD_OUT`?"""
        return (self.colour, self.shape) in HELD_OUT


@dataclass(frozen=True, eq=False)
class Scenes:
    """Pictures with captions.

    Attributes:
        images: uint8 (N, 3, 48, 48), 0 … 255: red, green, blue.
        captions: N sentences.
        objects: N tuples of one or two objects, in the order of the caption.
    """

    images: NDArray[np.uint8]
    captions: list[str]
    objects: list[tuple[Thing, ...]]

    def __len__(self) -> int:
        return len(self.captions)

    def subset(self, keep: NDArray[Any] | Sequence[int] | Sequence[bool]) -> Scenes:
        """Some of the scenes.

        Args:
            keep: their places, or N booleans.

        Raises:
            CourseError: neither of the two, or a place that does not exist.
        """
        import numpy as np

        chosen = np.asarray(keep)
        if chosen.dtype == np.bool_ and chosen.shape == (len(self),):
            chosen = np.flatnonzero(chosen)
        whole = chosen.ndim == 1 and (chosen.size == 0 or np.issubdtype(chosen.dtype, np.integer))
        if not whole or (chosen.size and (chosen.min() < 0 or chosen.max() >= len(self))):
            raise CourseError(f"keep must be places from 0 to {len(self) - 1}, or {len(self)} booleans.")
        places = [int(place) for place in chosen]
        return Scenes(self.images[places], [self.captions[n] for n in places], [self.objects[n] for n in places])

    def between(self, begin: int, end: int) -> Scenes:
        """The scenes from one place up to another, without copying the pictures."""
        return Scenes(self.images[begin:end], self.captions[begin:end], self.objects[begin:end])


def scenes(count: int = 12_000, seed: int = 0, *, colours: int = 4, only: str | None = None) -> Scenes:
    """Scenes, no two with the same objects at the same places.

    Args:
        count: N.
        seed: another one, other scenes.
        colours: how many of `COLOURS` are used, 4 to 8.
        only: "known": no object has a combination of `HELD_OUT`; "new": one at least has. Default: any.

    Raises:
        CourseError: a number that cannot be meant, or no such kind.
    """
    import numpy as np

    check_whole("count", count, 1, 100_000)
    check_whole("seed", seed, 0, 2**63 - 1)
    check_whole("colours", colours, 4, len(COLOURS))
    if only is not None:
        check_name("kind of scenes", only, ("known", "new"))
    generator = np.random.default_rng([seed, colours])
    palette = list(COLOURS)[:colours]
    found: dict[tuple[Thing, ...], None] = {}
    while len(found) < count:
        things = _draw_things(generator, palette)
        new = any(thing.is_held_out for thing in things)
        if only is None or new == (only == "new"):
            found[things] = None
    objects = list(found)
    return Scenes(_paint(objects, generator), [caption_of(things) for things in objects], objects)


def scene_split(
    kind: str = "random", count: int = 12_000, seed: int = 0, colours: int = 4
) -> tuple[Scenes, Scenes, Scenes]:
    """Scenes to train on, to choose by (500) and to judge (1,000).

    Args:
        kind: "random": all three alike; "combinations": an object of a combination in `HELD_OUT` stands in every test
            scene, and in none of the others.
        count: scenes to train on.
        seed: another one, another split.
        colours: how many of `COLOURS` are used, 4 to 8.

    Returns:
        (train, valid, test); no two scenes have the same objects at the same places.

    Raises:
        CourseError: no such kind, or a number that cannot be meant.
    """
    check_name("split of scenes", kind, SPLITS)
    if kind == "random":
        everything = scenes(count + VALID + TEST, seed, colours=colours)
        test = everything.between(count + VALID, count + VALID + TEST)
    else:
        everything = scenes(count + VALID, seed, colours=colours, only="known")
        test = scenes(TEST, seed, colours=colours, only="new")
    return everything.between(0, count), everything.between(count, count + VALID), test


def scene_of(things: Sequence[Thing], seed: int = 0) -> Scenes:
    """One scene, as you would have it.

    Args:
        things: one object or two, in the order in which the caption names them.
        seed: of noise and brightness.

    Raises:
        CourseError: another number of objects, words that no scene has, or a place too near to the edge.
    """
    import numpy as np

    if not 1 <= len(things) <= 2:
        raise CourseError(f"A scene has one object or two; these are {len(things)}.")
    for thing in things:
        for kind, word, known in (
            ("size", thing.size, RADII),
            ("colour", thing.colour, COLOURS),
            ("shape", thing.shape, SHAPES),
        ):
            check_name(kind, word, known)
        if not all(EDGE <= place < SIDE - EDGE for place in (thing.x, thing.y)):
            raise CourseError(f"An object's centre lies {EDGE} to {SIDE - EDGE - 1} pixels from the left and the top.")
    objects = [tuple(things)]
    return Scenes(_paint(objects, np.random.default_rng(seed)), [caption_of(things)], objects)


def caption_of(things: Sequence[Thing]) -> str:
    """The sentence for one object, or for two: "a small red circle left of a large blue square"."""
    if len(things) == 1:
        return things[0].words
    first, second = things
    relation = "left of" if abs(first.x - second.x) > abs(first.y - second.y) else "above"
    return f"{first.words} {relation} {second.words}"


def _draw_things(generator: np.random.Generator, palette: Sequence[str]) -> tuple[Thing, ...]:
    """One object, or two that stand clearly beside or above each other, in the order of the caption."""

    def thing(x: int, y: int) -> Thing:
        size, colour, shape = (list(options)[generator.integers(len(options))] for options in (RADII, palette, SHAPES))
        return Thing(size, colour, shape, x, y)

    low, high = EDGE, SIDE - EDGE
    if generator.random() < 0.25:
        return (thing(*(int(n) for n in generator.integers(low, high, 2))),)
    while True:
        x1, y1, x2, y2 = (int(n) for n in generator.integers(low, high, 4))
        across, down = abs(x1 - x2), abs(y1 - y2)
        if max(across, down) >= 16 and abs(across - down) >= 6:
            break
    if (x1 > x2) if across > down else (y1 > y2):
        x1, y1, x2, y2 = x2, y2, x1, y1
    return thing(x1, y1), thing(x2, y2)


@cache
def _stamp(shape: str, radius: int) -> NDArray[np.bool_]:
    """The pixels of a shape, (2r + 1, 2r + 1)."""
    import numpy as np

    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    stamps = {
        "circle": x * x + y * y <= (radius + 0.3) ** 2,
        "square": np.maximum(abs(x), abs(y)) <= 0.88 * radius,
        "triangle": 2 * abs(x) <= y + radius,
        "cross": np.minimum(abs(x), abs(y)) <= 0.3 * radius,
    }
    stamp: NDArray[np.bool_] = stamps[shape]
    return stamp


def _paint(objects: Sequence[tuple[Thing, ...]], generator: np.random.Generator) -> NDArray[np.uint8]:
    """(N, 3, 48, 48): a dark ground with noise, objects whose brightness varies a little."""
    import numpy as np

    lights = [[generator.uniform(0.8, 1.05) for _ in things] for things in objects]
    images = np.empty((len(objects), 3, SIDE, SIDE), dtype=np.uint8)
    for begin in range(0, len(objects), AT_ONCE):  # some at a time: numbers with a fraction need four times the memory
        some = slice(begin, begin + AT_ONCE)
        drawn = np.full(images[some].shape, GROUND, dtype=np.float32)
        for image, things, light in zip(drawn, objects[some], lights[some], strict=True):
            _place(image, things, light)
        drawn += NOISE * generator.standard_normal(drawn.shape, dtype=np.float32)
        images[some] = drawn.clip(0, 255)
    return images


def _place(image: NDArray[np.float32], things: tuple[Thing, ...], lights: Sequence[float]) -> None:
    """Draw objects onto an image (3, 48, 48), the first below."""
    import numpy as np

    for thing, light in zip(things, lights, strict=True):
        radius = RADII[thing.size]
        window = image[:, thing.y - radius : thing.y + radius + 1, thing.x - radius : thing.x + radius + 1]
        paint = light * np.asarray(COLOURS[thing.colour], dtype=np.float32)
        window[:, _stamp(thing.shape, radius)] = paint[:, None]
