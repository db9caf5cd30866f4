"""Claim C02: can a network name the symbol that came k steps ago? Feedforward and recurrent, at equal parameters."""

from __future__ import annotations

from typing import Any

import torch

from course_utils.display.numbers import short
from course_utils.display.settings import Settings, each, trained
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.told import CLIP_NORM, CLIPPED, size_text
from course_utils.experiments.tasks.recall import Recall
from course_utils.nn.parameters import parameters_count
from course_utils.nn.sequence_model import SequenceModel, hidden_for_parameters
from course_utils.training import fit

BATCH = 32
NETWORKS: dict[str, dict[str, Any]] = {
    "feedforward": {"cell": "feedforward"},
    "feedforward, last 3 inputs": {"cell": "feedforward", "window": 3},
    "RNN": {"cell": "rnn"},
}


def measure(seed: int, *, lags: list[int], seq_len: int, parameters: int, steps: int, lr: float) -> list[Row]:
    """Train each network on each lag, and let it name the symbols of sequences it has not seen.

    Args:
        seed: of weights and data.
        lags: k, how many steps back the answer lies.
        seq_len: T.
        parameters: that each network has, as nearly as whole units allow.
        steps: of the optimiser (Adam), with 32 sequences each.
        lr: the learning rate.

    Returns:
        A row for each network and lag: `network`, `lag`, `parameters`, `accuracy` on held-out sequences.
    """
    return [
        {"network": name, "lag": lag, **recall_accuracy(Recall(seq_len, lag), kind, parameters, steps, lr, seed)}
        for name, kind in NETWORKS.items()
        for lag in lags
    ]


def recall_accuracy(
    task: Recall, kind: dict[str, Any], parameters: int, steps: int, lr: float, seed: int
) -> dict[str, Any]:
    """One network on one lag: its `parameters` and its held-out `accuracy`."""
    window = kind.get("window", 1)
    size = hidden_for_parameters(kind["cell"], task.input_size, task.output_size, parameters, window=window)
    torch.manual_seed(seed)
    model = SequenceModel(kind["cell"], task.input_size, size, task.output_size, window=window)
    fit(model, task.batches(BATCH, seed), task.objective, steps=steps, lr=lr, clip_norm=CLIP_NORM, progress=False)
    held_out = task.held_out(500, seed)
    with torch.no_grad():
        accuracy = task.score(model(held_out.x), held_out)
    return {"parameters": parameters_count(model), "accuracy": accuracy}


def told(*, lags: list[int], seq_len: int, parameters: int, steps: int, lr: float) -> Settings:
    """What a reader must know of the trainings."""
    task, sizes = Recall(seq_len, max(lags)), {}
    for name, kind in NETWORKS.items():
        window, inputs, outputs = kind.get("window", 1), task.input_size, task.output_size
        width = hidden_for_parameters(kind["cell"], inputs, outputs, parameters, window=window)
        sizes[name] = size_text(kind["cell"], inputs, width, outputs, window)
    return trained(
        start="torch's own",
        learning_rate=f"Adam, {short(lr)}",
        clipping=CLIPPED,
        steps=f"{steps:,}",
        batch=f"{BATCH}",
        size=each(sizes),
    )


EXPERIMENT = Experiment(
    name="recall",
    version=1,
    measure=measure,
    told=told,
    seeds=tuple(range(10)),
    settings={"lags": [0, 1, 2, 3, 4], "seq_len": 20, "parameters": 1000, "steps": 500, "lr": 0.01},
    quick={"parameters": 300, "steps": 100},
)
