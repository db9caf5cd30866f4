"""A learner's own recurrent cell in a network of the course: the contract, the read-out, and the width of equal size.

A cell is a class of `torch.nn.Module` that is made by `cell(input_size, hidden_size)`, and that turns inputs (B, T, I)
into states (B, T, H), from a state of its own at the first step. It may give a tuple whose first part are the states,
as torch's layers do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn

from course_utils.errors import CourseError
from course_utils.nn.parameters import parameters_count
from course_utils.runtime import seeded
from course_utils.stats import nearest_width

Cell: TypeAlias = Callable[[int, int], nn.Module]  # (input_size, hidden_size) → the layer

CONTRACT = (
    "A cell is a class of torch.nn.Module: `cell(input_size, hidden_size)` makes it, and it turns inputs of the shape "
    "(B, T, I), batch first, into states of the shape (B, T, H)."
)
WIDEST = 2**14  # units; what has too few parameters even so does not grow with its width


class OwnCellNet(nn.Module):
    """A network with a learner's cell and a read-out at every step.

    Attributes:
        core: the cell.
        readout: a linear layer from H to O; with `reader` units one ReLU layer before it.

    Args:
        cell: see above.
        input_size: I.
        hidden_size: H.
        output_size: O.
        reader: ReLU units of the read-out; 0: it is linear.
    """

    def __init__(self, cell: Cell, input_size: int, hidden_size: int, output_size: int, reader: int = 0) -> None:
        super().__init__()
        self.core = made(cell, input_size, hidden_size)
        self.readout: nn.Module = nn.Linear(hidden_size, output_size)
        if reader:
            self.readout = nn.Sequential(nn.Linear(hidden_size, reader), nn.ReLU(), nn.Linear(reader, output_size))
        self._hidden_size = hidden_size

    def states(self, x: Tensor) -> Tensor:
        """(B, T, I) → (B, T, H).

        Raises:
            CourseError: the cell gives something else.
        """
        return states_of(self.core, x, self._hidden_size)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, I) → (B, T, O), an output at every step."""
        outputs: Tensor = self.readout(self.states(x))
        return outputs


def made(cell: Cell, input_size: int, hidden_size: int) -> nn.Module:
    """A cell, made.

    Raises:
        CourseError: it cannot be made so, or is no module.
    """
    try:
        layer: Any = cell(input_size, hidden_size)
    except Exception as error:
        raise CourseError(
            f"Your cell could not be made by cell({input_size}, {hidden_size}): {type(error).__name__}: {error}. "
            f"{CONTRACT}"
        ) from error
    if not isinstance(layer, nn.Module):
        raise CourseError(f"Your cell is a {type(layer).__name__}. {CONTRACT}")
    return layer


def states_of(layer: nn.Module, x: Tensor, hidden_size: int) -> Tensor:
    """What a cell makes of inputs.

    Args:
        layer: the cell, made.
        x: (B, T, I).
        hidden_size: H.

    Returns:
        (B, T, H).

    Raises:
        CourseError: it gives something else.
    """
    found = layer(x)
    states = found[0] if isinstance(found, tuple) else found
    wanted = (*x.shape[:2], hidden_size)
    if not isinstance(states, Tensor) or tuple(states.shape) != wanted or not states.is_floating_point():
        shape = f"the shape {tuple(states.shape)}" if isinstance(states, Tensor) else f"a {type(states).__name__}"
        raise CourseError(
            f"For inputs of the shape {tuple(x.shape)} and {hidden_size} units your cell gives {shape}; expected: "
            f"floats of the shape {wanted}. {CONTRACT}"
        )
    return states


def own_net(cell: Cell, input_size: int, hidden_size: int, output_size: int, reader: int, seed: int) -> OwnCellNet:
    """The network, untrained, its weights drawn from a seed.

    Args:
        cell: see above.
        input_size: I.
        hidden_size: H.
        output_size: O.
        reader: ReLU units of the read-out; 0: it is linear.
        seed: of the first weights.
    """
    with seeded(seed):
        return OwnCellNet(cell, input_size, hidden_size, output_size, reader)


def own_width(cell: Cell, input_size: int, output_size: int, reader: int, parameters: int) -> int:
    """The hidden size whose network has nearest to a number of parameters.

    Args:
        cell: see above.
        input_size: I.
        output_size: O.
        reader: ReLU units of the read-out; 0: it is linear.
        parameters: the number wanted.

    Raises:
        CourseError: the cell cannot be made, or its parameters do not grow with its units.
    """

    def size(width: int) -> int:
        if width > WIDEST:
            raise CourseError(
                f"With {WIDEST:,} units your cell still has fewer than {parameters:,} parameters: their number does "
                "not grow with hidden_size. Make the weights as large as hidden_size says."
            )
        return parameters_count(own_net(cell, input_size, width, output_size, reader, seed=0))

    with torch.no_grad():
        return nearest_width(parameters, size)
