"""The control beside "gates_removed": is a gate missed, or is 1 a bad constant? Gates held at several constants."""

from __future__ import annotations

from typing import Any

from course_utils.display.settings import Settings, trained
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.told import CLIPPED
from course_utils.experiments.gates import gates_removed

NETWORKS = {"input": "lstm", "update": "gru", "": "lstm"}  # gate that is held → cell; "": none, the whole LSTM


def measure(
    seed: int, *, tries: list[tuple[str, float, float]], seq_len: int, hidden_size: int, steps: int
) -> list[Row]:
    """Train a network for each constant on the adding problem, from chrono biases told the length.

    Args:
        seed: of weights and data.
        tries: the gate that is held (of an LSTM "input", of a GRU "update", "" for none of an LSTM), its constant, and
            the learning rate at the start.
        seq_len: T.
        hidden_size: H.
        steps: of the optimizer, as in "gates_removed".

    Returns:
        A row for each try: `held` (the gate, or ""), `constant`, `lr`, `score` (mean squared error on sequences that
        were not trained on; chance 1/6) and `solved` (1 where it is below 0.01).
    """
    problem = gates_removed.adding(seq_len)
    rows: list[Row] = []
    for gate, constant, lr in tries:
        pinned = {gate: constant} if gate else {}
        model = gates_removed.trained_with(
            problem, NETWORKS[gate], pinned, hidden_size=hidden_size, steps=steps, lr=lr, seed=seed
        )
        found = problem.judge(model, seed)
        about = {"held": gate, "constant": constant, "lr": lr}
        rows.append({**about, "score": found["score"], "solved": found["solved"]})
    return rows


def told(*, tries: list[tuple[str, float, float]], seq_len: int, hidden_size: int, steps: int, **_: Any) -> Settings:
    """What a reader must know of the trainings."""
    rates = sorted({lr for *_, lr in tries})
    return trained(
        start=f"torch's own, then chrono biases told {seq_len} steps; the gate that is held keeps its constant",
        learning_rate=f"Adam, {' and '.join(f'{lr:g}' for lr in rates)}, falling to 0 as a cosine",
        clipping=CLIPPED,
        steps=f"{steps:,}",
        batch=f"{gates_removed.BATCH}",
        size=f"{hidden_size} units",
    )


EXPERIMENT = Experiment(
    name="gates_at_constants",
    version=1,
    measure=measure,
    told=told,
    seeds=tuple(range(5)),
    settings={
        "tries": [
            *(["input", constant, lr] for lr in (0.03, 0.1) for constant in (1.0, 0.3, 0.1, 0.02)),
            ["", 1.0, 0.03],
            ["", 1.0, 0.1],
            ["update", 0.98, 0.03],
        ],
        "seq_len": 50,
        "hidden_size": 16,
        "steps": 700,
    },
    quick={
        "tries": [["input", 0.5, 0.03], ["update", 0.5, 0.03], ["", 1.0, 0.03]],
        "seq_len": 6,
        "hidden_size": 3,
        "steps": 2,
    },
)
