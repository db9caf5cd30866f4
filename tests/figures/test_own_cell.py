"""A learner's cell beside the stored networks, drawn."""

from __future__ import annotations

import math
from typing import Any

import pytest

from course_utils.errors import CourseError
from course_utils.figures import own_cell
from course_utils.figures.own_cell import OWN_COLOUR, Column, Measured, beside_the_stored
from tests.figures.drawn import Drawn


def column(title: str = "lag 10") -> Column:
    networks = [Measured("LSTM", 0.9, 0.8, 0.95, 10), Measured("GRU", 0.7, 0.6, 0.8, 10)]
    own = Measured("your cell", 0.5, -math.inf, math.inf, 1)
    return Column(title, "share right", [*networks, own], chance=0.25)


def test_each_network_has_a_point_and_its_interval_and_the_learner_s_a_colour_of_its_own(monkeypatch: Any) -> None:
    drawn = Drawn(monkeypatch)
    monkeypatch.setattr(own_cell, "show", drawn.keep)
    picture = beside_the_stored([column(), column("lag 20"), column("lag 30")], "your cell", "A title")
    assert "lag 10, share right (chance 0.25): LSTM 0.9, GRU 0.7, your cell 0.5" in picture.alt
    lines = drawn.ax.get_lines()
    assert (list(lines[0].get_xdata()), lines[0].get_linestyle()) == ([0.25, 0.25], "--")
    assert [list(line.get_xdata()) for line in lines[1:5]] == [[0.9], [0.8, 0.95], [0.7], [0.6, 0.8]]
    assert [line.get_color() for line in lines if list(line.get_xdata()) == [0.5]] == [OWN_COLOUR]
    assert [text.get_text() for text in drawn.ax.get_yticklabels()] == ["LSTM (10)", "GRU (10)", "your cell (1)"]
    assert [ax.get_visible() for ax in drawn.fig.axes] == [True, True, True, False]


def test_without_a_condition_there_is_nothing_to_draw() -> None:
    with pytest.raises(CourseError, match="nothing to draw: no condition"):
        beside_the_stored([], "your cell", "A title")
