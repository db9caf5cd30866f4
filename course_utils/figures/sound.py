"""Figures of sound: the steps from samples to log-mels, what a network says frame by frame; and a player to hear it."""

from __future__ import annotations

import base64
import io
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from course_utils.checks import check_name
from course_utils.data.ogg import without_serial
from course_utils.display.html import Html, element
from course_utils.display.numbers import short
from course_utils.errors import CourseError
from course_utils.figures.labels import headline, readable
from course_utils.figures.style import COLOURS, Picture, new_figure, show

Array: TypeAlias = npt.NDArray[np.float64]

BLANK = "-"
SECOND = 0.15  # a word this probable is named even where the blank is more probable
SOUND, BLUES = COLOURS["data"], "Blues"
PEAK, QUIET = COLOURS["lstm"], "#8a8a8a"
COLUMNS = 2_000  # of a drawn waveform: more cannot be seen
SUBTYPES = {"flac": "PCM_16", "ogg": "VORBIS"}
MOST_SECONDS = 30  # that a player holds: a notebook stays light
WRITTEN = 12  # labels: with more, a confusion matrix shows no numbers


# ---------------------------------------------------------------------------------------------------------------------
# To hear


class Player:
    """A sound that a page can play, wherever the notebook goes: FLAC or Ogg within the page, no file beside it."""

    def __init__(self, clip: Array, rate: int, caption: str, kind: str = "flac") -> None:
        import soundfile

        self.seconds, self.caption, self.kind = len(clip) / rate, caption, kind
        buffer = io.BytesIO()
        with soundfile.SoundFile(buffer, "w", rate, 1, subtype=SUBTYPES[kind], format=kind.upper()) as file:
            for start in range(0, len(clip), rate):  # Vorbis takes no long ones
                file.write(clip[start : start + rate].clip(-1, 1))
        content = buffer.getvalue()
        self.content = content if kind == "flac" else without_serial(content)

    @property
    def html(self) -> Html:
        """An `<audio>` with controls and a caption."""
        data = base64.b64encode(self.content).decode()
        audio = element(
            "audio",
            controls=True,
            preload="metadata",
            aria_label=self.caption,
            style="width:100%;min-width:0",
            src=f"data:audio/{self.kind};base64,{data}",
        )
        caption = element("figcaption", f"{self.caption} ({self.seconds:.1f} s)", style="font-size:90%")
        return element("figure", audio, caption, style="margin:4px 0;max-width:420px")

    def __repr__(self) -> str:
        return f"[sound of {self.seconds:.1f} s: {self.caption}]"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": self.html}


def player(clip: Any, rate: int, caption: str, kind: str = "flac") -> Player:
    """A clip with a button to play it, in JupyterLab and on a static page.

    Args:
        clip: (T,) samples, −1 to 1; what is louder is cut off.
        rate: samples a second.
        caption: what is heard, as far as the caption may reveal it.
        kind: "flac" keeps every sample; "ogg" (Vorbis) is a fifth of its size, good for music.

    Raises:
        CourseError: no samples, no caption, another kind, or more than half a minute.
    """
    samples = _samples(clip, rate)
    if len(samples) > MOST_SECONDS * rate:
        raise CourseError(
            f"A player holds up to {MOST_SECONDS} seconds, so that the notebook stays light; this clip has "
            f"{len(samples) / rate:.0f}. Give a part of it: clip[: {MOST_SECONDS} * rate]."
        )
    if not caption.strip():
        raise CourseError("A player needs a caption, for people who cannot hear it. Say in a few words what is played.")
    check_name("kind", kind, SUBTYPES)
    return Player(samples, rate, caption, kind)


def _samples(clip: Any, rate: int) -> Array:
    """(T,), or a CourseError."""
    samples = np.asarray(clip.detach().cpu() if hasattr(clip, "detach") else clip, dtype=np.float64)
    if samples.ndim != 1 or not len(samples) or not np.isfinite(samples).all() or rate < 1:
        raise CourseError(
            f"A clip is one row of finite samples, (T,), and a rate in samples a second; this one has the shape "
            f"{samples.shape} and the rate {rate}."
        )
    return samples


# ---------------------------------------------------------------------------------------------------------------------
# From samples to log-mels


def waveform(clip: Any, rate: int, title: str) -> Picture:
    """Samples over time; of a long clip the lowest and highest of each stretch.

    Args:
        clip: (T,) samples.
        rate: samples a second.
        title: the finding.

    Raises:
        CourseError: no samples.
    """
    samples = _samples(clip, rate)
    fig, ax = new_figure(8, 2.4)
    _draw_waveform(ax, samples, rate)
    ax.set(xlabel="seconds")
    headline(fig, title)
    loudest = int(np.abs(samples).argmax())
    return show(
        fig,
        f"{title}. The samples of {len(samples) / rate:.2f} seconds, between {short(samples.min(), 2)} and "
        f"{short(samples.max(), 2)}; the largest is at {loudest / rate:.2f} seconds.",
    )


def window_and_power(window: Any, rate: int, title: str) -> Picture:
    """One window of a clip, faded in and out, and the power of its frequencies.

    Args:
        window: (W,) samples.
        rate: samples a second.
        title: the finding.

    Raises:
        CourseError: no samples.
    """
    samples = _samples(window, rate)
    faded = samples * (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(len(samples)) / len(samples)))  # Hann
    power = np.abs(np.fft.rfft(faded)) ** 2
    hertz = np.fft.rfftfreq(len(samples), 1 / rate)
    fig, (left, right) = new_figure(8, 2.6, ncols=2)
    ms = 1000 * np.arange(len(samples)) / rate
    left.plot(ms, samples, color=QUIET, linewidth=0.9)
    left.plot(ms, faded, color=SOUND, linewidth=1.2)
    left.set(xlabel="milliseconds", ylabel="pressure")
    left.set_title("grey: as recorded; dark: faded in and out", fontsize=10, fontweight="normal")
    right.plot(hertz, power, color=PEAK, linewidth=1.6)
    right.set(xlabel="frequency, Hz", ylabel="power", xlim=(0, rate / 2))
    right.set_title(f"power at {len(hertz)} frequencies", fontsize=10, fontweight="normal")
    headline(fig, title)
    return show(
        fig,
        f"{title}. Left the {len(samples)} samples of {1000 * len(samples) / rate:.0f} ms, as recorded and faded in "
        f"and out; right their power at {len(hertz)} frequencies from 0 to {rate / 2:,.0f} Hz, with the largest value "
        f"at {hertz[power.argmax()]:,.0f} Hz.",
    )


def _draw_waveform(ax: Any, samples: Array, rate: int) -> None:
    stretch = max(1, len(samples) // (COLUMNS // 2))
    if stretch == 1:
        ax.plot(np.arange(len(samples)) / rate, samples, color=SOUND, linewidth=0.7)
    else:
        whole = samples[: len(samples) // stretch * stretch].reshape(-1, stretch)
        times = np.arange(len(whole)) * stretch / rate
        ax.fill_between(times, whole.min(axis=1), whole.max(axis=1), color=SOUND, linewidth=0.4)
    ax.set(xlim=(0, len(samples) / rate), ylabel="pressure")


def steps_to_log_mel(clip: Any, rate: int, title: str, *, floor: float = 30.0) -> Picture:
    """A clip, step by step: samples, spectrogram, mel bands, their logarithm, and the logarithm with a floor.

    Args:
        clip: (T,) samples.
        rate: samples a second.
        title: the finding.
        floor: in dB below the loudest value.

    Raises:
        CourseError: no samples, or a clip too short for one window.
    """
    from course_utils.nn.sound import log_mel, mel_filters, spectrogram

    samples = _samples(clip, rate)
    sound = samples.astype(np.float32)
    power = np.asarray(spectrogram(sound, rate), dtype=np.float64)  # (T, F)
    bands = power @ np.asarray(mel_filters(n_mels=40, sample_rate=rate), dtype=np.float64).T  # (T, 40)
    logs = [np.asarray(log_mel(sound, rate, floor=at), dtype=np.float64) for at in (None, floor)]
    fig, axes = new_figure(8, 10, nrows=5, sharex=True, height_ratios=[0.8, 1, 1, 1, 1])
    _draw_waveform(axes[0], samples, rate)
    seconds, top = len(samples) / rate, rate / 2000
    panels = [
        (power, top, "power at each frequency", "kHz", "power"),
        (bands, 40, "power in 40 mel bands", "mel band", "power"),
        (logs[0], 40, "its logarithm, without a floor", "mel band", "dB"),
        (logs[1], 40, f"its logarithm, with a floor {short(floor)} dB below the loudest", "mel band", "dB"),
    ]
    for ax, (values, upper, name, side, unit) in zip(axes[1:], panels, strict=True):
        drawn = ax.imshow(
            values.T, origin="lower", aspect="auto", cmap=BLUES, extent=(0, seconds, 0, upper), interpolation="nearest"
        )
        ax.set(ylabel=side)
        ax.set_title(name, fontsize=10.5, fontweight="normal")
        ax.grid(False)
        fig.colorbar(drawn, ax=ax, pad=0.01, label=unit)
    axes[0].set_title(f"{len(samples):,} samples", fontsize=10.5, fontweight="normal")
    axes[-1].set(xlabel="seconds")
    headline(fig, title)
    T, F = power.shape
    ranges = [f"{short(values.min())} to {short(values.max())} dB" for values in logs]
    most = (bands > 0.01 * bands.max()).mean()
    return show(
        fig,
        f"{title}. Five pictures over {seconds:.2f} seconds. {len(samples):,} samples; a spectrogram of {T} frames "
        f"and {F} frequencies; 40 mel bands, {most:.0%} of their values more than a hundredth of the largest; "
        f"their logarithm without a floor, {ranges[0]}; and with one, {ranges[1]}.",
    )


def filters(mel_matrix: Any, title: str, *, sample_rate: int = 8000) -> Picture:
    """Mel filters: a triangle for each band, over frequency.

    Args:
        mel_matrix: (M, F), the weights of F frequencies from 0 to half the sample rate.
        title: the finding.
        sample_rate: samples a second.

    Raises:
        CourseError: it is no matrix.
    """
    weights = np.asarray(mel_matrix.detach() if hasattr(mel_matrix, "detach") else mel_matrix, dtype=np.float64)
    if weights.ndim != 2 or not weights.size:
        raise CourseError(f"Mel filters are a matrix (M, F); these have the shape {weights.shape}.")
    hertz = np.linspace(0, sample_rate / 2, weights.shape[1])
    fig, ax = new_figure(8, 2.8)
    chosen = len(weights) // 2
    for band, weight in enumerate(weights):
        look = {"color": PEAK, "linewidth": 2.2, "zorder": 3} if band == chosen else {"color": QUIET, "linewidth": 0.9}
        ax.plot(hertz, weight, **look)
    ax.annotate(
        f"band {chosen + 1}", (hertz[weights[chosen].argmax()], 1.02), ha="center", color=readable(PEAK), size=10
    )
    ax.set(xlim=(0, sample_rate / 2), ylim=(0, 1.16 * weights.max()), xlabel="frequency, Hz", ylabel="weight")
    headline(fig, title)
    return show(fig, f"{title}. {len(weights)} triangles over 0 to {sample_rate // 2:,} Hz. {_widths(weights, hertz)}")


def _widths(weights: Array, hertz: Array) -> str:
    """How wide the first and the last triangle are that reach any frequency."""
    reached = [hertz[weight > 0] for weight in weights if (weight > 0).any()]
    if not reached:
        return "None has a weight above 0."
    step = hertz[1] - hertz[0] if len(hertz) > 1 else 0.0
    first, last = (short(float(band[-1] - band[0] + 2 * step)) for band in (reached[0], reached[-1]))
    return f"The first is about {first} Hz wide, the last {last} Hz."


# ---------------------------------------------------------------------------------------------------------------------
# CTC


def emissions(words: Sequence[str], log_probs: Any, title: str) -> Picture:
    """What a network says at each frame: grey the blank, blue the words, each named at its peak.

    Args:
        words: K, the blank among them as "-".
        log_probs: (T, K), log probabilities.
        title: the finding.

    Raises:
        CourseError: log probabilities that do not fit the words.
    """
    values = np.exp(np.asarray(log_probs.detach() if hasattr(log_probs, "detach") else log_probs, dtype=np.float64))
    if (
        values.ndim != 2
        or values.shape[1] != len(words)
        or not len(values)
        or not np.allclose(values.sum(1), 1, atol=1e-3)
    ):
        raise CourseError(
            f"For {len(words)} words give log probabilities (T, {len(words)}) whose exponentials sum to 1 at each "
            f"frame; these have the shape {values.shape}."
        )
    frames = np.arange(1, len(values) + 1)
    fig, ax = new_figure(8, 3.2)
    for word, column in zip(words, values.T, strict=True):
        if word == BLANK:
            ax.fill_between(frames, column, color="#dddddd", linewidth=0, label="blank")
        elif column.max() > 0.02:
            ax.plot(frames, column, color=PEAK, linewidth=1.6)
    peaks = _peaks(words, values)
    second = _second_guesses(words, values)
    for word, frame, value in second:
        ax.annotate(
            f"{word}?", (frame, value), (0, 3), textcoords="offset points", ha="center", size=9, color=readable(QUIET)
        )
    for index, (word, frame, value) in enumerate(peaks):
        ax.annotate(word, (frame, value), (0, 4 + 12 * (index % 2)), textcoords="offset points", ha="center", size=10)
    if BLANK in words:
        ax.plot([], [], color=PEAK, label="words")
        ax.legend(frameon=False, ncols=2, fontsize=9, loc="upper right", bbox_to_anchor=(1, 1.02))
    ax.set(xlabel="frame", ylabel="probability", ylim=(0, 1.32), xlim=(0, len(values) + 1), yticks=[0, 0.5, 1])
    headline(fig, title)
    listing = "; ".join(f"{word} at frame {frame} ({short(value, 2)})" for word, frame, value in peaks) or "none"
    quiet = (
        f" At {(values.argmax(1) == list(words).index(BLANK)).mean():.0%} of them it is the blank."
        if BLANK in words
        else ""
    )
    others = "; ".join(f"{word} at frame {frame} ({short(value, 2)})" for word, frame, value in second)
    also = f" Words of at least {SECOND:.0%} that are nowhere the most probable: {others}." if others else ""
    return show(fig, f"{title}. Where a word is the most probable of {len(values)} frames: {listing}.{quiet}{also}")


def _second_guesses(words: Sequence[str], values: Array) -> list[tuple[str, int, float]]:
    """Stretches in which a word has a probability of `SECOND` and more, and is nowhere the most probable."""
    found = []
    for index, word in enumerate(words):
        for high, run in groupby(range(len(values)), key=lambda t: bool(values[t, index] >= SECOND)):
            frames = list(run)
            if high and word != BLANK and not any(values[t].argmax() == index for t in frames):
                peak = max(frames, key=lambda t: float(values[t, index]))
                found.append((word, peak + 1, float(values[peak, index])))
    return found


def _peaks(words: Sequence[str], values: Array) -> list[tuple[str, int, float]]:
    """Each run of frames in which one word is the most probable: the word, the frame of its peak from 1, its value."""
    peaks = []
    for best, run in groupby(range(len(values)), key=lambda t: int(values[t].argmax())):
        if words[best] != BLANK:
            frame = max(run, key=lambda t: float(values[t, best]))
            peaks.append((words[best], frame + 1, float(values[frame, best])))
    return peaks


def lattice(states: Sequence[str], posteriors: Any, title: str) -> Picture:
    """How much of a word's probability passes each state at each frame: the larger the dot, the more.

    Args:
        states: S classes: blanks around and between the letters.
        posteriors: (T, S); those of a frame sum to 1, or are all 0 where no path reads the word.
        title: the finding.

    Raises:
        CourseError: shares that do not fit the states.
    """
    shares = np.asarray(posteriors.detach() if hasattr(posteriors, "detach") else posteriors, dtype=np.float64)
    if shares.ndim != 2 or shares.shape[1] != len(states) or not len(shares):
        raise CourseError(f"For {len(states)} states give shares (T, {len(states)}); these are {shares.shape}.")
    T, S = shares.shape
    fig, ax = new_figure(min(2.2 + 0.62 * T, 11), min(1.4 + 0.42 * S, 10))
    t, s = (axis.ravel() for axis in np.meshgrid(np.arange(1, T + 1), np.arange(S), indexing="ij"))
    sizes = shares.ravel()
    ax.scatter(t, s, s=6, color=QUIET, zorder=2)
    ax.scatter(t, s, s=330 * sizes, color=PEAK, zorder=3)
    if T * S <= 80:
        for x, y, share in zip(t, s, sizes, strict=True):
            if share >= 0.005:
                ax.annotate(f"{share:.2f}", (x, y), (0, -16), textcoords="offset points", ha="center", size=8)
    ax.set_yticks(range(S), states)
    ax.set(xlabel="frame", ylabel="state", ylim=(S - 0.3, -0.6), xlim=(0.4, T + 0.6))
    if T <= 20:
        ax.set_xticks(range(1, T + 1))
    ax.grid(False)
    headline(fig, title)
    most = [
        f"{frame}: {states[row.argmax()]} (state {row.argmax() + 1}, {row.max():.2f})"
        for frame, row in enumerate(shares, 1)
    ]
    listing = "; ".join(most[:12]) if shares.any() else "none, P is 0"
    return show(fig, f"{title}. A lattice of {S} states and {T} frames. Where most passes, frame by frame: {listing}.")


# ---------------------------------------------------------------------------------------------------------------------
# Answers


def confusion(predictions: Sequence[object], truth: Sequence[object], title: str) -> Picture:
    """Predictions against true labels: a row for each true label, dark where a prediction is frequent.

    Args:
        predictions: N answers.
        truth: N true labels.
        title: the finding.

    Raises:
        CourseError: no answers, or numbers of them that differ.
    """
    answers, references = [str(prediction) for prediction in predictions], [str(label) for label in truth]
    if not answers or len(answers) != len(references):
        raise CourseError(
            f"There are {len(answers)} answers and {len(references)} true labels. Give one label for each answer, and "
            "at least one answer."
        )
    labels = sorted({*answers, *references}, key=lambda label: (len(label) if label.isdigit() else 0, label))
    index = {label: n for n, label in enumerate(labels)}
    counts = np.zeros((len(labels), len(labels)))
    np.add.at(counts, ([index[label] for label in references], [index[answer] for answer in answers]), 1)
    shares = counts / counts.sum(axis=1, keepdims=True).clip(1)
    side = min(1.9 + 0.42 * len(labels), 7)
    fig, ax = new_figure(side + 0.9, side)
    drawn = ax.imshow(shares, cmap=BLUES, vmin=0, vmax=1, interpolation="nearest")
    fig.colorbar(drawn, ax=ax, pad=0.02, ticks=[0, 0.5, 1], label="share of the row")
    if len(labels) <= WRITTEN:
        _write_counts(ax, counts, shares)
        ax.set_xticks(range(len(labels)), labels, rotation=0 if max(map(len, labels)) <= 2 else 60)
        ax.set_yticks(range(len(labels)), labels)
    else:
        ax.set(xticks=[], yticks=[])
    ax.set(xlabel="said", ylabel="right")
    ax.grid(False)
    headline(fig, title)
    hits = sum(answer == label for answer, label in zip(answers, references, strict=True))
    wrong = Counter((r, a) for a, r in zip(answers, references, strict=True) if a != r).most_common(3)
    often = "; ".join(f"{a} for {r}, {n} time{'s' * (n != 1)}" for (r, a), n in wrong) or "nothing was wrong"
    return show(
        fig, f"{title}. {hits:,} of {len(references):,} are right, of {len(labels)} labels. Most often wrong: {often}."
    )


def _write_counts(ax: Any, counts: Array, shares: Array) -> None:
    for row, column in np.argwhere(counts):
        colour = "white" if shares[row, column] > 0.55 else SOUND
        ax.text(column, row, f"{counts[row, column]:.0f}", ha="center", va="center", size=9, color=colour)
