"""From samples to log-mels: windows, the power of their frequencies, mel bands, decibels. Each step by itself.

The mel scale is 2595 · log₁₀(1 + hertz / 700) (O'Shaughnessy 1987, *Speech Communication: Human and Machine*); the
steps are those of `torchaudio.transforms.MelSpectrogram` with `center=False`, and give the same numbers.
"""

from __future__ import annotations

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from course_utils.checks import check_positive, check_whole
from course_utils.data.sounds import mono

WINDOW, HOP = 0.025, 0.010  # seconds
QUIETEST = 1e-10  # power; what is below counts as this


def spectrogram(clip: ArrayLike, sample_rate: int) -> Tensor:
    """The power of each frequency in windows of 25 ms, one every 10 ms.

    Each window is faded in and out (Hann) before its Fourier transform. A clip shorter than a window is filled up with
    silence at its end.

    Args:
        clip: samples (T,), or (T, channels), the mean of which is taken.
        sample_rate: samples a second.

    Returns:
        (frames, frequencies): frequencies from 0 to half the sample rate, window // 2 + 1 of them.

    Raises:
        CourseError: the clip is empty or holds anything but finite numbers, or the sample rate makes no sense.
    """
    check_rate(sample_rate)
    window, hop = round(WINDOW * sample_rate), round(HOP * sample_rate)  # samples
    samples = torch.from_numpy(mono(clip))  # (T,)
    samples = torch.nn.functional.pad(samples, (0, max(window - len(samples), 0)))
    windows = samples.unfold(0, window, hop) * torch.hann_window(window)  # (frames, window)
    power: Tensor = torch.fft.rfft(windows).abs() ** 2
    return power


def mel_filters(n_mels: int, sample_rate: int) -> Tensor:
    """Overlapping triangles, equally far apart on the mel scale: narrow for low frequencies, wide for high ones.

    Args:
        n_mels: how many.
        sample_rate: samples a second; the triangles reach from 0 to half of it.

    Returns:
        (n_mels, frequencies), the weight of each frequency of `spectrogram` in each band, 0 to 1.

    Raises:
        CourseError: `n_mels` is no whole number from 1, or the sample rate makes no sense.
    """
    check_rate(sample_rate)
    check_whole("n_mels", n_mels, 1, unit="bands")
    window = round(WINDOW * sample_rate)
    hertz = torch.linspace(0, sample_rate // 2, window // 2 + 1)  # (frequencies,)
    highest = to_mel(torch.tensor(sample_rate // 2, dtype=torch.float32))
    corners = from_mel(torch.linspace(0, float(highest), n_mels + 2))  # (n_mels + 2,)
    left, centre, right = corners[:-2, None], corners[1:-1, None], corners[2:, None]  # (n_mels, 1)
    rising, falling = (hertz - left) / (centre - left), (right - hertz) / (right - centre)
    return torch.minimum(rising, falling).clamp(min=0)


def log_mel(clip: ArrayLike, sample_rate: int, n_mels: int = 40, floor: float | None = 30.0) -> Tensor:
    """What a listener's net reads: the power in each mel band, in decibels below the clip's loudest value.

    Args:
        clip: samples (T,), or (T, channels), the mean of which is taken.
        sample_rate: samples a second.
        n_mels: bands.
        floor: what is more than so many dB below the loudest is lifted to −floor. None: no floor. (A power below
            10⁻¹⁰, where a clip of 16 bits holds nothing, counts as 10⁻¹⁰: the logarithm of 0 would be −∞.)

    Returns:
        (frames, n_mels), from −floor to 0. A silent clip is −floor throughout; without a floor, 0.

    Raises:
        CourseError: as of `spectrogram` and `mel_filters`, or `floor` is not above 0.
    """
    if floor is not None:
        check_positive("floor", floor)
    bands = spectrogram(clip, sample_rate) @ mel_filters(n_mels, sample_rate).T  # (frames, n_mels)
    loudest = bands.max()
    if floor is None:
        return 10 * torch.log10(bands.clamp(min=QUIETEST) / loudest.clamp(min=QUIETEST))
    if loudest <= QUIETEST:
        return torch.full_like(bands, -floor)
    return 10 * torch.log10((bands / loudest).clamp(min=10 ** (-floor / 10)))


def to_mel(hertz: Tensor) -> Tensor:
    """Hertz on the mel scale."""
    return 2595 * torch.log10(1 + hertz / 700)


def from_mel(mel: Tensor) -> Tensor:
    """Back from the mel scale to hertz."""
    return 700 * (10 ** (mel / 2595) - 1)


def check_rate(sample_rate: int) -> None:
    """Refuse what is no sample rate of speech.

    Raises:
        CourseError: it is no whole number from 4,000 to 192,000.
    """
    check_whole("sample_rate", sample_rate, 4_000, 192_000, unit="samples a second")
