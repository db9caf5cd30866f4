"""How long does a tanh RNN hold a cue whose alphabet is its own? The easy test at the beginning of lesson 09."""

from __future__ import annotations

from typing import Any

import torch

from course_utils.display.settings import Settings, trained
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.told import CLIP_NORM, CLIPPED, size_text
from course_utils.experiments.long_memory.long_lags import BATCH, SYMBOLS, share_right
from course_utils.experiments.tasks.separate_latch import SeparateLatch
from course_utils.nn.backward_by_hand import Recurrent
from course_utils.training import fit

LR = 0.003


def counting_rnn(seed: int, steps: int = 2500, progress: bool = False) -> Recurrent:
    """A tanh RNN of 32 units from torch's own weights, trained on the easy latch with lags of 1 to 50.

    Args:
        seed: of weights and sequences.
        steps: of 32 sequences; the rate of 0.003 falls to 0 as a cosine.
        progress: show a bar.
    """
    task = SeparateLatch(1, 50, SYMBOLS)
    model = Recurrent("rnn", task.input_size, 32, task.output_size, generator=torch.Generator().manual_seed(seed))
    optimizer = torch.optim.Adam(model.parameters(), lr=LR)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    how: dict[str, Any] = {"optimizer": optimizer, "lr_schedule": schedule, "progress": progress}
    fit(model, task.batches(BATCH, seed), task.objective, steps=steps, clip_norm=CLIP_NORM, **how)
    return model


def measure(seed: int, *, steps: int, lags: list[int], judged: int) -> list[Row]:
    """Train one RNN and judge it at each lag.

    Args:
        seed: of weights and sequences.
        steps: of 32 sequences.
        lags: at which it is judged; the cue stands lag to lag + 49 steps before the answer.
        judged: on how many sequences each.

    Returns:
        A row for each lag: `lag` and `accuracy` (chance 1/4).
    """
    model = counting_rnn(seed, steps)
    return [
        {"lag": lag, "accuracy": share_right(model, SeparateLatch(lag, lag + 49, SYMBOLS), judged, seed)}
        for lag in lags
    ]


def told(*, steps: int, **_: Any) -> Settings:
    """What a reader must know of the trainings."""
    return trained(
        start="torch's own",
        learning_rate=f"Adam, {LR:g}, falling to 0 as a cosine",
        clipping=CLIPPED,
        steps=f"{steps:,}",
        batch=f"{BATCH}",
        size=size_text("rnn", 2 * SYMBOLS, 32, SYMBOLS),
        note="trained with lags of 1 to 50",
    )


EXPERIMENT = Experiment(
    name="counting",
    version=1,
    measure=measure,
    told=told,
    seeds=tuple(range(10)),
    settings={"steps": 2500, "lags": [100, 1000, 10_000], "judged": 200},
    quick={"steps": 5, "lags": [3, 5], "judged": 20},
)
