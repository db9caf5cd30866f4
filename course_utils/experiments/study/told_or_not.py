"""Claims C39 and C40: is it the gates, or is it time constants that somebody sets, that make long lags learnable?

Five cells: without time constants (tanh, ReLU), with time constants and no gates (leaky tanh), with gates (GRU, LSTM).
The latter three begin with time constants as torch draws them, with a bias of 1, or with some told from the lag: a
tenth of it, the lag itself, ten times as much. All have as many parameters, as many tries, and one range of rates.
"""

from __future__ import annotations

import math
from typing import Any

import torch

from course_utils.display.settings import Settings, each, trained
from course_utils.experiments.comparison.contests import BATCH
from course_utils.experiments.comparison.grid import LOOKS
from course_utils.experiments.comparison.kept import WORST
from course_utils.experiments.comparison.networks import OWN
from course_utils.experiments.comparison.until_kept import IN_A_ROW, KeptTraining, go_on_with_the_best
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.told import CLIPPED, ranges, until_text
from course_utils.experiments.study.time_constants import (
    BIAS_1,
    CHRONO,
    IDENTITY,
    STARTS,
    WIDTH,
    begun,
    longest_memory,
    problem,
    size_text_of,
)

LAG = 60


def measure(
    seed: int,
    *,
    tasks: list[str],
    lag: int,
    rates: dict[str, dict[str, dict[str, float]]],
    width: int,
    most_steps: int,
    judged: dict[str, int],
) -> list[Row]:
    """Train each network from each start on each task until it keeps the criterion.

    Args:
        seed: of weights and data.
        tasks: as in `problem`.
        lag: of the tasks.
        rates: task → network → start → learning rate.
        width: of the LSTM.
        most_steps: the budget, in steps of 32 sequences.
        judged: how many sequences of "validation" and "test".

    Returns:
        A row for each task, network and start: these, `lr`, what `KeptTraining.row` says, `steps_share` (the share of
        the budget until the criterion was kept, 1 where it was not), `test` (the score on sequences that no look has
        seen) and `test_met`: does that meet the criterion (1 or 0)?
    """
    rows: list[Row] = []
    torch.set_flush_denormal(True)
    try:
        for task in tasks:
            this = problem(task, lag, "validation", judged["validation"])
            tested = problem(task, lag, "test", judged["test"])
            for network, start, lr in _flat(rates[task]):
                training = KeptTraining(this, begun(network, start, this.shape, lag, seed, width), lr, seed)
                training.go_on(most_steps)
                score = tested.judge(training.model, seed)
                test = round(score, 6) if math.isfinite(score) else WORST
                about = {"task": task, "lag": lag, "network": network, "start": start, "lr": lr}
                found = {"test": test, "test_met": int(this.solved(test))}
                rows.append(about | _shared(training.row(most_steps), most_steps) | found)
    finally:
        torch.set_flush_denormal(False)
    return rows


def search(
    seed: int, *, tasks: list[str], lag: int, rates: list[float], width: int, first_steps: int, most_steps: int
) -> list[Row]:
    """Try every start with every rate for a few steps; of each the best three rates in eight go on to the whole budget.

    Args:
        seed: of weights and data.
        tasks: as in `problem`.
        lag: of the tasks.
        rates: the same for all networks and starts.
        width: of the LSTM.
        first_steps: of all.
        most_steps: of those that go on.

    Returns:
        A row for each task, network, start and rate: these, what `KeptTraining.row` says, `steps_share` as in
        `measure`, and `went_on` (1 or 0).
    """
    rows: list[Row] = []
    torch.set_flush_denormal(True)
    try:
        for task in tasks:
            this = problem(task, lag, "validation", JUDGED["validation"])
            for network, start in ((network, start) for network, starts in STARTS.items() for start in starts):
                found = {
                    lr: KeptTraining(this, begun(network, start, this.shape, lag, seed, width), lr, seed)
                    for lr in rates
                }
                best = go_on_with_the_best(found, first_steps, most_steps, less_is_better=task == "adding")
                for lr, training in found.items():
                    about = {"task": task, "lag": lag, "network": network, "start": start, "lr": lr}
                    row = _shared(training.row(most_steps), most_steps)
                    rows.append(about | row | {"went_on": int(lr in best)})
    finally:
        torch.set_flush_denormal(False)
    return rows


def search_again(
    seed: int,
    *,
    tasks: list[str],
    lag: int,
    tries: dict[str, dict[str, dict[str, list[float]]]],
    width: int,
    most_steps: int,
) -> list[Row]:
    """Try the rates that went on in `search` with another seed, each for the whole budget.

    Args:
        seed: of weights and data.
        tasks: as in `problem`.
        lag: of the tasks.
        tries: task → network → start → rates.
        width: of the LSTM.
        most_steps: the budget.

    Returns:
        Rows as those of `search`.
    """
    rows: list[Row] = []
    for task in tasks:
        for network, start, rates in _flat(tries[task]):
            for lr in rates:
                one = {task: {network: {start: lr}}}
                rows += measure(
                    seed, tasks=[task], lag=lag, rates=one, width=width, most_steps=most_steps, judged=JUDGED
                )
    return [{column: value for column, value in row.items() if not column.startswith("test")} for row in rows]


def _shared(row: Row, most_steps: int) -> Row:
    return row | {"steps_share": round(row["steps"] / most_steps, 4) if row["solved"] else 1.0}


def _flat(rates: dict[str, dict[str, Any]]) -> list[tuple[str, str, Any]]:
    return [(network, start, lr) for network, of_start in rates.items() for start, lr in of_start.items()]


JUDGED = {"validation": 250, "test": 1000}  # sequences of each
RATES = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3)


def told(
    *,
    tasks: list[str],
    lag: int,
    rates: dict[str, dict[str, dict[str, Any]]],
    width: int,
    most_steps: int,
    **_: Any,
) -> Settings:
    """What a reader must know of the reported trainings."""
    used = [(network, start, lr) for task in tasks for network, start, lr in _flat(rates[task])]
    words = ranges((network, lr) for network, _, lr in used)
    return _told(tasks, lag, [one[:2] for one in used], words, width, until_text(_CRITERION, most_steps, LOOKS))


def told_search(
    *, tasks: list[str], lag: int, rates: list[float], width: int, first_steps: int, most_steps: int
) -> Settings:
    """What a reader must know of the trainings of the search."""
    used = [(network, start) for network, starts in STARTS.items() for start in starts]
    steps = f"{until_text(_CRITERION, most_steps, LOOKS)}; {first_steps} for all but the best 3 in 8 rates of a start"
    return _told(tasks, lag, used, f"{ranges([('all', rates)])}, {len(rates)} rates for each start", width, steps)


def told_search_again(
    *, tasks: list[str], lag: int, tries: dict[str, dict[str, dict[str, list[float]]]], width: int, most_steps: int
) -> Settings:
    """What a reader must know of the trainings of the second search."""
    return told(tasks=tasks, lag=lag, rates=tries, width=width, most_steps=most_steps)


_CRITERION = f"{IN_A_ROW} looks in a row at validation data meet the criterion of the task"
_BIASES = {"LSTM": "forget biases", "GRU": "update biases", "leaky tanh": "time constants from biases"}


def _told(tasks: list[str], lag: int, used: list[tuple[str, str]], rates: str, width: int, steps: str) -> Settings:
    networks = list(dict.fromkeys(network for network, _ in used))
    shapes = {task: problem(task, lag, "validation", 1).shape for task in tasks}
    sizes = {f"{task}: {network}": size_text_of(network, shapes[task], width) for task in tasks for network in networks}
    return trained(
        start=f"as each row says: {_starts_text(used, lag)}",
        learning_rate=f"Adam, {rates}",
        clipping=CLIPPED,
        steps=steps,
        batch=f"{BATCH}",
        size=each(sizes),
        note=f"{' and '.join(tasks)} at a lag of {lag}; numbers below 10⁻³⁸ count as 0",
    )


def _starts_text(used: list[tuple[str, str]], lag: int) -> str:
    """What the starts are called by, and what they are."""
    starts = list(dict.fromkeys(start for _, start in used))
    parts = [OWN] if OWN in starts else []
    if IDENTITY in starts:
        parts.append("identity: W_hh identity, input weights with a spread of 0.1, biases 0")
    if BIAS_1 in starts:
        parts.append(
            f"bias 1: {', '.join(dict.fromkeys(_BIASES[network] for network, one in used if one == BIAS_1))} 1"
        )
    longest = {start: longest_memory(start, lag) for start in starts if start in CHRONO}
    if longest:
        words = ", ".join(f"{steps} ({start})" for start, steps in longest.items())
        parts.append(f"chrono biases or time constants for lags up to {words}, where the lag is {lag}")
    return "; ".join(parts)


# ---------------------------------------------------------------------------------------------------------------------
# The experiments

# Of each start the three rates that went on in "told_or_not_search"; a test compares them.
WENT_ON: dict[str, dict[str, dict[str, list[float]]]] = {
    "flagged latch": {
        "RNN": {"torch's own": [0.003, 0.03, 0.1], "identity": [0.0001, 0.0003, 0.003]},
        "ReLU RNN": {"torch's own": [0.0003, 0.001, 0.003], "identity": [0.0003, 0.001, 0.003]},
        "leaky tanh": {
            "torch's own": [0.0001, 0.0003, 0.001],
            "bias 1": [0.0001, 0.0003, 0.001],
            "chrono, lag / 10": [0.0001, 0.0003, 0.001],
            "chrono, lag": [0.03, 0.1, 0.3],
            "chrono, 10 lag": [0.003, 0.01, 0.3],
        },
        "GRU": {
            "torch's own": [0.0003, 0.1, 0.3],
            "bias 1": [0.03, 0.1, 0.3],
            "chrono, lag / 10": [0.03, 0.1, 0.3],
            "chrono, lag": [0.01, 0.03, 0.1],
            "chrono, 10 lag": [0.03, 0.1, 0.3],
        },
        "LSTM": {
            "torch's own": [0.0001, 0.01, 0.1],
            "bias 1": [0.0003, 0.1, 0.3],
            "chrono, lag / 10": [0.0001, 0.0003, 0.001],
            "chrono, lag": [0.001, 0.003, 0.01],
            "chrono, 10 lag": [0.01, 0.03, 0.1],
        },
    },
    "adding": {
        "RNN": {"torch's own": [0.0001, 0.0003, 0.003], "identity": [0.0001, 0.0003, 0.01]},
        "ReLU RNN": {"torch's own": [0.0003, 0.003, 0.1], "identity": [0.001, 0.003, 0.01]},
        "leaky tanh": {
            "torch's own": [0.0001, 0.0003, 0.1],
            "bias 1": [0.0001, 0.0003, 0.03],
            "chrono, lag / 10": [0.0001, 0.0003, 0.1],
            "chrono, lag": [0.0003, 0.01, 0.03],
            "chrono, 10 lag": [0.001, 0.003, 0.03],
        },
        "GRU": {
            "torch's own": [0.01, 0.03, 0.1],
            "bias 1": [0.01, 0.03, 0.1],
            "chrono, lag / 10": [0.01, 0.03, 0.1],
            "chrono, lag": [0.01, 0.03, 0.1],
            "chrono, 10 lag": [0.01, 0.03, 0.1],
        },
        "LSTM": {
            "torch's own": [0.0003, 0.001, 0.1],
            "bias 1": [0.0003, 0.001, 0.1],
            "chrono, lag / 10": [0.0003, 0.001, 0.03],
            "chrono, lag": [0.0003, 0.03, 0.1],
            "chrono, 10 lag": [0.03, 0.1, 0.3],
        },
    },
}

# For each task, network and start the rate with the smallest mean share of the budget over both searches; of equal ones
# that with the better mean score, to two digits, and of those the one farther from the ends of `RATES`.
CHOSEN: dict[str, dict[str, dict[str, float]]] = {
    "flagged latch": {
        "RNN": {"torch's own": 0.1, "identity": 0.0001},
        "ReLU RNN": {"torch's own": 0.0003, "identity": 0.001},
        "leaky tanh": {
            "torch's own": 0.0001,
            "bias 1": 0.0001,
            "chrono, lag / 10": 0.0001,
            "chrono, lag": 0.1,
            "chrono, 10 lag": 0.01,
        },
        "GRU": {"torch's own": 0.1, "bias 1": 0.1, "chrono, lag / 10": 0.1, "chrono, lag": 0.1, "chrono, 10 lag": 0.03},
        "LSTM": {
            "torch's own": 0.1,
            "bias 1": 0.1,
            "chrono, lag / 10": 0.0003,
            "chrono, lag": 0.01,
            "chrono, 10 lag": 0.03,
        },
    },
    "adding": {
        "RNN": {"torch's own": 0.003, "identity": 0.0003},
        "ReLU RNN": {"torch's own": 0.003, "identity": 0.003},
        "leaky tanh": {
            "torch's own": 0.0003,
            "bias 1": 0.03,
            "chrono, lag / 10": 0.1,
            "chrono, lag": 0.03,
            "chrono, 10 lag": 0.03,
        },
        "GRU": {"torch's own": 0.1, "bias 1": 0.1, "chrono, lag / 10": 0.1, "chrono, lag": 0.1, "chrono, 10 lag": 0.1},
        "LSTM": {
            "torch's own": 0.1,
            "bias 1": 0.1,
            "chrono, lag / 10": 0.03,
            "chrono, lag": 0.1,
            "chrono, 10 lag": 0.1,
        },
    },
}

# What is reported: the cells and starts on which claims C39 and C40 rest, and a ReLU RNN, which has neither gates nor
# time constants. The others of `STARTS` are in "told_or_not_rest".
FIRST: dict[str, tuple[str, ...]] = {
    "ReLU RNN": (IDENTITY,),
    "leaky tanh": (OWN, "chrono, lag"),
    "GRU": (OWN, "chrono, lag", "chrono, 10 lag"),
    "LSTM": (OWN, "chrono, lag", "chrono, 10 lag"),
}


def _rates(first: bool) -> dict[str, dict[str, dict[str, float]]]:
    """Those of `CHOSEN` that are in `FIRST`, or all others."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    for task, of_task in CHOSEN.items():
        for network, start, lr in _flat(of_task):
            if (start in FIRST.get(network, ())) == first:
                found.setdefault(task, {}).setdefault(network, {})[start] = lr
    return found


_SETTINGS = {"tasks": ["flagged latch", "adding"], "lag": LAG, "width": WIDTH, "most_steps": 1000}
_QUICK = {"lag": 10, "most_steps": 2, "width": 6}

EXPERIMENTS = (
    Experiment(
        name="told_or_not_search",
        version=1,
        measure=search,
        seeds=(2500,),  # not one of those that are reported
        settings={**_SETTINGS, "rates": list(RATES), "first_steps": 300},
        quick={"tasks": ["flagged latch"], "lag": 10, "rates": [0.003, 0.03], "first_steps": 1, "most_steps": 2},
        told=told_search,
        timed=("seconds",),
    ),
    Experiment(
        name="told_or_not_again_search",
        version=1,
        measure=search_again,
        seeds=(2501,),  # not one of those that are reported
        settings={**_SETTINGS, "tries": WENT_ON},
        quick={**_QUICK, "tries": {task: {"GRU": {OWN: [0.01]}} for task in WENT_ON}},
        told=told_search_again,
        timed=("seconds",),
    ),
    Experiment(
        name="told_or_not",
        version=1,
        measure=measure,
        seeds=tuple(range(2520, 2540)),  # which no other experiment has used
        settings={**_SETTINGS, "rates": _rates(True), "judged": JUDGED},
        quick={**_QUICK, "judged": dict.fromkeys(JUDGED, 10)},
        told=told,
        timed=("seconds",),
    ),
    Experiment(
        name="told_or_not_rest",
        version=1,
        measure=measure,
        seeds=tuple(range(2520, 2540)),  # those of "told_or_not", for pairs
        settings={**_SETTINGS, "rates": _rates(False), "judged": JUDGED},
        quick={**_QUICK, "judged": dict.fromkeys(JUDGED, 10)},
        told=told,
        timed=("seconds",),
    ),
)
