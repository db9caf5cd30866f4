"""Figures of language models: a mean with its interval for each model, in two or more kinds side by side."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from course_utils.display.numbers import listed, short
from course_utils.figures.labels import MARKERS, headline, line_styles
from course_utils.figures.rows import check_rows
from course_utils.figures.style import COLOURS, Picture, new_figure, show
from course_utils.stats import mean_interval

OFFSET = 0.17  # between two kinds of one row


def means_by_row(
    rows: pd.DataFrame,
    metric: str,
    title: str,
    *,
    row: str,
    kind: str | None = None,
    xlabel: str = "bits per character of new text",
    levels: Mapping[str, float] | None = None,
    over: str = "seeds",
    level: float = 0.95,
) -> Picture:
    """A row for each model: the mean over seeds with its interval, and a marker for each kind.

    Args:
        rows: of an experiment: one for each seed, row and kind.
        metric: the column that is averaged.
        title: the finding.
        row: the column whose values are the rows of the figure, in the order in which they come.
        kind: the column whose values are told apart by markers; None: there are none.
        xlabel: what the metric is, with its unit.
        levels: names and values of dashed lines, such as a control.
        over: what the seeds stand for, such as "origins".
        level: of the intervals.

    Raises:
        CourseError: no rows, or a column is missing.
    """
    check_rows(rows, [metric, row, "seed", *([kind] if kind else [])])
    names = [str(name) for name in dict.fromkeys(rows[row])]
    kinds = [str(name) for name in dict.fromkeys(rows[kind])] if kind else [""]
    styles = line_styles(names)
    fig, ax = new_figure(8, 1.5 + (0.3 + 0.17 * len(kinds)) * len(names))
    told: list[str] = []
    for at, name in enumerate(names):
        of_name = rows[rows[row].astype(str) == name]
        means = []
        for number, group in enumerate(kinds):
            values = of_name[of_name[kind].astype(str) == group][metric] if kind else of_name[metric]
            if values.empty:
                continue
            mean, half = mean_interval(values.to_numpy(), level, single=0.0)
            y = -at + OFFSET * (len(kinds) - 1) / 2 - OFFSET * number
            look = {"color": styles[name].colour, "marker": MARKERS[number], "markersize": 6}
            ax.errorbar(mean, y, xerr=half, elinewidth=1.6, **look)
            means.append(f"{short(round(mean, 3))}{f' ({group})' if group else ''}")
        told.append(f"{name}: {listed(means)}")
    for name, value in (levels or {}).items():
        ax.axvline(value, linestyle="--", color=COLOURS["chance"], linewidth=1.2)
        ax.annotate(
            name, (value, 1), xycoords=("data", "axes fraction"), xytext=(0, 3), textcoords="offset points", ha="center"
        )
        told.append(f"dashed, {name}: {short(round(value, 3))}")
    ax.set_yticks(-np.arange(len(names)), names)
    ax.set_ylim(-len(names) + 0.5, 0.5)
    ax.set_xlabel(f"{xlabel}\nmeans of {rows['seed'].nunique()} {over} with {short(100 * level)} % intervals")
    ax.grid(False, axis="y")
    if len(kinds) > 1:
        for number, group in enumerate(kinds):
            ax.plot([], [], MARKERS[number], color=COLOURS["data"], label=group)
        fig.legend(loc="outside lower center", ncols=min(len(kinds), 3), frameon=False, fontsize=10)
    headline(fig, title)
    return show(fig, f"{title}. Dots with intervals, a row for each. {xlabel}: {'; '.join(told)}.")
