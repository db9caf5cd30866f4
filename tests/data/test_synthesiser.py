"""The synthesiser: a note has its frequency, its length, and fades; nothing is too loud."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from course_utils.data.synthesiser import LONGEST, RATE, RELEASE, heard
from course_utils.errors import CourseError


def loudest_frequency(sound: np.ndarray, rate: int) -> float:
    spectrum = np.abs(np.fft.rfft(sound))
    return float(np.fft.rfftfreq(len(sound), 1 / rate)[spectrum.argmax()])


@pytest.mark.parametrize(("pitch", "frequency"), [(69, 440.0), (57, 220.0), (81, 880.0), (60, 261.63)])
@pytest.mark.parametrize("rate", [RATE, 8_000])
def test_a_note_has_its_frequency(pitch: int, frequency: float, rate: int) -> None:
    assert loudest_frequency(heard([{pitch}] * 4, rate=rate), rate) == pytest.approx(frequency, abs=0.6)


def test_a_tune_lasts_as_long_as_its_frames_and_stays_within_bounds() -> None:
    tune = [{48, 60, 64, 67, 72}] * 3 + [set()] * 2
    sound = heard(tune, 0.25)
    assert sound.dtype == np.float32
    assert len(sound) == pytest.approx((5 * 0.25 + RELEASE) * RATE, abs=2)
    assert np.abs(sound).max() == pytest.approx(0.9)
    assert np.abs(sound[round((0.75 + RELEASE) * RATE) + 1 :]).max() == 0


def test_a_note_fades_and_begins_and_ends_without_a_click() -> None:
    sound = np.abs(heard([{60}] * 8, 0.5))
    parts = [sound[start : start + RATE].max() for start in range(0, 4 * RATE, RATE)]
    assert parts == sorted(parts, reverse=True)
    assert sound[0] == 0
    assert np.abs(np.diff(sound)).max() < 0.5
    assert sound[-20:].max() < 0.01


def test_keys_that_go_on_are_struck_once() -> None:
    joined, again = heard([{60}] * 2), heard([{60}, set(), {60}, set()])
    middle = slice(round(0.5 * RATE), round(0.55 * RATE))
    assert np.abs(joined[middle]).max() > 0.3
    assert np.abs(again[round(0.6 * RATE) : round(0.95 * RATE)]).max() == 0


def test_overtones_that_the_rate_cannot_hold_are_left_out() -> None:
    sound = heard([{108}], rate=10_000)  # 4,186 Hz: its second would be heard as 1,628 Hz
    spectrum = np.abs(np.fft.rfft(sound))
    frequencies = np.fft.rfftfreq(len(sound), 1 / 10_000)
    assert spectrum[np.abs(frequencies - 1_628) < 100].max() < 0.02 * spectrum.max()


def test_a_rest_is_silent() -> None:
    assert not heard([set(), set()]).any()


@pytest.mark.parametrize(
    ("tune", "options", "word"),
    [
        ([], {}, "no frame"),
        ([{60}] * 4, {"seconds": 0}, "seconds"),
        ([{60}], {"rate": 100}, "rate"),
        ([{60}] * 4_000, {}, f"{LONGEST:,}"),
        ([{200}], {}, "pitches"),
    ],
)
def test_what_cannot_be_heard_is_refused(tune: Any, options: dict[str, Any], word: str) -> None:
    with pytest.raises(CourseError, match=word):
        heard(tune, **options)
