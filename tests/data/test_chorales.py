"""Chorales: their files, their tunes, which of them are the same tune."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.io import savemat

from course_utils.data.chorales import (
    Chorales,
    Tune,
    bach_chorales,
    chorales,
    read_jsb,
    read_matrices,
    same_tunes,
    split_by_family,
)
from course_utils.data.chords import as_switches
from course_utils.errors import CourseError
from tests.data.made_files import into_cache, real


def test_an_unknown_source_lists_the_choices() -> None:
    with pytest.raises(CourseError, match=r"no source of chorales 'humming'.*Choose one of: bach, jsb"):
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


def test_the_chorales_of_the_course_are_those_that_music21_has() -> None:
    bach = bach_chorales()
    assert len(bach.tunes) == len(bach.names) == len(bach.families) == 364
    assert sum(map(len, bach.tunes)) == 19_810
    assert bach.tunes[bach.names.index("bwv10.7")][:3] == [[55, 58, 67, 74], [55, 58, 67, 74], [57, 60, 65, 77]]
    assert all(frame == sorted(set(frame)) and len(frame) <= 5 for tune in bach.tunes for frame in tune)
    assert bach.families.tolist() == same_tunes(bach.tunes)


@given(st.integers(0, 1000))
def test_no_family_stands_in_two_parts(seed: int) -> None:
    bach = bach_chorales()
    number = {id(tune): family for tune, family in zip(bach.tunes, bach.families.tolist(), strict=True)}
    split = split_by_family(bach.tunes, bach.families.tolist(), seed)
    parts = [split.train, split.valid, split.test]
    found = [{number[id(tune)] for tune in part} for part in parts]
    assert not found[0] & found[1]
    assert not found[0] & found[2]
    assert not found[1] & found[2]
    assert sum(map(len, parts)) == 364
    assert 0.5 < len(parts[0]) / 364 < 0.7
    assert min(len(parts[1]), len(parts[2])) > 0.14 * 364


def test_another_seed_deals_other_families() -> None:
    assert chorales(seed=0) == chorales(seed=0)
    assert chorales(seed=0).test != chorales(seed=1).test


def test_a_tune_in_another_key_is_the_same_tune() -> None:
    melody = [60, 62, 64, 65, 67, 65, 64, 62, 60, 59, 62, 60]
    other = [60, 60, 67, 67, 69, 69, 67, 65, 65, 64, 64, 62]
    first = [[pitch - 12, pitch] for pitch in melody]
    higher = [[pitch - 10, pitch - 5, pitch + 5] for pitch in melody]
    assert same_tunes([first, [[pitch] for pitch in other], higher]) == [0, 1, 0]
    assert same_tunes([[[60]], [[60]], []]) == [0, 1, 2]  # too short to be compared


def test_tunes_that_are_the_same_as_a_third_belong_together() -> None:
    up, down = [[60 + t % 5 * (t % 3 + 1)] for t in range(20)], [[70 - t % 4 * (t % 5 + 1)] for t in range(20)]
    assert same_tunes([up, down, up + down]) == [0, 0, 0]


def matrices(path: Path, **changed: Any) -> Path:
    def cells(*tunes: Tune) -> Any:
        found = np.empty((1, len(tunes)), dtype=object)
        for number, tune in enumerate(tunes):
            found[0, number] = as_switches(tune).astype(np.float64)
        return found

    table = {"traindata": cells([[21], [108]], [[60, 64]]), "validdata": cells([[60], []]), "testdata": cells([[61]])}
    savemat(path, table | changed)
    return path


def test_matrices_are_read_in_their_split(tmp_path: Path) -> None:
    found = read_matrices(matrices(tmp_path / "a.mat"), "nottingham")
    assert found == Chorales(train=[[[21], [108]], [[60, 64]]], valid=[[[60], []]], test=[[[61]]])


def test_matrices_come_by_mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, source in (("nottingham", "nottingham"), ("muse_data", "muse"), ("piano_midi", "piano")):
        into_cache(name, matrices(tmp_path / f"{name}.mat"), tmp_path / name, monkeypatch)
        assert chorales(source).test == [[[61]]]


@pytest.mark.parametrize("changed", [{"validdata": np.zeros((1, 3))}, {"testdata": []}, {"traindata": "what"}])
def test_a_damaged_file_of_matrices_is_told(changed: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(
        CourseError, match=r"a\.mat holds no tunes of 88 zeros and ones as \w+data. Run `course data clear"
    ):
        read_matrices(matrices(tmp_path / "a.mat", **changed), "nottingham")


def test_what_is_no_file_of_matrices_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.mat").write_bytes(b"not a matrix, not at all" * 20)
    with pytest.raises(CourseError, match=r"a.mat is no MATLAB file"):
        read_matrices(tmp_path / "a.mat", "nottingham")
    with pytest.raises(CourseError, match=r"absent.mat cannot be read"):
        read_matrices(tmp_path / "absent.mat", "nottingham")


def test_the_real_chorales(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    into_cache("jsb_chorales", real("jsb-chorales-quarter.json"), tmp_path, monkeypatch)
    tunes = chorales("jsb")
    assert (len(tunes.train), len(tunes.valid), len(tunes.test)) == (229, 76, 77)
    every = [*tunes.train, *tunes.valid, *tunes.test]
    pitches = [pitch for tune in every for frame in tune for pitch in frame]
    assert (min(pitches), max(pitches)) == (43, 96)
    assert max(len(frame) for tune in every for frame in tune) == 4
    assert all(frame == sorted(set(frame)) for tune in every for frame in tune)
    assert sum(as_switches(tune).sum() for tune in every) == len(pitches)
