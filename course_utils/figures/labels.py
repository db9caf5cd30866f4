"""Titles that fit, colours that can be read, and names at the ends of lines, pushed apart where they would meet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.colors import to_hex, to_rgb
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from course_utils.display.numbers import short
from course_utils.errors import printable
from course_utils.figures.style import COLOURS

if TYPE_CHECKING:
    import numpy.typing as npt
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

OTHERS = ("#AA3377", "#7A5C00", "#5B3FA0")  # for networks without a colour of their own; all readable on white
# Methods that are no networks have one colour in all figures, by their whole names.
OF_METHODS = {
    "naive": "#8A5A44",
    "seasonal naive": "#7A5C00",
    "drift": "#4D4D4D",
    "AR": "#5B3FA0",
    "SARIMA": "#3D5A1F",
    "ETS": "#AA3377",
    "boosting": "#9B1C1C",
    "true hazard": COLOURS["data"],
    "constant": "#7A5C00",
    "Weibull": "#5B3FA0",
    "Weibull from the cue": "#AA3377",
}
MEANINGS = {name: name for name in ("cnn", "lstm", "gru", "rnn", "feedforward")} | {"mlp": "feedforward"}
LINES = ("-", (0, (5, 1.2, 1, 1.2)), (0, (1.5, 1)))  # within one colour; plain dashes are for chance
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
NAME_WIDTH = 24  # letters, before a label is broken
OUTSIDE = 1.04  # where labels begin, in widths of the axes


@dataclass(frozen=True)
class LineStyle:
    """How the lines of one network are drawn."""

    colour: str
    line: Any
    marker: str


def line_styles(names: Iterable[str]) -> dict[str, LineStyle]:
    """The look of each network: colour by its name ("LSTM, chrono" is an LSTM), dashes and marker by its position.

    Args:
        names: of networks, or of methods such as ETS. Two with one colour differ in their dashes.
    """
    styles: dict[str, LineStyle] = {}
    used: dict[str, int] = {}
    strangers = 0
    for index, name in enumerate(names):
        known = next((colour for part, colour in MEANINGS.items() if part in name.lower()), None)
        colour = OF_METHODS.get(name) or (COLOURS[known] if known else OTHERS[strangers % len(OTHERS)])
        strangers += known is None and name not in OF_METHODS
        dashes = LINES[used.get(colour, 0) % len(LINES)]
        used[colour] = used.get(colour, 0) + 1
        styles[name] = LineStyle(colour, dashes, MARKERS[index % len(MARKERS)])
    return styles


def contrast(colour: str) -> float:
    """The contrast of a colour with white, 1 to 21, as WCAG 2 defines it."""
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return 1.05 / (0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2] + 0.05)


def readable(colour: str, at_least: float = 4.5) -> str:
    """The colour, darkened until text in it can be read on white."""
    while contrast(colour) < at_least:
        red, green, blue = to_rgb(colour)
        colour = to_hex((0.97 * red, 0.97 * green, 0.97 * blue))
    return colour


def headline(fig: Figure, text: str) -> None:
    """Write the figure's title over its whole width, broken where it is longer."""
    title = fig.suptitle("", x=0.01, ha="left", weight="bold", size=12.5)
    title.set_parse_math(False)
    for letters in range(round(9.5 * fig.get_figwidth()), 15, -3):
        title.set_text(fill(printable(text), letters))
        if title.get_window_extent().width <= 0.98 * fig.bbox.width:
            return


def scale(ax: Axes, log: bool) -> None:
    """A linear or logarithmic vertical axis with plain numbers."""
    if log:
        ax.set_yscale("log")
        low, high = ax.get_ylim()
        subs = (1.0,) if high / low > 500 else (1.0, 2.0, 5.0)
        ax.yaxis.set_major_locator(LogLocator(subs=subs, numticks=12))
        ax.yaxis.set_minor_formatter(NullFormatter())
        ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: short(value)))
    else:
        ax.ticklabel_format(axis="y", useOffset=False)


@dataclass(frozen=True)
class End:
    """The end of a line, in data coordinates, and what is written beside it."""

    x: float
    y: float
    text: str
    colour: str


def label_ends(ax: Axes, ends: Sequence[End]) -> None:
    """Write the name of each line to the right of the axes, at the height of its end, with a thin line leading there.

    Labels that would meet are pushed apart, in the order of their lines. Where there are more than fit, the figure
    grows. Call it last: limits and scales must be as they will be drawn.

    Args:
        ax: the axes; the only ones in their row of the figure.
        ends: one for each line.
    """
    fig: Any = ax.figure
    ax.set(xlim=ax.get_xlim(), ylim=ax.get_ylim())  # nothing may move them any more
    notes = [_note(ax, end) for end in ends]
    fig.draw_without_rendering()  # finds the layout
    heights = np.array([Text.get_window_extent(note).height * 1.12 for note in notes])
    room = ax.get_window_extent().height
    if heights.sum() > room:
        fig.set_figheight(fig.get_figheight() + (heights.sum() - room) / fig.dpi)
        fig.draw_without_rendering()
    box = ax.get_window_extent()
    wanted = np.array([ax.transData.transform((end.x, end.y))[1] for end in ends])
    middles = spread(np.clip(wanted, box.y0, box.y1), heights, box.y0, box.y1)
    for note, middle in zip(notes, middles, strict=True):
        note.xyann = (OUTSIDE, (middle - box.y0) / box.height)


def _note(ax: Axes, end: End) -> Any:
    note = ax.annotate(
        fill(end.text, NAME_WIDTH),
        (end.x, end.y),
        (OUTSIDE, 0.5),
        textcoords="axes fraction",
        color=readable(end.colour),
        size=10,
        va="center",
        annotation_clip=False,
        arrowprops={
            "arrowstyle": "-",
            "relpos": (0, 0.5),  # from the label's left edge, so that it crosses no label
            "color": end.colour,
            "alpha": 0.5,
            "linewidth": 0.8,
            "shrinkA": 1,
            "shrinkB": 3,
        },
    )
    return note


def spread(
    wanted: npt.NDArray[np.floating[Any]], heights: npt.NDArray[np.floating[Any]], low: float, high: float
) -> npt.NDArray[np.float64]:
    """Move labels as little as possible (least squares), so that none overlaps another.

    Isotonic regression by pooling adjacent violators, on the wanted middles minus the heights of the labels below them.

    Args:
        wanted: (N,) the middles they would have.
        heights: (N,) their heights.
        low: where the lowest may begin.
        high: where the highest must end, if all fit between; else they stand on `low`.

    Returns:
        (N,) the middles, in the order of `wanted`.
    """
    order = np.argsort(wanted, kind="stable")
    sizes = heights[order]
    below = np.cumsum(sizes) - sizes / 2  # the middles, were they stacked from 0
    pools: list[list[float]] = []  # mean, members
    for start in wanted[order] - below:
        pools.append([float(start), 1.0])
        while len(pools) > 1 and pools[-2][0] >= pools[-1][0]:
            (lower, n), (upper, m) = pools[-2], pools.pop()
            pools[-1] = [(lower * n + upper * m) / (n + m), n + m]
    starts = np.repeat([mean for mean, _ in pools], [int(n) for _, n in pools])
    middles = np.empty(len(wanted))
    middles[order] = np.clip(starts, low, max(low, high - sizes.sum())) + below
    return middles
