"""The course's cells equal torch's, in values and in gradients."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from course_utils.nn import cells
from course_utils.nn.cells import rnn_states, rnn_step
from tests.layers import Weights, weights_of
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


def drawn(gates: int, B: int, I: int, H: int, generator: torch.Generator) -> list[Tensor]:  # noqa: E741
    """x, h, W_ih, W_hh, b_ih, b_hh in double precision."""
    shapes = ((B, I), (B, H), (gates * H, I), (gates * H, H), (gates * H,), (gates * H,))
    return [torch.randn(shape, generator=generator, dtype=torch.float64) for shape in shapes]


@examples(40)
@given(sizes, st.integers(0, 2**31))
def test_lstm_states_equal_those_of_torch_for_any_size(size: tuple[int, int, int, int], seed: int) -> None:
    B, T, I, H = size  # noqa: E741
    generator = torch.manual_seed(seed)
    lstm = nn.LSTM(I, H, batch_first=True)
    x, h, c = (torch.randn(shape, generator=generator) for shape in ((B, T, I), (B, H), (B, H)))
    output, (_, last_c) = lstm(x, (h[None], c[None]))
    states, memory = cells.lstm_states(x, h, c, weights_of(lstm))
    assert torch.allclose(states, output, atol=1e-6, rtol=1e-6)
    assert torch.allclose(memory[:, -1], last_c[0], atol=1e-6, rtol=1e-6)
    assert sum(p.numel() for p in lstm.parameters()) == cells.lstm_parameter_count(I, H)


@examples(40)
@given(sizes, st.integers(0, 2**31))
def test_gru_states_equal_those_of_torch_for_any_size(size: tuple[int, int, int, int], seed: int) -> None:
    B, T, I, H = size  # noqa: E741
    generator = torch.manual_seed(seed)
    gru = nn.GRU(I, H, batch_first=True)
    x, h = torch.randn(B, T, I, generator=generator), torch.randn(B, H, generator=generator)
    output, _ = gru(x, h[None])
    assert torch.allclose(cells.gru_states(x, h, weights_of(gru)), output, atol=1e-6, rtol=1e-6)
    assert sum(p.numel() for p in gru.parameters()) == cells.gru_parameter_count(I, H)


def zeros() -> Tensor:
    return torch.zeros(4, 8).double()


@pytest.mark.parametrize(
    ("kind", "ours"),
    [
        (nn.LSTM, lambda x, weights: cells.lstm_states(x, zeros(), zeros(), weights)[0]),
        (nn.GRU, lambda x, weights: cells.gru_states(x, zeros(), weights)),
    ],
)
def test_gradients_of_gated_cells_equal_those_of_torch_over_fifty_steps(
    kind: type[nn.LSTM | nn.GRU], ours: Callable[[Tensor, Weights], Tensor]
) -> None:
    torch.manual_seed(0)
    module = kind(3, 8, batch_first=True).double()
    x = torch.randn(4, 50, 3, dtype=torch.float64, requires_grad=True)
    inputs = (x, *module.parameters())
    theirs = torch.autograd.grad((module(x)[0] ** 2).sum(), inputs)
    mine = torch.autograd.grad((ours(x, weights_of(module)) ** 2).sum(), inputs)
    for a, b in zip(mine, theirs, strict=True):
        assert torch.allclose(a, b, atol=1e-6, rtol=1e-6)


def test_one_step_of_each_passes_gradcheck() -> None:
    generator = torch.Generator().manual_seed(0)
    x, h, *weights = (t.requires_grad_() for t in drawn(4, 2, 3, 2, generator))
    assert torch.autograd.gradcheck(cells.lstm_step, (x, h, h.detach().clone().requires_grad_(), *weights))
    arguments = tuple(t.requires_grad_() for t in drawn(3, 2, 3, 2, generator))
    assert torch.autograd.gradcheck(cells.gru_step, arguments)
    assert torch.autograd.gradcheck(cells.gru_step_before, arguments)


def sigma(a: float) -> float:
    return 1 / (1 + math.exp(-a))


def test_one_lstm_step_equals_the_formula_written_out() -> None:
    rows = {"i": (0.3, -0.4, 0.1, 0.2), "f": (0.5, 0.2, 1.0, 0.0), "g": (-0.7, 0.9, 0.3, -0.1), "o": (0.2, 0.1, 0, 0)}
    a = {gate: w * 2.0 + u * 0.5 + b + d for gate, (w, u, b, d) in rows.items()}  # x = 2, h = 0.5
    c = sigma(a["f"]) * -0.8 + sigma(a["i"]) * math.tanh(a["g"])
    weights = torch.tensor(list(rows.values()), dtype=torch.float64)
    x, h, c_before = (torch.tensor([[v]], dtype=torch.float64) for v in (2.0, 0.5, -0.8))
    new_h, new_c = cells.lstm_step(x, h, c_before, weights[:, :1], weights[:, 1:2], weights[:, 2], weights[:, 3])
    assert float(new_c) == pytest.approx(c)
    assert float(new_h) == pytest.approx(sigma(a["o"]) * math.tanh(c))


def test_one_gru_step_equals_the_formula_written_out_with_the_reset_gate_after_or_before() -> None:
    r, z = sigma(0.3 * 2 - 0.4 * 0.5 + 0.1 + 0.2), sigma(0.5 * 2 + 0.2 * 0.5 + 1.0)
    after = math.tanh(-0.7 * 2 + 0.3 + r * (0.9 * 0.5 - 0.1))
    before = math.tanh(-0.7 * 2 + 0.3 + 0.9 * (r * 0.5) - 0.1)
    rows = torch.tensor([[0.3, -0.4, 0.1, 0.2], [0.5, 0.2, 1.0, 0.0], [-0.7, 0.9, 0.3, -0.1]], dtype=torch.float64)
    x, h = torch.tensor([[2.0]], dtype=torch.float64), torch.tensor([[0.5]], dtype=torch.float64)
    weights = (rows[:, :1], rows[:, 1:2], rows[:, 2], rows[:, 3])
    assert float(cells.gru_step(x, h, *weights)) == pytest.approx((1 - z) * after + z * 0.5)
    assert float(cells.gru_step_before(x, h, *weights)) == pytest.approx((1 - z) * before + z * 0.5)


@examples(30)
@given(sizes, st.integers(0, 2**31))
def test_reset_after_and_before_agree_where_the_gate_is_open_and_only_there(
    size: tuple[int, int, int, int], seed: int
) -> None:
    B, T, I, H = size  # noqa: E741
    generator = torch.Generator().manual_seed(seed)
    _, h, W_ih, W_hh, b_ih, b_hh = drawn(3, B, I, H, generator)
    x = torch.randn(B, T, I, generator=generator, dtype=torch.float64)

    def both() -> tuple[Tensor, Tensor]:
        weights = (W_ih, W_hh, b_ih, b_hh)
        return cells.gru_states(x, h, weights, cells.gru_step), cells.gru_states(x, h, weights, cells.gru_step_before)

    after, before = both()
    assert not torch.allclose(after, before, rtol=0, atol=1e-9)
    W_ih[:H], W_hh[:H], b_ih[:H] = 0, 0, 40
    after, before = both()
    assert torch.allclose(after, before, atol=1e-12)


@examples(30)
@given(sizes, st.integers(0, 2**31))
def test_the_gates_shown_make_the_cell_and_the_state(size: tuple[int, int, int, int], seed: int) -> None:
    B, T, I, H = size  # noqa: E741
    generator = torch.Generator().manual_seed(seed)
    _, h, W_ih, W_hh, b_ih, b_hh = drawn(4, B, I, H, generator)
    x, c = torch.randn(B, T, I, generator=generator).double(), torch.randn(B, H, generator=generator).double()
    gates = cells.lstm_gates(x, h, c, (W_ih, W_hh, b_ih, b_hh))
    assert all(tensor.shape == (B, T, H) for tensor in gates.values())
    before = torch.cat([c[:, None], gates["cell"][:, :-1]], dim=1)
    cell = gates["forget"] * before + gates["input"] * gates["candidate"]
    assert torch.allclose(cell, gates["cell"], atol=1e-12)
    assert torch.allclose(gates["output"] * torch.tanh(cell), gates["state"], atol=1e-12)
    for gate in ("input", "forget", "output"):
        assert ((gates[gate] >= 0) & (gates[gate] <= 1)).all()
