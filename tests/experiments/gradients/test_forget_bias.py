"""The direct path through the forget gates, held to what can be derived."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from course_utils.errors import CourseError
from course_utils.experiments.gradients import forget_bias, gradient_flow
from course_utils.nn.ablations import pin_gate_
from tests.experiments.small_runs import small_rows


def lstm(units: int = 4, seed: int = 0) -> nn.LSTM:
    torch.manual_seed(seed)
    return nn.LSTM(2, units, batch_first=True).double()


def test_the_direct_path_is_the_derivative_from_cell_to_cell_when_h_is_held_fixed() -> None:
    core, x = lstm(), torch.randn(3, 9, 2).double()
    zeros = torch.zeros(3, 4).double()
    for k in (1, 4, 9):
        state: gradient_flow.State = (zeros, zeros)
        for x_t in x[:, : 9 - k].unbind(dim=1):
            state = gradient_flow.step_of(core)(x_t, state)
        c = start = state[1].detach().requires_grad_()
        h = state[0].detach()
        for x_t in x[:, 9 - k :].unbind(dim=1):
            h, c = gradient_flow.step_of(core)(x_t, (h.detach(), c))  # nothing goes back through h
        (gradient,) = torch.autograd.grad(gradient_flow.along(core)((h, c)).sum(), start, retain_graph=True)
        (product,) = torch.autograd.grad(c.sum(), start)  # c_T of a unit depends on c_{T−k} of that unit alone
        (found,) = forget_bias.direct_path(core, x, [k])
        assert found["log10_direct"] == pytest.approx(float(gradient.norm(dim=1).log10().mean()), abs=1e-9)
        assert found["log10_product"] == pytest.approx(float(product.log10().mean()), abs=1e-9)


@pytest.mark.parametrize("bias", [0.0, 5.0])
def test_without_weights_from_state_to_gates_the_direct_path_is_all_there_is(bias: float) -> None:
    core, x, lags = lstm(), torch.randn(3, 60, 2).double(), [1, 2, 30, 60]
    with torch.no_grad():
        core.get_parameter("weight_hh_l0").zero_()
        core.get_parameter("bias_ih_l0")[4:8] = bias
    step, state = gradient_flow.step_of(core), gradient_flow.zero_state(core, 3)
    whole = gradient_flow.left_at(gradient_flow.state_gradients(step, x, state, gradient_flow.along(core)), lags)
    direct = forget_bias.direct_path(core, x, lags)
    assert [row["log10_direct"] for row in direct] == pytest.approx([row["log10_left"] for row in whole], abs=1e-9)


def test_a_gate_that_is_always_open_loses_nothing_on_the_direct_path() -> None:
    core = lstm()
    pin_gate_(core, "forget", 1.0)
    found = forget_bias.direct_path(core, torch.randn(2, 40, 2).double(), [1, 40])
    assert [row["log10_product"] for row in found] == pytest.approx([0, 0], abs=1e-12)
    assert found[0]["log10_direct"] == pytest.approx(found[1]["log10_direct"])


def test_only_an_lstm_has_a_direct_path() -> None:
    with pytest.raises(CourseError, match="Only an LSTM has forget gates; this is a GRU"):
        forget_bias.direct_path(nn.GRU(2, 3), torch.zeros(1, 2, 2), [1])


def test_no_gradient_grows_faster_than_its_weights_allow() -> None:
    """At the start every singular value of W_hh is 1.5, or 1.1; the slope of tanh and of ReLU is at most 1."""
    found = small_rows("forget_bias")
    initial = found[found["stage"] == "initial"].set_index("network")
    for network, most in (("RNN, orthogonal × 1.5", 1.5), ("ReLU, identity × 1.1", 1.1)):
        of_network = initial.loc[network]
        assert (of_network["log10_left"] <= of_network["lag"] * math.log10(most) + 1e-6).all()
    gated = found[found["network"].str.startswith("LSTM") & (found["stage"] != "training")]
    assert (gated["log10_product"] < 0).all()  # a product of numbers below 1, which falls from lag to lag
    for _, one in gated.groupby(["seed", "network", "stage"]):
        assert one["log10_product"].is_monotonic_decreasing
    assert found[found["stage"] == "training"]["log10_largest_norm"].notna().all()
