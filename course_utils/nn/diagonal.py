"""A diagonal linear recurrence whose eigenvalues depend on the input: h_t = a(x_t) ⊙ h_{t−1} + b(x_t).

What is kept, a, and what is added, b, are functions of the input alone; nothing that squashes stands around the state.
So each number of the state has an eigenvalue of its own at each step. In selective state space models and minimal gated
networks it lies in (0, 1) (Gu & Dao 2023, arXiv 2312.00752; Feng and others 2024, arXiv 2410.01201): then a number of
the state is never turned round. With eigenvalues in (−1, 1) it can be (Grazzi and others 2025, arXiv 2411.12537).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from course_utils.nn.scan import scan

KEEPS = 2.0  # the bias that a gate begins with: σ(2) = 0.88


class DiagonalRecurrence(nn.Module):
    """The layer: (B, T, I) → the states (B, T, N).

    a = σ(W x + c), in (0, 1), or 2σ(W x + c) − 1, in (−1, 1), with c = 2 at first; b = V x + d.

    Attributes:
        keep: the linear layer before the squashing, I → N.
        write: the linear layer of b, I → N.
        signed: eigenvalues in (−1, 1)?

    Args:
        input_size: I.
        states: N.
        signed: as above.
    """

    def __init__(self, input_size: int, states: int, *, signed: bool) -> None:
        super().__init__()
        self.signed = signed
        self.keep = nn.Linear(input_size, states)
        self.write = nn.Linear(input_size, states)
        nn.init.constant_(self.keep.bias, KEEPS)

    def eigenvalues(self, x: Tensor) -> Tensor:
        """(…, I) → (…, N) what is kept of each number of the state at a step, a."""
        kept = torch.sigmoid(self.keep(x))
        return 2 * kept - 1 if self.signed else kept

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, I) → (B, T, N), from a state of zeros."""
        return scan(self.eigenvalues(x), self.write(x))


class DiagonalBlocks(nn.Module):
    """Two diagonal recurrences one above the other; the second sees the inputs of the first, and its states.

    Attributes:
        layers: the recurrences.

    Args:
        input_size: I.
        states: N of each.
        signed: eigenvalues in (−1, 1)?
        layers: how many.
    """

    def __init__(self, input_size: int, states: int, *, signed: bool, layers: int = 2) -> None:
        super().__init__()
        sizes = [input_size, *[input_size + states] * (layers - 1)]
        self.layers = nn.ModuleList(DiagonalRecurrence(size, states, signed=signed) for size in sizes)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, I) → (B, T, N), the states of the last."""
        states: Tensor = self.layers[0](x)
        for layer in self.layers[1:]:
            states = layer(torch.cat([x, states], dim=-1))
        return states


def difference_left(eigenvalues: Tensor) -> Tensor:
    """By what the difference of two states is multiplied over a string, whatever is added at each step.

    h_t = a_t ⊙ h_{t−1} + b_t and h'_t = a_t ⊙ h'_{t−1} + b_t give h_t − h'_t = a_t ⊙ (h_{t−1} − h'_{t−1}): what is
    added is the same for both, and cancels. So where all eigenvalues are positive, the larger of two states stays the
    larger one after every string.

    Args:
        eigenvalues: (B, T, N), a of each step.

    Returns:
        (B, N)
    """
    return eigenvalues.prod(dim=1)
