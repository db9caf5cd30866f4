"""Claims C07 and C34: what an LSTM's forget bias does to its gradient, along the direct path and in all."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

import torch
from torch import Tensor, nn

from course_utils.display.numbers import short
from course_utils.display.settings import Settings, each, trained
from course_utils.errors import CourseError
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.starts import Start
from course_utils.experiments.framework.told import CLIP_NORM, CLIPPED, size_text, starts_text
from course_utils.experiments.gradients.gradient_flow import (
    FLOOR,
    along,
    left_at,
    log10,
    one_layer,
    state_gradients,
    step_of,
    zero_state,
)
from course_utils.experiments.tasks.adding import Adding
from course_utils.nn.cells import lstm_gates
from course_utils.nn.sequence_model import SequenceModel
from course_utils.training import fit


def direct_path(core: nn.Module, x: Tensor, lags: Sequence[int]) -> list[Row]:
    """What would reach a cell if a gradient went from cell to cell alone, through the forget gates.

    c_t = f_t · c_{t−1} + …: along this path ∂c_T/∂c_{T−k} is the product of the last k forget gates, unit by unit. The
    whole gradient has more, for it also goes by way of h, through gates and candidates. Where W_hh is 0 there is no
    other way, and the two are equal (a test holds that).

    Args:
        core: a one-layer `nn.LSTM`, in double precision.
        x: (B, T, I) inputs; the gates are those of this run, from a state of zeros.
        lags: k, each from 1 to T.

    Returns:
        A row for each lag: `log10_direct`, log₁₀ of ‖∂L/∂c_{T−k}‖ along this path alone, as a share of the gradient in
        the last state, with L as in `along`: as `log10_left` is of the whole gradient, the mean over sequences. And
        `log10_product`, log₁₀ of the product of the k gates, the mean over sequences and units.

    Raises:
        CourseError: another kind of network.
    """
    if not isinstance(core, nn.LSTM):
        raise CourseError(
            f"Only an LSTM has forget gates; this is a {type(core).__name__}. Give model.core of an LSTM."
        )
    W_ih, W_hh, b_ih, b_hh = one_layer(core).parameters()
    h, c = zero_state(core, len(x))
    with torch.no_grad():
        gates = lstm_gates(x, h, c, (W_ih, W_hh, b_ih, b_hh))
        loss_in_cell = gates["output"][:, -1] * (1 - torch.tanh(gates["cell"][:, -1]) ** 2) / core.hidden_size**0.5
        product = gates["forget"].log().flip(1).cumsum(1)  # (B, T, H): ln of the last 1, 2 … T gates
        norm = torch.logsumexp(2 * (product + loss_in_cell.log()[:, None]), dim=-1) / 2  # (B, T)
    tens = {"log10_direct": norm.mean(0) / math.log(10), "log10_product": product.mean((0, 2)) / math.log(10)}
    return [{"lag": k, **{name: max(float(by_lag[k - 1]), FLOOR) for name, by_lag in tens.items()}} for k in lags]


# ---------------------------------------------------------------------------------------------------------------------
# The experiment


BATCH = 32
NETWORKS: dict[str, tuple[str, Start]] = {  # cell, and how it begins
    **{f"LSTM, forget bias {bias}": ("lstm", Start(f"forget bias {bias}", forget_bias=bias)) for bias in (0, 1, 3, 5)},
    "RNN, orthogonal × 1.5": ("rnn", Start("orthogonal × 1.5", "orthogonal", scale=1.5)),
    "ReLU, identity × 1.1": ("relu_rnn", Start("identity × 1.1", "identity", scale=1.1)),
}


def measure(seed: int, *, lags: list[int], hidden_size: int, train_len: int, steps: int, lr: float) -> list[Row]:
    """How much of a gradient is left after some lags, for `NETWORKS`; arguments and rows as in `followed`."""
    return followed(NETWORKS, seed, lags=lags, hidden_size=hidden_size, train_len=train_len, steps=steps, lr=lr)


def followed(
    networks: Mapping[str, tuple[str, Start]],
    seed: int,
    *,
    lags: list[int],
    hidden_size: int,
    train_len: int,
    steps: int,
    lr: float,
) -> list[Row]:
    """How much of a gradient is left after some lags, before and after training on the adding problem.

    Args:
        networks: name → cell, and how it begins.
        seed: of weights and data.
        lags: in steps, each at least 1; the sequences are as long as the longest, plus one.
        hidden_size: H, the same for all.
        train_len: T of the adding problem that is trained on.
        steps: of Adam, clipped to a norm of 1.
        lr: its learning rate.

    Returns:
        A row for each network, stage ("initial" or "trained") and lag: `log10_left` of the whole gradient, as in
        `gradient_flow.measure`; of an LSTM also `log10_direct` and `log10_product`, as in `direct_path`. And for each
        network a row with the stage "training": `log10_largest_norm`, of the gradient of all weights before clipping.
    """
    rows: list[Row] = []
    task = Adding(train_len)
    x = Adding(max(lags) + 1).held_out(16, seed).x.double()
    for name, (cell, start) in networks.items():
        model = start.network(cell, 2, hidden_size, 1, seed=seed, kind=SequenceModel)
        rows += [{"network": name, "stage": "initial", **row} for row in gradients(model, x, lags)]
        batches = task.batches(BATCH, seed)
        history = fit(model, batches, task.objective, steps=steps, lr=lr, clip_norm=CLIP_NORM, progress=False)
        largest = log10(float(history.table["gradient_norm"].max()))
        rows.append({"network": name, "stage": "training", "log10_largest_norm": largest})
        rows += [{"network": name, "stage": "trained", **row} for row in gradients(model, x, lags)]
    return rows


def gradients(model: SequenceModel, x: Tensor, lags: list[int]) -> list[Row]:
    """The whole gradient, and of an LSTM the direct path, of a model as it is: a row for each lag."""
    core = deepcopy(model.core).double()
    whole = left_at(state_gradients(step_of(core), x, zero_state(core, len(x)), along(core)), lags)
    if not isinstance(core, nn.LSTM):
        return whole
    return [{**left, **direct} for left, direct in zip(whole, direct_path(core, x, lags), strict=True)]


def told(**settings: Any) -> Settings:
    """What a reader must know of the trainings."""
    return told_of(NETWORKS, **settings)


def told_of(
    networks: Mapping[str, tuple[str, Start]], *, hidden_size: int, train_len: int, steps: int, lr: float, **_: Any
) -> Settings:
    """The same of other networks."""
    cells = {name: cell for name, (cell, _) in networks.items()}
    return trained(
        start=starts_text(networks),
        learning_rate=f"Adam, {short(lr)}",
        clipping=CLIPPED,
        steps=f"{steps:,}",
        batch=f"{BATCH}",
        size=each({name: size_text(cell, 2, hidden_size, 1) for name, cell in cells.items()}),
        note=f"trained on the adding problem of {train_len} steps; “initial” rows are of networks before any training",
    )


EXPERIMENT = Experiment(
    name="forget_bias",
    version=1,
    measure=measure,
    told=told,
    seeds=tuple(range(10)),
    settings={
        "lags": [1, 2, 5, 10, 20, 50, 100, 150, 199],
        "hidden_size": 32,
        "train_len": 50,
        "steps": 500,
        "lr": 3e-3,
    },
    quick={"lags": [1, 10, 199], "hidden_size": 8, "train_len": 10, "steps": 10},
)
