"""The control beside `lstm_where_rnn_failed`: is it the cell that learns, or its four times as many parameters?"""

from __future__ import annotations

import torch

from course_utils.display import settings as line
from course_utils.display.settings import Settings
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.starts import OWN
from course_utils.experiments.framework.told import CLIPPED, size_text
from course_utils.experiments.tasks.adding import Adding
from course_utils.nn.sequence_model import SequenceModel
from course_utils.training import fit

CELLS = {"LSTM": "lstm", "RNN": "rnn"}  # each in the size that the other one has in the lessons


def measure(seed: int, *, units: dict[str, int], seq_len: int, steps: int, lr: float) -> list[Row]:
    """Train a small LSTM and a large RNN on the adding problem, from torch's own start, with the recipe of lesson 06.

    Args:
        seed: of weights and data.
        units: how many each network of CELLS has.
        seq_len: T.
        steps: of Adam, with 32 sequences each.
        lr: learning rate, constant.

    Returns:
        A row for each network: `network`, `parameters`, and `error`, the mean squared error on 1,000 sequences that
        were not trained on; always saying 1 has 1/6.
    """
    task, rows = Adding(seq_len), []
    unseen = task.held_out(1000, seed)
    for name, hidden_size in units.items():
        model = OWN.network(CELLS[name], 2, hidden_size, 1, seed=seed, kind=SequenceModel)
        optimizer = torch.optim.Adam(model.parameters(), lr=lr)
        batches = task.batches(32, seed)
        fit(model, batches, task.objective, steps=steps, optimizer=optimizer, clip_norm=1.0, progress=False)
        with torch.no_grad():
            error = task.score(model(unseen.x), unseen)
        count = sum(weight.numel() for weight in model.parameters())
        rows.append({"network": name, "parameters": count, "error": error})
    return rows


def told(*, units: dict[str, int], seq_len: int, steps: int, lr: float) -> Settings:
    """What a reader must know of the trainings."""
    return line.trained(
        start="torch's own",
        learning_rate=f"Adam, {lr}, constant",
        clipping=CLIPPED,
        steps=f"{steps:,}",
        batch="32",
        size="; ".join(f"{name} of {size_text(CELLS[name], 2, count, 1)}" for name, count in units.items()),
        note=f"adding problem of {seq_len} steps",
    )


EXPERIMENT = Experiment(
    name="adding_equal_parameters",
    version=1,
    measure=measure,
    told=told,
    seeds=tuple(range(5)),
    settings={"units": {"LSTM": 15, "RNN": 66}, "seq_len": 50, "steps": 1500, "lr": 0.003},
    quick={"units": {"LSTM": 3, "RNN": 8}, "seq_len": 6, "steps": 20},
)
