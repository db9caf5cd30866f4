"""Clips of moving digits are held to what can be derived."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.data.moving_digits import CANVAS, DIRECTIONS, clip_of, moving_digits
from course_utils.data.pictures import digit_pictures
from course_utils.errors import CourseError
from tests.strategies import examples

BACK = {"left": "right", "up": "down", "up left": "down right", "up right": "down left"}
DOT = np.zeros((28, 28), dtype=np.uint8)
DOT[3, 5] = 255  # a "digit" whose place can be read off a frame


def test_clips_are_digits_of_their_part_and_the_seed_decides() -> None:
    clips, again, other = moving_digits(30, 1), moving_digits(30, 1), moving_digits(30, 2)
    assert clips.clips.shape == (30, 12, CANVAS, CANVAS)
    assert clips.clips.dtype == np.uint8
    assert len(clips) == len(clips.directions) == len(clips.digits) == 30
    assert np.array_equal(clips.clips, again.clips)
    assert clips.directions == again.directions
    assert not np.array_equal(clips.clips, other.clips)
    assert set(moving_digits(200).classes) == {"left", "right", "up", "down"}
    assert moving_digits(200, ways=8).classes == tuple(DIRECTIONS)
    assert moving_digits(3, frames=5).clips.shape[1] == 5


@pytest.mark.parametrize("part", ["train", "valid", "test"])
def test_every_frame_holds_a_whole_digit_of_the_part_and_of_the_label(part: str) -> None:
    """Wrapped round the edges, nothing of the ink is lost: its grey values are those of one digit of this part."""
    images, labels = digit_pictures()[part]
    inks = np.sort((images[:, 0] * 255).round().astype(np.uint8).reshape(len(images), -1), axis=1)
    of_ink = {ink.tobytes(): int(label) for ink, label in zip(inks, labels, strict=True)}
    clips = moving_digits(20, 3, part=part)
    for clip, digit in zip(clips.clips, clips.digits, strict=True):
        for frame in clip[[0, 5, 11]]:
            assert of_ink[np.sort(frame, axis=None)[-784:].tobytes()] == digit


@given(
    st.integers(0, 39),
    st.integers(0, 39),
    st.sampled_from(sorted(DIRECTIONS)),
    st.integers(1, 2),
)
@examples(40)
def test_a_digit_goes_where_the_label_says(row: int, column: int, direction: str, speed: int) -> None:
    clip = clip_of(DOT, (row, column), direction, speed, frames=6)
    places = np.array([np.unravel_index(int(frame.argmax()), frame.shape) for frame in clip])
    assert tuple(places[0]) == ((row + 3) % CANVAS, (column + 5) % CANVAS)
    steps = (np.diff(places, axis=0) + CANVAS // 2) % CANVAS - CANVAS // 2
    assert (steps == np.array(DIRECTIONS[direction]) * speed).all()


@pytest.mark.parametrize("frame", [0, 6, 11])
def test_one_frame_says_nothing_about_the_direction(frame: int) -> None:
    """Over all places to start from, each direction gives the very same frames, each once."""
    starts = [(row, column) for row in range(0, CANVAS, 4) for column in range(0, CANVAS, 4)]

    def frames(direction: str) -> set[bytes]:
        return {clip_of(DOT, start, direction, 4, 12)[frame].tobytes() for start in starts}

    first = frames("left")
    assert len(first) == len(starts)
    assert all(frames(direction) == first for direction in DIRECTIONS)


@pytest.mark.parametrize(("one", "other"), BACK.items())
def test_frames_in_any_order_leave_two_directions_alike(one: str, other: str) -> None:
    """A clip played backwards is a clip of the opposite direction, so the set of its frames is the same."""
    down, right = DIRECTIONS[one]
    clip = clip_of(DOT, (7, 30), one, 2, frames=12)
    end = ((7 + 22 * down) % CANVAS, (30 + 22 * right) % CANVAS)
    assert np.array_equal(clip[::-1], clip_of(DOT, end, other, 2, frames=12))


@pytest.mark.parametrize(
    ("given_", "message"),
    [
        ({"count": 0}, "count must be a whole number from 1"),
        ({"count": 2.5}, "count must be a whole number from 1"),
        ({"count": 1, "frames": 0}, "frames must be a whole number from 1"),
        ({"count": 1, "ways": 6}, "one of 4 ways, or of 8"),
        ({"count": 1, "part": "dev"}, "no part of the digits 'dev'"),
    ],
)
def test_clips_that_cannot_be_meant_are_refused(given_: dict[str, Any], message: str) -> None:
    with pytest.raises(CourseError, match=message):
        moving_digits(**given_)
    with pytest.raises(CourseError, match="no direction 'north'"):
        clip_of(DOT, (0, 0), "north")
