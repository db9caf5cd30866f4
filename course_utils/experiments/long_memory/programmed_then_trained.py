"""A unit programmed by hand, shaken and trained: does training come back to the solution, or stay there?"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import torch

from course_utils.display import settings as line
from course_utils.display.settings import Settings
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.long_memory.programmed_by_hand import adding_lstm, perturbed
from course_utils.experiments.tasks.adding import Adding
from course_utils.nn.sequence_model import SequenceModel
from course_utils.training import fit

GATE_ROWS = (0, 1, 3)  # of a one-unit LSTM: input, forget, output; row 2 is the candidate


def measure(
    seed: int, *, sizes: list[float], rates: list[float], train_len: int, judged_len: int, steps: int
) -> list[Row]:
    """Shake the programmed unit, train it on shorter sequences, and judge it on long ones.

    Args:
        seed: of the shaking, the training data and the sequences that are judged.
        sizes: how much each weight is shaken, as a share of itself (a standard deviation).
        rates: learning rates of Adam, constant, gradients clipped to a norm of 1.
        train_len: T of the sequences that are trained on, 32 a step.
        judged_len: T of the 64 sequences that are judged.
        steps: of the optimiser.

    Returns:
        A row for each size and rate: `size`, `lr`, `before` and `after` (mean squared errors at the judged length;
        always saying 1 has 1/6) and `gates_moved`, the largest change of a weight or bias of a gate.
    """
    short, rows = Adding(train_len), []
    far = Adding(judged_len).held_out(64, seed)

    def error(model: SequenceModel) -> float:
        with torch.no_grad():
            return short.score(model(far.x), far)

    for size in sizes:
        shaken = perturbed(adding_lstm(), size, torch.Generator().manual_seed(seed))
        before = error(shaken)
        for lr in rates:
            model = deepcopy(shaken)
            fit(model, short.batches(32, seed), short.objective, steps=steps, lr=lr, clip_norm=1.0, progress=False)
            pairs = zip(model.core.parameters(), shaken.core.parameters(), strict=True)
            moved = max(float((p - q).detach()[list(GATE_ROWS)].abs().max()) for p, q in pairs)
            rows.append({"size": size, "lr": lr, "before": before, "after": error(model), "gates_moved": moved})
    return rows


def told(*, sizes: list[float], rates: list[float], train_len: int, steps: int, **_: Any) -> Settings:
    """What a reader must know of the trainings."""
    return line.trained(
        start=f"programmed by hand, each weight shaken by {', '.join(f'{size:.0%}' for size in sizes)} of itself",
        learning_rate=f"Adam, {' and '.join(map(str, rates))}, constant",
        clipping="norm at most 1",
        steps=f"{steps:,}",
        batch="32",
        size=f"1 unit, on sequences of {train_len} steps",
    )


EXPERIMENT = Experiment(
    name="programmed_then_trained",
    version=1,
    measure=measure,
    told=told,
    seeds=tuple(range(5)),
    settings={
        "sizes": [0.0, 0.1, 0.3],
        "rates": [0.001, 0.01],
        "train_len": 100,
        "judged_len": 10_000,
        "steps": 300,
    },
    quick={"sizes": [0.1], "train_len": 10, "judged_len": 100, "steps": 5},
)
