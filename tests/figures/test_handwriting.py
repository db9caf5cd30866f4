"""Figures of handwriting say what their numbers say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from course_utils.errors import CourseError
from course_utils.figures import handwriting as figures

SEEN = np.zeros((32, 12))
SEEN[4:28, 5] = 1
CHANCES = np.array([[0.9, 0.1, 0.0], [0.2, 0.8, 0.0], [0.3, 0.7, 0.0], [1.0, 0.0, 0.0], [0.4, 0.0, 0.6], [1, 0, 0.0]])


def logs(chances: Any) -> Any:
    return np.log(np.maximum(chances, 1e-30))


def test_lines_of_several_widths_stand_with_their_captions() -> None:
    images = [np.ones((36, width)) for width in (20, 90, 50)]
    alt = figures.lines(images, ["407", "1", "22"], "Three lines").alt
    assert "Pictures of 3 lines of handwriting; above each stands: 407; 1; 22." in alt


def test_where_a_character_is_the_most_probable_is_told_and_how_often_the_blank_is() -> None:
    alt = figures.over_columns(SEEN, ["4", "7"], logs(CHANCES), "Two digits").alt
    assert "4 at frame 2, 7 at frame 5. At 50% of the frames it is the blank." in alt


def test_characters_that_are_nowhere_probable_have_no_row(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Any] = []
    monkeypatch.setattr(figures, "show", lambda fig, alt: drawn.append(fig))
    figures.over_columns(SEEN, ["4", "7"], logs(CHANCES[:4]), "One digit")
    assert [label.get_text() for label in drawn[0].axes[1].get_yticklabels()] == ["blank", "4"]
    assert drawn[0].axes[0].get_xlim() == (0, 12)  # frames stand over the columns of the picture
    figures.over_columns(SEEN, ["4", "7"], logs(CHANCES[3:4]), "No digit at all")
    assert len(drawn[1].axes[1].get_yticklabels()) == 2


def test_the_state_with_the_largest_share_is_told_frame_by_frame() -> None:
    shares = np.array([[0.8, 0.2, 0.0], [0.1, 0.9, 0.0], [0.0, 0.6, 0.4], [0.0, 0.2, 0.8]])
    alt = figures.states_over_columns(SEEN, ["-", "4", "-"], shares, "Three states").alt
    assert "- from frame 1, 4 from frame 2, - from frame 4." in alt


def test_each_bin_tells_confidence_share_and_number() -> None:
    alt = figures.reliability([0.95, 0.93, 0.15], [True, False, False], "Too sure in one bin").alt
    assert "confidence 0.15: 0.00 of 1 right; confidence 0.94: 0.50 of 2 right" in alt


def test_a_pen_s_strokes_and_points_are_counted() -> None:
    two = np.array([[0, 0, 0], [0, 2, 1], [1, 1, 0], [3, 1, 0]])
    alt = figures.pens([two, two[:2]], ["plus", "one"], "Two writings by pen").alt
    assert "plus: 2 strokes, 4 points; one: 1 stroke, 2 points" in alt
    assert "1 stroke, 1 points" in figures.pens([two[:1]], ["dot"], "A single point here").alt


@pytest.mark.parametrize(
    ("draw", "arguments", "says"),
    [
        (figures.lines, ([], [], "No lines at all"), "0 lines"),
        (figures.lines, ([SEEN], ["a", "b"], "Too many captions"), "2 captions"),
        (figures.lines, ([SEEN] * 41, ["a"] * 41, "Too many lines"), "1 to 40"),
        (figures.lines, ([np.ones((4, 5, 3))], ["a"], "A picture in colour"), "grey"),
        (figures.over_columns, (SEEN, ["4"], logs(CHANCES), "Too few characters"), "2 characters and the blank"),
        (figures.over_columns, (SEEN, ["4", "7"], logs(CHANCES / 2), "No probabilities"), "sum is 1"),
        (figures.states_over_columns, (SEEN[0], ["-"], np.ones((3, 1)), "A row of pixels"), "picture"),
        (figures.pens, ([], [], "No writings at all"), "points"),
        (figures.pens, ([np.zeros((3, 2))], ["a"], "No pen in it"), "points"),
    ],
)
def test_what_cannot_be_drawn_is_refused(draw: Any, arguments: Any, says: str) -> None:
    with pytest.raises(CourseError, match=says):
        draw(*arguments)
