"""Numbers on one scale: only the training rows are looked at."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from course_utils.data.scaling import standardised


def random(seed: int, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@given(st.integers(0, 10_000), st.integers(2, 30), st.integers(1, 5), st.integers(1, 5))
def test_training_rows_have_mean_0_and_spread_1_and_no_other_row_matters(seed: int, N: int, M: int, D: int) -> None:
    train, rows = 50 + 20 * random(seed, N, D), 50 + 20 * random(seed + 1, M, D)
    own = standardised(train, train)
    torch.testing.assert_close(own.mean(dim=0), torch.zeros(D, dtype=torch.float64), rtol=0, atol=1e-9)
    torch.testing.assert_close(own.std(dim=0), torch.ones(D, dtype=torch.float64), rtol=0, atol=1e-9)
    alone = torch.cat([standardised(train, rows[place : place + 1]) for place in range(M)])
    torch.testing.assert_close(standardised(train, rows), alone, rtol=0, atol=0)
