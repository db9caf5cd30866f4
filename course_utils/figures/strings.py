"""What a network holds along a string, and which machines answer which formal languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.patches import FancyBboxPatch

from course_utils.display.numbers import short
from course_utils.errors import CourseError
from course_utils.figures.labels import End, headline, label_ends, line_styles
from course_utils.figures.style import COLOURS, Picture, new_figure, show

MOST_SYMBOLS = 60  # that are written below the axis


def along_string(
    symbols: Sequence[str], values: Mapping[str, Sequence[float]], *, label: str, title: str, zero: str = ""
) -> Picture:
    """Draw numbers along a string, with its symbols below.

    Args:
        symbols: T of them.
        values: by the network that holds them, T numbers each.
        label: what the numbers are, for the axis.
        title: the finding.
        zero: what a dotted line at 0 means; empty: there is no such line.

    Raises:
        CourseError: not one number for each symbol, or nothing to draw.
    """
    if not values or not symbols:
        raise CourseError("There is nothing to draw: give at least one symbol and one network.")
    for name, given in values.items():
        if len(given) != len(symbols):
            raise CourseError(
                f"{name} has {len(given)} numbers, and the string {len(symbols)} symbols. Give one for each symbol."
            )
    fig, ax = new_figure(8, 3.4)
    places, ends, told = np.arange(1, len(symbols) + 1), [], []
    for name, style in line_styles(values).items():
        numbers = np.asarray(values[name], dtype=float)
        ax.plot(places, numbers, color=style.colour, linestyle=style.line, marker=style.marker, markersize=4)
        ends.append(End(float(places[-1]), float(numbers[-1]), name, style.colour))
        high = int(numbers.argmax())
        told.append(
            f"{name}: {short(float(numbers[0]))} after the first symbol, at most {short(float(numbers[high]))} after "
            f"symbol {high + 1}, {short(float(numbers[-1]))} at the end."
        )
    if zero:
        ax.axhline(0, color=COLOURS["chance"], linestyle=":", linewidth=1.2)
        told.append(f"Dotted line at 0: {zero}.")
    if len(symbols) <= MOST_SYMBOLS:
        ax.set_xticks(places, symbols)
        ax.tick_params(axis="x", length=0)
    ax.set_xlabel("the symbols of the string" if len(symbols) <= MOST_SYMBOLS else "symbols read")
    ax.set_ylabel(label)
    ax.set_xlim(0.5, len(symbols) + 0.5)
    headline(fig, title)
    label_ends(ax, ends)
    text = "".join(symbols) if len(symbols) <= MOST_SYMBOLS else f"a string of {len(symbols):,} symbols"
    return show(fig, f"{title}. {label} after each symbol of {text}. {' '.join(told)}")


def nested(regions: Mapping[str, tuple[str, Sequence[str]]], title: str) -> Picture:
    """Draw classes of which each holds the one before: boxes in boxes, with what is in no smaller one.

    Args:
        regions: by the name of the class, the smallest first: what a machine for it needs, and what is in it.
        title: the finding.

    Raises:
        CourseError: nothing to draw.
    """
    if not regions:
        raise CourseError("There is nothing to draw: give at least one class.")
    fig, ax = new_figure(8.6, 3.1)
    ax.set(xlim=(0, len(regions)), ylim=(0, 1))
    ax.axis("off")
    told = []
    for index, (name, (needs, members)) in enumerate(regions.items()):
        edge = 0.09 * (len(regions) - 1 - index)  # larger boxes reach further out
        look: dict[str, Any] = {"boxstyle": "round,pad=0,rounding_size=0.05", "facecolor": "none", "linewidth": 1.4}
        corner = (0.16 - 0.06 * index, edge + 0.02)
        size = (index + 0.95 - corner[0], 0.96 - 2 * edge)
        ax.add_patch(FancyBboxPatch(corner, *size, edgecolor=COLOURS["chance"], zorder=-index, **look))
        middle = index + (0.57 if index == 0 else 0.47)
        ax.text(middle, 0.76, name, ha="center", va="center", weight="bold")
        ax.text(middle, 0.67, needs, ha="center", va="center", size=9.5, style="italic")
        ax.text(middle, 0.59, "\n".join(members), ha="center", va="top", size=10, linespacing=1.4)
        told.append(f"{name} ({needs}): {', '.join(members)}")
    headline(fig, title)
    return show(fig, f"{title}. Boxes in boxes, from the innermost: {'; '.join(told)}.")
