"""Where the gradient of W_hh comes from while a network trains: one frame every few steps of the optimiser."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from course_utils.display.settings import Settings
from course_utils.experiments.gradients.gradient_flow import norms, weight_gradients_by_lag
from course_utils.experiments.tasks.adding import Adding
from course_utils.nn.sequence_model import SequenceModel
from course_utils.training import History, fit

if TYPE_CHECKING:
    import pandas as pd

FEW = 64  # sequences on which a gradient is split


@dataclass(frozen=True)
class Film:
    """F moments of a training.

    Attributes:
        steps: (F,) steps of the optimiser so far.
        losses: (F,) mean squared error on 4,000 held-out sequences.
        totals: (F,) norm of the whole gradient of W_hh, on 64 of them.
        norms: (F, T) norm of its part from k = 0 … T − 1 steps back.
        history: what `fit` saw, step by step; `gradient_norm` is that of all parameters together, before clipping.
    """

    steps: list[int]
    losses: list[float]
    totals: list[float]
    norms: Tensor
    history: History

    def described(self, **parts: str) -> Settings:
        """How the network of the film was trained, in one line; texts of your own as for `History.described`."""
        steps = f"{self.history.steps:,}, looked at {len(self.steps)} times"
        return self.history.described(**{"steps": steps, **parts})

    @property
    def table(self) -> pd.DataFrame:
        """One row a frame: `step` and `loss`."""
        import pandas as pd

        return pd.DataFrame({"step": self.steps, "loss": self.losses})

    def share_from(self, lag: int) -> Tensor:
        """(F,) The share of the parts that comes from this many steps back or more, 0 to 1."""
        return self.norms[:, lag:].sum(dim=1) / self.norms.sum(dim=1)


def record(
    model: SequenceModel,
    task: Adding,
    *,
    steps: int,
    every: int,
    lr: float = 3e-3,
    clip_norm: float | None = 1.0,
    seed: int = 0,
    progress: bool = True,
) -> Film:
    """Train a network on the adding problem with Adam, and split its gradient by lag every few steps.

    Args:
        model: the network; it is trained in place.
        task: the adding problem.
        steps: of the optimiser, with 32 sequences each.
        every: steps from frame to frame.
        lr: learning rate.
        clip_norm: the limit of the gradient's norm; None: no clipping.
        seed: of the data.
        progress: show a progress bar.

    Returns:
        The film; its first frame is taken before the first step.
    """
    draws, probe = task.batches(32, seed), task.held_out(4000, seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    at = [0]
    losses: list[float] = []
    totals: list[float] = []
    parts: list[Tensor] = []
    _look(model, probe.x, probe.y, losses, totals, parts)

    def score(trained: SequenceModel) -> float:
        at.append(at[-1] + every)
        _look(trained, probe.x, probe.y, losses, totals, parts)
        return -float(at[-1])  # the latest weights are kept

    history = fit(
        model,
        draws,
        task.objective,
        steps=steps,
        optimizer=optimizer,
        clip_norm=clip_norm,
        record_gradients=True,
        valid=score,
        eval_every=every,
        progress=progress,
    )
    return Film(at, losses, totals, torch.stack(parts), history)


def _look(
    model: SequenceModel, x: Tensor, y: Tensor, losses: list[float], totals: list[float], parts: list[Tensor]
) -> None:
    """One frame."""

    def loss(h: Tensor, y: Tensor) -> Tensor:
        predictions: Tensor = model.readout(h)[:, 0]
        return (predictions - y).square().mean()

    with torch.enable_grad():
        by_lag = weight_gradients_by_lag(model.core, x[:FEW], lambda h: loss(h, y[:FEW]))
    parts.append(norms(by_lag))
    totals.append(float(by_lag.sum(dim=0).norm()))
    with torch.no_grad():
        losses.append(float(loss(model.states(x)[:, -1], y)))
