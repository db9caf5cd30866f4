"""The loop of training in a few lines, as an exercise asks for it; `fit` does the same with checks around it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn


def training_loop(
    model: nn.Module,
    batches: Iterable[tuple[Tensor, Tensor]],
    loss: Callable[[Tensor, Tensor], Tensor],
    optimizer: torch.optim.Optimizer,
) -> list[float]:
    """One optimizer step for each batch; the model is changed in place.

    Args:
        model: it gives scores for x.
        batches: pairs (x, y) of inputs and targets.
        loss: loss(scores, y) → one number.
        optimizer: of the model's parameters.

    Returns:
        The loss of each batch, before its step.
    """
    losses = []
    for x, y in batches:
        value = loss(model(x), y)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        losses.append(value.item())
    return losses
