"""A small additive synthesiser: what a tune sounds like, as samples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from course_utils.checks import check_number, check_whole
from course_utils.data.chords import as_switches
from course_utils.data.midi import notes_of
from course_utils.errors import CourseError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RATE = 16_000
OVERTONES = (1.0, 0.5, 0.25, 0.12, 0.06)  # how loud the whole multiples of a note's frequency are
FADING = 1.5  # seconds after which a note is 1 / e as loud
ATTACK, RELEASE = 0.01, 0.08  # seconds
LONGEST = 1_800  # seconds


def heard(tune: Any, seconds: float = 0.5, rate: int = RATE) -> NDArray[np.float32]:
    """A tune as samples between −1 and 1. A key that sounds in frames one after the other is one long note.

    Each note is a sum of sines, at its frequency, 440 · 2 ** ((pitch − 69) / 12) Hz, and at multiples of it below half
    of the rate; it fades as a string that was struck.

    Args:
        tune: as in `course_utils.data.chords.as_switches`.
        seconds: of a frame.
        rate: samples of a second.

    Returns:
        (samples,), with the last note's release.

    Raises:
        CourseError: the tune is none, has no frame or lasts longer than half an hour.
    """
    import numpy as np

    switches = as_switches(tune)
    seconds, rate = check_number("seconds", seconds, 0.01, 16), check_whole("rate", rate, 2_000, 192_000)
    if not len(switches):
        raise CourseError("The tune has no frame: there is nothing to hear.")
    if len(switches) * seconds > LONGEST:
        raise CourseError(f"The tune lasts {len(switches) * seconds:,.0f} seconds. Expected: {LONGEST:,} at most.")
    sound = np.zeros(round((len(switches) * seconds + RELEASE) * rate) + 1)
    for pitch, begin, end in notes_of(switches):
        note = _note(440 * 2 ** ((pitch - 69) / 12), (end - begin) * seconds, rate)
        first = round(begin * seconds * rate)
        sound[first : first + len(note)] += note[: len(sound) - first]
    loudest = np.abs(sound).max()
    return (sound / (loudest / 0.9 if loudest else 1)).astype(np.float32)


def _note(frequency: float, seconds: float, rate: int) -> NDArray[np.float64]:
    import numpy as np

    time = np.arange(round((seconds + RELEASE) * rate)) / rate
    wave = sum(
        (
            loud * np.sin(2 * np.pi * number * frequency * time)
            for number, loud in enumerate(OVERTONES, 1)
            if number * frequency < rate / 2
        ),
        np.zeros(len(time)),
    )
    shape = np.minimum(time / ATTACK, 1) * np.exp(-time / FADING)
    shape *= np.clip((seconds + RELEASE - time) / RELEASE, 0, 1)
    return np.asarray(wave * shape)
