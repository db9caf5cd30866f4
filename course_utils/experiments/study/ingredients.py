"""Claim C42: from a tanh network to an LSTM ingredient by ingredient: which of them buys what?

Each rung differs from the one before by little: time constants (leaky tanh), neither tanh nor weights between states
(diagonal linear), a gate that sees the input (minGRU), gates and tanh that see the state (GRU), three gates and a cell
(LSTM), an exponential input gate. All have one layer, as many parameters, the same read-out and as many tries, and
learn from sequences of up to 40 steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import process_time
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from course_utils.checks import check_name
from course_utils.data.formal_languages import LANGUAGES
from course_utils.display.settings import Settings, each, trained
from course_utils.experiments.computation import formal_language_grid as grid
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.told import CLIPPED, ranges
from course_utils.experiments.tasks.flagged_latch import FlaggedLatch
from course_utils.experiments.tasks.key_values import KeyValues
from course_utils.experiments.tasks.task import Batch, Task
from course_utils.nn.initialisation import chrono_, orthogonal_
from course_utils.nn.ladder import spread_times_
from course_utils.nn.leaky import LeakyTanh
from course_utils.nn.parameters import parameters_count
from course_utils.nn.tracking_net import TrackingNet, tracking_size, width_for
from course_utils.runtime import prepare_optimizers, seeded

NETWORKS = ("tanh RNN", "leaky tanh", "diagonal linear", "minGRU", "GRU", "LSTM", "exponential LSTM")
LSTM_UNITS = 24  # the others have as many parameters, nearly
LONGEST = grid.LONGEST  # steps of sequences to learn from
OWN, SPREAD = "torch's own", f"times up to {LONGEST}"
ORTHOGONAL = "orthogonal"  # of the tanh RNN, which has no times
MEMORY: dict[str, Callable[[int, int], Task]] = {"latch": FlaggedLatch, "key–value recall": KeyValues}
TASKS = (*MEMORY, "aⁿbⁿ", "permutations of three")
SHORTEST = {"latch": 2, "key–value recall": 6}  # steps of sequences to learn from


def choices(network: str) -> tuple[str, str]:
    """The two ways to begin that are tried with each rate.

    Args:
        network: one of `NETWORKS`.
    """
    check_name("network", network, NETWORKS)
    return OWN, ORTHOGONAL if network == "tanh RNN" else SPREAD


def task_of(task: str, length: int, shortest_lag: int = 1) -> Task:
    """A task with sequences of some steps.

    Args:
        task: one of `TASKS`.
        length: T.
        shortest_lag: from what is asked to the answer.
    """
    check_name("task", task, MEMORY)
    return MEMORY[task](shortest_lag, length - 1)


def sizes_of(task: str) -> tuple[int, int]:
    """Inputs and outputs of a task.

    Args:
        task: one of `TASKS`.
    """
    check_name("task", task, TASKS)
    if task in LANGUAGES:
        return len(LANGUAGES[task].symbols), len(LANGUAGES[task].answers)
    some = task_of(task, LONGEST)
    return some.input_size, some.output_size


def build(network: str, choice: str, task: str, lstm_units: int, seed: int) -> TrackingNet:
    """A network with as many parameters, nearly, as an LSTM.

    Args:
        network: one of `NETWORKS`.
        choice: of `choices(network)`.
        task: it is made for.
        lstm_units: of the LSTM.
        seed: of the first weights.
    """
    check_name(f"choice for {network}", choice, choices(network))
    inputs, outputs = sizes_of(task)
    with seeded(seed):
        model = TrackingNet(network, inputs, outputs, _width(network, task, lstm_units))
    generator, core = torch.Generator().manual_seed(seed), model.core
    if choice == OWN:
        return model
    if isinstance(core, nn.GRU | nn.LSTM):
        chrono_(core, LONGEST, generator)
    elif isinstance(core, nn.RNN):
        orthogonal_(core, generator)
    elif isinstance(core, LeakyTanh):
        core.chrono_(LONGEST, generator)
    else:
        spread_times_(core, LONGEST, generator)
    return model


def _width(network: str, task: str, lstm_units: int) -> int:
    inputs, outputs = sizes_of(task)
    return width_for(network, inputs, outputs, tracking_size("LSTM", inputs, outputs, lstm_units))


def batches(task: str, seed: int) -> Iterator[Batch]:
    """Batches of a task without end, each of one length drawn from the shortest there is to `LONGEST`."""
    lengths, generator = np.random.default_rng((2, seed)), torch.Generator().manual_seed(2 * seed)
    while True:
        length = int(lengths.integers(SHORTEST[task], LONGEST + 1))
        yield task_of(task, length).sample(grid.BATCH, generator)


def objective(model: nn.Module, batch: Batch) -> Tensor:
    """Cross-entropy of the answer at the last step."""
    return nn.functional.cross_entropy(model(batch.x)[:, -1], batch.y)


@torch.no_grad()
def judge(model: nn.Module, task: str, lengths: list[int], count: int, seed: int) -> list[Row]:
    """How many answers are right, at each length: of languages on decisive steps, of the others at the last.

    What must be remembered stands in the first half of a sequence; languages count as far as `grid.judge` says.

    Args:
        model: inputs → logits.
        task: one of `TASKS`.
        lengths: in steps.
        count: sequences of each.
        seed: of the sequences; none of them is drawn in training.

    Returns:
        For each length `length`, `accuracy` and `loss`.
    """
    if task in LANGUAGES:
        names = ("length", "accuracy", "loss")
        return [{name: row[name] for name in names} for row in grid.judge(model, task, lengths, count, seed)]
    rows: list[Row] = []
    for length in lengths:
        drawn = task_of(task, length, length // 2).held_out(count, seed)
        logits = torch.cat([model(part)[:, -1] for part in drawn.x.split(grid.JUDGED_AT_ONCE)])
        loss = nn.functional.cross_entropy(logits, drawn.y).nan_to_num(grid.MOST_LOSS).clamp(max=grid.MOST_LOSS)
        accuracy = float((logits.argmax(1) == drawn.y).double().mean())
        rows.append({"length": length, "accuracy": accuracy, "loss": float(loss)})
    return rows


def measure(
    seed: int, *, runs: list[list[Any]], lstm_units: int, steps: int, lengths: list[int], judged: int
) -> list[Row]:
    """Train each network on short sequences of a task, and judge it on several lengths.

    Args:
        seed: of weights and sequences.
        runs: [task, network, choice, learning rate].
        lstm_units: of the LSTM; the others have as many parameters, nearly.
        steps: of the optimiser.
        lengths: at which they are judged.
        judged: sequences of each of these lengths.

    Returns:
        A row for each run and length: `task`, `network`, `choice`, `lr`, `parameters`, `cpu_seconds` of the training,
        and what `judge` says.
    """
    prepare_optimizers()
    rows: list[Row] = []
    torch.set_flush_denormal(True)
    try:
        for task, network, choice, lr in runs:
            began, model = process_time(), build(network, choice, task, lstm_units, seed)
            if task in LANGUAGES:
                grid.train(model, grid.batches(task, seed), lr, steps)
            else:
                grid.train(model, batches(task, seed), lr, steps, objective)
            about = {"task": task, "network": network, "choice": choice, "lr": lr}
            about |= {"parameters": parameters_count(model), "cpu_seconds": process_time() - began}
            rows += [about | found for found in judge(model, task, lengths, judged, seed)]
    finally:
        torch.set_flush_denormal(False)
    return rows


# ---------------------------------------------------------------------------------------------------------------------
# The experiment

RATES = (0.001, 0.004, 0.016, 0.064, 0.256)
WIDER = (
    0.00025,
    1.024,
)  # tried for all networks: with each task the best of RATES was the smallest or largest for some
SEEDS = tuple(range(4200, 4210))
NAMES = {  # of the experiments: task → name
    "latch": "ingredients_latch",
    "key–value recall": "ingredients_key_values",
    "aⁿbⁿ": "ingredients_a_b",
    "permutations of three": "ingredients_permutations",
}
# Of both starts and all rates tried the pair with most right answers on sequences of 40, 80 and 160 steps after 300
# training steps, in the searches of the task; of equal ones the one with the smaller loss. At the edge of all rates is
# the LSTM in aⁿbⁿ, which has everything right there.
CHOSEN: dict[str, dict[str, tuple[str, float]]] = {
    "latch": {
        "tanh RNN": ("torch's own", 0.016),
        "leaky tanh": ("torch's own", 0.001),
        "diagonal linear": ("torch's own", 0.016),
        "minGRU": ("times up to 40", 0.256),
        "GRU": ("times up to 40", 0.256),
        "LSTM": ("torch's own", 0.064),
        "exponential LSTM": ("torch's own", 0.064),
    },
    "key–value recall": {
        "tanh RNN": ("torch's own", 0.001),
        "leaky tanh": ("torch's own", 0.004),
        "diagonal linear": ("torch's own", 0.004),
        "minGRU": ("times up to 40", 0.064),
        "GRU": ("times up to 40", 0.064),
        "LSTM": ("times up to 40", 0.064),
        "exponential LSTM": ("times up to 40", 0.064),
    },
    "aⁿbⁿ": {
        "tanh RNN": ("torch's own", 0.016),
        "leaky tanh": ("times up to 40", 0.004),
        "diagonal linear": ("torch's own", 0.256),
        "minGRU": ("times up to 40", 0.256),
        "GRU": ("times up to 40", 0.256),
        "LSTM": ("torch's own", 1.024),
        "exponential LSTM": ("times up to 40", 0.256),
    },
    "permutations of three": {
        "tanh RNN": ("orthogonal", 0.016),
        "leaky tanh": ("torch's own", 0.016),
        "diagonal linear": ("times up to 40", 0.001),
        "minGRU": ("times up to 40", 0.016),
        "GRU": ("torch's own", 0.064),
        "LSTM": ("torch's own", 0.064),
        "exponential LSTM": ("times up to 40", 0.064),
    },
}

_SETTINGS = {"lstm_units": LSTM_UNITS, "steps": 600, "lengths": [40, 100, 400], "judged": 200}
_QUICK = {"lstm_units": 4, "steps": 2, "judged": 8}


def reported(task: str) -> list[list[Any]]:
    """What the search found best for each network; before it, the second choice with the rate in the middle.

    Args:
        task: one of `TASKS`.
    """
    chosen = CHOSEN.get(task, {})
    return [[task, network, *chosen.get(network, (choices(network)[1], RATES[2]))] for network in NETWORKS]


def told(*, runs: list[list[Any]], lstm_units: int, steps: int, lengths: list[int], judged: int) -> Settings:
    """What a reader must know of the trainings."""
    tasks, used = ({run[place]: None for run in runs} for place in (0, 1))
    sizes = {f"{task}: {network}": _size_text(network, task, lstm_units) for task in tasks for network in used}
    begins = {f"{task}: {network}": f"{choice}" for task, network, choice, _ in runs}
    return trained(
        start=f"{each(begins)}; times are time constants or gate biases for memories of 1 to {LONGEST} steps (chrono), "
        f"{ORTHOGONAL} is W_hh, biases 0",
        learning_rate=f"Adam, {ranges((network, lr) for _, network, _, lr in runs)}, "
        f"rising over {grid.WARMUP} steps, then falling to 0 as a cosine",
        clipping=CLIPPED,
        steps=f"{steps:,}",
        batch=f"{grid.BATCH} sequences of one length, up to {LONGEST} steps",
        size=each(sizes),
        note=f"{', '.join(tasks)}; judged on {judged} sequences of each of the lengths {', '.join(map(str, lengths))}, "
        "what must be remembered or counted at least half of the length, or of the farthest count, away",
    )


def _size_text(network: str, task: str, lstm_units: int) -> str:
    width = _width(network, task, lstm_units)
    return f"{width} units, {tracking_size(network, *sizes_of(task), width):,} parameters"


EXPERIMENTS = (
    *(
        Experiment(
            name=f"{name}{kind}_search",
            version=1,
            measure=measure,
            told=told,
            seeds=(9000,),  # none of those that are reported
            settings={
                **_SETTINGS,
                "runs": [
                    [task, network, choice, lr] for network in NETWORKS for choice in choices(network) for lr in rates
                ],
                "steps": 300,
                "lengths": [40, 80, 160],
            },
            quick=_QUICK,
            timed=("cpu_seconds",),
        )
        for task, name in NAMES.items()
        for kind, rates in (("", RATES), ("_wider", WIDER))
    ),
    *(
        Experiment(
            name=name,
            version=1,
            measure=measure,
            told=told,
            seeds=SEEDS,
            settings={**_SETTINGS, "runs": reported(task)},
            quick=_QUICK,
            timed=("cpu_seconds",),
        )
        for task, name in NAMES.items()
    ),
)
