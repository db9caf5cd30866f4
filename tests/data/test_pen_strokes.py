"""Lines of hiragana: their strokes, orders and hands, and the picture that a pen leaves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from course_utils.data.handwritten_lines import part_of
from course_utils.data.pen_strokes import ORDERS, ROWS, characters, drawn, pen_lines
from course_utils.data.pictures import PARTS
from course_utils.errors import CourseError


def strokes_of(points: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    assert points[-1, 2] == 1
    return np.split(points[:, :2], np.flatnonzero(points[:-1, 2]) + 1)


def test_the_strokes_are_as_many_as_people_write() -> None:
    counts = {name: len(strokes) for name, strokes in characters().items()}
    assert len(counts) == 46
    assert [counts[name] for name in "のしくこいうあきほ"] == [1, 1, 1, 2, 2, 2, 3, 4, 4]
    for strokes in characters().values():
        for stroke in strokes:
            assert stroke.min() >= 0
            assert stroke.max() <= 1
            assert (np.hypot(*np.diff(stroke, axis=0).T) < 0.06).all()  # points stand close
    first, second = characters()["こ"]  # from left to right, the upper stroke first
    assert first[:, 1].mean() < second[:, 1].mean()
    assert first[0, 0] < first[-1, 0]


def test_a_line_has_the_strokes_of_its_text_one_after_the_other() -> None:
    lines = pen_lines(60, 4)
    assert {len(text) for text in lines.texts} == {2, 3, 4}
    for points, text in zip(lines.strokes, lines.texts, strict=True):
        parts = strokes_of(points)
        counts = [len(characters()[name]) for name in text]
        assert len(parts) == sum(counts)
        ends = np.cumsum(counts)
        middles = [
            np.concatenate(parts[end - count : end])[:, 0].mean() for end, count in zip(ends, counts, strict=True)
        ]
        assert middles == sorted(middles)


def test_the_seed_decides_and_no_string_stands_in_two_parts() -> None:
    one, again, other = pen_lines(20, 1), pen_lines(20, 1), pen_lines(20, 2)
    assert one.texts == again.texts != other.texts
    assert all(np.array_equal(a, b) for a, b in zip(one.strokes, again.strokes, strict=True))
    for part in PARTS:
        assert {part_of(text) for text in pen_lines(50, 3, part).texts} == {part}


def test_the_order_changes_the_way_and_not_the_writing() -> None:
    as_written, shuffled, backwards = (pen_lines(20, 5, order=order) for order in ORDERS)
    assert as_written.texts == shuffled.texts == backwards.texts
    changed = 0
    for one, two, three in zip(as_written.strokes, shuffled.strokes, backwards.strokes, strict=True):
        assert sorted(map(tuple, one[:, :2])) == sorted(map(tuple, two[:, :2])) == sorted(map(tuple, three[:, :2]))
        assert (drawn(one) == drawn(two)).all()
        changed += not np.array_equal(one, two)
    assert changed > 15
    line = pen_lines(1, 5, lengths=(1, 1))
    turned = pen_lines(1, 5, lengths=(1, 1), order="backwards")
    assert np.array_equal(line.strokes[0][::-1, :2], turned.strokes[0][:, :2])


def test_hands_differ() -> None:
    lines = pen_lines(300, 6, lengths=(1, 2))
    same = [points for points, text in zip(lines.strokes, lines.texts, strict=True) if text == lines.texts[0]]
    assert all(not np.array_equal(same[0], points) for points in same[1:])


def test_the_picture_is_inked_along_the_strokes_and_nowhere_else() -> None:
    cross = np.array([[0, 0.5, 0], [1, 0.5, 1], [0.5, 0, 0], [0.5, 1, 1.0]])
    picture = drawn(cross)
    assert picture.shape == (ROWS, ROWS)
    assert picture[20, 5:35].min() == 255
    assert picture[5:35, 20].min() == 255
    assert picture[8, 8] == picture[30, 10] == 0  # the pen was in the air
    assert drawn(np.array([[3, 3, 1.0]])).max() > 200  # a dot


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"part": "dev"}, "valid"),
        ({"order": "sideways"}, "backwards"),
        ({"lengths": (3, 2)}, "the most characters"),
        ({"lengths": 4}, "two whole numbers"),
        ({"count": 0}, "count"),
        ({"seed": -1}, "seed"),
    ],
)
def test_what_cannot_be_meant_is_refused(arguments: dict[str, Any], says: str) -> None:
    with pytest.raises(CourseError, match=says):
        pen_lines(**{"count": 2, **arguments})


def test_what_is_no_way_of_a_pen_is_not_drawn() -> None:
    for points in (np.zeros((0, 3)), np.zeros((4, 2))):
        with pytest.raises(CourseError, match="Points are an array"):
            drawn(points)
