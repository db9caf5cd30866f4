"""MIDI files: what was written is read again, and another library reads the same notes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mido
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from course_utils.data.chords import HIGHEST, LOWEST, as_switches
from course_utils.data.midi import LONGEST, notes_of, read_midi, write_midi
from course_utils.errors import CourseError

TUNE = [(60, 64), (60,), (), (60,), (62, 108, 21)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sets(st.integers(LOWEST, HIGHEST), max_size=4), min_size=1, max_size=8).filter(any),
    st.sampled_from([0.05, 0.25, 0.5, 1.3]),
)
def test_a_tune_survives_the_file(tmp_path: Path, tune: list[set[int]], seconds: float) -> None:
    path = write_midi(tune, tmp_path / "tune.mid", seconds)
    again = read_midi(path, seconds)
    assert [set(chord) for chord in again] == tune


def test_keys_that_go_on_are_one_note_and_the_file_is_as_long_as_the_tune(tmp_path: Path) -> None:
    file = mido.MidiFile(write_midi([*TUNE, ()], tmp_path / "tune.mid", 0.5))
    notes = [(message.type, message.note) for message in file.tracks[0] if message.type.startswith("note")]
    assert notes.count(("note_on", 60)) == notes.count(("note_off", 60)) == 2
    assert file.length == pytest.approx(3.0)
    assert {message.tempo for message in file.tracks[0] if message.type == "set_tempo"} == {500_000}


def test_notes_have_their_first_frame_and_the_one_behind_the_last() -> None:
    assert notes_of(TUNE) == [(60, 0, 2), (64, 0, 1), (60, 3, 4), (21, 4, 5), (62, 4, 5), (108, 4, 5)]
    assert notes_of([]) == []
    assert sum(end - begin for _, begin, end in notes_of(TUNE)) == as_switches(TUNE).sum()


def foreign(path: Path, messages: list[Any]) -> Path:
    mido.MidiFile(ticks_per_beat=96, tracks=[mido.MidiTrack(messages)]).save(path)  # without a tempo: 0.5 s a beat
    return path


def test_a_file_of_somebody_else_is_read(tmp_path: Path) -> None:
    message = mido.Message
    path = foreign(
        tmp_path / "other.mid",
        [
            message("note_on", note=60, velocity=64, time=0),
            message("note_on", note=36, velocity=64, channel=9, time=0),  # a drum
            message("note_on", note=110, velocity=64, time=0),  # no key of a piano
            message("note_on", note=60, velocity=0, time=96),  # ends it
            message("note_on", note=62, velocity=64, time=0),
            message("note_on", note=62, velocity=64, time=96),  # struck again
            message("note_on", note=65, velocity=64, time=0),  # never ended
            message("note_off", note=62, time=96),
        ],
    )
    assert read_midi(path) == [(60,), (62,), (62, 65)]
    assert read_midi(path, 0.25) == [(60,), (60,), (62,), (62,), (62, 65), (62, 65)]


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="no file"):
        read_midi(tmp_path / "none.mid")
    damaged = tmp_path / "damaged.mid"
    damaged.write_bytes(write_midi(TUNE, tmp_path / "tune.mid").read_bytes()[:40])
    for content in (damaged.read_bytes(), b"", b"RIFF" * 20):
        damaged.write_bytes(content)
        with pytest.raises(CourseError, match="MIDI"):
            read_midi(damaged)
    with pytest.raises(CourseError, match="no note"):
        read_midi(foreign(tmp_path / "drums.mid", [mido.Message("note_on", note=36, channel=9, time=9)]))
    long = foreign(
        tmp_path / "long.mid", [mido.Message("note_on", note=60), mido.Message("note_off", note=60, time=2**27)]
    )
    with pytest.raises(CourseError, match=f"{LONGEST:,} at most"):
        read_midi(long, 0.5)


@pytest.mark.parametrize("seconds", [0, -1, "a", float("nan"), 17])
def test_a_length_of_frames_that_cannot_be_meant_is_refused(seconds: Any, tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="seconds"):
        write_midi(TUNE, tmp_path / "tune.mid", seconds)


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="no frame"):
        write_midi([], tmp_path / "tune.mid")
    with pytest.raises(CourseError, match="folder that exists"):
        write_midi(TUNE, tmp_path / "none" / "tune.mid")
