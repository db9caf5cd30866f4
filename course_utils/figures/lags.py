"""A score against the lag that had to be bridged, always beside chance and the best rule that learns nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from course_utils.checks import check_name
from course_utils.display.numbers import listed, named, short
from course_utils.errors import CourseError
from course_utils.figures.labels import End, LineStyle, headline, label_ends, line_styles, scale
from course_utils.figures.style import COLOURS, Picture, new_figure, show

Level: TypeAlias = float | Mapping[float, float] | Callable[[float], float]  # one for all lags, or one for each

MANY = 12  # seeds; more are drawn as a band
MOST_NAMED = 4  # networks named one by one in a title; of more, the best and the worst
SIGNS = dict(zip("os^DvPX", "●■▲◆▼✚✖", strict=True))  # of markers, where networks share a colour
LEVELS: tuple[Any, ...] = ("--", (0, (6, 1.5, 1, 1.5)), (0, (2, 1.5)))
SEEDS = ("auto", "lines", "band")


def score_against_lag(
    results: pd.DataFrame,
    *,
    chance: Level | None = None,
    chance_name: str = "chance",
    baselines: Mapping[str, Level] | None = None,
    score: str = "accuracy",
    label: str | None = None,
    higher_is_better: bool = True,
    xlabel: str = "lag (steps)",
    log: bool | None = None,
    log_score: bool = False,
    seeds: str = "auto",
    title: str | None = None,
) -> Picture:
    """The score of each network against the lag, over several seeds.

    Thick lines are means over seeds. Thin lines are single seeds; where there are more than twelve, a band holds the
    middle 80 % of them. A run whose score is NaN is left out of the mean, and counted in the figure.

    Args:
        results: one row a run, with the columns `network`, `lag`, the score, and `seed` if there are several.
        chance: what guessing reaches: a number, or one for each lag as {lag: number} or a function of the lag.
        chance_name: what its line is called, where the score is no share of right answers.
        baselines: what the best rules that learn nothing reach, by name, each like `chance`. Where no such rule beats
            guessing, say so: {}.
        score: the column with the score.
        label: the score's name with its unit for the axis. Default: the column's name.
        higher_is_better: which way is up? It orders the networks in the title.
        xlabel: the lag's name with its unit.
        log: a logarithmic axis for the lag. Default: where the lags span a factor of 20.
        log_score: a logarithmic axis for the score.
        seeds: "lines", "band", or "auto".
        title: the finding. Default: the scores at the longest lag.

    Raises:
        CourseError: chance or the baselines are missing, or a column, or what is there cannot be drawn.
    """
    runs = _runs(results, score)
    levels = _levels(runs, {chance_name: chance}, baselines, log_score)
    check_name("way to draw seeds", seeds, SEEDS)
    log = _log_axis(runs, log)
    if log_score and (runs[score] <= 0).any():
        raise CourseError(f"A logarithmic axis cannot show {score} of 0 or less. Leave out log_score=True.")
    fig, ax = new_figure(8, 3.9)
    styles = line_styles(runs["network"].unique())
    grouped = list(runs.groupby("network", sort=False))
    note = _seeds_note(runs, score, seeds)
    ends = [
        replace(end, text=_mark(style, styles) + end.text)
        for style, rows in ((styles[str(name)], rows) for name, rows in grouped)
        for end in _draw(ax, rows, score, style, _band(rows, seeds))
    ]
    ends += _draw_levels(ax, levels)
    ax.set(ylabel=label or score, xlabel="\n".join([xlabel, *note]))
    scale(ax, log_score)
    if not log_score:
        _fit_scores(ax, runs[score], levels)
    _lag_ticks(ax, sorted(runs["lag"].unique()), log)
    title = title or _finding(runs, score, levels, higher_is_better, re.sub(r"\s*\(.*?\)", "", label or score))
    headline(fig, title)
    label_ends(ax, ends)
    return show(fig, _alt(title, grouped, score, levels, label or score, xlabel, note))


def _runs(results: Any, score: str) -> pd.DataFrame:
    """The table of runs, checked."""
    if not isinstance(results, pd.DataFrame):
        raise CourseError(
            f"The results are a table (pandas DataFrame) with one row a run, not a {type(results).__name__}."
        )
    missing = [name for name in ("network", "lag", score) if name not in results]
    if missing:
        raise CourseError(
            f"The results have no column {listed(missing)}. They need `network`, `lag`, the score ({score!r}), and "
            f"`seed` if there are several; they have {listed([str(c) for c in results.columns]) or 'none'}."
        )
    runs = results.copy()
    runs["network"] = runs["network"].astype(str)
    if "seed" not in runs:
        runs["seed"] = runs.groupby(["network", "lag"]).cumcount()
    for name in ("lag", score):
        try:
            runs[name] = pd.to_numeric(runs[name])
        except (ValueError, TypeError):
            raise CourseError(f"The column {name!r} holds something that is not a number.") from None
    if not np.isfinite(runs["lag"].to_numpy(dtype=float)).all():
        raise CourseError("A lag is missing or infinite.")
    runs[score] = runs[score].replace([np.inf, -np.inf], np.nan).astype(float)
    if runs[score].notna().sum() == 0:
        raise CourseError(f"There is nothing to draw: no run has a score in {score!r}.")
    twice = runs[runs.duplicated(["network", "lag", "seed"])]
    if len(twice):
        row = twice.iloc[0]
        raise CourseError(f"There are two runs of {row['network']} at lag {row['lag']} with seed {row['seed']}.")
    return runs


def _levels(
    runs: pd.DataFrame, named_chance: Mapping[str, Level | None], baselines: Mapping[str, Level] | None, log_score: bool
) -> dict[str, pd.Series]:
    """Chance first, then the baselines, each over all lags."""
    chance = {name: level for name, level in named_chance.items() if level is not None}
    if not chance:
        raise CourseError(
            "A score says nothing without chance: give chance=…, what guessing reaches (1/4 for four symbols, 1/6 for "
            "the adding problem), or a number for each lag."
        )
    if baselines is None:
        raise CourseError(
            "Give baselines={'name': …}, what the best rule reaches that learns nothing (such as 'always the last "
            "symbol'), or baselines={} where none beats guessing."
        )
    lags = sorted(runs["lag"].unique())
    levels = {}
    for name, level in {**chance, **baselines}.items():
        levels[name] = pd.Series([_level(name, level, lag) for lag in lags], index=lags)
        if not np.isfinite(levels[name]).all() or (log_score and (levels[name] <= 0).any()):
            raise CourseError(f"{name!r} cannot be drawn on this axis: it is {list(levels[name])}.")
    return levels


def _level(name: str, level: Level, lag: float) -> float:
    try:
        if isinstance(level, Mapping):
            return float(level[lag])
        return float(level(lag)) if callable(level) else float(level)
    except KeyError:
        raise CourseError(f"{name!r} has no value for lag {lag:g}: give one for every lag of the results.") from None
    except (TypeError, ValueError):
        raise CourseError(f"{name!r} must be a number, {{lag: number}} or a function of the lag.") from None


def _log_axis(runs: pd.DataFrame, log: bool | None) -> bool:
    low, high = runs["lag"].min(), runs["lag"].max()
    if log and low <= 0:
        raise CourseError(f"A logarithmic axis cannot show a lag of {low:g}. Leave out log=True.")
    return bool(low > 0 and high / low >= 20) if log is None else log


def _band(rows: pd.DataFrame, seeds: str) -> bool:
    """Are the seeds of a network drawn as a band?"""
    return seeds == "band" or (seeds == "auto" and rows["seed"].nunique() > MANY)


def _seeds_note(runs: pd.DataFrame, score: str, seeds: str) -> list[str]:
    """What thin and thick lines mean, and which runs are left out; a line each."""
    counts = runs.groupby("network")["seed"].nunique()
    span = f"{counts.min()}" if counts.min() == counts.max() else f"{counts.min()} to {counts.max()}"
    lines = []
    if counts.max() == 1:
        lines.append("one seed")
    else:
        kinds = {_band(rows, seeds) for _, rows in runs.groupby("network") if rows["seed"].nunique() > 1}
        details = [
            text
            for band, text in ((False, "thin: single seeds"), (True, "band: the middle 80 % of seeds"))
            if band in kinds
        ]
        lines.append(f"thick: mean over {span} seeds; {'; '.join(details)}")
    without = int(runs[score].isna().sum())
    if without:
        lines.append(f"{without} of {len(runs)} runs gave no score and {'is' if without == 1 else 'are'} left out")
    return lines


def _mark(style: LineStyle, styles: Mapping[str, LineStyle]) -> str:
    """The marker of a line as text, where other lines have its colour; else nothing."""
    alike = sum(style.colour == other.colour for other in styles.values())
    return f"{SIGNS[style.marker]} " if alike > 1 else ""


def _draw(ax: Any, rows: pd.DataFrame, score: str, style: LineStyle, band: bool) -> list[End]:
    """The seeds and the mean of one network, and what to write at its end."""
    table = rows.pivot(index="lag", columns="seed", values=score).sort_index()
    means = table.mean(axis=1)
    if means.isna().all():
        return []
    if band:
        low, high = table.quantile(0.1, axis=1), table.quantile(0.9, axis=1)
        ax.fill_between(table.index, low, high, color=style.colour, alpha=0.16, linewidth=0)
    elif table.shape[1] > 1:
        ax.plot(table.index, table, color=style.colour, alpha=0.4, linewidth=0.8, linestyle=style.line)
    ax.plot(means, color=style.colour, linestyle=style.line, marker=style.marker, linewidth=2.2, markersize=5.5)
    known = means.dropna()
    name = str(rows["network"].iloc[0])
    return [End(known.index[-1], known.iloc[-1], named(name, known.iloc[-1]), style.colour)]


def _draw_levels(ax: Any, levels: Mapping[str, pd.Series]) -> list[End]:
    """Chance dashed, each baseline broken in another way; what coincides is one line with all its names."""
    groups: list[tuple[list[str], pd.Series]] = []
    for name, level in levels.items():
        same = next((names for names, drawn in groups if np.allclose(level, drawn)), None)
        if same is None:
            groups.append(([name], level))
        else:
            same.append(name)
    ends = []
    for (names, level), dashes in zip(groups, [LEVELS[min(n, 2)] for n in range(len(groups))], strict=True):
        look: Any = {"color": COLOURS["chance"], "linestyle": dashes, "linewidth": 1.3, "zorder": 2.5}
        if level.min() == level.max():
            ax.axhline(level.iloc[0], **look)
        else:
            ax.plot(level.index, level, **look)
        ends.append(End(level.index[-1], level.iloc[-1], named(" = ".join(names), level.iloc[-1]), COLOURS["chance"]))
    return ends


def _fit_scores(ax: Any, scores: pd.Series, levels: Mapping[str, pd.Series]) -> None:
    """Show zero, and all of a share."""
    everything = pd.concat([scores, *levels.values()])
    if everything.min() >= 0:
        top = 1.0 if everything.max() <= 1 and everything.max() > 0.5 else everything.max()
        ax.set_ylim(-0.03 * top, 1.06 * top if top else 1)


def _lag_ticks(ax: Any, lags: list[float], log: bool) -> None:
    """Ticks at the lags that were measured, as many as fit."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    if log:
        ax.set_xscale("log")
    ax.margins(x=0.03)
    positions = ax.transAxes.inverted().transform(ax.transData.transform([(lag, 0.5) for lag in lags]))[:, 0]
    kept: list[float] = []
    last = -1.0
    for lag, position in reversed(list(zip(lags, positions, strict=True))):  # the longest lag is always named
        if last < 0 or last - position >= 0.085:
            kept.append(lag)
            last = position
    ax.xaxis.set_major_locator(FixedLocator(kept))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda lag, _: f"{lag:,g}" if lag < 1e6 else short(lag)))


def _finding(
    runs: pd.DataFrame, score: str, levels: Mapping[str, pd.Series], higher_is_better: bool, measure: str
) -> str:
    """The mean scores at the longest lag in a sentence."""
    lag = runs["lag"][runs[score].notna()].max()
    means = runs[runs["lag"] == lag].groupby("network", sort=False)[score].mean().dropna()
    means = means.sort_values(ascending=not higher_is_better, kind="stable")
    parts = [named(name, value) for name, value in means.items()]
    if len(parts) > MOST_NAMED:
        parts = [f"{parts[0]} is the best of {len(parts)}", f"{parts[-1]} the worst"]
    rules = [named(name, level[lag]) for name, level in levels.items()]
    return f"{measure[:1].upper()}{measure[1:]} at lag {short(lag, 6)}: {', '.join(parts)} ({', '.join(rules)})"


def _alt(
    title: str,
    grouped: list[tuple[Any, pd.DataFrame]],
    score: str,
    levels: Mapping[str, pd.Series],
    measure: str,
    xlabel: str,
    note: list[str],
) -> str:
    """The figure in words."""
    sentences = [f"{title}.", f"Lines of the {measure} over {xlabel}; {'; '.join(note)}."]
    for name, rows in grouped:
        means = rows.groupby("lag")[score].mean().dropna()
        if means.empty:
            sentences.append(f"{name}: no score at all.")
            continue
        parts = [f"{short(means.iloc[0])} at lag {short(means.index[0], 6)}"]
        if len(means) > 1:
            parts.append(f"{short(means.iloc[-1])} at lag {short(means.index[-1], 6)}")
        final = rows[rows["lag"] == means.index[-1]][score].dropna()
        if len(final) > 1 and len(grouped) <= MOST_NAMED:
            parts.append(f"there its seeds lie between {short(final.min())} and {short(final.max())}")
        sentences.append(f"{name}: {', '.join(parts)}.")
    for name, level in levels.items():
        same = level.min() == level.max()
        value = short(level.iloc[0]) if same else f"{short(level.iloc[0])} to {short(level.iloc[-1])}"
        sentences.append(f"Dark broken line: {name}, {value}.")
    return " ".join(sentences)
