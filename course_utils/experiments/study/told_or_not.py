"""Claims C39 and C40: is it the gates, or is it time constants that somebody sets, that make long lags learnable?

Five cells: without time constants (tanh, ReLU), with time constants and no gates (leaky tanh), with gates (GRU, LSTM).
The latter three begin with time constants as torch draws them, with a bias of 1, or with some told from the lag: a
tenth of it, the lag itself, ten times as much. All have as many parameters, as many tries, and one range of rates.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import nn

from course_utils.checks import check_name
from course_utils.display.settings import Settings, each, trained
from course_utils.experiments.comparison.contests import BATCH, Contest, contest
from course_utils.experiments.comparison.grid import LOOKS
from course_utils.experiments.comparison.kept import WORST
from course_utils.experiments.comparison.networks import OWN, Shape
from course_utils.experiments.comparison.until_kept import IN_A_ROW, KeptTraining, go_on_with_the_best
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.starts import Start
from course_utils.experiments.framework.told import CLIPPED, ranges, size_text, until_text
from course_utils.experiments.tasks.copy import Copy
from course_utils.nn.backward_by_hand import Recurrent
from course_utils.nn.initialisation import update_bias_
from course_utils.nn.leaky import LeakyModel, leaky_for_parameters, leaky_parameter_count
from course_utils.nn.sequence_model import hidden_for_parameters, parameter_count

LAG = 60
WIDTH = 24  # of the LSTM; the others have as many parameters, nearly
NETWORKS = {"RNN": "rnn", "ReLU RNN": "relu_rnn", "leaky tanh": "leaky tanh", "GRU": "gru", "LSTM": "lstm"}
IDENTITY, BIAS_1 = "identity", "bias 1"
CHRONO = {"chrono, lag / 10": 0.1, "chrono, lag": 1.0, "chrono, 10 lag": 10.0}  # the longest memory, in lags
STARTS: dict[str, tuple[str, ...]] = {
    "RNN": (OWN, IDENTITY),
    "ReLU RNN": (OWN, IDENTITY),
    **dict.fromkeys(("leaky tanh", "GRU", "LSTM"), (OWN, BIAS_1, *CHRONO)),
}


def problem(task: str, lag: int, part: str, judged: int) -> Contest:
    """A task with its criterion.

    As in `contests.contest`; and copy: say three of four symbols after a delay of `lag` steps, 99 % of them right
    (chance 25 %).

    Args:
        task: "flagged latch", "adding", "temporal order" or "copy".
        lag: in steps.
        part: "validation" or "test"; the sequences are drawn from the seeds that `judge` is given.
        judged: how many sequences are judged.

    Raises:
        CourseError: another task.
    """
    if task != "copy":
        return contest(task, lag, part, judged)
    this = Copy(lag, 3, 4)

    @torch.no_grad()
    def judge(model: nn.Module, seed: int) -> float:
        held_out = this.held_out(judged, seed)
        return this.recalled(model(held_out.x), held_out)

    shape = Shape(this.input_size, this.output_size, this.seq_len)
    return Contest(
        shape, lag, lambda seed: this.batches(BATCH, seed), this.objective, judge, lambda score: score >= 0.99
    )


def begun(network: str, start: str, shape: Shape, lag: int, seed: int, width: int = WIDTH) -> nn.Module:
    """A network, untrained.

    Args:
        network: one of `NETWORKS`.
        start: one of `STARTS[network]`.
        shape: what it is made for.
        lag: in steps; what chrono starts are told of.
        seed: of the weights.
        width: of the LSTM that has as many parameters.

    Raises:
        CourseError: an unknown network or start.
    """
    check_name("network", network, NETWORKS)
    check_name(f"start of a {network}", start, STARTS[network])
    cell, units = NETWORKS[network], units_of(network, shape, width)
    longest = max(2, round(CHRONO.get(start, 1.0) * lag))
    if network == "leaky tanh":
        generator = torch.Generator().manual_seed(seed)
        model = LeakyModel(shape.input_size, units, shape.output_size, generator)
        if start == BIAS_1:
            model.core.keep_(1.0)
        elif start in CHRONO:
            model.core.chrono_(longest, generator)
        return model
    begin = Start(OWN)
    if start == IDENTITY:
        begin = Start(start, "identity", input_std=0.1)
    elif start in CHRONO:
        begin = Start(start, chrono=longest)
    elif start == BIAS_1 and network == "LSTM":
        begin = Start(start, forget_bias=1.0)
    made = begin.network(cell, shape.input_size, units, shape.output_size, seed=seed, kind=Recurrent)
    if start == BIAS_1 and network == "GRU":
        core: Any = made.core
        update_bias_(core, 1.0)
    return made


def units_of(network: str, shape: Shape, width: int = WIDTH) -> int:
    """How many units give a network nearest to the parameters of the LSTM with `width` units."""
    inputs, outputs = shape.input_size, shape.output_size
    wanted = parameter_count("lstm", inputs, width, outputs)
    if network == "leaky tanh":
        return leaky_for_parameters(inputs, outputs, wanted)
    return hidden_for_parameters(NETWORKS[network], inputs, outputs, wanted)


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
    used = [(network, lr) for task in tasks for network, _, lr in _flat(rates[task])]
    return _told(tasks, lag, ranges(used), width, until_text(_CRITERION, most_steps, LOOKS))


def told_search(
    *, tasks: list[str], lag: int, rates: list[float], width: int, first_steps: int, most_steps: int
) -> Settings:
    """What a reader must know of the trainings of the search."""
    steps = f"{until_text(_CRITERION, most_steps, LOOKS)}; {first_steps} for all but the best 3 in 8 rates of a start"
    return _told(tasks, lag, f"{ranges([('all', rates)])}, {len(rates)} rates for each start", width, steps)


def told_search_again(
    *, tasks: list[str], lag: int, tries: dict[str, dict[str, dict[str, list[float]]]], width: int, most_steps: int
) -> Settings:
    """What a reader must know of the trainings of the second search."""
    return told(tasks=tasks, lag=lag, rates=tries, width=width, most_steps=most_steps)


_CRITERION = f"{IN_A_ROW} looks in a row at validation data meet the criterion of the task"


def _told(tasks: list[str], lag: int, rates: str, width: int, steps: str) -> Settings:
    longest = ", ".join(f"{max(2, round(share * lag))}" for share in CHRONO.values())
    shapes = {task: problem(task, lag, "validation", 1).shape for task in tasks}
    sizes = {f"{task}: {network}": size_text_of(network, shapes[task], width) for task in tasks for network in NETWORKS}
    return trained(
        start="as each row says: torch's own; RNN and ReLU RNN: W_hh identity, input weights with a spread of 0.1, "
        "biases 0; the others: forget biases (LSTM), update biases (GRU) or time constants (leaky tanh) of 1, or "
        f"chrono biases for lags up to {longest}; the lag is {lag}",
        learning_rate=f"Adam, {rates}",
        clipping=CLIPPED,
        steps=steps,
        batch=f"{BATCH}",
        size=each(sizes),
        note=f"{' and '.join(tasks)} at a lag of {lag}; numbers below 10⁻³⁸ count as 0",
    )


def size_text_of(network: str, shape: Shape, width: int = WIDTH) -> str:
    """Units and parameters of a network as large as the LSTM with `width` units."""
    inputs, outputs, units = shape.input_size, shape.output_size, units_of(network, shape, width)
    if network == "leaky tanh":
        return f"{units} units, {leaky_parameter_count(inputs, units, outputs):,} parameters"
    return size_text(NETWORKS[network], inputs, units, outputs)


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
        "RNN": {"torch's own": 0.0003, "identity": 0.0001},
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
)
