"""Figures of comparisons: which runs met the criterion and when, a whole grid, seconds by length, many panels."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.colors import to_hex
from matplotlib.ticker import FuncFormatter, NullLocator

from course_utils.display.numbers import short
from course_utils.errors import CourseError
from course_utils.figures.labels import End, LineStyle, contrast, headline, label_ends, line_styles, readable
from course_utils.figures.rows import check_rows
from course_utils.figures.style import COLOURS, Picture, new_figure, show

if TYPE_CHECKING:
    from matplotlib.axes import Axes

APART = 0.008  # of the height from one staircase up to the next
SHADES = "Blues_r"  # of shares: 0 dark, 1 white


def still_going(runs: pd.DataFrame, budget: float, xlabel: str, title: str, measure: str = "steps") -> Picture:
    """The share of runs that have met the criterion, against what was spent: a staircase for each network.

    They are drawn slightly apart, so that none hides another, and slightly flatter, so that none leaves 0 to 1.

    Args:
        runs: one row a run: `network`, `solved` (1 or 0) and the measure.
        budget: where all runs end.
        xlabel: the measure's name with its unit.
        title: the finding.
        measure: the column with what a run spent until the criterion was met.

    Raises:
        CourseError: nothing to draw, or a column is missing.
    """
    check_rows(runs, ("network", "solved", measure))
    fig, ax = new_figure(8, 3.8)
    names = list(dict.fromkeys(runs["network"]))
    styles, ends, clauses = line_styles(names), [], []
    for index, name in enumerate(names):
        rows = runs[runs["network"] == name]
        spent = np.sort(rows.loc[(rows["solved"] == 1) & (rows[measure] <= budget), measure].to_numpy(dtype=float))
        x = np.concatenate([[0.0], spent, [budget]])
        y = np.concatenate([np.arange(len(spent) + 1), [len(spent)]]) / len(rows)
        look = styles[name]
        y = y * (1 - APART * (len(names) - 1)) + APART * index
        ax.step(x, y, where="post", color=look.colour, linestyle=look.line, linewidth=2.0)
        ends.append(End(budget, y[-1], f"{name}: {len(spent)} of {len(rows)}", look.colour))
        clauses.append(f"{name}: {len(spent)} of {len(rows)} runs")
    ax.set(xlabel=xlabel, ylabel="share of runs that met\nthe criterion", xlim=(0, budget), ylim=(-0.05, 1.05))
    headline(fig, title)
    label_ends(ax, ends)
    return show(fig, f"{title}. Staircases over {xlabel}, one a network. Within the budget: {'; '.join(clauses)}.")


def grid(
    runs: pd.DataFrame,
    title: str,
    *,
    shade: str = "steps_share",
    darker: str = "after fewer training steps",
    xlabel: str = "lag (steps); of the digits: steps in which the picture is read",
) -> Picture:
    """The whole grid at one look: how many runs met the criterion, and after how many steps on average.

    Args:
        runs: one row a run: `task`, `lag`, `network`, `solved`, and what shades the squares.
        title: the finding.
        shade: a column with numbers from 0, dark, to 1, white; squares have its mean.
        darker: what a darker square means.
        xlabel: what a lag is.

    Raises:
        CourseError: nothing to draw, or a column is missing.
    """
    check_rows(runs, ("task", "lag", "network", "solved", shade))
    tasks, networks = list(dict.fromkeys(runs["task"])), list(dict.fromkeys(runs["network"]))
    fig, axes = new_figure(9.4, 1.5 + 0.46 * len(networks), ncols=len(tasks), sharey=True)
    clauses = []
    for ax, task in zip(np.atleast_1d(axes), tasks, strict=True):
        of_task = runs[runs["task"] == task]
        solved = of_task.pivot_table(index="network", columns="lag", values="solved", aggfunc="sum").loc[networks]
        share = of_task.pivot_table(index="network", columns="lag", values=shade).loc[networks]
        ax.imshow(share, cmap=SHADES, vmin=0, vmax=1.0, aspect="auto")
        for (row, column), value in np.ndenumerate(share.to_numpy()):
            text = str(int(solved.iloc[row, column]))
            ax.text(column, row, text, ha="center", va="center", size=11, color=_text_on(value))
        ax.set_xticks(range(share.shape[1]), [f"{lag:g}" for lag in share.columns])
        ax.set_yticks(range(len(networks)), networks)
        ax.set_title(task, size=11)
        ax.grid(False)
        ax.tick_params(length=0)
        longest = solved.columns[-1]
        clauses.append(f"{task} at {longest:g}: " + ", ".join(f"{n} {int(solved.loc[n, longest])}" for n in networks))
    count = runs.groupby(["task", "lag", "network"]).size().max()
    fig.supxlabel(f"{xlabel}\nnumber: runs of {count} that met the criterion; darker: {darker}", size=10.5)
    headline(fig, title)
    return show(
        fig,
        f"{title}. A table of squares, a row for each network, a column for each lag of each task. Runs of {count} "
        f"that met the criterion: {'; '.join(clauses)}.",
    )


def _text_on(share: float) -> str:
    """Black or white, whichever is easier to read on the shade of a share."""
    return "white" if contrast(to_hex(colormaps[SHADES](share))) > 21**0.5 else "black"  # black on white: 21


def seconds_by_length(rows: pd.DataFrame, title: str) -> Picture:
    """CPU seconds of a training step against the length of the sequence, both axes logarithmic.

    Args:
        rows: `network`, `seq_len`, `seconds`, one row for each seed.
        title: the finding.

    Raises:
        CourseError: nothing to draw, or a column is missing.
    """
    check_rows(rows, ("network", "seq_len", "seconds"))
    fig, ax = new_figure(8.4, 4.4)
    names = list(dict.fromkeys(rows["network"]))
    styles, ends, clauses = line_styles(names), [], []
    for name in names:
        means = 1000 * rows[rows["network"] == name].groupby("seq_len")["seconds"].median()
        look = styles[name]
        ax.plot(means, color=look.colour, linestyle=look.line, marker=look.marker, markersize=5)
        ends.append(End(means.index[-1], means.iloc[-1], f"{name}: {short(means.iloc[-1], 2)} ms", look.colour))
        clauses.append(
            f"{name} {short(means.iloc[0], 2)} ms at {means.index[0]:,}, {short(means.iloc[-1], 2)} ms at "
            f"{means.index[-1]:,}"
        )
    ax.set(
        xscale="log",
        yscale="log",
        xlabel="steps of a sequence, T",
        ylabel="CPU milliseconds of a\ntraining step (32 sequences)",
    )
    lengths = sorted(rows["seq_len"].unique())
    ax.set_xticks(lengths, [f"{length:,}" for length in lengths])
    ax.xaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: short(value)))
    headline(fig, title)
    label_ends(ax, ends)
    return show(fig, f"{title}. Lines over the length, both axes logarithmic. {'; '.join(clauses)}.")


@dataclass(frozen=True)
class Panel:
    """One of many small panels: dots of three or more networks.

    Attributes:
        heading: what the usual table says, in a few words.
        label: of the axis, with its unit and what is better.
        values: network → one number a seed.
        line: a number to draw as chance or criterion; None: none.
        log: a logarithmic axis?
    """

    heading: str
    label: str
    values: Mapping[str, Sequence[float]]
    line: float | None = None
    log: bool = False


def panels(
    parts: Sequence[Panel], title: str, columns: int = 3, same_axis: bool = False, height: float = 2.05
) -> Picture:
    """Small panels side by side: in each a row of dots for each network, one dot a seed, a bar at their mean.

    Args:
        parts: the panels, in reading order.
        title: the finding.
        columns: how many side by side.
        same_axis: do all have the same horizontal axis? For one measure of several things.
        height: of a panel, in inches.

    Raises:
        CourseError: no panels.
    """
    if not parts:
        raise CourseError("There is nothing to draw: give at least one panel.")
    columns = min(columns, len(parts))
    down = -(-len(parts) // columns)
    fig, axes = new_figure(9.4, 0.7 + height * down, nrows=down, ncols=columns, squeeze=False, sharex=same_axis)
    clauses, styles = [], line_styles(dict.fromkeys(name for part in parts for name in part.values))
    for number, (ax, part) in enumerate(zip(axes.flat, parts, strict=False), 1):
        _panel(ax, part, number, styles)
        means = ", ".join(f"{name} {short(float(np.mean(values)))}" for name, values in part.values.items())
        line = "" if part.line is None else f"; dashed line at {short(part.line)}"
        clauses.append(f"{number} {part.heading} ({part.label.replace(chr(10), ' ')}{line}): {means}")
    for ax in axes.flat[len(parts) :]:
        ax.set_visible(False)
    headline(fig, title)
    return show(fig, f"{title}. {len(parts)} panels with rows of dots. Means: {'; '.join(clauses)}.")


def _panel(ax: Axes, part: Panel, number: int, styles: Mapping[str, LineStyle]) -> None:
    names = list(part.values)
    for index, name in enumerate(names):
        values = np.asarray(part.values[name], dtype=float)
        spread = 0.13 * np.random.default_rng(index).uniform(-1, 1, len(values)) if len(values) > 1 else np.zeros(1)
        look: dict[str, Any] = {"color": styles[name].colour, "alpha": 0.6, "markersize": 4.5}
        ax.plot(values, -index + spread, styles[name].marker, **look)
        ax.plot(values.mean(), -index, "|", color=COLOURS["data"], markersize=13, markeredgewidth=1.8)
    if part.line is not None:
        ax.axvline(part.line, color=COLOURS["chance"], linestyle="--", linewidth=1.1)
    if part.log:
        ax.set_xscale("log")
    else:
        ax.margins(x=0.08)
    ax.set_yticks(range(0, -len(names), -1), names)
    for tick, name in zip(ax.get_yticklabels(), names, strict=True):
        tick.set_color(readable(styles[name].colour))
    ax.set_ylim(-len(names) + 0.5, 0.5)
    ax.set_xlabel(part.label, size=9)
    ax.tick_params(labelsize=9)
    ax.set_title(_broken(f"{number}  {part.heading}"), size=10, weight="normal")
    ax.grid(False, axis="y")


def _broken(heading: str, letters: int = 34) -> str:
    """A heading in lines that fit above a panel: a long one is broken after its colon, if it has one."""
    name, colon, rest = heading.partition(": ") if len(heading) > letters else (heading, "", "")
    lines = [*textwrap.wrap(name + colon.strip(), letters), *textwrap.wrap(rest, letters)]
    return "\n".join(lines)
