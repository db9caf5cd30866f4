"""Recurrent cells, one step at a time, with the weights laid out as torch does."""

from __future__ import annotations

import torch
from torch import Tensor


def rnn_step(x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Tensor:
    """One step of a recurrent network: the new state from the input and the state before.

    h' = tanh(W_ih x + b_ih + W_hh h + b_hh); Elman 1990, in the form of `torch.nn.RNNCell`.

    Args:
        x: (B, I) the input of this step.
        h: (B, H) the state before.
        W_ih: (H, I) weights from input to state.
        W_hh: (H, H) weights from state to state.
        b_ih: (H,) bias of the input.
        b_hh: (H,) bias of the state.

    Returns:
        (B, H) the state after this step.
    """
    return torch.tanh(x @ W_ih.T + b_ih + h @ W_hh.T + b_hh)


def rnn_states(x: Tensor, h: Tensor, weights: tuple[Tensor, Tensor, Tensor, Tensor]) -> Tensor:
    """All states of a recurrent network over a sequence: `rnn_step` with the same weights at every step.

    Args:
        x: (B, T, I) the inputs.
        h: (B, H) the state before the first step.
        weights: W_ih, W_hh, b_ih, b_hh as in `rnn_step`; `tuple(rnn.parameters())` of a one-layer `torch.nn.RNN`.

    Returns:
        (B, T, H) the state after each step.
    """
    states = []
    for t in range(x.shape[1]):
        h = rnn_step(x[:, t], h, *weights)
        states.append(h)
    return torch.stack(states, dim=1)


def rnn_parameter_count(input_size: int, hidden_size: int) -> int:
    """How many numbers a one-layer `torch.nn.RNN` learns: W_ih, W_hh, and its two biases.

    Args:
        input_size: I.
        hidden_size: H.

    Returns:
        H·I + H·H + 2·H, however long the sequences are.
    """
    return hidden_size * input_size + hidden_size * hidden_size + 2 * hidden_size
