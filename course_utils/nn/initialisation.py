"""Where a recurrent layer begins: its first weights, drawn in place from a generator.

They take one layer of torch's, `nn.RNN`, `nn.GRU` or `nn.LSTM`. torch stacks the weights of the gates row by row: of an
LSTM input, forget, cell, output (i, f, g, o), of a GRU reset, update, new (r, z, n). It has two biases for every gate,
which are added; where a bias is set here, the whole value is in the first, `bias_ih_l0`, and the second is 0.
"""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn

from course_utils.checks import check_positive
from course_utils.display.numbers import short
from course_utils.errors import CourseError
from course_utils.training.told import OWN_START, mark_start

Recurrent: TypeAlias = nn.RNN | nn.GRU | nn.LSTM


@torch.no_grad()
def default_(module: nn.Module, generator: torch.Generator) -> None:
    """Draw the weights as torch does: of a recurrent layer uniform on ± 1/√hidden_size, of a linear one on ± 1/√inputs.

    Source: `reset_parameters` of torch's `nn.RNNBase` and `nn.Linear`; the numbers are the same as torch's, of a
    generator with the same seed.

    Args:
        module: a recurrent or linear layer, or a network of these and of layers without weights.
        generator: where the random numbers come from.

    Raises:
        CourseError: a layer of another kind has weights.
    """
    for layer in module.modules():
        if isinstance(layer, nn.RNNBase):
            bound = layer.hidden_size**-0.5
        elif isinstance(layer, nn.Linear):
            bound = layer.in_features**-0.5
        elif next(layer.parameters(recurse=False), None) is not None:
            raise CourseError(f"default_ knows recurrent and linear layers; a {type(layer).__name__} is neither.")
        for p in layer.parameters(recurse=False):
            p.copy_(_uniform(p, -bound, bound, generator))
        mark_start(layer, OWN_START, afresh=True)
    mark_start(module, OWN_START, seed=generator.initial_seed(), afresh=True)


@torch.no_grad()
def orthogonal_(module: Recurrent, generator: torch.Generator, gain: float = 1.0) -> None:
    """W_hh orthogonal, for each gate: times `gain` it keeps the length of every state.

    Each square block of W_hh is the Q of a matrix of normal numbers, its columns signed so that the diagonal of R is
    positive: then all orthogonal matrices are equally likely. W_ih: each block uniform on ± √(6 / (I + H)). Biases 0:
    set forget or chrono biases afterwards.

    Sources: Saxe, McClelland & Ganguli 2014 (orthogonal weights); Mezzadri 2007 (signs); Glorot & Bengio 2010 (W_ih).

    Args:
        module: one layer of `nn.RNN`, `nn.GRU` or `nn.LSTM`.
        generator: where the random numbers come from.
        gain: a positive factor of W_hh.

    Raises:
        CourseError: a module of another kind, a gain that is not positive.
    """
    _check_layer("orthogonal_", module, nn.RNN, nn.GRU, nn.LSTM)
    check_positive("gain", gain)
    bound = math.sqrt(6 / (module.input_size + module.hidden_size))
    W_ih, W_hh, b_ih, b_hh = module.parameters()
    for block in W_hh.split(module.hidden_size):
        normal = torch.empty(block.shape, dtype=torch.float64, device=generator.device).normal_(generator=generator)
        q, r = torch.linalg.qr(normal)
        block.copy_(gain * q * r.diagonal().sign())
    W_ih.copy_(_uniform(W_ih, -bound, bound, generator))
    b_ih.zero_()
    b_hh.zero_()
    mark_start(module, f"W_hh orthogonal{'' if gain == 1 else f' × {short(gain)}'}, biases 0")


@torch.no_grad()
def identity_(module: nn.RNN, generator: torch.Generator, scale: float = 1.0, input_std: float = 0.001) -> None:
    """A tanh network that begins by keeping its state: W_hh = scale · identity, biases 0, W_ih normal and small.

    Near 0 tanh is the identity, so small states stay as they are. Source: Le, Jaitly & Hinton 2015 for ReLU, scale and
    the small inputs included; here for tanh.

    Args:
        module: one layer of `nn.RNN` with tanh.
        generator: where the random numbers come from.
        scale: a positive factor; with more than 1 each unit has two states that it keeps, one of each sign.
        input_std: the standard deviation of the input weights.

    Raises:
        CourseError: a module of another kind, a ReLU network, a scale or deviation that is not positive.
    """
    _check_layer("identity_", module, nn.RNN)
    _check_activation("identity_", module, "tanh")
    _set_identity(module, generator, scale, input_std)


@torch.no_grad()
def irnn_(module: nn.RNN, generator: torch.Generator, scale: float = 1.0, input_std: float = 0.001) -> None:
    """The IRNN: a ReLU network that begins by keeping its state. W_hh = identity, biases 0, W_ih normal and small.

    Source: Le, Jaitly & Hinton 2015. They draw all weights but W_hh with a standard deviation of 0.001, those of the
    read-out too (it is not part of this layer), and scale the identity by 0.01 where short memory is enough.

    Args:
        module: one layer of `nn.RNN` with ReLU.
        generator: where the random numbers come from.
        scale: a positive factor of the identity.
        input_std: the standard deviation of the input weights.

    Raises:
        CourseError: a module of another kind, a tanh network, a scale or deviation that is not positive.
    """
    _check_layer("irnn_", module, nn.RNN)
    _check_activation("irnn_", module, "relu")
    _set_identity(module, generator, scale, input_std)


@torch.no_grad()
def forget_bias_(module: nn.LSTM, value: float) -> None:
    """Set the bias of an LSTM's forget gates; all other numbers stay. The bias alone keeps σ(value) of a cell a step.

    The whole value is in one of torch's two biases, the other is 0: written into both, the gate would get twice it.

    Sources: Gers, Schmidhuber & Cummins 2000; Jozefowicz, Zaremba & Sutskever 2015 (a bias of 1).

    Args:
        module: one layer of `nn.LSTM`.
        value: any finite number.

    Raises:
        CourseError: a module of another kind, a value that is not finite.
    """
    _check_layer("forget_bias_", module, nn.LSTM)
    if not math.isfinite(value):
        raise CourseError(f"The forget bias must be a finite number; it is {value!r}.")
    _set_bias(module, 1, torch.full((module.hidden_size,), float(value)))
    mark_start(module, f"forget biases {short(value)}")


@torch.no_grad()
def update_bias_(module: nn.GRU, value: float) -> None:
    """Set the bias of a GRU's update gates; all other numbers stay. The bias alone keeps σ(value) of a state a step.

    torch's z keeps the old state, so that this is what `forget_bias_` is of an LSTM; as there, the whole value is in
    one of torch's two biases.

    Args:
        module: one layer of `nn.GRU`.
        value: any finite number.

    Raises:
        CourseError: a module of another kind, a value that is not finite.
    """
    _check_layer("update_bias_", module, nn.GRU)
    if not math.isfinite(value):
        raise CourseError(f"The update bias must be a finite number; it is {value!r}.")
    _set_bias(module, 1, torch.full((module.hidden_size,), float(value)))
    mark_start(module, f"update biases {short(value)}")


@torch.no_grad()
def chrono_(module: nn.LSTM | nn.GRU, longest_lag: int, generator: torch.Generator) -> None:
    """Biases with which the units begin with memories of 1 to `longest_lag` steps.

    With u uniform on [1, longest_lag − 1] for each unit: of an LSTM the forget bias is ln u and the input bias −ln u;
    of a GRU the update bias is ln u, since torch's z keeps the old state (h' = (1 − z) n + z h). A gate of
    σ(ln u) = u / (u + 1) keeps a state for about u steps. All other numbers stay.

    Source: the chrono initialisation of Tallec & Ollivier 2018.

    Args:
        module: one layer of `nn.LSTM` or `nn.GRU`.
        longest_lag: the longest lag expected, in steps, at least 2.
        generator: where the random numbers come from.

    Raises:
        CourseError: a module of another kind, a lag below 2.
    """
    _check_layer("chrono_", module, nn.LSTM, nn.GRU)
    if not 2 <= longest_lag < math.inf:
        raise CourseError(f"longest_lag must be a number of steps from 2; it is {longest_lag!r}.")
    u = torch.empty(module.hidden_size, dtype=torch.float64, device=generator.device)
    keep = u.uniform_(1, longest_lag - 1, generator=generator).log()
    _set_bias(module, 1, keep)  # the second gate: forget of (i, f, g, o), update of (r, z, n)
    if isinstance(module, nn.LSTM):
        _set_bias(module, 0, -keep)
    mark_start(module, f"chrono biases for lags up to {longest_lag:,}")


def _set_identity(module: nn.RNN, generator: torch.Generator, scale: float, input_std: float) -> None:
    check_positive("scale", scale)
    check_positive("input_std", input_std)
    W_ih, W_hh, b_ih, b_hh = module.parameters()
    W_ih.copy_(torch.empty(W_ih.shape, device=generator.device).normal_(0, input_std, generator=generator))
    W_hh.zero_().fill_diagonal_(scale)
    b_ih.zero_()
    b_hh.zero_()
    times = "" if scale == 1 else f" × {short(scale)}"
    mark_start(module, f"W_hh identity{times}, input weights with a spread of {short(input_std)}, biases 0")


def _set_bias(module: Recurrent, gate: int, values: Tensor) -> None:
    """The whole bias of one gate, in the first of torch's two. values: (H,)."""
    rows = slice(gate * module.hidden_size, (gate + 1) * module.hidden_size)
    _, _, b_ih, b_hh = module.parameters()
    b_ih[rows] = values.to(b_ih)
    b_hh[rows] = 0


def _uniform(like: Tensor, low: float, high: float, generator: torch.Generator) -> Tensor:
    """Uniform numbers of a tensor's shape and type, drawn where the generator lives."""
    return torch.empty(like.shape, dtype=like.dtype, device=generator.device).uniform_(low, high, generator=generator)


def _check_layer(function: str, module: Any, *kinds: type[nn.Module]) -> None:
    names = " or ".join(f"nn.{kind.__name__}" for kind in kinds)
    if not isinstance(module, kinds):
        raise CourseError(
            f"{function} is for one layer of {names}; this is a {type(module).__name__}. Of a whole network give the "
            "recurrent layer, such as model.core."
        )
    if module.num_layers != 1 or module.bidirectional or module.proj_size or not module.bias:
        raise CourseError(
            f"{function} is for one layer of {names} that reads forward, with biases and no projection; this one has "
            f"num_layers={module.num_layers}, bidirectional={module.bidirectional}, proj_size={module.proj_size}, "
            f"bias={module.bias}. Initialise its parts by hand, or take one layer."
        )


def _check_activation(function: str, module: nn.RNN, activation: str) -> None:
    if module.nonlinearity != activation:
        other = "irnn_" if activation == "tanh" else "identity_"
        raise CourseError(
            f"{function} is for an nn.RNN with nonlinearity={activation!r}; this one has {module.nonlinearity!r}. "
            f"For it use {other}."
        )
