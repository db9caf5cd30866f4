"""Beside claim C13: the adding problem over 200 to 1,000 steps, by an LSTM whose biases are set for the length."""

from __future__ import annotations

import time
from typing import Any

from course_utils.display.numbers import short
from course_utils.display.settings import Settings, each, trained
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.starts import Start
from course_utils.experiments.framework.told import CLIPPED, size_text, start_text, until_text
from course_utils.experiments.framework.train_until import judged_on, train_until
from course_utils.experiments.long_memory.starting_points import SOLVED
from course_utils.experiments.tasks.adding import Adding
from course_utils.nn.sequence_model import SequenceModel

BATCH = 32
LOOKS = 50  # optimiser steps between two looks at the error
STARTS = {start.label: start for start in (Start("chrono", chrono="lag"), Start("torch's own"))}


def measure(
    seed: int, *, runs: list[list[Any]], hidden_size: int, lr: float, most_steps: int, judged: int
) -> list[Row]:
    """Train an LSTM on each length until the held-out error is below 0.01 or the steps are up.

    Args:
        seed: of weights and data.
        runs: [T, start]: length, and of `STARTS`.
        hidden_size: H.
        lr: learning rate of Adam; gradients are clipped at a norm of 1.
        most_steps: the budget, in steps of 32 sequences.
        judged: held-out sequences at each look.

    Returns:
        A row for each run: `seq_len`, `start`, `steps`, `error`, `solved` (1 or 0), and `seconds` of CPU, looks
        included.
    """
    rows: list[Row] = []
    for seq_len, start in runs:
        task = Adding(seq_len)
        model = STARTS[start].network("lstm", 2, hidden_size, 1, seed=seed, lag=seq_len, kind=SequenceModel)
        batches, held_out = task.batches(BATCH, seed), task.held_out(judged, seed)
        began = time.process_time()
        outcome = train_until(
            lambda error: error < SOLVED,
            model,
            batches,
            task.objective,
            judged_on(task, held_out),
            lr=lr,
            most_steps=most_steps,
            every=LOOKS,
            untrained=task.chance,
        )
        seconds = round(time.process_time() - began, 2)
        about = {"seq_len": seq_len, "start": start, "steps": outcome.steps, "error": outcome.score}
        rows.append({**about, "solved": int(outcome.solved), "seconds": seconds})
    return rows


def told(*, runs: list[list[Any]], hidden_size: int, lr: float, most_steps: int, **_: Any) -> Settings:
    """What a reader must know of the trainings."""
    return trained(
        start=each(
            {f"T = {seq_len:,}": start_text(STARTS[start], "T") for seq_len, start in runs}
            if len({seq_len for seq_len, _ in runs}) == len(runs)
            else {f"T = {seq_len:,}, {start}": start_text(STARTS[start], "T") for seq_len, start in runs}
        ),
        learning_rate=f"Adam, {short(lr)}",
        clipping=CLIPPED,
        steps=until_text(f"the held-out error is below {SOLVED:g}", most_steps, LOOKS),
        batch=f"{BATCH}",
        size=size_text("lstm", 2, hidden_size, 1),
    )


EXPERIMENT = Experiment(
    name="long_adding",
    version=1,
    measure=measure,
    told=told,
    seeds=tuple(range(10)),  # the rate was chosen among 0.01, 0.02 and 0.03 with seeds 1000 and 1001
    settings={
        "runs": [[200, "chrono"], [400, "chrono"], [1000, "chrono"], [200, "torch's own"]],
        "hidden_size": 32,
        "lr": 0.03,
        "most_steps": 1500,
        "judged": 500,
    },
    quick={"runs": [[10, "chrono"], [10, "torch's own"]], "hidden_size": 4, "most_steps": 3, "judged": 20},
    timed=("seconds",),
)
