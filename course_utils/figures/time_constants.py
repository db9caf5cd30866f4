"""Told or not: the figure of cells with and without gates and time constants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from course_utils.figures.comparisons import Panel, panels
from course_utils.figures.rows import check_rows
from course_utils.figures.style import Picture

if TYPE_CHECKING:
    import pandas as pd


def told_or_not(rows: pd.DataFrame, title: str) -> Picture:
    """For each task, network and start the share of the budget until the criterion was kept: a dot a seed.

    Args:
        rows: of the experiment "told_or_not": `task`, `lag`, `network`, `start`, `steps_share`, `solved`.
        title: the finding.

    Raises:
        CourseError: nothing to draw, or a column is missing.
    """
    check_rows(rows, ("task", "lag", "network", "start", "steps_share", "solved"))
    parts = []
    for (task, lag), of_task in rows.groupby(["task", "lag"], sort=False):
        values = {
            f"{network}, {start}: {int(some['solved'].sum())} of {len(some)}": some["steps_share"].tolist()
            for (network, start), some in of_task.groupby(["network", "start"], sort=False)
        }
        label = "share of the budget until the criterion is kept (1: not kept)\nbeside the name: runs that keep it"
        parts.append(Panel(f"{task}, lag {lag}", label, values))
    return panels(parts, title, columns=1, same_axis=True, height=3.1)
