"""Matrices from state to state are what is said of them, and so are the products of their Jacobians."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from course_utils.experiments.gradients.eigenvalue_rule import (
    FOUR_MATRICES,
    chain,
    growth_over_time,
    relu_network,
    tanh_network,
)
from course_utils.nn import gradients
from tests.experiments.small_runs import small_rows
from tests.strategies import examples


@examples(40)
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


@examples(40)
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


@examples(30)
@given(st.integers(1, 6), st.integers(1, 12), st.integers(0, 9999))
def test_the_product_of_jacobians_equals_the_derivative_of_torch(size: int, steps: int, seed: int) -> None:
    torch.manual_seed(seed)
    rnn = nn.RNN(2, size, batch_first=True).double()
    x, h_0 = torch.randn(1, steps, 2).double(), torch.randn(1, 1, size).double()
    want = torch.autograd.functional.jacobian(lambda h: rnn(x, h)[1][0, 0], h_0)[:, 0, 0]
    got = gradients.jacobian_product(rnn(x, h_0)[0][0].detach(), rnn.get_parameter("weight_hh_l0").detach())
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


def test_a_chain_has_one_eigenvalue_and_grows_as_its_length_and_weights_say() -> None:
    W = chain(0.95)(5, torch.Generator().manual_seed(0))
    assert gradients.spectral_radius(W) == pytest.approx(0.95)
    end_to_end = torch.linalg.matrix_power(W, 40)[4, 0]  # each way passes four links, and stays for 36 of 40 steps
    assert end_to_end == pytest.approx(float(W.diagonal(-1).prod()) * math.comb(40, 4) * 0.95**36)
    assert len(small_rows("popular_rule_chains", 1)) == 1
