"""Weights, gradients and a loss of torch's layers, with their types.

mypy takes an attribute such as `layer.weight_hh_l0` for a tensor or a module; `layer.get_parameter("weight_hh_l0")` is
a tensor.
"""

from __future__ import annotations

from typing import TypeAlias

import torch
from torch import Tensor, nn

Weights: TypeAlias = tuple[Tensor, Tensor, Tensor, Tensor]


def weights_of(layer: nn.Module) -> Weights:
    """W_ih, W_hh, b_ih, b_hh of one recurrent layer of torch's."""
    W_ih, W_hh, b_ih, b_hh = layer.parameters()
    return W_ih, W_hh, b_ih, b_hh


def gradient(tensor: Tensor) -> Tensor:
    """The gradient, which must be there."""
    assert tensor.grad is not None
    return tensor.grad


def ctc_loss(log_probs: Tensor, targets: Tensor, blank: int = 0) -> Tensor:
    """torch's CTC loss of one clip: (T, C) log-probabilities, the classes to be read."""
    frames, length = torch.tensor([len(log_probs)]), torch.tensor([len(targets)])
    return nn.functional.ctc_loss(log_probs, targets, frames, length, blank, "sum")
