"""Networks of one unit with one input, all of them at once: every choice of a few values for each of their weights.

A program is a row of weights: for each gate, in torch's order, what the input is multiplied by, what the unit's own
output of the step before is multiplied by, and a bias. With the three values −8, 0 and 8 there are 27 RNNs, 19,683 GRUs
and 531,441 LSTMs: few enough to run every one.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import torch
from torch import Tensor, nn

from course_utils.checks import check_name
from course_utils.errors import CourseError
from course_utils.nn.layers import LAYERS

GATES = {"tanh RNN": 1, "ReLU RNN": 1, "GRU": 3, "LSTM": 4}
VALUES = (-8.0, 0.0, 8.0)
NAMES = {
    "tanh RNN": ("state",),
    "ReLU RNN": ("state",),
    "GRU": ("reset", "update", "candidate"),
    "LSTM": ("input", "forget", "candidate", "output"),
}


def all_programs(cell: str, values: tuple[float, ...] = VALUES) -> Tensor:
    """Every choice of the values for the weights of a unit.

    Args:
        cell: one of `GATES`.
        values: V of them.

    Returns:
        (P, G, 3): P = V^(3G) programs, for each of G gates the weights of input and output, and the bias.
    """
    check_name("cell", cell, GATES)
    gates = GATES[cell]
    return torch.cartesian_prod(*[torch.tensor(values)] * (3 * gates)).view(-1, gates, 3)


def outputs_along(cell: str, programs: Tensor, inputs: Tensor) -> Iterator[Tensor]:
    """What every program puts out at each step, from a state of 0.

    The GRU's bias of the candidate stands outside of what the reset gate multiplies.

    Args:
        cell: one of `GATES`.
        programs: (P, G, 3).
        inputs: (S, T), one number a step.

    Yields:
        (P, S), T times: the outputs h.

    Raises:
        CourseError: programs of another cell.
    """
    check_name("cell", cell, GATES)
    if programs.dim() != 3 or programs.shape[1:] != (GATES[cell], 3):
        raise CourseError(
            f"Programs of {cell} have the shape (P, {GATES[cell]}, 3), these {tuple(programs.shape)}. "
            "Make them with all_programs, or give each gate its three numbers."
        )
    of_input, of_output, bias = programs.unbind(2)  # (P, G) each
    h = c = torch.zeros(len(programs), len(inputs), dtype=programs.dtype)
    for x in inputs.to(programs.dtype).unbind(1):
        said = [of_input[:, g, None] * x + bias[:, g, None] for g in range(GATES[cell])]
        own = [of_output[:, g, None] * h for g in range(GATES[cell])]
        if cell == "LSTM":
            i, f, g, o = (a + b for a, b in zip(said, own, strict=True))
            c = f.sigmoid_() * c + i.sigmoid_() * g.tanh_()
            h = o.sigmoid_() * c.tanh()
        elif cell == "GRU":
            r, z = (said[gate].add_(own[gate]).sigmoid_() for gate in range(2))
            h = torch.lerp(said[2].addcmul_(r, own[2]).tanh_(), h, z)
        else:
            a = said[0].add_(own[0])
            h = a.tanh_() if cell == "tanh RNN" else a.relu_()
        yield h


def as_layer(cell: str, program: Tensor) -> nn.RNNBase:
    """One program as a layer of torch's.

    Args:
        cell: one of `GATES`.
        program: (G, 3).
    """
    names = {"tanh RNN": "rnn", "ReLU RNN": "relu_rnn", "GRU": "gru", "LSTM": "lstm"}
    layer = LAYERS[names[cell]](1, 1, batch_first=True)
    with torch.no_grad():
        *weights, b_hh = layer.parameters()  # W_ih, W_hh, b_ih
        for weight, numbers in zip(weights, program.unbind(1), strict=True):
            weight.copy_(numbers.view_as(weight))
        b_hh.zero_()
    return layer


# ---------------------------------------------------------------------------------------------------------------------
# What programs can do

GAP = 0.1  # by which outputs with different answers must lie apart, for a threshold between them


def told_apart(cell: str, programs: Tensor, inputs: Tensor, classes: Tensor, gap: float = GAP) -> Tensor:
    """Which programs let one read the answers off their output by thresholds that are the same at all steps.

    Args:
        cell: one of `GATES`.
        programs: (P, G, 3).
        inputs: (S, T).
        classes: (S, T) answers 0, 1, … in the order in which the output must rise, or fall; −1: no answer is asked.
        gap: by which outputs of one answer must lie beyond those of the one before it.

    Returns:
        (P,) bool.
    """
    answers = int(classes.max()) + 1
    low = torch.full((len(programs), answers), torch.inf)
    high = -low
    for h, here in zip(outputs_along(cell, programs, inputs), classes.unbind(1), strict=True):
        for answer in range(answers):
            if (asked := here == answer).any():
                found = h[:, asked]
                low[:, answer] = torch.minimum(low[:, answer], found.amin(1))
                high[:, answer] = torch.maximum(high[:, answer], found.amax(1))
    rising = (low[:, 1:] > high[:, :-1] + gap).all(1)
    falling = (low[:, :-1] > high[:, 1:] + gap).all(1)
    return rising | falling


def hold_task(steps: int, *, even_only: bool = False) -> tuple[Tensor, Tensor]:
    """Remember the sign of the first input, 1 or −1, while zeros follow.

    Args:
        steps: T.
        even_only: ask after an even number of steps alone.

    Returns:
        Inputs and classes, (2, T) each, for `told_apart`.
    """
    inputs = torch.zeros(2, steps)
    inputs[:, 0] = torch.tensor([-1.0, 1.0])
    classes = torch.tensor([[0], [1]]).expand(2, steps).clone()
    if even_only:
        classes[:, ::2] = -1
    return inputs, classes


def flip_task(steps: int, count: int | None = None, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Has an odd number of the inputs so far been 1? The others are −1.

    Args:
        steps: T.
        count: random strings; None: all there are.
        seed: of random strings.

    Returns:
        Inputs and classes, (S, T) each.
    """
    if count is None:
        ones = torch.tensor(list(product(range(2), repeat=steps)))
    else:
        ones = torch.randint(2, (count, steps), generator=torch.Generator().manual_seed(seed))
    return 2.0 * ones - 1, ones.cumsum(1) % 2


def count_task(most: int) -> tuple[Tensor, Tensor]:
    """Of aⁿbⁿ: one step before the b's are as many as the a's, as many, one more. a is 1 and b is −1.

    Args:
        most: n goes from 1 to here.

    Returns:
        Inputs and classes, (most, 2 · most + 1) each.
    """
    places, n = torch.arange(2 * most + 1), torch.arange(1, most + 1)[:, None]
    inputs = torch.where(places < n, 1.0, -1.0).expand(most, -1)
    beyond = places - (2 * n - 1)
    return inputs, torch.where(beyond.abs() <= 1, beyond + 1, -1)
