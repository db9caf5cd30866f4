"""One network for tasks that ask for an answer after every symbol: a core of some kind, and the same read-out for all.

The cores: a recurrent layer with tanh or ReLU, a GRU, an LSTM, the layers between and beyond them of `leaky` and
`ladder`, two diagonal linear recurrences with eigenvalues in (0, 1) or in (−1, 1), and a small Transformer with or
without places told. The read-out is a feedforward network of one hidden layer: a linear one could not read parity off a
state that a linear recurrence can hold.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial

import torch
from torch import Tensor, nn

from course_utils.checks import check_name, check_whole
from course_utils.nn.backward_by_hand import states_of
from course_utils.nn.diagonal import DiagonalBlocks
from course_utils.nn.ladder import DiagonalLinear, ExponentialLSTM, MinGRU
from course_utils.nn.layers import LAYERS
from course_utils.nn.leaky import LeakyTanh
from course_utils.nn.parameters import parameters_count
from course_utils.nn.transformer import SmallTransformer
from course_utils.stats import nearest_width

RECURRENT = {"tanh RNN": "rnn", "ReLU RNN": "relu_rnn", "GRU": "gru", "LSTM": "lstm"}
DIAGONAL = {"diagonal (0, 1)": False, "diagonal (−1, 1)": True}  # signed?
TRANSFORMERS = {"Transformer": True, "Transformer, no places": False}  # places told?
LADDER: dict[str, Callable[[int, int], nn.Module]] = {
    "leaky tanh": lambda inputs, units: LeakyTanh(inputs, units, torch.default_generator),
    "diagonal linear": DiagonalLinear,
    "minGRU": MinGRU,
    "exponential LSTM": ExponentialLSTM,
}
NETWORKS = (*RECURRENT, *DIAGONAL, *TRANSFORMERS, *LADDER)
READER = 32  # units of the read-out's hidden layer
TRANSFORMER_WIDTH = 16


class _Attention(SmallTransformer):
    """A small Transformer without its own read-out."""

    def __init__(self, input_size: int, inner: int, places: bool) -> None:
        super().__init__(input_size, TRANSFORMER_WIDTH, 1, inner, positions=places)
        del self.readout

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, I) → (B, T, D)."""
        return self.states(x)


class TrackingNet(nn.Module):
    """The logits of the answer after each symbol.

    Attributes:
        core: what remembers: torch's layer of a recurrent network, one of `leaky` and `ladder`,
            `DiagonalBlocks` or `SmallTransformer`.
        readout: from what the core gives to the logits, over `READER` ReLU units.

    Args:
        network: one of `NETWORKS`.
        input_size: I.
        output_size: O.
        width: units of a recurrent layer, states of each diagonal recurrence, or units of a Transformer's feedforward
            layers.

    Raises:
        CourseError: no such network, a size that is no whole number from 1.
    """

    def __init__(self, network: str, input_size: int, output_size: int, width: int) -> None:
        super().__init__()
        check_name("network", network, NETWORKS)
        for name, size in (("input_size", input_size), ("output_size", output_size), ("width", width)):
            check_whole(name, size, 1)
        self.core: nn.Module
        if network in RECURRENT:
            self.core = LAYERS[RECURRENT[network]](input_size, width, batch_first=True)
        elif network in LADDER:
            self.core = LADDER[network](input_size, width)
        elif network in DIAGONAL:
            self.core = DiagonalBlocks(input_size, width, signed=DIAGONAL[network])
        else:
            self.core = _Attention(input_size, width, TRANSFORMERS[network])
        seen = TRANSFORMER_WIDTH if network in TRANSFORMERS else width
        self.readout = nn.Sequential(nn.Linear(seen, READER), nn.ReLU(), nn.Linear(READER, output_size))

    def states(self, x: Tensor) -> Tensor:
        """(B, T, I) → (B, T, F), what the read-out sees; of an LSTM its outputs h."""
        if isinstance(self.core, nn.RNN | nn.GRU):
            return states_of(self.core, x)
        found = self.core(x)
        states: Tensor = found[0] if isinstance(found, tuple) else found
        return states

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, I) → (B, T, O)."""
        outputs: Tensor = self.readout(self.states(x))
        return outputs


@cache
def width_for(network: str, input_size: int, output_size: int, parameters: int) -> int:
    """The width whose network has nearest to a number of parameters.

    Args:
        network: one of `NETWORKS`.
        input_size: I.
        output_size: O.
        parameters: the number wanted.
    """
    return nearest_width(parameters, partial(tracking_size, network, input_size, output_size))


def tracking_size(network: str, input_size: int, output_size: int, width: int) -> int:
    """How many numbers a `TrackingNet` learns.

    Args:
        network: one of `NETWORKS`.
        input_size: I.
        output_size: O.
        width: as in `TrackingNet`.
    """
    with torch.random.fork_rng(devices=[]), torch.device("meta"):
        return parameters_count(TrackingNet(network, input_size, output_size, width))
