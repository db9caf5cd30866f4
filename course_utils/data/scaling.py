"""Numbers of different units on one scale, without looking at the rows that judge."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def standardised(train: Tensor, rows: Tensor) -> Tensor:
    """Rows in units of the training rows' standard deviations, counted from the training rows' means.

    Args:
        train: (N, D) the rows that the network learns from.
        rows: (M, D) any rows: the same ones, or those that judge.

    Returns:
        (M, D). The standard deviation divides by N − 1, as torch's does.
    """
    return (rows - train.mean(dim=0)) / train.std(dim=0)
