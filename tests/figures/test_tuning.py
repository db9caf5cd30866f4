"""Tuning curves: a panel a task, a line and a band a network, told in the alt text."""

from __future__ import annotations

import pandas as pd
import pytest

from course_utils.errors import CourseError
from course_utils.figures import tuning
from course_utils.figures.style import COLOURS
from course_utils.figures.tuning import best_of_tries
from tests.figures.drawn import Drawn


@pytest.fixture
def kept(drawn: Drawn, monkeypatch: pytest.MonkeyPatch) -> Drawn:
    monkeypatch.setattr(tuning, "show", drawn.keep)
    return drawn


def curves(networks: tuple[str, ...] = ("tanh RNN", "ReLU RNN", "GRU", "LSTM", "minGRU")) -> pd.DataFrame:
    return pd.DataFrame(
        {"task": task, "network": name, "tries": k, "expected": e, "low": e - 0.1, "high": e + 0.05}
        for t, task in enumerate(("adding", "flagged latch", "digits"))
        for n, name in enumerate(networks)
        for k in (1, 2, 5, 10, 20)
        for e in [0.1 * (n + 1) + 0.02 * t + 0.015 * k]
    )


def test_every_network_has_its_line_and_band_in_every_panel(kept: Drawn) -> None:
    picture = best_of_tries(curves(), "The best of many is better", label="score on the test")
    axes = kept.fig.axes
    assert [ax.get_title(loc="left") for ax in axes] == ["adding", "flagged latch", "digits"]
    assert all(len(ax.lines) == len(ax.collections) == 5 for ax in axes)
    line = axes[1].lines[3]
    assert line.get_color() == COLOURS["lstm"]
    assert list(line.get_xdata()) == [1, 2, 5, 10, 20]
    assert list(line.get_ydata()) == pytest.approx([0.42 + 0.015 * k for k in (1, 2, 5, 10, 20)])
    assert "flagged latch: tanh RNN 0.14 with 1, 0.42 with 20" in picture.alt
    kept.check_layout()


def test_nothing_to_draw() -> None:
    with pytest.raises(CourseError, match="nothing to draw"):
        best_of_tries(curves(()), "None", label="score")
    with pytest.raises(CourseError, match="low"):
        best_of_tries(curves().drop(columns="low"), "None", label="score")
