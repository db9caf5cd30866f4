"""The control beside "gates_removed": the same networks and tasks, from torch's own first weights."""

from __future__ import annotations

from typing import Any

from course_utils.display import settings as line
from course_utils.display.settings import Settings
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.starts import OWN
from course_utils.experiments.gates import gates_removed

LSTMS = [network for network in gates_removed.NETWORKS if network.startswith("LSTM")]


def measure(
    seed: int,
    *,
    rates: dict[str, dict[str, list[float]]],
    hidden_size: int,
    steps: dict[str, int],
    judged_len: int,
) -> list[Row]:
    """As `gates_removed.measure`, but no bias is told how long the lags are.

    Args:
        seed: of weights and data.
        rates: task → network → learning rates to try.
        hidden_size: H, the same for all.
        steps: task → steps of the optimiser.
        judged_len: T of the Reber streams that are judged.

    Returns:
        Rows as those of `gates_removed.measure`.
    """
    return gates_removed.measure(
        seed,
        rates=rates,
        hidden_size=hidden_size,
        steps=steps,
        judged_len=judged_len,
        digits_part="test",
        start=OWN,
    )


def told(*, rates: dict[str, dict[str, list[float]]], hidden_size: int, steps: dict[str, int], **_: Any) -> Settings:
    """What a reader must know of the trainings."""
    return line.trained(
        start="torch's own; what is held at a constant stays so",
        learning_rate=f"Adam, {line.each(rates)}, falling to 0 as a cosine",
        clipping="norm at most 1",
        steps=line.each(steps),
        batch="32",
        size=f"{hidden_size} units",
    )


EXPERIMENT = Experiment(
    name="gates_removed_own_start",
    version=1,
    measure=measure,
    told=told,
    seeds=tuple(range(5)),
    settings={
        "rates": {"adding": {network: [gates_removed.CHOSEN["adding"][network]] for network in LSTMS}},
        "hidden_size": 16,
        "steps": {"adding": 1500},  # twice as many as from chrono starts: within 700 not even the whole LSTM learns
        "judged_len": 10_000,
    },
    quick={"hidden_size": 4, "steps": {"adding": 3}, "judged_len": 300},
)
