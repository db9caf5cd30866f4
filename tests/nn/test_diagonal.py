"""A diagonal linear recurrence: equal to a loop, its eigenvalues within bounds, and why signs matter."""

from __future__ import annotations

import pytest
import torch

from course_utils.nn.diagonal import DiagonalBlocks, DiagonalRecurrence, difference_left


@pytest.mark.parametrize("signed", [False, True])
def test_the_states_are_those_of_a_loop(signed: bool) -> None:
    torch.manual_seed(0)
    layer = DiagonalRecurrence(3, 5, signed=signed).double()
    x = torch.randn(2, 13, 3, dtype=torch.float64)
    h, found = torch.zeros(2, 5, dtype=torch.float64), layer(x)
    for t in range(13):
        h = layer.eigenvalues(x[:, t]) * h + layer.write(x[:, t])
        assert torch.allclose(found[:, t], h)


def test_eigenvalues_lie_within_their_bounds() -> None:
    torch.manual_seed(0)
    x = 10 * torch.randn(500, 4)
    for signed, low in ((False, 0), (True, -1)):
        found = DiagonalRecurrence(4, 6, signed=signed).eigenvalues(x)
        assert found.min() >= low
        assert found.max() <= 1
        assert (found < -0.5).any() == signed


def test_at_first_most_of_a_state_is_kept() -> None:
    """σ(2) = 0.88, and 2 · 0.88 − 1 = 0.76, where the input is 0."""
    nothing = torch.zeros(1, 4)
    assert DiagonalRecurrence(4, 6, signed=False).eigenvalues(nothing).flatten().tolist() == pytest.approx(
        [0.8808] * 6, abs=1e-4
    )
    assert DiagonalRecurrence(4, 6, signed=True).eigenvalues(nothing).flatten().tolist() == pytest.approx(
        [0.7616] * 6, abs=1e-4
    )


def test_no_input_turns_a_state_round_where_eigenvalues_are_positive_and_one_can_where_they_are_signed() -> None:
    torch.manual_seed(0)
    x = torch.randn(1, 30, 2)
    positive = DiagonalRecurrence(2, 4, signed=False)
    assert (positive.eigenvalues(x).prod(1) > 0).all()
    signed = DiagonalRecurrence(2, 4, signed=True)
    with torch.no_grad():
        signed.keep.weight.copy_(torch.tensor([[0.0, -20.0]] * 4))
        signed.keep.bias.fill_(10.0)
    ones, zeros = torch.tensor([0.0, 1.0]), torch.tensor([1.0, 0.0])
    assert (signed.eigenvalues(ones) < -0.99).all()
    assert (signed.eigenvalues(zeros) > 0.99).all()


def test_the_second_recurrence_sees_the_inputs_and_the_states_of_the_first() -> None:
    torch.manual_seed(0)
    blocks = DiagonalBlocks(3, 5, signed=True)
    first, second = blocks.layers
    x = torch.randn(2, 7, 3)
    assert torch.equal(blocks(x), second(torch.cat([x, first(x)], dim=-1)))
    assert len(DiagonalBlocks(3, 5, signed=True, layers=1).layers) == 1


def test_nothing_of_the_future_is_seen() -> None:
    torch.manual_seed(0)
    blocks = DiagonalBlocks(3, 5, signed=False)
    x = torch.randn(1, 9, 3)
    other = x.clone()
    other[0, 5] += 1
    moved = (blocks(x) - blocks(other)).abs().sum(-1)[0] > 0
    assert moved.tolist() == [False] * 5 + [True] * 4


@pytest.mark.parametrize("signed", [False, True])
def test_what_is_left_of_a_difference_is_the_product_of_the_eigenvalues(signed: bool) -> None:
    torch.manual_seed(0)
    layer = DiagonalRecurrence(3, 5, signed=signed).double()
    x = torch.randn(2, 9, 3, dtype=torch.float64)
    eigenvalues, h, other = layer.eigenvalues(x), torch.randn(2, 5).double(), torch.randn(2, 5).double()
    began = h - other
    for t in range(9):
        h, other = (eigenvalues[:, t] * state + layer.write(x[:, t]) for state in (h, other))
    assert torch.allclose(h - other, difference_left(eigenvalues) * began)
