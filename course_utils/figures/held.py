"""Hold, learn, read: what networks answer, what their states hold, and what a gradient reaches, against the lag."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from course_utils.display.numbers import short
from course_utils.figures.labels import headline, line_styles
from course_utils.figures.rows import check_rows
from course_utils.figures.style import COLOURS, Picture, new_figure, show

if TYPE_CHECKING:
    import pandas as pd

ASKED = {  # column → what is asked, and its axis
    "accuracy": ("What does it answer?", "share right"),
    "probe": ("What does its state hold?", "share right of a linear probe"),
    "log10_left": ("What does a gradient reach?", "log₁₀ of what is left"),
}


def hold_learn_read(rows: pd.DataFrame, title: str) -> Picture:
    """Three panels against the lag: what networks answer, what a probe finds, what is left of a gradient.

    Args:
        rows: of the experiment "hold_learn_read": `network`, `lag`, `accuracy`, `probe`, `log10_left`.
        title: the finding.

    Raises:
        CourseError: nothing to draw, or a column is missing.
    """
    check_rows(rows, ("network", "lag", *ASKED))
    names = list(dict.fromkeys(rows["network"]))
    styles = line_styles(names)
    fig, axes = new_figure(9.4, 4.6, ncols=len(ASKED))
    clauses = []
    for ax, (column, (question, label)) in zip(np.atleast_1d(axes), ASKED.items(), strict=True):
        means = rows.pivot_table(index="lag", columns="network", values=column)[names]
        for name in names:
            style = styles[name]
            ax.plot(means.index, means[name], color=style.colour, linestyle=style.line, marker=style.marker, label=name)
        if column != "log10_left":
            ax.axhline(0.25, color=COLOURS["chance"], linestyle="--", linewidth=1.1)
            ax.set_ylim(0, 1.05)
        ax.set_xscale("log")
        ax.set_title(question, size=10.5, weight="normal")
        ax.set_xlabel("lag (steps)")
        ax.set_ylabel(label)
        last = ", ".join(f"{name} {short(float(means[name].iloc[-1]), 2)}" for name in names)
        clauses.append(f"{question} At lag {means.index[-1]:,}: {last}")
    handles, labels = np.atleast_1d(axes)[0].get_legend_handles_labels()
    fig.legend(handles, labels, loc="outside lower center", ncols=4, fontsize=9)
    headline(fig, title)
    return show(
        fig,
        f"{title}. Three panels of lines over the lag, means over seeds; dark broken line: chance, 0.25. "
        f"{'; '.join(clauses)}.",
    )
