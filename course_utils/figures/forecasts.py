"""Figures of forecasts: each forecast beside what came, and how far off each rule was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from course_utils.display.numbers import listed, short
from course_utils.errors import CourseError
from course_utils.figures.labels import End, headline, label_ends, line_styles, readable, scale
from course_utils.figures.style import COLOURS, Picture, new_figure, show
from course_utils.stats import mean_interval

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd


def beside_truth(
    series: pd.Series, forecasts: Mapping[str, pd.Series], title: str, ylabel: str, xlabel: str = "year"
) -> Picture:
    """A series (dark, with dots) and one or several forecasts of it.

    Args:
        series: what came, indexed by year or another number; only the places of the forecasts are drawn.
        forecasts: by name, each indexed alike.
        title: the finding.
        ylabel: what is measured, with its unit.
        xlabel: what the index is.

    Raises:
        CourseError: no forecast.
    """
    if not forecasts:
        raise CourseError("There is no forecast to draw: give at least one, {'RNN': forecast}.")
    years = next(iter(forecasts.values())).index
    truth = series.loc[years]
    fig, ax = new_figure(8, 3.8)
    ax.plot(years, truth, color=COLOURS["data"], marker="o", markersize=3, linewidth=1.1)
    ends = [End(years[-1], truth.iloc[-1], "what came", COLOURS["data"])]
    for (name, forecast), style in zip(forecasts.items(), line_styles(forecasts).values(), strict=True):
        ax.plot(years, forecast, color=style.colour, linestyle=style.line, linewidth=1.8)
        ends.append(End(years[-1], forecast.iloc[-1], name, style.colour))
    ax.set(xlabel=xlabel, ylabel=ylabel)
    headline(fig, title)
    label_ends(ax, ends)
    return show(
        fig,
        f"{title}. Lines from {years[0]} to {years[-1]}: what came, between {short(truth.min())} and "
        f"{short(truth.max())}, and the forecasts by {listed(list(forecasts))}.",
    )


def errors(by_rule: Mapping[str, Sequence[float]], xlabel: str, title: str | None = None) -> Picture:
    """How far off each rule was: a dot for each seed, one row a rule, the best on top.

    Args:
        by_rule: for each rule its errors, one for each seed (or a single one).
        xlabel: what is measured, with its unit.
        title: the finding. Default: the lowest and the highest mean.

    Raises:
        CourseError: nothing to draw.
    """
    if not by_rule or not all(len(values) for values in by_rule.values()):
        raise CourseError("There is nothing to draw: give the errors of at least one rule, {'persistence': [25.5]}.")
    means = {name: float(np.mean(values)) for name, values in by_rule.items()}
    order = sorted(by_rule, key=means.__getitem__, reverse=True)
    styles = line_styles(by_rule)
    fig, ax = new_figure(8, 0.9 + 0.45 * len(by_rule))
    rng = np.random.default_rng(0)
    for index, name in enumerate(order):
        colour = styles[name].colour if len(by_rule[name]) > 1 else COLOURS["data"]
        spread = 0.12 * rng.uniform(-1, 1, len(by_rule[name])) if len(by_rule[name]) > 1 else [0.0]
        ax.plot(by_rule[name], index + np.asarray(spread), "o", color=colour, alpha=0.75, markersize=7)
        ax.annotate(
            short(means[name]),
            (max(by_rule[name]), index),
            (9, 0),
            textcoords="offset points",
            va="center",
            color=readable(colour),
        )
    ax.set_yticks(range(len(order)), order)
    ax.set_xlim(left=0)
    ax.margins(y=0.15, x=0.12)
    ax.set_xlabel(xlabel)
    title = title or f"Lowest: {order[-1]} ({short(means[order[-1]])}). Highest: {order[0]} ({short(means[order[0]])})"
    headline(fig, title)
    rows = "; ".join(
        f"{name} {short(means[name])}"
        + (
            f" (mean of {len(by_rule[name])}, {short(min(by_rule[name]))} to {short(max(by_rule[name]))})"
            if len(by_rule[name]) > 1
            else ""
        )
        for name in reversed(order)
    )
    return show(fig, f"{title}. Dots on one line for each rule, from the lowest error: {rows}.")


def fan(known: pd.Series, forecast: pd.DataFrame, title: str, ylabel: str, truth: pd.Series | None = None) -> Picture:
    """The end of a series, and its forecast: the median as a line, the quantiles as bands, what came as dots.

    Args:
        known: the values before the forecast.
        forecast: a row for each step, a column for each quantile, 0.5 among them (`Forecaster.forecast`).
        title: the finding.
        ylabel: what is measured, with its unit.
        truth: what came, where it is known.
    """
    levels = sorted(forecast.columns)
    steps, ahead = np.arange(len(known)) - len(known) + 1, np.arange(1, len(forecast) + 1)
    fig, ax = new_figure(8, 3.6)
    ax.plot(steps, known, color=COLOURS["data"], linewidth=1.2)
    for low, high in zip(levels, reversed(levels), strict=True):
        if low < 0.5:
            ax.fill_between(ahead, forecast[low], forecast[high], color=COLOURS["lstm"], alpha=0.22, linewidth=0)
    ax.plot(ahead, forecast[0.5], color=COLOURS["lstm"])
    ends = [End(ahead[-1], float(forecast[0.5].iloc[-1]), "median", COLOURS["lstm"])]
    covered = ""
    if truth is not None:
        ax.plot(ahead, truth, "o", color=COLOURS["data"], markersize=4)
        ends.append(End(ahead[-1], float(truth.iloc[-1]), "what came", COLOURS["data"]))
        inside = (forecast[levels[0]].to_numpy() <= truth.to_numpy()) & (truth.to_numpy() <= forecast[levels[-1]])
        covered = f" {int(inside.sum())} of the {len(truth)} values that came lie within the widest band."
    ax.axvline(0.5, color=COLOURS["chance"], linestyle="--", linewidth=1)
    last = str(known.index[-1]).removesuffix(" 00:00:00")
    ax.set(xlabel=f"steps from the last known value ({last})", ylabel=ylabel)
    headline(fig, title)
    label_ends(ax, ends)
    return show(
        fig,
        f"{title}. A line of {len(known)} known values, then the median of {len(forecast)} steps, from "
        f"{short(float(forecast[0.5].iloc[0]))} to {short(float(forecast[0.5].iloc[-1]))}, inside a band between the "
        f"quantiles {levels[0]:g} and {levels[-1]:g}.{covered}",
    )


def by_horizon(
    errors: Mapping[str, npt.NDArray[np.float64]],
    title: str,
    ylabel: str,
    xlabel: str = "steps ahead",
    *,
    log: bool = False,
) -> Picture:
    """The error of each method, step by step, with 95 % intervals over forecast origins.

    Args:
        errors: by name (origins, steps); an RNN, GRU or LSTM has the colour of its cell.
        title: the finding.
        ylabel: what is measured, with its unit.
        xlabel: what a step is.
        log: a logarithmic axis, where a few methods are far worse than the others.

    Raises:
        CourseError: nothing to draw.
    """
    if not errors:
        raise CourseError("There is nothing to draw: give the errors of at least one method, {'naive': errors}.")
    fig, ax = new_figure(8, 4)
    ends, told, least = [], [], np.inf
    for (name, values), style in zip(errors.items(), line_styles(errors).values(), strict=True):
        means = [mean_interval(column) for column in np.asarray(values).T]
        ahead = np.arange(1, len(means) + 1)
        middle = [mean.value for mean in means]
        least = min(least, *middle)
        ax.plot(ahead, middle, color=style.colour, linestyle=style.line)
        ax.fill_between(
            ahead, [m.low for m in means], [m.high for m in means], color=style.colour, alpha=0.12, linewidth=0
        )
        ends.append(End(ahead[-1], middle[-1], name, style.colour))
        told.append(f"{name} {short(middle[0])} to {short(middle[-1])}")
    ax.set(xlabel=xlabel, ylabel=ylabel, ylim=(least / 2 if log and least > 0 else 0, None))
    scale(ax, log and least > 0)
    headline(fig, title)
    label_ends(ax, ends)
    origins = len(next(iter(errors.values())))
    return show(
        fig,
        f"{title}. A line for each method, the mean over {origins} origins with its 95 % interval as a band, from the "
        f"first step to the last: {'; '.join(told)}.",
    )
