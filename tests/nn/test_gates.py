"""Small facts about gates equal what a real cell does, and what torch computes."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_utils.experiments.gradients.forget_bias import direct_path as measured_direct_path
from course_utils.nn import cells, gates
from tests.layers import weights_of

biases = st.floats(-8, 12)


@given(biases)
def test_after_the_half_life_half_of_a_cell_is_left(bias: float) -> None:
    f = 1 / (1 + math.exp(-bias))
    assert gates.half_life(bias) * math.log(f) == pytest.approx(math.log(0.5), rel=1e-6)


@given(st.floats(0.05, 5000))
def test_the_update_bias_for_a_half_life_has_that_half_life(steps: float) -> None:
    assert gates.half_life(gates.update_bias_for(steps)) == pytest.approx(steps, rel=1e-6)


def test_a_gru_with_that_bias_keeps_half_of_its_state() -> None:
    gru = torch.nn.GRU(1, 1, batch_first=True).double()
    with torch.no_grad():
        for p in gru.parameters():
            p.zero_()  # the candidate is 0
        gru.get_parameter("bias_ih_l0")[1] = gates.update_bias_for(20)
    state = gru(torch.zeros(1, 20, 1).double(), torch.ones(1, 1, 1).double())[1]
    assert float(state.detach()) == pytest.approx(0.5)


@given(st.integers(1, 6), biases)
def test_the_forget_bias_is_what_a_torch_lstm_gets(size: int, value: float) -> None:
    lstm = torch.nn.LSTM(2, size).double()
    W_ih, W_hh, b_ih, b_hh = (p.detach() for p in weights_of(lstm))
    before = b_ih + b_hh
    b_ih, b_hh = gates.with_forget_bias(b_ih, b_hh, value)
    whole = b_ih + b_hh
    assert torch.allclose(whole[size : 2 * size], torch.full((size,), value).double())
    rest = [*range(size), *range(2 * size, 4 * size)]
    assert torch.equal(whole[rest], before[rest])
    zero = torch.zeros(1, size).double()
    found = cells.lstm_gates(torch.zeros(1, 1, 2).double(), zero, zero, (W_ih, W_hh, b_ih, b_hh))
    assert torch.allclose(found["forget"], torch.full((1, 1, size), value).double().sigmoid())


def test_the_direct_path_is_the_derivative_along_the_cell_alone() -> None:
    """The product of the forget gates of a run, as autograd has it where no gate sees the state."""
    torch.manual_seed(0)
    lstm = torch.nn.LSTM(1, 3, batch_first=True).double()
    with torch.no_grad():
        lstm.get_parameter("weight_hh_l0").zero_()
    x = torch.randn(1, 6, 1).double()
    h, c = torch.zeros(1, 3).double(), torch.randn(1, 3).double().requires_grad_()
    with torch.no_grad():
        found = cells.lstm_gates(x, h, c, weights_of(lstm))
    end = cells.lstm_states(x, h, c, weights_of(lstm))[1][0, -1]
    (want,) = torch.autograd.grad(end.sum(), c)
    assert torch.allclose(gates.direct_path(found["forget"][0]), want[0], atol=1e-12)
    assert measured_direct_path(lstm, x, [6])[0]["log10_product"] < 0


def test_the_cell_update_is_that_of_the_step() -> None:
    torch.manual_seed(0)
    lstm = torch.nn.LSTM(2, 4, batch_first=True).double()
    x, h, c = torch.randn(3, 1, 2).double(), torch.randn(3, 4).double(), torch.randn(3, 4).double()
    found = cells.lstm_gates(x, h, c, weights_of(lstm))
    f, i, g = (found[name][:, 0] for name in ("forget", "input", "candidate"))
    assert torch.allclose(gates.cell_update(c, f, i, g), found["cell"][:, 0], atol=1e-12)


def test_a_coupled_cell_is_a_mixture_that_stays_between_its_parts() -> None:
    c, g, f = torch.tensor([-1.0, 0.5]), torch.tensor([1.0, 0.9]), torch.tensor([0.25, 1.0])
    assert gates.coupled_update(c, f, g).tolist() == pytest.approx([0.5, 0.5])


@given(st.integers(2, 100), st.integers(1, 50))
def test_no_other_width_of_a_gru_comes_nearer_to_the_lstm(lstm_size: int, input_size: int) -> None:
    wanted = cells.lstm_parameter_count(input_size, lstm_size)
    size = gates.gru_size_like(lstm_size, input_size)
    miss = abs(cells.gru_parameter_count(input_size, size) - wanted)
    assert all(miss <= abs(cells.gru_parameter_count(input_size, other) - wanted) for other in (size - 1, size + 1))
