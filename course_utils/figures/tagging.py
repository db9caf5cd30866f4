"""Figures of tagging: what each word's tag is worth under several contexts, and which kind of span needs which side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from course_utils.display.numbers import short
from course_utils.errors import CourseError
from course_utils.figures.labels import headline
from course_utils.figures.rows import check_rows
from course_utils.figures.style import COLOURS, Picture, new_figure, show

# What is seen of a sentence: colour and marker.
LOOKS = {
    "whole sentence": (COLOURS["data"], "o"),
    "without the right": (COLOURS["rnn"], ">"),
    "without the left": (COLOURS["lstm"], "<"),
    "the word alone": (COLOURS["feedforward"], "x"),
}


def contexts(tokens: Sequence[str], right: Sequence[str], shares: Mapping[str, Sequence[float]], title: str) -> Picture:
    """How probable the right tag of each word is, by what is seen of the sentence.

    Args:
        tokens: T words.
        right: their tags.
        shares: for some of "whole sentence", "without the right", "without the left", "the word alone": T
            probabilities of the right tag.
        title: the finding.

    Raises:
        CourseError: nothing to draw, a context without a look, or not as many probabilities as words.
    """
    _check_contexts(shares, len(tokens))
    if not len(tokens) == len(right) > 0:
        raise CourseError(f"There are {len(tokens)} words and {len(right)} tags. Give one tag for each word.")
    fig, ax = new_figure(max(5.0, 1.0 + 0.95 * len(tokens)), 3.7)
    for number, (name, values) in enumerate(shares.items()):
        colour, marker = LOOKS[name]
        places = np.arange(len(tokens)) + 0.12 * (number - (len(shares) - 1) / 2)
        ax.plot(places, values, marker, color=colour, markersize=8, label=name)
    ax.set_xticks(range(len(tokens)), [f"{token}\n{tag}" for token, tag in zip(tokens, right, strict=True)])
    ax.set(ylabel="probability of the right tag", ylim=(-0.05, 1.05), xlim=(-0.6, len(tokens) - 0.4))
    fig.legend(loc="outside lower center", ncols=2, frameon=False, fontsize=10)
    headline(fig, title)
    said = "; ".join(
        f"{token}: " + ", ".join(f"{name} {values[index]:.2f}" for name, values in shares.items())
        for index, token in enumerate(tokens)
    )
    return show(fig, f"{title}. Dots over the words of “{' '.join(tokens)}”. {said}.")


def by_kind(rows: pd.DataFrame, title: str) -> Picture:
    """F1 of the spans of each kind, a line for each, by what is seen of the sentence.

    Args:
        rows: `kind`, `context` and `f1`, one row for each seed.
        title: the finding.

    Raises:
        CourseError: nothing to draw, a column is missing, or a context without a look.
    """
    check_rows(rows, ("kind", "context", "f1"))
    means = rows.pivot_table(index="kind", columns="context", values="f1", sort=False)
    names = [name for name in LOOKS if name in means]
    _check_contexts({name: means[name].tolist() for name in means}, len(means))
    fig, ax = new_figure(8.4, 1.4 + 0.5 * len(means))
    for number, name in enumerate(names):
        colour, marker = LOOKS[name]
        heights = -np.arange(len(means)) + 0.2 * ((len(names) - 1) / 2 - number)
        ax.plot(means[name], heights, marker, color=colour, markersize=7, label=name)
    ax.set_yticks(range(0, -len(means), -1), list(means.index))
    ax.set(xlabel="F1 of the kind's spans, mean of the seeds", xlim=(-0.03, 1.03))
    fig.legend(loc="outside lower center", ncols=len(names), frameon=False, fontsize=10)
    headline(fig, title)
    said = "; ".join(
        f"{kind}: " + ", ".join(f"{name} {short(row[name], 2)}" for name in names) for kind, row in means.iterrows()
    )
    return show(fig, f"{title}. Dots, a line for each kind. {said}.")


def _check_contexts(shares: Mapping[str, Sequence[float]], count: int) -> None:
    if not shares or not set(shares) <= set(LOOKS) or any(len(values) != count for values in shares.values()):
        raise CourseError(
            f"Give numbers for some of {', '.join(LOOKS)}, {count} for each; these are "
            f"{ {name: len(values) for name, values in shares.items()} }."
        )
