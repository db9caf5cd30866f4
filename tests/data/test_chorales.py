"""Chorales: their file, their tunes, their piano rolls."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.data.chorales import Chorales, Tune, chorales, piano_roll, read_jsb
from course_utils.errors import CourseError
from tests.data.made_files import into_cache, real


def test_an_unknown_source_lists_the_choices() -> None:
    with pytest.raises(CourseError, match=r"no source of chorales 'humming'.*Choose one of: jsb"):
        chorales(source="humming")


def test_chorales_are_read_in_their_split(tmp_path: Path) -> None:
    table = {"test": [[[60, 64], []]], "train": [[[21]], [[108]]], "valid": []}
    (tmp_path / "jsb.json").write_text(json.dumps(table))
    assert read_jsb(tmp_path / "jsb.json") == Chorales(train=[[[21]], [[108]]], valid=[], test=[[[60, 64], []]])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is not JSON"),
        ('{"train": [', "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[]", "does not hold the lists train, valid, test"),
        ('{"train": [], "valid": []}', "does not hold the lists"),
        ('{"train": [3], "valid": [], "test": []}', "train tune 0: a list of frames was expected and not int"),
        ('{"train": [], "valid": [[[60], 7]], "test": []}', "valid tune 0: frame 1 should be a list of pitches"),
        ('{"train": [], "valid": [], "test": [[], [[20]]]}', "test tune 1: frame 0 holds 20"),
        ('{"train": [[[109]]], "valid": [], "test": []}', "frame 0 holds 109"),
        ('{"train": [[[60.5]]], "valid": [], "test": []}', "frame 0 holds 60.5"),
        ('{"train": [[[true]]], "valid": [], "test": []}', "frame 0 holds True"),
        ('{"train": [[[null]]], "valid": [], "test": []}', "frame 0 holds None"),
    ],
)
def test_a_damaged_file_of_chorales_is_told_with_its_mend(text: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "jsb.json").write_text(text)
    with pytest.raises(CourseError) as caught:
        read_jsb(tmp_path / "jsb.json")
    assert reason in str(caught.value)
    assert "course data fetch jsb_chorales" in str(caught.value)


def test_an_absent_file_of_chorales_is_told(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match=r"jsb.json cannot be read \(No such file"):
        read_jsb(tmp_path / "jsb.json")


def test_piano_roll_by_hand() -> None:
    roll = piano_roll([[21, 108], [], [60]])
    assert roll.shape == (3, 88)
    assert roll.dtype == np.float32
    assert np.argwhere(roll).tolist() == [[0, 0], [0, 87], [2, 39]]
    assert roll.sum() == 3
    assert piano_roll([]).shape == (0, 88)


@given(st.lists(st.lists(st.integers(21, 108), unique=True).map(sorted), max_size=20))
def test_a_piano_roll_holds_the_tune_and_nothing_else(tune: Tune) -> None:
    roll = piano_roll(tune)
    assert [[int(key) + 21 for key in np.flatnonzero(frame)] for frame in roll] == tune
    assert set(np.unique(roll)) <= {0.0, 1.0}


@pytest.mark.parametrize("tune", [[[20]], [[109]], [[-3]], [[60.0]], [60], ["C"], "C", None, [[True]], [["60"]]])
def test_what_is_no_tune_is_told(tune: Any) -> None:
    with pytest.raises(CourseError, match="This is not a tune"):
        piano_roll(tune)


def test_the_real_chorales(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    into_cache("jsb_chorales", real("jsb-chorales-quarter.json"), tmp_path, monkeypatch)
    tunes = chorales()
    assert (len(tunes.train), len(tunes.valid), len(tunes.test)) == (229, 76, 77)
    every = [*tunes.train, *tunes.valid, *tunes.test]
    pitches = [pitch for tune in every for frame in tune for pitch in frame]
    assert (min(pitches), max(pitches)) == (43, 96)
    assert max(len(frame) for tune in every for frame in tune) == 4
    assert all(frame == sorted(set(frame)) for tune in every for frame in tune)
    assert sum(piano_roll(tune).sum() for tune in every) == len(pitches)
