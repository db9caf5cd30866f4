"""Gradients through time: by state and by lag they equal autograd's, whatever the cell."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from course_utils.errors import CourseError
from course_utils.experiments.gradients import gradient_flow as flow
from course_utils.nn import gradients
from tests.layers import gradient
from tests.strategies import examples

MAKERS: dict[str, Callable[[int, int], nn.RNNBase]] = {
    "tanh": lambda i, h: nn.RNN(i, h, batch_first=True),
    "relu": lambda i, h: nn.RNN(i, h, batch_first=True, nonlinearity="relu"),
    "gru": lambda i, h: nn.GRU(i, h, batch_first=True),
    "lstm": lambda i, h: nn.LSTM(i, h, batch_first=True),
}
cells = pytest.mark.parametrize("cell", MAKERS)


def network(cell: str, input_size: int = 2, hidden_size: int = 5, seed: int = 0) -> nn.RNNBase:
    torch.manual_seed(seed)
    return MAKERS[cell](input_size, hidden_size).double()


@cells
def test_one_step_at_a_time_gives_the_states_of_torch(cell: str) -> None:
    net, x = network(cell), torch.randn(3, 7, 2).double()
    state = flow.zero_state(net, 3)
    for x_t in x.unbind(dim=1):
        state = flow.step_of(net)(x_t, state)
    assert torch.allclose(state[0], net(x)[0][:, -1], atol=1e-12)


@cells
@examples(10)
@given(
    sizes=st.tuples(st.integers(1, 4), st.integers(1, 8), st.integers(1, 3), st.integers(1, 5)),
    seed=st.integers(0, 999),
)
def test_parts_by_lag_sum_to_the_gradient_of_autograd(cell: str, sizes: tuple[int, int, int, int], seed: int) -> None:
    B, T, I, H = sizes  # noqa: E741
    net = network(cell, I, H, seed)
    x, direction = torch.randn(B, T, I).double(), torch.randn(H).double()
    parts = flow.weight_gradients_by_lag(net, x, lambda h: (h @ direction).square().mean())
    (net(x)[0][:, -1] @ direction).square().mean().backward()
    assert parts.shape[0] == T
    assert torch.allclose(parts.sum(dim=0), gradient(net.get_parameter("weight_hh_l0")), atol=1e-10)


def test_a_part_by_lag_is_the_report_to_that_step_times_the_state_before_it() -> None:
    net, x = network("tanh"), torch.randn(1, 6, 2).double()
    states = net(x)[0][0].detach()
    parts = flow.weight_gradients_by_lag(net, x, lambda h: h.sum())
    W = net.get_parameter("weight_hh_l0").detach()
    for k in range(6):
        t = 5 - k
        report = torch.ones(5).double() @ gradients.jacobian_product(states[t + 1 :], W)
        before = states[t - 1] if t else torch.zeros(5).double()
        assert torch.allclose(parts[k], torch.outer(report * (1 - states[t] ** 2), before), atol=1e-12)


@cells
def test_state_gradients_equal_the_jacobians_of_the_whole_state(cell: str) -> None:
    """The whole state is h, or h and c: the gradient in both, with h and c as variables of their own."""
    net, x = network(cell), torch.randn(2, 5, 2).double()
    got = flow.state_gradients(flow.step_of(net), x, flow.zero_state(net, 2), flow.along(net))
    for k in range(6):
        for b in range(2):
            assert got[k, b] == pytest.approx(by_jacobian(net, x[b : b + 1], k), rel=1e-9)


def by_jacobian(net: nn.RNNBase, x: Tensor, k: int) -> float:
    """‖∂L/∂s_{T−k}‖ by torch's jacobian of the last k steps."""
    state = flow.zero_state(net, 1)
    T = x.shape[1]
    for t in range(T - k):
        state = tuple(part.detach() for part in flow.step_of(net)(x[:, t], state))

    def rest(*parts: Tensor) -> Tensor:
        for t in range(T - k, T):
            parts = flow.step_of(net)(x[:, t], parts)
        return flow.along(net)(parts)

    found = torch.autograd.functional.jacobian(rest, state)
    return math.sqrt(sum(float(part.square().sum()) for part in found))


def test_gradients_too_small_to_be_squared_are_not_lost() -> None:
    net = network("tanh", 1, 4)
    with torch.no_grad():
        net.get_parameter("weight_hh_l0").copy_(1e-3 * torch.eye(4))
    x = torch.zeros(1, 90, 1).double()
    left = flow.left_at(
        flow.state_gradients(flow.step_of(net), x, flow.zero_state(net, 1), flow.along(net)), [0, 70, 90]
    )
    assert [row["log10_left"] for row in left] == pytest.approx([0, -210, -270], abs=1)


def test_a_gradient_of_nothing_is_floored_and_finite() -> None:
    net = network("tanh", 1, 4)
    with torch.no_grad():
        net.get_parameter("weight_hh_l0").zero_()
    norms = flow.state_gradients(
        flow.step_of(net), torch.zeros(1, 3, 1).double(), flow.zero_state(net, 1), flow.along(net)
    )
    assert [row["log10_left"] for row in flow.left_at(norms, [0, 1, 3])] == [0, flow.FLOOR, flow.FLOOR]


@pytest.mark.parametrize(
    "wrong", [nn.Linear(2, 2), nn.RNN(1, 2, num_layers=2), nn.GRU(1, 2, bidirectional=True), nn.LSTM(1, 2, bias=False)]
)
def test_other_networks_are_refused_with_a_sentence(wrong: nn.Module) -> None:
    with pytest.raises(CourseError, match="Gradients are followed through"):
        flow.step_of(wrong)
