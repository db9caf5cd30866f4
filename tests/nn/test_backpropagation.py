"""The chain rule by hand equals autograd; scaling looks at the training rows alone."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from course_utils.nn.backpropagation import through_relu, weight_gradient

SIZES = st.integers(1, 6)


def random(seed: int, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@given(st.integers(0, 10_000), SIZES, SIZES, SIZES, SIZES)
def test_two_layers_by_hand_equal_autograd(seed: int, B: int, D: int, H: int, K: int) -> None:
    x, W1, W2 = random(seed, B, D), random(seed + 1, H, D).requires_grad_(), random(seed + 2, K, H).requires_grad_()
    before = x @ W1.T
    out = torch.relu(before) @ W2.T
    delta = random(seed + 3, B, K)
    (out * delta).sum().backward()  # delta is the gradient at the outputs
    with torch.no_grad():
        torch.testing.assert_close(weight_gradient(torch.relu(before), delta), W2.grad, rtol=0, atol=1e-12)
        torch.testing.assert_close(weight_gradient(x, through_relu(delta, W2, before)), W1.grad, rtol=0, atol=1e-12)
