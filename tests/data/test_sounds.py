"""Sounds resampled and changed, and the steps to log-mels, compared with torchaudio's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_utils.data.sounds import augmented, faster, louder, mono, noisy, resampled, shifted
from course_utils.errors import CourseError
from course_utils.nn.sound import log_mel
from tests.strategies import examples

RATE = 8000


def tone(hertz: float, rate: int = RATE, seconds: float = 0.5) -> np.ndarray[Any, np.dtype[np.float32]]:
    return (0.5 * np.sin(2 * np.pi * hertz * np.arange(int(rate * seconds)) / rate)).astype(np.float32)


def pitch(clip: np.ndarray[Any, Any], rate: int = RATE) -> float:
    """The loudest frequency in Hz."""
    return float(np.abs(np.fft.rfft(clip)).argmax() * rate / len(clip))


SPEECH = (np.random.default_rng(0).standard_normal(4000, np.float32) * np.hanning(4000) / 4).astype(np.float32)
RATES = st.sampled_from([8000, 11025, 16000, 22050, 44100, 48000])


# --- mono -----------------------------------------------------------------------------------------------------------


def test_mono_takes_what_people_have() -> None:
    left, right = tone(300), tone(500)
    np.testing.assert_allclose(mono(np.stack([left, right], 1)), (left + right) / 2)
    np.testing.assert_allclose(mono(np.stack([left, right])), (left + right) / 2)
    np.testing.assert_allclose(mono((left * 2**15).astype(np.int16)), left, atol=1e-4)
    np.testing.assert_allclose(mono((left * 2.0**31).astype(np.int32)), left, atol=1e-4)
    assert mono([0.5, -0.5]).tolist() == [0.5, -0.5]
    assert mono(torch.tensor([0.5])).dtype == np.float32


@pytest.mark.parametrize(
    ("clip", "words"),
    [
        ([], "empty"),
        (np.zeros((0, 2)), "empty"),
        ([0.0, float("nan")], "NaN or infinite"),
        ([[float("inf")], [0.0]], "NaN or infinite"),
        (["a"], "numbers of shape"),
        (0.5, "numbers of shape"),
        (np.zeros((2, 2, 2)), "numbers of shape"),
        ([1j], "numbers of shape"),
    ],
)
def test_mono_refuses_what_is_no_clip(clip: Any, words: str) -> None:
    with pytest.raises(CourseError, match=words):
        mono(clip)
    with pytest.raises(CourseError, match=words):
        log_mel(clip, RATE)


# --- resampled and changed ------------------------------------------------------------------------------------------


@examples(40)
@given(rate=RATES, to=RATES, hertz=st.integers(200, 3000))
def test_resampling_keeps_pitch_loudness_and_duration(rate: int, to: int, hertz: int) -> None:
    clip = tone(hertz, rate)
    changed = resampled(clip, rate, to)
    assert changed.dtype == np.float32
    assert len(changed) == -(-len(clip) * to // rate)
    assert pitch(changed, to) == pytest.approx(hertz, abs=3)
    assert np.sqrt(np.mean(changed**2)) == pytest.approx(np.sqrt(np.mean(clip**2)), rel=0.03)


def test_what_the_new_rate_cannot_hold_is_filtered_out() -> None:
    folded = resampled(tone(9000, 22050), 22050, 8000)
    assert np.abs(folded[200:-200]).max() < 0.01


def test_a_rate_is_a_whole_number() -> None:
    for wrong in (0, -1, 8000.0, True, "8000"):
        with pytest.raises(CourseError, match=r"(rate|to) must be a whole number of samples a second from 1"):
            resampled(SPEECH, wrong, 8000)  # type: ignore[arg-type]


@given(decibels=st.floats(-60, 60))
def test_louder_and_softer_undo_each_other(decibels: float) -> None:
    changed = louder(SPEECH, decibels)
    assert changed.dtype == np.float32
    np.testing.assert_allclose(louder(changed, -decibels), SPEECH, rtol=1e-4)
    assert np.mean(changed**2) == pytest.approx(np.mean(SPEECH**2) * 10 ** (decibels / 10), rel=1e-3)


@given(decibels=st.floats(-10, 40), tilt=st.floats(0, 2), length=st.integers(2, 4000), seed=st.integers(0, 99))
def test_noise_lies_as_far_below_as_was_asked(decibels: float, tilt: float, length: int, seed: int) -> None:
    clip = SPEECH[-length:] + np.float32(0.1)
    noise = noisy(clip, np.random.default_rng(seed), decibels, tilt).astype(np.float64) - clip
    ratio = np.mean(clip.astype(np.float64) ** 2) / np.mean(noise**2)
    assert 10 * np.log10(ratio) == pytest.approx(decibels, abs=0.1)


def test_tilted_noise_rumbles() -> None:
    shares = []
    for tilt in (0.0, 1.0, 2.0):
        power = np.abs(np.fft.rfft(noisy(np.ones(8000, np.float32), np.random.default_rng(0), 0, tilt) - 1)) ** 2
        shares.append(power[:400].sum() / power.sum())
    assert shares[0] == pytest.approx(0.1, abs=0.03)
    assert shares[0] < shares[1] < shares[2]


@given(before=st.integers(-1500, 1500), after=st.integers(-1500, 1500))
def test_a_shifted_clip_is_the_clip_elsewhere(before: int, after: int) -> None:
    changed = shifted(SPEECH, before, after)
    assert len(changed) == len(SPEECH) + before + after
    first, last = max(-before, 0), len(SPEECH) - max(-after, 0)
    np.testing.assert_array_equal(changed[first + before : last + before], SPEECH[first:last])
    assert np.abs(changed).sum() == pytest.approx(np.abs(SPEECH[first:last]).sum())


def test_a_clip_cannot_be_cut_away() -> None:
    with pytest.raises(CourseError, match="nothing would be left"):
        shifted(SPEECH, -2000, -2000)
    with pytest.raises(CourseError, match="whole number of samples"):
        shifted(SPEECH, 0.5, 0)  # type: ignore[arg-type]


@examples(30)
@given(percent=st.integers(50, 200))
def test_a_faster_tape_is_shorter_and_higher(percent: int) -> None:
    changed = faster(tone(400), percent / 100)
    assert len(changed) == -(-4000 * 100 // percent)
    assert pitch(changed) == pytest.approx(4 * percent, abs=5)


@pytest.mark.parametrize("change", [lambda: faster(SPEECH, 0), lambda: louder(SPEECH, float("nan"))])
def test_changes_refuse_what_makes_no_sense(change: Any) -> None:
    with pytest.raises(CourseError, match=r"expected|from 0\.25 to 4"):
        change()


@examples(50)
@given(seed=st.integers(0, 10**6), length=st.integers(200, 4000))
def test_an_augmented_clip_is_another_clip_of_about_the_same_length(seed: int, length: int) -> None:
    clip = SPEECH[:length]
    changed, again = (augmented(clip, np.random.default_rng(seed)) for _ in range(2))
    assert np.array_equal(changed, again)
    assert changed.dtype == np.float32
    assert np.isfinite(changed).all()
    assert 0.65 * length - 2 <= len(changed) <= length / 0.85 + 1602
    assert not np.array_equal(changed, augmented(clip, np.random.default_rng(seed + 1)))


CLIP = np.linspace(-0.5, 0.5, 40, dtype=np.float32)


@pytest.mark.parametrize(
    "given_as", [torch.tensor(CLIP).bfloat16(), torch.tensor(CLIP).half(), CLIP.astype("f2"), CLIP.tolist()]
)
def test_samples_of_few_bits_and_lists_are_clips(given_as: Any) -> None:
    found = mono(given_as)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, CLIP, atol=2e-3)


def test_tensors_that_need_a_gradient_are_clips() -> None:
    assert np.array_equal(mono(torch.tensor(CLIP, requires_grad=True)), CLIP)


@pytest.mark.parametrize(
    "pair", [(CLIP, 8000), (8000, CLIP), [CLIP, 44100.0], (torch.tensor(CLIP), np.int64(8000)), (CLIP.tolist(), 8000)]
)
def test_a_clip_with_its_rate_is_told_from_a_clip(pair: Any) -> None:
    with pytest.raises(CourseError, match="a pair of samples and rate"):
        mono(pair)


@pytest.mark.parametrize(
    "unlike",
    [
        [CLIP, CLIP[:9]],
        (CLIP[:5], CLIP),
        [CLIP.tolist(), CLIP[:3].tolist()],
        [torch.tensor(CLIP), torch.tensor(CLIP[:3])],
    ],
)
def test_channels_of_unlike_length_are_refused(unlike: Any) -> None:
    with pytest.raises(CourseError, match="all channels as long as each other"):
        mono(unlike)


def test_two_samples_are_a_clip() -> None:
    assert mono([0.25, 0.5]).tolist() == [0.25, 0.5]
    assert mono([CLIP, CLIP]).tolist() == CLIP.tolist()
