"""The leaky tanh layer: its gradients, its size, and that it is a GRU without gates."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from course_utils.errors import CourseError
from course_utils.nn.initialisation import chrono_
from course_utils.nn.leaky import LeakyModel, LeakyTanh, leaky_for_parameters, leaky_parameter_count
from course_utils.nn.parameters import parameters_count
from course_utils.training.told import start_of
from tests.strategies import examples


def layer_of(seed: int, inputs: int = 3, units: int = 5) -> LeakyTanh:
    return LeakyTanh(inputs, units, torch.Generator().manual_seed(seed)).double()


def by_steps(layer: LeakyTanh, x: Tensor, h: Tensor) -> Tensor:
    states = []
    for x_t in x.unbind(1):
        h = layer.step(x_t, h)
        states.append(h)
    return torch.stack(states, dim=1)


@examples(20)
@given(B=st.integers(1, 4), T=st.integers(1, 7), seed=st.integers(0, 1000))
def test_states_and_gradients_are_those_of_single_steps(B: int, T: int, seed: int) -> None:
    layer, generator = layer_of(seed), torch.Generator().manual_seed(seed)
    x = torch.randn(B, T, 3, generator=generator).double().requires_grad_()
    toward, h_0 = (torch.randn(B, *size, 5, generator=generator).double() for size in ((T,), ()))
    states, wanted = layer(x, h_0), by_steps(layer, x, h_0)
    assert torch.allclose(states, wanted, rtol=0, atol=1e-12)
    inputs = [x, *layer.parameters()]
    for one, other in zip(
        torch.autograd.grad((states * toward).sum(), inputs),
        torch.autograd.grad((wanted * toward).sum(), inputs),
        strict=True,
    ):
        assert torch.allclose(one, other, rtol=0, atol=1e-10)


def test_it_is_torch_s_gru_with_constant_gates() -> None:
    layer, gru = layer_of(0), nn.GRU(3, 5, batch_first=True).double()
    with torch.no_grad():
        for weight in gru.parameters():
            weight.zero_()
        W_ih, W_hh, b_ih, _ = gru.parameters()
        b_ih[:5], b_ih[5:10], b_ih[10:] = 1e3, layer.keep, layer.bias_ih + layer.bias_hh  # r, z, n
        W_ih[10:], W_hh[10:] = layer.weight_ih, layer.weight_hh
        x = torch.randn(2, 6, 3).double()
        assert torch.allclose(layer(x), gru(x)[0], atol=1e-12)


def test_its_time_constants_are_those_that_a_gru_is_told() -> None:
    layer, gru = layer_of(0, units=7), nn.GRU(3, 7, batch_first=True)
    layer.chrono_(60, torch.Generator().manual_seed(5))
    chrono_(gru, 60, torch.Generator().manual_seed(5))
    assert torch.allclose(layer.keep, gru.get_parameter("bias_ih_l0")[7:14].double(), atol=1e-6)
    assert start_of(layer) == "chrono time constants for lags up to 60"
    layer.keep_(1.0)
    assert layer.keep.tolist() == [1.0] * 7
    with pytest.raises(CourseError, match="longest_lag"):
        layer.chrono_(1, torch.Generator())


def test_a_unit_without_input_loses_its_state_at_the_pace_of_its_time_constant() -> None:
    layer = layer_of(0)
    with torch.no_grad():
        for weight in layer.parameters():
            weight.zero_()
        layer.keep_(2.0)
        last = layer(torch.zeros(1, 9, 3).double(), torch.ones(1, 5).double())[0, -1]
    assert last.tolist() == pytest.approx([torch.sigmoid(torch.tensor(2.0)).item() ** 9] * 5)


@pytest.mark.parametrize(("inputs", "units", "outputs"), [(1, 1, 1), (5, 50, 4), (2, 7, 3)])
def test_its_size_is_counted(inputs: int, units: int, outputs: int) -> None:
    model = LeakyModel(inputs, units, outputs, torch.Generator())
    assert parameters_count(model) == leaky_parameter_count(inputs, units, outputs)
    assert leaky_for_parameters(inputs, outputs, parameters_count(model)) == units
    x = torch.zeros(2, 3, inputs)
    assert (model.states(x).shape, model(x).shape) == ((2, 3, units), (2, 3, outputs))


def test_weights_come_from_the_generator_alone() -> None:
    one, other = (LeakyModel(3, 4, 2, torch.Generator().manual_seed(1)) for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))
    assert all(weight.abs().max() <= 0.5 for weight in one.parameters())
    with pytest.raises(CourseError, match="hidden_size"):
        LeakyModel(3, 0, 2, torch.Generator())
