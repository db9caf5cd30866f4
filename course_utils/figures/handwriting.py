"""Figures of handwriting: lines, what a network says over their columns, how sure it is, and the way of a pen."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from course_utils.errors import CourseError
from course_utils.figures.labels import headline
from course_utils.figures.style import COLOURS, Picture, new_figure, show
from course_utils.metrics.calibration import calibration_bins
from course_utils.stats import share_interval

Array: TypeAlias = npt.NDArray[np.float64]

PEAK, SURE, QUIET = COLOURS["lstm"], COLOURS["chance"], "#8a8a8a"
BLUES = "Blues"
COLUMN = 0.045  # inches, of a column of a picture
MOST_SHOWN = 40  # lines of a figure
NAMED = 0.05  # a character this probable somewhere gets a row


def lines(images: Sequence[Any], captions: Sequence[str], title: str, *, columns: int = 2) -> Picture:
    """Pictures of lines, each with its caption above, at one scale.

    Args:
        images: N arrays (h, w), 0 the paper, the largest value the ink.
        captions: N texts.
        title: the finding.
        columns: pictures side by side.

    Raises:
        CourseError: no pictures, too many, another number of captions, or something else than grey pictures.
    """
    arrays = [_numbers(image) for image in images]
    if not 0 < len(arrays) == len(captions) or len(arrays) > MOST_SHOWN:
        raise CourseError(
            f"There are {len(arrays)} lines and {len(captions)} captions. Give one for each, 1 to {MOST_SHOWN} lines."
        )
    if any(array.ndim != 2 or not array.size for array in arrays):
        raise CourseError("A line is a grey picture, (h, w). Give the colours of one as their mean.")
    widest, highest = max(array.shape[1] for array in arrays), max(array.shape[0] for array in arrays)
    rows = -(-len(arrays) // columns)
    scale = min(8.4 / columns / widest, 0.025)  # inches a pixel
    fig, axes = new_figure(
        columns * widest * scale + 0.3, rows * (highest * scale + 0.3) + 0.5, nrows=rows, ncols=columns, squeeze=False
    )
    for ax in axes.flatten():
        ax.set_axis_off()
    for ax, array, caption in zip(axes.flatten(), arrays, captions, strict=False):
        ax.imshow(array, cmap="Greys", vmin=0, vmax=max(float(array.max()), 1e-9), interpolation="nearest")
        ax.set(xlim=(-0.5, widest - 0.5), ylim=(highest - 0.5, -0.5))
        ax.set_title(caption, fontsize=10, fontweight="normal", pad=2)
    headline(fig, title)
    count = f"{len(arrays)} line{'s' * (len(arrays) != 1)}"
    return show(fig, f"{title}. Pictures of {count} of handwriting; above each stands: {'; '.join(captions)}.")


def over_columns(seen: Any, characters: Sequence[str], log_probs: Any, title: str) -> Picture:
    """A line, and below its columns what the network says at each frame: dark where a character is probable.

    Args:
        seen: (h, W), the line as the network sees it.
        characters: all it can write; the blank, number 0 of the scores, is not among them.
        log_probs: (T, 1 + K), log probabilities, each frame over as many columns.
        title: the finding.

    Raises:
        CourseError: log probabilities that do not fit the characters.
    """
    picture, chances = _numbers(seen), np.exp(_numbers(log_probs))
    _check_frames(picture, chances, 1 + len(characters), "characters and the blank")
    named = [k for k in range(1, chances.shape[1]) if chances[:, k].max() >= NAMED]
    rows = [0, *(named or range(1, min(2, chances.shape[1])))]
    labels = ["blank", *(characters[k - 1] for k in rows[1:])]
    fig = _draw_below(picture, chances[:, rows].T, labels, "probability", title)
    read = [(k, list(run)) for k, run in groupby(range(len(chances)), key=lambda t: int(chances[t].argmax()))]
    peaks = [f"{characters[k - 1]} at frame {run[0] + 1}" for k, run in read if k]
    blank = float((chances.argmax(axis=1) == 0).mean())
    return show(
        fig,
        f"{title}. A line of handwriting, and below it {len(chances)} frames. Where a character is the most probable: "
        f"{', '.join(peaks) or 'nowhere'}. At {blank:.0%} of the frames it is the blank.",
    )


def states_over_columns(seen: Any, states: Sequence[str], shares: Any, title: str) -> Picture:
    """A line, and below its columns how the states of a text share each frame: dark where a share is large.

    Args:
        seen: (h, W), the line as the network sees it.
        states: S names, from the first state to the last.
        shares: (T, S), each row with the sum 1.
        title: the finding.

    Raises:
        CourseError: shares that do not fit the states.
    """
    picture, parts = _numbers(seen), _numbers(shares)
    _check_frames(picture, parts, len(states), "states")
    fig = _draw_below(picture, parts.T, list(states), "share", title, rows="state")
    passed = [f"{states[s]} from frame {run[0] + 1}" for s, run in _runs(parts)]
    return show(
        fig,
        f"{title}. A line of handwriting, and below it {len(parts)} frames and {len(states)} states. The state with "
        f"the largest share: {', '.join(passed)}.",
    )


def _runs(parts: Array) -> list[tuple[int, list[int]]]:
    return [(s, list(run)) for s, run in groupby(range(len(parts)), key=lambda t: int(parts[t].argmax()))]


def _check_frames(picture: Array, values: Array, wanted: int, what: str) -> None:
    fits = values.ndim == 2 and values.shape[1] == wanted and len(values)
    if picture.ndim != 2 or not fits or not np.allclose(values.sum(axis=1), 1, atol=1e-3):
        raise CourseError(
            f"For a picture (h, W) and {wanted} {what} give (T, {wanted}) numbers whose sum is 1 at each frame; these "
            f"have the shapes {picture.shape} and {values.shape}."
        )


def _draw_below(picture: Array, values: Array, labels: list[str], unit: str, title: str, rows: str = "class") -> Any:
    """A picture, and below it an image (rows, T) that shares its columns."""
    width = picture.shape[1]
    inches = min(max(width * COLUMN, 4.0), 9.0)
    fig, (above, below) = new_figure(
        inches + 1.2,
        1.3 + inches * len(picture) / width + 0.2 * len(labels),
        nrows=2,
        sharex=True,
        height_ratios=[inches * len(picture) / width, 0.2 * len(labels)],
    )
    above.imshow(picture, cmap="Greys", vmin=0, vmax=1, aspect="auto", extent=(0, width, len(picture), 0))
    above.set(yticks=[])
    above.grid(False)
    drawn = below.imshow(
        values, cmap=BLUES, vmin=0, vmax=1, aspect="auto", extent=(0, width, len(values), 0), interpolation="nearest"
    )
    below.set_yticks(np.arange(len(labels)) + 0.5, labels, fontsize=9 if len(labels) < 14 else 7)
    below.set(xlabel="column of the picture", ylabel=rows)
    below.grid(False)
    fig.colorbar(drawn, ax=[above, below], pad=0.01, label=unit, ticks=[0, 0.5, 1])
    headline(fig, title)
    return fig


def reliability(confidence: Sequence[float], right: Sequence[bool], title: str, *, bins: int = 10) -> Picture:
    """How often answers are right, by how sure the network was of them; the dashed line: as often as it was sure.

    Bars are 95 % intervals of the shares (Wilson).

    Args:
        confidence: N numbers from 0 to 1.
        right: was each answer right?
        title: the finding.
        bins: of equal width.

    Raises:
        CourseError: as of `calibration_bins`.
    """
    found = calibration_bins(confidence, right, bins)
    fig, ax = new_figure(5.2, 4.4)
    ax.plot([0, 1], [0, 1], color=SURE, linestyle=(0, (5, 3)), linewidth=1.2)
    ax.text(0.99, 0.02, "dashed: as sure as right; bars: 95 %", ha="right", size=9, color=SURE)
    for b in found:
        low, high = share_interval(round(b.right * b.answers), b.answers)
        ax.plot([b.confidence] * 2, [low, high], color=PEAK, linewidth=1.4)
        ax.plot(b.confidence, b.right, "o", color=PEAK, markersize=6)
        near, side = ((-6, 4), "right") if b.right >= b.confidence else ((5, -12), "left")  # away from the dashed line
        ax.annotate(f"{b.answers}", (b.confidence, b.right), near, textcoords="offset points", ha=side, size=9)
    ax.set(xlabel="confidence, mean of the bin", ylabel="share of its lines that are right", xlim=(0, 1.04))
    ax.set_ylim(0, 1.08)
    headline(fig, title)
    said = "; ".join(f"confidence {b.confidence:.2f}: {b.right:.2f} of {b.answers} right" for b in found)
    return show(fig, f"{title}. Dots for bins of confidence, with their numbers of answers. {said}.")


def pens(writings: Sequence[Any], captions: Sequence[str], title: str) -> Picture:
    """Writings as a pen made them: each stroke with its number where it begins, dots for the points.

    Args:
        writings: N arrays (T, 3): x, y (downwards), and 1 where the pen is lifted after this point.
        captions: N texts.
        title: the finding.

    Raises:
        CourseError: no writings, another number of captions, or something else than points.
    """
    arrays = [_numbers(points) for points in writings]
    if not 0 < len(arrays) == len(captions) or any(a.ndim != 2 or a.shape[1] != 3 or not len(a) for a in arrays):
        raise CourseError("Give writings as arrays of points (T, 3), one at least, and a caption for each.")
    sizes = [np.ptp(a[:, :2], axis=0) for a in arrays]
    highest = max(float(size[1]) for size in sizes) or 1.0
    widths = [max(float(size[0]) / highest, 0.4) for size in sizes]
    fig, axes = new_figure(min(1.6 * sum(widths) + 0.8, 9), 2.7, ncols=len(arrays), squeeze=False, width_ratios=widths)
    counts = []
    for ax, points, caption in zip(axes[0], arrays, captions, strict=True):
        strokes = np.split(points[:, :2], np.flatnonzero(points[:-1, 2]) + 1)
        counts.append(len(strokes))
        for number, stroke in enumerate(strokes, 1):
            ax.plot(*stroke.T, color=PEAK, marker=".", markersize=4, linewidth=1.4)
            ax.annotate(f"{number}", stroke[0], (-3, 4), textcoords="offset points", ha="right", size=10, color=SURE)
        ax.set(aspect="equal", xticks=[], yticks=[])
        ax.margins(0.16)
        ax.invert_yaxis()
        ax.grid(False)
        ax.spines[:].set(visible=False)
        ax.set_title(caption, fontsize=10.5, fontweight="normal")
    headline(fig, title)
    said = "; ".join(
        f"{caption}: {count} stroke{'s' * (count != 1)}, {len(points)} points"
        for caption, count, points in zip(captions, counts, arrays, strict=True)
    )
    return show(fig, f"{title}. Writings as lines with a dot at each point, strokes numbered. {said}.")


def _numbers(values: Any) -> Array:
    return np.asarray(values.detach().cpu() if hasattr(values, "detach") else values, dtype=np.float64)
