"""Bookkeeping of sequences: what lies how many steps back, and where a padded sequence ends."""

from __future__ import annotations

import torch
from torch import Tensor

PAD, START, END, UNKNOWN = range(4)  # tokens that are no part of a text
NO_ANSWER = -1  # stands where there is nothing to name yet


def delayed(symbols: Tensor, lag: int) -> Tensor:
    """At each step the symbol of `lag` steps before; −1 at the first `lag` steps.

    Args:
        symbols: (B, T) whole numbers.
        lag: how many steps back, 0 to T.

    Returns:
        (B, T)
    """
    B, T = symbols.shape
    nothing = torch.full((B, lag), NO_ANSWER, dtype=symbols.dtype)
    return torch.cat([nothing, symbols[:, : T - lag]], dim=1)


def last_states(output: Tensor, lengths: Tensor) -> Tensor:
    """The state after the last real step of each sequence, where shorter ones were filled up with padding.

    Args:
        output: (B, T, H) the states after every step.
        lengths: (B,) how many steps of each sequence are real, 1 to T.

    Returns:
        (B, H)
    """
    return output[torch.arange(len(output)), lengths - 1]
