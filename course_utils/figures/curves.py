"""Learning curves: how the loss fell, and what a network that learns nothing would have."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from course_utils.checks import check_name
from course_utils.display.numbers import listed, named, short
from course_utils.errors import CourseError
from course_utils.figures.labels import End, LineStyle, headline, label_ends, line_styles, scale
from course_utils.figures.style import COLOURS, Picture, new_figure, show

if TYPE_CHECKING:
    from course_utils.training import History

POINTS = 80  # a curve with more steps is drawn as the means of this many stretches
COLUMNS = {"loss": "training", "valid": "validation"}
AXES = {"step": "step of the optimiser", "seconds": "seconds"}
CROWD = 3  # with more networks, training curves are drawn without a label
MOST_NAMED = 4  # networks named one by one in a title; of more, the best and the worst


def learning_curves(
    histories: History | pd.DataFrame | Mapping[str, History | pd.DataFrame],
    *,
    baselines: Mapping[str, float],
    measure: str = "loss",
    column: str | None = None,
    x: str = "step",
    log: bool = False,
    title: str | None = None,
) -> Picture:
    """Training loss (thin) and validation score (thick, dotted with markers) of one or several networks.

    A loss that jumps from batch to batch is drawn pale, with its mean over stretches of steps on top.

    Args:
        histories: what `fit` returned, or its table; for several networks by name: {"RNN": …, "LSTM": …}.
        baselines: what rules that learn nothing reach, by name: {"always the mean": 1.02}. Dashed dark lines. Where
            there is none at all, say so: {}.
        measure: what is measured, with its unit, such as "cross-entropy (nats)".
        column: draw only "loss" (training) or only "valid". Default: both; they must be the same measure then.
        x: "step" or "seconds".
        log: a logarithmic axis for the loss.
        title: the finding. Default: the lowest score of each network, and the baselines.

    Raises:
        CourseError: nothing to draw, or a choice that does not exist.
    """
    tables = _tables(histories)
    check_name("axis", x, AXES)
    columns = _columns(histories, tables, column)
    _check_axes(tables, columns, baselines, x, log)
    fig, ax = new_figure(8, 3.8)
    styles = line_styles(tables)
    if len(tables) == 1 and "" in tables:
        styles = {"": LineStyle(COLOURS["data"], "-", "o")}
    ends = [end for name, table in tables.items() for end in _draw(ax, table, columns, x, name, styles[name])]
    if len(tables) > CROWD and len(columns) > 1:
        ends = [end for end in ends if f" {COLUMNS['loss']}" not in end.text]
    for value in baselines.values():
        ax.axhline(value, color=COLOURS["chance"], linestyle="--", linewidth=1.3, zorder=2.5)
    note = "\nthin: training, thick: validation" if len(columns) > 1 else ""
    ax.set(xlabel=AXES[x] + note, ylabel=measure)
    if x == "step":
        low, high = ax.get_xlim()
        ax.set_xlim(min(low, (low + high) / 2 - 1), max(high, (low + high) / 2 + 1))  # whole steps, be there but one
        ax.xaxis.get_major_locator().set_params(integer=True)
    scale(ax, log)
    title = title or _finding(tables, columns, baselines, measure)
    headline(fig, title)
    right = ax.get_xlim()[1]
    ends += [End(right, value, named(label, value), COLOURS["chance"]) for label, value in baselines.items()]
    label_ends(ax, ends)
    return show(fig, _alt(title, tables, columns, baselines, measure, x))


def _tables(histories: Any) -> dict[str, pd.DataFrame]:
    """The table of each history, checked."""
    by_name = histories if isinstance(histories, Mapping) else {"": histories}
    if not by_name:
        raise CourseError("There is no history to draw: give what fit returned, or {'LSTM': history, …}.")
    tables = {}
    for name, history in by_name.items():
        table = getattr(history, "table", history)
        if not isinstance(table, pd.DataFrame) or not {"step", "loss"} <= set(table.columns):
            raise CourseError(
                f"Learning curves are drawn from what fit returned, or its table with the columns step and loss; "
                f"{f'{name!r} is' if name else 'this is'} a {type(history).__name__}."
            )
        numbers = table[[c for c in COLUMNS if c in table]].to_numpy(dtype=float)
        if not np.isfinite(numbers).any():
            raise CourseError(
                f"The history{f' of {name!r}' if name else ''} has no step with a finite loss: nothing to draw."
            )
        tables[str(name)] = table.replace([np.inf, -np.inf], np.nan)
    return tables


def _columns(histories: Any, tables: Mapping[str, pd.DataFrame], column: str | None) -> list[str]:
    """Which columns to draw."""
    if column is not None:
        check_name("column", column, COLUMNS)
    if column == "valid" and not any("valid" in table for table in tables.values()):
        raise CourseError("There is no validation to draw: train with fit(…, valid=…), or leave out column='valid'.")
    if column is not None:
        return [column]
    given = histories.values() if isinstance(histories, Mapping) else [histories]
    if any("valid" in table for table in tables.values()) and not all(
        getattr(history, "valid_is_loss", True) or "valid" not in history.table for history in given
    ):
        raise CourseError(
            "The training loss and this validation score are two measures, and do not fit on one axis. Choose: "
            "column='loss' or column='valid'."
        )
    return [c for c in COLUMNS if any(c in table for table in tables.values())]


def _check_axes(tables: Mapping[str, pd.DataFrame], columns: list[str], baselines: Any, x: str, log: bool) -> None:
    """Can everything be drawn on the axes asked for?"""
    if not isinstance(baselines, Mapping):
        raise CourseError(
            "baselines are given by name, such as {'always the mean': 1.02}: what a rule reaches that learns nothing."
        )
    for label, value in baselines.items():
        if not np.isfinite(value) or (log and value <= 0):
            raise CourseError(f"The baseline {label!r} is {value}; it cannot be drawn on this axis.")
    for name, table in tables.items():
        if x not in table:
            raise CourseError(f"The history of {name!r} has no column {x!r}. Choose x='step'.")
        if log and any((table[column] <= 0).any() for column in columns if column in table):
            raise CourseError("A logarithmic axis cannot show a loss of 0 or less. Leave out log=True.")


def stretches(values: pd.DataFrame, points: int = POINTS) -> pd.DataFrame:
    """The means of consecutive stretches of rows; the rows themselves where there are few. A stretch of NaN is NaN."""
    if len(values) <= points:
        return values
    return values.groupby(np.arange(len(values)) * points // len(values)).mean()


def _draw(ax: Any, table: pd.DataFrame, columns: list[str], x: str, name: str, style: LineStyle) -> list[End]:
    """The lines of one network, and what to write at their ends."""
    ends = []
    both = len(columns) > 1
    for column in columns:
        if column not in table or table[column].isna().all():
            continue
        known = table[[x, column]].dropna() if column == "valid" else table[[x, column]]
        drawn = stretches(known) if column == "loss" else known
        if column == "loss" and len(drawn) < len(known) <= 5000:
            ax.plot(known[x], known[column], color=style.colour, linewidth=0.6, alpha=0.22)
        thin = both and column == "loss"
        alone = len(drawn) <= 25 or bool(drawn[column].isna().any())
        ax.plot(
            drawn[x],
            drawn[column],
            color=style.colour,
            linestyle=style.line,
            linewidth=1.1 if thin else 2.2,
            marker=style.marker if not thin or len(drawn) == 1 else None,
            markersize=4.5,
            markevery=1 if alone else len(drawn) // 12,
        )
        if column == "valid":
            best = known.loc[known["valid"].idxmin()]
            ax.plot(best[x], best["valid"], "o", markersize=12, fillstyle="none", color=style.colour)
        last = drawn.dropna().iloc[-1]
        what = COLUMNS[column] if both or not name else ""
        ends.append(End(last[x], last[column], named(f"{name} {what}".strip(), last[column]), style.colour))
    return ends


def _scores(tables: Mapping[str, pd.DataFrame], column: str) -> dict[str, float]:
    """The score of each network, best first: the lowest validation, or the training loss over the last stretch."""
    scores = {}
    for name, table in tables.items():
        if column in table and table[column].notna().any():
            values = table[[column]]
            scores[name] = float(
                values[column].min() if column == "valid" else stretches(values)[column].dropna().iloc[-1]
            )
    return dict(sorted(scores.items(), key=lambda item: item[1]))


def _finding(
    tables: Mapping[str, pd.DataFrame], columns: list[str], baselines: Mapping[str, float], measure: str
) -> str:
    """The scores in a sentence."""
    column = columns[-1]
    scores = _scores(tables, column)
    bare = re.sub(r"\s*\(.*?\)", "", measure)
    what = f"Lowest validation {bare}" if column == "valid" else f"Training {bare} at the end"
    parts = [named(name, score) for name, score in scores.items()]
    if len(parts) > MOST_NAMED:
        parts = [f"{parts[0]} is the lowest of {len(parts)}", f"{parts[-1]} the highest"]
    rules = [named(label, value) for label, value in baselines.items()]
    return f"{what}: {', '.join(parts)}" + (f" ({', '.join(rules)})" if rules else "")


def _alt(
    title: str,
    tables: Mapping[str, pd.DataFrame],
    columns: list[str],
    baselines: Mapping[str, float],
    measure: str,
    x: str,
) -> str:
    """The figure in words."""
    first, last = (f(table[x].iloc[index] for table in tables.values()) for f, index in ((min, 0), (max, -1)))
    sentences = [f"{title}.", f"Lines of the {measure} over {AXES[x]} {short(first)} to {short(last)}."]
    for name, table in tables.items():
        parts = [part for column in columns if (part := _course(table, column))]
        sentences.append(f"{name or 'The network'}: {'; '.join(parts) or 'nothing'}.")
    if baselines:
        rules = listed([f"{label} at {short(value)}" for label, value in baselines.items()])
        sentences.append(f"Dashed dark {'line' if len(baselines) == 1 else 'lines'}: {rules}.")
    return " ".join(sentences)


def _course(table: pd.DataFrame, column: str) -> str:
    """Where a curve begins and ends, in words; nothing where it has no values."""
    values = table[column].dropna() if column in table else pd.Series(dtype=float)
    if values.empty:
        return ""
    if column == "loss":
        values = stretches(table[["loss"]])["loss"].dropna()
        return f"training {_way(values)}"
    step = int(table["step"][values.idxmin()])
    return f"validation {_way(values)}, lowest {short(values.min())} at step {step:,}"


def _way(values: pd.Series) -> str:
    """From where to where, or the only value."""
    first, last = short(values.iloc[0]), short(values.iloc[-1])
    return f"from {first} to {last}" if len(values) > 1 else first
