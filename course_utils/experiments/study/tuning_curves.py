"""Claim C41: which network needs tuning? Settings drawn at random from one range for all, and how good each makes them.

Each seed draws one setting for each task (rate, clipping, batch, and which of three starts), the same for all networks,
and trains each network with it once. From the scores of many seeds follows what the best of so many tries has on
average: `course_utils.stats.expected_best` (Dodge and others 2019).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from time import process_time
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch
from torch import nn

from course_utils.checks import check_name
from course_utils.display.numbers import short
from course_utils.display.settings import Settings, each, trained
from course_utils.experiments.comparison.contests import BATCH, Contest, contest
from course_utils.experiments.comparison.networks import Shape
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.starts import OWN, Start
from course_utils.experiments.framework.told import start_text
from course_utils.experiments.tasks.task import Batch
from course_utils.nn.ladder import spread_times_
from course_utils.nn.parameters import parameters_count
from course_utils.nn.tracking_net import RECURRENT, TrackingNet, tracking_size, width_for
from course_utils.runtime import prepare_optimizers, seeded
from course_utils.stats import expected_best, expected_best_band
from course_utils.training import DivergedError, fit

LSTM_UNITS = 20  # the others have as many parameters, nearly
RATES, CLIPS, BATCHES = (1e-4, 10**-0.5), (0.1, 10.0), (16, 32, 64)  # rate and clipping log-uniform between two numbers
VALIDATION = 1_000_000  # added to a seed for the sequences that settings are compared on
TASKS = {"adding": 30, "flagged latch": 20, "digits": 32}  # task → lag, as in `contests.contest`
CHANCE = {"flagged latch": 1 / 4, "digits": 1 / 10}

ORTHOGONAL, CHRONO = Start("orthogonal", "orthogonal"), Start("chrono 100", chrono=100)
STARTS: dict[str, tuple[Start, Start, Start]] = {
    "tanh RNN": (OWN, ORTHOGONAL, Start("identity", "identity", input_std=0.1)),
    "ReLU RNN": (OWN, ORTHOGONAL, Start("identity", "identity", input_std=0.1)),
    "GRU": (OWN, ORTHOGONAL, CHRONO),
    "LSTM": (OWN, Start("orthogonal, forget bias 1", "orthogonal", forget_bias=1.0), CHRONO),
}
KEPT = 2.0  # the bias of a minGRU's gate in its second start: σ(2) = 0.88 is kept
MIN_GRU = (OWN.label, "keeps 0.88", CHRONO.label)
NETWORKS = (*STARTS, "minGRU")


class Drawn(NamedTuple):
    """One setting, the same for all networks.

    Attributes:
        lr: rate of Adam.
        clip_norm: the largest norm of a gradient.
        batch_size: sequences in a step; the number of all sequences is the same, so that small ones make more steps.
        start: which of the three starts of a network, from 0.
    """

    lr: float
    clip_norm: float
    batch_size: int
    start: int


def draw(task: str, seed: int) -> Drawn:
    """The setting of a seed.

    Args:
        task: one of `TASKS`; each has settings of its own.
        seed: any number.
    """
    check_name("task", task, TASKS)
    generator = np.random.default_rng((41, list(TASKS).index(task), seed))
    lr, clip_norm = (math.exp(generator.uniform(math.log(low), math.log(high))) for low, high in (RATES, CLIPS))
    return Drawn(lr, clip_norm, int(generator.choice(BATCHES)), int(generator.integers(3)))


def build(network: str, this: Contest, start: int, lstm_units: int, seed: int) -> TrackingNet:
    """A network with as many parameters, nearly, as an LSTM.

    Args:
        network: one of `NETWORKS`.
        this: what it is made for.
        start: which of its three starts.
        lstm_units: of the LSTM.
        seed: of the first weights.
    """
    check_name("network", network, NETWORKS)
    inputs, outputs = this.shape.input_size, this.shape.output_size
    width = width_for(network, inputs, outputs, tracking_size("LSTM", inputs, outputs, lstm_units))
    with seeded(seed):
        model = TrackingNet(network, inputs, outputs, width)
    generator = torch.Generator().manual_seed(seed)
    if network in RECURRENT:
        STARTS[network][start].apply(model, generator)  # type: ignore[arg-type]
    elif start == 1:
        core: Any = model.core
        nn.init.constant_(core.keep.bias, KEPT)
    elif start == 2:
        spread_times_(model.core, 100, generator)
    return model


def start_label(network: str, start: int) -> str:
    """The name of a start."""
    return STARTS[network][start].label if network in STARTS else MIN_GRU[start]


def skill(task: str, score: float) -> float:
    """A score on one scale for all tasks: 0 is chance or worse, 1 all right.

    Of adding the share of the variance that is explained; else (accuracy − chance) / (1 − chance).

    Args:
        task: one of `TASKS`.
        score: as `Contest.judge` gives it.
    """
    if not math.isfinite(score):
        return 0.0
    found = 1 - 6 * score if task == "adding" else (score - CHANCE[task]) / (1 - CHANCE[task])
    return max(0.0, found)


def rebatched(batches: Iterator[Batch], size: int) -> Iterator[Batch]:
    """Batches of 32 as batches of 16, 32 or 64, each half or pair of those that are given."""
    for batch in batches:
        if size == 2 * BATCH:
            x, y = (torch.cat(pair) for pair in zip(batch[:2], next(batches)[:2], strict=True))
            yield Batch(x, y, None)
        else:
            for x, y in zip(batch.x.split(size), batch.y.split(size), strict=True):
                yield Batch(x, y, None)


def measure(
    seed: int, *, tasks: list[str], networks: list[str], sequences: int, lstm_units: int, judged: int
) -> list[Row]:
    """Draw a setting for each task, and train each network with it.

    Args:
        seed: of setting, weights and data.
        tasks: of `TASKS`.
        networks: of `NETWORKS`.
        sequences: to learn from, each seen once; of the digits as many, in several rounds.
        lstm_units: as in `build`.
        judged: sequences to judge, on validation and on test; of the digits there are 297 and 500.

    Returns:
        A row for each task and network: the setting (`lr`, `clip_norm`, `batch_size`, `start`), `parameters`, `score`
        on validation data and `test` on others, as `skill` has them, 0 where the training diverged; `solved`: does the
        test meet the criterion of `contests.contest` (1 or 0)? `diverged` (1 or 0), and `seconds` of CPU in training.
    """
    prepare_optimizers()
    torch.set_flush_denormal(True)
    try:
        return [
            {"task": task, "network": network} | _tried(task, network, seed, sequences, lstm_units, judged)
            for task in tasks
            for network in networks
        ]
    finally:
        torch.set_flush_denormal(False)


def _tried(task: str, network: str, seed: int, sequences: int, lstm_units: int, judged: int) -> Row:
    drawn = draw(task, seed)
    valid, test = (contest(task, TASKS[task], part, judged) for part in ("validation", "test"))
    model = build(network, valid, drawn.start, lstm_units, seed)
    about = drawn._asdict() | {"start": start_label(network, drawn.start), "parameters": parameters_count(model)}
    began, diverged = process_time(), 0
    try:
        fit(
            model,
            rebatched(valid.batches(seed), drawn.batch_size),
            valid.objective,
            steps=max(1, sequences // drawn.batch_size),
            optimizer=torch.optim.Adam(model.parameters(), lr=drawn.lr),
            clip_norm=drawn.clip_norm,
            progress=False,
        )
    except DivergedError:
        diverged = 1
    seconds = round(process_time() - began, 3)
    score, last = valid.judge(model, seed + VALIDATION), test.judge(model, seed)
    solved = int(not diverged and test.solved(last))
    scores = {"score": round(skill(task, score), 6), "test": round(skill(task, last), 6)}
    kept = dict.fromkeys(scores, 0.0) if diverged else scores
    return about | kept | {"solved": solved, "diverged": diverged, "seconds": seconds}


def curves(rows: pd.DataFrame, tries: Sequence[int]) -> pd.DataFrame:
    """What the best of some settings reaches on the test, where it is chosen by its score on validation data.

    Args:
        rows: of the experiment, one for each setting, task and network.
        tries: how many settings; at most as many as there are seeds.

    Returns:
        `task`, `network`, `tries`, `expected`, and `low` and `high` of the bootstrap's 95 %.
    """
    found: list[Row] = []
    for (task, network), some in rows.groupby(["task", "network"], sort=False):
        scores, tests = some["score"].to_numpy(), some["test"].to_numpy()
        for count in tries:
            low, high = expected_best_band(scores, count, tests)
            about = {"task": task, "network": network, "tries": count}
            found.append(about | {"expected": expected_best(scores, count, tests), "low": low, "high": high})
    return pd.DataFrame(found)


def orders(rows: pd.DataFrame, tries: int) -> dict[str, list[str]]:
    """For each task the networks, the best first, by what the best of some settings reaches.

    Args:
        rows: as in `curves`.
        tries: likewise.
    """
    table = curves(rows, [tries]).sort_values("expected", ascending=False, kind="stable")
    return {str(task): list(some["network"]) for task, some in table.groupby("task", sort=False)}


def told(*, tasks: list[str], networks: list[str], sequences: int, lstm_units: int, judged: int) -> Settings:
    """What a reader must know of the trainings."""
    shapes = {task: contest(task, TASKS[task], "validation", 1).shape for task in tasks}
    sizes = {
        f"{task}: {network}": _size_text(network, shape, lstm_units)
        for task, shape in shapes.items()
        for network in networks
    }
    begins = {network: "; ".join(map(start_text, starts)) for network, starts in STARTS.items()}
    steps = ", ".join(f"{max(1, sequences // size):,}" for size in BATCHES)
    begins["minGRU"] = f"torch's own; gate biases {short(KEPT)}; gate biases for memories up to 100"
    return trained(
        start="one of three, drawn: " + " · ".join(f"{network}: {begins[network]}" for network in networks),
        learning_rate=f"Adam, constant, drawn log-uniform from {short(RATES[0])} to {short(RATES[1])}",
        clipping=f"norm at most a number drawn log-uniform from {short(CLIPS[0])} to {short(CLIPS[1])}",
        steps=f"{steps}, by the batch: {sequences:,} sequences",
        batch=f"drawn from {', '.join(map(str, BATCHES))}",
        size=each(sizes),
        note=f"a setting for each seed and task, the same for all networks; {', '.join(map(_task_text, tasks))}; "
        f"judged on {judged} sequences of validation and {judged} of test (of digits 297 and 500)",
    )


def _task_text(task: str) -> str:
    return {
        "adding": f"adding over {TASKS['adding']} steps",
        "flagged latch": f"the flagged latch over {TASKS['flagged latch']} to {TASKS['flagged latch'] + 9} steps",
        "digits": f"digits in {TASKS['digits']} steps of {64 // TASKS['digits']} pixels",
    }[task]


def _size_text(network: str, shape: Shape, lstm_units: int) -> str:
    inputs, outputs = shape.input_size, shape.output_size
    width = width_for(network, inputs, outputs, tracking_size("LSTM", inputs, outputs, lstm_units))
    return f"{width} units, {tracking_size(network, inputs, outputs, width):,} parameters"


# ---------------------------------------------------------------------------------------------------------------------
# The experiment

SETTINGS_OF_A_RUN = 40
FIRST, AGAIN = range(4100, 4140), range(4140, 4180)  # seeds of the first run, and of the second

EXPERIMENT = Experiment(
    name="tuning_curves",
    version=1,
    measure=measure,
    told=told,
    seeds=(*FIRST, *AGAIN),
    settings={
        "tasks": list(TASKS),
        "networks": list(NETWORKS),
        "sequences": 12_800,
        "lstm_units": LSTM_UNITS,
        "judged": 300,
    },
    quick={"sequences": 200, "lstm_units": 4, "judged": 20},
    timed=("seconds",),
)
