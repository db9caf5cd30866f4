"""The linear recurrence and its states."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_utils.nn.state_space import LinearRecurrence, StateSpace, linear_states, stepped_states
from tests.strategies import examples


@examples(25)
@given(T=st.integers(1, 40), N=st.integers(1, 5), seed=st.integers(0, 1000))
def test_by_fourier_transform_the_states_are_those_of_step_after_step(T: int, N: int, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    decay, angle = torch.rand(2, N, generator=generator, dtype=torch.float64)
    driven = torch.randn(3, T, N, generator=generator, dtype=torch.complex128)
    at_once = linear_states(torch.complex(-decay, 3 * angle), driven)
    assert torch.allclose(at_once, stepped_states(torch.complex(-decay, 3 * angle), driven), rtol=0, atol=1e-9)


def test_a_linear_recurrence_begins_within_its_ring_and_stays_inside_the_unit_circle() -> None:
    torch.manual_seed(0)
    layer = LinearRecurrence(4, 200, ring=(0.5, 0.99))
    sizes = layer.log_eigenvalues.exp().abs()
    assert sizes.min() >= 0.5 - 1e-6
    assert sizes.max() <= 0.99 + 1e-6
    layer.log_decay.data.add_(torch.randn(200))
    assert layer.log_eigenvalues.exp().abs().max() < 1


def test_states_of_noise_have_about_its_size_however_slowly_they_fade() -> None:
    torch.manual_seed(0)
    layer = LinearRecurrence(16, 300, ring=(0.9, 0.98))
    states = stepped_states(layer.log_eigenvalues, layer.driven(torch.randn(20, 600, 16)))
    assert float(states[:, 300:].detach().abs().square().mean()) == pytest.approx(1.0, rel=0.25)


def test_a_state_space_network_is_trained_through_the_transform() -> None:
    torch.manual_seed(0)
    model = StateSpace(2, 4, 1, 3).double()

    def last(x: torch.Tensor) -> torch.Tensor:
        outputs: torch.Tensor = model(x)
        return outputs[:, -1]

    assert torch.autograd.gradcheck(last, (torch.randn(1, 5, 2).double().requires_grad_(),))
