"""Figures of contests: accuracy and speed of each method, what more examples bring, and a classifier's border."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.ticker import FuncFormatter, NullLocator

from course_utils.display.numbers import listed, short
from course_utils.errors import CourseError
from course_utils.figures.labels import End, headline, label_ends
from course_utils.figures.rows import check_rows
from course_utils.figures.style import COLOURS, Picture, new_figure, show
from course_utils.stats import accuracy_interval, mean_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BEST_OTHER = "best other"  # rows that repeat another's, and are not drawn
LOOKS = {  # colour and marker of each method
    "network": (COLOURS["feedforward"], "o"),
    "CNN": (COLOURS["cnn"], "D"),
    "logistic regression": ("#7A5C00", "s"),
    "k-NN": ("#5B3FA0", "^"),
    "random forest": ("#2F8FAE", "v"),
    "gradient boosting": ("#C98500", "P"),
}
STRANGER = ("#222222", "X")
CLASSES = (("#0072B2", "o"), ("#D55E00", "^"), ("#009E73", "s"), ("#5B3FA0", "D"))  # of points in a plane
GRID = 240  # points along each side of a plane


def accuracy_and_seconds(rows: pd.DataFrame, title: str) -> Picture:
    """Accuracy of every method on every set of data, and beside it the CPU seconds of its training.

    Args:
        rows: of the experiment "contest": `data`, `method`, `seed`, `accuracy`, `chance`, `log10_seconds`.
        title: the finding.

    Raises:
        CourseError: no rows, or a column is missing.
    """
    rows = _drawn(rows, ("data", "method", "seed", "accuracy", "chance", "log10_seconds"))
    sets, methods = list(rows["data"].unique()), list(rows["method"].unique())
    fig, axes = new_figure(9, 1.6 + 0.72 * len(sets), ncols=2, sharey=True, width_ratios=[1.5, 1])
    for name_at, name in enumerate(sets):
        of_set = rows[rows["data"] == name]
        _row(axes, of_set, methods, -name_at)
        axes[0].plot([of_set["chance"].mean()] * 2, [-name_at - 0.42, -name_at + 0.42], "--", color=COLOURS["chance"])
        for ax in axes:
            ax.axhline(-name_at - 0.5, color="#cccccc", linewidth=0.7)
    axes[0].axvline(1, color=COLOURS["chance"], linewidth=0.8)
    axes[0].set_yticks(range(0, -len(sets), -1), [str(name).replace("_", " ") for name in sets])
    axes[0].set_ylim(-len(sets) + 0.5, 0.5)
    axes[0].set_xlim(0, 1.02)
    axes[0].set_xlabel("accuracy on test rows, with 95 % intervals\ndashed: always the most frequent class")
    axes[1].set_xlabel("CPU seconds of its training\n(k-NN only stores its rows)")
    _log_seconds(axes[1], rows)
    for ax in axes:
        ax.grid(False, axis="y")
    handles = axes[0].get_legend_handles_labels()
    fig.legend(handles[0][: len(methods)], methods, loc="outside lower center", ncols=3, frameon=False, fontsize=10)
    headline(fig, title)
    how = "Dots with intervals, a row for each set of data; accuracy on the left, CPU seconds on the right."
    return show(fig, f"{title}. {how} {_means_in_words(rows, sets)}.")


def _row(axes: Sequence[Axes], rows: pd.DataFrame, methods: Sequence[str], middle: float) -> None:
    """The dots of one set of data, a little above each other."""
    offsets = np.linspace(0.32, -0.32, len(methods)) if len(methods) > 1 else np.zeros(1)
    for method, offset in zip(methods, offsets, strict=True):
        of_method = rows[rows["method"] == method]
        colour, marker = LOOKS.get(method, STRANGER)
        look: dict[str, Any] = {"color": colour, "marker": marker, "markersize": 6, "linestyle": "", "elinewidth": 1.6}
        look |= {"markeredgecolor": "#222222", "markersize": 7.5, "zorder": 3} if method == "network" else {}
        for ax, column in zip(axes, ("accuracy", "log10_seconds"), strict=True):
            interval = accuracy_interval if column == "accuracy" else _student
            mean, low, high = interval(of_method[column], single=0.0)
            ax.errorbar(mean, middle + offset, xerr=[[mean - low], [high - mean]], label=method, **look)


def _student(values: Any, single: float) -> tuple[float, float, float]:
    """Mean and Student's interval: of what has no bounds."""
    mean = mean_interval(values, single=single)
    return mean.value, mean.low, mean.high


def _log_seconds(ax: Axes, rows: pd.DataFrame) -> None:
    """Powers of ten as seconds, on an axis of logarithms, as far as there are measurements."""
    ticks = np.arange(math.floor(rows["log10_seconds"].min()), math.ceil(rows["log10_seconds"].max() + 1e-9) + 1)
    ax.set_xticks(ticks, [f"{10.0**tick:f}".rstrip("0").rstrip(".") for tick in ticks])
    ax.set_xlim(ticks[0], ticks[-1])


def _means_in_words(rows: pd.DataFrame, sets: Sequence[str]) -> str:
    """Means in words, for the alt text."""
    parts = []
    for name in sets:
        means = rows[rows["data"] == name].groupby("method", sort=False)[["accuracy", "log10_seconds"]].mean()
        clauses = [
            f"{method} {short(float(mean['accuracy']))} in {short(10 ** float(mean['log10_seconds']), 2)} s"
            for method, mean in means.iterrows()
        ]
        chance = short(float(rows.loc[rows["data"] == name, "chance"].mean()))
        parts.append(f"{name} (chance {chance}): {', '.join(clauses)}")
    return "; ".join(parts)


def over_size(rows: pd.DataFrame, title: str, chance: float) -> Picture:
    """Accuracy against the number of training examples: a line with its 95 % band for each method.

    Args:
        rows: of the experiment "learning_curves": `method`, `examples`, `seed`, `accuracy`.
        title: the finding.
        chance: the accuracy of knowing nothing.

    Raises:
        CourseError: no rows, or a column is missing.
    """
    rows = _drawn(rows, ("method", "examples", "seed", "accuracy"))
    fig, ax = new_figure(8, 4.4)
    ends, clauses = [], []
    for method, of_method in rows.groupby("method", sort=False):
        colour, marker = LOOKS.get(str(method), STRANGER)
        means = {
            int(size): accuracy_interval(size_rows["accuracy"], single=0.0)
            for size, size_rows in of_method.groupby("examples")
        }
        sizes = list(means)
        values, low, high = np.transpose(list(means.values()))
        ax.fill_between(sizes, low, high, color=colour, alpha=0.18, linewidth=0)
        ax.plot(sizes, values, color=colour, marker=marker, markersize=5)
        ends.append(End(sizes[-1], values[-1], f"{method} {short(values[-1])}", colour))
        clauses.append(f"{method} from {short(values[0])} to {short(values[-1])}")
    ax.axhline(chance, color=COLOURS["chance"], linestyle="--", linewidth=1.2)
    ax.set_xscale("log")
    sizes = sorted(map(int, rows["examples"].unique()))
    ax.set_xticks(sizes, [short(size) for size in sizes])
    ax.xaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: short(value)))
    ax.set(xlabel="training examples", ylabel="accuracy on test examples\n(bands: 95 % intervals)", ylim=(0, 1.02))
    headline(fig, title)
    ends.append(End(ax.get_xlim()[1], chance, f"chance {short(chance)}", COLOURS["chance"]))
    label_ends(ax, ends)
    spans = f"from {short(sizes[0])} to {short(sizes[-1])} training examples, on a logarithmic axis"
    return show(fig, f"{title}. Lines {spans}: {'; '.join(clauses)}. Dashed: chance, {short(chance)}.")


def boundary(
    table: pd.DataFrame,
    predict: Callable[[np.ndarray[Any, Any]], Sequence[Any]],
    columns: Sequence[str],
    title: str,
    *,
    label: str = "breed",
) -> Picture:
    """The regions of a plane in which a classifier names each class, and the points of a table on top.

    Args:
        table: a point in each row.
        predict: predict(plane) → N names, for the two columns of N points: (N, 2).
        columns: the two columns of the table that span the plane, horizontal first.
        title: the finding.
        label: the column with the true classes; two to four of them.

    Raises:
        CourseError: columns that are not there, too many classes, or answers that are not N classes.
    """
    missing = [name for name in (*columns, label) if name not in table]
    if missing or len(columns) != 2 or table.empty:
        raise CourseError(
            f"The plane needs two columns and a label; you gave {list(columns)} and {label!r}, and the table has "
            f"{len(table)} rows of {listed(list(map(str, table.columns)))}."
        )
    names = sorted(table[label].unique())
    if not 2 <= len(names) <= len(CLASSES):
        raise CourseError(f"{label!r} has {len(names)} classes. This figure has colours for two to {len(CLASSES)}.")
    points = table[list(columns)].to_numpy(dtype=float, copy=True)
    room = 0.05 * np.ptp(points, axis=0) + 1e-9
    x, y = (np.linspace(low, high, GRID) for low, high in zip(points.min(0) - room, points.max(0) + room, strict=True))
    plane = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    region = _classes_of(predict(plane), names, len(plane)).reshape(GRID, GRID)
    correct = _classes_of(predict(points), names, len(points)) == table[label].map(names.index).to_numpy()
    fig, ax = new_figure(7, 4.6)
    for index, (name, (colour, marker)) in enumerate(zip(names, CLASSES, strict=False)):
        inside = (region == index).astype(float)
        if inside.any() and not inside.all():
            ax.contourf(x, y, inside, levels=[0.5, 1.5], colors=[colour], alpha=0.14)
            ax.contour(x, y, inside, levels=[0.5], colors=["#222222"], linewidths=1.2)
        of_class = (table[label] == name).to_numpy()
        ax.scatter(*points[of_class].T, s=16, marker=marker, color=colour, alpha=0.65, linewidths=0, label=str(name))
    ax.legend(loc="best", framealpha=0.9, fontsize=10)
    ax.set(xlabel=_axis(columns[0]), ylabel=_axis(columns[1]))
    ax.grid(False)
    headline(fig, title)
    share = short(float(correct.mean()), 3)
    return show(
        fig,
        f"{title}. Points of {listed([str(name) for name in names])} over {_axis(columns[0])} and {_axis(columns[1])}; "
        f"the plane is tinted by the class that is named there, with a line at the border. {share} of the "
        f"{len(points)} points lie in the region of their class.",
    )


def clouds(table: pd.DataFrame, columns: Sequence[str], title: str) -> Picture:
    """Dogs in a plane: a colour for each breed, filled for one sex and hollow for the other.

    Args:
        table: `breed`, `sex` and the two columns; two breeds and two sexes.
        columns: the two that span the plane, horizontal first.
        title: what it shows.
    """
    check_rows(table, ("breed", "sex", *columns))
    fig, ax = new_figure(6.8, 4.4)
    kinds = [(breed, sex) for breed in sorted(table["breed"].unique()) for sex in sorted(table["sex"].unique())]
    for index, (breed, sex) in enumerate(kinds):
        colour, marker = CLASSES[index // 2]
        points = table.loc[(table["breed"] == breed) & (table["sex"] == sex), list(columns)].to_numpy()
        look = {"facecolor": colour if index % 2 else "white", "edgecolor": colour, "linewidths": 0.8}
        ax.scatter(*points.T, s=17, marker=marker, alpha=0.75, label=f"{breed}, {sex}", **look)
    ax.legend(fontsize=9.5, framealpha=0.9)
    ax.set(xlabel=_axis(columns[0]), ylabel=_axis(columns[1]))
    headline(fig, title)
    means = table.groupby(["breed", "sex"])[list(columns)].mean()
    told = "; ".join(f"{b}, {s}: {short(row.iloc[0])} and {short(row.iloc[1])}" for (b, s), row in means.iterrows())
    axes = f"{_axis(columns[0])} and {_axis(columns[1])}"
    return show(fig, f"{title}. Four clouds of points over {axes}, around these means: {told}.")


def _classes_of(predictions: Sequence[Any], names: Sequence[Any], count: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Predicted names as indices into `names`."""
    indices = {name: index for index, name in enumerate(names)}
    answers = list(predictions)
    strange = next((name for name in answers if name not in indices), None)
    if len(answers) != count or strange is not None:
        raise CourseError(
            f"predict must return a class for each of the {count} points, one of {listed(list(map(str, names)))}; it "
            f"returned {len(answers)} answers{f', such as {strange!r:.30}' if strange is not None else ''}."
        )
    return np.array([indices[name] for name in answers])


def _axis(column: str) -> str:
    """ "height_cm" as "height (cm)"."""
    name, _, unit = column.rpartition("_")
    return f"{name.replace('_', ' ')} ({unit})" if name and len(unit) <= 3 else column.replace("_", " ")


def _drawn(rows: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """The rows that are drawn, if they have these columns."""
    check_rows(rows, columns)
    return rows[rows["method"] != BEST_OTHER]
