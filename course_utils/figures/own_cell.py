"""A learner's own cell beside the stored networks: means with intervals, a panel for each condition."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from course_utils.display.numbers import short
from course_utils.errors import CourseError
from course_utils.figures.labels import headline, line_styles
from course_utils.figures.style import COLOURS, Picture, new_figure, show

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OWN_COLOUR = "#AA3377"


@dataclass(frozen=True)
class Measured:
    """One network under one condition.

    Attributes:
        network: its name.
        mean: over the seeds.
        low, high: the interval's ends; infinite for a single seed.
        seeds: how many.
    """

    network: str
    mean: float
    low: float
    high: float
    seeds: int


@dataclass(frozen=True)
class Column:
    """One condition.

    Attributes:
        title: the condition.
        measure: what is counted.
        networks: from top to bottom.
        chance: what knowing nothing scores; None: no line.
    """

    title: str
    measure: str
    networks: Sequence[Measured]
    chance: float | None = None


def beside_the_stored(columns: Sequence[Column], own: str, title: str) -> Picture:
    """Means with intervals of all networks, the learner's own one in a colour of its own, below a line.

    Args:
        columns: one for each condition.
        own: the name of the learner's.
        title: of the figure.

    Raises:
        CourseError: nothing to draw.
    """
    if not columns:
        raise CourseError("There is nothing to draw: no condition. Give a column for each.")
    across = min(2, len(columns))
    down = math.ceil(len(columns) / across)
    most = max(len(column.networks) for column in columns)
    fig, axes = new_figure(4.7 * across, down * (1.3 + 0.3 * most), nrows=down, ncols=across, squeeze=False)
    clauses = []
    for ax, column in zip(axes.flat, columns, strict=False):
        _draw(ax, column, own)
        named = ", ".join(f"{found.network} {short(found.mean)}" for found in column.networks)
        chance = "" if column.chance is None else f" (chance {short(column.chance)})"
        clauses.append(f"{column.title}, {column.measure}{chance}: {named}")
    for ax in list(axes.flat)[len(columns) :]:
        ax.set_visible(False)
    headline(fig, title)
    return show(fig, f"{title}. Points with intervals, one a network. {'; '.join(clauses)}.")


def _draw(ax: Axes, column: Column, own: str) -> None:
    names = [found.network for found in column.networks]
    styles = line_styles(name for name in names if name != own)
    if column.chance is not None:
        ax.axvline(column.chance, color=COLOURS["chance"], linestyle="--", linewidth=1)
    for place, found in enumerate(column.networks):
        colour = OWN_COLOUR if found.network == own else styles[found.network].colour
        marker = "D" if found.network == own else "o"
        ax.plot(found.mean, place, marker, color=colour, markersize=7)
        if math.isfinite(found.low):
            ax.plot([found.low, found.high], [place, place], color=colour, linewidth=2)
        if found.network == own and place:
            ax.axhline(place - 0.5, color=COLOURS["data"], linewidth=0.8)
    dashed = "; dashed: chance" if column.chance is not None else ""
    labels = [f"{found.network} ({found.seeds})" for found in column.networks]
    ax.set_yticks(range(len(names)), labels)
    ax.invert_yaxis()
    ax.set_xlim(-0.04, 1.04)
    ax.set_xlabel(f"{column.measure} (in brackets: seeds{dashed})", size=10)
    ax.set_title(textwrap.fill(column.title, 40), size=10.5)
