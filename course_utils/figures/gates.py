"""Figures of gates: what they do over a sequence, and what a gate's removal costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from course_utils.display.numbers import listed, short
from course_utils.errors import CourseError
from course_utils.figures.labels import End, headline, label_ends, line_styles, scale
from course_utils.figures.rows import check_rows
from course_utils.figures.style import COLOURS, Picture, new_figure, show

if TYPE_CHECKING:
    from torch import Tensor

ROWS = ("input", "forget", "output", "cell")  # what a heat map shows, from the top


def heat_maps(
    gates: Mapping[str, Tensor], sequence: Sequence[float], *, at: Sequence[Any], xlabel: str, ylabel: str, title: str
) -> Picture:
    """A sequence, and beneath it what each unit's gates and cell do at every step.

    Args:
        gates: (T, H) each, by name: "input", "forget", "output" (0 closed, 1 open) and "cell".
        sequence: (T,) what was read.
        at: (T,) what stands on the time axis, such as years.
        xlabel: of the time axis.
        ylabel: of the sequence.
        title: the finding.

    Raises:
        CourseError: a gate is missing, or the lengths differ.
    """
    missing = [name for name in ROWS if name not in gates]
    if missing:
        raise CourseError(f"The heat maps need {listed(list(ROWS))}; {listed(missing)} is missing.")
    if any(len(gates[name]) != len(sequence) for name in ROWS) or len(at) != len(sequence):
        raise CourseError("Gates, sequence and time axis must have the same number of steps.")
    fig, axes = new_figure(8, 7.2, nrows=5, sharex=True, height_ratios=[1.1, 1, 1, 1, 1])
    edges = np.arange(len(sequence) + 1) + float(at[0]) - 0.5
    axes[0].plot(np.arange(len(sequence)) + float(at[0]), sequence, color=COLOURS["data"], linewidth=1.3)
    axes[0].set_ylabel(ylabel)
    for ax, name in zip(axes[1:], ROWS, strict=True):
        values = np.asarray(gates[name].detach()).T
        far = float(np.abs(values).max()) or 1.0
        look = (
            {"cmap": "PuOr", "vmin": -far, "vmax": far} if name == "cell" else {"cmap": "viridis", "vmin": 0, "vmax": 1}
        )
        mesh = ax.pcolormesh(edges, np.arange(len(values) + 1), values, **look)
        ax.set_ylabel("cell\nunit" if name == "cell" else f"{name} gate\nunit")
        named = range(0, len(values), 1 + len(values) // 6)
        ax.set_yticks([unit + 0.5 for unit in named], [str(unit + 1) for unit in named], fontsize=8)
        ax.grid(False)
        fig.colorbar(mesh, ax=ax, pad=0.01, ticks=[-far, 0, far] if name == "cell" else [0, 0.5, 1], format=_tick)
    axes[-1].set_xlabel(xlabel)
    headline(fig, title)
    means = ", ".join(f"{name} {short(float(gates[name].mean()))}" for name in ROWS[:3])
    return show(
        fig,
        f"{title}. Above, the sequence as a line over {len(sequence)} steps. Below it four heat maps, "
        "one row a unit: the input, "
        f"forget and output gates (dark closed, bright open; on average {means}) and the cell.",
    )


def _tick(value: float, _: int) -> str:
    return short(value, 2)


def direct_and_whole(results: pd.DataFrame, title: str) -> Picture:
    """What is left of a gradient by lag: along the forget gates alone (dashed), and in all (solid), by forget bias.

    Args:
        results: rows with `network` ("LSTM, forget bias 3" …), `lag`, `seed`, `log10_left` and `log10_direct`.
        title: the finding.
    """
    fig, ax = new_figure(8, 4.4)
    hues = ("#0072B2", "#AA3377", "#7A5C00", "#5B3FA0")
    ends, sentences = [], []
    for (name, rows), colour in zip(results.groupby("network", sort=False), hues, strict=False):
        means = rows.groupby("lag")[["log10_left", "log10_direct"]].mean()
        for column, line in (("log10_left", "-"), ("log10_direct", (0, (2, 1.5)))):
            ax.plot(means.index, 10.0 ** means[column], color=colour, linestyle=line, linewidth=2)
        whole, direct = means.iloc[-1]
        bias = str(name).rsplit(" ", 1)[-1]
        ends.append(End(means.index[-1], 10.0**whole, f"bias {bias}, in all {short(10.0**whole)}", colour))
        ends.append(End(means.index[-1], 10.0**direct, f"bias {bias}, gates alone {short(10.0**direct)}", colour))
        sentences.append(
            f"Bias {bias}: {short(10.0**whole)} in all, {short(10.0**direct)} along the gates, at lag "
            f"{means.index[-1]:g}."
        )
    ax.set(xlabel="lag (steps back)\nsolid: the whole gradient; dashed: along the forget gates alone")
    ax.set_ylabel("left of the gradient\n(share of that at lag 0)")
    scale(ax, log=True)
    headline(fig, title)
    label_ends(ax, ends)
    return show(
        fig,
        f"{title}. Lines over the lag on a logarithmic axis, a solid and a dashed one for each bias. "
        f"{' '.join(sentences)}",
    )


def removed(results: pd.DataFrame, score: str, label: str, chance: float, title: str) -> Picture:
    """What is left of a score when a gate is taken out: a dot for each seed, a row for each network.

    Args:
        results: rows with `network` ("LSTM", "LSTM, no forget gate" …), `seed` and the score.
        score: its column.
        label: its name with its unit.
        chance: the score of knowing nothing.
        title: the finding.

    Raises:
        CourseError: nothing to draw.
    """
    check_rows(results, ("network", score))
    names = list(results["network"].unique())
    styles = line_styles(names)
    fig, ax = new_figure(8, 1.2 + 0.42 * len(names))
    clauses = []
    for index, name in enumerate(names):
        values = results.loc[results["network"] == name, score]
        spread = 0.1 * np.random.default_rng(index).uniform(-1, 1, len(values))
        ax.plot(values, -index + spread, "o", color=styles[name].colour, alpha=0.55, markersize=5)
        ax.plot(values.mean(), -index, "|", color=COLOURS["data"], markersize=16, markeredgewidth=2)
        clauses.append(f"{name}: {short(float(values.mean()))}")
    ax.axvline(chance, color=COLOURS["chance"], linestyle="--", linewidth=1.2)
    note = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points", "va": "bottom", "size": 9}
    ax.annotate(f"chance {short(chance)}", (chance, 1), (0, 2), ha="center", **note)
    ax.set_yticks(range(0, -len(names), -1), names)
    ax.margins(y=0.12)
    ax.set_xlabel(f"{label}\ndots: seeds; bar: their mean")
    headline(fig, title)
    opening = f"{title}. One row of dots for each network, on the axis of {label}; dashed: chance, {short(chance)}."
    return show(fig, f"{opening} Means: {'; '.join(clauses)}.")
