"""Figures of pictures: the pictures themselves, kernels, feature maps, mistakes; and what networks score on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from course_utils.display.numbers import listed, short
from course_utils.errors import CourseError
from course_utils.figures.labels import headline, readable
from course_utils.figures.rows import check_rows
from course_utils.figures.style import COLOURS, Picture, new_figure, show
from course_utils.stats import mean_interval

Array = npt.NDArray[np.float64]
SIGNED = "RdBu_r"  # red: positive, white: 0, blue: negative
CHANCE = 0.1  # for ten digits
CELL = 1.05  # inches, of one picture in a grid
LOOKS = {  # network → colour and marker
    "CNN": (COLOURS["cnn"], "D"),
    "feedforward": (COLOURS["feedforward"], "o"),
}
PROBED = {"trained": (COLOURS["cnn"], "D", "-"), "random": ("#7A5C00", "s", (0, (1.5, 1)))}


def grid(
    images: Any,
    captions: Sequence[object] | None = None,
    title: str = "",
    alt: str = "",
    *,
    columns: int = 8,
    ink: bool = True,
) -> Picture:
    """Pictures side by side, each with its caption.

    Args:
        images: (N, H, W), grey; or (N, C, H, W) with one channel or three; 0 … 1.
        captions: N short texts, one under each; None: none.
        title: the finding.
        alt: what a person sees; default: the title, the number of pictures and the captions.
        columns: the most pictures in a row.
        ink: grey pictures show 0 as white paper and 1 as black ink; False: 0 black and 1 white, as in photos.

    Raises:
        CourseError: no pictures, another number of axes, or captions of another number.
    """
    pictures = _as_pictures(images)
    texts = _texts(captions, len(pictures))
    fig, axes = _cells(len(pictures), columns, bool(captions))
    for ax, picture, text in zip(axes, pictures, texts, strict=False):
        _draw(ax, picture, ink)
        ax.set_xlabel(text, size=10)
    _headline(fig, title)
    listing = f" Their captions: {', '.join(texts)}." if captions else ""
    count = f"{len(pictures)} picture{'s' * (len(pictures) != 1)}"
    return show(fig, alt or f"{title or 'Pictures'}. {count} side by side.{listing}")


def mistakes(images: Any, predictions: Any, truth: Any, title: str, *, columns: int = 8) -> Picture:
    """Pictures that were classified wrongly, each with the prediction and the true label.

    Args:
        images: as for `grid`.
        predictions: N answers, as numbers, strings or a tensor.
        truth: N labels, as numbers, strings or a tensor.
        title: the finding.
        columns: the most pictures in a row.

    Raises:
        CourseError: as for `grid`; where there is no mistake, too.
    """
    if not len(predictions):
        raise CourseError("There is no mistake to show: none of the answers was wrong.")
    pairs = zip(_plain(predictions), _plain(truth), strict=True)
    captions = [f"said {prediction},\nis {label}" for prediction, label in pairs]
    listing = listed([caption.replace("\n", " ") for caption in captions])
    return grid(
        images,
        captions,
        title,
        f"{title}. {len(captions)} pictures that were named wrongly: {listing}.",
        columns=columns,
    )


def filters(weights: Any, title: str, *, columns: int = 8) -> Picture:
    """The kernels of a convolutional layer that reads pictures: red weights are positive, blue ones negative.

    Args:
        weights: (K, C, h, w), of C = 1 channel; of 3, each channel's kernel is shown beside the others.
        title: the finding.
        columns: the most kernels in a row.

    Raises:
        CourseError: another number of axes or channels.
    """
    kernels = _numbers(weights)
    if kernels.ndim != 4 or kernels.shape[1] not in (1, 3):
        raise CourseError(
            f"Kernels to look at are (K, C, h, w), with one channel or three; these are {kernels.shape}. Later layers "
            "read many maps together: look at what comes out of them, with feature_maps."
        )
    flat = kernels.reshape(-1, *kernels.shape[2:])
    if kernels.shape[1] == 3:
        columns = max(columns // 3, 1) * 3
    fig, axes = _cells(len(flat), columns, False)
    furthest = float(np.abs(flat).max()) or 1.0
    for ax, kernel in zip(axes, flat, strict=False):
        _draw_signed(ax, kernel, furthest)
    _headline(fig, title)
    _bar(fig, axes, furthest, "weight")
    h, w = flat.shape[1:]
    return show(
        fig,
        f"{title}. {len(flat)} kernels of {h} × {w} weights as little pictures: red is positive, blue negative, white "
        f"0; the largest weight is {short(furthest)} in size.",
    )


def kernels_on(image: Any, maps: Mapping[str, Any], title: str, *, kernels: Mapping[str, Any] | None = None) -> Picture:
    """A picture, and beside it what several kernels make of it, and their weights: red is positive, blue negative.

    Args:
        image: (H, W), 0 the paper … 1 the ink.
        maps: (height, width) each, by the name of the kernel.
        title: the finding.
        kernels: (h, w) each, by the same names: their weights are written below the maps. None: they are not.

    Raises:
        CourseError: no map, one with another number of axes, or a map without its kernel.
    """
    arrays = {name: _numbers(values) for name, values in maps.items()}
    if not arrays or any(values.ndim != 2 for values in (*arrays.values(), _numbers(image))):
        raise CourseError("kernels_on needs one picture (H, W), and a map (height, width) for each kernel.")
    if kernels is not None and set(kernels) != set(arrays):
        raise CourseError("kernels_on needs the weights of each kernel under the name of its map.")
    columns = 1 + len(arrays)
    fig, axes = _cells(columns if kernels is None else 2 * columns, columns, True, cell=1.45)
    _draw(axes[0], _numbers(image)[None], ink=True)
    axes[0].set_xlabel("the picture", size=10)
    for ax, (name, values) in zip(axes[1:], arrays.items(), strict=False):
        _draw_signed(ax, values, float(np.abs(values).max()) or 1.0)
        ax.set_xlabel(f"{name}\n{_range(values)}", size=10)
    if kernels is not None:
        axes[columns].set_visible(False)
        axes[columns + 1].set_ylabel("weights", size=10)
        for ax, name in zip(axes[columns + 1 :], arrays, strict=True):
            _write_weights(ax, _numbers(kernels[name]))
    _headline(fig, title)
    ranges = "; ".join(f"{name}: {_range(values)}" for name, values in arrays.items())
    return show(
        fig,
        f"{title}. A picture, and beside it a map for each kernel, each in a scale of its own"
        f"{'' if kernels is None else '; below, the weights of each'}. {ranges}.",
    )


def _write_weights(ax: Any, kernel: Array) -> None:
    """A kernel with its weights as numbers."""
    _draw_signed(ax, kernel, 2 * float(np.abs(kernel).max()) or 1.0)  # pale, so that numbers can be read
    for (row, column), weight in np.ndenumerate(kernel):
        ax.text(column, row, short(weight, 2), ha="center", va="center", size=10)


def _range(values: Array) -> str:
    return f"{short(float(values.min()), 2)} … {short(float(values.max()), 2)}"


def feature_maps(stages: Mapping[str, Any], title: str, *, most: int = 8) -> Picture:
    """What each stage of a network makes of one picture: a row of maps for each, and at the end the probabilities.

    Args:
        stages: (1, C, height, width) each, by name, as `DigitNet.stages` returns them for one picture; maps that are
            all 0 stay white. "logits", (1, K), is drawn as probabilities (their softmax).
        title: the finding.
        most: how many maps of a stage are shown, the first of them.

    Raises:
        CourseError: no stages, or of more than one picture.
    """
    maps = {name: _numbers(values) for name, values in stages.items()}
    logits = maps.pop("logits", None)
    if not maps or any(values.ndim != 4 or len(values) != 1 for values in maps.values()):
        raise CourseError("feature_maps shows one picture's stages, (1, C, height, width) each: stages(images[:1]).")
    rows, columns = len(maps), min(most, max(values.shape[1] for values in maps.values()))
    heights = [1.0] * rows + [0.9] * (logits is not None)
    fig, _ = new_figure(CELL * columns + 1.2, CELL * sum(heights) + 0.5)
    fig.clear()
    cells = fig.add_gridspec(len(heights), columns, height_ratios=heights)
    for row, (name, values) in enumerate(maps.items()):
        brightest = float(values.max()) or 1.0
        for column in range(min(columns, values.shape[1])):
            ax = fig.add_subplot(cells[row, column])
            ax.imshow(values[0, column], cmap="gray_r", vmin=0, vmax=brightest, interpolation="nearest")
            _bare(ax)
            if column == 0:
                _, count, height, width = values.shape
                few = f"{min(columns, count)} of {count} maps" if count > columns else f"{count} maps"
                ax.set_ylabel(f"{name}\n{few}\n{height} × {width}", rotation=0, ha="right", va="center", size=9)
    sentences = [
        f"{name}: {values.shape[1]} maps of {values.shape[2]} × {values.shape[3]}" for name, values in maps.items()
    ]
    if logits is not None:
        sentences.append(_probabilities(fig.add_subplot(cells[rows, :]), logits[0]))
    _headline(fig, title)
    return show(
        fig, f"{title}. A row of small pictures for each stage, dark where a map is active. {'. '.join(sentences)}."
    )


def _probabilities(ax: Any, logits: Array) -> str:
    shares = np.exp(logits - logits.max())
    shares /= shares.sum()
    ax.bar(range(len(shares)), shares, color=COLOURS["cnn"])
    ax.axhline(1 / len(shares), color=COLOURS["chance"], linestyle="--", linewidth=1)
    ax.set(ylim=(0, 1), ylabel="probability", xticks=range(len(shares)))
    ax.set_xlabel("answer (dashed: chance)")
    ax.grid(False, axis="x")
    return (
        f"Below, bars of the answers' probabilities: the most probable is {shares.argmax()}, {short(shares.max(), 2)}"
    )


# ---------------------------------------------------------------------------------------------------------------------
# Scores


def shuffled_pixels(results: pd.DataFrame, title: str) -> Picture:
    """Accuracy of a CNN and of a feedforward network, on pictures as they are and with shuffled pixels.

    Args:
        results: rows of the experiment "shuffled_pixels": `network`, `pixels`, `seed`, `accuracy`.
        title: the finding.

    Raises:
        CourseError: nothing to draw, or a column is missing.
    """
    check_rows(results, ("network", "pixels", "seed", "accuracy"))
    kinds = [(network, pixels) for pixels in results["pixels"].unique() for network in results["network"].unique()]
    fig, axes = new_figure(8.5, 1.5 + 0.5 * len(kinds), ncols=2, sharey=True, width_ratios=[1, 2.2])
    clauses = []
    for index, (network, pixels) in enumerate(kinds):
        values = results.loc[(results["network"] == network) & (results["pixels"] == pixels), "accuracy"]
        mean, (colour, marker) = mean_interval(values, single=0.0), LOOKS.get(network, (COLOURS["data"], "X"))
        spread = 0.13 * np.random.default_rng(index).uniform(-1, 1, len(values))
        axes[1].plot(values, -index + spread, marker, color=colour, alpha=0.35, markersize=4, markeredgewidth=0)
        for ax in axes:
            ax.errorbar(mean.value, -index, xerr=mean.half, fmt=marker, color=colour, capsize=4, markersize=7)
        text = readable(colour)
        axes[1].annotate(
            str(mean), (mean.value, -index), (0, 9), textcoords="offset points", ha="center", size=9, color=text
        )
        clauses.append(f"{network}, pixels {pixels}: {mean}")
    axes[0].axvline(CHANCE, color=COLOURS["chance"], linestyle="--", linewidth=1.2)
    axes[0].annotate(
        "chance", (CHANCE, 0.02), (3, 0), xycoords=("data", "axes fraction"), textcoords="offset points", size=9
    )
    axes[0].set(xlim=(0, 1.03), xlabel="accuracy, from 0 to 1")
    axes[0].set_yticks(range(0, -len(kinds), -1), [f"{network}\npixels {pixels}" for network, pixels in kinds])
    axes[1].set_xlabel("the same, closer\nsmall: seeds; large: mean and 95 % interval")
    axes[1].margins(x=0.08)
    axes[0].set_ylim(-len(kinds) + 0.45, 0.6)
    for ax in axes:
        ax.grid(False, axis="y")
    _headline(fig, title)
    return show(
        fig,
        f"{title}. A row for each network and kind of pixels, on the axis of accuracy; chance is {CHANCE:g}. Means "
        f"with 95 % intervals: {'; '.join(clauses)}.",
    )


def probes(results: pd.DataFrame, title: str) -> Picture:
    """How well linear probes do on each layer, of a trained network and of a random one: a panel a number of labels.

    Args:
        results: rows of the experiment "probes": `layer`, `weights`, `labels`, `seed`, `accuracy`, `dimensions`.
        title: the finding.

    Raises:
        CourseError: nothing to draw, or a column is missing.
    """
    check_rows(results, ("layer", "weights", "labels", "seed", "accuracy", "dimensions"))
    layers = [layer for layer in results["layer"].unique() if layer != "pixels"]
    sizes = results.drop_duplicates("layer").set_index("layer")["dimensions"]
    counts = sorted(results["labels"].unique())
    fig, axes = new_figure(4.6 * len(counts) + 0.4, 4.2, ncols=len(counts), sharey=True, squeeze=False)
    sentences = []
    for ax, count in zip(axes[0], counts, strict=True):
        sentences.append(f"With {count:,} labels: {_probe_panel(ax, results[results['labels'] == count], layers)}")
        ax.set_xticks(range(len(layers)), [f"{layer}\n{sizes[layer]:,}" for layer in layers], size=9)
        ax.set_title(f"{count:,} labelled digits", size=11, weight="normal")
        ax.set(ylim=(0, 1.03), xlabel="layer, and how many numbers the probe reads")
        ax.grid(False, axis="x")
    axes[0, 0].set_ylabel("accuracy of a linear probe\n(mean and 95 % interval)")
    _headline(fig, title)
    return show(
        fig, f"{title}. Points over the layers, from the picture on; dashed: chance, {CHANCE:g}. {' '.join(sentences)}"
    )


def _probe_panel(ax: Any, rows: pd.DataFrame, layers: list[str]) -> str:
    """Draw one panel; returns what there is to see."""
    ax.axhline(CHANCE, color=COLOURS["chance"], linestyle="--", linewidth=1.2)
    last = len(layers) - 1
    note = {"textcoords": "offset points", "size": 9}
    ax.annotate("chance", (last, CHANCE), (0, 3), ha="right", **note)
    pixels = mean_interval(rows.loc[rows["weights"] == "pixels", "accuracy"], single=0.0)
    ax.axhspan(pixels.low, pixels.high, color="#cccccc", alpha=0.5, linewidth=0)
    ax.axhline(pixels.value, color="#555555", linewidth=1)
    clauses = [f"pixels {short(pixels.value)}"]
    for weights, (colour, marker, line) in PROBED.items():
        of_weights = rows[rows["weights"] == weights]
        scores = [of_weights.loc[of_weights["layer"] == layer, "accuracy"] for layer in layers]
        means = [mean_interval(values, single=0.0) for values in scores]
        values, halves = [mean.value for mean in means], [mean.half for mean in means]
        label = f"{weights} weights"
        ax.errorbar(
            range(len(layers)), values, yerr=halves, color=colour, fmt=marker, linestyle=line, capsize=3, label=label
        )
        clauses.append(
            f"{weights} {', '.join(f'{layer} {short(value)}' for layer, value in zip(layers, values, strict=True))}"
        )
    ax.plot([], [], color="#555555", linewidth=1, label="pixels (784)")
    ax.legend(loc="lower left", frameon=False, fontsize=9, bbox_to_anchor=(0, 0.12))
    return "; ".join(clauses) + "."


# ---------------------------------------------------------------------------------------------------------------------
# Cells


def _numbers(values: Any) -> Array:
    """A tensor, with or without gradient, or an array, as an array."""
    return np.asarray(values.detach().cpu() if hasattr(values, "detach") else values, dtype=np.float64)


def _plain(values: Any) -> list[object]:
    return list(values.tolist() if hasattr(values, "tolist") else values)


def _as_pictures(images: Any) -> Array:
    """(N, C, H, W)."""
    pictures = _numbers(images)
    pictures = pictures[:, None] if pictures.ndim == 3 else pictures
    if pictures.ndim != 4 or pictures.shape[1] not in (1, 3) or not len(pictures):
        raise CourseError(
            f"Pictures to look at come as (N, H, W), or as (N, C, H, W) with one channel or three; these have the "
            f"shape {_numbers(images).shape}."
        )
    return pictures


def _texts(captions: Sequence[object] | None, count: int) -> list[str]:
    if captions is None:
        return [""] * count
    if len(captions) != count:
        raise CourseError(f"There are {count} pictures and {len(captions)} captions. Give one for each picture.")
    return [str(text) for text in _plain(captions)]


def _cells(count: int, columns: int, captions: bool, cell: float = CELL) -> tuple[Any, list[Any]]:
    """A figure with a bare cell for each picture, and no more than that."""
    columns = min(columns, count)
    rows = -(-count // columns)
    height = cell + (0.38 if captions else 0.06)
    fig, axes = new_figure(
        max(cell * columns + 0.2, 4.5), height * rows + 0.45, nrows=rows, ncols=columns, squeeze=False
    )
    flat = list(axes.flat)
    for index, ax in enumerate(flat):
        _bare(ax)
        ax.set_visible(index < count)
    return fig, flat[:count]


def _bare(ax: Any) -> None:
    ax.set(xticks=[], yticks=[])
    ax.grid(False)
    for spine in ax.spines.values():
        spine.set(visible=True, color="#bbbbbb", linewidth=0.6)


def _draw(ax: Any, picture: Array, ink: bool) -> None:
    if len(picture) == 1:
        ax.imshow(picture[0], cmap="gray_r" if ink else "gray", vmin=0, vmax=1, interpolation="nearest")
    else:
        ax.imshow(picture.transpose(1, 2, 0).clip(0, 1), interpolation="nearest")


def _draw_signed(ax: Any, values: Array, furthest: float) -> None:
    ax.imshow(values, cmap=SIGNED, vmin=-furthest, vmax=furthest, interpolation="nearest")


def _bar(fig: Any, axes: list[Any], furthest: float, label: str) -> None:
    bar = fig.colorbar(axes[0].images[0], ax=axes, fraction=0.03, pad=0.02, ticks=[-furthest, 0, furthest])
    bar.ax.set_yticklabels([short(-furthest, 2), "0", short(furthest, 2)], size=9)
    bar.set_label(label, size=10)


def _headline(fig: Any, title: str) -> None:
    if title:
        headline(fig, title)
