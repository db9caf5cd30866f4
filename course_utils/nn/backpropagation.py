"""The chain rule through one layer, written to be read: how a network's gradient is computed from its end to its start.

Everywhere `delta` is the gradient of the loss with respect to what a layer gives out. Source: D. E. Rumelhart, G. E.
Hinton and R. J. Williams (1986), Learning representations by back-propagating errors, doi:10.1038/323533a0.
"""

from __future__ import annotations

from torch import Tensor


def weight_gradient(x: Tensor, delta: Tensor) -> Tensor:
    """Gradient of the loss with respect to the weights W of a layer x Wᵀ + b.

    Args:
        x: (B, D) the layer's inputs.
        delta: (B, H) the gradient of the loss with respect to the layer's outputs.

    Returns:
        (H, D), the shape of W: entry (i, j) is the sum over the batch of delta_i · x_j.
    """
    return delta.T @ x


def through_relu(delta: Tensor, W: Tensor, before: Tensor) -> Tensor:
    """The gradient, carried back through a layer h Wᵀ + b and the relu in front of it.

    Args:
        delta: (B, K) the gradient of the loss with respect to the layer's outputs.
        W: (K, H) the layer's weights.
        before: (B, H) what went into the relu: h = relu(before).

    Returns:
        (B, H) the gradient with respect to `before`: where it was negative, nothing passes.
    """
    return (delta @ W) * (before > 0)
