"""A text in parallel rows and windows; and a state that is carried from one to the next."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_utils.errors import CourseError
from course_utils.nn.streams import carried, parallel_rows, truncated_gradient, windows


@given(st.integers(1, 5), st.integers(2, 30), st.integers(1, 9))
def test_read_window_by_window_each_row_is_its_stretch_of_the_text(rows: int, length: int, seq_len: int) -> None:
    tokens = torch.arange(rows * length + rows - 1)
    pairs = windows(parallel_rows(tokens, rows), seq_len)
    for row in range(rows):
        stretch = list(range(row * length, (row + 1) * length))
        assert torch.cat([x[row] for x, _ in pairs]).tolist() == stretch[:-1]
        assert torch.cat([y[row] for _, y in pairs]).tolist() == stretch[1:]
    assert all(x.shape == y.shape for x, y in pairs)
    assert all(x.shape[1] == seq_len for x, _ in pairs[:-1])


def test_read_with_a_carried_state_a_text_gives_what_it_gives_read_whole() -> None:
    torch.manual_seed(0)
    layer = torch.nn.LSTM(3, 4, batch_first=True)
    x = torch.randn(2, 11, 3)
    whole, _ = layer(x)
    state, pieces = None, []
    for part in x.split(4, dim=1):
        output, state = layer(part, state)
        state = carried(state, 2)
        pieces.append(output)
    assert torch.allclose(torch.cat(pieces, dim=1), whole, atol=1e-6)


def test_what_is_carried_has_no_graph_and_the_first_rows() -> None:
    h = torch.arange(6.0, requires_grad=True).reshape(1, 3, 2)
    for state in (carried(h, 2), carried((h, 2 * h), 2)[0]):
        assert isinstance(state, torch.Tensor)
        assert not state.requires_grad
        assert state.tolist() == [[[0, 1], [2, 3]]]


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(CourseError, match="5 tokens cannot be cut into 3 rows"):
        parallel_rows(torch.arange(5), 3)
    with pytest.raises(CourseError, match="rows"):
        parallel_rows(torch.arange(5), 0)
    with pytest.raises(CourseError, match="seq_len"):
        windows(torch.zeros(2, 3), 0)
    with pytest.raises(CourseError, match="state is of 2 rows, and the next batch has 3"):
        carried(torch.zeros(1, 2, 4), 3)


def test_one_window_over_all_gives_the_whole_gradient_and_windows_of_one_step_only_the_direct_one() -> None:
    x, w = torch.randn(2, 6, generator=torch.Generator().manual_seed(0)).double(), torch.tensor(0.8).double()

    def loss(v: torch.Tensor) -> torch.Tensor:
        h, total = torch.zeros(2).double(), torch.zeros(()).double()
        for x_t in x.unbind(1):
            h = torch.tanh(v * h + x_t)
            total = total + (h**2).sum()
        return total

    v = w.clone().requires_grad_()
    (whole,) = torch.autograd.grad(loss(v), v)
    for seq_len in (6, 7):
        assert torch.allclose(truncated_gradient(w, x, seq_len), whole, rtol=0, atol=1e-12)
    h, direct = torch.zeros(2).double(), torch.zeros(()).double()
    for x_t in x.unbind(1):
        new = torch.tanh(w * h + x_t)
        direct, h = direct + (2 * new * (1 - new**2) * h).sum(), new
    assert torch.allclose(truncated_gradient(w, x, 1), direct, rtol=0, atol=1e-12)
    assert not torch.allclose(truncated_gradient(w, x, 2), whole, rtol=0, atol=1e-3)
