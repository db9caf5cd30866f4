"""LSTM and GRU written out equal torch's; a pinned gate is a constant; the networks programmed by hand add."""

from __future__ import annotations

import math
from collections.abc import Callable
from copy import deepcopy

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from course_utils.errors import CourseError
from course_utils.experiments.long_memory.programmed_by_hand import adding_lstm, adding_relu_rnn, perturbed
from course_utils.experiments.tasks.adding import Adding
from course_utils.nn import cells
from course_utils.nn.ablations import free_parameters, pin_gate_
from tests.layers import Weights, gradient, weights_of
from tests.strategies import examples

sizes = st.tuples(*[st.integers(1, 6)] * 4)


def drawn(gates: int, B: int, I: int, H: int, generator: torch.Generator) -> list[Tensor]:  # noqa: E741
    """x, h, W_ih, W_hh, b_ih, b_hh in double precision."""
    shapes = ((B, I), (B, H), (gates * H, I), (gates * H, H), (gates * H,), (gates * H,))
    return [torch.randn(shape, generator=generator, dtype=torch.float64) for shape in shapes]


# ---------------------------------------------------------------------------------------------------------------------
# The cells


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
def test_gradients_equal_those_of_torch_over_fifty_steps(
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


# ---------------------------------------------------------------------------------------------------------------------
# Pinned gates


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


# ---------------------------------------------------------------------------------------------------------------------
# Programmed by hand


@pytest.mark.parametrize("seq_len", [2, 101, 10_000])
def test_the_networks_programmed_by_hand_solve_adding_at_any_length(seq_len: int) -> None:
    task = Adding(seq_len)
    batch = task.held_out(64, 0)
    with torch.no_grad():
        assert task.score(adding_lstm()(batch.x), batch) < 1e-6
        assert (adding_relu_rnn()(batch.x)[:, -1, 0] - batch.y).abs().max() < 1e-5


def test_the_error_of_the_lstm_is_that_of_the_bend_of_tanh() -> None:
    """tanh(a) lies between a − a³/3 and a: of two numbers below 1 at most (2 · SMALL)³/3 + 2 · SMALL³/3 is lost."""
    batch = Adding(100).held_out(500, 1)
    with torch.no_grad():
        lost = batch.y - adding_lstm()(batch.x)[:, -1, 0]
    assert lost.max() <= (8 + 2) * 0.01**2 / 3 + 1e-5
    assert lost.min() >= -1e-5


def test_their_sizes_are_those_the_lesson_says() -> None:
    assert [sum(p.numel() for p in part.parameters()) for part in (adding_lstm().core, adding_lstm())] == [20, 22]
    assert sum(p.numel() for p in adding_relu_rnn().parameters()) == 15


def test_perturbed_is_a_copy_with_noise_in_proportion() -> None:
    model = adding_lstm()
    same, other = (perturbed(model, size, torch.Generator().manual_seed(0)) for size in (0.0, 0.1))
    for p, q, r in zip(model.parameters(), same.parameters(), other.parameters(), strict=True):
        assert torch.equal(p, q)
        assert torch.equal(p == 0, r == 0)
        assert ((r - p).abs() <= 0.1 * 6 * p.abs()).all()
    assert other.core.get_parameter("weight_ih_l0")[0, 1] != 80
    with pytest.raises(CourseError, match="size must be"):
        perturbed(model, -1, torch.Generator())
