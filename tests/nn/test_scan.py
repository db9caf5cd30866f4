"""The parallel scan has the states of the loop, in values and gradients, in as many rounds as its logarithm says."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from course_utils.errors import CourseError
from course_utils.nn import scan

NUMBERS = st.floats(-100, 100).map(lambda x: round(x, 3))


def as_step(a: float, b: float) -> scan.Pair:
    return torch.tensor(a, dtype=torch.double), torch.tensor(b, dtype=torch.double)


def looped(a: Tensor, b: Tensor) -> Tensor:
    """One step after the other."""
    h, states = torch.zeros_like(b[:, 0]), []
    for t in range(a.shape[1]):
        h = a[:, t] * h + b[:, t]
        states.append(h)
    return torch.stack(states, dim=1)


def some_steps(length: int, seed: int, dtype: torch.dtype = torch.double) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    a, b = torch.randn(2, 3, length, 4, generator=generator, dtype=dtype)
    return a, b


@given(st.integers(1, 70), st.integers(0, 99), st.sampled_from((torch.double, torch.cdouble)))
def test_the_scan_has_the_states_of_the_loop(length: int, seed: int, dtype: torch.dtype) -> None:
    a, b = some_steps(length, seed, dtype)
    before = a.clone(), b.clone()
    torch.testing.assert_close(scan.scan(a, b), looped(a, b))
    assert torch.equal(a, before[0])
    assert torch.equal(b, before[1])


def test_a_real_decay_may_carry_a_complex_input_and_nothing_overflows_over_a_long_time() -> None:
    a, b = torch.full((1, 3000, 2), 0.9), torch.ones(1, 3000, 2, dtype=torch.cfloat)
    torch.testing.assert_close(scan.scan(a, b)[:, -1], torch.full((1, 2), 10.0, dtype=torch.cfloat))


@pytest.mark.parametrize("length", [1, 2, 3, 4, 5, 8, 9, 100, 128, 129])
def test_it_takes_the_logarithm_of_the_steps_in_rounds(length: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rounds = []
    combine = scan.combine

    def counted(one: scan.Pair, two: scan.Pair) -> scan.Pair:
        rounds.append(1)
        return combine(one, two)

    monkeypatch.setattr(scan, "combine", counted)
    scan.scan(*some_steps(length, 0))
    assert len(rounds) == math.ceil(math.log2(length))


@pytest.mark.parametrize("dtype", [torch.double, torch.cdouble])
def test_gradients_flow_through_it_as_through_the_loop(dtype: torch.dtype) -> None:
    a, b = (part[:2, :5, :2].clone().requires_grad_() for part in some_steps(5, 1, dtype))
    assert torch.autograd.gradcheck(scan.scan, (a, b))
    ours = torch.autograd.grad(scan.scan(a, b).abs().square().sum(), (a, b))
    torch.testing.assert_close(ours, torch.autograd.grad(looped(a, b).abs().square().sum(), (a, b)))


@given(*[st.tuples(NUMBERS, NUMBERS)] * 3, NUMBERS)
def test_combined_steps_do_what_both_do_in_any_grouping(
    one: tuple[float, float], two: tuple[float, float], three: tuple[float, float], h: float
) -> None:
    first, second, third = (as_step(*pair) for pair in (one, two, three))
    a, b = scan.combine(first, second)
    assert float(a * h + b) == pytest.approx(two[0] * (one[0] * h + one[1]) + two[1], abs=1e-6)
    left = scan.combine((a, b), third)
    right = scan.combine(first, scan.combine(second, third))
    torch.testing.assert_close(left, right, atol=1e-6, rtol=1e-9)


def test_shapes_that_do_not_fit_are_refused() -> None:
    for a, b in ((torch.ones(4), torch.ones(1, 2, 4)), (torch.ones(2, 4), torch.ones(2, 4))):
        with pytest.raises(CourseError, match=r"Give both as \(B, T, N\)"):
            scan.scan(a, b)
