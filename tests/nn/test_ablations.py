"""Gates held at a number."""

from __future__ import annotations

import math
from copy import deepcopy

import pytest
import torch
from torch import Tensor, nn

from course_utils.errors import CourseError
from course_utils.nn import cells
from course_utils.nn.ablations import free_parameters, lstm_step_without, pin_gate_
from tests.layers import Weights, gradient, weights_of


def lstm_with(gate: str, value: float, x: Tensor, weights: Weights) -> Tensor:
    """(B, T, H) states of an LSTM, written by hand, whose gate is a constant."""
    W_ih, W_hh, b_ih, b_hh = weights
    h = c = torch.zeros(len(x), W_hh.shape[1], dtype=x.dtype)
    states = []
    for x_t in x.unbind(dim=1):
        i, f, g, o = (x_t @ W_ih.T + b_ih + h @ W_hh.T + b_hh).chunk(4, dim=-1)
        opened = {"input": torch.sigmoid(i), "forget": torch.sigmoid(f), "output": torch.sigmoid(o)}
        opened[gate] = torch.full_like(i, value)
        c = opened["forget"] * c + opened["input"] * torch.tanh(g)
        h = opened["output"] * torch.tanh(c)
        states.append(h)
    return torch.stack(states, dim=1)


def gru_with(gate: str, value: float, x: Tensor, weights: Weights) -> Tensor:
    """(B, T, H) states of a GRU, written by hand, whose gate is a constant."""
    W_ih, W_hh, b_ih, b_hh = weights
    h = torch.zeros(len(x), W_hh.shape[1], dtype=x.dtype)
    states = []
    for x_t in x.unbind(dim=1):
        r_x, z_x, n_x = (x_t @ W_ih.T + b_ih).chunk(3, dim=-1)
        r_h, z_h, n_h = (h @ W_hh.T + b_hh).chunk(3, dim=-1)
        opened = {"reset": torch.sigmoid(r_x + r_h), "update": torch.sigmoid(z_x + z_h)}
        opened[gate] = torch.full_like(r_x, value)
        h = (1 - opened["update"]) * torch.tanh(n_x + opened["reset"] * n_h) + opened["update"] * h
        states.append(h)
    return torch.stack(states, dim=1)


PINS = [
    *[(nn.LSTM, gate, value) for gate in ("input", "forget", "output") for value in (0.0, 0.3, 1.0)],
    *[(nn.GRU, gate, value) for gate in ("reset", "update") for value in (0.0, 0.3, 1.0)],
]
pins = pytest.mark.parametrize(("kind", "gate", "value"), PINS)


@pins
def test_a_pinned_network_is_the_cell_with_that_constant_and_stays_it_in_training(
    kind: type[nn.LSTM | nn.GRU], gate: str, value: float
) -> None:
    torch.manual_seed(0)
    module = kind(2, 5, batch_first=True).double()
    weights = weights_of(deepcopy(module))
    by_hand = lstm_with if kind is nn.LSTM else gru_with
    x = torch.randn(3, 30, 2).double()
    pin_gate_(module, gate, value)
    assert torch.allclose(module(x)[0], by_hand(gate, value, x, weights), atol=1e-12)
    optimizer = torch.optim.Adam(module.parameters(), lr=0.01)
    for _ in range(20):
        optimizer.zero_grad()
        (module(x)[0] - 0.1).square().mean().backward()
        nn.utils.clip_grad_norm_(module.parameters(), 1.0)
        optimizer.step()
    after = weights_of(module)
    assert torch.allclose(module(x)[0], by_hand(gate, value, x, after), atol=1e-12)
    rows = {"input": 0, "reset": 0, "forget": 1, "update": 1, "output": 3}[gate]
    for before, now in zip(weights, after, strict=True):
        for k, (one, other) in enumerate(zip(before.split(5), now.split(5), strict=True)):
            if k != rows and (gate, value) not in {("output", 0.0), ("update", 1.0), ("input", 0.0)}:
                assert not torch.equal(one, other), k  # where something can be learnt, it is
    assert free_parameters(module) == sum(p.numel() for p in module.parameters()) - 5 * (2 + 5 + 2)


def test_two_gates_can_be_pinned_and_a_pin_can_be_moved() -> None:
    torch.manual_seed(0)
    module = nn.LSTM(2, 3, batch_first=True).double()
    for gate in ("forget", "output"):
        pin_gate_(module, gate, 1)
    pin_gate_(module, "output", 0.5)
    module(torch.randn(2, 4, 2).double())[0].sum().backward()
    parts = gradient(module.get_parameter("bias_hh_l0")).split(3)
    assert [bool(part.any()) for part in parts] == [True, False, True, False]
    assert free_parameters(module) == cells.lstm_parameter_count(2, 3) // 2
    assert free_parameters(deepcopy(module)) == cells.lstm_parameter_count(2, 3)  # as the docstring says
    x = torch.randn(2, 4, 2).double()
    weights = weights_of(module)
    assert torch.allclose(module(x)[0], lstm_with("output", 0.5, x, weights), atol=1e-12)
    assert torch.allclose(module(x)[0], lstm_with("forget", 1, x, weights), atol=1e-12)


@pytest.mark.parametrize(
    ("module", "gate", "value", "message"),
    [
        (nn.LSTM(1, 1), "forgett", 1, "no LSTM gate 'forgett'.*Did you mean 'forget'"),
        (nn.LSTM(1, 1), "reset", 1, "no LSTM gate"),
        (nn.GRU(1, 1), "forget", 1, "no GRU gate"),
        (nn.RNN(1, 1), "forget", 1, "this is a RNN"),
        (nn.Linear(1, 1), "forget", 1, "such as model.core"),
        (nn.LSTM(1, 1, num_layers=2), "forget", 1, "one layer"),
        (nn.GRU(1, 1), "reset", 1.5, "from 0 .closed. to 1"),
        (nn.GRU(1, 1), "reset", math.nan, "from 0 .closed. to 1"),
    ],
)
def test_what_cannot_be_pinned_is_refused_with_a_sentence(
    module: nn.LSTM, gate: str, value: float, message: str
) -> None:
    with pytest.raises(CourseError, match=message):
        pin_gate_(module, gate, value)


@pytest.mark.parametrize("gate", ["input", "forget", "output"])
def test_the_step_without_a_gate_is_that_of_a_pinned_layer(gate: str) -> None:
    torch.manual_seed(0)
    lstm = nn.LSTM(3, 5, batch_first=True).double()
    x = torch.randn(2, 20, 3).double()
    h = c = torch.zeros(2, 5).double()
    W_ih, W_hh, b_ih, b_hh = lstm.parameters()
    for x_t in x.unbind(dim=1):
        h, c = lstm_step_without(x_t, h, c, W_ih, W_hh, b_ih, b_hh, gate)
    pin_gate_(lstm, gate, 1.0)
    _, (h_n, c_n) = lstm(x)
    assert torch.allclose(h, h_n[0], atol=1e-12)
    assert torch.allclose(c, c_n[0], atol=1e-12)
