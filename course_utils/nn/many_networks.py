"""Many small recurrent networks at a time, each with weights drawn at random: one product for all of them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from course_utils.checks import check_name
from course_utils.nn.sequence_model import GATES

SPREAD = 3.0  # of the normal prior
PRIORS = {  # how each weight and bias is drawn
    "torch's start": "uniform between −1/√H and 1/√H, as torch begins",
    "wide": f"normal with a spread of {SPREAD:g}",
}


@dataclass(frozen=True)
class ManyNetworks:
    """N networks of one kind, laid out as torch lays one out.

    Attributes:
        cell: of `GATES`.
        W_ih: (N, G·H, I).
        W_hh: (N, G·H, H).
        b_ih: (N, G·H).
        b_hh: (N, G·H).
        W_out: (N, O, H), the read-out.
        b_out: (N, O).
    """

    cell: str
    W_ih: Tensor
    W_hh: Tensor
    b_ih: Tensor
    b_hh: Tensor
    W_out: Tensor
    b_out: Tensor

    def __len__(self) -> int:
        return len(self.W_ih)

    def chosen(self, which: Tensor) -> ManyNetworks:
        """Some of them.

        Args:
            which: (N,) bool, or their places.
        """
        weights = (self.W_ih, self.W_hh, self.b_ih, self.b_hh, self.W_out, self.b_out)
        return ManyNetworks(self.cell, *(weight[which] for weight in weights))

    def states(self, x: Tensor) -> Tensor:
        """The states of all networks on the same inputs, from zeros.

        Args:
            x: (S, T, I).

        Returns:
            (N, S, T, H); of an LSTM the states h.
        """
        N, (S, T, _), H = len(self), x.shape, self.W_hh.shape[-1]
        back = self.W_hh.mT.contiguous()
        h, c = x.new_zeros(N, S, H), x.new_zeros(N, S, H)
        W_in, states = self.W_ih.mT.contiguous(), x.new_empty(N, S, T, H)
        bias = (self.b_ih if self.cell == "gru" else self.b_ih + self.b_hh)[:, None]
        for t in range(T):
            inward = x[:, t] @ W_in + bias  # (N, S, G·H)
            if self.cell == "gru":
                from_h = h @ back + self.b_hh[:, None]
                r, z = (inward[..., : 2 * H] + from_h[..., : 2 * H]).sigmoid().chunk(2, dim=-1)
                h = torch.lerp((inward[..., 2 * H :] + r * from_h[..., 2 * H :]).tanh(), h, z)
            elif self.cell == "lstm":
                i, f, g, o = (inward + h @ back).chunk(4, dim=-1)
                c = f.sigmoid() * c + i.sigmoid() * g.tanh()
                h = o.sigmoid() * c.tanh()
            else:
                h = inward + h @ back
                h = h.relu() if self.cell == "relu_rnn" else h.tanh()
            states[:, :, t] = h
        return states

    def outputs(self, states: Tensor) -> Tensor:
        """(N, …, H) → (N, …, O)."""
        flat = states.flatten(1, -2)
        found = flat @ self.W_out.mT + self.b_out[:, None]
        return found.view(*states.shape[:-1], -1)


def many_networks(
    cell: str,
    count: int,
    input_size: int,
    hidden_size: int,
    output_size: int,
    prior: str,
    generator: torch.Generator,
) -> ManyNetworks:
    """Draw networks at random.

    Args:
        cell: of `course_utils.nn.sequence_model.GATES`.
        count: N.
        input_size: I.
        hidden_size: H.
        output_size: O.
        prior: of `PRIORS`.
        generator: where the random numbers come from.
    """
    check_name("cell", cell, GATES)
    check_name("prior", prior, PRIORS)

    def drawn(*shape: int) -> Tensor:
        if prior == "wide":
            return SPREAD * torch.randn(count, *shape, generator=generator)
        return (2 * torch.rand(count, *shape, generator=generator) - 1) / math.sqrt(hidden_size)

    rows = GATES[cell] * hidden_size
    return ManyNetworks(
        cell,
        drawn(rows, input_size),
        drawn(rows, hidden_size),
        drawn(rows),
        drawn(rows),
        drawn(output_size, hidden_size),
        drawn(output_size),
    )
