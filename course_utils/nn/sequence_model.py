"""One network for all memory tasks: a recurrent layer of a given kind, or none, and a linear read-out at every step."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from course_utils.checks import check_name, check_whole
from course_utils.errors import CourseError
from course_utils.nn.feedforward import mlp_parameter_count
from course_utils.nn.initialisation import default_
from course_utils.stats import nearest_width, network_size

CELLS = ("rnn", "relu_rnn", "gru", "lstm", "feedforward")
GATES = {"rnn": 1, "relu_rnn": 1, "gru": 3, "lstm": 4}  # affine maps of a recurrent unit


class SequenceModel(nn.Module):
    """A network with one hidden layer that answers at every step.

    The cells: "rnn" (tanh), "relu_rnn", "gru", "lstm", one layer of torch's; and "feedforward", a layer of tanh units
    that sees the last `window` inputs and nothing else: zeros before the first step, nothing of the future.

    Attributes:
        core: the hidden layer: an `nn.RNN`, `nn.GRU` or `nn.LSTM` (what the initialisers of `nn.initialisation` take),
            or for "feedforward" an `nn.Linear` from window · input_size to hidden_size.
        readout: the linear layer from hidden_size to output_size.

    Args:
        cell: one of `CELLS`.
        input_size: I.
        hidden_size: H, the units of the hidden layer.
        output_size: O.
        window: how many of the last inputs a feedforward network sees, the current one included.
        generator: a torch generator to draw the weights from; torch's global random state is then left as it was.
            Default: they are drawn from the global one.

    Raises:
        CourseError: an unknown cell, a size that is no whole number from 1, a window for a recurrent cell.
    """

    def __init__(
        self,
        cell: str,
        input_size: int,
        hidden_size: int,
        output_size: int,
        *,
        window: int = 1,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        _check(cell, input_size, output_size, window)
        check_whole("hidden_size", hidden_size, 1)
        self.cell, self.window = cell, window
        with torch.random.fork_rng(devices=[], enabled=generator is not None):
            self.core = _core(cell, window * input_size, hidden_size)
            self.readout = nn.Linear(hidden_size, output_size)
        if generator is not None:
            default_(self, generator)

    def states(self, x: Tensor) -> Tensor:
        """The hidden layer at every step, from a state of zeros.

        Args:
            x: (B, T, I).

        Returns:
            (B, T, H); of an LSTM the states h.
        """
        if self.cell == "feedforward":
            return torch.tanh(self.core(last_inputs(x, self.window)))
        states: Tensor = self.core(x)[0]
        return states

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, I) → (B, T, O), an output at every step."""
        outputs: Tensor = self.readout(self.states(x))
        return outputs


def last_inputs(x: Tensor, window: int) -> Tensor:
    """At every step the last inputs side by side, the oldest first; zeros before the first step.

    Args:
        x: (B, T, I).
        window: how many, the current one included.

    Returns:
        (B, T, window · I).
    """
    padded = nn.functional.pad(x, (0, 0, window - 1, 0))
    return torch.cat([padded[:, k : k + x.shape[1]] for k in range(window)], dim=-1)


def parameter_count(cell: str, input_size: int, hidden_size: int, output_size: int, window: int = 1) -> int:
    """How many numbers a `SequenceModel` learns: in its layer, with torch's two biases a gate, and in its read-out.

    Args:
        cell: one of `CELLS`.
        input_size: I.
        hidden_size: H.
        output_size: O.
        window: how many of the last inputs a feedforward network sees.

    Returns:
        gates · H · (I + H + 2) + (H + 1) · O, with 1, 3, 4 gates for an RNN, GRU, LSTM; for a feedforward network
        H · (window · I + 1) + (H + 1) · O.

    Raises:
        CourseError: as in `SequenceModel`.
    """
    _check(cell, input_size, output_size, window)
    check_whole("hidden_size", hidden_size, 1)
    if cell == "feedforward":
        return mlp_parameter_count((window * input_size, hidden_size, output_size))
    return network_size(GATES[cell], input_size, hidden_size, output_size)


def hidden_for_parameters(cell: str, input_size: int, output_size: int, parameters: int, window: int = 1) -> int:
    """The hidden_size whose network has nearest to a given number of parameters, to compare cells at equal size.

    Args:
        cell: one of `CELLS`.
        input_size: I.
        output_size: O.
        parameters: the number wanted.
        window: how many of the last inputs a feedforward network sees.

    Returns:
        The hidden size; of two equally near ones the smaller.

    Raises:
        CourseError: as in `SequenceModel`; so few parameters that one unit has more.
    """

    def count(hidden_size: int) -> int:
        return parameter_count(cell, input_size, hidden_size, output_size, window)

    check_whole("parameters", parameters, 1)
    if parameters < count(1):
        raise CourseError(
            f"A {cell} network from {input_size} inputs to {output_size} outputs has {count(1)} parameters with one "
            f"unit, and {parameters} were asked for. Ask for more."
        )
    return nearest_width(parameters, count)


def _core(cell: str, input_size: int, hidden_size: int) -> nn.Module:
    match cell:
        case "lstm":
            return nn.LSTM(input_size, hidden_size, batch_first=True)
        case "gru":
            return nn.GRU(input_size, hidden_size, batch_first=True)
        case "feedforward":
            return nn.Linear(input_size, hidden_size)
        case _:
            return nn.RNN(input_size, hidden_size, batch_first=True, nonlinearity="relu" if "relu" in cell else "tanh")


def _check(cell: str, input_size: int, output_size: int, window: int) -> None:
    check_name("cell", cell, CELLS)
    for name, size in (("input_size", input_size), ("output_size", output_size), ("window", window)):
        check_whole(name, size, 1)
    if window > 1 and cell != "feedforward":
        raise CourseError(
            f"window={window} is for a feedforward network; a {cell} reads its inputs one by one. Leave it out."
        )
