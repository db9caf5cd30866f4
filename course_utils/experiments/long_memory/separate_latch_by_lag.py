"""How long does a tanh RNN hold a cue whose alphabet is its own? The easy test at the beginning of lesson 09.

Its controls: the same network and recipe where the lags are longer, where the cue has no alphabet of its own, and both;
and where the cue has none, but the lags are short.
"""

from __future__ import annotations

from typing import Any

import torch

from course_utils.checks import check_name
from course_utils.display.settings import Settings, each, trained
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.told import CLIP_NORM, CLIPPED, size_text
from course_utils.experiments.long_memory.long_lags import BATCH, SYMBOLS, share_right
from course_utils.experiments.tasks.flagged_latch import FlaggedLatch
from course_utils.experiments.tasks.separate_latch import SeparateLatch
from course_utils.nn.backward_by_hand import Recurrent
from course_utils.training import fit

HIDDEN_SIZE, LR = 32, 0.003
LATCHES: dict[str, type[SeparateLatch] | type[FlaggedLatch]] = {"easy": SeparateLatch, "flagged": FlaggedLatch}


def latch_rnn(latch: str, lags: tuple[int, int], seed: int, steps: int = 2500, progress: bool = False) -> Recurrent:
    """A tanh RNN of 32 units from torch's own weights, trained on one of the two latches.

    Args:
        latch: one of `LATCHES`.
        lags: the shortest and the longest of the training.
        seed: of weights and sequences.
        steps: of 32 sequences; the rate of 0.003 falls to 0 as a cosine.
        progress: show a bar.

    Raises:
        CourseError: another latch.
    """
    check_name("latch", latch, LATCHES)
    task = LATCHES[latch](*lags, SYMBOLS)
    generator = torch.Generator().manual_seed(seed)
    model = Recurrent("rnn", task.input_size, HIDDEN_SIZE, task.output_size, generator=generator)
    optimizer = torch.optim.Adam(model.parameters(), lr=LR)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    how: dict[str, Any] = {"optimizer": optimizer, "lr_schedule": schedule, "progress": progress}
    fit(model, task.batches(BATCH, seed), task.objective, steps=steps, clip_norm=CLIP_NORM, **how)
    return model


def counting_rnn(seed: int, steps: int = 2500, progress: bool = False) -> Recurrent:
    """The network of the easy test: lags of 1 to 50. Arguments as in `latch_rnn`."""
    return latch_rnn("easy", (1, 50), seed, steps, progress)


def told(*, steps: int, pairs: list[tuple[str, int, int]] | None = None, **_: Any) -> Settings:
    """What a reader must know of the trainings of these experiments."""
    inputs = {"easy": 2 * SYMBOLS, "flagged": SYMBOLS + 1}
    latches = dict.fromkeys(latch for latch, *_ in pairs or [("easy", 1, 50)])
    sizes = {latch: size_text("rnn", inputs[latch], HIDDEN_SIZE, SYMBOLS) for latch in latches}
    lags = dict.fromkeys(f"{shortest} to {longest}" for _, shortest, longest in pairs or [("easy", 1, 50)])
    return trained(
        start="torch's own",
        learning_rate=f"Adam, {LR:g}, falling to 0 as a cosine",
        clipping=CLIPPED,
        steps=f"{steps:,}",
        batch=f"{BATCH}",
        size=each(sizes),
        note=f"trained with lags of {', or of '.join(lags)}",
    )


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


def measure_pairs(
    seed: int, *, pairs: list[tuple[str, int, int]], steps: int, lags: list[int], judged: int
) -> list[Row]:
    """Train one RNN on each latch and range of lags, and judge it.

    Args:
        seed: of weights and sequences.
        pairs: latch, shortest and longest lag of the training.
        steps: of 32 sequences.
        lags: at which it is judged, besides those of its training.
        judged: on how many sequences each.

    Returns:
        A row for each pair and lag: `latch`, `trained_with` (such as "50 to 100"), `lag` (0: the lags of the training)
        and `accuracy` (chance 1/4).
    """
    rows: list[Row] = []
    for latch, shortest, longest in pairs:
        model = latch_rnn(latch, (shortest, longest), seed, steps)
        ranges = {0: (shortest, longest)} | {lag: (lag, lag + 49) for lag in lags}
        rows += [
            {
                "latch": latch,
                "trained_with": f"{shortest} to {longest}",
                "lag": lag,
                "accuracy": share_right(model, LATCHES[latch](*judged_at, SYMBOLS), judged, seed),
            }
            for lag, judged_at in ranges.items()
        ]
    return rows


EXPERIMENTS = (
    Experiment(
        name="counting",
        version=1,
        measure=measure,
        seeds=tuple(range(10)),
        settings={"steps": 2500, "lags": [100, 1000, 10_000], "judged": 200},
        quick={"steps": 5, "lags": [3, 5], "judged": 20},
        told=told,
    ),
    Experiment(
        name="two_latches",
        version=1,
        measure=measure_pairs,
        seeds=tuple(range(10)),
        settings={
            "pairs": [["easy", 1, 50], ["easy", 50, 100], ["flagged", 1, 50], ["flagged", 50, 100]],
            "steps": 2500,
            "lags": [1000],
            "judged": 200,
        },
        quick={"steps": 5, "lags": [5], "judged": 20},
        told=told,
    ),
    Experiment(
        name="flag_near",
        version=1,
        measure=measure_pairs,
        seeds=tuple(range(5)),
        settings={"pairs": [["flagged", 1, 5]], "steps": 2500, "lags": [50], "judged": 500},
        quick={"pairs": [["flagged", 1, 2]], "steps": 5, "lags": [5], "judged": 20},
        told=told,
    ),
)
