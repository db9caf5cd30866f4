"""What tunes are like: copies in whatever key, four keys at a time, semitones that rub."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.data.chords import as_chords, as_switches, transposed
from course_utils.errors import CourseError
from course_utils.metrics.music import copied_chords, relative_steps, rubbing, sounding

TUNE = [(48, 60, 64, 67), (50, 57, 65, 69), (52, 59, 64, 67), (53, 57, 60, 65), (55, 59, 62, 67), (48, 55, 64, 72)]
OTHER = [(48, 61), (54, 63), (57, 60), (49, 70), (51, 58), (60, 71)]


def test_steps_are_in_no_key() -> None:
    assert relative_steps([(60, 64), (62, 65), (), (60,)]) == [(2, 3), (), (-2,)]
    assert relative_steps([(60,)]) == []


@given(st.integers(-12, 12))
def test_a_tune_in_another_key_is_copied_whole(semitones: int) -> None:
    moved = as_chords(transposed(as_switches(TUNE), semitones))
    assert copied_chords(moved, [OTHER, TUNE]) == 1
    assert copied_chords(moved, [OTHER]) == 0


def test_short_runs_are_no_copies() -> None:
    half = [*TUNE[:4], *OTHER[:3]]  # six steps, of which three are of the tune
    assert copied_chords(half, [TUNE], least=3) == pytest.approx(0.5)
    assert copied_chords(half, [TUNE], least=4) == 0


def test_a_run_does_not_go_from_one_tune_into_another() -> None:
    assert copied_chords(TUNE, [TUNE[:4], TUNE[3:]], least=4) == 0
    assert copied_chords(TUNE, [TUNE[:4], TUNE[3:]], least=2) == 1


def test_a_tune_of_one_frame_has_no_steps() -> None:
    with pytest.raises(CourseError, match="fewer than two frames"):
        copied_chords([(60,)], [TUNE])
    with pytest.raises(CourseError, match="least"):
        copied_chords(TUNE, [TUNE], least=0)


def test_shares_of_frames_by_hand() -> None:
    frames = as_switches([(60, 64, 67, 72), (60, 61), (), (59, 61, 62, 70)])
    assert sounding(frames) == 0.5
    assert sounding(frames, 2) == 0.25
    assert rubbing(frames.astype(np.float32)) == 0.5
