"""Figures of captions: what was said of pictures, where it looked word by word, scores, and words never seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher
from textwrap import fill
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from course_utils.display.numbers import short
from course_utils.errors import CourseError
from course_utils.figures.labels import headline, line_styles, readable
from course_utils.figures.rows import check_rows
from course_utils.figures.style import COLOURS, Picture, new_figure, show
from course_utils.stats import accuracy_interval

Array: TypeAlias = npt.NDArray[np.float64]
Truth: TypeAlias = str | Sequence[str]

WRONG = readable(COLOURS["rnn"])
CELL = 1.75  # inches, of a picture
LETTERS = 24  # under it, in a line
NEVER = "never"
BINS = ((0, 0, NEVER), (1, 1, "once"), (2, 4, "2 to 4 times"), (5, 19, "5 to 19 times"), (20, None, "20 times or more"))


def gallery(
    images: Any, predictions: Sequence[str], truth: Sequence[Truth], title: str, *, columns: int = 4
) -> Picture:
    """Pictures, each with what was said of it; words that are not in the true caption stand in [brackets].

    Args:
        images: (N, 3, H, W), or (N, 1, H, W); bytes 0 … 255 or floats 0 … 1.
        predictions: N captions.
        truth: N true captions, or several of each; then the one nearest to the prediction is shown.
        title: the finding.
        columns: the most pictures in a row.

    Raises:
        CourseError: no pictures, another shape, or numbers of captions that differ.
    """
    pictures = _pictures(images)
    if not len(pictures) == len(predictions) == len(truth):
        raise CourseError(
            f"There are {len(pictures)} pictures, {len(predictions)} answers and {len(truth)} true captions. "
            "Give one of each for each picture."
        )
    references = [nearest(answer, reference) for answer, reference in zip(predictions, truth, strict=True)]
    marked = [mark_wrong(answer, reference) for answer, reference in zip(predictions, references, strict=True)]
    lines = [_below(answer, reference) for answer, reference in zip(marked, references, strict=True)]
    fig, axes = _cells(len(pictures), columns, 0.19 * max(text.count("\n") + 1 for text in lines) + 0.1)
    for ax, picture, text, answer, reference in zip(axes, pictures, lines, predictions, references, strict=True):
        ax.imshow(picture, interpolation="nearest")
        ax.set_xlabel(text, size=9, color=COLOURS["data"] if answer == reference else WRONG)
    headline(fig, title)
    exact = sum(answer == reference for answer, reference in zip(predictions, references, strict=True))
    pairs = "; ".join(
        f"said “{answer}”, is “{reference}”" for answer, reference in zip(marked[:12], references[:12], strict=True)
    )
    more = f"; and {len(predictions) - 12} more" if len(predictions) > 12 else ""
    return show(
        fig,
        f"{title}. {len(pictures)} picture{'s' * (len(pictures) != 1)}, {exact} with the true caption word for word. "
        f"Words in brackets are not in the true caption: {pairs}{more}.",
    )


def nearest(prediction: str, truth: Truth) -> str:
    """Of several true captions the one that shares the most words, in order, with the prediction.

    Args:
        prediction: a caption.
        truth: a caption, or several.

    Raises:
        CourseError: there is no true caption.
    """
    captions = [truth] if isinstance(truth, str) else list(truth)
    if not captions:
        raise CourseError("A picture has no true caption. Give at least one.")
    return max(
        captions, key=lambda caption: SequenceMatcher(None, prediction.split(), caption.split(), autojunk=False).ratio()
    )


def mark_wrong(prediction: str, truth: str) -> str:
    """The prediction, with [brackets] around each word that has no partner in the truth.

    Partners are found by aligning the two from left to right, so that as many words as possible are kept in order.

    Args:
        prediction: a caption.
        truth: the true caption.
    """
    words, true_words = prediction.split(), truth.split()
    kept: set[int] = set()
    for start, _, size in SequenceMatcher(None, words, true_words, autojunk=False).get_matching_blocks():
        kept.update(range(start, start + size))
    return " ".join(word if index in kept else f"[{word}]" for index, word in enumerate(words)) or "[nothing]"


def _below(marked: str, truth: str) -> str:
    text = fill(marked, LETTERS)
    return text if marked == truth else f"{text}\n{fill(f'is: {truth}', LETTERS)}"


# ---------------------------------------------------------------------------------------------------------------------
# Attention


def attention_per_word(image: Any, tokens: Sequence[str], weights: Any, title: str, *, columns: int = 6) -> Picture:
    """Where it looked when it said each word: the picture, dark where there was little weight.

    Under each word stands its largest weight. Equal attention would give each of the h × w places 1 / (h · w).

    Args:
        image: (3, H, W) or (1, H, W); bytes 0 … 255 or floats 0 … 1.
        tokens: T words.
        weights: (T, h, w), those of a word sum to 1.
        title: the finding.
        columns: the most pictures in a row.

    Raises:
        CourseError: weights that do not fit the words, or do not sum to 1.
    """
    picture = _pictures(np.asarray(_plain(image))[None])[0]
    maps = np.asarray(_plain(weights), dtype=np.float64)
    if maps.ndim != 3 or len(maps) != len(tokens) or not len(tokens):
        raise CourseError(f"For {len(tokens)} words the weights must be ({len(tokens)}, h, w); they are {maps.shape}.")
    if not np.allclose(maps.sum(axis=(1, 2)), 1, atol=1e-3):
        raise CourseError("The weights of a word must sum to 1 over the places of the picture.")
    fig, axes = _cells(1 + len(maps), columns, 0.42, cell=1.35)
    axes[0].imshow(picture, interpolation="nearest")
    axes[0].set_xlabel("the picture", size=10)
    for ax, word, weight in zip(axes[1:], tokens, maps, strict=True):
        ax.imshow(_lit(picture, weight))
        ax.set_xlabel(f"{word}\n{short(float(weight.max()), 2)}", size=10)
    headline(fig, title)
    h, w = maps.shape[1:]
    clauses = []
    for word, weight in zip(tokens, maps, strict=True):
        row, column = np.unravel_index(int(weight.argmax()), weight.shape)
        clauses.append(f"{word}: row {row + 1}, column {column + 1} ({short(float(weight.max()), 2)})")
    return show(
        fig,
        f"{title}. The picture, and again for each word, bright where it looked. The place with the largest weight, of "
        f"{h} rows and {w} columns: {'; '.join(clauses)}.",
    )


def _lit(picture: Array, weight: Array) -> Array:
    """The picture (H, W, 3), dark where there is little weight compared with the word's largest."""
    from PIL import Image

    H, W = picture.shape[:2]
    share = Image.fromarray((weight / weight.max()).astype(np.float32)).resize((W, H), Image.Resampling.BILINEAR)
    light = 0.15 + 0.85 * np.asarray(share, dtype=np.float64).clip(0, 1)
    return picture * light[..., None]


# ---------------------------------------------------------------------------------------------------------------------
# Scores


def scores(
    table: pd.DataFrame,
    title: str,
    *,
    name: str = "name",
    score: str = "score",
    chance: float | None = None,
    axis: str = "score, from 0 to 1",
    network: str | None = None,
) -> Picture:
    """A row for each network, from the top: a point with its 95 % interval, and beside it the number.

    Args:
        table: a row for each network with `low` and `high`, the limits of its interval; or a row for each network and
            `seed`: then mean and Student's interval over the seeds are drawn, and small points for the seeds. With a
            column `best_possible` a line stands at the most that can be reached.
        title: the finding.
        name: the column of the names.
        score: the column of the scores, 0 … 1.
        chance: the score of guessing; None: no line.
        axis: what the horizontal axis says.
        network: whose rows all of them are, such as "LSTM": all have its colour. None: the rows' names tell.

    Raises:
        CourseError: no row, or a column is missing.
    """
    check_rows(table, (name, score))
    names = list(dict.fromkeys(table[name].astype(str)))
    styles = line_styles(names) if network is None else dict.fromkeys(names, line_styles([network])[network])
    fig, ax = new_figure(8, 1.5 + 0.46 * len(names))
    clauses = []
    for index, row_name in enumerate(names):
        rows, style = table[table[name].astype(str) == row_name], styles[row_name]
        value, low, high = _interval(rows, score)
        if len(rows) > 1:
            spread = 0.12 * np.random.default_rng(index).uniform(-1, 1, len(rows))
            ax.plot(rows[score], spread - index, style.marker, color=style.colour, alpha=0.3, markersize=4, mew=0)
        ax.errorbar(
            value, -index, xerr=[[value - low], [high - value]], fmt=style.marker, color=style.colour, capsize=4
        )
        text = _interval_text(value, low, high)
        ax.annotate(text, (1.03, -index), xycoords=("axes fraction", "data"), va="center", size=10)
        clauses.append(f"{row_name} {text}")
        if "best_possible" in rows:
            best = float(rows["best_possible"].iloc[0])
            ax.plot([best, best], [-index - 0.32, -index + 0.32], color=COLOURS["data"], linewidth=1.6)
            clauses[-1] += f", at most {short(best)} can be reached"
    if chance is not None:
        ax.axvline(chance, color=COLOURS["chance"], linestyle="--", linewidth=1.2)
        ax.annotate(
            "chance", (chance, 1), (3, 2), xycoords=("data", "axes fraction"), textcoords="offset points", size=9
        )
    ax.set_yticks(range(0, -len(names), -1), [fill(row_name, 26) for row_name in names])
    note = "\n|: the most that can be reached" if "best_possible" in table else ""
    ax.set(xlim=(-0.02, 1.02), ylim=(-len(names) + 0.45, 0.55), xlabel=axis + note)
    ax.grid(False, axis="y")
    headline(fig, title)
    guess = f" Guessing has {short(chance)}." if chance is not None else ""
    return show(fig, f"{title}. A point for each, with 95 % intervals: {'; '.join(clauses)}.{guess}")


def _interval(rows: pd.DataFrame, score: str) -> tuple[float, float, float]:
    """Value and limits: those of the one row, or the mean of several shares and its interval."""
    if len(rows) > 1:
        return accuracy_interval(rows[score])
    value = float(rows[score].iloc[0])
    limits = (float(rows[side].iloc[0]) if side in rows else value for side in ("low", "high"))
    low, high = (value if np.isnan(limit) else limit for limit in limits)
    return value, min(low, value), max(high, value)


def _interval_text(value: float, low: float, high: float) -> str:
    return f"{value:.3f}" if low == high else f"{value:.3f} ({low:.3f} to {high:.3f})"


# ---------------------------------------------------------------------------------------------------------------------
# Words


def seen_before(train: Sequence[str], test: Sequence[str]) -> pd.DataFrame:
    """How often the words of the test captions occur in the training captions.

    Args:
        train: captions.
        test: captions.

    Returns:
        A row for each of five groups from "never" to "20 times or more": `seen`, `words` (different ones), `running`
        (each as often as it stands in the test), `share` of the different ones, and of all captions those that have a
        word of this group (`captions`, a share).

    Raises:
        CourseError: no words on one side.
    """
    known = Counter(word for caption in train for word in caption.split())
    running = Counter(word for caption in test for word in caption.split())
    if not known or not running:
        raise CourseError("There are no words to count: give the captions of the training and those of the test.")
    rows = []
    for least, most, name in BINS:
        group = {word for word in running if least <= known[word] and (most is None or known[word] <= most)}
        inside = sum(any(word in group for word in caption.split()) for caption in test) / len(test)
        rows.append(
            {
                "seen": name,
                "words": len(group),
                "running": sum(running[word] for word in group),
                "share": len(group) / len(running),
                "captions": inside,
            }
        )
    return pd.DataFrame(rows)


def words_seen(train: Sequence[str], test: Sequence[str], title: str) -> Picture:
    """Bars: how many different words of the test were seen how often in training; hatched: never.

    Args:
        train: captions that were trained on.
        test: captions that should be said.
        title: the finding.

    Raises:
        CourseError: no words on one side.
    """
    table = seen_before(train, test)
    fig, ax = new_figure(8, 3.1)
    heights = -np.arange(len(table))
    colours = [COLOURS["rnn"] if seen == NEVER else COLOURS["lstm"] for seen in table["seen"]]
    bars = ax.barh(heights, table["words"], color=colours, edgecolor="white", height=0.7)
    bars[0].set_hatch("///")
    for height, row in zip(heights, table.itertuples(), strict=True):
        ax.annotate(
            f"{row.words:,} ({row.share:.0%})",
            (float(row.words), float(height)),
            (4, 0),
            textcoords="offset points",
            va="center",
            size=10,
        )
    ax.set_yticks(heights, table["seen"])
    ax.set(xlabel="different words of the test captions", ylabel="seen in training")
    ax.set_xlim(0, 1.18 * table["words"].max())
    ax.grid(False, axis="y")
    headline(fig, title)
    counts = "; ".join(f"{row.seen}: {row.words:,} words, {row.share:.0%}" for row in table.itertuples())
    return show(
        fig,
        f"{title}. Bars of the test's different words by how often they were seen in training: {counts}. "
        f"{table['captions'].iloc[0]:.0%} of the test captions have a word that was never seen, and cannot be said "
        "whole.",
    )


# ---------------------------------------------------------------------------------------------------------------------
# Cells


def _plain(values: Any) -> Any:
    return values.detach().cpu().numpy() if hasattr(values, "detach") else values


def _pictures(images: Any) -> Array:
    """(N, H, W, 3) in 0 … 1."""
    pictures = np.asarray(_plain(images))
    if pictures.ndim != 4 or pictures.shape[1] not in (1, 3) or not len(pictures):
        raise CourseError(
            f"Pictures come as (N, 3, H, W), or (N, 1, H, W); these have the shape {pictures.shape}. There must be one "
            "at least."
        )
    scaled = pictures / 255 if pictures.dtype == np.uint8 else pictures.astype(np.float64)
    return np.repeat(scaled, 3 // pictures.shape[1], axis=1).transpose(0, 2, 3, 1).clip(0, 1)


def _cells(count: int, columns: int, below: float, cell: float = CELL) -> tuple[Any, list[Any]]:
    """A figure with a bare cell for each picture, and room for text below it, in inches."""
    columns = max(min(columns, count), 1)
    rows = -(-count // columns)
    width, height = max(cell * columns + 0.2, 4.5), (cell + below) * rows + 0.5
    fig, axes = new_figure(width, height, nrows=rows, ncols=columns, squeeze=False)
    flat = list(axes.flat)
    for index, ax in enumerate(flat):
        ax.set(xticks=[], yticks=[])
        ax.grid(False)
        ax.set_visible(index < count)
        for spine in ax.spines.values():
            spine.set(visible=True, color="#bbbbbb", linewidth=0.6)
    return fig, flat[:count]
