"""Claims C13 and C33: one LSTM unit whose weights are set by hand, and which sees no data before it is judged."""

from __future__ import annotations

import torch

from course_utils.display.settings import Settings, untrained
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.long_memory.programmed_by_hand import adding_lstm
from course_utils.experiments.tasks.adding import Adding


@torch.no_grad()
def measure(seed: int, *, seq_lens: list[int], judged: int) -> list[Row]:
    """Judge the unit on the adding problem.

    Args:
        seed: of the sequences; the weights are the same for all.
        seq_lens: lengths of the sequences.
        judged: how many sequences of each.

    Returns:
        A row for each length: `seq_len`, and `error`, the mean squared one (always saying 1 has 1/6).
    """
    model, rows = adding_lstm(), []
    for seq_len in seq_lens:
        task = Adding(seq_len)
        held_out = task.held_out(judged, seed)
        rows.append({"seq_len": seq_len, "error": float(task.score(model(held_out.x), held_out))})
    return rows


def told(*, judged: int, **_: object) -> Settings:
    """What a reader must know of the unit."""
    return untrained(
        "nothing is trained: weights that are set by hand", size="1 unit", note=f"judged on {judged:,} sequences"
    )


EXPERIMENT = Experiment(
    name="set_by_hand",
    version=1,
    measure=measure,
    told=told,
    seeds=tuple(range(460, 470)),
    settings={"seq_lens": [50, 10_000], "judged": 100},
    quick={"seq_lens": [50, 10_000], "judged": 2},
)
