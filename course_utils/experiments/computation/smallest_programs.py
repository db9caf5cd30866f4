"""Every network of one unit with weights of −8, 0 and 8: which hold a sign, which flip it, which count."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from course_utils.display.settings import Settings, untrained
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.nn.one_unit import GATES, all_programs, count_task, flip_task, hold_task, told_apart

AT_ONCE = 20_000  # programs, so that what is computed for them stays small
HOLD, HOLD_EVEN, FLIP = "hold a sign", "hold a sign, asked after even steps only", "flip a sign"


def tasks(steps: int, counts: list[int], seed: int) -> dict[str, list[tuple[Tensor, Tensor]]]:
    """For each task the inputs and classes that a program must tell apart, in stages: the cheap ones first.

    Args:
        steps: of the longest strings.
        counts: how far is counted, each a task.
        seed: of random strings.
    """
    flips = [flip_task(3), flip_task(8), flip_task(steps, 20, seed)]
    found = {
        HOLD: [hold_task(4), hold_task(steps)],
        HOLD_EVEN: [hold_task(4, even_only=True), hold_task(steps, even_only=True)],
        FLIP: flips,
    }
    return found | {f"count to {most}": [count_task(min(2, most)), count_task(most)] for most in counts}


def solving(cell: str, programs: Tensor, stages: list[tuple[Tensor, Tensor]]) -> Tensor:
    """The programs that solve all stages of a task.

    Args:
        cell: one of `GATES`.
        programs: (P, G, 3).
        stages: of `tasks`.

    Returns:
        (Q, G, 3), the ones with the fewest weights that are not 0 first.
    """
    for inputs, classes in stages:
        if len(programs):
            solved = [told_apart(cell, part, inputs, classes) for part in programs.split(AT_ONCE)]
            programs = programs[torch.cat(solved)]
    return programs[(programs != 0).flatten(1).sum(1).argsort(stable=True)]


def measure(seed: int, *, values: dict[str, list[float]], steps: int, counts: list[int]) -> list[Row]:
    """Run every program of each cell on every task.

    Args:
        seed: of random strings of parity; all other strings are the same with every seed.
        values: cell → what each of its weights can be.
        steps: of the longest strings.
        counts: how far is counted.

    Returns:
        A row for each cell and task: `network`, `task`, `programs` in all, `solve` it, `share` that does, and
        `fewest_weights` that are not 0 of one that does; 0 where none does.
    """
    rows: list[Row] = []
    for cell, of_weights in values.items():
        programs = all_programs(cell, tuple(of_weights))
        for task, stages in tasks(steps, counts, seed).items():
            found = solving(cell, programs, stages)
            fewest = int((found[0] != 0).sum()) if len(found) else 0
            about: dict[str, Any] = {"network": cell, "task": task, "programs": len(programs), "solve": len(found)}
            rows.append({**about, "share": len(found) / len(programs), "fewest_weights": fewest})
    return rows


def told(*, values: dict[str, list[float]], steps: int, counts: list[int]) -> Settings:
    """What a reader must know of the runs."""
    sizes = ", ".join(f"{3 * GATES[cell]} weights of {cell}" for cell in values)
    return untrained(
        "nothing is trained: every choice of weights is run",
        size=f"one unit: {sizes}",
        note=f"each weight is one of {', '.join(f'{value:g}' for value in next(iter(values.values())))}; strings of up "
        f"to {steps:,} symbols; answers are read by thresholds that are the same after every step",
    )


EXPERIMENTS = (
    Experiment(
        name="smallest_programs",
        version=1,
        measure=measure,
        told=told,
        seeds=(650, 651),  # that no other experiment has used
        settings={"values": {cell: [-8.0, 0.0, 8.0] for cell in GATES}, "steps": 1_000, "counts": [2, 5, 10, 20, 40]},
        quick={"values": {cell: [-8.0, 8.0] for cell in GATES}, "steps": 20, "counts": [2, 5]},
    ),
)
