"""The classifier that a stack of restricted Boltzmann machines becomes: their weights, and a read-out on top."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from course_utils.nn.boltzmann import Boltzmann
from course_utils.training.told import mark_start


class Standardised(nn.Module):
    """Features with the mean 0, and all together with the standard deviation 1, as they were in some rows at first.

    Without it a read-out finds next to nothing where a machine's units hardly differ from row to row, and so do the
    gradients that go down through it. The spread is one number for all features: each divided by its own would make
    units that hardly ever change as loud as those that tell something.

    Attributes:
        mean: (H,).
        spread: one number, from 0.0001.

    Args:
        features: (N, H) of the rows.
    """

    mean: Tensor
    spread: Tensor

    def __init__(self, features: Tensor) -> None:
        super().__init__()
        self.register_buffer("mean", features.mean(0))
        self.register_buffer("spread", features.var(0, correction=0).mean().sqrt().clamp(min=1e-4))

    def forward(self, features: Tensor) -> Tensor:
        """(…, H) → (…, H)."""
        return (features - self.mean) / self.spread


def classifier(machines: Sequence[Boltzmann], x: Tensor, classes: int) -> nn.Sequential:
    """A network that begins with the machines' weights and hidden biases, and a read-out of zeros.

    Args:
        machines: from the rows upwards.
        x: (N, V) rows in 0 … 1; the read-out sees features standardised as they are of these rows at first.
        classes: C.

    Returns:
        (N, V) → logits (N, C), in 64 bits: the sigmoid layers, `Standardised`, the read-out.
    """
    layers: list[nn.Module] = []
    for machine in machines:
        hidden, visible = machine.weight.shape
        linear = nn.Linear(visible, hidden, dtype=torch.float64)
        with torch.no_grad():
            linear.weight.copy_(machine.weight)
            linear.bias.copy_(machine.hidden_bias)
        layers += [linear, nn.Sigmoid()]
    with torch.no_grad():
        features = nn.Sequential(*layers)(x)
    readout = nn.Linear(features.shape[1], classes, dtype=torch.float64)
    nn.init.zeros_(readout.weight)
    nn.init.zeros_(readout.bias)
    model = nn.Sequential(*layers, Standardised(features), readout)
    mark_start(model, "weights and hidden biases of the machines, a read-out of zeros")
    return model
