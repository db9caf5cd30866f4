"""Figures of forecasts: each forecast beside what came, and how far off each rule was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from course_utils.display.numbers import listed, short
from course_utils.errors import CourseError
from course_utils.figures.labels import End, headline, label_ends, line_styles, readable
from course_utils.figures.style import COLOURS, Picture, new_figure, show

if TYPE_CHECKING:
    import pandas as pd


def beside_truth(series: pd.Series, forecasts: Mapping[str, pd.Series], title: str, ylabel: str) -> Picture:
    """A series (dark, with dots) and one or several forecasts of it.

    Args:
        series: what came, indexed by year; only the years of the forecasts are drawn.
        forecasts: by name, each indexed by year.
        title: the finding.
        ylabel: what is measured, with its unit.

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
    ax.set(xlabel="year", ylabel=ylabel)
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
