"""Tuning curves: what the best of some settings drawn at random is expected to reach, for each network."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.ticker import NullLocator

from course_utils.display.numbers import short
from course_utils.figures.labels import headline, line_styles
from course_utils.figures.rows import check_rows
from course_utils.figures.style import Picture, new_figure, show


def best_of_tries(curves: pd.DataFrame, title: str, *, label: str, band: str = "95 %") -> Picture:
    """Draw the expected score of the best of k settings against k, one panel for each task.

    Args:
        curves: `task`, `network`, `tries`, `expected`, `low` and `high`, one row for each point.
        title: the finding.
        label: what the score is, for the axis.
        band: what lies between low and high.

    Raises:
        CourseError: nothing to draw, or a column is missing.
    """
    check_rows(curves, ("task", "network", "tries", "expected", "low", "high"))
    tasks, networks = (list(dict.fromkeys(curves[name])) for name in ("task", "network"))
    fig, axes = new_figure(9.4, 4.1, ncols=len(tasks), sharey=True, squeeze=False)
    styles, told = line_styles(networks), []
    for ax, task in zip(axes[0], tasks, strict=True):
        of_task, clauses = curves[curves["task"] == task], []
        for name in networks:
            points, style = of_task[of_task["network"] == name].sort_values("tries"), styles[name]
            if points.empty:
                continue
            ax.fill_between(points["tries"], points["low"], points["high"], color=style.colour, alpha=0.1, linewidth=0)
            ax.plot(
                points["tries"],
                points["expected"],
                color=style.colour,
                linestyle=style.line,
                marker=style.marker,
                markersize=4,
                label=name,
            )
            first, last = points.iloc[0], points.iloc[-1]
            clauses.append(
                f"{name} {short(first['expected'], 2)} with {first['tries']:g}, {short(last['expected'], 2)} with "
                f"{last['tries']:g}"
            )
        counts = np.unique(of_task["tries"])
        ax.set(xscale="log", title=task)
        ax.set_xticks(counts, [f"{count:g}" for count in counts])
        ax.xaxis.set_minor_locator(NullLocator())
        told.append(f"{task}: {', '.join(clauses)}")
    axes[0, 0].set_ylabel(label)
    axes[0, len(tasks) // 2].set_xlabel("settings tried, the best taken (logarithmic)")
    handles, names = axes[0, 0].get_legend_handles_labels()
    fig.legend(handles, names, loc="outside lower center", ncols=len(names), frameon=False, handlelength=3)
    headline(fig, title)
    return show(
        fig,
        f"{title}. {label} against the number of settings tried, a panel for each task, a line with a band of {band} "
        f"for each network. {'. '.join(told)}.",
    )
