"""Claims C06, C10, C16, C20 and C35: the grid again, on validation data, until the criterion is met and stays met.

The second edition of `grid`. What differs: a run is looked at on validation data, ends when three looks in a row meet
the criterion, and its network is judged once more, at the end, on a test of its own. All networks were searched over
the same rates with as many tries, and no start is told a lag.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from course_utils.display.settings import Settings, each, trained
from course_utils.experiments.comparison.contests import BATCH, Contest, contest
from course_utils.experiments.comparison.grid import LOOKS, Choice, with_shares
from course_utils.experiments.comparison.networks import (
    ALL_STARTS,
    CELLS,
    OWN,
    RINGS,
    WITHIN,
    build_network,
    equal_sizes,
    operations,
    size_of,
)
from course_utils.experiments.comparison.until_kept import IN_A_ROW, KeptTraining, go_on_with_the_best
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.told import CLIPPED, ranges, start_text, until_text

JUDGED = {"validation": 500, "test": 1000}  # sequences of each; of the digits there are 297 and 500
WORST = 1e38  # stands for an error that is no number
FAIR, WIDE = "equal parameters", "equal width"


class Training(KeptTraining):
    """The training of a network of the grid, which counts its operations too."""

    def __init__(self, this: Contest, network: str, width: tuple[int, ...], start: str, lr: float, seed: int) -> None:
        self._network, self._width = network, width
        super().__init__(this, build_network(network, this.shape, width, start, this.lag, seed), lr, seed)

    def row(self, most_steps: int) -> Row:
        """What was found so far.

        Args:
            most_steps: the budget.

        Returns:
            What `KeptTraining.row` says, and `operations` of the matrix products in training, in millions (forward and
            backward).
        """
        spent = 3e-6 * operations(self._network, self._this.shape, self._width) * BATCH * self.steps
        return super().row(most_steps) | {"operations": round(spent, 1)}


def run_one(
    task: str,
    lag: int,
    network: str,
    start: str,
    lr: float,
    most_steps: int,
    seed: int,
    *,
    size: str = FAIR,
    judged: Mapping[str, int] = JUDGED,
) -> Row:
    """Train one network until it keeps the criterion or the steps are up, and judge it once on the test.

    Args:
        task: one of `contests.LAGS`.
        lag: of the task.
        network: one of `NETWORKS`.
        start: one of `STARTS[network]`.
        lr: learning rate of Adam.
        most_steps: the budget.
        seed: of weights and data.
        size: "equal parameters", or "equal width": as wide as the LSTM.
        judged: how many sequences of "validation" and "test".

    Returns:
        What `Training.row` says; `test`, the score on sequences (digits) that no look has seen (`WORST` where a state
        has grown beyond the numbers); and `test_met`: does that meet the criterion (1 or 0)?
    """
    this = contest(task, lag, "validation", judged["validation"])
    width = equal_sizes(this.shape)["LSTM" if size == WIDE else network]
    training = Training(this, network, width, start, lr, seed)
    training.go_on(most_steps)
    test = contest(task, lag, "test", judged["test"]).judge(training.model, seed)
    told = round(test, 6) if math.isfinite(test) else WORST
    return training.row(most_steps) | {"test": told, "test_met": int(this.solved(test))}


def measure(
    seed: int, *, lags: dict[str, list[int]], variants: list[list[Any]], most_steps: int, judged: dict[str, int]
) -> list[Row]:
    """Run every variant on every task and lag.

    Args:
        seed: of weights and data.
        lags: task → lags.
        variants: [task, network, first weights, rate, size, names of the start], as in `grid.measure`.
        most_steps: the budget, in steps of 32 sequences.
        judged: as in `run_one`.

    Returns:
        A row for each task, lag, variant and name: these, what `run_one` says, and the shares of the budgets as in
        `grid.measure`. Numbers below 10⁻³⁸ count as 0 meanwhile.
    """
    rows: list[Row] = []
    torch.set_flush_denormal(True)
    try:
        for task, lag in ((task, lag) for task, of_task in lags.items() for lag in of_task):
            found: list[Row] = []
            for _, network, weights, lr, size, starts in (v for v in variants if v[0] == task):
                measured = run_one(task, lag, network, weights, lr, most_steps, seed, size=size, judged=judged)
                about = {"task": task, "lag": lag, "network": network, "size": size}
                found += [about | {"start": start, "weights": weights, "lr": lr} | measured for start in starts]
            rows += with_shares(found, most_steps)
    finally:
        torch.set_flush_denormal(False)
    return rows


def search(
    seed: int, *, lags: dict[str, list[int]], tries: list[list[Any]], first_steps: int, most_steps: int
) -> list[Row]:
    """Try every start with every rate for a few steps; of each start the best three in eight go on to the whole budget.

    Better is what `go_on_with_the_best` says.

    Args:
        seed: of weights and data.
        lags: task → the lag that it is tuned at.
        tries: [task, network, first weights, rates].
        first_steps: of all.
        most_steps: of those that go on.

    Returns:
        A row for each try: task, lag, network, `weights`, `lr`, what `Training.row` says, `went_on` (1 or 0), and
        `steps_share`: the share of the budget until the criterion was kept, 1 where it was not.
    """
    rows: list[Row] = []
    torch.set_flush_denormal(True)
    try:
        for task, network, weights, rates in tries:
            for lag in lags.get(task, []):
                this = contest(task, lag, "validation", JUDGED["validation"])
                width = equal_sizes(this.shape)[network]
                found = {lr: Training(this, network, width, weights, lr, seed) for lr in rates}
                best = go_on_with_the_best(found, first_steps, most_steps, less_is_better=task == "adding")
                for lr, training in found.items():
                    row = training.row(most_steps)
                    share = row["steps"] / most_steps if row["solved"] else 1.0
                    about = {"task": task, "lag": lag, "network": network, "weights": weights, "lr": lr}
                    rows.append(about | row | {"went_on": int(lr in best), "steps_share": round(share, 4)})
    finally:
        torch.set_flush_denormal(False)
    return rows


# ---------------------------------------------------------------------------------------------------------------------
# The experiments

TUNED_AT = {"adding": 40, "flagged latch": 40, "temporal order": 40, "digits": 64}
LAGS = {"adding": (40, 160), "flagged latch": (40, 160), "temporal order": (40, 160), "digits": (64,)}
NETWORKS = (*CELLS, "convolution", "state space")
RATES = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3)  # three starts with eight each are 24 tries
FINER = tuple(float(f"{lr:.2g}") for lr in np.geomspace(RATES[0], RATES[-1], 24))  # of a network with one start
STARTS = {
    "RNN": (OWN, "orthogonal", "identity"),
    "IRNN": (OWN, "identity, inputs 0.001", "identity, inputs 0.1"),
    "GRU": (OWN, "orthogonal", "chrono 100"),
    "LSTM": (OWN, "orthogonal, forget bias 1", "chrono 100"),
    "convolution": (OWN,),
    "state space": tuple(RINGS),
}


# The best of 24 tries in the experiment "kept_search", on other seeds: that with the smallest mean share of the budget
# of steps, of equal ones that with the better mean score, and of those the middle one. For each task and network first
# weights and rate; and the best rate for torch's own first weights.
CHOSEN: dict[str, Choice] = {
    "adding": {
        "RNN": ("identity", 0.0003),
        "IRNN": ("identity, inputs 0.1", 0.003),
        "GRU": (OWN, 0.1),
        "LSTM": ("chrono 100", 0.03),
        "convolution": (OWN, 0.026),
        "state space": ("|λ| from 0.9", 0.03),
    },
    "flagged latch": {
        "RNN": ("identity", 0.0003),
        "IRNN": ("identity, inputs 0.1", 0.001),
        "GRU": ("chrono 100", 0.1),
        "LSTM": ("chrono 100", 0.03),
        "convolution": (OWN, 0.0065),
        "state space": ("|λ| from 0.99", 0.01),
    },
    "temporal order": {
        "RNN": ("orthogonal", 0.003),
        "IRNN": ("identity, inputs 0.1", 0.001),
        "GRU": ("chrono 100", 0.1),
        "LSTM": ("chrono 100", 0.1),
        "convolution": (OWN, 0.026),
        "state space": ("|λ| from 0.9", 0.01),
    },
    "digits": {
        "RNN": ("orthogonal", 0.003),
        "IRNN": (OWN, 0.003),
        "GRU": (OWN, 0.03),
        "LSTM": ("chrono 100", 0.03),
        "convolution": (OWN, 0.0065),
        "state space": ("|λ| from 0.99", 0.01),
    },
}
OWN_RATES: dict[str, dict[str, float]] = {
    "adding": {"RNN": 0.001, "IRNN": 0.003, "GRU": 0.1, "LSTM": 0.1},
    "flagged latch": {"RNN": 0.03, "IRNN": 0.001, "GRU": 0.3, "LSTM": 0.1},
    "temporal order": {"RNN": 0.003, "IRNN": 0.03, "GRU": 0.03, "LSTM": 0.03},
    "digits": {"RNN": 0.003, "IRNN": 0.003, "GRU": 0.03, "LSTM": 0.03},
}


def variants() -> list[list[Any]]:
    """What is reported: each network as it was chosen; the recurrent ones also from torch's own weights and, where they
    read digits, as wide as the LSTM."""
    found: list[list[Any]] = []
    for task, chosen in CHOSEN.items():
        for network, (weights, lr) in chosen.items():
            own = network in CELLS and weights == OWN
            found.append([task, network, weights, lr, FAIR, ["searched", OWN] if own else ["searched"]])
            if network in CELLS and not own:
                found.append([task, network, OWN, OWN_RATES[task][network], FAIR, [OWN]])
            if network in CELLS and network != "LSTM" and task == "digits":
                found.append([task, network, weights, lr, WIDE, ["searched"]])
    return found


def told(*, lags: dict[str, list[int]], variants: list[list[Any]], most_steps: int, **_: Any) -> Settings:
    """What a reader must know of the reported trainings."""
    used = [variant for variant in variants if variant[0] in lags]
    begun: dict[str, list[str]] = {}
    for task, network, weights, _, _, names in used:
        if names != [OWN]:
            begun.setdefault(f"{task}: {network}", []).append(_start_words(network, weights))
    return _told(
        lags,
        f"as each row says in `weights`: {each(begun)}; in rows with this `start` torch's own",
        ranges((network, lr) for _, network, _, lr, *_ in used),
        until_text(_CRITERION, most_steps, LOOKS),
    )


def told_search(*, lags: dict[str, list[int]], tries: list[list[Any]], first_steps: int, most_steps: int) -> Settings:
    """What a reader must know of the trainings of the search."""
    used = [one for one in tries if one[0] in lags]
    words = {f"{network}, {weights}": _start_words(network, weights) for _, network, weights, _ in used}
    return _told(
        lags,
        f"as each row says in `weights`: {each(words)}",
        ranges((network, rates) for _, network, _, rates in used),
        f"{until_text(_CRITERION, most_steps, LOOKS)}; {first_steps} for all but the best 3 in 8 rates of a start",
    )


_CRITERION = f"{IN_A_ROW} looks in a row at validation data meet the criterion of the task"


def _start_words(network: str, weights: str) -> str:
    words = {start.label: start_text(start) for start in ALL_STARTS.get(network, ())}
    return words.get(weights, weights)


def _told(lags: dict[str, list[int]], start: str, rates: str, steps: str) -> Settings:
    tasks = {task: contest(task, of[0]) for task, of in lags.items()}
    sizes = {task: size_of("LSTM", this.shape, equal_sizes(this.shape)["LSTM"]) for task, this in tasks.items()}
    widths = {task: equal_sizes(this.shape)["LSTM"][0] for task, this in tasks.items()}
    return trained(
        start=start,
        learning_rate=f"Adam, {rates}",
        clipping=CLIPPED,
        steps=steps,
        batch=f"{BATCH}",
        size=f"the LSTM {each({task: f'{width} units' for task, width in widths.items()})}, "
        f"{each({task: f'{count:,} parameters' for task, count in sizes.items()})} (at the shortest lag); the "
        f"others as many within {100 * WITHIN:g} %, or in rows of “{WIDE}” as many units",
        note="numbers below 10⁻³⁸ count as 0",
    )


_TRIES = [
    [task, network, start, list(RATES if len(STARTS[network]) > 1 else FINER)]
    for task in TUNED_AT
    for network in NETWORKS
    for start in STARTS[network]
]

EXPERIMENTS = (
    Experiment(
        name="kept_search",
        version=1,
        measure=search,
        seeds=(1710, 1711),  # not those that are reported
        settings={
            "lags": {task: [lag] for task, lag in TUNED_AT.items()},
            "tries": _TRIES,
            "first_steps": 300,
            "most_steps": 1000,
        },
        quick={
            "lags": {"digits": [64]},
            "tries": [["digits", network, OWN, [0.003, 0.03]] for network in CELLS],
            "first_steps": 1,
            "most_steps": 2,
        },
        told=told_search,
        timed=("seconds",),
    ),
    Experiment(
        name="kept",
        version=1,
        measure=measure,
        seeds=tuple(range(710, 720)),  # which no other experiment has used
        settings={
            "lags": {task: list(lags) for task, lags in LAGS.items()},
            "variants": variants(),
            "most_steps": 1000,
            "judged": JUDGED,
        },
        quick={"most_steps": 1, "judged": dict.fromkeys(JUDGED, 10)},
        told=told,
        timed=("seconds", "seconds_share"),
    ),
)
