"""The leaky tanh network: an RNN whose units have time constants of their own, and no gates.

h_t = k ⊙ h_{t−1} + (1 − k) ⊙ tanh(W_ih x_t + b_ih + W_hh h_{t−1} + b_hh), with k = σ(keep), one number for each unit.
What is kept is learnt, and the same at every step: it sees neither the input nor the state. It is torch's GRU with a
reset gate of 1 whose update gate has a bias and nothing else, so that it can begin with a GRU's time constants.

Sources: Mozer 1992 (units with time constants); Jaeger and others 2007, doi:10.1016/j.neunet.2007.04.016 (leaky units);
Tallec & Ollivier 2018, section 2 (leaky networks beside gated ones).
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from course_utils.checks import check_whole
from course_utils.display.numbers import short
from course_utils.stats import nearest_width
from course_utils.training.told import mark_start


class LeakyTanh(nn.Module):
    """The layer: (B, T, I) → the states (B, T, H). Its backward pass is written by hand, as in `backward_by_hand`.

    Attributes:
        weight_ih: (H, I).
        weight_hh: (H, H).
        bias_ih: (H,).
        bias_hh: (H,); two biases, as torch's layers have, so that parameters are counted alike.
        keep: (H,), before the squashing: a unit keeps σ(keep) of its state at each step.

    Args:
        input_size: I.
        hidden_size: H.
        generator: where the weights come from: uniform on ± 1/√H, as torch draws those of its recurrent layers.

    Raises:
        CourseError: a size that is no whole number from 1.
    """

    def __init__(self, input_size: int, hidden_size: int, generator: torch.Generator) -> None:
        super().__init__()
        check_whole("input_size", input_size, 1)
        check_whole("hidden_size", hidden_size, 1)
        H, bound = hidden_size, hidden_size**-0.5
        sizes = ((H, input_size), (H, H), (H,), (H,), (H,))
        drawn = [nn.Parameter(torch.empty(size).uniform_(-bound, bound, generator=generator)) for size in sizes]
        self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh, self.keep = drawn
        self.hidden_size = hidden_size

    @torch.no_grad()
    def keep_(self, value: float) -> None:
        """Let every unit begin with σ(value) of its state kept at a step."""
        self.keep.fill_(value)
        mark_start(self, f"time constants from a bias of {short(value)}")

    @torch.no_grad()
    def chrono_(self, longest_lag: int, generator: torch.Generator) -> None:
        """Let the units begin with memories of 1 to `longest_lag` steps, as `initialisation.chrono_` does with gates.

        Args:
            longest_lag: in steps, at least 2.
            generator: where the random numbers come from; they are those that a GRU of as many units would be given.

        Raises:
            CourseError: a lag below 2.
        """
        check_whole("longest_lag", longest_lag, 2)
        u = torch.empty(self.hidden_size, dtype=torch.float64)
        self.keep.copy_(u.uniform_(1, longest_lag - 1, generator=generator).log())
        mark_start(self, f"chrono time constants for lags up to {longest_lag:,}")

    def forward(self, x: Tensor, h_0: Tensor | None = None) -> Tensor:
        """(B, T, I) → (B, T, H).

        Args:
            x: (B, T, I).
            h_0: (B, H), the state to begin with, into which no gradient goes; default: zeros.
        """
        h_0 = x.new_zeros(len(x), self.hidden_size) if h_0 is None else h_0.detach()
        inward = nn.functional.linear(x.transpose(0, 1), self.weight_ih, self.bias_ih + self.bias_hh)
        k = torch.sigmoid(self.keep)
        states: Tensor = _Leaky.apply(inward, self.weight_hh, k, h_0)  # type: ignore[no-untyped-call]
        return states.transpose(0, 1)

    def step(self, x: Tensor, h: Tensor) -> Tensor:
        """One step, (B, I) and (B, H) → (B, H), with torch's own way back: for gradients of states."""
        inner = nn.functional.linear(x, self.weight_ih, self.bias_ih + self.bias_hh)
        return torch.lerp(torch.tanh(inner + h @ self.weight_hh.T), h, torch.sigmoid(self.keep))


class LeakyModel(nn.Module):
    """A leaky tanh layer and a linear read-out at every step: the counterpart of `SequenceModel`.

    Attributes:
        core: the layer.
        readout: the linear layer from hidden_size to output_size.

    Args:
        input_size: I.
        hidden_size: H.
        output_size: O.
        generator: where the weights come from.

    Raises:
        CourseError: a size that is no whole number from 1.
    """

    def __init__(self, input_size: int, hidden_size: int, output_size: int, generator: torch.Generator) -> None:
        super().__init__()
        check_whole("output_size", output_size, 1)
        self.core = LeakyTanh(input_size, hidden_size, generator)
        self.readout = nn.Linear(hidden_size, output_size)
        with torch.no_grad():
            for weight in self.readout.parameters():
                weight.uniform_(-(hidden_size**-0.5), hidden_size**-0.5, generator=generator)

    def states(self, x: Tensor) -> Tensor:
        """(B, T, I) → (B, T, H)."""
        states: Tensor = self.core(x)
        return states

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, I) → (B, T, O), an output at every step."""
        outputs: Tensor = self.readout(self.states(x))
        return outputs


def leaky_parameter_count(input_size: int, hidden_size: int, output_size: int) -> int:
    """How many numbers a `LeakyModel` learns: H · (I + H + 3) + (H + 1) · O.

    Args:
        input_size: I.
        hidden_size: H.
        output_size: O.
    """
    return hidden_size * (input_size + hidden_size + 3) + (hidden_size + 1) * output_size


def leaky_for_parameters(input_size: int, output_size: int, parameters: int) -> int:
    """The hidden_size whose `LeakyModel` has nearest to a given number of parameters.

    Args:
        input_size: I.
        output_size: O.
        parameters: the number wanted.
    """
    return nearest_width(parameters, lambda hidden_size: leaky_parameter_count(input_size, hidden_size, output_size))


class _Leaky(torch.autograd.Function):
    """h_t = k ⊙ h_{t−1} + (1 − k) ⊙ tanh(a_t + W h_{t−1}), with a (T, B, H) and k (H,)."""

    @staticmethod
    def forward(ctx: Any, a: Tensor, W: Tensor, k: Tensor, h: Tensor) -> Tensor:
        states, inner, back = torch.empty_like(a), torch.empty_like(a), W.T.contiguous()
        h_0 = h
        for a_t, n, new in zip(a.unbind(), inner.unbind(), states.unbind(), strict=True):
            torch.addmm(a_t, h, back, out=n).tanh_()
            h = torch.lerp(n, h, k, out=new)
        ctx.save_for_backward(states, inner, W, k, h_0)
        return states

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        states, inner, W, k, h_0 = ctx.saved_tensors
        before = torch.cat([h_0[None], states[:-1]])
        factors, into = ((1 - k) * (1 - inner**2)).unbind(), gradient.contiguous().unbind()
        of_a, deltas = torch.empty_like(states), torch.empty_like(states)  # deltas: the gradient of each state
        delta = deltas[-1].copy_(into[-1])
        for t in range(len(into) - 1, 0, -1):
            step = torch.mul(factors[t], delta, out=of_a[t])
            delta = torch.addmm(torch.addcmul(into[t - 1], delta, k), step, W, out=deltas[t - 1])
        torch.mul(factors[0], delta, out=of_a[0])
        of_W = of_a.flatten(0, 1).T @ before.flatten(0, 1)
        return of_a, of_W, (deltas * (before - inner)).sum((0, 1)), None
