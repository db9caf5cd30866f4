"""Lesson 16: from a picture to ink, and which columns a frame stands over."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor

from course_utils.exercises.engine.exercise import FunctionExercise, Mistake


def pictures(generator: torch.Generator) -> list[tuple[Tensor]]:
    """Dark on light, light on dark, grey on grey, brighter than white; ink in a corner, in the middle, along a row."""
    line = torch.zeros(6, 9)
    line[1:4, 2] = line[2, 4:7] = 1.0
    soft = line * torch.rand(6, 9, generator=generator)
    row, corner = torch.zeros(2, 6, 9).unbind(0)
    row[3, 1:8] = corner[0, :3] = 1.0
    paper = [(1 - line,), (line,), (0.6 - 0.2 * soft,), (0.25 + 0.5 * soft,), (200 * (1 - soft) + 30,), (soft - 0.5,)]
    return [*paper, (row,), (200 - 150 * corner,)]


def ink(image: Tensor) -> Tensor:
    """How much ink each pixel has: how far it is from the paper, the farthest 1.

    The paper is the median of all pixels: most pixels of a line are paper.

    Args:
        image: (h, w), dark on light or light on dark, in any range.

    Returns:
        (h, w), 0 the paper … 1.
    """
    apart = (image - image.median()).abs()
    return apart / apart.max()


ink_of = FunctionExercise(
    lesson="16",
    name="ink_of",
    reference=ink,
    cases=pictures,
    result="the ink of each pixel, shape (h, w), 0 … 1",
    variants=(
        lambda image: (apart := (image - image.flatten().sort().values[(image.numel() - 1) // 2]).abs()) / apart.max(),
    ),
    mistakes=(
        Mistake(
            lambda image: 1 - image,
            "That turns dark on light round, and only where white is 1. Where a line is light on dark it makes the "
            "paper the ink. Ask how far a pixel is from the paper.",
        ),
        Mistake(
            lambda image: (image - image.median()).abs(),
            "The distance from the paper is right. Now the farthest must become 1: divide by the largest distance.",
        ),
        Mistake(
            lambda image: (apart := (image - image[0, 0]).abs()) / apart.max(),
            "You took the pixel in the corner for the paper. A line may have ink there: take the median of all pixels.",
        ),
        Mistake(
            lambda image: (apart := (image - image[image.shape[0] // 2, image.shape[1] // 2]).abs()) / apart.max(),
            "You took the pixel in the middle of the picture for the paper. The median is the middle of the *values*, "
            "put in order of size.",
        ),
        Mistake(
            lambda image: (apart := (image - image.median(dim=1, keepdim=True).values).abs()) / apart.max(),
            "You took a median for each row. A row may be mostly ink: take one median, of all pixels.",
        ),
        Mistake(
            lambda image: (image.max() - image) / (image.max() - image.min()),
            "The range is right, the direction is not: here light on dark comes out with the paper as ink.",
        ),
        Mistake(
            lambda image: (image - image.min()) / (image.max() - image.min()),
            "The range is right, the direction is not: here dark on light comes out with the paper as ink.",
        ),
        Mistake(
            lambda image: (apart := (image - image.mean()).abs()) / apart.max(),
            "The mean lies between paper and ink, so the paper itself gets ink. The median is a value of the paper.",
        ),
        Mistake(
            lambda image: (apart := image - image.median()) / apart.abs().max(),
            "Dark marks come out below 0. Ink has no sign: take the absolute distance.",
        ),
    ),
    hints=(
        "Which value do most pixels have, whether the line is dark on light or light on dark?",
        "The median is the paper. How far is each pixel from it, and how far is the farthest?",
        "`apart = (image - image.median()).abs()`, then `apart / apart.max()`",
    ),
)


def inked(generator: torch.Generator) -> list[tuple[Tensor, float]]:
    """Ink in the middle, in a corner, of one pixel, and with faint marks outside."""
    middle, corner, dot = torch.zeros(3, 5, 8).unbind(0)
    middle[1:4, 2:6] = torch.rand(3, 4, generator=generator) * 0.4 + 0.6
    corner[3:, 5:] = 0.9
    dot[2, 3] = 1.0
    faint = middle.clone()
    faint[0, 0] = faint[4, 7] = 0.2
    edge = middle.clone()
    edge[1, 1] = edge[0, 3] = edge[4, 4] = edge[2, 6] = 0.5  # paper, just about
    grey = middle.clone()
    grey[0] = grey[2, 3] = 0.2  # a row of faint paper, and a faint pixel between ink
    whole = torch.ones(2, 3)
    return [
        (middle, 0.5),
        (corner, 0.5),
        (dot, 0.5),
        (faint, 0.3),
        (faint, 0.1),
        (edge, 0.5),
        (grey, 0.5),
        (whole, 0.5),
    ]


def cut_to_ink(picture: Tensor, least: float) -> Tensor:
    """The smallest part of a picture, rows and columns, that holds all its ink.

    Args:
        picture: (h, w), 0 the paper … 1 the ink.
        least: a pixel above this is ink; there is one at least.

    Returns:
        (h', w').
    """
    rows = (picture > least).any(dim=1).nonzero().flatten()
    columns = (picture > least).any(dim=0).nonzero().flatten()
    return picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def without_inner_gaps(picture: Tensor, least: float) -> Tensor:
    """All rows and columns without ink taken out; the same here, where ink is in one piece."""
    there = picture > least
    return picture[there.any(dim=1)][:, there.any(dim=0)]


cut_out = FunctionExercise(
    lesson="16",
    name="cut_out",
    reference=cut_to_ink,
    cases=lambda generator: [*inked(generator), _with_a_gap()],
    result="the part with the ink, shape (h', w')",
    variants=(
        lambda picture, least: picture[
            (there := (picture > least).nonzero())[:, 0].min() : there[:, 0].max() + 1,
            there[:, 1].min() : there[:, 1].max() + 1,
        ],
    ),
    mistakes=(
        Mistake(
            lambda picture, least: picture[
                (there := (picture > least).nonzero())[:, 0].min() : there[:, 0].max(),
                there[:, 1].min() : there[:, 1].max(),
            ],
            "The last row and the last column with ink are missing: a slice ends *before* its end. Add 1.",
        ),
        Mistake(
            lambda picture, least: picture[:, (picture > least).any(dim=0).nonzero().min() :][
                :, : (picture > least).any(dim=0).sum()
            ],
            "You cut the columns. The rows above and below the ink have to go as well.",
        ),
        Mistake(
            lambda picture, least: picture[
                (there := (picture > least).nonzero())[:, 0].min() : there[:, 0].max() + 1, :
            ],
            "You cut the rows. The columns before and behind the ink have to go as well.",
        ),
        Mistake(
            without_inner_gaps,
            "You took out every empty row and column, those between two characters too. Then characters stick "
            "together. Cut from the first with ink to the last.",
        ),
        Mistake(
            lambda picture, least: cut_to_ink(picture, least) * (cut_to_ink(picture, least) > least),
            "The cut is right, but within it you set the pixels that are no ink to 0. Keep the values as they are.",
        ),
        Mistake(
            lambda picture, least: picture[
                (rows := (picture.sum(dim=1) > least).nonzero())[0, 0] : rows[-1, 0] + 1,
                (columns := (picture.sum(dim=0) > least).nonzero())[0, 0] : columns[-1, 0] + 1,
            ],
            "You compared the *sum* of a row or column with `least`: many faint pixels then count as ink. One pixel "
            "above `least` decides.",
        ),
        Mistake(
            lambda picture, least: cut_to_ink(picture, 0.0),
            "You keep everything above 0, so a speck of grey decides. A pixel is ink above `least`.",
        ),
        Mistake(
            lambda picture, least: picture[
                (there := (picture >= least).nonzero())[:, 0].min() : there[:, 0].max() + 1,
                there[:, 1].min() : there[:, 1].max() + 1,
            ],
            "A pixel of exactly `least` is paper: take those *above* it.",
        ),
    ),
    hints=(
        "Which rows hold a pixel of ink, and which columns?",
        "`(picture > least).any(dim=1)` tells it for the rows; `.nonzero()` gives their numbers.",
        "From the first such row to the last and one more: `picture[rows[0] : rows[-1] + 1, …]`; the same for columns.",
    ),
)


def _with_a_gap() -> tuple[Tensor, float]:
    picture = torch.zeros(5, 8)
    picture[1:4, 1] = picture[2, 6] = 1.0
    return picture, 0.5


def frames_and_widths(generator: torch.Generator) -> list[tuple[int, int, int]]:
    """The first frame, one in the middle, and a last one that is cut short."""
    return [(0, 2, 9), (3, 2, 9), (4, 2, 9), (0, 4, 3), (2, 4, 12), (2, 4, 11), (7, 1, 8), (1, 3, 6)]


def columns_below(frame: int, stride: int, width: int) -> list[int]:
    """The columns of a picture that a frame stands over, where each frame has `stride` of them.

    Args:
        frame: its number, from 0.
        stride: columns for each frame.
        width: columns of the picture; the last frame may have fewer.
    """
    return list(range(frame * stride, min((frame + 1) * stride, width)))


columns_of = FunctionExercise(
    lesson="16",
    name="columns_of",
    reference=columns_below,
    cases=frames_and_widths,
    result="a list of column numbers, from 0",
    variants=(lambda frame, stride, width: [column for column in range(width) if column // stride == frame],),
    mistakes=(
        Mistake(
            lambda frame, stride, width: list(range(frame * stride, (frame + 1) * stride)),
            "The last frame may reach beyond the picture. Stop at `width`.",
        ),
        Mistake(
            lambda frame, stride, width: list(range(frame * stride, min((frame + 1) * stride - 1, width))),
            "One column is missing: `range` ends *before* its end.",
        ),
        Mistake(
            lambda frame, stride, width: list(range(frame, min(frame + stride, width))),
            "Frame 1 does not begin at column 1: each frame before it has `stride` columns.",
        ),
        Mistake(
            lambda frame, stride, width: list(range((frame - 1) * stride, min(frame * stride, width))),
            "You count frames from 1. They are counted from 0: frame 0 stands over the first columns.",
        ),
        Mistake(
            lambda frame, stride, width: [
                column + 1 for column in range(frame * stride, min((frame + 1) * stride, width))
            ],
            "You count columns from 1. They are counted from 0.",
        ),
        Mistake(
            lambda frame, stride, width: [frame * stride],
            "That is the first column of the frame. It stands over `stride` of them.",
        ),
    ),
    hints=(
        "Where does frame 0 begin, where frame 1?",
        "Frame t begins at column t · stride, and the next one at (t + 1) · stride.",
        "`list(range(frame * stride, min((frame + 1) * stride, width)))`",
    ),
)


def texts_and_strides(generator: torch.Generator) -> list[tuple[str, int]]:
    """Texts without and with equal neighbours, and several strides."""
    return [("407", 2), ("11", 2), ("5", 2), ("5", 4), ("1001", 2), ("777", 3), ("12", 1), ("2002", 4)]


def narrowest(text: str, stride: int) -> int:
    """The fewest columns of a picture in which CTC can write a text.

    A character needs a frame, and so does the blank between two equal neighbours. Of the last frame one column is
    enough.

    Args:
        text: one character at least.
        stride: columns for each frame; a picture of w columns has ⌈w / stride⌉ frames.
    """
    frames = len(text) + sum(one == other for one, other in pairwise(text))
    return (frames - 1) * stride + 1


fewest_columns = FunctionExercise(
    lesson="16",
    name="fewest_columns",
    reference=narrowest,
    cases=texts_and_strides,
    result="a whole number of columns",
    variants=(
        lambda text, stride: next(
            width
            for width in range(1, 999)
            if -(-width // stride) >= len(text) + sum(a == b for a, b in pairwise(text))
        ),
    ),
    mistakes=(
        Mistake(
            lambda text, stride: (len(text) - 1) * stride + 1,
            "You gave each character a frame. Two equal neighbours need a frame for the blank between them as well, or "
            "they are read as one.",
        ),
        Mistake(
            lambda text, stride: (len(text) + sum(a == b for a, b in pairwise(text))) * stride,
            "That gives the last frame all its columns. The width is rounded up: one column is enough for it.",
        ),
        Mistake(
            lambda text, stride: len(text) * stride,
            "Equal neighbours need the blank between them, a frame more; and of the last frame one column is enough.",
        ),
        Mistake(
            lambda text, stride: len(text) + sum(a == b for a, b in pairwise(text)),
            "Those are frames. A frame stands over `stride` columns.",
        ),
        Mistake(
            lambda text, stride: (2 * len(text) - 2) * stride + 1,
            "You put a blank between all characters. It must stand only between equal ones.",
        ),
        Mistake(
            lambda text, stride: (2 * len(text) - len(set(text)) - 1) * stride + 1,
            "You counted characters that come again anywhere. The blank is needed only between *neighbours* that are "
            "equal.",
        ),
    ),
    hints=(
        "How many frames does the text need? Then: how few columns make so many frames?",
        "Frames: the number of characters, and one for each pair of equal neighbours.",
        "⌈w / stride⌉ reaches n frames from w = (n − 1) · stride + 1 on.",
    ),
)
