"""Claim C08: does the largest eigenvalue of W decide? Random matrices of several kinds, each against the rule."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from course_utils.experiments.experiment import Experiment, Row
from course_utils.experiments.gradient_flow import log10
from course_utils.nn.gradients import jacobian_product, recurrent_matrix, scaled_to_radius, worst_growth

# The four matrices of lesson 06. A does what its eigenvalue says at every step. B has both eigenvalues 0 and B² = 0,
# yet ReLU units explode with it as 2ᵗ. C has only the eigenvalue 0.8, and grows to 4.57 first. D has |λ| = 1.25, and
# vanishes where tanh saturates.
FOUR_MATRICES: dict[str, Tensor] = {
    "A": torch.tensor([[0.5, 0.3], [0.3, 0.5]], dtype=torch.float64),
    "B": torch.tensor([[2.0, 2.0], [-2.0, -2.0]], dtype=torch.float64),
    "C": 0.8 * torch.eye(4, dtype=torch.float64) + 0.5 * torch.diag(torch.ones(3, dtype=torch.float64), 1),
    "D": torch.tensor([[0.75, -1.0], [1.0, 0.75]], dtype=torch.float64),
}

Growth = Callable[[Tensor, torch.Generator], float]  # a matrix → log₁₀ of the worst growth of its gradient


def linear(steps: int) -> Growth:
    """A linear network: the gradient is multiplied by W at every step."""
    return lambda W, _: log10(worst_growth(W, steps))


def relu_network(steps: int) -> Growth:
    """h ← max(0, W h) from a random positive state: the product of the Jacobians along the way."""

    def growth(W: Tensor, generator: torch.Generator) -> float:
        h = torch.rand(len(W), generator=generator, dtype=W.dtype)
        product = torch.eye(len(W), dtype=W.dtype)
        for _ in range(steps):
            a = W @ h
            product = (a > 0).to(W.dtype)[:, None] * W @ product
            h = a.clamp_min(0)
        return log10(float(torch.linalg.matrix_norm(product, 2)))

    return growth


def tanh_network(steps: int, inputs: float) -> Growth:
    """h ← tanh(W h + u) with normal inputs u of this standard deviation: the product of the Jacobians along the way."""

    def growth(W: Tensor, generator: torch.Generator) -> float:
        h, states = torch.zeros(len(W), dtype=W.dtype), []
        for _ in range(steps):
            h = torch.tanh(W @ h + inputs * torch.randn(len(W), generator=generator, dtype=W.dtype))
            states.append(h)
        return log10(float(torch.linalg.matrix_norm(jacobian_product(torch.stack(states), W), 2)))

    return growth


def dense(radius: float) -> Callable[[int, torch.Generator], Tensor]:
    """Matrices of normal numbers, scaled to this spectral radius."""
    return lambda size, generator: scaled_to_radius(
        torch.randn(size, size, generator=generator, dtype=torch.float64), radius
    )


def skewed(radius: float, departure: float) -> Callable[[int, torch.Generator], Tensor]:
    """Matrices of this spectral radius and this non-normality."""
    return lambda size, generator: recurrent_matrix(size, radius, departure, generator)


def rank_one(radius: float) -> Callable[[int, torch.Generator], Tensor]:
    """u vᵀ, whose only eigenvalue that is not 0 is v · u, scaled to this size."""

    def make(size: int, generator: torch.Generator) -> Tensor:
        u, v = torch.randn(2, size, generator=generator, dtype=torch.float64)
        return torch.outer(u, v) * (radius / float((v @ u).abs()))

    return make


FAMILIES: dict[str, tuple[float, Callable[[int, torch.Generator], Tensor], Growth]] = {
    "linear, 5,000 steps, radius 0.95": (0.95, skewed(0.95, 0.8), linear(5000)),
    "linear, 5,000 steps, radius 1.05": (1.05, skewed(1.05, 0.8), linear(5000)),
    "linear, 20 steps, radius 0.95": (0.95, skewed(0.95, 0.8), linear(20)),
    "linear, 20 steps, radius 0.95, normal matrix": (0.95, skewed(0.95, 0.0), linear(20)),
    "ReLU, 50 steps, radius 0.8, rank one": (0.8, rank_one(0.8), relu_network(50)),
    "tanh, 100 steps, radius 0.95, small inputs": (0.95, dense(0.95), tanh_network(100, 0.1)),
    "tanh, 100 steps, radius 1.5, small inputs": (1.5, dense(1.5), tanh_network(100, 0.1)),
    "tanh, 100 steps, radius 1.5, large inputs": (1.5, dense(1.5), tanh_network(100, 5.0)),
}


def measure(seed: int, *, matrices: int, size: int) -> list[Row]:
    """Ask the rule about many random matrices of each family, and then follow a gradient through each.

    Args:
        seed: of matrices, states and inputs.
        matrices: how many of each family.
        size: H.

    Returns:
        A row for each family: `family`, `radius`, `share_right` (of the matrices, how many did what the rule says:
        below its first size if the radius is below 1, above it if above 1), and the median `log10_growth`.
    """
    rows = []
    for family, (radius, make, growth) in FAMILIES.items():
        generator = torch.Generator().manual_seed(seed)
        grown = torch.tensor([growth(make(size, generator), generator) for _ in range(matrices)], dtype=torch.float64)
        right = (grown < 0) if radius < 1 else (grown > 0)
        rows.append(
            {
                "family": family,
                "radius": radius,
                "share_right": float(right.double().mean()),
                "log10_growth": float(grown.median()),
            }
        )
    return rows


EXPERIMENT = Experiment(
    name="popular_rule",
    version=1,
    measure=measure,
    seeds=tuple(range(10)),
    settings={"matrices": 50, "size": 32},
    quick={"matrices": 6, "size": 16},
)
