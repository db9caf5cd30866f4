"""Figures of texts: a number for each token, as the darkness behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from course_utils.display.numbers import short
from course_utils.errors import CourseError
from course_utils.figures.labels import headline
from course_utils.figures.style import Picture, new_figure, show

if TYPE_CHECKING:
    from torch import Tensor

PER_LINE = 72  # characters
LARGEST = 2_000  # characters
NAMED = 5  # tokens that the alt text names


def shaded(pieces: Sequence[str], values: Sequence[float] | Tensor, title: str, label: str) -> Picture:
    """A text with a number behind each of its tokens: the darker, the larger.

    Args:
        pieces: N tokens that make up the text.
        values: N numbers from 0.
        title: the finding.
        label: what the numbers are, with their unit.

    Raises:
        CourseError: not as many numbers as tokens, none at all, numbers that are negative or not finite, or a text of
            more than 2,000 characters.
    """
    numbers = np.asarray(values, dtype=float)
    if numbers.shape != (len(pieces),) or not len(pieces):
        raise CourseError(
            f"There are {len(pieces)} tokens and numbers of the shape {numbers.shape}. Give one for each."
        )
    if not np.isfinite(numbers).all() or numbers.min() < 0:
        raise CourseError("The numbers behind a text must be finite and 0 or more.")
    if sum(map(len, pieces)) > LARGEST:
        raise CourseError(f"The text has more than {LARGEST:,} characters: too many to be read. Show a part of it.")
    cells = _cells(pieces, numbers)
    rows = max(row for row, *_ in cells) + 1
    width = max(column for _, column, *_ in cells) + 1
    grid = np.full((rows, max(width, 24)), np.nan)
    for row, column, _, number in cells:
        grid[row, column] = number
    fig, ax = new_figure(1.4 + 0.115 * grid.shape[1], 1.0 + 0.26 * rows)
    mesh = ax.pcolormesh(np.ma.masked_invalid(grid), cmap="Blues", vmin=0, vmax=numbers.max() or 1)
    for row, column, sign, number in cells:
        colour = "white" if number > 0.6 * numbers.max() else "#111111"
        ax.text(column + 0.5, row + 0.55, sign, ha="center", va="center", family="monospace", size=9, color=colour)
    ax.invert_yaxis()
    ax.axis("off")
    fig.colorbar(mesh, ax=ax, pad=0.02, label=label, fraction=0.05)
    headline(fig, title)
    largest = [f"{pieces[at]!r} ({short(float(numbers[at]))})" for at in np.argsort(-numbers, kind="stable")[:NAMED]]
    return show(fig, f"{title}. A text with shades for {label}; the darkest tokens: {', '.join(largest)}.")


def _cells(pieces: Sequence[str], numbers: np.ndarray) -> list[tuple[int, int, str, float]]:
    """Row, column, sign and number of each character; lines end where the text's do, and after 72 characters."""
    found, row, column = [], 0, 0
    for piece, number in zip(pieces, numbers.tolist(), strict=True):
        for sign in piece:
            if column == PER_LINE:
                row, column = row + 1, 0
            found.append((row, column, "¶" if sign == "\n" else sign if sign.isprintable() else "�", number))
            column += 1
            if sign == "\n":
                row, column = row + 1, 0
    return found
