"""Told or not: every row is in the figure, and beside each start how many runs keep the criterion."""

from __future__ import annotations

import pandas as pd
import pytest

from course_utils.errors import CourseError
from course_utils.figures import comparisons
from course_utils.figures.time_constants import told_or_not
from tests.figures.drawn import Drawn

TOLD = pd.DataFrame(
    [
        {"task": task, "lag": 60, "network": network, "start": "own", "steps_share": share, "solved": int(share < 1)}
        for task in ("flagged latch", "adding")
        for network, shares in (("GRU", (0.2, 0.3)), ("LSTM", (0.5, 1.0)))
        for share in shares
    ]
)


def test_each_start_has_a_row_of_dots_and_beside_its_name_how_many_keep_the_criterion(
    drawn: Drawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparisons, "show", drawn.keep)
    alt = told_or_not(TOLD, "A finding").alt
    assert alt.startswith("A finding. 2 panels with rows of dots.")
    assert "GRU, own: 2 of 2 0.25, LSTM, own: 1 of 2 0.75" in alt
    assert [tick.get_text() for tick in drawn.ax.get_yticklabels()] == ["GRU, own: 2 of 2", "LSTM, own: 1 of 2"]
    assert sorted(drawn.ax.lines[0].get_xdata()) == [0.2, 0.3]


def test_without_rows_there_is_nothing_to_draw() -> None:
    with pytest.raises(CourseError, match="nothing to draw"):
        told_or_not(pd.DataFrame(), "x")
