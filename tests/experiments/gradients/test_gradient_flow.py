"""Gradients through time: by state and by lag they equal autograd's, whatever the cell; matrices are what they say."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from course_utils.errors import CourseError
from course_utils.experiments.gradients import gradient_flow as flow
from course_utils.experiments.gradients.eigenvalue_rule import (
    FOUR_MATRICES,
    growth_over_time,
    relu_network,
    tanh_network,
)
from course_utils.experiments.gradients.gradient_film import record
from course_utils.experiments.long_memory.starting_points import started
from course_utils.experiments.tasks.adding import Adding
from course_utils.nn import gradients

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
@settings(max_examples=10)
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
    assert torch.allclose(parts.sum(dim=0), net.weight_hh_l0.grad, atol=1e-10)  # type: ignore[arg-type]


def test_a_part_by_lag_is_the_report_to_that_step_times_the_state_before_it() -> None:
    net, x = network("tanh"), torch.randn(1, 6, 2).double()
    states = net(x)[0][0].detach()
    parts = flow.weight_gradients_by_lag(net, x, lambda h: h.sum())
    W = net.weight_hh_l0.detach()
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
        net.weight_hh_l0.copy_(1e-3 * torch.eye(4))
    x = torch.zeros(1, 90, 1).double()
    left = flow.left_at(
        flow.state_gradients(flow.step_of(net), x, flow.zero_state(net, 1), flow.along(net)), [0, 70, 90]
    )
    assert [row["log10_left"] for row in left] == pytest.approx([0, -210, -270], abs=1)


def test_a_gradient_of_nothing_is_floored_and_finite() -> None:
    net = network("tanh", 1, 4)
    with torch.no_grad():
        net.weight_hh_l0.zero_()
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


# ---------------------------------------------------------------------------------------------------------------------
# Matrices


@settings(max_examples=40)
@given(size=st.integers(1, 12), radius=st.floats(0.1, 2.0), departure=st.floats(0.0, 0.9), seed=st.integers(0, 9999))
def test_a_drawn_matrix_has_the_radius_and_the_non_normality_asked_for(
    size: int, radius: float, departure: float, seed: int
) -> None:
    W = gradients.recurrent_matrix(size, radius, departure, torch.Generator().manual_seed(seed))
    assert gradients.spectral_radius(W) == pytest.approx(
        radius, rel=1e-2
    )  # eigenvalues of skewed matrices are sensitive
    if size > 1:
        assert gradients.non_normality(W) == pytest.approx(departure, abs=0.02)


@pytest.mark.parametrize("arguments", [(0, 0.5, 0.1), (3, 0.0, 0.1), (3, 0.5, 1.0), (3, 0.5, -0.1)])
def test_a_matrix_that_cannot_be_drawn_is_refused(arguments: tuple[int, float, float]) -> None:
    with pytest.raises(ValueError, match="recurrent_matrix needs"):
        gradients.recurrent_matrix(*arguments, torch.Generator())


@settings(max_examples=40)
@given(st.integers(1, 8), st.integers(0, 12), st.integers(0, 9999))
def test_worst_growth_is_reached_by_a_vector_and_passed_by_none(size: int, t: int, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    W = gradients.recurrent_matrix(size, 0.9, 0.7, generator)
    power = torch.linalg.matrix_power(W, t)
    most = gradients.worst_growth(W, t)
    vectors = torch.randn(size, 50, generator=generator, dtype=torch.float64)
    assert ((power @ vectors).norm(dim=0) <= most * vectors.norm(dim=0) * (1 + 1e-9)).all()
    _, _, V = torch.linalg.svd(power)
    assert (power @ V[0]).norm() == pytest.approx(most)


def test_orthogonal_matrices_are_normal_and_a_jordan_block_is_not() -> None:
    Q, _ = torch.linalg.qr(torch.randn(6, 6, dtype=torch.float64))
    assert gradients.non_normality(Q) == pytest.approx(0, abs=1e-6)
    assert gradients.non_normality(torch.diag(torch.ones(3).double(), 1)) == pytest.approx(1)


def test_the_four_matrices_do_what_lesson_06_says_of_them() -> None:
    A, B, C, D = FOUR_MATRICES.values()
    assert [gradients.spectral_radius(W) for W in (A, B, C, D)] == pytest.approx([0.8, 0, 0.8, 1.25], abs=1e-6)
    growth = [gradients.worst_growth(C, t) for t in range(61)]
    assert max(growth) == pytest.approx(4.57, abs=0.005)
    assert growth.index(max(growth)) == 13
    assert growth[31] > 1 > growth[32]
    assert [gradients.worst_growth(B, t) for t in (1, 2)] == pytest.approx([4, 0])
    assert gradients.worst_growth(A, 10) == pytest.approx(0.8**10)
    assert gradients.worst_growth(D, 10) == pytest.approx(1.25**10)


def test_b_doubles_with_relu_and_d_vanishes_with_saturated_tanh() -> None:
    generator = torch.Generator().manual_seed(0)
    B, C, D = (FOUR_MATRICES[name] for name in "BCD")
    doubled = growth_over_time(B, "ReLU", steps=20)
    assert [later / earlier for earlier, later in pairwise(doubled[2:])] == pytest.approx([2] * 18)
    assert growth_over_time(D, "tanh", steps=60, inputs=[2.0, -2.0])[-1] < 1e-5
    assert growth_over_time(C, "linear", steps=13)[-1] == pytest.approx(gradients.worst_growth(C, 13))
    assert relu_network(21)(B, generator) - relu_network(11)(B, generator) == pytest.approx(
        10 * math.log10(2), abs=1e-9
    )
    assert tanh_network(60, 5.0)(D, generator) < -5


@settings(max_examples=30)
@given(st.integers(1, 6), st.integers(1, 12), st.integers(0, 9999))
def test_the_product_of_jacobians_equals_the_derivative_of_torch(size: int, steps: int, seed: int) -> None:
    torch.manual_seed(seed)
    rnn = nn.RNN(2, size, batch_first=True).double()
    x, h_0 = torch.randn(1, steps, 2).double(), torch.randn(1, 1, size).double()
    want = torch.autograd.functional.jacobian(lambda h: rnn(x, h)[1][0, 0], h_0)[:, 0, 0]
    got = gradients.jacobian_product(rnn(x, h_0)[0][0].detach(), rnn.weight_hh_l0.detach())
    assert torch.allclose(got, want, atol=1e-10)


@given(st.floats(-2, 2), st.floats(-1, 1), st.integers(0, 12))
def test_the_derivative_along_one_unit_equals_that_of_torch(w: float, h_0: float, steps: int) -> None:
    start = torch.tensor(h_0, dtype=torch.float64, requires_grad=True)
    h = start * 1.0
    for _ in range(steps):
        h = torch.tanh(w * h)
    (want,) = torch.autograd.grad(h, start)
    assert gradients.derivative_along(w, h_0, steps) == pytest.approx(float(want), abs=1e-12)


@pytest.mark.parametrize("gain", [0.5, 0.9, 0.99])
def test_a_largest_singular_value_below_one_vanishes_with_any_activation(gain: float) -> None:
    generator = torch.Generator().manual_seed(0)
    W = torch.randn(8, 8, generator=generator, dtype=torch.float64)
    W = W * (gain / torch.linalg.matrix_norm(W, 2))
    for growth in (relu_network(50), tanh_network(50, 0.1), tanh_network(50, 3.0)):
        assert growth(W, generator) <= 50 * math.log10(gain) + 1e-9


# ---------------------------------------------------------------------------------------------------------------------
# Clipping


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=6), st.floats(0.01, 50))
def test_clipping_by_norm_is_torch_s_and_keeps_the_direction(entries: list[float], limit: float) -> None:
    gradient = torch.tensor(entries, dtype=torch.float64)
    got = gradients.clip_by_norm(gradient, limit)
    parameter = nn.Parameter(torch.zeros_like(gradient))
    parameter.grad = gradient.clone()
    nn.utils.clip_grad_norm_([parameter], limit)
    assert torch.allclose(got, parameter.grad, atol=1e-4)
    assert got.norm() <= limit * (1 + 1e-9)
    assert torch.allclose(got * gradient.norm(), gradient * got.norm(), atol=1e-6)


def test_clipping_thirty_forty_by_value_turns_it_by_eight_degrees() -> None:
    gradient = torch.tensor([30.0, 40.0])
    assert gradients.clip_by_norm(gradient, 5.0).tolist() == pytest.approx([3, 4])
    by_value = gradients.clip_by_value(gradient, 5.0)
    assert by_value.tolist() == [5, 5]
    assert gradients.angle(gradient, by_value) == pytest.approx(8.13, abs=0.005)
    assert gradients.angle(gradient, gradient) == pytest.approx(0, abs=0.05)
    assert gradients.angle(gradient, -gradient) == pytest.approx(180, abs=0.05)


# ---------------------------------------------------------------------------------------------------------------------
# The film


def test_a_film_holds_the_gradients_of_each_moment_and_training_is_as_without_it() -> None:
    task = Adding(12)
    filmed, plain = (started("tanh, orthogonal", 8, 0) for _ in range(2))
    film = record(filmed, task, steps=20, every=5, progress=False)
    assert film.steps == [0, 5, 10, 15, 20]
    assert film.norms.shape == (5, 12)
    assert (np.asarray(film.totals) <= film.norms.sum(dim=1).numpy() * (1 + 1e-6)).all()  # triangle inequality
    from course_utils.training import fit

    optimizer = torch.optim.Adam(plain.parameters(), lr=3e-3)
    fit(plain, task.batches(32, 0), task.objective, steps=20, optimizer=optimizer, clip_norm=1.0, progress=False)
    assert all(torch.equal(a, b) for a, b in zip(filmed.parameters(), plain.parameters(), strict=True))
    held_out = task.held_out(4000, 0)
    assert film.losses[-1] == pytest.approx(task.score(plain(held_out.x), held_out), rel=1e-5)
