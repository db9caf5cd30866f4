"""Absolute discounting: what was seen gives up a little of its probability to what was not.

Source: Ney, Essen & Kneser 1994, doi:10.1006/csla.1994.1001, interpolated as in Chen & Goodman 1999,
doi:10.1006/csla.1999.0128.
"""

from __future__ import annotations

import torch
from torch import Tensor


def discounted(counts: Tensor, lower: Tensor, discount: float) -> Tensor:
    """The probabilities of the next token after a context, from its counts and from a shorter context's probabilities.

    From each kind of token that was seen, `discount` is taken off; what that saves is shared out as the shorter
    context says. A context that was never seen leaves everything to the shorter one.

    Args:
        counts: (…, V), how often each token followed the context.
        lower: (…, V), the probabilities after the context without its first token.
        discount: from 0 to 1.

    Returns:
        (…, V), rows that sum to 1 as those of `lower` do.
    """
    total = counts.sum(dim=-1, keepdim=True)
    kinds = (counts > 0).sum(dim=-1, keepdim=True)
    seen = ((counts - discount).clamp(min=0) + discount * kinds * lower) / total.clamp(min=1)
    return torch.where(total > 0, seen, lower)
