"""Cells with a gate taken out: the gate is held at a constant, before and during training.

The network stays torch's `nn.LSTM` or `nn.GRU`, so it runs at full speed. A forget gate held at 1 gives the LSTM as
Hochreiter & Schmidhuber published it in 1997; the gate came with Gers, Schmidhuber & Cummins 2000.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from course_utils.checks import check_name
from course_utils.errors import CourseError

GATES: dict[type[nn.RNNBase], dict[str, int]] = {
    nn.LSTM: {"input": 0, "forget": 1, "output": 3},  # torch's rows: i, f, g, o
    nn.GRU: {"reset": 0, "update": 1},  # r, z, n
}
FAR = 40.0  # σ(40) is 1 in double precision, σ(−40) is 4e−18


@torch.no_grad()
def pin_gate_(module: nn.LSTM | nn.GRU, gate: str, value: float) -> None:
    """Hold a gate at a constant, and keep it there in training.

    Its weights become 0 and its bias the number whose σ is the value, and from then on their gradient is 0: SGD and
    Adam leave them alone, and clipping by norm does not see them. Weight decay would still shrink the bias. Initialise
    the layer first: an initialiser that is called later undoes it. A deep copy has the same weights, but learns all.

    Args:
        module: one layer of `nn.LSTM` or `nn.GRU`; of a whole network `model.core`.
        gate: of an LSTM "input", "forget" or "output"; of a GRU "reset" or "update" (z, which keeps the old state).
        value: from 0, closed, to 1, open.

    Raises:
        CourseError: another module, a gate that it does not have, a value outside 0 to 1.
    """
    rows = _rows(module, gate)
    if not 0 <= value <= 1:
        raise CourseError(f"A gate is from 0 (closed) to 1 (open); the value is {value!r}. Give a number between them.")
    W_ih, W_hh, b_ih, b_hh = parameters = list(module.parameters())
    W_ih[rows], W_hh[rows], b_hh[rows] = 0, 0, 0
    b_ih[rows] = min(max(_logit(value), -FAR), FAR)
    for parameter in parameters:
        parameter.register_hook(_without(rows))


def lstm_step_without(
    x: Tensor, h: Tensor, c: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor, gate: str
) -> tuple[Tensor, Tensor]:
    """One step of an LSTM, one of whose gates is held at 1: it lets everything pass, whatever its weights say.

    Args:
        x: (B, I) the input of this step.
        h: (B, H) the state before.
        c: (B, H) the cell before.
        W_ih: (4·H, I) weights from input to gates; row by row input, forget, candidate, output.
        W_hh: (4·H, H) weights from state to gates.
        b_ih: (4·H,) bias of the input.
        b_hh: (4·H,) bias of the state.
        gate: "input", "forget" or "output".

    Returns:
        (B, H) the state after this step, and (B, H) the cell after it.
    """
    i, f, g, o = (x @ W_ih.T + b_ih + h @ W_hh.T + b_hh).chunk(4, dim=-1)
    gates = {"input": torch.sigmoid(i), "forget": torch.sigmoid(f), "output": torch.sigmoid(o)}
    gates[gate] = torch.ones_like(c)
    c = gates["forget"] * c + gates["input"] * torch.tanh(g)
    return gates["output"] * torch.tanh(c), c


def free_parameters(module: nn.Module) -> int:
    """How many numbers a network still learns: those whose gradient is not held at 0 by `pin_gate_`.

    Args:
        module: any network.
    """
    count = 0
    for parameter in module.parameters():
        free = torch.ones_like(parameter)
        for hook in (parameter._backward_hooks or {}).values():
            changed = hook(free)
            free = free if changed is None else changed
        count += int(free.sum())
    return count


def _rows(module: nn.Module, gate: str) -> slice:
    """The rows of a gate in the layer's weights."""
    gates = next((gates for kind, gates in GATES.items() if isinstance(module, kind)), None)
    if gates is None or not isinstance(module, nn.RNNBase):
        raise CourseError(
            f"pin_gate_ is for an nn.LSTM or nn.GRU; this is a {type(module).__name__}. Of a whole network give the "
            "recurrent layer, such as model.core."
        )
    if module.num_layers != 1 or module.bidirectional or module.proj_size or not module.bias:
        raise CourseError("pin_gate_ is for one layer, with biases, that reads in one direction. Take such a layer.")
    check_name(f"{type(module).__name__} gate", gate, gates)
    return slice(gates[gate] * module.hidden_size, (gates[gate] + 1) * module.hidden_size)


def _logit(value: float) -> float:
    """The number whose σ is the value."""
    return math.inf if value == 1 else -math.inf if value == 0 else math.log(value / (1 - value))


def _without(rows: slice) -> Callable[[Tensor], Tensor]:
    """Sets the gradient in these rows to 0."""

    def hook(gradient: Tensor) -> Tensor:
        gradient = gradient.clone()
        gradient[rows] = 0
        return gradient

    return hook
