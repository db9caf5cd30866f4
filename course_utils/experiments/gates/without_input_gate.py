"""The control beside "gates_removed": is it the unmarked numbers that an LSTM without input gate cannot shut out?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import torch
from torch import nn

from course_utils.display.settings import Settings, trained
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.told import CLIPPED
from course_utils.experiments.gates import gates_removed
from course_utils.experiments.tasks.adding import Adding
from course_utils.experiments.tasks.task import Batch

NETWORK = "LSTM, no input gate"


def blanked(batch: Batch) -> Batch:
    """The same sequences of the adding problem with 0 for every unmarked number; the answers do not change."""
    x = batch.x.clone()
    x[..., 0] *= x[..., 1]
    return batch._replace(x=x)


def blank_adding(seq_len: int) -> gates_removed.Problem:
    """The adding problem with nothing to shut out: every unmarked number is 0, in training and in the test."""
    task, problem = Adding(seq_len), gates_removed.adding(seq_len)

    def batches(seed: int) -> Iterator[Batch]:
        return map(blanked, problem.batches(seed))

    def judge(model: nn.Module, seed: int) -> Row:
        batch = blanked(task.held_out(1000, seed))
        with torch.no_grad():
            error = task.score(model(batch.x), batch)
        return {"loss": error, "score": error, "solved": int(error < 0.01)}

    return replace(problem, batches=batches, judge=judge)


def measure(seed: int, *, seq_len: int, hidden_size: int, steps: int, more_steps: int, lr: float) -> list[Row]:
    """Train an LSTM without input gate on the adding problem, longer, and with 0 for the unmarked numbers.

    Args:
        seed: of weights and data.
        seq_len: T.
        hidden_size: H.
        steps: of the optimizer, as in "gates_removed".
        more_steps: of the optimizer, for the longer training.
        lr: learning rate at the start.

    Returns:
        A row for each of three trainings: `unmarked` ("random" or "0"), `steps`, `score` (mean squared error on
        sequences of the same kind that were not trained on) and `solved` (1 or 0).
    """
    adding, blank = gates_removed.adding(seq_len), blank_adding(seq_len)
    rows: list[Row] = []
    for unmarked, problem, count in (("random", adding, steps), ("random", adding, more_steps), ("0", blank, steps)):
        model = gates_removed.trained(problem, NETWORK, hidden_size=hidden_size, steps=count, lr=lr, seed=seed)
        found = problem.judge(model, seed)
        rows.append({"unmarked": unmarked, "steps": count, "score": found["score"], "solved": found["solved"]})
    return rows


def told(*, seq_len: int, hidden_size: int, steps: int, more_steps: int, lr: float) -> Settings:
    """What a reader must know of the trainings."""
    return trained(
        start=f"torch's own, then chrono biases told {seq_len} steps; the input gate stays 1",
        learning_rate=f"Adam {lr:g}, falling to 0 as a cosine",
        clipping=CLIPPED,
        steps=f"{steps:,} or {more_steps:,}",
        batch=f"{gates_removed.BATCH}",
        size=f"{hidden_size} units",
    )


EXPERIMENT = Experiment(
    name="without_input_gate",
    version=1,
    measure=measure,
    told=told,
    seeds=tuple(range(5)),
    settings={"seq_len": 50, "hidden_size": 16, "steps": 700, "more_steps": 2000, "lr": 0.03},
    quick={"seq_len": 6, "hidden_size": 3, "steps": 2, "more_steps": 3},
)
