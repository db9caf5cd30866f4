"""What tunes are like, apart from what they cost: how much is copied, how many keys sound, which of them rub.

A share says little without the same share of tunes that a composer wrote.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils.checks import check_whole
from course_utils.data.chords import as_chords, as_switches, several
from course_utils.errors import CourseError
from course_utils.metrics.copies import copied_share

BETWEEN, UNKNOWN, FIRST = "\x00", "\x01", 256  # between two tunes; a step that is in none; where symbols begin


def relative_steps(tune: Any) -> list[tuple[int, ...]]:
    """A tune in no key: of each frame the step of its lowest key from the one before, and the other keys above it.

    Args:
        tune: T frames, as in `course_utils.data.chords.as_switches`.

    Returns:
        A tuple for each frame but the first; a rest is ().
    """
    chords = as_chords(as_switches(tune))
    lowest = 0
    found: list[tuple[int, ...]] = []
    for chord in chords:
        found.append((chord[0] - lowest, *(pitch - chord[0] for pitch in chord[1:])) if chord else ())
        lowest = chord[0] if chord else lowest
    return found[1:]


def copied_chords(tune: Any, known: Sequence[Any], least: int = 4) -> float:
    """The share of a tune that stands in others, in whatever key, in runs of `least` frames or more.

    Args:
        tune: T frames.
        known: the others, such as those that a model has learned from.
        least: frames of the shortest run that counts; of each the step from the frame before belongs to it.

    Returns:
        A share of the T − 1 steps.

    Raises:
        CourseError: what is no tune, a tune of fewer than two frames, or no such number.
    """
    least = check_whole("least", least, 1)
    steps = relative_steps(tune)
    if not steps:
        raise CourseError("The tune has fewer than two frames, so nothing in it can be a copy.")
    others = [relative_steps(other) for other in several(known, "known")]
    symbols = {step: chr(FIRST + number) for number, step in enumerate(sorted({s for other in others for s in other}))}
    text = BETWEEN.join("".join(symbols[step] for step in other) for other in others)
    return copied_share("".join(symbols.get(step, UNKNOWN) for step in steps), text, least)


def sounding(frames: NDArray[Any], keys: int = 4) -> float:
    """The share of frames (T, 88) in which that many keys sound."""
    return float((np.asarray(frames).sum(-1) == keys).mean())


def rubbing(frames: NDArray[Any]) -> float:
    """The share of frames (T, 88) in which two keys beside each other sound, a semitone apart."""
    switches = np.asarray(frames) > 0
    return float((switches[:, 1:] & switches[:, :-1]).any(-1).mean())
