"""A linear state space network: a recurrence without a squashing function, computed for all steps at once.

x_t = λ ⊙ x_{t−1} + B u_t with complex λ, |λ| < 1, and y_t = Re(C x_t) + D u_t. What is not linear stands before and
after the recurrence, at each step alone. Because the recurrence is linear, all its states are a convolution of the
inputs with the powers of λ, which the fast Fourier transform computes in T log T.

Sources: Gu, Goel & Ré 2022 (arXiv 2111.00396); in this diagonal form Gu and others 2022 (arXiv 2206.11893) and Orvieto
and others 2023 (arXiv 2303.06349), whose first weights and scaling of the input are used.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


class LinearRecurrence(nn.Module):
    """The layer: x_t = λ ⊙ x_{t−1} + γ ⊙ B u_t and y_t = Re(C x_t) + D ⊙ u_t.

    λ = exp(−exp(ν) + iθ) is inside the unit circle whatever is learnt; γ = √(1 − |λ|²) keeps the size of the states
    about that of the inputs. It begins with |λ|² uniform between the squares of `ring`, and θ from 0 to `angle`.

    Args:
        width: D, inputs and outputs of every step.
        states: N, complex states.
        ring: smallest and largest |λ| at the start.
        angle: largest θ at the start, radians.
    """

    def __init__(
        self, width: int, states: int, ring: tuple[float, float] = (0.9, 0.9999), angle: float = math.pi / 10
    ) -> None:
        super().__init__()
        low, high = ring
        square = low**2 + torch.rand(states) * (high**2 - low**2)
        self.log_decay = nn.Parameter(torch.log(-0.5 * torch.log(square)))  # ν
        self.angles = nn.Parameter(angle * torch.rand(states))  # θ
        self.inward = nn.Parameter(torch.randn(states, width, 2) / math.sqrt(2 * width))
        self.outward = nn.Parameter(torch.randn(width, states, 2) / math.sqrt(states))
        self.skip = nn.Parameter(torch.randn(width))

    @property
    def log_eigenvalues(self) -> Tensor:
        """(N,) complex: ln λ."""
        return torch.complex(-self.log_decay.exp(), self.angles)

    def driven(self, u: Tensor) -> Tensor:
        """(B, T, D) → (B, T, N) complex: what is added to the states at each step, γ ⊙ B u_t."""
        size = torch.sqrt(-torch.expm1(-2 * self.log_decay.exp()))  # γ
        B = torch.view_as_complex(self.inward) * size[:, None]
        driven: Tensor = u.to(B.dtype) @ B.T
        return driven

    def forward(self, u: Tensor) -> Tensor:
        """(B, T, D) → (B, T, D)."""
        states = linear_states(self.log_eigenvalues, self.driven(u))
        y: Tensor = (states @ torch.view_as_complex(self.outward).T).real + self.skip * u
        return y


def linear_states(log_eigenvalues: Tensor, driven: Tensor) -> Tensor:
    """All states of x_t = λ ⊙ x_{t−1} + v_t from x = 0: a convolution of v with the powers of λ, by Fourier transform.

    Args:
        log_eigenvalues: (N,) complex, ln λ.
        driven: (B, T, N) complex, v.

    Returns:
        (B, T, N) complex.
    """
    T = driven.shape[1]
    powers = torch.exp(torch.arange(T, device=driven.device)[:, None] * log_eigenvalues)  # (T, N)
    size = 2 * T  # so long that the end does not fold onto the beginning
    spectrum = torch.fft.fft(driven, size, dim=1) * torch.fft.fft(powers, size, dim=0)
    states: Tensor = torch.fft.ifft(spectrum, dim=1)[:, :T]
    return states


def stepped_states(log_eigenvalues: Tensor, driven: Tensor) -> Tensor:
    """The same states one step after the other, as they would be computed while the inputs come in."""
    x = torch.zeros_like(driven[:, 0])
    states = []
    for t in range(driven.shape[1]):
        x = torch.exp(log_eigenvalues) * x + driven[:, t]
        states.append(x)
    return torch.stack(states, dim=1)


class StateSpace(nn.Module):
    """Two blocks of a linear recurrence, each between a norm and a gelu layer, and a linear read-out at every step.

    The layer before the first recurrence has a gelu as well: a recurrence that multiplies by the same λ at every step
    cannot decide what to write; that is decided before it.

    Args:
        input_size: I.
        width: D, features of every step.
        output_size: O.
        states: N, complex states of each block.
        blocks: how many.
    """

    def __init__(self, input_size: int, width: int, output_size: int, states: int, blocks: int = 2) -> None:
        super().__init__()
        self.inward = nn.Linear(input_size, width)
        self.mix = nn.Linear(width, width)
        self.recurrences = nn.ModuleList(LinearRecurrence(width, states) for _ in range(blocks))
        self.mixes = nn.ModuleList(nn.Linear(width, width) for _ in range(blocks))
        self.readout = nn.Linear(width, output_size)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, I) → (B, T, O)."""
        h = self.mix(nn.functional.gelu(self.inward(x)))
        for recurrence, mix in zip(self.recurrences, self.mixes, strict=True):
            h = h + mix(nn.functional.gelu(recurrence(h)))
        outputs: Tensor = self.readout(h)
        return outputs


def state_space_size(input_size: int, width: int, output_size: int, states: int, blocks: int = 2) -> int:
    """How many numbers a `StateSpace` learns; a complex number counts as two."""
    block = 2 * states + 4 * states * width + width + width * (width + 1)
    return width * (input_size + 1) + width * (width + 1) + blocks * block + output_size * (width + 1)
