"""The comparison workbench: choose settings until your network wins, then see what the course's rule says."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.lines import Line2D

from course_utils.checks import check_name
from course_utils.display.numbers import listed, short
from course_utils.errors import CourseError, unknown
from course_utils.figures.labels import headline
from course_utils.figures.style import COLOURS, Picture, new_figure, show
from course_utils.stats import paired_interval, restricted_times, t_quantile
from course_utils.widgets.shared.browser import BrowserWidget, module_text
from course_utils.widgets.shared.runs import check_columns, no_run_twice, number_column, steps_allowed
from course_utils.widgets.shared.settings import settings_of

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

    from course_utils.display.settings import Settings

    Array = npt.NDArray[np.float64]

GROUP = ("task", "lag", "network", "start", "size")
COLUMNS = ("seed", *GROUP, "parameters", "steps", "seconds", "flops", "solved")
STARTS = ("searched", "torch's own")
SIZES = ("equal parameters", "equal width")
SIDES = ("RNN", "LSTM")  # the networks that the course's rule compares
SEEDS = (2, 30)  # how many
MOST_RUNS = 5000  # more would make the page heavy
MILLION = 1e6
LOOKS = {"RNN": (COLOURS["rnn"], "s"), "LSTM": (COLOURS["lstm"], "o"), "undecided": ("#222222", "D")}


class ComparisonWorkbench(BrowserWidget):
    """The live widget; make one with `comparison_workbench()`."""

    _esm = module_text("comparison_workbench")


def comparison_workbench(
    runs: pd.DataFrame,
    budget_steps: int,
    title: str | None = None,
    ruled: list[dict[str, Any]] | None = None,
    margin: float = 0.0,
    settings: Settings | None = None,
) -> ComparisonWorkbench:
    """Win any argument: compare two networks by rules of your own, and then by the course's rule.

    The course's rule: RNN against LSTM, both with searched starts, at equal parameters, over all seeds, by the steps
    to the criterion; one is better if the 95 % interval of the mean paired difference (Student's t, and never more than
    the budget) lies beyond the margin. A run that did not solve the task counts as the whole budget.

    Args:
        runs: one row for each run: `seed` (2 to 30 different ones), `task`, `lag`, `network` ("RNN", "LSTM" and
            others), `start` ("searched" or "torch's own"), `size` ("equal parameters" or "equal width"), `parameters`,
            and what was spent until it was solved or the budget ended: `steps`, `seconds` (of the CPU), `flops`
            (operations); `solved` (0 or 1). Not every combination need be there.
        budget_steps: steps of the optimiser that every run had.
        title: the finding of the picture. Default: how often each of the two wins under the course's rule.
        ruled: the `task` and `lag` of each comparison by the course's rule; the others stand beside them. Default:
            every one.
        margin: the smallest difference that counts, as a share of the budget.
        settings: how the runs were made. Default: as the table of `claims.results` tells.

    Raises:
        CourseError: no rows, a missing column, names or numbers that are not expected, a run given twice, no RNN or no
            LSTM, or too many runs for a page.
    """
    budget = steps_allowed(budget_steps)
    _check(runs, budget)
    params = _encoded(runs, budget)
    if not 0 <= margin < 1:
        raise CourseError(
            f"margin is {margin!r}. Expected: a share of the budget, 0 or more and below 1, such as 0.05."
        )
    params["ruled"] = _ruled_places(params, ruled)
    params["others"] = [place for place in _ruled_places(params, None) if place not in params["ruled"]]
    params["margin"] = margin * budget
    return ComparisonWorkbench(params, picture(params, title), settings_of(runs, settings))


def _check(runs: pd.DataFrame, budget: int) -> None:
    check_columns(runs, COLUMNS, "run")
    for name, choices in (("start", STARTS), ("size", SIZES)):
        for given in runs[name].unique():
            check_name(name, given, choices)
    missing = [name for name in SIDES if name not in set(runs["network"])]
    if missing:
        raise CourseError(f"The workbench compares RNN and LSTM, and the table holds no {listed(missing)}.")
    number_column(runs, "steps", 1, budget, whole=True)
    number_column(runs, "solved", 0, 1, whole=True)
    for name in ("seed", "lag", "parameters"):
        number_column(runs, name, 0, whole=True)
    for name in ("seconds", "flops"):
        number_column(runs, name, 0)
    no_run_twice(runs, ["seed", *GROUP])
    seeds = runs["seed"].nunique()
    if not SEEDS[0] <= seeds <= SEEDS[1]:
        raise CourseError(f"A comparison needs {SEEDS[0]} to {SEEDS[1]} seeds, and the table has {seeds}.")
    if len(runs) > MOST_RUNS:
        raise CourseError(f"{len(runs):,} runs are too many for a page. Give at most {MOST_RUNS:,}.")


def _encoded(runs: pd.DataFrame, budget: int) -> dict[str, Any]:
    """The runs as the browser reads them: names once, a list of numbers for each seed, and Student's quantiles.

    A group is [task, lag, network, start, size, parameters, steps, seconds, millions of operations, solved]: numbers of
    the names, the lag itself, and lists in the order of the seeds, with None where a seed was not run.
    """
    names = {name: [str(value) for value in runs[name].unique()] for name in ("task", "network")}
    seeds = sorted(int(seed) for seed in runs["seed"].unique())
    lags = [
        sorted(int(lag) for lag in runs.loc[runs["task"].astype(str) == task, "lag"].unique()) for task in names["task"]
    ]
    groups = []
    for key, rows in runs.groupby(list(GROUP), sort=False):
        task, lag, network, start, size = key
        indices = (names["task"].index(str(task)), int(lag), names["network"].index(str(network)))
        groups.append([*indices, STARTS.index(start), SIZES.index(size), *_columns(rows, seeds, key)])
    table = [_rounded(float(t), 9) for t in t_quantile(np.arange(1, len(seeds)))]
    return {"budget": budget, "seeds": seeds, "tasks": names["task"], "lags": lags, "networks": names["network"]} | {
        "groups": groups,
        "t": table,
    }


def _columns(rows: pd.DataFrame, seeds: list[int], key: Any) -> list[Any]:
    """The numbers of one group: parameters, then a list over the seeds for each measure."""
    if rows["parameters"].nunique() > 1:
        raise CourseError(
            f"The runs of {', '.join(map(str, key))} differ in their parameters. Give one network a group."
        )
    by_seed = rows.set_index("seed").reindex(seeds)

    def column(name: str, digits: int, unit: float = 1.0) -> list[float | None]:
        return [None if math.isnan(value) else _rounded(value / unit, digits) for value in by_seed[name].astype(float)]

    spent = [column("steps", 9), column("seconds", 3), column("flops", 3, MILLION)]
    return [int(rows["parameters"].iloc[0]), *spent, column("solved", 1)]


def _rounded(value: float, digits: int) -> float:
    """Rounded to some significant digits, as an int where it is whole: it keeps the page small."""
    number = float(f"{value:.{digits}g}")
    return int(number) if number.is_integer() else number


def _ruled_places(params: dict[str, Any], given: list[dict[str, Any]] | None) -> list[list[int]]:
    """[number of the task, lag] of each comparison by the course's rule."""
    known = [[n, lag] for n, lags in enumerate(params["lags"]) for lag in lags]
    if given is None:
        return known
    pairs = []
    for comparison in given:
        if not isinstance(comparison, dict) or {"task", "lag"} - set(comparison):
            raise CourseError(f"Each comparison is a dict with task and lag, and {comparison!r} is not.")
        check_name("task", comparison["task"], params["tasks"])
        pair = [params["tasks"].index(comparison["task"]), comparison["lag"]]
        if pair not in known:
            raise unknown(f"lag of {comparison['task']}", comparison["lag"], map(str, params["lags"][pair[0]]))
        pairs.append([pair[0], int(comparison["lag"])])
    if not pairs:
        raise CourseError("ruled is empty. Give at least one task and lag, or leave it out for all.")
    return pairs


@dataclass(frozen=True)
class Finding:
    """What the course's rule says of RNN against LSTM at one task and lag, in steps."""

    task: str
    lag: int
    rnn: float  # mean steps, an unsolved run counting as the whole budget
    lstm: float
    mean: float  # of the paired differences RNN − LSTM
    low: float  # its 95 % interval
    high: float
    margin: float  # the smallest difference that counts

    @property
    def winner(self) -> str:
        """ "RNN", "LSTM" or "undecided"."""
        return "LSTM" if self.low > self.margin else "RNN" if self.high < -self.margin else "undecided"


def findings(params: dict[str, Any], places: str = "ruled") -> list[Finding | None]:
    """What the course's rule says at each of its tasks and lags, or at the "others"; None where it was not run."""
    return [_finding(params, task, lag) for task, lag in params[places]]


def _finding(params: dict[str, Any], task: int, lag: int) -> Finding | None:
    keys = [[task, lag, params["networks"].index(name), 0, 0] for name in SIDES]
    groups = [next((group for group in params["groups"] if group[:5] == key), None) for key in keys]
    if None in groups:
        return None
    rnn, lstm = (_steps_of(group, params["budget"]) for group in groups if group)
    pairs = ~np.isnan(rnn) & ~np.isnan(lstm)
    if pairs.sum() < 2:
        return None
    low, high = np.clip(paired_interval(rnn[pairs], lstm[pairs]), -params["budget"], params["budget"]).tolist()
    means = float(rnn[pairs].mean()), float(lstm[pairs].mean())
    return Finding(params["tasks"][task], lag, *means, float((rnn - lstm)[pairs].mean()), low, high, params["margin"])


def _steps_of(group: list[Any], budget: int) -> Array:
    """(S,) steps for each seed, the budget where it was not solved, NaN where it was not run."""
    steps, solved = (
        np.array([math.nan if value is None else value for value in group[n]], dtype=float) for n in (6, 9)
    )
    return restricted_times(steps, solved, budget)


def headline_of(results: list[Finding | None], others: list[Finding | None]) -> str:
    """How often each of the two wins under the course's rule and elsewhere, in a sentence."""
    winners = [result.winner for result in results if result]
    if not winners:
        return "The course's comparison of RNN and LSTM was not run"
    counts = {name: winners.count(name) for name in LOOKS}
    said = (
        f"Under the course's rule the LSTM wins {counts['LSTM']} of {len(winners)}, the RNN {counts['RNN']}; "
        f"undecided: {counts['undecided']}"
    )
    elsewhere = [result.winner for result in others if result]
    if not elsewhere:
        return said
    return f"{said}. Elsewhere: LSTM {elsewhere.count('LSTM')} of {len(elsewhere)}, RNN {elsewhere.count('RNN')}"


def picture(params: dict[str, Any], title: str | None) -> Picture:
    """What stands in the widget's place where no script runs: differences with intervals."""
    ruled, others = findings(params), findings(params, "others")
    results = [*ruled, *others]
    fig, ax = new_figure(8, 2.0 + 0.27 * len(results))
    for row, result in enumerate(results):
        if result is None:
            ax.text(0, row, "not run", ha="center", va="center", size=9, backgroundcolor="white")
            continue
        colour, marker = LOOKS[result.winner]
        face = "white" if result.winner == "undecided" else colour
        ax.plot([result.low, result.high], [row, row], color=colour, linewidth=2)
        ax.plot(result.mean, row, marker, color=colour, markerfacecolor=face, markersize=7)
    ax.axvspan(-params["margin"], params["margin"], color=COLOURS["data"], alpha=0.15, linewidth=0)
    ax.axvline(0, color=COLOURS["data"], linewidth=1)
    ax.set_yticks(range(len(results)), _places(params))
    ax.set_ylim(len(results) - 0.5, -0.5)
    if others:
        ax.axhline(len(ruled) - 0.5, color=COLOURS["data"], linewidth=1, linestyle="--")
    ax.set_xlabel(
        "steps to the criterion, RNN − LSTM: mean and 95 % interval\n◀ RNN needs fewer     LSTM needs fewer ▶"
    )
    ax.grid(False, axis="y")
    handles = [_handle(name, params["margin"]) for name in ("RNN", "LSTM", "undecided")]
    fig.legend(handles=handles, loc="outside lower center", ncols=3, frameon=False, fontsize=10)
    title = title or headline_of(ruled, others)
    headline(fig, title)
    return show(fig, _alt(title, params, results))


def _places(params: dict[str, Any]) -> list[str]:
    """The names of the rows: where the rule compares, then elsewhere."""
    ruled = [f"{params['tasks'][task]}, lag {lag:,}" for task, lag in params["ruled"]]
    return ruled + [f"(no rule) {params['tasks'][task]}, lag {lag:,}" for task, lag in params["others"]]


def _handle(name: str, margin: float) -> Line2D:
    colour, marker = LOOKS[name]
    undecided = f"undecided: perhaps no more than {margin:,.0f} steps" if margin else "undecided: the interval holds 0"
    label = undecided if name == "undecided" else f"{name} wins"
    face = "white" if name == "undecided" else colour
    return Line2D([], [], color=colour, marker=marker, markerfacecolor=face, label=label)


def _alt(title: str, params: dict[str, Any], results: list[Finding | None]) -> str:
    rows = []
    for place, result in zip(_places(params), results, strict=True):
        interval = f"{short(result.low)} to {short(result.high)}, {result.winner}" if result else "not run"
        rows.append(f"{place}: {interval}")
    return (
        f"{title}. Dots with 95 % intervals, a row for each task and lag: the steps to the criterion of the RNN minus "
        f"those of the LSTM, over {len(params['seeds'])} seeds with a budget of {params['budget']:,} steps. "
        f"{'; '.join(rows)}."
    )
