"""Causal convolutions see all steps, and no later one."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from course_utils.nn.causal_convolution import CausalConvolution, levels_for


@given(T=st.integers(1, 500))
def test_a_convolution_has_just_enough_levels_to_see_all_steps(T: int) -> None:
    def reach(levels: int) -> int:
        return 1 + 2 * sum(1 << k for k in range(levels))

    levels = levels_for(T)
    assert reach(levels) >= T
    assert levels == 1 or reach(levels - 1) < T


def test_the_last_output_of_a_convolution_depends_on_the_first_input() -> None:
    for T in (3, 7, 16, 63):
        model, x = CausalConvolution(1, 4, 1, T, 8), torch.randn(3, T, 1)
        for p in model.parameters():
            p.data.abs_()  # so that no relu is closed
        changed = x.clone()
        changed[:, 0] += 100.0
        assert not torch.allclose(model(x)[:, -1], model(changed)[:, -1]), T
