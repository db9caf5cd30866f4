"""The grid, first edition: seven kinds of networks, four tasks, four lags, until each run meets a criterion.

Every network has as many parameters as the LSTM within 2 %; the recurrent ones are run at equal width as well. Each was
tuned once for each task, with nine tries at one lag, on other seeds. A run ends when the criterion is met on sequences
that are not trained on, or after a budget of steps, the same for all.

It judges at the sequences that it reports, and the gated networks are told the lag. Claims are decided by the second
edition, `kept`; these rows are shown beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from course_utils import stats
from course_utils.display.settings import Settings, each, trained
from course_utils.experiments.comparison.contests import BATCH, LAGS, Contest, contest
from course_utils.experiments.comparison.networks import (
    CELLS,
    NETWORKS,
    OWN,
    RECURRENT_STARTS,
    STARTS,
    WITHIN,
    build_network,
    equal_sizes,
    operations,
    size_of,
)
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.told import CLIPPED, ranges, start_text, until_text
from course_utils.experiments.framework.train_until import train_until

if TYPE_CHECKING:
    import pandas as pd

LOOKS = 50  # optimiser steps between two looks at the criterion
TUNED_AT = {"adding": 40, "flagged latch": 40, "temporal order": 40, "digits": 32}


def run_one(
    this: Contest, network: str, width: tuple[int, ...], start: str, lr: float, most_steps: int, seed: int
) -> Row:
    """Train one network with Adam until the criterion is met or the steps are up. A run that diverges has not met it.

    Returns:
        `parameters`, `steps`, `solved` (1 or 0), `score` at the last look, `seconds` of CPU for training alone (of
        a run that diverged those that all steps would have taken; 0 where it did at the first look), and
        `operations` of the matrix products in training, in millions (forward and backward).
    """
    model = build_network(network, this.shape, width, start, this.lag, seed)
    outcome = train_until(
        this.solved,
        model,
        this.batches(seed),
        this.objective,
        lambda trained: this.judge(trained, seed),
        lr=lr,
        most_steps=most_steps,
        every=LOOKS,
        untrained=this.judge(model, seed),
    )
    return {
        "parameters": size_of(network, this.shape, width),
        "steps": outcome.steps,
        "solved": int(outcome.solved),
        "score": outcome.score,
        "seconds": round(outcome.seconds, 3),
        "operations": round(3e-6 * operations(network, this.shape, width) * BATCH * outcome.steps, 1),
    }


def measure(
    seed: int, *, lags: dict[str, list[int]], variants: list[list[Any]], most_steps: int, part: str, judged: int
) -> list[Row]:
    """Run every variant on every task and lag.

    Args:
        seed: of weights and data.
        lags: task → lags.
        variants: [task, network, first weights, rate, "equal parameters" or "equal width", names of the start]. Where
            the search chose torch's own weights, a run has two names and gives two rows.
        most_steps: the budget, in steps of 32 sequences.
        part: of the digits, that is judged.
        judged: how many sequences of the other tasks are judged at each look.

    Returns:
        A row for each task, lag, variant and name: these, and what `run_one` says; `steps_share`, `seconds_share` and
        `operations_share`: how much of a common budget it took until the criterion was met, 1 where it was not met
        within it. The budget in steps is `most_steps`; in seconds and operations it is what the recurrent network
        with the cheapest steps needs for so many.
    """
    rows: list[Row] = []
    for task, of_task in lags.items():
        for lag in of_task:
            this = contest(task, lag, part, judged)
            sizes = equal_sizes(this.shape)
            found = []
            for _, network, weights, lr, size, starts in (v for v in variants if v[0] == task):
                width = sizes[network] if size == "equal parameters" else sizes["LSTM"]
                measured = {"weights": weights, "lr": lr} | run_one(this, network, width, weights, lr, most_steps, seed)
                about = {"task": task, "lag": lag, "network": network, "size": size}
                found += [{**about, "start": start, **measured} for start in starts]
            rows += with_shares(found, most_steps)
    return rows


def with_shares(rows: list[Row], most_steps: int) -> list[Row]:
    """The rows of one seed, task and lag, with the shares of the budgets that `measure` tells."""
    recurrent = [
        row for row in rows if row["network"] in CELLS and row["size"] == "equal parameters" and row["seconds"]
    ]
    for measure in ("steps", "seconds", "operations"):
        budget = min(row[measure] / row["steps"] for row in recurrent or rows) * most_steps
        for row in rows:
            share = row[measure] / budget if row["solved"] and budget > 0 else 1.0
            row[f"{measure}_share"] = round(min(share, 1.0), 4)
    return rows


# ---------------------------------------------------------------------------------------------------------------------
# Reading the rows: each network has one row a seed in what these are given, for one task and lag or several


def difference(
    rows: pd.DataFrame, network: str, other: str, measure: str = "steps_share"
) -> tuple[float, float, float]:
    """How much more of the budget one network took than another: the mean over seeds, and its paired 95 % interval.

    Args:
        rows: of one task and lag: `network`, `seed` and the measure.
        network: a network.
        other: another.
        measure: a column.

    Returns:
        Mean, low and high of the network minus the other; below 0 where the network is faster, and never beyond −1
        or 1, the whole budget.
    """
    wide = rows.pivot(index="seed", columns="network", values=measure)
    low, high = stats.paired_interval(wide[network].to_numpy(), wide[other].to_numpy()).clip(-1, 1)
    return float((wide[network] - wide[other]).mean()), float(low), float(high)


def clearly_faster(rows: pd.DataFrame, network: str, other: str, measure: str = "steps_share") -> bool:
    """Does the interval of the difference of two networks lie below 0?"""
    return difference(rows, network, other, measure)[2] < 0


def winner(rows: pd.DataFrame) -> str:
    """The network that met the criterion clearly sooner than each other; if there is none "none of them clearly"."""
    names = [str(name) for name in dict.fromkeys(rows["network"])]
    for network in names:
        if all(clearly_faster(rows, network, other) for other in names if other != network):
            return network
    return "none of them clearly"


def finding(rows: pd.DataFrame) -> str:
    """Who met the criterion first, as the title of a figure."""
    best = winner(rows)
    means = rows.groupby("network", sort=False)["steps_share"].mean().sort_values()
    if best in means.index:
        return f"First at the criterion: {best}, clearly sooner than each of the others"
    first, second = means.index[:2]
    return f"{first} and {second} are first at the criterion; neither is clearly sooner than all others"


def against(rows: pd.DataFrame, network: str, other: str) -> list[Row]:
    """Two networks on every task and lag: the difference in training steps with its interval, and who is ahead."""
    table: list[Row] = []
    for (task, lag), some in rows.groupby(["task", "lag"], sort=False):
        mean, low, high = difference(some, network, other)
        ahead = network if high < 0 else other if low > 0 else "undecided"
        solved = some[some["solved"] == 1].groupby("network").size()
        if solved.get(network, 0) == solved.get(other, 0) == 0:
            ahead = "neither solves it"
        table.append({"task": task, "lag": lag, "difference": mean, "from": low, "to": high, "ahead": ahead})
    return table


def guide(rows: pd.DataFrame, margin: float = 0.05) -> list[Row]:
    """For every task and lag the network with the smallest mean share of the budget, and those not clearly worse.

    The budget is that of training steps; last stands who has the smallest mean share of that of seconds.

    Args:
        rows: of the grid, one row for each network, seed, task and lag.
        margin: not clearly worse is who may be, by the paired interval, within this of the best.
    """
    table: list[Row] = []
    for (task, lag), some in rows.groupby(["task", "lag"], sort=False):
        means = some.groupby("network", sort=False)["steps_share"].mean()
        best = str(means.idxmin())
        near = [str(n) for n in means.index if n != best and difference(some, str(n), best)[1] < margin]
        seconds = some.groupby("network", sort=False)["seconds_share"].mean()
        row = {"task": task, "lag": lag, "best": best, "its share": round(float(means.min()), 3)}
        row["not clearly worse"] = ", ".join(near) or "none"
        table.append({**row, "best in seconds": str(seconds.idxmin())})
    return table


def for_workbench(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of the grid as the comparison workbench takes them.

    Operations are counted singly, in `flops`; and the LSTM stands there at equal width too: it is the same network.
    """
    import pandas as pd

    lstm = rows[(rows["network"] == "LSTM") & (rows["size"] == "equal parameters")].assign(size="equal width")
    return pd.concat([rows, lstm], ignore_index=True).assign(flops=lambda all: 1e6 * all["operations"])


# ---------------------------------------------------------------------------------------------------------------------
# The experiments

# Nine tries for each network: starts times rates.
RATES: dict[str, tuple[float, ...]] = {
    "RNN": (0.0003, 0.001, 0.003),
    "IRNN": (0.001, 0.003, 0.01),
    "GRU": (0.01, 0.03, 0.1),
    "LSTM": (0.01, 0.03, 0.1),
    "convolution": (0.0004, 0.0008, 0.0016, 0.003, 0.006, 0.0125, 0.025, 0.05, 0.1),
    "Transformer": (0.0004, 0.0008, 0.0016, 0.003, 0.006, 0.0125, 0.025, 0.05, 0.1),
    "state space": (0.003, 0.01, 0.03),
}

# The best of these nine in the experiment "grid_search", on other seeds and, for the digits, on the validation part:
# that with the smallest mean share of the budget of steps, of equal ones that with the better mean score. For each task
# and network first weights and rate; and the best rate for torch's own first weights.
Choice = dict[str, tuple[str, float]]
CHOSEN: dict[str, Choice] = {
    "adding": {
        "RNN": ("orthogonal", 0.001),
        "IRNN": ("identity, inputs 0.1", 0.003),
        "GRU": ("orthogonal", 0.1),
        "LSTM": ("chrono", 0.03),
        "convolution": (OWN, 0.0125),
        "Transformer": (OWN, 0.003),
        "state space": ("|λ| from 0.9", 0.01),
    },
    "flagged latch": {
        "RNN": ("identity", 0.0003),
        "IRNN": ("identity, inputs 0.1", 0.001),
        "GRU": ("chrono", 0.1),
        "LSTM": ("chrono", 0.01),
        "convolution": (OWN, 0.006),
        "Transformer": (OWN, 0.025),
        "state space": ("|λ| from 0.99", 0.01),
    },
    "temporal order": {
        "RNN": ("identity", 0.001),
        "IRNN": ("identity, inputs 0.1", 0.001),
        "GRU": ("chrono", 0.03),
        "LSTM": ("chrono", 0.1),
        "convolution": (OWN, 0.025),
        "Transformer": (OWN, 0.05),
        "state space": ("|λ| from 0.99", 0.01),
    },
    "digits": {
        "RNN": ("orthogonal", 0.003),
        "IRNN": (OWN, 0.003),
        "GRU": ("orthogonal", 0.03),
        "LSTM": ("orthogonal, forget bias 1", 0.03),
        "convolution": (OWN, 0.006),
        "Transformer": (OWN, 0.006),
        "state space": ("|λ| from 0.99", 0.03),
    },
}
OWN_RATES: dict[str, dict[str, float]] = {
    "adding": {"RNN": 0.001, "IRNN": 0.001, "GRU": 0.03, "LSTM": 0.1},
    "flagged latch": {"RNN": 0.0003, "IRNN": 0.01, "GRU": 0.1, "LSTM": 0.01},
    "temporal order": {"RNN": 0.001, "IRNN": 0.001, "GRU": 0.1, "LSTM": 0.01},
    "digits": {"RNN": 0.003, "IRNN": 0.003, "GRU": 0.03, "LSTM": 0.03},
}


def variants() -> list[list[Any]]:
    """What is reported: each network as it was chosen, the recurrent ones also from torch's own weights and as wide as
    the LSTM."""
    found: list[list[Any]] = []
    for task, chosen in CHOSEN.items():
        for network, (weights, lr) in chosen.items():
            own = network in CELLS and weights == OWN
            found.append([task, network, weights, lr, "equal parameters", ["searched", OWN] if own else ["searched"]])
            if network in CELLS and not own:
                found.append([task, network, OWN, OWN_RATES[task][network], "equal parameters", [OWN]])
            if network in CELLS and network != "LSTM":
                found.append([task, network, weights, lr, "equal width", ["searched"]])
    return found


_SETTINGS = {"most_steps": 1000, "judged": 500}
_QUICK = {  # what the rules of the claims read, hardly trained
    "lags": {**{key: [40, 160] for key in tuple(LAGS)[:3]}, "digits": [64]},
    "variants": [v for v in variants() if v[4] == "equal parameters" or v[0] == "digits"],
    "most_steps": 1,
    "judged": 10,
}


def told(*, lags: dict[str, list[int]], variants: list[list[Any]], most_steps: int, **_: Any) -> Settings:
    """What a reader must know of the trainings."""
    used = [variant for variant in variants if variant[0] in lags]
    lag = "the lag of the task, which no other start is told"
    words = {start.label: start_text(start, lag) for choices in RECURRENT_STARTS.values() for start in choices}
    begun: dict[str, list[str]] = {}
    for task, network, weights, _, _, names in used:
        if names != [OWN]:
            begun.setdefault(f"{task}: {network}", []).append(words.get(weights, weights))
    tasks = {task: contest(task, of[0]) for task, of in lags.items()}
    sizes = {task: size_of("LSTM", this.shape, equal_sizes(this.shape)["LSTM"]) for task, this in tasks.items()}
    widths = {task: equal_sizes(this.shape)["LSTM"][0] for task, this in tasks.items()}
    return trained(
        start=f"as each row says in `weights`: {each(begun)}; in rows with this `start` torch's own",
        learning_rate=f"Adam, {ranges((network, lr) for _, network, _, lr, *_ in used)}",
        clipping=CLIPPED,
        steps=until_text("the criterion of the task is met", most_steps, LOOKS),
        batch=f"{BATCH}",
        size=f"the LSTM {each({task: f'{width} units' for task, width in widths.items()})}, "
        f"{each({task: f'{count:,} parameters' for task, count in sizes.items()})} (at the shortest lag); the "
        f"others as many within {100 * WITHIN:g} %, or in rows of “equal width” as many units",
    )


EXPERIMENTS = (
    Experiment(
        name="grid_search",
        version=1,
        measure=measure,
        seeds=(1000, 1001),  # not those that are reported
        settings={
            "lags": {task: [lag] for task, lag in TUNED_AT.items()},
            "variants": [
                [task, network, start, lr, "equal parameters", ["tried"]]
                for task in LAGS
                for network in NETWORKS
                for start in STARTS[network]
                for lr in RATES[network]
            ],
            "part": "validation",
            **_SETTINGS,
        },
        quick=_QUICK,
        told=told,
        timed=("seconds", "seconds_share"),
    ),
    Experiment(
        name="grid",
        version=1,
        measure=measure,
        seeds=tuple(range(10)),
        settings={
            "lags": {task: list(lags) for task, lags in LAGS.items()},
            "variants": variants(),
            "part": "test",
            **_SETTINGS,
        },
        quick=_QUICK,
        told=told,
        timed=("seconds", "seconds_share"),
    ),
    Experiment(  # claim C10 asks for 20 seeds; the first ten are those of the grid
        name="grid_longest",
        version=1,
        measure=measure,
        seeds=tuple(range(20)),
        settings={
            "lags": {task: [lags[-1]] for task, lags in LAGS.items()},
            "variants": [
                v for v in variants() if v[1] in ("RNN", "IRNN") and v[4] == "equal parameters" and "searched" in v[5]
            ],
            "part": "test",
            **_SETTINGS,
        },
        quick=_QUICK,
        told=told,
        timed=("seconds", "seconds_share"),
    ),
)
