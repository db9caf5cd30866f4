"""What an untrained state still holds, and what training in windows too short for the task makes of it."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from course_utils.display.settings import Settings, trained
from course_utils.experiments.foundations.unrolled_training import BATCH, SEQUENCES, train_in_windows
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.tasks.recall import Recall
from course_utils.nn.sequence_model import SequenceModel

FITTED_ON = 3000  # sequences for least squares


@torch.no_grad()
def readable(model: SequenceModel, task: Recall, x: Tensor) -> Tensor:
    """The states of the steps that have an answer, one a row, with a 1 for the constant. Returns (N, H + 1)."""
    states = model.states(x)[:, task.lag :].flatten(0, 1)
    return torch.cat([states, torch.ones(len(states), 1)], dim=1).double()


def by_least_squares(model: SequenceModel, task: Recall, seed: int) -> float:
    """The accuracy of the best linear read-out in the sense of least squares; the model stays as it is."""
    train = task.sample(FITTED_ON, torch.Generator().manual_seed(seed + 1))
    test = task.held_out(SEQUENCES, seed)
    targets = one_hot(train.y[:, task.lag :].flatten(), task.symbols).double()
    weights = torch.linalg.lstsq(readable(model, task, train.x), targets).solution
    right = (readable(model, task, test.x) @ weights).argmax(-1) == test.y[:, task.lag :].flatten()
    return float(right.double().mean())


def measure(
    seed: int, *, windows: list[int], steps: list[int], lag: int, seq_len: int, hidden_size: int, lr: float
) -> list[Row]:
    """Train all weights in short windows, or the read-out alone, and ask after each what the state still holds.

    Returns:
        A row for each window and number of steps, with all weights trained and with those of the `read-out` alone:
        `trained`, `window`, `steps`, `accuracy`, and `held`, the accuracy of a read-out fitted by least squares.
    """
    task, rows = Recall(seq_len, lag), []
    test = task.held_out(SEQUENCES, seed)
    for trained_part in ("all weights", "read-out"):
        for window in windows:
            for number in steps:
                model = SequenceModel("rnn", 4, hidden_size, 4, generator=torch.Generator().manual_seed(seed))
                model.core.requires_grad_(trained_part == "all weights")
                train_in_windows(model, task, window=window, steps=number, lr=lr, seed=seed)
                with torch.no_grad():
                    accuracy = task.score(model(test.x), test)
                held = by_least_squares(model, task, seed)
                rows.append(
                    {"trained": trained_part, "window": window, "steps": number, "accuracy": accuracy, "held": held}
                )
    return rows


def told(*, windows: list[int], steps: list[int], lr: float, hidden_size: int, **_: object) -> Settings:
    """What a reader must know of the trainings."""
    counts, lengths = " or ".join(f"{number:,}" for number in steps), " or ".join(map(str, windows))
    return trained(
        start="torch's own",
        learning_rate=f"Adam {lr:g}",
        clipping="none",
        steps=f"{counts}, one a window of {lengths} steps",
        batch=f"{BATCH} sequences",
        size=f"{hidden_size} units",
    )


EXPERIMENT = Experiment(
    name="frozen_state",
    version=1,
    measure=measure,
    seeds=tuple(range(5)),
    settings={"windows": [1, 4], "steps": [500, 2000], "lag": 4, "seq_len": 20, "hidden_size": 28, "lr": 0.01},
    quick={"windows": [4], "steps": [20], "hidden_size": 6},
    told=told,
)
