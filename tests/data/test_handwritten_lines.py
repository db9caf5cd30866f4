"""Lines of digits are held to what can be derived: whose digits they are, in which order, and what no part shares."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.data.handwritten_lines import GAPS, HEIGHT, SIZES, handwritten_lines, line_of, part_of
from course_utils.data.pictures import PARTS, digit_pictures
from course_utils.errors import CourseError
from tests.strategies import examples

BAR = np.zeros((28, 28), dtype=np.float32)
BAR[4:24, 12:16] = 1.0  # a "digit" 20 rows high and 4 columns wide


def test_the_seed_decides_and_lines_have_widths_of_their_own() -> None:
    lines, again, other = handwritten_lines(40, 1), handwritten_lines(40, 1), handwritten_lines(40, 2)
    assert len(lines) == len(lines.images) == len(lines.texts) == 40
    assert lines.texts == again.texts
    assert all(np.array_equal(one, two) for one, two in zip(lines.images, again.images, strict=True))
    assert lines.texts != other.texts
    assert all(image.dtype == np.uint8 and image.shape[0] == HEIGHT for image in lines.images)
    assert len({image.shape for image in lines.images}) > 10
    assert {len(text) for text in handwritten_lines(200).texts} == set(range(3, 9))
    assert {len(text) for text in handwritten_lines(50, lengths=(9, 10)).texts} == {9, 10}


def test_no_string_stands_in_two_parts_and_as_many_belong_to_each_as_digits() -> None:
    drawn = {part: set(handwritten_lines(150, 3, part).texts) for part in PARTS}
    for part, texts in drawn.items():
        assert {part_of(text) for text in texts} == {part}
    counts = [sum(part_of(f"{number:04d}") == part for number in range(10_000)) for part in PARTS]
    expected = [10_000 * share / sum(PARTS.values()) for share in PARTS.values()]
    assert np.abs(np.array(counts) - expected).max() < 4 * (10_000 * 0.25) ** 0.5


@pytest.mark.parametrize("part", PARTS)
def test_a_line_is_drawn_with_digits_of_its_part(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the line is made of, before it is drawn: the pictures of the part, named as the text says."""
    known = {x.tobytes(): int(y) for x, y in zip(*digit_pictures()[part], strict=True)}
    seen: list[list[int]] = []

    def looked_at(digits: Any, rng: Any, overlap: float) -> Any:
        seen.append([known[digit.tobytes()] for digit in digits])
        return np.zeros((HEIGHT, 1), np.uint8)

    monkeypatch.setattr("course_utils.data.handwritten_lines.line_of", looked_at)
    lines = handwritten_lines(30, 5, part)
    assert ["".join(map(str, digits)) for digits in seen] == lines.texts


def test_texts_of_ones_own_are_drawn_with_digits_of_the_part() -> None:
    lines = handwritten_lines(60, texts=["407", "11", "5"], part="test")
    assert set(lines.texts) == {"407", "11", "5"}
    widths = [image.shape[1] for image, text in zip(lines.images, lines.texts, strict=True) if text == "5"]
    assert max(widths) < 60


@given(st.integers(1, 6), st.floats(0, 1), st.integers(0, 2**32 - 1))
@examples(30)
def test_every_bar_of_a_line_is_there_in_its_height(count: int, overlap: float, seed: int) -> None:
    line = line_of([BAR] * count, np.random.default_rng(seed), overlap)
    assert line.dtype == np.uint8
    assert line.shape[0] == HEIGHT
    tall = (line > 150).any(axis=1).sum()
    assert 20 * SIZES[0] - 3 <= tall <= 20 * SIZES[1] + 6
    assert 4 * count * 0.3 <= line.shape[1] <= count * (4 * SIZES[1] + 3 * GAPS[1]) + 40


def test_more_overlap_makes_narrower_lines_and_none_leaves_paper_between_digits() -> None:
    def width(overlap: float) -> float:
        return float(np.mean([image.shape[1] for image in handwritten_lines(60, 4, overlap=overlap).images]))

    assert width(0) > width(0.5) > width(1)
    apart = line_of([BAR] * 5, np.random.default_rng(0), 0.0)
    inked = (apart[HEIGHT // 2] > 150).astype(int)  # the row in the middle: slant does not matter there
    assert (np.diff(inked) == 1).sum() == 5


@pytest.mark.parametrize(
    ("given_", "message"),
    [
        ({"count": 0}, "count must be a whole number from 1"),
        ({"count": 1, "seed": -1}, "seed must be a whole number from 0"),
        ({"count": 1, "part": "dev"}, "no part of the digits 'dev'"),
        ({"count": 1, "lengths": (5, 3)}, "the most digits must be a whole number from 5"),
        ({"count": 1, "lengths": (0, 3)}, "the fewest digits must be a whole number from 1"),
        ({"count": 1, "lengths": 5}, "lengths must be two whole numbers"),
        ({"count": 1, "overlap": 1.5}, "overlap must be"),
        ({"count": 1, "texts": ["12a"]}, "A text is '12a'"),
        ({"count": 1, "texts": [""]}, "A text is ''"),
        ({"count": 1, "texts": [7]}, "A text is 7"),
        ({"count": 1, "texts": []}, "no texts to draw"),
    ],
)
def test_lines_that_cannot_be_meant_are_refused(given_: dict[str, Any], message: str) -> None:
    with pytest.raises(CourseError, match=message):
        handwritten_lines(**given_)


def test_where_a_part_has_no_string_of_a_length_it_says_so() -> None:
    none = [part for part in PARTS if all(part_of(str(digit)) != part for digit in range(10))]
    for part in none:
        with pytest.raises(CourseError, match="No string of 1 digits"):
            handwritten_lines(1, part=part, lengths=(1, 1))
    (rest,) = [[part for part in PARTS if part not in none]]
    for part in rest:
        assert {part_of(text) for text in handwritten_lines(5, part=part, lengths=(1, 1)).texts} == {part}
