"""Networks with and without time constants and gates: as large as each other, and each begins as it is called."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch

from course_utils.errors import CourseError
from course_utils.experiments.comparison.networks import OWN, Shape
from course_utils.experiments.study.time_constants import (
    BIAS_1,
    CHRONO,
    NETWORKS,
    STARTS,
    WIDTH,
    begun,
    problem,
    units_of,
)
from course_utils.experiments.tasks.copy import Copy
from course_utils.nn.parameters import parameters_count

SHAPE = Shape(5, 4, 70)
ALL = [(network, start) for network, starts in STARTS.items() for start in starts]


def test_all_networks_are_as_large_within_two_in_a_hundred() -> None:
    for task in ("flagged latch", "adding", "temporal order", "copy"):
        shape = problem(task, 60, "validation", 1).shape
        sizes = [parameters_count(begun(network, OWN, shape, 60, 0)) for network in NETWORKS]
        assert max(sizes) / min(sizes) < 1.03, (task, sizes)
    assert units_of("LSTM", SHAPE) == WIDTH


def kept_at_first(model: Any) -> list[float]:
    """What each unit keeps at a step by its bias alone."""
    core = model.core
    if hasattr(core, "keep"):
        bias = core.keep
    else:
        H = core.hidden_size
        bias = (core.bias_ih_l0 + core.bias_hh_l0)[H : 2 * H]
    return [float(kept) for kept in torch.sigmoid(bias.detach())]


@pytest.mark.parametrize("network", ["leaky tanh", "GRU", "LSTM"])
def test_time_constants_are_those_that_the_start_is_called_by(network: str) -> None:
    lag = 60
    for start, share in CHRONO.items():
        kept = kept_at_first(begun(network, start, SHAPE, lag, 3))
        memories = [1 / (1 - k) - 1 for k in kept]  # u of u / (u + 1)
        longest = share * lag - 1
        assert all(1 - 1e-3 <= u <= longest * (1 + 1e-3) for u in memories)
        assert max(memories) > longest / 2
    kept = kept_at_first(begun(network, BIAS_1, SHAPE, lag, 3))
    assert kept == pytest.approx([1 / (1 + math.exp(-1))] * len(kept))


@pytest.mark.parametrize(("network", "start"), ALL)
def test_a_start_changes_nothing_but_time_constants_or_is_an_identity(network: str, start: str) -> None:
    own, other = (dict(begun(network, which, SHAPE, 60, 3).named_parameters()) for which in (OWN, start))
    changed = {name for name in own if not torch.equal(own[name], other[name])}
    allowed = {"core.keep"} if network == "leaky tanh" else {"core.bias_ih_l0", "core.bias_hh_l0"}
    if start == "identity":
        allowed |= {"core.weight_ih_l0", "core.weight_hh_l0"}
    assert changed <= allowed
    assert bool(changed) == (start != OWN)


def test_an_unknown_network_or_start_is_told() -> None:
    with pytest.raises(CourseError, match="network"):
        begun("LTSM", OWN, SHAPE, 60, 0)
    with pytest.raises(CourseError, match="start of a RNN"):
        begun("RNN", BIAS_1, SHAPE, 60, 0)


def test_copy_is_judged_by_what_is_repeated() -> None:
    this, task = problem("copy", 6, "test", 40), Copy(6, 3, 4)
    drawn = task.held_out(40, 1)

    class Right(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.nn.functional.one_hot(task.answer(x), task.output_size).float()

    assert this.judge(Right(), 1) == 1
    assert not this.solved(task.chance)  # saying blank and guessing looks good where all steps count
    assert (this.shape.seq_len, this.shape.input_size) == (task.seq_len, drawn.x.shape[-1])
