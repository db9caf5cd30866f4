"""Gradients by hand: clipping equals torch's, and turns a gradient by a known angle."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from course_utils.nn import gradients


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=6), st.floats(0.01, 50))
def test_clipping_by_norm_is_torch_s_and_keeps_the_direction(entries: list[float], limit: float) -> None:
    gradient = torch.tensor(entries, dtype=torch.float64)
    got = gradients.clip_by_norm(gradient, limit)
    parameter = nn.Parameter(torch.zeros_like(gradient))
    parameter.grad = gradient.clone()
    nn.utils.clip_grad_norm_([parameter], limit)
    assert torch.allclose(got, parameter.grad, atol=1e-4)
    assert got.norm() <= limit * (1 + 1e-9)
    assert torch.allclose(got * gradient.norm(), gradient * got.norm(), atol=1e-6)


def test_clipping_thirty_forty_by_value_turns_it_by_eight_degrees() -> None:
    gradient = torch.tensor([30.0, 40.0])
    assert gradients.clip_by_norm(gradient, 5.0).tolist() == pytest.approx([3, 4])
    by_value = gradients.clip_by_value(gradient, 5.0)
    assert by_value.tolist() == [5, 5]
    assert gradients.angle(gradient, by_value) == pytest.approx(8.13, abs=0.005)
    assert gradients.angle(gradient, gradient) == pytest.approx(0, abs=0.05)
    assert gradients.angle(gradient, -gradient) == pytest.approx(180, abs=0.05)
