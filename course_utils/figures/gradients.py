"""Figures of gradients on their way back through time: growth over steps, what is left by lag, and clipping."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from course_utils.display.numbers import short
from course_utils.errors import CourseError
from course_utils.figures.labels import End, headline, label_ends, line_styles, scale
from course_utils.figures.rows import check_rows
from course_utils.figures.style import COLOURS, Picture, new_figure, show

LOWEST = -60.0  # powers of ten; smaller numbers are drawn at the lower edge
HUES = ("#0072B2", "#D55E00", "#009E73", "#AA3377", "#7A5C00", "#5B3FA0")


def norms_over_time(
    norms: Mapping[str, Sequence[float]],
    title: str,
    *,
    first: int = 0,
    ylabel: str = "largest stretch",
    lowest: float = 1e-6,
    highest: float = 1e6,
) -> Picture:
    """How much a vector can be stretched after 0, 1, 2 … steps, one line a matrix, on a logarithmic axis.

    Args:
        norms: for each name the stretch after each step.
        title: the finding.
        first: the step that the first number belongs to.
        ylabel: what is drawn.
        lowest: the lower edge; what is smaller, or 0, is drawn there.
        highest: the upper edge; what is larger leaves the picture.

    Raises:
        CourseError: nothing to draw.
    """
    if not norms or not all(len(values) for values in norms.values()):
        raise CourseError("There is nothing to draw: give the stretches of at least one matrix, {'A': [1.0, 0.8, …]}.")
    fig, ax = new_figure(8, 3.8)
    ends, sentences = [], []
    for (name, values), colour in zip(norms.items(), _hues(len(norms)), strict=False):
        numbers = np.asarray(values, dtype=float)
        steps = np.arange(first, first + len(numbers))
        drawn = np.clip(numbers, lowest, None)
        ax.plot(steps, drawn, color=colour)
        inside = np.flatnonzero(drawn <= highest)
        last = int(inside[-1]) if len(inside) else 0
        under = f" ({'0' if numbers[-1] == 0 else f'below {short(lowest)}'})" if numbers[-1] < lowest else ""
        ends.append(End(steps[last], min(drawn[last], highest), name + under, colour))
        peak = int(numbers.argmax())
        sentences.append(
            f"{name}: largest {short(numbers[peak])} at step {steps[peak]}, {short(numbers[-1])} at the last step."
        )
    ax.axhline(1, color=COLOURS["chance"], linestyle="--", linewidth=1.2)
    ax.set(xlabel="steps", ylabel=ylabel)
    scale(ax, log=True)
    ax.set_ylim(lowest / 1.5, highest)
    ends.append(End(ax.get_xlim()[1], 1, "1: as long as before", COLOURS["chance"]))
    headline(fig, title)
    label_ends(ax, ends)
    return show(
        fig,
        f"{title}. Lines over {len(steps) - 1 + first} steps on a logarithmic axis; dashed: 1. {' '.join(sentences)}",
    )


def _hues(count: int) -> list[str]:
    """Colours for things that are no networks."""
    return [HUES[n % len(HUES)] for n in range(count)]


def left_by_lag(results: pd.DataFrame, title: str | None = None, xlabel: str = "lag (steps back)") -> Picture:
    """What is left of a gradient by lag, one line a network: the mean over seeds, with each seed as a thin line.

    Args:
        results: one row for each `network`, `lag` and `seed`, with `log10_left`.
        title: the finding. Default: what is left at the longest lag.
        xlabel: the lag's name.

    Raises:
        CourseError: nothing to draw, or a column is missing.
    """
    check_rows(results, ("network", "lag", "log10_left"))
    fig, ax = new_figure(8, 4.2)
    styles = line_styles(results["network"].unique())
    ends, sentences, final = [], [], {}
    for name, rows in results.groupby("network", sort=False):
        style = styles[str(name)]
        mean = rows.groupby("lag")["log10_left"].mean()
        if "seed" in rows:
            for _, run in rows.groupby("seed"):
                ax.plot(run["lag"], _drawn(run["log10_left"]), color=style.colour, linewidth=0.6, alpha=0.3)
        ax.plot(mean.index, _drawn(mean), color=style.colour, linestyle=style.line, linewidth=2.2)
        final[str(name)] = float(mean.iloc[-1])
        sentences.append(f"{name}: {power(mean.iloc[-1])} left at lag {mean.index[-1]}.")
        ends.append(End(mean.index[-1], float(_drawn(mean).iloc[-1]), f"{name} {power(mean.iloc[-1])}", style.colour))
    note = "\nthick: geometric mean over seeds" if "seed" in results and results["seed"].nunique() > 1 else ""
    ax.set(xlabel=xlabel + note, ylabel="left of the gradient\n(share of that at lag 0)")
    scale(ax, log=True)
    lag = int(results["lag"].max())
    most, least = max(final, key=final.__getitem__), min(final, key=final.__getitem__)
    title = title or f"{lag} steps back {power(final[most])} is left ({most}), or {power(final[least])} ({least})"
    headline(fig, title)
    label_ends(ax, ends)
    return show(fig, f"{title}. Falling lines over the lag, 0 to {lag}, on a logarithmic axis. {' '.join(sentences)}")


def _drawn(logarithms: pd.Series) -> pd.Series:
    """From logarithms to numbers, no smaller than the lower edge."""
    return 10.0 ** logarithms.clip(lower=LOWEST)


def power(logarithm: float) -> str:
    """A number by its logarithm, such as "4e−23"; "0" below what float64 holds."""
    if logarithm < -319:
        return "0"
    whole = int(np.floor(logarithm))
    digit = round(10 ** (logarithm - whole))
    if digit == 10:
        digit, whole = 1, whole + 1
    return short(10.0**logarithm) if whole >= -3 else f"{digit}e−{-whole}"


def clipped(gradient: Sequence[float], by_norm: Sequence[float], by_value: Sequence[float], degrees: float) -> Picture:
    """A gradient of two entries as an arrow, with the two ways to clip it.

    Args:
        gradient: (2,) before clipping.
        by_norm: (2,) clipped by norm.
        by_value: (2,) clipped by value.
        degrees: the angle between the gradient and the one clipped by value.
    """
    title = f"By norm it keeps its direction; by value it turns, by {degrees:.1f}°"
    fig, ax = new_figure(6.4, 4.2)
    limit = 1.35 * max(np.abs([*by_norm, *by_value]))
    far = np.asarray(gradient) / np.linalg.norm(gradient) * limit * 1.45
    ax.plot([0, far[0]], [0, far[1]], color=COLOURS["data"], linewidth=1.2, linestyle=":")
    for arrow, colour, name, side in (
        (by_norm, "#0072B2", f"by norm ({short(by_norm[0])}, {short(by_norm[1])})", "right"),
        (by_value, "#D55E00", f"by value ({short(by_value[0])}, {short(by_value[1])})", "left"),
    ):
        look = {"arrowstyle": "-|>", "color": colour, "linewidth": 2.4, "shrinkA": 0, "shrinkB": 0}
        ax.annotate("", arrow, (0, 0), arrowprops=look)
        away = (-12, 0) if side == "right" else (10, -4)
        ax.annotate(name, arrow, away, textcoords="offset points", color=colour, va="center", ha=side)
    note = f"the gradient ({short(gradient[0])}, {short(gradient[1])})\npoints this way"
    ax.annotate(note, far * 0.93, (-16, 0), textcoords="offset points", ha="right", va="center", color=COLOURS["data"])
    ax.set(xlim=(-0.75 * limit, 1.5 * limit), ylim=(0, 1.25 * limit), aspect="equal")
    ax.set(xlabel="gradient of weight 1", ylabel="gradient of weight 2")
    headline(fig, title)
    return show(
        fig,
        f"{title}. A dotted line gives the direction of the gradient ({short(gradient[0])}, "
        f"{short(gradient[1])}). The arrow "
        f"clipped by norm lies on it and ends at ({short(by_norm[0])}, {short(by_norm[1])}); the arrow "
        "clipped by value "
        f"ends beside it, at ({short(by_value[0])}, {short(by_value[1])}).",
    )


def losses_and_norms(histories: Mapping[str, Any], chance: float, title: str) -> Picture:
    """The loss and the size of the gradient, step by step, for several trainings, on logarithmic axes.

    Args:
        histories: for each name a table with `step`, `loss` and `gradient_norm` (NaN where there is none).
        chance: the loss of saying always the same.
        title: the finding.
    """
    fig, axes = new_figure(8, 5.4, nrows=2, sharex=True)
    sentences = []
    ends: list[list[End]] = [[], []]
    for (name, table), colour in zip(histories.items(), _hues(len(histories)), strict=False):
        for ax, column, into in zip(axes, ("loss", "gradient_norm"), ends, strict=True):
            known = table[["step", column]].replace([np.inf, -np.inf], np.nan).dropna()
            marker = "o" if len(known) < 25 else None
            ax.plot(
                known["step"], known[column].clip(lower=1e-6), color=colour, linewidth=1.3, marker=marker, markersize=3
            )
            into.append(End(known["step"].iloc[-1], max(known[column].iloc[-1], 1e-6), name, colour))
            sentences.append(
                f"{name}: {column.replace('_', ' ')} up to {short(known[column].max())}, "
                f"{short(known[column].iloc[-1])} at step {known['step'].iloc[-1]}."
            )
    axes[0].axhline(chance, color=COLOURS["chance"], linestyle="--", linewidth=1.2)
    axes[0].set_ylabel("loss (mean squared error)")
    axes[1].set(ylabel="norm of the gradient", xlabel="step of the optimiser")
    for ax in axes:
        scale(ax, log=True)
    headline(fig, title)
    ends[0].append(End(axes[0].get_xlim()[1], chance, f"chance {short(chance)}", COLOURS["chance"]))
    for ax, into in zip(axes, ends, strict=True):
        label_ends(ax, into)
    return show(
        fig, f"{title}. Two panels over the steps, logarithmic. {' '.join(sentences)} Dashed: chance, {short(chance)}."
    )
