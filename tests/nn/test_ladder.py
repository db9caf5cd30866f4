"""The layers between a tanh network and an LSTM: equal to their equations, values and gradients, and to each other."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from course_utils.errors import CourseError
from course_utils.nn import ladder
from course_utils.nn.ladder import DiagonalLinear, ExponentialLSTM, MinGRU, spread_times_

LAYERS: tuple[Callable[[int, int], nn.Module], ...] = (DiagonalLinear, MinGRU, ExponentialLSTM)


def made(layer: Callable[[int, int], nn.Module], inputs: int = 3, size: int = 5) -> nn.Module:
    torch.manual_seed(0)
    return layer(inputs, size).double()


def stepped(layer: nn.Module, x: Tensor) -> Tensor:
    """The states by the equations of the docstrings, one step at a time, with torch's own way back."""
    found = []
    if isinstance(layer, ExponentialLSTM):
        h = c = n = torch.zeros(len(x), layer.weight_hh.shape[1], dtype=x.dtype)
        for x_t in x.unbind(1):
            i, f, g, o = (layer.inward(x_t) + h @ layer.weight_hh.T).chunk(4, dim=1)
            c = torch.sigmoid(f) * c + torch.exp(i) * torch.tanh(g)
            n = torch.sigmoid(f) * n + torch.exp(i)
            h = torch.sigmoid(o) * c / n
            found.append(h)
        return torch.stack(found, 1)
    h = torch.zeros(1, dtype=x.dtype)
    for x_t in x.unbind(1):
        if isinstance(layer, DiagonalLinear):
            kept, new = torch.sigmoid(layer.keep), layer.write(x_t)
        else:
            assert isinstance(layer, MinGRU)
            kept, new = torch.sigmoid(layer.keep(x_t)), layer.write(x_t)
        h = kept * h + (1 - kept) * new
        found.append(h)
    return torch.stack(found, 1)


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("steps", [1, 2, 9])
def test_states_and_gradients_are_those_of_the_equations(layer: Callable[[int, int], nn.Module], steps: int) -> None:
    made_layer = made(layer)
    x = torch.randn(4, steps, 3, dtype=torch.float64, requires_grad=True)
    found, wanted = made_layer(x), stepped(made_layer, x)
    assert torch.allclose(found, wanted, atol=1e-12)
    weights = torch.randn_like(found)
    sources = [x, *made_layer.parameters()]
    ours = torch.autograd.grad((found * weights).sum(), sources, allow_unused=True)
    theirs = torch.autograd.grad((wanted * weights).sum(), sources, allow_unused=True)
    for mine, other in zip(ours, theirs, strict=True):
        assert torch.allclose(mine, other, atol=1e-10)


def test_a_min_gru_whose_gate_sees_nothing_is_diagonal_and_linear() -> None:
    gated, plain, x = made(MinGRU), made(DiagonalLinear), torch.randn(2, 7, 3, dtype=torch.float64)
    assert isinstance(gated, MinGRU)
    assert isinstance(plain, DiagonalLinear)
    with torch.no_grad():
        gated.keep.weight.zero_()
        gated.keep.bias.copy_(plain.keep)
        gated.write.load_state_dict(plain.write.state_dict())
    assert torch.allclose(gated(x), plain(x))
    assert torch.allclose(plain(2 * x) - plain(x), plain(x) - plain(0 * x))  # linear, apart from the biases


def test_exponents_that_no_number_holds_are_taken() -> None:
    """e^1000 is beyond all numbers; the last of such inputs alone is left."""
    layer = made(ExponentialLSTM, 1, 1)
    assert isinstance(layer, ExponentialLSTM)
    with torch.no_grad():
        layer.weight_hh.zero_()
        layer.inward.weight.copy_(torch.tensor([[1000.0], [0.0], [1.0], [0.0]]))
        layer.inward.bias.copy_(torch.tensor([0.0, 0.0, 0.0, 60.0]))
    found = layer(torch.tensor([[[1.0], [2.0], [-3.0]]], dtype=torch.float64))
    assert found.flatten().tolist() == pytest.approx([math.tanh(1), math.tanh(2), math.tanh(2)])


@pytest.mark.parametrize("layer", LAYERS)
def test_spread_time_constants_lie_between_one_step_and_the_longest(layer: Callable[[int, int], nn.Module]) -> None:
    made_layer = made(layer, 3, 400)
    spread_times_(made_layer, 40, torch.Generator().manual_seed(1))
    if isinstance(made_layer, ExponentialLSTM):
        minus, logits = made_layer.inward.bias[:800].chunk(2)
        assert torch.equal(minus, -logits)
    else:
        found = dict(made_layer.named_parameters())
        logits = found["keep.bias" if isinstance(made_layer, MinGRU) else "keep"]
    times = logits.exp()
    assert times.min() >= 1
    assert times.max() <= 39
    assert times.mean().item() == pytest.approx(20, abs=3)
    again = made(layer, 3, 400)
    spread_times_(again, 40, torch.Generator().manual_seed(1))
    assert all(torch.equal(a, b) for a, b in zip(made_layer.parameters(), again.parameters(), strict=True))


def test_what_cannot_be_meant() -> None:
    generator = torch.Generator().manual_seed(0)
    with pytest.raises(CourseError, match="chrono_"):
        spread_times_(nn.LSTM(2, 3), 40, generator)
    with pytest.raises(CourseError, match="longest"):
        spread_times_(MinGRU(2, 3), 1, generator)
    assert ladder.linear_states(torch.zeros(1, 0, 2), torch.zeros(1, 0, 2)).shape == (1, 0, 2)
