"""Reservoirs that are never trained, and read-outs in closed form."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from course_utils.errors import CourseError
from course_utils.nn.echo_state import EchoState, Untrained, ridge_readout
from course_utils.nn.gradients import spectral_radius
from tests.strategies import examples


def normal(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def echo(seed: int = 0, /, **setting: float) -> EchoState:
    return EchoState(3, 12, generator=torch.Generator().manual_seed(seed), **setting)


# ---------------------------------------------------------------------------------------------------------------------
# The radius


@examples(20)
@given(radius=st.floats(0, 3), seed=st.integers(0, 1000))
def test_the_largest_eigenvalue_has_the_modulus_that_was_asked_for(radius: float, seed: int) -> None:
    assert spectral_radius(echo(seed, radius=radius).W_hh) == pytest.approx(radius, rel=1e-4, abs=1e-6)


def test_so_sparse_a_matrix_that_it_has_no_radius_is_refused() -> None:
    with pytest.raises(CourseError, match="All eigenvalues of W_hh are 0"):
        EchoState(2, 2, density=1e-12, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("radius", [-1.0, math.nan, math.inf])
def test_radii_that_cannot_be_are_refused(radius: float) -> None:
    with pytest.raises(CourseError, match="radius must be a finite number from 0"):
        echo(radius=radius)


# ---------------------------------------------------------------------------------------------------------------------
# The read-out


@examples(40)
@given(
    rows=st.integers(1, 30), size=st.integers(1, 6), outputs=st.integers(1, 3), penalty=st.floats(0.01, 100),
    seed=st.integers(0, 1000),
)  # fmt: skip
def test_no_other_readout_has_a_smaller_penalised_error(
    rows: int, size: int, outputs: int, penalty: float, seed: int
) -> None:
    S, Y = normal(rows, size, seed=seed).double(), normal(rows, outputs, seed=seed + 1).double()
    W = ridge_readout(S, Y, penalty).requires_grad_()
    (gradient,) = torch.autograd.grad((S @ W - Y).square().sum() + penalty * W.square().sum(), W)
    assert W.shape == (size, outputs)
    assert torch.allclose(gradient, torch.zeros_like(W), atol=1e-8)


def test_without_a_penalty_it_is_least_squares() -> None:
    S, Y = normal(40, 5).double(), normal(40, 2, seed=1).double()
    assert torch.allclose(ridge_readout(S, Y, 0), torch.linalg.lstsq(S, Y).solution)
    with pytest.raises(CourseError, match="Take a penalty above 0"):
        ridge_readout(torch.ones(40, 2), Y, 0)


def test_the_error_is_summed_and_not_averaged() -> None:
    S, Y = normal(20, 4).double(), normal(20, 1, seed=1).double()
    assert torch.allclose(ridge_readout(torch.cat([S, S]), torch.cat([Y, Y]), 2.0), ridge_readout(S, Y, 1.0))


def test_it_is_solved_in_float64_and_returned_as_it_came() -> None:
    S = torch.cat([normal(200, 3), 1 + 1e-3 * normal(200, 2, seed=2)], dim=1)  # the last two are nearly alike
    true = torch.tensor([[1.0], [-2.0], [3.0], [50.0], [-50.0]])
    W = ridge_readout(S, S @ true, 1e-9)
    assert W.dtype == torch.float32
    assert torch.allclose(W, true, atol=0.05)


@pytest.mark.parametrize(
    ("states", "targets", "penalty", "message"),
    [
        (torch.ones(3, 2), torch.ones(4, 1), 1.0, r"as many rows; these are \(3, 2\) and \(4, 1\)"),
        (torch.ones(3, 2), torch.ones(3), 1.0, r"targets \(N, O\)"),
        (torch.ones(3, 2, 2), torch.ones(3, 1), 1.0, r"states \(N, H\)"),
        (torch.ones(3, 2), torch.ones(3, 1), -0.1, "penalty must be a finite number from 0; it is -0.1"),
    ],
)
def test_readouts_that_cannot_be_are_refused(states: Tensor, targets: Tensor, penalty: float, message: str) -> None:
    with pytest.raises(CourseError, match=message):
        ridge_readout(states, targets, penalty)


# ---------------------------------------------------------------------------------------------------------------------
# Reservoirs


@pytest.mark.parametrize("leak", [1.0, 0.3])
def test_the_states_follow_the_equation(leak: float) -> None:
    model, x = echo(leak=leak, radius=0.7, density=0.5), normal(2, 6, 3)
    states = model.states(x)
    for b in range(2):
        h = torch.zeros(12)
        for t in range(6):
            h = (1 - leak) * h + leak * torch.tanh(model.W_ih @ x[b, t] + model.W_hh @ h + model.b)
            assert torch.allclose(states[b, t], h, atol=1e-6)


def test_the_weights_are_what_was_asked_for() -> None:
    model = EchoState(
        2, 200, radius=0.8, input_scale=0.1, density=0.1, generator=torch.Generator().manual_seed(0)
    )  # fmt: skip
    assert float(torch.linalg.eigvals(model.W_hh.double()).abs().max()) == pytest.approx(0.8, rel=1e-4)
    assert float((model.W_hh != 0).double().mean()) == pytest.approx(0.1, abs=0.01)
    inward = torch.cat([model.W_ih.flatten(), model.b])
    assert 0.095 < float(inward.abs().max()) <= 0.1
    assert float(inward.mean()) == pytest.approx(0, abs=0.01)


def test_a_contracting_reservoir_forgets_where_it_began() -> None:
    """Echo state property: tanh moves no two states apart, so a step multiplies their distance by at most ‖W_hh‖."""
    model, x = echo(radius=0.5), normal(4, 30, 3)
    largest = float(torch.linalg.matrix_norm(model.W_hh, ord=2))
    model.W_hh *= 0.9 / largest
    one, other = model.states(x), model.states(x, 5 * normal(4, 12, seed=1))
    apart = (one - other).norm(dim=-1)
    assert (apart[:, 1:] <= 0.9 * apart[:, :-1] + 1e-6).all()
    assert (apart[:, -1] < 0.1 * apart[:, 0]).all()
    assert (apart[:, 0] > 0.01).all()


def reservoirs() -> list[EchoState | Untrained]:
    torch.manual_seed(0)
    kinds = (nn.RNN, nn.GRU, nn.LSTM)
    return [echo(), *(Untrained(kind(3, 12, batch_first=True)) for kind in kinds)]


@pytest.mark.parametrize("model", reservoirs(), ids=lambda model: type(getattr(model, "layer", model)).__name__)
def test_only_the_readout_is_fitted_and_what_is_linear_in_the_state_is_read_exactly(model: EchoState) -> None:
    x = normal(700, 5, 3)  # more than are run at once
    before = {name: value.clone() for name, value in model.state_dict().items()}
    with pytest.raises(CourseError, match="Call fit_readout"):
        model(x)
    true, constant = normal(12, 2, seed=3), torch.tensor([3.0, -1.0])
    y = model.states(x)[:, -1] @ true + constant
    model.fit_readout(x, y, 1e-9)
    new = normal(20, 5, 3, seed=4)
    assert model(new).shape == (20, 5, 2)
    assert torch.allclose(model(new), model.states(new) @ true + constant, atol=1e-2)
    assert not any(parameter.requires_grad for parameter in model.parameters())
    after = model.state_dict()
    assert after.pop("readout").shape == (13, 2)
    assert before.keys() == after.keys()
    assert all(torch.equal(after[name], before[name]) for name in before)


def test_the_states_of_an_untrained_lstm_are_its_own() -> None:
    layer, x = nn.LSTM(3, 4, batch_first=True), normal(2, 7, 3)
    assert torch.equal(Untrained(layer).states(x), layer(x)[0])


def test_a_seed_gives_the_same_reservoir_and_leaves_other_random_numbers_alone() -> None:
    before = torch.random.get_rng_state()
    one, same, other = echo(1), echo(1), echo(2)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert torch.equal(one.W_hh, same.W_hh)
    assert torch.equal(one.W_ih, same.W_ih)
    assert not torch.equal(one.W_hh, other.W_hh)


def test_reservoirs_that_cannot_be_are_refused() -> None:
    for setting, message in (
        ({"leak": 0.0}, "leak and density must be above 0"),
        ({"leak": 1.5}, "leak must be a finite number from 0 to 1; it is 1.5"),
        ({"density": 0.0}, "leak and density must be above 0"),
        ({"input_scale": -1.0}, "input_scale"),
        ({"radius": -1.0}, "radius"),
    ):
        with pytest.raises(CourseError, match=message):
            echo(**setting)
    for layer in (nn.Linear(3, 4), nn.LSTM(3, 4)):
        with pytest.raises(CourseError, match="batch_first=True"):
            Untrained(layer)  # type: ignore[arg-type]
