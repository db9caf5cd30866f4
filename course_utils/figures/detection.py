"""Figures of object detection: boxes over pictures, heat maps, precision against recall, and kinds of error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from matplotlib.patches import Rectangle

from course_utils.display.numbers import short
from course_utils.errors import CourseError
from course_utils.figures.labels import headline
from course_utils.figures.style import COLOURS, Picture, new_figure, show
from course_utils.nn.detection import peaks

Array = npt.NDArray[np.float64]
TRUE, FOUND = "#56B4E9", "#E69F00"  # boxes on dark pictures
SIDE = 2.1  # inches of a picture
MOST_COLUMNS = 4
HEAT = "inferno"


def found_in(images: Sequence[Any], found: Sequence[Any], truth: Sequence[Any] | None, title: str) -> Picture:
    """Pictures with what was found in them, and with the true boxes.

    Args:
        images: N of (C, H, W) or (H, W).
        found: N of (boxes, labels, scores), as `Detector.detect` answers.
        truth: N of (boxes, labels); None: they are not drawn.
        title: the finding.

    Raises:
        CourseError: not as many of one as of the other.
    """
    if len(images) != len(found) or (truth is not None and len(truth) != len(images)):
        raise CourseError(
            f"There are {len(images)} pictures, answers for {len(found)} and true boxes of "
            f"{len(found) if truth is None else len(truth)}. Give one for each."
        )
    fig, axes = _cells(len(images))
    texts = []
    for index, (ax, image) in enumerate(zip(axes, images, strict=True)):
        _draw(ax, image)
        boxes, labels, scores = found[index]
        if truth is not None:
            _boxes(ax, truth[index][0], [""] * len(truth[index][1]), TRUE, "-")
        _boxes(ax, boxes, [f"{label} {float(s):.2f}" for label, s in zip(labels, scores, strict=True)], FOUND, "--")
        texts.append(", ".join(map(str, labels)) or "nothing")
    drawn = "dashed boxes are found" + (", solid ones true" if truth is not None else "")
    headline(fig, title)
    return show(fig, f"{title}. {len(images)} pictures; {drawn}. Found: {'; '.join(texts)}.")


def true_boxes(images: Sequence[Any], boxes: Sequence[Any], labels: Sequence[Any], title: str) -> Picture:
    """Pictures with the boxes around their objects.

    Args:
        images: N of (C, H, W) or (H, W).
        boxes: N of (n, 4).
        labels: N lists.
        title: the finding.
    """
    fig, axes = _cells(len(images))
    for ax, image, own, names in zip(axes, images, boxes, labels, strict=True):
        _draw(ax, image)
        _boxes(ax, own, list(map(str, names)), TRUE, "-")
    headline(fig, title)
    listing = "; ".join(", ".join(map(str, names)) for names in labels)
    return show(fig, f"{title}. {len(images)} pictures with a box around each object: {listing}.")


def heat_over(image: Any, heat: Any, names: Sequence[object], title: str, outlined: float = 0.1) -> Picture:
    """A picture, and beside it the heat map of each class over it; what is cold leaves the picture as it is.

    Args:
        image: (C, H, W) or (H, W).
        heat: (K, h, w), 0 … 1.
        names: K.
        title: the finding.
        outlined: from this value on the cells that no neighbour exceeds have a frame.
    """
    maps = np.asarray(heat, dtype=np.float64)
    tops = np.asarray(peaks(torch.as_tensor(maps)[None])[0]) & (maps >= outlined)
    fig, axes = _cells(len(maps) + 1)
    _draw(axes[0], image)
    axes[0].set_xlabel("the picture")
    height, width = np.asarray(image).shape[-2:]
    across, down = width / maps.shape[2], height / maps.shape[1]  # of a cell
    for ax, own, top, name in zip(axes[1:], maps, tops, names, strict=True):
        _draw(ax, image)
        seen = 0.85 * own.clip(0, 1) ** 0.5
        ax.imshow(own, cmap=HEAT, vmin=-0.6, vmax=1, alpha=seen, extent=(0, width, height, 0), interpolation="nearest")
        for row, column in np.argwhere(top):
            frame = Rectangle((column * across, row * down), across, down, fill=False, edgecolor=TRUE, linewidth=1.6)
            ax.add_patch(frame)
        ax.set_xlabel(f"{name}: at most {own.max():.2f}")
    headline(fig, title)
    listing = ", ".join(f"{name} {own.max():.2f}" for name, own in zip(names, maps, strict=True))
    framed = f"coloured where a centre is, {int(tops.sum())} peaks framed"
    said = f"A picture and {len(maps)} maps over it, {framed}; the largest: {listing}."
    return show(fig, f"{title}. {said}")


def precision_against_recall(curves: Mapping[str, Any], title: str) -> Picture:
    """Precision along the recall, one line for each name.

    Args:
        curves: by name, `course_utils.metrics.detection.Curve`.
        title: the finding.
    """
    fig, ax = new_figure()
    for index, (name, curve) in enumerate(curves.items()):
        recall, precision = (np.asarray(values, dtype=np.float64) for values in (curve.recall, curve.precision))
        ax.plot(recall, precision, label=name, color=f"C{index % 10}", linestyle=("-", "--", ":", "-.")[index // 3 % 4])
    ax.set(xlabel="recall", ylabel="precision", xlim=(0, 1.02), ylim=(0, 1.05))
    ax.legend(ncols=2, fontsize="small", loc="lower left")
    headline(fig, title)
    last = {name: float(curve.recall[-1]) if len(curve.recall) else 0.0 for name, curve in curves.items()}
    ends = ", ".join(f"{name} ends at {recall:.2f}" for name, recall in last.items())
    return show(fig, f"{title}. Precision falls along the recall; {ends}.")


def errors(counts: Mapping[str, int], total: int, title: str) -> Picture:
    """Kinds of error as bars.

    Args:
        counts: kind → number.
        total: of true boxes.
        title: the finding.
    """
    fig, ax = new_figure()
    names = list(counts)
    ax.barh(names[::-1], [counts[name] for name in names[::-1]], color=COLOURS["cnn"])
    for place, name in enumerate(names[::-1]):
        ax.text(counts[name], place, f" {counts[name]}", va="center")
    ax.set_xlabel(f"number, of {total:,} true boxes")
    ax.margins(x=0.12)
    headline(fig, title)
    listing = ", ".join(f"{name} {short(count)}" for name, count in counts.items())
    return show(fig, f"{title}. Bars for each kind of error: {listing}.")


def _cells(count: int) -> tuple[Any, list[Any]]:
    columns = min(count, MOST_COLUMNS)
    rows = -(-count // columns)
    fig, axes = new_figure(SIDE * columns, SIDE * rows + 0.5, nrows=rows, ncols=columns)
    every = list(np.atleast_1d(np.asarray(axes, dtype=object)).flat)
    for ax in every[count:]:
        ax.set_axis_off()
    return fig, every[:count]


def _draw(ax: Any, image: Any) -> None:
    array = np.asarray(image)
    array = array[None] if array.ndim == 2 else array
    height, width = array.shape[1:]
    shown = array[0] if len(array) == 1 else array.transpose(1, 2, 0)
    grey = {"cmap": "gray", "vmin": 0, "vmax": 255 if array.dtype == np.uint8 else 1} if len(array) == 1 else {}
    ax.imshow(shown, extent=(0, width, height, 0), **grey)
    ax.set(xticks=[], yticks=[])
    ax.grid(False)


def _boxes(ax: Any, boxes: Any, texts: Sequence[str], colour: str, line: str) -> None:
    from matplotlib.patheffects import withStroke

    room = 0.1 * abs(float(np.diff(ax.get_ylim())[0]))  # above a box, for its text
    for (left, top, right, bottom), text in zip(np.asarray(boxes, dtype=np.float64), texts, strict=True):
        frame = Rectangle((left, top), right - left, bottom - top, fill=False, edgecolor=colour, linestyle=line, lw=1.8)
        ax.add_patch(frame)
        if text:
            effects = [withStroke(linewidth=2, foreground="black")]
            place = {"y": top - 0.5, "va": "bottom"} if top > room else {"y": bottom + 0.5, "va": "top"}
            ax.text(left, s=text, color=colour, fontsize=8, path_effects=effects, **place)
