"""Stand-ins for networks: one that answers by a rule, one that diverges; and what tests of experiments count with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import torch
from torch import Tensor, nn

from course_utils.experiments.tasks.adding import Adding
from course_utils.experiments.tasks.digit_rows import digit_parts
from course_utils.experiments.tasks.flagged_latch import FlaggedLatch
from course_utils.experiments.tasks.task import Task
from course_utils.experiments.tasks.temporal_order import TemporalOrder
from course_utils.training import DivergedError, History

SHORT = {"adding": 20, "flagged latch": 20, "temporal order": 20, "digits": 8}  # one short lag a task
TASKS: dict[str, Callable[[int], Task]] = {
    "adding": Adding,
    "flagged latch": lambda lag: FlaggedLatch(lag, lag + 9),
    "temporal order": TemporalOrder,
}


class Knows(nn.Module):
    """It says what a rule says, the same at every step: (B, T, I) → (B, T, O)."""

    def __init__(self, rule: Callable[[Tensor], Tensor], output_size: int) -> None:
        super().__init__()
        self.rule, self.output_size = rule, output_size
        self.seen: list[Tensor] = []

    def forward(self, x: Tensor) -> Tensor:
        self.seen.append(x)
        said = self.rule(x)
        outputs = said[:, None] if self.output_size == 1 else nn.functional.one_hot(said, self.output_size).float()
        return outputs[:, None].expand(len(x), x.shape[1], self.output_size)


def label_of(x: Tensor) -> Tensor:
    """(B, T, I) digits in any number of steps → (B,): looked up by their pixels."""
    parts = digit_parts().values()
    pixels = [tuple(picture) for part in parts for picture in part.x.flatten(1).tolist()]
    labels = dict(zip(pixels, (int(y) for part in parts for y in part.y), strict=True))
    return torch.tensor([labels[tuple(pixels)] for pixels in x.flatten(1).tolist()])


def knows(task: str, lag: int) -> Knows:
    """Who answers every sequence of a task rightly."""
    return Knows(label_of, 10) if task == "digits" else Knows(TASKS[task](lag).answer, TASKS[task](lag).output_size)


def says(value: float, output_size: int) -> Knows:
    """Who says the same to every sequence."""
    kind = torch.float32 if output_size == 1 else torch.int64
    return Knows(lambda x: torch.full((len(x),), value, dtype=kind), output_size)


def diverges(*_: Any, **__: Any) -> None:
    raise DivergedError("The loss is nan.", History())


def gate_bias(core: Any, gate: int) -> Tensor:
    """The whole bias of one gate, of torch's two: (H,)."""
    rows = slice(gate * core.hidden_size, (gate + 1) * core.hidden_size)
    bias: Tensor = core.bias_ih_l0 + core.bias_hh_l0
    return bias[rows].detach()


def pictures(x: Tensor) -> set[tuple[float, ...]]:
    return {tuple(one) for one in x.flatten(1).tolist()}


def first_of(means: pd.DataFrame) -> list[Any]:
    """The keys of the best rows: usually one."""
    order = list(means.itertuples(index=False, name=None))
    return [key for key, values in zip(means.index, order, strict=True) if values == min(order)]
