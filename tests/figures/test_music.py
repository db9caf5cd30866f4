"""Piano rolls: what is drawn, what the alt text says, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from course_utils.errors import CourseError
from course_utils.figures.music import LARGEST, key_name, piano_roll

TUNE = [(60, 64), (60, 65), (59, 62), ()]


def test_keys_have_the_names_of_a_piano() -> None:
    assert [key_name(pitch) for pitch in (21, 60, 61, 69, 108)] == ["A0", "C4", "C♯4", "A4", "C8"]


def test_the_alt_text_counts_notes_and_says_what_was_given() -> None:
    picture = piano_roll(TUNE, "A tune", given=2)
    assert picture.alt == "A tune. A piano roll: 5 notes in 4 frames, from B3 to F4; the first 2 frames were given."
    assert picture.png


def test_costs_stand_below() -> None:
    picture = piano_roll(TUNE, "The second frame surprises", nats=[1, 5, 2, 0])
    assert picture.alt.endswith("a frame costs 2 nats in the mean, at most 5 (frame 1).")


@pytest.mark.parametrize(
    ("tune", "options", "says"),
    [
        ([()], {}, "0 notes in 1 frames"),
        ([(60,)] * (LARGEST + 1), {}, "401 frames"),
        (TUNE, {"nats": [1, 2]}, "4 frames and numbers of the shape"),
        (TUNE, {"nats": [1, 2, 3, np.nan]}, "Give a number"),
        (TUNE, {"given": -1}, "given"),
        ([(1000,)], {}, "MIDI pitches"),
    ],
)
def test_what_cannot_be_drawn_is_refused(tune: Any, options: dict[str, Any], says: str) -> None:
    with pytest.raises(CourseError, match=says):
        piano_roll(tune, "A tune", **options)
