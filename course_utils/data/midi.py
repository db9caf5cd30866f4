"""Tunes as MIDI files, written and read by mido."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from course_utils.checks import check_number, check_positive
from course_utils.data.chords import HIGHEST, KEYS, LOWEST, Chord, as_chords, as_switches
from course_utils.errors import CourseError

if TYPE_CHECKING:
    import numpy as np

TICKS = 480  # of a quarter note
LOUDNESS = 70  # of 127
LONGEST = 100_000  # frames that a file may give


def write_midi(tune: Any, path: str | Path, seconds: float = 0.5) -> Path:
    """Write a tune for a piano. A key that sounds in frames one after the other is one long note.

    Args:
        tune: as in `as_switches`.
        path: of the file, such as "mine.mid"; one that is there is replaced.
        seconds: of a frame; a frame is a quarter note.

    Returns:
        The path.

    Raises:
        CourseError: the tune is none or has no frame, or the file cannot be written.
    """
    import numpy as np
    from mido import Message, MetaMessage, MidiFile, MidiTrack, second2tick

    switches = as_switches(tune)
    seconds = check_number("seconds", seconds, 0.01, 16)
    if not len(switches):
        raise CourseError("The tune has no frame: there is nothing to write.")
    tempo = round(seconds * 1e6)  # microseconds of a quarter note
    edges = np.diff(np.pad(switches.astype(int), ((1, 1), (0, 0))), axis=0)  # (T + 1, 88): 1 begins, −1 ends
    events = [(frame, int(edges[frame, key]), int(key)) for frame, key in zip(*np.nonzero(edges), strict=True)]
    track = MidiTrack([MetaMessage("set_tempo", tempo=tempo), Message("program_change", program=0)])
    last = 0
    for frame, change, key in sorted(events):  # of a frame first what ends
        kind = "note_on" if change > 0 else "note_off"
        ticks = (frame - last) * TICKS
        track.append(Message(kind, note=key + LOWEST, velocity=LOUDNESS, time=ticks))
        last = frame
    track.append(MetaMessage("end_of_track", time=(len(switches) - last) * TICKS))
    assert second2tick(seconds, TICKS, tempo) == TICKS
    target = Path(path)
    try:
        MidiFile(ticks_per_beat=TICKS, tracks=[track]).save(target)
    except OSError as error:
        raise CourseError(
            f"{path} cannot be written ({error.strerror or error}). Name a file in a folder that exists."
        ) from None
    return target


def read_midi(path: str | Path, seconds: float = 0.5) -> list[Chord]:
    """A MIDI file as chords: in each frame the keys that sound in the middle of it, on all tracks but the drums.

    Args:
        path: of the file.
        seconds: of a frame.

    Raises:
        CourseError: there is no such file, it is no MIDI file, holds no note, or is too long.
    """
    from mido import MidiFile

    seconds = check_positive("seconds", seconds)
    try:
        file = MidiFile(path)
        messages = list(file)  # their times are seconds after the one before
    except FileNotFoundError:
        raise CourseError(f"There is no file {path}.") from None
    except Exception as error:  # mido raises many kinds for a file that is damaged
        raise CourseError(f"{path} cannot be read as a MIDI file ({error!s:.80}).") from None
    return as_chords(_sounding(messages, path, seconds))


def _sounding(messages: list[Any], path: str | Path, seconds: float) -> np.ndarray:
    import numpy as np

    frames = int(np.ceil(round(sum(message.time for message in messages) / seconds, 6)))
    if frames > LONGEST:
        raise CourseError(f"{path} has {frames:,} frames of {seconds:g} s. Expected: {LONGEST:,} at most.")
    switches = np.zeros((frames, KEYS), dtype=bool)
    now, notes = 0.0, 0
    begun: dict[tuple[int, int], float] = {}
    for message in messages:
        now += message.time
        if message.type not in ("note_on", "note_off") or message.channel == 9 or not _on_a_piano(message.note):
            continue
        place = (message.channel, message.note)
        if place in begun:
            first = int(np.ceil(begun.pop(place) / seconds - 0.5 - 1e-6))
            switches[first : int(np.ceil(now / seconds - 0.5 - 1e-6)), message.note - LOWEST] = True
        if message.type == "note_on" and message.velocity:
            begun[place] = now
            notes += 1
    for (_, note), start in begun.items():  # never ended: until the end of the file
        switches[int(np.ceil(start / seconds - 0.5 - 1e-6)) :, note - LOWEST] = True
    if not notes:
        raise CourseError(f"{path} holds no note of a piano.")
    return switches


def _on_a_piano(note: int) -> bool:
    return LOWEST <= note <= HIGHEST


def notes_of(tune: Any) -> list[tuple[int, int, int]]:
    """The notes of a tune: pitch, first frame, and the frame behind the last; in the order of their beginnings.

    Args:
        tune: as in `as_switches`.

    Raises:
        CourseError: it is none.
    """
    switches = as_switches(tune)
    found = []
    for key in range(KEYS):
        frame = 0
        for sounds, part in groupby(switches[:, key]):
            length = len(list(part))
            found += [(key + LOWEST, frame, frame + length)] if sounds else []
            frame += length
    return sorted(found, key=lambda note: (note[1], note[0]))
