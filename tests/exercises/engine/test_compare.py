"""How two results are told apart."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from course_utils.exercises.engine.compare import difference
from tests.strategies import examples


@examples(50)
@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=5), st.floats(1e-3, 1.0), st.integers(0, 4))
def test_difference_sees_any_change_larger_than_the_tolerance(values: list[float], change: float, at: int) -> None:
    want = torch.tensor(values, dtype=torch.float64)
    got = want.clone()
    assert difference(got, want, 1e-9) is None
    got[at % len(values)] += change
    assert difference(got, want, 1e-9) is not None
