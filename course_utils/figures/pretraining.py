"""Figures of few labels: how well methods name rows, by the number of labels that they were told."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from course_utils.display.numbers import short
from course_utils.figures.labels import headline, line_styles
from course_utils.figures.rows import check_rows
from course_utils.figures.style import Picture, new_figure, show
from course_utils.stats import accuracy_interval

ALL = 0  # labels: all that there are


def by_labels(sets: Mapping[str, pd.DataFrame], title: str) -> Picture:
    """Accuracy with each number of labels, a panel for each set of data: means over seeds with their 95 % intervals.

    Args:
        sets: by name rows with `method`, `labels` (0: all), `seed` and `accuracy`.
        title: the finding.

    Raises:
        CourseError: no rows, or a column is missing.
    """
    for rows in sets.values():
        check_rows(rows, ("method", "labels", "seed", "accuracy"))
    fig, axes = new_figure(9, 4.6, ncols=len(sets), squeeze=False)
    clauses = []
    for ax, (name, rows) in zip(axes[0], sets.items(), strict=True):
        counts = sorted(rows["labels"].unique(), key=lambda count: (count == ALL, count))
        texts = ["all" if count == ALL else str(count) for count in counts]
        methods = list(dict.fromkeys(rows["method"]))
        for place, (method, style) in enumerate(line_styles(methods).items()):
            of_method = rows[rows["method"] == method]
            means = [accuracy_interval(of_method.loc[of_method["labels"] == n, "accuracy"], single=0.0) for n in counts]
            x = [n + 0.09 * (place - (len(methods) - 1) / 2) for n in range(len(counts))]
            middles = [middle for middle, _, _ in means]
            below, above = [mid - low for mid, low, _ in means], [high - mid for mid, _, high in means]
            ax.errorbar(
                x, middles, (below, above), color=style.colour, marker=style.marker, linestyle="none", label=method
            )
            told = ", ".join(f"{short(value)} ({text})" for value, text in zip(middles, texts, strict=True))
            clauses.append(f"{name}, {method}: {told}")
        ax.set(title=name, xticks=range(len(counts)), xticklabels=texts, xlabel="labels")
        ax.yaxis.set_major_formatter(lambda value, _: short(value))
    axes[0, 0].set_ylabel("accuracy on test rows\n(bars: 95 % intervals)")
    handles, names = axes[0, 0].get_legend_handles_labels()
    fig.legend(handles, names, loc="outside lower left", ncols=2, fontsize=10, frameon=False)
    headline(fig, title)
    return show(fig, f"{title}. Means by the number of labels. {'; '.join(clauses)}.")
