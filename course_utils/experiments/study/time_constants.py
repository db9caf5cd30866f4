"""Networks with and without time constants, with and without gates, as large as each other: how each begins."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from course_utils.checks import check_name
from course_utils.experiments.comparison.contests import BATCH, Contest, contest
from course_utils.experiments.comparison.networks import OWN, Shape
from course_utils.experiments.framework.starts import Start
from course_utils.experiments.framework.told import size_text
from course_utils.experiments.tasks.copy import Copy
from course_utils.nn.backward_by_hand import Recurrent
from course_utils.nn.initialisation import update_bias_
from course_utils.nn.leaky import LeakyModel, leaky_for_parameters, leaky_parameter_count
from course_utils.nn.sequence_model import hidden_for_parameters, parameter_count

WIDTH = 24  # of the LSTM; the others have as many parameters, nearly
NETWORKS = {"RNN": "rnn", "ReLU RNN": "relu_rnn", "leaky tanh": "leaky tanh", "GRU": "gru", "LSTM": "lstm"}
IDENTITY, BIAS_1 = "identity", "bias 1"
CHRONO = {"chrono, lag / 10": 0.1, "chrono, lag": 1.0, "chrono, 10 lag": 10.0}  # the longest memory, in lags
STARTS: dict[str, tuple[str, ...]] = {
    "RNN": (OWN, IDENTITY),
    "ReLU RNN": (OWN, IDENTITY),
    **dict.fromkeys(("leaky tanh", "GRU", "LSTM"), (OWN, BIAS_1, *CHRONO)),
}


def problem(task: str, lag: int, part: str, judged: int) -> Contest:
    """A task with its criterion.

    As in `contests.contest`; and copy: say three of four symbols after a delay of `lag` steps, 99 % of them right
    (chance 25 %).

    Args:
        task: "flagged latch", "adding", "temporal order" or "copy".
        lag: in steps.
        part: "validation" or "test"; the sequences are drawn from the seeds that `judge` is given.
        judged: how many sequences are judged.

    Raises:
        CourseError: another task.
    """
    if task != "copy":
        return contest(task, lag, part, judged)
    this = Copy(lag, 3, 4)

    @torch.no_grad()
    def judge(model: nn.Module, seed: int) -> float:
        held_out = this.held_out(judged, seed)
        return this.recalled(model(held_out.x), held_out)

    shape = Shape(this.input_size, this.output_size, this.seq_len)
    return Contest(
        shape, lag, lambda seed: this.batches(BATCH, seed), this.objective, judge, lambda score: score >= 0.99
    )


def begun(network: str, start: str, shape: Shape, lag: int, seed: int, width: int = WIDTH) -> nn.Module:
    """A network, untrained.

    Args:
        network: one of `NETWORKS`.
        start: one of `STARTS[network]`.
        shape: what it is made for.
        lag: in steps; what chrono starts are told of.
        seed: of the weights.
        width: of the LSTM that has as many parameters.

    Raises:
        CourseError: an unknown network or start.
    """
    check_name("network", network, NETWORKS)
    check_name(f"start of a {network}", start, STARTS[network])
    cell, units = NETWORKS[network], units_of(network, shape, width)
    longest = longest_memory(start, lag)
    if network == "leaky tanh":
        generator = torch.Generator().manual_seed(seed)
        model = LeakyModel(shape.input_size, units, shape.output_size, generator)
        if start == BIAS_1:
            model.core.keep_(1.0)
        elif start in CHRONO:
            model.core.chrono_(longest, generator)
        return model
    begin = Start(OWN)
    if start == IDENTITY:
        begin = Start(start, "identity", input_std=0.1)
    elif start in CHRONO:
        begin = Start(start, chrono=longest)
    elif start == BIAS_1 and network == "LSTM":
        begin = Start(start, forget_bias=1.0)
    made = begin.network(cell, shape.input_size, units, shape.output_size, seed=seed, kind=Recurrent)
    if start == BIAS_1 and network == "GRU":
        core: Any = made.core
        update_bias_(core, 1.0)
    return made


def longest_memory(start: str, lag: int) -> int:
    """Up to how many steps a chrono start lets the units remember; of another start the lag."""
    return max(2, round(CHRONO.get(start, 1.0) * lag))


def units_of(network: str, shape: Shape, width: int = WIDTH) -> int:
    """How many units give a network nearest to the parameters of the LSTM with `width` units."""
    inputs, outputs = shape.input_size, shape.output_size
    wanted = parameter_count("lstm", inputs, width, outputs)
    if network == "leaky tanh":
        return leaky_for_parameters(inputs, outputs, wanted)
    return hidden_for_parameters(NETWORKS[network], inputs, outputs, wanted)


def size_text_of(network: str, shape: Shape, width: int = WIDTH) -> str:
    """Units and parameters of a network as large as the LSTM with `width` units."""
    inputs, outputs, units = shape.input_size, shape.output_size, units_of(network, shape, width)
    if network == "leaky tanh":
        return f"{units} units, {leaky_parameter_count(inputs, units, outputs):,} parameters"
    return size_text(NETWORKS[network], inputs, units, outputs)
