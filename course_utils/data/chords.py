"""Tunes as rows of chords: which of the 88 keys of a piano sound in each frame.

A chord is a set of MIDI pitches, 60 being the middle C; a frame is a step of time, such as a quarter note.
"""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real
from typing import TYPE_CHECKING, Any, TypeAlias

from course_utils.errors import CourseError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Switches: TypeAlias = NDArray[np.bool_]

LOWEST, HIGHEST = 21, 108  # pitches of a piano
KEYS = HIGHEST - LOWEST + 1

Chord: TypeAlias = tuple[int, ...]


def as_switches(tune: Any, name: str = "The tune") -> Switches:
    """A tune as 88 switches a frame.

    Args:
        tune: a list of chords (sets, lists or tuples of pitches from 21 to 108; an empty one is a rest), or an array
            (T, 88) of zeros and ones, the first column being the lowest key.
        name: of the tune, for the error.

    Returns:
        (T, 88); T may be 0.

    Raises:
        CourseError: it is neither, or a pitch is none of a piano.
    """
    import numpy as np

    if hasattr(tune, "detach"):  # a tensor
        tune = tune.detach().cpu().numpy()
    if isinstance(tune, np.ndarray) and tune.ndim == 2:
        return _checked_switches(tune, name)
    if isinstance(tune, str | bytes | dict) or not hasattr(tune, "__iter__"):
        raise CourseError(f"{name} is {tune!r:.60}. Expected: a list of chords, or an array (frames, {KEYS}).")
    chords = [_checked_chord(chord, f"{name}, frame {number},") for number, chord in enumerate(tune)]
    switches = np.zeros((len(chords), KEYS), dtype=bool)
    for frame, chord in enumerate(chords):
        switches[frame, [pitch - LOWEST for pitch in chord]] = True
    return switches


def as_chords(switches: Switches) -> list[Chord]:
    """The pitches of each frame, the lowest first: (T, 88) → T chords."""
    import numpy as np

    return [tuple(int(key) + LOWEST for key in np.flatnonzero(frame)) for frame in switches]


def several(tunes: Any, name: str = "tunes") -> list[Switches]:
    """Tunes as switches.

    Args:
        tunes: a list of them, each as in `as_switches`.
        name: of the list, for the error.

    Raises:
        CourseError: there is no list of tunes, or one of them is none.
    """
    import numpy as np

    if isinstance(tunes, str | bytes | dict) or not hasattr(tunes, "__iter__"):
        raise CourseError(f"{name} is {tunes!r:.60}. Expected: a list of tunes.")
    found = list(tunes)
    if found and all(_is_pitch(pitch) for chord in found if hasattr(chord, "__iter__") for pitch in chord):
        sounding = [chord for chord in found if hasattr(chord, "__len__") and len(chord)]
        if sounding and not isinstance(sounding[0], np.ndarray):
            raise CourseError(f"{name} is one tune, a list of chords. Expected: a list of tunes: [tune].")
    return [as_switches(tune, f"{name}[{number}]") for number, tune in enumerate(found)]


def transposed(switches: Switches, semitones: int) -> Switches:
    """A tune higher (or, below 0, lower) by so many semitones; keys that would leave the piano stay silent."""
    import numpy as np

    moved = np.roll(switches, semitones, axis=1)
    moved[:, : max(semitones, 0)] = False
    moved[:, KEYS + min(semitones, 0) :] = False
    return moved


def _checked_switches(tune: NDArray[Any], name: str) -> Switches:
    import numpy as np

    if tune.shape[1] != KEYS or tune.dtype.kind not in "biuf" or not np.isin(tune, (0, 1)).all():
        raise CourseError(
            f"{name} is an array of the shape {tune.shape}. Expected: (frames, {KEYS}) zeros and ones, a column for "
            "each key, or a list of chords."
        )
    return tune.astype(bool)


def _checked_chord(chord: Any, name: str) -> Sequence[int]:
    pitches = list(chord) if hasattr(chord, "__iter__") and not isinstance(chord, str | bytes | dict) else None
    wrong = [chord] if pitches is None else [pitch for pitch in pitches if not _is_pitch(pitch)]
    if pitches is None or wrong:
        raise CourseError(
            f"{name} holds {wrong[0]!r:.60}. Expected: MIDI pitches, whole numbers from {LOWEST} to {HIGHEST} (60 is "
            "the middle C)."
        )
    return [int(pitch) for pitch in pitches]


def _is_pitch(pitch: Any) -> bool:
    if not isinstance(pitch, Real) or isinstance(pitch, bool):
        return False
    return LOWEST <= float(pitch) <= HIGHEST and float(pitch).is_integer()
