"""Tunes as switches and as chords: the one is the other, and what is no pitch of a piano is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_utils.data.chords import HIGHEST, KEYS, LOWEST, as_chords, as_switches, several, transposed
from course_utils.errors import CourseError

PITCHES = st.integers(LOWEST, HIGHEST)
TUNES = st.lists(st.sets(PITCHES, max_size=6), max_size=12)


@given(TUNES)
def test_chords_survive_the_way_to_switches_and_back(tune: list[set[int]]) -> None:
    switches = as_switches(tune)
    assert switches.shape == (len(tune), KEYS)
    assert [set(chord) for chord in as_chords(switches)] == tune
    assert all(list(chord) == sorted(chord) for chord in as_chords(switches))


@pytest.mark.parametrize("kind", [np.float32, np.int64, bool])
def test_arrays_and_tensors_of_switches_are_taken(kind: Any) -> None:
    switches = as_switches([{60, 64}, set(), {21, 108}])
    assert np.array_equal(as_switches(switches.astype(kind)), switches)
    assert np.array_equal(as_switches(torch.from_numpy(switches.astype(kind))), switches)
    assert switches[0].nonzero()[0].tolist() == [39, 43]


def test_pitches_may_be_whole_floats_and_numbers_of_numpy_and_may_come_twice() -> None:
    assert as_chords(as_switches([[60.0, np.int16(64), 60]])) == [(60, 64)]


@given(TUNES, st.integers(-15, 15))
def test_a_transposed_tune_has_the_pitches_moved_that_stay_on_the_piano(tune: list[set[int]], semitones: int) -> None:
    moved = [{pitch + semitones for pitch in chord if LOWEST <= pitch + semitones <= HIGHEST} for chord in tune]
    assert [set(chord) for chord in as_chords(transposed(as_switches(tune), semitones))] == moved


@pytest.mark.parametrize(
    "tune",
    [
        [{20}],
        [{109}],
        [[60.5]],
        [["C4"]],
        [60, 62],
        ["C"],
        "tune",
        7,
        None,
        [{True}],
        [[float("nan")]],
        [{60: 1}],
        np.zeros((3, 87)),
        np.full((3, 88), 0.5),
        np.full((3, 88), np.nan),
        np.array([["a"] * 88]),
    ],
)
def test_what_is_no_tune_is_refused_with_what_was_expected(tune: Any) -> None:
    with pytest.raises(CourseError, match=r"Expected: .*(88|pitches)"):
        as_switches(tune)


def test_the_error_names_the_tune_and_the_frame() -> None:
    with pytest.raises(CourseError, match=r"valid\[1\], frame 2, holds 200"):
        several([[{60}], [{60}, {61}, {200}]], "valid")


def test_one_tune_in_place_of_several_is_said_to_be_one() -> None:
    for tune in ([{60, 64}, {62}], [[60], []], [(60,)]):
        with pytest.raises(CourseError, match=r"\[tune\]"):
            several(tune)


@pytest.mark.parametrize("tunes", [None, 5, "abc", {"a": 1}])
def test_what_is_no_list_of_tunes_is_refused(tunes: Any) -> None:
    with pytest.raises(CourseError, match="list of tunes"):
        several(tunes)


def test_several_tunes_may_be_of_both_kinds_and_empty() -> None:
    found = several([[{60}], np.zeros((2, 88)), []])
    assert [len(tune) for tune in found] == [1, 2, 0]
    assert several([]) == []
