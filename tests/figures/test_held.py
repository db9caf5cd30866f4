"""Hold, learn, read: three questions asked of the same networks."""

from __future__ import annotations

import pandas as pd
import pytest

from course_utils.errors import CourseError
from course_utils.figures import held
from course_utils.figures.held import ASKED, hold_learn_read
from tests.figures.drawn import Drawn

HELD = pd.DataFrame(
    [
        {"network": network, "lag": lag, "seed": seed, "accuracy": 0.5, "probe": 0.9, "log10_left": -lag / 100}
        for network in ("RNN", "LSTM")
        for lag in (51, 1000)
        for seed in (0, 1)
    ]
)


def test_three_questions_are_asked_of_the_same_networks(drawn: Drawn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held, "show", drawn.keep)
    alt = hold_learn_read(HELD, "Another").alt
    assert [ax.get_title(loc="left") for ax in drawn.fig.axes] == [question for question, _ in ASKED.values()]
    for ax, value in zip(drawn.fig.axes, (0.5, 0.9, -10), strict=True):
        assert [line.get_ydata()[-1] for line in ax.lines[:2]] == [value, value]
    assert "What does a gradient reach? At lag 1,000: RNN −10, LSTM −10" in alt


def test_without_rows_there_is_nothing_to_draw() -> None:
    with pytest.raises(CourseError, match="nothing to draw"):
        hold_learn_read(pd.DataFrame(), "x")
