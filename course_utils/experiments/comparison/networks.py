"""Seven kinds of networks for one sequence task, at equal size: how wide each must be, and what a step of it costs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from torch import nn

from course_utils.checks import check_name
from course_utils.errors import CourseError
from course_utils.experiments.framework.starts import Start
from course_utils.nn.backward_by_hand import Recurrent
from course_utils.nn.causal_convolution import KERNEL, CausalConvolution, convolution_size, levels_for
from course_utils.nn.sequence_model import parameter_count
from course_utils.nn.state_space import LinearRecurrence, StateSpace, state_space_size
from course_utils.nn.transformer import SmallTransformer, transformer_size
from course_utils.runtime import seeded
from course_utils.stats import nearest_width

CELLS = {"RNN": "rnn", "IRNN": "relu_rnn", "GRU": "gru", "LSTM": "lstm"}
NETWORKS = (*CELLS, "convolution", "Transformer", "state space")
OWN = "torch's own"
ORTHOGONAL, CHRONO = Start("orthogonal", "orthogonal"), Start("chrono", chrono="lag")
RECURRENT_STARTS: dict[str, tuple[Start, ...]] = {
    "RNN": (Start(OWN), ORTHOGONAL, Start("identity", "identity", input_std=0.1)),
    "IRNN": (Start(OWN), *(Start(f"identity, inputs {std}", "identity", input_std=std) for std in (0.001, 0.1))),
    "GRU": (Start(OWN), ORTHOGONAL, CHRONO),
    "LSTM": (Start(OWN), Start("orthogonal, forget bias 1", "orthogonal", forget_bias=1.0), CHRONO),
}
CHRONO_100 = Start("chrono 100", chrono=100)  # the same for every task and lag: it is told neither
ALL_STARTS: dict[str, tuple[Start, ...]] = {
    network: (*starts, CHRONO_100) if CHRONO in starts else starts for network, starts in RECURRENT_STARTS.items()
}
RINGS = {f"|λ| from {least}": least for least in (0.5, 0.9, 0.99)}  # the smallest |λ| of a state space network
STARTS: dict[str, tuple[str, ...]] = {  # by name
    **{network: tuple(start.label for start in starts) for network, starts in RECURRENT_STARTS.items()},
    "convolution": (OWN,),
    "Transformer": (OWN,),
    "state space": tuple(RINGS),
}
WITHIN = 0.02  # largest difference of parameters, as a share
LSTM_WIDTHS = (24, 23, 25, 22, 26, 21, 27, 20, 28, 19, 29, 18, 30)  # nearest to 24 first


@dataclass(frozen=True)
class Shape:
    """What a network is made for: I inputs, O outputs, sequences of T steps."""

    input_size: int
    output_size: int
    seq_len: int


def build_network(network: str, shape: Shape, width: tuple[int, ...], start: str, lag: int, seed: int) -> nn.Module:
    """A network, untrained.

    Args:
        network: one of `NETWORKS`.
        shape: what it is made for.
        width: as `equal_sizes` gives it.
        start: one of `STARTS[network]`, or "chrono 100" of a GRU or LSTM; what it draws beside them are torch's own
            first weights.
        lag: in steps; "chrono" is told it.
        seed: of the weights.

    Raises:
        CourseError: an unknown network or start.
    """
    check_name("network", network, STARTS)
    known = [one.label for one in ALL_STARTS.get(network, ())]
    check_name(f"start of a {network}", start, known or STARTS[network])
    inputs, outputs, steps = shape.input_size, shape.output_size, shape.seq_len
    with seeded(seed):
        if network == "convolution":
            return CausalConvolution(inputs, width[0], outputs, steps, width[1])
        if network == "Transformer":
            return SmallTransformer(inputs, width[0], outputs, width[1])
        if network == "state space":
            return _state_space(shape, width, RINGS[start])
    begin = next(choice for choice in ALL_STARTS[network] if choice.label == start)
    return begin.network(CELLS[network], inputs, width[0], outputs, seed=seed, lag=lag, kind=Recurrent)


def _state_space(shape: Shape, width: tuple[int, ...], least: float) -> StateSpace:
    model = StateSpace(shape.input_size, width[0], shape.output_size, width[1])
    for k in range(len(model.recurrences)):
        model.recurrences[k] = LinearRecurrence(width[0], width[1], ring=(least, 0.9999))
    return model


# ---------------------------------------------------------------------------------------------------------------------
# Sizes


def size_of(network: str, shape: Shape, width: tuple[int, ...]) -> int:
    """How many numbers a network learns."""
    inputs, outputs, steps = shape.input_size, shape.output_size, shape.seq_len
    if network == "convolution":
        return convolution_size(inputs, width[0], outputs, steps, width[1])
    if network == "Transformer":
        return transformer_size(inputs, width[0], outputs, width[1])
    if network == "state space":
        return state_space_size(inputs, width[0], outputs, width[1])
    return parameter_count(CELLS[network], inputs, width[0], outputs)


@cache
def equal_sizes(shape: Shape) -> dict[str, tuple[int, ...]]:
    """Widths with which all seven networks have as many parameters as the LSTM, within 2 %.

    The width of the LSTM is the one nearest to 24 for which there are such widths.

    Args:
        shape: what they are made for.

    Returns:
        network → (hidden_size,); of a convolution (channels, units of the read-out), of a Transformer (width, units of
        its feedforward layers), of a state space network (width, states).

    Raises:
        CourseError: there are none.
    """
    for hidden_size in LSTM_WIDTHS:
        target = parameter_count("lstm", shape.input_size, hidden_size, shape.output_size)
        found = {network: _nearest(network, shape, target) for network in NETWORKS}
        if all(abs(size_of(network, shape, width) / target - 1) <= WITHIN for network, width in found.items()):
            return found
    raise CourseError(f"No width of an LSTM from 18 to 30 lets all networks have equal size for {shape}.")


def _nearest(network: str, shape: Shape, target: int) -> tuple[int, ...]:
    def size(*width: int) -> int:
        return size_of(network, shape, width)

    def second(first: int) -> tuple[int, int]:
        return first, nearest_width(target, lambda inner: size(first, inner))

    if network in CELLS:
        return (nearest_width(target, size),)
    if network == "convolution":  # the most channels that leave a read-out of 8 units
        return second(max(c for c in range(2, 30) if c == 2 or size(c, 8) <= target))
    firsts = (12,) if network == "Transformer" else (12, 11, 13, 10)
    return min((second(first) for first in firsts), key=lambda width: abs(size(*width) - target))


def operations(network: str, shape: Shape, width: tuple[int, ...]) -> int:
    """Multiplications and additions of the matrix products in one forward pass over one sequence.

    What is done to each number alone (tanh, gates, norms) is left out, and so is the softmax. Of attention the whole
    square is counted; a Fourier transform of n complex numbers as 5 n log₂ n.

    Args:
        network: one of `NETWORKS`.
        shape: for T steps.
        width: of the network.

    Returns:
        A whole number. Training takes about three times as many: forward, and two products for each on the way back.
    """
    inputs, outputs, steps = shape.input_size, shape.output_size, shape.seq_len
    if network == "convolution":
        C, M = width
        return 2 * steps * (inputs * C + levels_for(steps) * KERNEL * C * C + C * M + M * outputs)
    if network == "Transformer":
        D, M = width
        return 2 * steps * (inputs * D + 2 * (4 * D * D + 2 * D * M) + D * outputs) + 2 * 4 * steps * steps * D
    if network == "state space":
        D, N = width
        transform = 3 * 5 * 2 * steps * (2 * steps - 1).bit_length() * N
        return 2 * steps * (inputs * D + D * D + D * outputs) + 2 * (
            2 * steps * D * D + 2 * steps * 4 * D * N + transform
        )
    H, gates = width[0], {"GRU": 3, "LSTM": 4}.get(network, 1)
    return 2 * steps * (gates * H * (inputs + H) + H * outputs)
