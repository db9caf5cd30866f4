"""Where a gradient goes on its way back through time: by state, and by the weights' part at each step.

Works on any one-layer `nn.RNN`, `nn.GRU` or `nn.LSTM`, and on any cell of your own that is a function
step(x_t, state) → state. Use float64: a gradient of 1e−40 is 0 in float32.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn

from course_utils.display.numbers import short
from course_utils.display.settings import Settings, each, trained
from course_utils.errors import CourseError
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.starts import Start
from course_utils.experiments.framework.told import CLIP_NORM, CLIPPED, size_text, starts_text
from course_utils.experiments.tasks.adding import Adding
from course_utils.nn.sequence_model import SequenceModel
from course_utils.training import fit

State: TypeAlias = tuple[Tensor, ...]  # (h,), or (h, c) of an LSTM, each (B, H)
Step: TypeAlias = Callable[[Tensor, State], State]
Loss: TypeAlias = Callable[[State], Tensor]  # the last state → one loss for each sequence, (B,)

FLOOR = -320.0  # log10 of the smallest float64, about: stands for the logarithm of 0


def step_of(network: nn.Module, W_hh: Tensor | None = None) -> Step:
    """One step of a torch network as a function step(x_t, state) → state.

    Args:
        network: a one-layer `nn.RNN`, `nn.GRU` or `nn.LSTM` that reads in one direction.
        W_hh: take these weights from state to state instead of the network's own.

    Raises:
        CourseError: another kind of network.
    """
    W_ih, own, b_ih, b_hh = one_layer(network).parameters()
    W = own if W_hh is None else W_hh
    if isinstance(network, nn.LSTM):
        return lambda x, state: torch.lstm_cell(x, list(state), W_ih, W, b_ih, b_hh)
    if isinstance(network, nn.GRU):
        return lambda x, state: (torch.gru_cell(x, state[0], W_ih, W, b_ih, b_hh),)
    cell = torch.rnn_relu_cell if getattr(network, "nonlinearity", "tanh") == "relu" else torch.rnn_tanh_cell
    return lambda x, state: (cell(x, state[0], W_ih, W, b_ih, b_hh),)


def one_layer(network: nn.Module) -> nn.RNNBase:
    """The network, if it is one that gradients can be followed through.

    Raises:
        CourseError: it is not one recurrent layer of torch's, with biases, that reads in one direction.
    """
    if not isinstance(network, nn.RNNBase):
        raise CourseError(
            f"Gradients are followed through an nn.RNN, nn.GRU or nn.LSTM; this is a {type(network).__name__}. Of a "
            "whole network give the recurrent layer, such as model.core."
        )
    if network.num_layers != 1 or network.bidirectional or network.proj_size or not network.bias:
        raise CourseError("Gradients are followed through one layer, with biases, that reads in one direction.")
    return network


def zero_state(network: nn.Module, batch: int) -> State:
    """The state before the first step: zeros, (B, H) for h, and for the c of an LSTM."""
    zeros = torch.zeros(batch, one_layer(network).hidden_size, dtype=next(network.parameters()).dtype)
    return (zeros, zeros) if isinstance(network, nn.LSTM) else (zeros,)


def along(network: nn.Module) -> Loss:
    """A loss that asks the last h one question: its part along a fixed direction of length 1."""
    units = one_layer(network).hidden_size
    direction = torch.ones(units, dtype=next(network.parameters()).dtype) / units**0.5
    return lambda state: state[0] @ direction


def state_gradients(step: Step, x: Tensor, state: State, loss: Loss) -> Tensor:
    """‖∂L/∂s_{T−k}‖ for k = 0 … T, where s is the whole state: h, or h and c together.

    Args:
        step: a cell, such as `step_of(nn.LSTM(…))`.
        x: (B, T, I) inputs.
        state: the state before the first step.
        loss: the loss of each sequence, from its last state.

    Returns:
        (T + 1, B): row k is the norm of the gradient k steps back, for each sequence.
    """
    before: list[State] = []
    for x_t in x.unbind(dim=1):
        before.append(_cut(state))
        state = step(x_t, before[-1])
    before.append(_cut(state))
    flat = [part for earlier in before for part in earlier]
    gradients = torch.autograd.grad(loss(before[-1]).sum(), flat, allow_unused=True)
    known = [torch.zeros_like(part) if g is None else g for part, g in zip(flat, gradients, strict=True)]
    together = torch.stack(known).unflatten(0, (len(before), len(state)))  # (T + 1, h or h and c, B, H)
    return _length(together.transpose(1, 2).flatten(2)).flip(0)


def _length(vectors: Tensor) -> Tensor:
    """The norm over the last axis, also where the squares of the entries would be 0 (1e−170 squared) or infinite."""
    largest = vectors.abs().amax(dim=-1, keepdim=True).clamp_min(torch.finfo(vectors.dtype).tiny)
    length: Tensor = largest[..., 0] * (vectors / largest).square().sum(dim=-1).sqrt()
    return length


def _cut(state: State) -> State:
    """The state as variables of their own: the gradient in h does not count again in c, which h was made from."""
    return tuple(part.clone().requires_grad_() for part in state)


def weight_gradients_by_lag(network: nn.Module, x: Tensor, loss: Callable[[Tensor], Tensor]) -> Tensor:
    """∂L/∂W_hh split by lag: the same weights serve at every step, and each use gives a part of the gradient.

    Args:
        network: a one-layer `nn.RNN`, `nn.GRU` or `nn.LSTM`.
        x: (B, T, I) inputs.
        loss: from the last h, (B, H), to one number.

    Returns:
        (T, …, H): part k comes from the use of W_hh in step T − k, k steps before the last one. Their sum is ∂L/∂W_hh.
    """
    T = x.shape[1]
    own = dict(one_layer(network).named_parameters())["weight_hh_l0"]
    copies = own.detach().expand(T, *own.shape).clone().requires_grad_()
    state = zero_state(network, len(x))
    for x_t, W in zip(x.unbind(dim=1), copies.unbind(dim=0), strict=True):
        state = step_of(network, W)(x_t, state)
    (parts,) = torch.autograd.grad(loss(state[0]), copies)
    return parts.flip(0)


@torch.no_grad()
def with_matrix(network: nn.Module, W_hh: Tensor) -> nn.Module:
    """A copy of the network with these weights from state to state, and without biases; all else is as it was.

    Args:
        network: a one-layer `nn.RNN`, `nn.GRU` or `nn.LSTM`.
        W_hh: in its layout, (H, H) for an RNN.
    """
    copy = deepcopy(one_layer(network))
    _, own, b_ih, b_hh = copy.parameters()
    own.copy_(W_hh)
    b_ih.zero_()
    b_hh.zero_()
    return copy


def norms(parts: Tensor) -> Tensor:
    """The length of each part: (T, …) → (T,)."""
    return _length(parts.flatten(1))


def log10(value: float) -> float:
    """log₁₀ of a number that may be 0; FLOOR there."""
    return max(math.log10(value), FLOOR) if value > 0 else FLOOR


def left_at(norms_by_lag: Tensor, lags: Sequence[int]) -> list[Row]:
    """How much of the gradient is left after some lags: rows with `lag` and `log10_left` (0: as much as at lag 0).

    Args:
        norms_by_lag: (T + 1, B) from `state_gradients`.
        lags: each at most T.
    """
    mean = (norms_by_lag.clamp_min(1e-320).log10()).mean(dim=1)  # the geometric mean over sequences
    return [{"lag": int(k), "log10_left": max(float(mean[k] - mean[0]), FLOOR)} for k in lags]


# ---------------------------------------------------------------------------------------------------------------------
# The experiment: RNN, GRU and LSTM, untrained and trained (claim C07)

BATCH = 32
CELLS: dict[str, tuple[str, Start]] = {  # cell, and how it begins
    "RNN": ("rnn", Start("torch's own", "default")),
    "RNN, orthogonal": ("rnn", Start("orthogonal", "orthogonal")),
    "GRU": ("gru", Start("torch's own", "default")),
    "LSTM": ("lstm", Start("torch's own", "default")),
    "LSTM, forget bias 1": ("lstm", Start("forget bias 1", forget_bias=1.0)),
    "LSTM, forget bias 3": ("lstm", Start("forget bias 3", forget_bias=3.0)),
}


def measure(seed: int, *, lags: list[int], hidden_size: int, train_len: int, steps: int, lr: float) -> list[Row]:
    """How much of a gradient is left after some lags, before and after training on the adding problem.

    Args:
        seed: of weights and data.
        lags: in steps; the sequences are as long as the longest.
        hidden_size: H, the same for all.
        train_len: T of the adding problem that is trained on.
        steps: of Adam.
        lr: its learning rate.

    Returns:
        A row for each network, stage ("initial" or "trained") and lag: `log10_left`, log₁₀ of ‖∂L/∂(h, c)‖ at that lag
        as a share of that at lag 0 (the mean of the logarithm over 16 sequences).
    """
    rows: list[Row] = []
    task = Adding(train_len)
    x = Adding(max(lags)).held_out(16, seed).x.double()
    for name, (cell, start) in CELLS.items():
        model = start.network(cell, 2, hidden_size, 1, seed=seed, kind=SequenceModel)
        for stage in ("initial", "trained"):
            if stage == "trained":
                draws = task.batches(BATCH, seed)
                fit(model, draws, task.objective, steps=steps, lr=lr, clip_norm=CLIP_NORM, progress=False)
            core = deepcopy(model.core).double()
            found = left_at(state_gradients(step_of(core), x, zero_state(core, len(x)), along(core)), lags)
            rows += [{"network": name, "stage": stage, **row} for row in found]
    return rows


def told(*, hidden_size: int, train_len: int, steps: int, lr: float, **_: Any) -> Settings:
    """What a reader must know of the trainings."""
    cells = {name: cell for name, (cell, _) in CELLS.items()}
    return trained(
        start=starts_text(CELLS),
        learning_rate=f"Adam, {short(lr)}",
        clipping=CLIPPED,
        steps=f"{steps:,}",
        batch=f"{BATCH}",
        size=each({name: size_text(cell, 2, hidden_size, 1) for name, cell in cells.items()}),
        note=f"trained on the adding problem of {train_len} steps; “initial” rows are of networks before any training",
    )


EXPERIMENT = Experiment(
    name="gradient_flow",
    version=1,
    measure=measure,
    told=told,
    seeds=tuple(range(10)),
    settings={
        "lags": [0, 1, 2, 5, 10, 20, 50, 100, 150, 199],
        "hidden_size": 32,
        "train_len": 50,
        "steps": 500,
        "lr": 3e-3,
    },
    quick={"lags": [0, 50, 100], "hidden_size": 16, "train_len": 10, "steps": 10},
)
