"""Numbers along a string: each drawn at its symbol, and told."""

from __future__ import annotations

from itertools import pairwise

import pytest

from course_utils.errors import CourseError
from course_utils.figures import strings
from course_utils.figures.strings import along_string, nested
from course_utils.figures.style import COLOURS
from tests.figures.drawn import Drawn

COUNT = {"LSTM": [1.0, 2.0, 1.0, 0.0, -1.0], "tanh RNN": [0.9, 0.95, 0.3, -0.2, -0.4]}


@pytest.fixture
def kept(drawn: Drawn, monkeypatch: pytest.MonkeyPatch) -> Drawn:
    monkeypatch.setattr(strings, "show", drawn.keep)
    return drawn


def test_each_number_stands_above_its_symbol(kept: Drawn) -> None:
    picture = along_string("aabbb", COUNT, label="cell", title="One unit counts", zero="as many b's as a's")
    assert [label.get_text() for label in kept.ax.get_xticklabels()] == [*"aabbb"]
    drawn_numbers = {tuple(line.get_ydata()) for line in kept.ax.lines[:2]}
    assert drawn_numbers == {tuple(numbers) for numbers in COUNT.values()}
    assert all(list(line.get_xdata()) == [1, 2, 3, 4, 5] for line in kept.ax.lines[:2])
    assert kept.ax.lines[2].get_color() == COLOURS["chance"]
    assert picture.alt == (
        "One unit counts. cell after each symbol of aabbb. LSTM: 1 after the first symbol, at most 2 after symbol 2, "
        "−1 at the end. tanh RNN: 0.9 after the first symbol, at most 0.95 after symbol 2, −0.4 at the end. Dotted "
        "line at 0: as many b's as a's."
    )
    kept.check_layout()


def test_a_long_string_is_not_written_below_the_axis(kept: Drawn) -> None:
    picture = along_string("ab" * 40, {"LSTM": range(80)}, label="cell", title="It goes up")
    assert "a string of 80 symbols" in picture.alt
    assert len(kept.ax.lines) == 1
    assert kept.ax.get_xlabel() == "symbols read"


def test_each_class_lies_in_the_next(kept: Drawn) -> None:
    regions = {
        "regular": ("a fixed number of states", ["parity", "permutations of three"]),
        "context-free": ("a counter, or a stack", ["aⁿbⁿ"]),
        "context-sensitive": ("more", ["aⁿbⁿcⁿ"]),
    }
    picture = nested(regions, "Which machine")
    kept.fig.draw_without_rendering()
    boxes = [patch.get_window_extent() for patch in kept.ax.patches]
    assert all(large.x0 < small.x0 and large.x1 > small.x1 for small, large in pairwise(boxes))
    assert all(large.y0 < small.y0 and large.y1 > small.y1 for small, large in pairwise(boxes))
    for index, box in enumerate(boxes):
        for text in kept.ax.texts[3 * index : 3 * index + 3]:
            place = text.get_window_extent()
            assert max(box.x0, boxes[index - 1].x1 if index else 0) < place.x0 < place.x1 < box.x1
    assert picture.alt == (
        "Which machine. Boxes in boxes, from the innermost: regular (a fixed number of states): parity, permutations "
        "of three; context-free (a counter, or a stack): aⁿbⁿ; context-sensitive (more): aⁿbⁿcⁿ."
    )


def test_what_does_not_fit() -> None:
    with pytest.raises(CourseError, match="3 numbers, and the string 5 symbols"):
        along_string("aabbb", {"LSTM": [1, 2, 3]}, label="cell", title="No")
    with pytest.raises(CourseError, match="nothing to draw"):
        along_string("aab", {}, label="cell", title="No")
    with pytest.raises(CourseError, match="nothing to draw"):
        nested({}, "No")
