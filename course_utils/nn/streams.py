"""One long text as a few parallel rows, read window by window, the state carried from each window to the next.

Truncated backpropagation through time: Williams & Peng 1990, doi:10.1162/neco.1990.2.4.490.
"""

from __future__ import annotations

from typing import TypeAlias

import torch
from torch import Tensor

from course_utils.checks import check_whole
from course_utils.errors import CourseError

State: TypeAlias = Tensor | tuple[Tensor, ...]


def parallel_rows(tokens: Tensor, rows: int) -> Tensor:
    """A text cut into rows of equal length, each of them a stretch of it; what is left over at its end is dropped.

    Args:
        tokens: (N,).
        rows: B.

    Returns:
        (B, N // B): row b goes on where row b − 1 ends.

    Raises:
        CourseError: fewer than two tokens for each row: a window needs one to read and one to predict.
    """
    rows = check_whole("rows", rows, 1)
    length = len(tokens) // rows
    if length < 2:
        raise CourseError(
            f"A text of {len(tokens)} tokens cannot be cut into {rows} rows of at least 2. Take fewer rows or more "
            "text."
        )
    return tokens[: rows * length].view(rows, length)


def window_at(rows: Tensor, start: int, seq_len: int) -> tuple[Tensor, Tensor]:
    """The inputs of a window and its targets: for each token to read the one that follows it.

    Args:
        rows: (B, L).
        start: where the window begins, from 0 to L − 2.
        seq_len: T, tokens of a window.

    Returns:
        Two of (B, T); at the end of the rows both are shorter, as the last token has none that follows.
    """
    end = min(start + seq_len, rows.shape[1] - 1)
    return rows[:, start:end], rows[:, start + 1 : end + 1]


def windows(rows: Tensor, seq_len: int) -> list[tuple[Tensor, Tensor]]:
    """Inputs and targets, window by window: each window goes on where the one before it ended.

    Args:
        rows: (B, L) from `parallel_rows`.
        seq_len: T, tokens of a window.

    Returns:
        Pairs of (B, T): the tokens to read, and for each of them the one that follows. The last pair may be shorter.

    Raises:
        CourseError: seq_len below 1.
    """
    seq_len = check_whole("seq_len", seq_len, 1)
    return [window_at(rows, start, seq_len) for start in range(0, rows.shape[1] - 1, seq_len)]


def carried(state: State, rows: int) -> State:
    """The state from which the next window goes on: the same numbers, without the graph that made them.

    Args:
        state: after the last window, (layers, B, H); of an LSTM a tuple of two.
        rows: of the next batch, B or fewer: then the first rows go on.

    Returns:
        The state, (layers, rows, H), or a tuple of two.

    Raises:
        CourseError: more rows than the state has: for a new row there is no state.
    """
    if isinstance(state, tuple):
        return tuple(_carried(part, rows) for part in state)
    return _carried(state, rows)


def _carried(state: Tensor, rows: int) -> Tensor:
    if rows > state.shape[1]:
        raise CourseError(
            f"The state is of {state.shape[1]} rows, and the next batch has {rows}. A row that is new has no state: "
            "begin again with zeros, or keep the number of rows."
        )
    return state[:, :rows].detach()


def truncated_gradient(w: Tensor, x: Tensor, seq_len: int) -> Tensor:
    """Truncated backpropagation through time, for the smallest network there is: h_t = tanh(w · h_{t−1} + x_t).

    The loss is the sum of all h_t². After each window the state goes on, and the graph behind it is cut off: no
    gradient passes from one window into the one before it.

    Args:
        w: one weight, shape ().
        x: (B, T) inputs; the state before them is 0.
        seq_len: steps of a window.

    Returns:
        The gradient of the loss in w, summed over the windows, shape ().
    """
    w = w.detach().requires_grad_()
    h, gradient = torch.zeros_like(x[:, 0]), torch.zeros_like(w)
    for window in x.split(seq_len, dim=1):
        h, loss = h.detach(), torch.zeros_like(w)
        for x_t in window.unbind(dim=1):
            h = torch.tanh(w * h + x_t)
            loss = loss + (h**2).sum()
        gradient = gradient + torch.autograd.grad(loss, w)[0]
    return gradient
