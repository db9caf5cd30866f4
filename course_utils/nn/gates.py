"""Small facts about gates: what one step does to a cell, how long a bias holds it, and where the bias belongs."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from course_utils.nn.cells import gru_parameter_count, lstm_parameter_count
from course_utils.stats import nearest_width


def cell_update(c: Tensor, f: Tensor, i: Tensor, g: Tensor) -> Tensor:
    """The new cell of an LSTM: what is kept of the old one, and what is written.

    c' = f · c + i · g; Gers, Schmidhuber and Cummins 2000. With f = 1 it is the cell of 1997.

    Args:
        c: (…) the cell before.
        f: (…) the forget gate, 0 (erase) to 1 (keep).
        i: (…) the input gate, 0 (write nothing) to 1.
        g: (…) the candidate, −1 to 1.

    Returns:
        (…) the cell after the step.
    """
    return f * c + i * g


def half_life(bias: float) -> float:
    """After how many steps half of a cell is left, where the forget gate is σ(bias) at every step.

    Args:
        bias: of the forget gate; whatever else reaches the gate is left out.

    Returns:
        Steps, ln ½ / ln σ(bias); not a whole number.
    """
    return math.log(2) / math.log1p(math.exp(-bias))  # −ln σ(b) = ln(1 + e^−b)


def direct_path(f: Tensor) -> Tensor:
    """What the forget gates leave of a gradient in the cell: ∂c_T/∂c_0 along the cell alone, the product over time.

    Args:
        f: (T, H) the forget gates of the steps 1 to T.

    Returns:
        (H,)
    """
    return f.prod(dim=0)


def with_forget_bias(b_ih: Tensor, b_hh: Tensor, value: float) -> tuple[Tensor, Tensor]:
    """The two biases of a torch LSTM, with the bias of its forget gates set to a value and all else as it was.

    torch adds the two, so the value stands in one of them.

    Args:
        b_ih: (4·H,) row by row input, forget, candidate, output.
        b_hh: (4·H,) the same.
        value: the bias that the forget gates shall have in all.

    Returns:
        (4·H,) and (4·H,): new tensors.
    """
    H = len(b_ih) // 4
    b_ih, b_hh = b_ih.clone(), b_hh.clone()
    b_ih[H : 2 * H], b_hh[H : 2 * H] = value, 0.0
    return b_ih, b_hh


def gru_size_like(lstm_size: int, input_size: int) -> int:
    """The hidden size of a GRU that has as many parameters as an LSTM, as nearly as whole units allow.

    Args:
        lstm_size: H of the LSTM.
        input_size: I of both.
    """
    wanted = lstm_parameter_count(input_size, lstm_size)
    return nearest_width(wanted, lambda hidden_size: gru_parameter_count(input_size, hidden_size))


def update_bias_for(steps: float) -> float:
    """The bias with which the update gate of a torch GRU, z = σ(bias), leaves half of a state after so many steps.

    Args:
        steps: the half-life wanted, above 0.

    Returns:
        The logit of z = ½^(1/steps).
    """
    z = 0.5 ** (1 / steps)
    return math.log(z / (1 - z))


def coupled_update(c: Tensor, f: Tensor, g: Tensor) -> Tensor:
    """A cell with one gate for both: what is forgotten makes room for what is written, c' = f · c + (1 − f) · g.

    An LSTM with coupled gates (Greff et al. 2017, variant CIFG); the update of a GRU is of this form.

    Args:
        c: (…) the cell before.
        f: (…) the gate, 1 keeps.
        g: (…) the candidate.

    Returns:
        (…)
    """
    return torch.lerp(g, c, f)
