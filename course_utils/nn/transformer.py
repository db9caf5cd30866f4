"""A small Transformer for sequences: causal self-attention, with places told by sines.

Source: Vaswani and others 2017 (arXiv 1706.03762); layer norms come first, as in Xiong and others 2020 (arXiv
2002.04745), which trains without a warm-up.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

HEADS = 2


def sines(seq_len: int, size: int) -> Tensor:
    """Where a step is, as waves from short to long: sin and cos of t / 10000^(2k / size).

    Args:
        seq_len: T.
        size: features, even.

    Returns:
        (T, size), from −1 to 1.
    """
    rates = torch.exp(torch.arange(0, size, 2) * (-math.log(10_000.0) / size))
    angles = torch.arange(seq_len)[:, None] * rates
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)


class SmallTransformer(nn.Module):
    """Two layers of causal self-attention, each with a feedforward layer, and a linear read-out at every step.

    Args:
        input_size: I.
        width: D, features of every step; a multiple of 4, for two heads with sines of their own.
        output_size: O.
        inner: units of the feedforward layers.
        layers: how many.
        positions: False: the places are not told, and only the causal mask makes an order of the steps.
    """

    def __init__(
        self, input_size: int, width: int, output_size: int, inner: int, layers: int = 2, *, positions: bool = True
    ) -> None:
        super().__init__()
        self.width, self.positions = width, positions
        self.inward = nn.Linear(input_size, width)
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(width, HEADS, inner, dropout=0.0, norm_first=True, batch_first=True)
            for _ in range(layers)
        )
        self.norm = nn.LayerNorm(width)
        self.readout = nn.Linear(width, output_size)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, I) → (B, T, O)."""
        outputs: Tensor = self.readout(self.states(x))
        return outputs

    def states(self, x: Tensor) -> Tensor:
        """(B, T, I) → (B, T, D), what the read-out sees."""
        h = self.inward(x)
        if self.positions:
            h = h + sines(x.shape[1], self.width).to(x)
        mask = nn.Transformer.generate_square_subsequent_mask(x.shape[1], device=x.device, dtype=x.dtype)
        for layer in self.layers:
            h = layer(h, src_mask=mask, is_causal=True)
        normed: Tensor = self.norm(h)
        return normed


def transformer_size(input_size: int, width: int, output_size: int, inner: int, layers: int = 2) -> int:
    """How many numbers a `SmallTransformer` learns."""
    attention = 4 * width * (width + 1)
    feedforward = width * inner + inner + inner * width + width
    norms = 4 * width
    ends = width * (input_size + 1) + 2 * width + output_size * (width + 1)
    return layers * (attention + feedforward + norms) + ends
