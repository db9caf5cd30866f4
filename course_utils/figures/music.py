"""Figures of music: the keys of a tune over time, and what each frame of it cost a model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from course_utils.checks import check_whole
from course_utils.data.chords import as_switches
from course_utils.data.midi import notes_of
from course_utils.display.numbers import short
from course_utils.errors import CourseError
from course_utils.figures.labels import headline
from course_utils.figures.style import COLOURS, Picture, new_figure, show

GIVEN, ADDED = COLOURS["data"], COLOURS["lstm"]
NAMES = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B")
MIDDLE_C = 60
LARGEST = 400  # frames


def key_name(pitch: int) -> str:
    """The name of a key, such as "C4" for the middle C, pitch 60."""
    return f"{NAMES[pitch % 12]}{pitch // 12 - 1}"


def piano_roll(tune: Any, title: str, *, given: int = 0, nats: Sequence[float] | None = None) -> Picture:
    """A tune as bars: time from left to right, keys from low to high. A key that goes on is one long bar.

    Args:
        tune: T frames, as in `course_utils.data.chords.as_switches`.
        title: the finding.
        given: how many of the first frames were given; they are dark, the others blue. 0: all are dark.
        nats: what each frame cost a model, drawn below; T numbers.

    Raises:
        CourseError: what is no tune, has no note or more than 400 frames; numbers that do not fit it.
    """
    switches = as_switches(tune)
    notes, T = notes_of(switches), len(switches)
    given = check_whole("given", given, 0)
    if not notes or T > LARGEST:
        raise CourseError(f"The tune has {len(notes)} notes in {T} frames. Show one of 1 to {LARGEST} frames.")
    costs = None if nats is None else np.asarray(nats, dtype=float)
    if costs is not None and (costs.shape != (T,) or not np.isfinite(costs).all()):
        raise CourseError(f"There are {T} frames and numbers of the shape {costs.shape}. Give a number for each frame.")
    low, high = min(pitch for pitch, *_ in notes) - 2, max(pitch for pitch, *_ in notes) + 2
    tall = 1.0 + 0.075 * (high - low)
    if costs is None:
        fig, upper = new_figure(8, tall)
    else:
        fig, (upper, lower) = new_figure(8, tall + 1.2, nrows=2, sharex=True, height_ratios=[tall, 1.1])
        lower.bar(np.arange(T) + 0.5, costs, width=0.9, color=COLOURS["chance"])
        lower.set(ylabel="nats")
    for pitch, begin, end in notes:
        for start, stop in ((begin, min(end, given)), (max(begin, given), end)) if given else ((begin, end),):
            if stop > start:
                colour = GIVEN if not given or stop <= given else ADDED
                upper.barh(pitch, stop - start - 0.12, left=start + 0.06, height=0.86, color=colour)
    if 0 < given < T:
        upper.axvline(given, color=COLOURS["chance"], linestyle="--", linewidth=1.2)
    octaves = [pitch for pitch in range(low, high + 1) if pitch % 12 == 0]
    upper.set_yticks(octaves, [key_name(pitch) for pitch in octaves])
    upper.set(ylim=(low, high), xlim=(0, T), ylabel="key")
    fig.axes[-1].set_xlabel("frame (a quarter note)")
    headline(fig, title)
    told = [f"{len(notes)} notes in {T} frames, from {key_name(low + 2)} to {key_name(high - 2)}"]
    told += [f"the first {given} frames were given"] if 0 < given < T else []
    told += [] if costs is None else [f"a frame costs {short(float(costs.mean()))} nats in the mean, at most "
                                       f"{short(float(costs.max()))} (frame {int(costs.argmax())})"]  # fmt: skip
    return show(fig, f"{title}. A piano roll: {'; '.join(told)}.")
