"""The backward pass by hand gives the gradients of torch."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from course_utils.experiments.comparison.networks import (
    CELLS,
)
from course_utils.nn.backward_by_hand import Recurrent, states_of
from course_utils.nn.sequence_model import SequenceModel
from tests.strategies import examples

LAYERS: list[Callable[[], nn.RNN | nn.GRU]] = [
    lambda: nn.RNN(3, 5, batch_first=True),
    lambda: nn.RNN(3, 5, batch_first=True, nonlinearity="relu"),
    lambda: nn.GRU(3, 5, batch_first=True),
]


@examples(30)
@given(which=st.integers(0, 2), B=st.integers(1, 4), T=st.integers(1, 7), seed=st.integers(0, 1000))
def test_states_and_gradients_are_those_of_torch(which: int, B: int, T: int, seed: int) -> None:
    torch.manual_seed(seed)
    layer = LAYERS[which]().double()
    x, toward = torch.randn(B, T, 3).double().requires_grad_(), torch.randn(B, T, 5).double()
    states = states_of(layer, x)
    assert torch.allclose(states, layer(x)[0], rtol=0, atol=1e-12)
    wanted = torch.autograd.grad((layer(x)[0] * toward).sum(), [x, *layer.parameters()])
    found = torch.autograd.grad((states * toward).sum(), [x, *layer.parameters()])
    for one, other in zip(found, wanted, strict=True):
        assert torch.allclose(one, other, rtol=0, atol=1e-10)


@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_state_to_begin_with_is_gone_on_from_as_in_torch(which: int) -> None:
    torch.manual_seed(0)
    layer = LAYERS[which]().double()
    x, h_0, toward = torch.randn(2, 4, 3).double(), torch.randn(2, 5).double(), torch.randn(2, 4, 5).double()
    ours, theirs = states_of(layer, x, h_0), layer(x, h_0[None])[0]
    assert torch.allclose(ours, theirs, rtol=0, atol=1e-12)
    found, wanted = (torch.autograd.grad((out * toward).sum(), list(layer.parameters())) for out in (ours, theirs))
    for one, other in zip(found, wanted, strict=True):
        assert torch.allclose(one, other, rtol=0, atol=1e-10)


@pytest.mark.parametrize("which", [0, 2])
def test_the_gradients_by_hand_are_those_of_small_differences(which: int) -> None:
    torch.manual_seed(0)
    layer = LAYERS[which]().double()

    def last(x: torch.Tensor, *weights: torch.Tensor) -> torch.Tensor:
        return states_of(layer, x)[:, -1] + 0 * sum(w.sum() for w in weights)

    assert torch.autograd.gradcheck(last, (torch.randn(2, 4, 3).double().requires_grad_(),))


def test_a_recurrent_network_answers_as_a_sequence_model_does() -> None:
    for cell in CELLS.values():
        ours, theirs = (
            kind(cell, 2, 6, 3, generator=torch.Generator().manual_seed(0)) for kind in (Recurrent, SequenceModel)
        )
        x = torch.randn(4, 9, 2)
        assert torch.allclose(ours(x), theirs(x), rtol=0, atol=1e-6)
