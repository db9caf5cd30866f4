"""Which networks are fed their own output: the equations, and what replacing the read-out moves."""

from __future__ import annotations

import torch

from course_utils.experiments.gradients.fed_back import DECODER, ELMAN, JORDAN, states
from tests.experiments.small_runs import small_rows


def test_with_the_state_fed_back_it_is_torch_s_rnn() -> None:
    torch.manual_seed(0)
    core, x = torch.nn.RNN(3, 5, batch_first=True), torch.randn(2, 7, 3)
    W_ih, W_hh, b_ih, b_hh = core.parameters()
    assert torch.allclose(states(ELMAN, x, (W_ih, W_hh, b_ih, b_hh), torch.randn(3, 5)), core(x)[0], atol=1e-6)


def test_a_jordan_network_and_a_decoder_read_the_output_of_the_step_before() -> None:
    torch.manual_seed(0)
    x, read_out, b_ih, b_hh = torch.randn(2, 2, 3), torch.randn(3, 5), torch.randn(5), torch.randn(5)
    W_ih, from_output, from_state = torch.randn(5, 3), torch.randn(5, 3), torch.randn(5, 5)
    first, second = states(JORDAN, x, (W_ih, from_output, b_ih, b_hh), read_out).unbind(dim=1)
    expected = torch.tanh(x[:, 1] @ W_ih.T + b_ih + (first @ read_out.T) @ from_output.T + b_hh)
    assert torch.allclose(second, expected, atol=1e-6)
    first, second = states(DECODER, x, (W_ih, from_state, b_ih, b_hh), read_out).unbind(dim=1)
    expected = torch.tanh((first @ read_out.T) @ W_ih.T + b_ih + first @ from_state.T + b_hh)
    assert torch.allclose(second, expected, atol=1e-6)


def test_a_new_read_out_moves_the_states_of_those_alone_that_read_the_output() -> None:
    moved = small_rows("fed_back").groupby("way")["state_moved"]
    assert moved.max()[ELMAN] == 0
    assert min(moved.min()[JORDAN], moved.min()[DECODER]) > 0.01
