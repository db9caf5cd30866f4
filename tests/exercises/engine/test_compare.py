"""How two results are told apart."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from course_utils.exercises.engine.compare import difference, in_double, input_gradients
from tests.strategies import examples


@examples(50)
@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=5), st.floats(1e-3, 1.0), st.integers(0, 4))
def test_difference_sees_any_change_larger_than_the_tolerance(values: list[float], change: float, at: int) -> None:
    want = torch.tensor(values, dtype=torch.float64)
    got = want.clone()
    assert difference(got, want, 1e-9) is None
    got[at % len(values)] += change
    assert difference(got, want, 1e-9) is not None


def test_no_gradient_is_asked_of_data() -> None:
    case = (torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0]))
    assert all(gradient is not None for gradient in input_gradients(torch.mul, case))
    weights, data = input_gradients(torch.mul, case, data=[1])
    assert weights is not None
    assert weights.tolist() == [1.5, 6.0]  # the data, times the weights 0.5 and 1.5 of the sum
    assert data is None


def test_numbers_of_every_kind_become_float64_and_nothing_else_does() -> None:
    for dtype in (torch.bool, torch.int64, torch.float16, torch.float32, torch.float64):
        assert in_double(torch.ones(2, dtype=dtype)).dtype == torch.float64
    for other in (torch.ones(2, dtype=torch.complex64), [1.0], None, "1"):
        assert in_double(other) is other
