"""The phase diagram: at which lag, and within how many steps, each start of each cell learns."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.patches import Rectangle

from course_utils.display.numbers import listed, short
from course_utils.errors import CourseError
from course_utils.figures.labels import headline, readable
from course_utils.figures.style import COLOURS, Picture, new_figure, show
from course_utils.stats import z_quantile
from course_utils.widgets.shared.browser import BrowserWidget, module_text
from course_utils.widgets.shared.runs import check_columns, no_run_twice, number_column, steps_allowed
from course_utils.widgets.shared.settings import settings_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from course_utils.display.settings import Settings

    Run = tuple[int, int, float, float]  # steps, solved, accuracy, far

COLUMNS = ("seed", "start", "lag", "steps", "solved", "accuracy", "far")
MOST_STARTS, MOST_LAGS = 30, 8  # what the browser draws
LIGHT, DEEP = (0xF4, 0xF0, 0xFA), (0x3F, 0x1D, 0x6E)  # the shades of the shares 0 and 1
DARK_FROM = 0.625  # the share from which on white numbers read better than black ones


class PhaseDiagram(BrowserWidget):
    """The live widget; make one with `phase_diagram()`."""

    _esm = module_text("phase_diagram")


def phase_diagram(
    runs: pd.DataFrame, budget: int, title: str | None = None, settings: Settings | None = None
) -> PhaseDiagram:
    """A square for each start and lag, that shows the share of the seeds that learnt.

    Args:
        runs: one row for each seed, lag and start: `seed`, `start` (its cell before the comma: "LSTM, forget bias 1"),
            `lag` (steps, at most 8 different ones), `steps` (of the optimiser until solved; else the budget), `solved`
            (0 or 1), `accuracy` (at the end, at the trained lag), `far` (of the same network at ten times the lag).
            A start that was not run at a lag has no rows for it, and its square says so.
        budget: steps of the optimiser that every run had.
        title: the finding. Default: which start learns the longest lag with most seeds.
        settings: how the runs were made. Default: as the table of `claims.results` tells.

    Raises:
        CourseError: no rows, a missing column, numbers out of their range, a run given twice, or too many starts.
    """
    budget = steps_allowed(budget)
    _check(runs, budget)
    starts = _grouped([str(start) for start in runs["start"].unique()])
    lags = sorted(int(lag) for lag in runs["lag"].unique())
    if len(starts) > MOST_STARTS or len(lags) > MOST_LAGS:
        sizes = f"{len(starts)} starts and {len(lags)} lags"
        raise CourseError(f"{sizes} are too many. Give at most {MOST_STARTS} starts and {MOST_LAGS} lags.")
    params = {"budget": budget, "starts": starts, "lags": lags, "squares": _squares(runs, starts, lags)}
    params["z"] = z_quantile()
    return PhaseDiagram(params, picture(params, title), settings_of(runs, settings))


def _check(runs: pd.DataFrame, budget: int) -> None:
    check_columns(runs, COLUMNS, "seed, lag and start")
    number_column(runs, "lag", 1, whole=True)
    number_column(runs, "steps", 0, budget, whole=True)
    number_column(runs, "solved", 0, 1, whole=True)
    for name in ("accuracy", "far"):
        number_column(runs, name, 0, 1)
    no_run_twice(runs, ["seed", "start", "lag"])


def cell_of(start: str) -> str:
    """The cell of a start: what stands before its comma."""
    return start.split(",")[0].strip()


def _grouped(starts: list[str]) -> list[str]:
    """The starts, those of one cell together, else in their order."""
    cells = list(dict.fromkeys(map(cell_of, starts)))
    return sorted(starts, key=lambda start: cells.index(cell_of(start)))


def _squares(runs: pd.DataFrame, starts: list[str], lags: list[int]) -> list[list[list[Run]]]:
    """For each start and lag its runs, in the order of their seeds; [] where there are none."""
    by_square: dict[tuple[str, int], list[Run]] = {}
    names = ["start", "lag", "steps", "solved", "accuracy", "far"]
    for start, lag, steps, solved, accuracy, far in runs.sort_values("seed")[names].itertuples(index=False):
        run = (int(steps), int(solved), round(float(accuracy), 4), float(far))
        by_square.setdefault((str(start), int(lag)), []).append(run)
    return [[by_square.get((start, lag), []) for lag in lags] for start in starts]


def shade(share: float) -> tuple[str, str]:
    """The colour of a square and of the number in it, as the browser paints them. share: 0 to 1."""
    parts = [math.floor(light + share * (deep - light) + 0.5) for light, deep in zip(LIGHT, DEEP, strict=True)]
    return "#" + "".join(f"{part:02x}" for part in parts), "#000000" if share < DARK_FROM else "#ffffff"


def _counts(params: dict[str, Any]) -> list[list[tuple[int, int]]]:
    """For each start and lag: how many seeds learnt within the budget, and how many there are."""
    return [[(sum(run[1] for run in runs), len(runs)) for runs in row] for row in params["squares"]]


def finding(params: dict[str, Any]) -> str:
    """Which start learns the longest lag that any learns, in a sentence."""
    starts, lags, counts = params["starts"], params["lags"], _counts(params)
    within = f"within {params['budget']:,} steps"
    shares = np.array([[k / n if n else 0.0 for k, n in row] for row in counts])
    learnt = np.flatnonzero(shares.max(axis=0) > 0)
    if not len(learnt):
        return f"No start learns any of these lags {within}"
    longest = int(learnt[-1])
    best = [s for s in range(len(starts)) if shares[s, longest] == shares[:, longest].max()]
    winners = listed([f"“{starts[s]}”" for s in best]) if len(best) <= 2 else f"{len(best)} of {len(starts)} starts"
    verb = "learns" if len(best) == 1 else "learn"
    k, n = counts[best[0]][longest]
    share = "" if len({counts[s][longest][1] for s in best}) > 1 else f": {k} of {n}{' each' if len(best) > 1 else ''}"
    none = "" if longest == len(lags) - 1 else f"; no start learns lag {lags[-1]:,}"
    return f"At lag {lags[longest]:,}, {winners} {verb} {within} with most seeds{share}{none}"


def picture(params: dict[str, Any], title: str | None) -> Picture:
    """What stands in the widget's place where no script runs: the shares of seeds that learnt within the budget."""
    starts, lags = params["starts"], params["lags"]
    fig, ax = new_figure(8, 1.7 + 0.31 * len(starts))
    for s, row in enumerate(_counts(params)):
        for column, (k, n) in enumerate(row):
            _square(ax, column, s, k, n)
    cells = [cell_of(start) for start in starts]
    for s in range(1, len(starts)):
        if cells[s] != cells[s - 1]:
            ax.axhline(s - 0.5, color="#222222", linewidth=1.2)
    ax.set(xlim=(-0.5, len(lags) - 0.5), ylim=(len(starts) - 0.5, -0.5), xlabel="lag, steps")
    ax.set_xticks(range(len(lags)), [f"{lag:,}" for lag in lags])
    ax.set_yticks(range(len(starts)), starts)
    for label, cell in zip(ax.get_yticklabels(), cells, strict=True):
        label.set_color(readable(_colour(cell)))
    ax.tick_params(length=0)
    ax.grid(False)
    title = title or finding(params)
    headline(fig, title)
    within = f"share of the seeds that learnt within {params['budget']:,} steps"
    ax.set_title(f"In each square: the {within}", fontsize=10, weight="normal")
    return show(fig, _alt(title, params))


def _square(ax: Axes, column: int, s: int, k: int, n: int) -> None:
    """One square with its number, k of n seeds; hatched where there was no run."""
    fill, ink = shade(k / n) if n else ("#ffffff", "#222222")
    ax.add_patch(Rectangle((column - 0.5, s - 0.5), 1, 1, facecolor=fill, edgecolor="#ffffff", linewidth=1.5))
    if not n:
        ax.add_patch(
            Rectangle((column - 0.5, s - 0.5), 1, 1, fill=False, edgecolor="#dddddd", hatch="///", linewidth=0)
        )
    note = {"bbox": {"facecolor": "white", "edgecolor": "none", "pad": 1.5}} if not n else {}
    ax.text(column, s, short(k / n, 2) if n else "not run", color=ink, ha="center", va="center", size=10, **note)


def _colour(cell: str) -> str:
    return next((COLOURS[name] for name in ("lstm", "gru", "rnn") if name in cell.lower()), COLOURS["feedforward"])


def _alt(title: str, params: dict[str, Any]) -> str:
    lags = params["lags"]
    rows = []
    for start, row in zip(params["starts"], _counts(params), strict=True):
        shares = [short(k / n, 2) if n else "not run" for k, n in row]
        rows.append(f"{start}: {', '.join(shares)}")
    return (
        f"{title}. A grid of {len(rows)} starts by {len(lags)} lags: the share of seeds that learnt within "
        f"{params['budget']:,} steps, darker where more did. At lag {listed([f'{lag:,}' for lag in lags])}, "
        f"{'; '.join(rows)}."
    )
