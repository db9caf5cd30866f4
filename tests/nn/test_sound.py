"""Spectra and log-mel: torchaudio's numbers, a floor, and silence."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
import torchaudio
from hypothesis import given
from hypothesis import strategies as st

from course_utils.data.sounds import louder
from course_utils.errors import CourseError
from course_utils.nn.sound import log_mel, mel_filters, spectrogram
from tests.strategies import examples

RATE = 8000


def tone(hertz: float, rate: int = RATE, seconds: float = 0.5) -> np.ndarray[Any, np.dtype[np.float32]]:
    return (0.5 * np.sin(2 * np.pi * hertz * np.arange(int(rate * seconds)) / rate)).astype(np.float32)


SPEECH = np.random.default_rng(0).standard_normal(4000).astype(np.float32) * np.hanning(4000).astype(np.float32) / 4
RATES = st.sampled_from([8000, 11025, 16000, 22050, 44100, 48000])


@examples(25)
@given(rate=RATES, length=st.integers(2000, 6000), n_mels=st.sampled_from([10, 24, 40]), seed=st.integers(0, 99))
def test_our_steps_are_those_of_torchaudio(rate: int, length: int, n_mels: int, seed: int) -> None:
    clip = np.random.default_rng(seed).standard_normal(length).astype(np.float32) / 5
    window, hop = round(0.025 * rate), round(0.01 * rate)
    transform = torchaudio.transforms.MelSpectrogram(rate, n_fft=window, hop_length=hop, n_mels=n_mels, center=False)
    theirs = transform(torch.from_numpy(clip)).T  # (T, n_mels)
    ours = spectrogram(clip, rate) @ mel_filters(n_mels, rate).T
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4 * float(theirs.max()))
    to_decibels = torchaudio.transforms.AmplitudeToDB("power", top_db=30)
    expected = to_decibels(theirs)
    torch.testing.assert_close(log_mel(clip, rate, n_mels), expected - expected.max(), rtol=0, atol=0.01)


@given(floor=st.floats(1, 90), gain=st.floats(-40, 20))
def test_a_log_mel_has_its_floor_whatever_the_loudness(floor: float, gain: float) -> None:
    clip = np.concatenate([SPEECH, np.zeros(400, np.float32)])
    heard = log_mel(clip, RATE, floor=floor)
    assert heard.max() == 0
    assert float(heard.min()) == pytest.approx(-floor, abs=1e-3)
    torch.testing.assert_close(log_mel(louder(clip, gain), RATE, floor=floor), heard, rtol=0, atol=0.01)


def test_without_a_floor_silence_is_far_below() -> None:
    clip = np.concatenate([tone(440), np.zeros(400, np.float32)])
    heard, floored = log_mel(clip, RATE, floor=None), log_mel(clip, RATE)
    assert heard.min() < -90
    assert torch.isfinite(heard).all()
    torch.testing.assert_close(heard.clamp(min=-30), floored)


def test_a_tone_is_in_the_band_of_its_pitch() -> None:
    centres = [float(mel_filters(40, RATE)[band].argmax()) * RATE / 200 for band in range(40)]
    for hertz in (500, 1000, 2000, 3000):
        band = int(log_mel(tone(hertz), RATE).mean(0).argmax())
        assert abs(centres[band] - hertz) < 0.1 * hertz


@pytest.mark.parametrize("length", [1, 199, 200, 279, 280, 8000])
def test_a_clip_has_as_many_frames_as_whole_windows(length: int) -> None:
    assert log_mel(np.ones(length, np.float32), RATE).shape == (1 + max(length - 200, 0) // 80, 40)


def test_silence_is_on_the_floor() -> None:
    silence = np.zeros(1000, np.float32)
    assert (log_mel(silence, RATE) == -30).all()
    assert (log_mel(silence, RATE, floor=None) == 0).all()


def test_what_makes_no_sense_is_refused() -> None:
    for wrong in (0, 100, 8000.5, "8000", True, None):
        with pytest.raises(CourseError, match="sample_rate must be a whole number of samples a second from 4,000 to"):
            log_mel(SPEECH, wrong)  # type: ignore[arg-type]
    for wrong in (0, 2.5, True):
        with pytest.raises(CourseError, match="n_mels must be a whole number of bands from 1; it is"):
            log_mel(SPEECH, RATE, n_mels=wrong)  # type: ignore[arg-type]
    for wrong in (0, -30, float("nan")):
        with pytest.raises(CourseError, match="floor must be a number greater than 0; it is"):
            log_mel(SPEECH, RATE, floor=wrong)
    assert log_mel(SPEECH, np.int64(RATE)).shape == (48, 40)  # type: ignore[arg-type]
