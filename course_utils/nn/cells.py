"""Recurrent cells, one step at a time, with the weights laid out as torch does."""

from __future__ import annotations

from collections.abc import Callable

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


def lstm_step(
    x: Tensor, h: Tensor, c: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor
) -> tuple[Tensor, Tensor]:
    """One step of an LSTM: the new state and the new cell from the input, the state and the cell before.

    c' = f · c + i · g and h' = o · tanh(c'), with the gates i, f, o = σ(…) and the candidate g = tanh(…), each of the
    same form as the step of an RNN. Hochreiter & Schmidhuber 1997, with the forget gate of Gers, Schmidhuber & Cummins
    2000, in the form of `torch.nn.LSTMCell`.

    Args:
        x: (B, I) the input of this step.
        h: (B, H) the state before.
        c: (B, H) the cell before.
        W_ih: (4·H, I) weights from input to gates; row by row input, forget, candidate, output (i, f, g, o).
        W_hh: (4·H, H) weights from state to gates.
        b_ih: (4·H,) bias of the input.
        b_hh: (4·H,) bias of the state.

    Returns:
        (B, H) the state after this step, and (B, H) the cell after it.
    """
    i, f, g, o = (x @ W_ih.T + b_ih + h @ W_hh.T + b_hh).chunk(4, dim=-1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    h = torch.sigmoid(o) * torch.tanh(c)
    return h, c


def lstm_states(
    x: Tensor, h: Tensor, c: Tensor, weights: tuple[Tensor, Tensor, Tensor, Tensor]
) -> tuple[Tensor, Tensor]:
    """All states and cells of an LSTM over a sequence: `lstm_step` with the same weights at every step.

    Args:
        x: (B, T, I) the inputs.
        h: (B, H) the state before the first step.
        c: (B, H) the cell before the first step.
        weights: W_ih, W_hh, b_ih, b_hh as in `lstm_step`; `tuple(lstm.parameters())` of a one-layer `torch.nn.LSTM`.

    Returns:
        (B, T, H) the state after each step, and (B, T, H) the cell after each step.
    """
    states, cells = [], []
    for t in range(x.shape[1]):
        h, c = lstm_step(x[:, t], h, c, *weights)
        states.append(h)
        cells.append(c)
    return torch.stack(states, dim=1), torch.stack(cells, dim=1)


def lstm_gates(x: Tensor, h: Tensor, c: Tensor, weights: tuple[Tensor, Tensor, Tensor, Tensor]) -> dict[str, Tensor]:
    """What an LSTM's gates do at every step of a sequence, to look at.

    Args:
        x: (B, T, I) the inputs.
        h: (B, H) the state before the first step.
        c: (B, H) the cell before the first step.
        weights: W_ih, W_hh, b_ih, b_hh as in `lstm_step`.

    Returns:
        (B, T, H) each: "input", "forget" and "output", the gates, 0 closed … 1 open; "candidate", −1 … 1; "cell" and
        "state", after the step. cell = forget · cell before + input · candidate, and state = output · tanh(cell).
    """
    W_ih, W_hh, b_ih, b_hh = weights
    states, cells = lstm_states(x, h, c, weights)
    before = torch.cat([h[:, None], states[:, :-1]], dim=1)
    i, f, g, o = (x @ W_ih.T + b_ih + before @ W_hh.T + b_hh).chunk(4, dim=-1)
    gates = {"input": torch.sigmoid(i), "forget": torch.sigmoid(f), "candidate": torch.tanh(g)}
    return gates | {"output": torch.sigmoid(o), "cell": cells, "state": states}


def gru_step(x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Tensor:
    """One step of a GRU: the new state from the input and the state before.

    h' = (1 − z) · n + z · h, with the candidate n = tanh(W_in x + b_in + r · (W_hn h + b_hn)): the reset gate r comes
    *after* the weights, as in `torch.nn.GRUCell`. z keeps the old state.

    Args:
        x: (B, I) the input of this step.
        h: (B, H) the state before.
        W_ih: (3·H, I) weights from the input; row by row reset, update, candidate (r, z, n).
        W_hh: (3·H, H) weights from the state.
        b_ih: (3·H,) bias of the input.
        b_hh: (3·H,) bias of the state.

    Returns:
        (B, H) the state after this step.
    """
    r_x, z_x, n_x = (x @ W_ih.T + b_ih).chunk(3, dim=-1)
    r_h, z_h, n_h = (h @ W_hh.T + b_hh).chunk(3, dim=-1)
    r = torch.sigmoid(r_x + r_h)
    z = torch.sigmoid(z_x + z_h)
    n = torch.tanh(n_x + r * n_h)
    return (1 - z) * n + z * h


def gru_step_before(x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Tensor:
    """One step of a GRU whose reset gate comes *before* the weights: n = tanh(W_in x + b_in + W_hn (r · h) + b_hn).

    So it was published by Cho et al. 2014 (there without biases). All else is as in `gru_step`.

    Args:
        x: (B, I) the input of this step.
        h: (B, H) the state before.
        W_ih: (3·H, I) weights from the input; row by row reset, update, candidate (r, z, n).
        W_hh: (3·H, H) weights from the state.
        b_ih: (3·H,) bias of the input.
        b_hh: (3·H,) bias of the state.

    Returns:
        (B, H) the state after this step.
    """
    W_r, W_z, W_n = W_hh.chunk(3)
    b_r, b_z, b_n = b_hh.chunk(3)
    r_x, z_x, n_x = (x @ W_ih.T + b_ih).chunk(3, dim=-1)
    r = torch.sigmoid(r_x + h @ W_r.T + b_r)
    z = torch.sigmoid(z_x + h @ W_z.T + b_z)
    n = torch.tanh(n_x + (r * h) @ W_n.T + b_n)
    return (1 - z) * n + z * h


def gru_states(
    x: Tensor,
    h: Tensor,
    weights: tuple[Tensor, Tensor, Tensor, Tensor],
    step: Callable[..., Tensor] = gru_step,
) -> Tensor:
    """All states of a GRU over a sequence: one step after the other, with the same weights.

    Args:
        x: (B, T, I) the inputs.
        h: (B, H) the state before the first step.
        weights: W_ih, W_hh, b_ih, b_hh as in `gru_step`; `tuple(gru.parameters())` of a one-layer `torch.nn.GRU`.
        step: `gru_step`, or `gru_step_before`.

    Returns:
        (B, T, H) the state after each step.
    """
    states = []
    for t in range(x.shape[1]):
        h = step(x[:, t], h, *weights)
        states.append(h)
    return torch.stack(states, dim=1)


def lstm_parameter_count(input_size: int, hidden_size: int) -> int:
    """How many numbers a one-layer `torch.nn.LSTM` learns: those of four RNNs of its size, three gates and a candidate.

    Args:
        input_size: I.
        hidden_size: H.

    Returns:
        4 · (H·I + H·H + 2·H).
    """
    return 4 * rnn_parameter_count(input_size, hidden_size)


def gru_parameter_count(input_size: int, hidden_size: int) -> int:
    """How many numbers a one-layer `torch.nn.GRU` learns: those of three RNNs of its size, two gates and a candidate.

    Args:
        input_size: I.
        hidden_size: H.

    Returns:
        3 · (H·I + H·H + 2·H).
    """
    return 3 * rnn_parameter_count(input_size, hidden_size)
