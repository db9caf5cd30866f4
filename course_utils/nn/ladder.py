"""The rungs between a tanh network and an LSTM: recurrent layers that differ from the one before by few ingredients.

Above the leaky tanh network (`leaky`), whose units keep a constant share of their state, two linear layers keep a share
k of each number of the state: h_t = k ⊙ h_{t−1} + (1 − k) ⊙ (W x_t + b).

diagonal linear   k is a constant of each unit: neither tanh nor weights from state to state
minGRU            k = σ(W_k x_t + b_k): a gate that sees the input (Feng and others 2024, arXiv 2410.01201, no logs)

And above torch's GRU and LSTM the LSTM with an exponential input gate (Beck and others 2024, arXiv 2405.04517: sLSTM
with one head and a forget gate of σ). The way back of the linear layers is written by hand, as in `backward_by_hand`.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from course_utils.checks import check_whole
from course_utils.errors import CourseError


class DiagonalLinear(nn.Module):
    """A linear layer with time constants, which are learned: h_t = k ⊙ h_{t−1} + (1 − k) ⊙ (W x_t + b).

    Attributes:
        write: I → N.
        keep: (N,), k = σ(keep). At first k is uniform between 0.05 and 0.95.

    Args:
        input_size: I.
        states: N.
    """

    def __init__(self, input_size: int, states: int) -> None:
        super().__init__()
        self.write = nn.Linear(input_size, states)
        self.keep = nn.Parameter(_logits_between(states))

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, I) → (B, T, N), from a state of zeros."""
        kept, new = torch.sigmoid(self.keep), self.write(x)
        return linear_states(kept.expand_as(new), (1 - kept) * new)


class MinGRU(nn.Module):
    """A GRU whose gate and candidate see the input alone: h_t = k_t ⊙ h_{t−1} + (1 − k_t) ⊙ (W x_t + b).

    Attributes:
        keep: I → N, k_t = σ(keep(x_t)); in the paper z = 1 − k.
        write: I → N.

    Args:
        input_size: I.
        states: N.
    """

    def __init__(self, input_size: int, states: int) -> None:
        super().__init__()
        self.keep = nn.Linear(input_size, states)
        self.write = nn.Linear(input_size, states)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, I) → (B, T, N), from a state of zeros."""
        kept = torch.sigmoid(self.keep(x))
        return linear_states(kept, (1 - kept) * self.write(x))


class ExponentialLSTM(nn.Module):
    """An LSTM whose input gate is e^(…) in place of σ, over a sum of what the gates let in.

    c_t = f c_{t−1} + i tanh(g), n_t = f n_{t−1} + i and h_t = o c_t / n_t, with i = e^(…), f = σ(…), o = σ(…). So what
    comes late can outweigh all that came before, and c/n stays between −1 and 1. Both are kept divided by e^m, with m
    the largest exponent so far, which changes nothing else (Beck and others 2024, equations 8 to 17).

    Attributes:
        inward: I → 4 · H, rows as in torch's LSTM: input, forget, candidate, output.
        weight_hh: (4 · H, H).

    Args:
        input_size: I.
        hidden_size: H.
    """

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        bound = hidden_size**-0.5
        self.inward = nn.Linear(input_size, 4 * hidden_size)
        self.weight_hh = nn.Parameter(torch.empty(4 * hidden_size, hidden_size).uniform_(-bound, bound))
        for parameter in self.inward.parameters():
            nn.init.uniform_(parameter, -bound, bound)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, I) → (B, T, H), from states of zeros."""
        H, back, found = self.weight_hh.shape[1], self.weight_hh.T, []
        h = c = n = x.new_zeros(len(x), H)
        m = x.new_full((len(x), H), -torch.inf)
        for from_x in self.inward(x).unbind(1):
            i, f, g, o = torch.addmm(from_x, h, back).chunk(4, dim=1)
            kept = nn.functional.logsigmoid(f) + m
            m = torch.maximum(kept, i).detach()
            forget, let_in = torch.exp(kept - m), torch.exp(i - m)
            c = forget * c + let_in * torch.tanh(g)
            n = forget * n + let_in
            h = torch.sigmoid(o) * c / n
            found.append(h)
        return torch.stack(found, dim=1)


@torch.no_grad()
def spread_times_(layer: nn.Module, longest: int, generator: torch.Generator) -> None:
    """Time constants from 1 to `longest` steps, as chrono's biases are for a GRU or LSTM (Tallec & Ollivier 2018).

    With u uniform on [1, longest − 1] for each unit, k begins as σ(ln u) = u / (u + 1), where it depends on inputs by
    its bias. Of the LSTM with the exponential gate the forget bias is ln u and the input bias −ln u.

    Args:
        layer: one of this module.
        longest: in steps, at least 2.
        generator: where the random numbers come from.

    Raises:
        CourseError: another layer, fewer than two steps.
    """
    check_whole("longest", longest, 2, unit="steps")
    if isinstance(layer, ExponentialLSTM):
        H = layer.weight_hh.shape[1]
        times = _log_times(H, longest, generator)
        layer.inward.bias[:H], layer.inward.bias[H : 2 * H] = -times, times
    elif isinstance(layer, MinGRU):
        layer.keep.bias.copy_(_log_times(len(layer.keep.bias), longest, generator))
    elif isinstance(layer, DiagonalLinear):
        layer.keep.copy_(_log_times(len(layer.keep), longest, generator))
    else:
        raise CourseError(
            f"spread_times_ is for the layers of course_utils.nn.ladder; this is a {type(layer).__name__}. "
            "Others have a chrono_."
        )


def linear_states(kept: Tensor, new: Tensor) -> Tensor:
    """h_t = kept_t ⊙ h_{t−1} + new_t from h_0 = 0, step by step; for up to a hundred steps faster than `scan`.

    Args:
        kept: (B, T, N).
        new: (B, T, N).

    Returns:
        (B, T, N). Gradients of gradients are not there.
    """
    states: Tensor = _Linear.apply(kept.transpose(0, 1), new.transpose(0, 1))  # type: ignore[no-untyped-call]
    return states.transpose(0, 1)


class _Linear(torch.autograd.Function):
    """h_t = a_t ⊙ h_{t−1} + b_t, (T, B, N)."""

    @staticmethod
    def forward(ctx: Any, a: Tensor, b: Tensor) -> Tensor:
        states = b.clone(memory_format=torch.contiguous_format)
        for t in range(1, len(b)):
            states[t].addcmul_(a[t], states[t - 1])
        ctx.save_for_backward(a, states)
        return states

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor]:
        a, states = ctx.saved_tensors
        deltas = gradient.clone(memory_format=torch.contiguous_format)
        for t in range(len(a) - 2, -1, -1):
            deltas[t].addcmul_(a[t + 1], deltas[t + 1])
        of_a = torch.zeros_like(deltas)
        torch.mul(deltas[1:], states[:-1], out=of_a[1:])
        return of_a, deltas


def _logits_between(size: int, low: float = 0.05, high: float = 0.95) -> Tensor:
    """(size,) numbers whose σ is uniform between two shares."""
    return torch.empty(size).uniform_(low, high).logit()


def _log_times(size: int, longest: int, generator: torch.Generator) -> Tensor:
    """(size,) ln u, with u uniform on [1, longest − 1]."""
    return torch.empty(size).uniform_(1, longest - 1, generator=generator).log()
