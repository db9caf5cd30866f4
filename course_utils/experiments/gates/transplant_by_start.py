"""The control beside the memory transplant: the same small LSTM from other first weights, and over shorter lags."""

from __future__ import annotations

from typing import Any

import torch

from course_utils.display import settings as line
from course_utils.display.settings import Settings
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.starts import CHRONO, OWN, Start
from course_utils.experiments.framework.told import CLIPPED, size_text
from course_utils.experiments.gates.memory_transplant import trained, transplant
from course_utils.experiments.tasks.flagged_latch import FlaggedLatch
from course_utils.experiments.tasks.task import Batch

COMPARED = (OWN, Start("forget bias 1", forget_bias=1.0), CHRONO)
UNTOLD = (  # long memories that do not depend on the gap of the task
    Start("forget bias 3", forget_bias=3.0),
    Start("chrono 310", chrono=310),
)
STARTS: dict[str, Start] = {start.label: start for start in (*COMPARED, *UNTOLD)}


def measure(
    seed: int, *, lags: list[list[int]], hidden_size: int, steps: int, lr: float, starts: list[str]
) -> list[Row]:
    """Train an LSTM from each start to hold a symbol, and swap its cells and states.

    Args:
        seed: of weights and data.
        lags: shortest and longest, for each task.
        hidden_size: H.
        steps: of Adam, with 64 sequences each.
        lr: its learning rate at the start.
        starts: names in `STARTS`.

    Returns:
        A row for each start and task: `start`, `shortest`, `longest`, `accuracy` (held out; guessing ¼), and the
        shares of answers that name the other sequence's symbol when cells or states are swapped halfway between the
        last possible cue and the answer: `donor_c`, `donor_h`.
    """
    rows = []
    for shortest, longest in lags:
        task = FlaggedLatch(shortest, longest)
        x, y, _ = task.held_out(2000, seed)
        a, b = Batch(x[:1000], y[:1000], None), Batch(x[1000:], y[1000:], None)
        for name in starts:
            model = trained(task, hidden_size=hidden_size, steps=steps, lr=lr, seed=seed, start=STARTS[name])
            with torch.no_grad():
                accuracy = task.score(model(a.x), a)
            at = task.seq_len - (shortest + 1) // 2
            donors = {f"donor_{what}": transplant(model, a, b, at, f"swap {what}")["donor"] for what in "ch"}
            rows.append({"start": name, "shortest": shortest, "longest": longest, "accuracy": accuracy, **donors})
    return rows


def told(*, hidden_size: int, steps: int, lr: float, starts: list[str], **_: Any) -> Settings:
    """What a reader must know of the trainings."""
    return line.trained(
        start="; ".join(starts) + " (chrono biases are told the length of the sequences)" * (CHRONO.label in starts),
        learning_rate=f"Adam, {lr}, falling to 0 as a cosine",
        clipping=CLIPPED,
        steps=f"{steps:,}",
        batch="64",
        size=size_text("lstm", 5, hidden_size, 4),
    )


_SETTINGS = {"lags": [[4, 6], [20, 30]], "hidden_size": 16, "steps": 600, "lr": 0.01}
_QUICK = {"lags": [[2, 3]], "hidden_size": 4, "steps": 10}

EXPERIMENTS = (
    Experiment(
        name="transplant_by_start",
        version=1,
        measure=measure,
        told=told,
        seeds=tuple(range(5)),
        settings={**_SETTINGS, "starts": [start.label for start in COMPARED]},
        quick=_QUICK,
    ),
    Experiment(
        name="transplant_gap_not_told",
        version=1,
        measure=measure,
        told=told,
        seeds=tuple(range(5)),
        settings={**_SETTINGS, "lags": [[20, 30]], "starts": [start.label for start in UNTOLD]},
        quick=_QUICK,
    ),
    Experiment(  # do the starts that stay at chance only need more steps?
        name="transplant_more_steps",
        version=1,
        measure=measure,
        told=told,
        seeds=tuple(range(5)),
        settings={**_SETTINGS, "lags": [[20, 30]], "steps": 2000, "starts": [start.label for start in COMPARED[:2]]},
        quick=_QUICK,
    ),
)
