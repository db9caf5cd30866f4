"""Figures of translations: where attention looked, what a search kept, and how the score falls with length."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from course_utils.display.numbers import short
from course_utils.errors import CourseError
from course_utils.figures.labels import End, headline, label_ends, line_styles
from course_utils.figures.style import COLOURS, Picture, new_figure, show
from course_utils.stats import accuracy_interval, share_interval

if TYPE_CHECKING:
    import pandas as pd
    from torch import Tensor

    from course_utils.models.beam_tree import BeamNode

KEPT, WON = "#666666", COLOURS["lstm"]
BINS = 5


def shown(token: str) -> str:
    """A token as it stands in a figure: a space can be seen."""
    return token.replace(" ", "␣") if token.strip() else "␣"


def heat_map(source_tokens: Sequence[str], target_tokens: Sequence[str], weights: Tensor, title: str) -> Picture:
    """Where attention looked: a row for each target token, dark where a source token has much weight.

    Args:
        source_tokens: T tokens.
        target_tokens: U tokens.
        weights: (U, T), each row sums to 1.
        title: the finding.

    Raises:
        CourseError: the weights do not fit the tokens.
    """
    values = np.asarray(weights.detach())
    T, U = len(source_tokens), len(target_tokens)
    if values.shape != (U, T):
        raise CourseError(
            f"For {U} target and {T} source tokens the weights must be ({U}, {T}); they are {values.shape}."
        )
    fig, ax = new_figure(min(1.6 + 0.27 * T, 11), min(1.5 + 0.25 * U, 11))
    mesh = ax.pcolormesh(values, cmap="Blues", vmin=0, vmax=1, edgecolors="#eeeeee", linewidth=0.4)
    size = 10 if max(T, U) <= 40 else 6
    ax.set_xticks(np.arange(T) + 0.5, [shown(token) for token in source_tokens], fontsize=size)
    ax.set_yticks(np.arange(U) + 0.5, [shown(token) for token in target_tokens], fontsize=size)
    if max(map(len, source_tokens), default=0) > 2:
        ax.tick_params(axis="x", rotation=60)
    ax.invert_yaxis()
    ax.grid(False)
    ax.set(xlabel="source: what it can look at", ylabel="target: what it says")
    fig.colorbar(mesh, ax=ax, pad=0.02, ticks=[0, 0.5, 1], label="weight")
    headline(fig, title)
    looked = values.argmax(axis=1)
    rows = [f"{shown(target_tokens[u])} at {shown(source_tokens[looked[u]])}" for u in range(min(U, 12))]
    more = f", and {U - 12} more" if U > 12 else ""
    return show(fig, f"{title}. A heat map of weights. It says, looking most at: {', '.join(rows)}{more}.")


# ---------------------------------------------------------------------------------------------------------------------
# Beam search


def beam_tree(nodes: Sequence[BeamNode], title: str) -> Picture:
    """The beginnings that a beam search kept, from left to right; bold and blue is what won.

    A beginning that was dropped immediately is not drawn. One that was kept for a while and then dropped ends.

    Args:
        nodes: of `Translator.beam_tree`, parents first.
        title: the finding.

    Raises:
        CourseError: there are no nodes.
    """
    kept = [index for index, node in enumerate(nodes) if node.state != "dropped" or node.best]
    if not kept:
        raise CourseError("There is no tree to draw: `Translator.beam_tree(sentence, beam)` returns one.")
    rows = rows_of(nodes, kept)
    deepest = max(nodes[index].depth for index in kept)
    height = 1.6 + 0.42 * (max(rows.values()) + 1)
    fig, ax = new_figure(min(max(2.0 + 0.3 * deepest, 6), 11), height)
    size = 10 if deepest <= 34 else 7
    for index in kept:
        node, y = nodes[index], -rows[index]
        if node.parent is not None:
            x, above = nodes[node.parent].depth, -rows[node.parent]
            line = {"color": WON, "linewidth": 2.4} if node.best else {"color": KEPT, "linewidth": 0.9}
            ax.plot([x, node.depth - 0.5, node.depth], [above, y, y], zorder=1, **line)
        look = {"color": WON, "fontweight": "bold"} if node.best else {"color": KEPT}
        text = shown(node.token) if node.parent is not None else "start"
        back = {"boxstyle": "round,pad=0.12", "facecolor": "white", "edgecolor": "none"}
        ax.text(node.depth, y, text, ha="center", va="center", fontsize=size, bbox=back, zorder=2, **look)
        if node.state == "finished":
            ax.text(
                node.depth + 0.6, y, short(node.log_probability / node.depth, 2), va="center", fontsize=size, **look
            )
    ax.set(xlabel="token by token; at an end (■) the mean log probability", yticks=[], xlim=(-1, deepest + 2.5))
    ax.set_ylim(-max(rows.values()) - 0.7, 0.7)
    ax.grid(False)
    ax.spines["left"].set_visible(False)
    headline(fig, title)
    finished = [index for index in kept if nodes[index].state == "finished"]
    endings = "; ".join(
        f"“{spelled(nodes, index)}” {short(nodes[index].log_probability / nodes[index].depth, 2)}" for index in finished
    )
    won = spelled(nodes, max((index for index in kept if nodes[index].best), key=lambda index: nodes[index].depth))
    ends = f" Finished, with the mean log probability: {endings}." if endings else " Nothing finished."
    return show(fig, f"{title}. A tree of tokens from left to right. “{won}” won.{ends}")


def rows_of(nodes: Sequence[BeamNode], kept: Sequence[int]) -> dict[int, int]:
    """The row of each node: the winner's way is row 0; every other branch has the first row that is free for it."""
    children: dict[int, list[int]] = {}
    for index in kept:
        parent = nodes[index].parent
        if parent is not None:
            children.setdefault(parent, []).append(index)
    rows: dict[int, int] = {}
    taken: list[list[tuple[int, int]]] = [[]]  # of each row the stretches that are used, in depth

    def follow(first: int) -> list[int]:
        way = [first]
        while way[-1] in children:
            way.append(max(children[way[-1]], key=lambda index: (nodes[index].best, nodes[index].log_probability)))
        return way

    waiting = [0]
    while waiting:
        way = follow(waiting.pop(0))
        start, end = nodes[way[0]].depth - 1, nodes[way[-1]].depth + 2
        least = 0 if way[0] == 0 else 1
        row = next((r for r in range(least, len(taken)) if all(end < a or b < start for a, b in taken[r])), len(taken))
        if row == len(taken):
            taken.append([])
        taken[row].append((start, end))
        rows |= dict.fromkeys(way, row)
        waiting += [child for index in way for child in children.get(index, []) if child not in way]
    return rows


def spelled(nodes: Sequence[BeamNode], index: int) -> str:
    """The tokens from the root to a node, without the end."""
    tokens: list[str] = []
    current: int | None = index
    while current is not None:
        tokens.insert(0, nodes[current].token)
        current = nodes[current].parent
    return "".join(token for token in tokens if token != "■")


# ---------------------------------------------------------------------------------------------------------------------
# Scores


def by_length(answers: Mapping[str, tuple[Sequence[str], Sequence[str], Sequence[str]]], title: str) -> Picture:
    """The share of sentences without a wrong character, by the length of the source, in five groups of equal size.

    Args:
        answers: by name (sources, predictions, references); the sources are the same for all.
        title: the finding.

    Raises:
        CourseError: there is nothing to draw, or fewer than five sentences.
    """
    if not answers or min(len(references) for _, _, references in answers.values()) < BINS:
        raise CourseError(f"Give (sources, predictions, references) by name, with at least {BINS} sentences.")
    fig, ax = new_figure(8, 3.8)
    styles = line_styles(f"LSTM, {name}" for name in answers)
    ends, clauses = [], []
    for name, (sources, predictions, references) in answers.items():
        style = styles[f"LSTM, {name}"]
        order = np.argsort([len(source) for source in sources], kind="stable")
        groups = np.array_split(order, BINS)
        x = [float(np.mean([len(sources[i]) for i in group])) for group in groups]
        hits = [sum(predictions[i] == references[i] for i in group) for group in groups]
        shares = [hit / len(group) for hit, group in zip(hits, groups, strict=True)]
        limits = [share_interval(hit, len(group)) for hit, group in zip(hits, groups, strict=True)]
        bars = np.array([[s - low, high - s] for s, (low, high) in zip(shares, limits, strict=True)]).T
        ax.errorbar(x, shares, bars, color=style.colour, linestyle=style.line, marker=style.marker, capsize=3)
        ends.append(End(x[-1], shares[-1], name, style.colour))
        clauses.append(f"{name}: {', '.join(short(share, 2) for share in shares)}")
    ax.set(
        xlabel="characters of the source (mean of each fifth)", ylabel="without a wrong character", ylim=(-0.03, 1.03)
    )
    label_ends(ax, ends)
    headline(fig, title)
    return show(
        fig,
        f"{title}. Shares without a wrong character in five groups from short to long, with 95 % intervals. "
        f"{'; '.join(clauses)}. Guessing a number is right once in 100,000.",
    )


def over_training(results: pd.DataFrame, title: str) -> Picture:
    """The share without a wrong character after more and more training, for each network, with 95 % intervals.

    Args:
        results: rows of the experiment "translating": `network`, `steps`, `seed` and `exact`.
        title: the finding.
    """
    fig, ax = new_figure(8, 4.2)
    styles = line_styles(list(dict.fromkeys(results["network"])))
    ends, clauses = [], []
    for name, network_rows in results.groupby("network", sort=False):
        style = styles[str(name)]
        means = {steps: accuracy_interval(rows["exact"], single=0.0) for steps, rows in network_rows.groupby("steps")}
        values = [mean for mean, _, _ in means.values()]
        bars = [[mean - low, high - mean] for mean, low, high in means.values()]
        step_counts = list(means)
        ax.errorbar(
            step_counts,
            values,
            np.transpose(bars),
            color=style.colour,
            linestyle=style.line,
            marker=style.marker,
            capsize=3,
        )
        ends.append(End(float(step_counts[-1]), values[-1], str(name), style.colour))
        clauses.append(f"{name}: {', '.join(f'{short(mean, 2)} after {s:,}' for s, (mean, _, _) in means.items())}")
    ax.set(
        xlabel="steps of training (bars: 95 % interval of the mean)",
        ylabel="without a wrong character",
        ylim=(-0.03, 1.03),
    )
    label_ends(ax, ends)
    headline(fig, title)
    return show(fig, f"{title}. Shares without a wrong character, means over seeds. {'; '.join(clauses)}.")
