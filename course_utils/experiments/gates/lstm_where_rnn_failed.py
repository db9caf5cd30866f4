"""The task on which the RNN of lesson 06 failed, with its recipe: from which first weights does an LSTM learn it?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from course_utils.display import settings as line
from course_utils.display.settings import Settings
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.starts import CHRONO, OWN, Start
from course_utils.experiments.framework.told import CLIPPED, size_text
from course_utils.experiments.tasks.adding import Adding
from course_utils.nn.sequence_model import SequenceModel
from course_utils.training import fit

COMPARED = ("LSTM", "LSTM, chrono")
NETWORKS: dict[str, Start] = {  # how each LSTM begins; the last is not told the gap of the task
    "LSTM": OWN,
    "LSTM, chrono": CHRONO,
    "LSTM, chrono 500": Start("chrono 500", chrono=500),
}


def measure(
    seed: int,
    *,
    seq_len: int,
    hidden_size: int,
    steps: int,
    every: int,
    lr: float,
    networks: Sequence[str] = COMPARED,
) -> list[Row]:
    """Train each network on the adding problem as lesson 06 trains its RNN: Adam, 32 rows a step, clipping at 1.

    Args:
        seed: of weights and data.
        seq_len: T.
        hidden_size: H, the same for all.
        steps: of the optimiser.
        every: steps between two looks at the error.
        lr: learning rate, constant.
        networks: names in `NETWORKS`.

    Returns:
        A row for each network and look: `network`, `step` and `error`, the mean squared error on 1,000 sequences that
        were not trained on; always saying 1 has 1/6.
    """
    task, rows = Adding(seq_len), []
    held_out = task.held_out(1000, seed)
    for name in networks:
        model = NETWORKS[name].network("lstm", 2, hidden_size, 1, seed=seed, lag=seq_len, kind=SequenceModel)
        optimizer = torch.optim.Adam(model.parameters(), lr=lr)
        batches = task.batches(32, seed)
        for step in range(every, steps + 1, every):
            fit(model, batches, task.objective, steps=every, optimizer=optimizer, clip_norm=1.0, progress=False)
            with torch.no_grad():
                error = task.score(model(held_out.x), held_out)
            rows.append({"network": name, "step": step, "error": error})
    return rows


def told(
    *, seq_len: int, hidden_size: int, steps: int, lr: float, networks: Sequence[str] = COMPARED, **_: Any
) -> Settings:
    """What a reader must know of the trainings."""
    begins = {
        "LSTM": "torch's own (LSTM)",
        "LSTM, chrono": f"torch's own, then chrono biases told {seq_len} steps (LSTM, chrono)",
    }
    others = [name.removeprefix("LSTM, ") for name in networks if name not in begins]
    untold = [f"torch's own, then {', '.join(others)} (the number is the bias, or the steps that are told)"]
    return line.trained(
        start="; ".join([begins[name] for name in networks if name in begins] + untold * bool(others)),
        learning_rate=f"Adam, {lr}, constant",
        clipping=CLIPPED,
        steps=f"{steps:,}",
        batch="32",
        size=size_text("lstm", 2, hidden_size, 1),
    )


_SETTINGS = {"seq_len": 50, "hidden_size": 32, "steps": 1500, "every": 150, "lr": 0.003}
_QUICK = {"seq_len": 6, "hidden_size": 8, "steps": 20, "every": 10}

EXPERIMENTS = (
    Experiment(
        name="lstm_where_rnn_failed",
        version=1,
        measure=measure,
        told=told,
        seeds=tuple(range(5)),
        settings=_SETTINGS,
        quick=_QUICK,
    ),
    Experiment(
        name="adding_gap_not_told",
        version=1,
        measure=measure,
        told=told,
        seeds=tuple(range(5)),
        settings={**_SETTINGS, "networks": [name for name in NETWORKS if name not in COMPARED]},
        quick=_QUICK,
    ),
)
