"""Sounds as numbers: at another sample rate, and changed as a room, a microphone or a mood would change them."""

from __future__ import annotations

from math import gcd, isfinite
from typing import TYPE_CHECKING, Any

from course_utils.checks import check_number, check_whole
from course_utils.errors import CourseError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray


def mono(clip: ArrayLike) -> NDArray[np.float32]:
    """A clip as float32 (T,), checked.

    Args:
        clip: samples (T,); or (T, channels) or (channels, T), the longer side being time, and then the mean of the
            channels is taken. An array, a tensor or a list. Whole numbers of 16 or 32 bits become parts of the loudest
            they can say.

    Raises:
        CourseError: it is empty, has no such shape, or holds anything but finite numbers.
    """
    import numpy as np

    if has_its_rate(clip):
        raise CourseError(
            "The clip is a pair of samples and rate, as many libraries return it. Give the samples as the clip, and "
            "the rate as sample_rate."
        )
    given: Any = clip
    if hasattr(given, "detach"):  # a tensor of torch, which this module does not import
        given = given.detach().cpu()
        given = given.float() if str(given.dtype) == "torch.bfloat16" else given
    try:
        samples = np.asarray(given)
    except (ValueError, TypeError) as error:  # channels of different lengths
        raise CourseError(
            f"A clip is numbers of shape (T,), or (T, channels), all channels as long as each other ({error})."
        ) from None
    if samples.dtype in (np.int16, np.int32):
        samples = samples / -float(np.iinfo(samples.dtype).min)
    if samples.dtype.kind not in "fiu" or samples.ndim not in (1, 2):
        raise CourseError(
            f"A clip is numbers of shape (T,), or (T, channels); this one is {samples.dtype} of shape {samples.shape}."
        )
    if samples.size == 0:
        raise CourseError("The clip is empty: it has no samples.")
    if samples.ndim == 2:
        if samples.shape[0] < samples.shape[1]:
            samples = samples.T  # (channels, T)
        samples = samples.mean(axis=1)
    if not np.isfinite(samples).all():
        raise CourseError("The clip holds samples that are NaN or infinite. Look at how it was made.")
    return samples.astype(np.float32)


def has_its_rate(given: Any) -> bool:
    """Is it a pair (samples, rate), or (rate, samples), as libraries that read sounds return it?"""
    if not isinstance(given, tuple | list) or len(given) != 2:
        return False
    return sorted(getattr(part, "ndim", len(part) if hasattr(part, "__len__") else 0) > 0 for part in given) == [
        False,
        True,
    ]


def resampled(clip: NDArray[np.float32], rate: int, to: int) -> NDArray[np.float32]:
    """The same sound at another sample rate; frequencies that the new rate cannot hold are filtered out first.

    Args:
        clip: (T,).
        rate: its samples a second.
        to: those wanted.

    Returns:
        (ceil(T · to / rate),).

    Raises:
        CourseError: a rate that is no whole number from 1.
    """
    import numpy as np
    from scipy.signal import resample_poly

    for name, value in (("rate", rate), ("to", to)):
        check_whole(name, value, 1, unit="samples a second")
    if rate == to:
        return clip
    shared = gcd(int(rate), int(to))
    return resample_poly(clip, int(to) // shared, int(rate) // shared).astype(np.float32)  # type: ignore[no-any-return]


def louder(clip: NDArray[np.float32], decibels: float) -> NDArray[np.float32]:
    """Louder, or softer, (T,): every 20 dB are a factor of 10 of the samples. Nothing is cut off.

    Args:
        clip: (T,).
        decibels: above 0 louder, below 0 softer.

    Raises:
        CourseError: `decibels` is not a finite number.
    """
    _finite("decibels", decibels)
    return clip * clip.dtype.type(10 ** (decibels / 20))


def noisy(
    clip: NDArray[np.float32], rng: np.random.Generator, decibels: float, tilt: float = 0.0
) -> NDArray[np.float32]:
    """With a hiss behind it, (T,).

    Args:
        clip: (T,).
        rng: where the noise comes from.
        decibels: how far the power of the noise lies below that of the clip. 20: a hundredth.
        tilt: the power of the noise falls with its frequency to this power. 0: white, a hiss. 1: pink, as rain. 2:
            brown, a rumble.

    Raises:
        CourseError: `decibels` or `tilt` is not a finite number.
    """
    import numpy as np

    _finite("decibels", decibels)
    _finite("tilt", tilt)
    spectrum = np.fft.rfft(rng.standard_normal(len(clip)))
    spectrum *= np.maximum(np.arange(len(spectrum)), 1) ** (-tilt / 2)
    noise = np.fft.irfft(spectrum, len(clip))
    wanted = float(np.mean(np.square(clip, dtype=np.float64))) * 10 ** (-decibels / 10)
    scale = np.sqrt(wanted / max(float(np.mean(noise**2)), 1e-30))
    changed: NDArray[np.float32] = clip + (scale * noise).astype(np.float32)
    return changed


def shifted(clip: NDArray[np.float32], before: int, after: int) -> NDArray[np.float32]:
    """The clip later or earlier in time: with more silence around it, or cut.

    Args:
        clip: (T,).
        before: samples of silence to put before it; below 0, samples to cut.
        after: the same at its end.

    Returns:
        (T + before + after,).

    Raises:
        CourseError: a number is no whole number, or nothing would be left.
    """
    import numpy as np

    for name, value in (("before", before), ("after", after)):
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
            raise CourseError(f"{name} is {value!r}; it is a whole number of samples, below 0 to cut.")
    kept = clip[max(-before, 0) : len(clip) - max(-after, 0)]
    if len(clip) + min(before, 0) + min(after, 0) <= 0:
        raise CourseError(f"The clip has {len(clip)} samples; cut by {before} and {after}, nothing would be left.")
    return np.pad(kept, (max(before, 0), max(after, 0)))


def faster(clip: NDArray[np.float32], factor: float) -> NDArray[np.float32]:
    """As from a tape that runs faster: shorter, and higher. The factor counts in hundredths.

    Args:
        clip: (T,).
        factor: 1.1 is a tenth faster; 0.9 is slower, longer and deeper.

    Returns:
        (ceil(T / factor),).

    Raises:
        CourseError: the factor is not from 0.25 to 4.
    """
    check_number("factor", factor, 0.25, 4)
    return resampled(clip, round(100 * factor), 100)


def augmented(clip: NDArray[np.float32], rng: np.random.Generator, sample_rate: int = 8000) -> NDArray[np.float32]:
    """The clip as it might have been: at another pace, pitch and loudness, later or earlier, with some noise.

    Up to 15 % slower or faster, 12 dB softer to 6 dB louder, up to 0.1 s of silence on each side or 0.02 s cut (a tenth
    of the clip at most), and noise of any tilt from 0 to 1 that lies 10 to 40 dB below the clip.

    Args:
        clip: (T,).
        rng: all choices come from it.
        sample_rate: samples a second.
    """
    changed = faster(clip, rng.uniform(0.85, 1.15))
    cut = min(0.02, 0.1 * len(changed) / sample_rate)  # seconds
    before, after = (int(rng.uniform(-cut, 0.1) * sample_rate) for _ in range(2))
    changed = louder(shifted(changed, before, after), rng.uniform(-12, 6))
    return noisy(changed, rng, rng.uniform(10, 40), rng.uniform(0, 1))


def _finite(name: str, value: float) -> None:
    """Refuse what is not a finite number."""
    if not isfinite(value):
        raise CourseError(f"{name} is {value!r}; a finite number was expected.")
