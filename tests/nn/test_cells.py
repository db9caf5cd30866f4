"""The course's cells equal torch's, in values and in gradients."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_utils.nn.cells import rnn_states, rnn_step
from tests.layers import weights_of
from tests.strategies import examples

sizes = st.tuples(*[st.integers(1, 6)] * 4)


@examples(50)
@given(sizes, st.integers(0, 2**31))
def test_states_equal_those_of_torch_for_any_size(size: tuple[int, int, int, int], seed: int) -> None:
    B, T, I, H = size  # noqa: E741
    generator = torch.manual_seed(seed)
    rnn = torch.nn.RNN(I, H, batch_first=True)
    x = torch.randn(B, T, I, generator=generator)
    h = torch.randn(B, H, generator=generator)
    output, last = rnn(x, h[None])
    ours = rnn_states(x, h, weights_of(rnn))
    assert torch.allclose(ours, output, atol=1e-6, rtol=1e-6)
    assert torch.allclose(ours[:, -1], last[0], atol=1e-6, rtol=1e-6)


def test_gradients_equal_those_of_torch_over_fifty_steps() -> None:
    torch.manual_seed(0)
    rnn = torch.nn.RNN(3, 8, batch_first=True).double()
    x = torch.randn(4, 50, 3, dtype=torch.float64, requires_grad=True)
    weights = weights_of(rnn)
    inputs = (x, *weights)
    theirs = torch.autograd.grad((rnn(x)[0] ** 2).sum(), inputs)
    ours = torch.autograd.grad((rnn_states(x, torch.zeros(4, 8).double(), weights) ** 2).sum(), inputs)
    for a, b in zip(ours, theirs, strict=True):
        assert torch.allclose(a, b, atol=1e-6, rtol=1e-6)


def test_one_step_passes_gradcheck() -> None:
    torch.manual_seed(0)
    shapes = ((2, 3), (2, 4), (4, 3), (4, 4), (4,), (4,))
    arguments = tuple(torch.randn(shape, dtype=torch.float64, requires_grad=True) for shape in shapes)
    assert torch.autograd.gradcheck(rnn_step, arguments)


def test_one_step_equals_the_formula_written_out() -> None:
    numbers = [torch.tensor(v, dtype=torch.float64) for v in ([[2.0]], [[0.5]], [[0.3]], [[-0.4]], [0.1], [0.2])]
    assert float(rnn_step(*numbers)) == pytest.approx(0.6043677771)  # tanh(0.3·2 + 0.1 − 0.4·0.5 + 0.2) = tanh(0.7)


@pytest.mark.parametrize("hidden_size", [1, 16, 100])
def test_torch_draws_weights_up_to_one_over_the_root_of_the_hidden_size(hidden_size: int) -> None:
    """Lesson 05 says so."""
    torch.manual_seed(0)
    drawn = torch.cat([p.detach().flatten() for _ in range(20) for p in torch.nn.RNN(3, hidden_size).parameters()])
    assert drawn.abs().max() <= hidden_size**-0.5
    assert drawn.abs().max() > 0.9 * hidden_size**-0.5
