"""Claim C08: does the largest eigenvalue of W decide? Random matrices of several kinds, each against the rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

import torch
from torch import Tensor

from course_utils.display.settings import Settings, untrained
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.gradients.gradient_flow import log10
from course_utils.nn.gradients import recurrent_matrix, scaled_to_radius, worst_growth

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


ACTIVATIONS: dict[str, tuple[Callable[[Tensor], Tensor], Callable[[Tensor], Tensor]]] = {
    "linear": (lambda a: a, torch.ones_like),
    "ReLU": (torch.relu, lambda h: (h > 0).to(h.dtype)),
    "tanh": (torch.tanh, lambda h: 1 - h**2),
}  # what they do, and their slope where they have given h


def products(W: Tensor, activation: str, h: Tensor, inputs: Tensor) -> Iterator[Tensor]:
    """Run h ← activation(W h + u) and give ∂h_t/∂h_0 after every step: the product of the Jacobians so far.

    Args:
        W: (H, H) weights from state to state.
        activation: "linear", "ReLU" or "tanh".
        h: (H,) the state at the start.
        inputs: (T, H) what is added at each step.

    Yields:
        (H, H), T times.
    """
    act, slope = ACTIVATIONS[activation]
    product = torch.eye(len(W), dtype=W.dtype)
    for u in inputs:
        h = act(W @ h + u)
        product = slope(h)[:, None] * W @ product
        yield product


def growth_over_time(W: Tensor, activation: str, *, steps: int, inputs: Sequence[float] | None = None) -> list[float]:
    """The most that a change of h_0 can be stretched after 0, 1, … steps, in a network that starts from ½ everywhere.

    Args:
        W: (H, H) weights from state to state.
        activation: "linear", "ReLU" or "tanh".
        steps: T.
        inputs: H numbers, added at each step. Default: none.

    Returns:
        T + 1 numbers; the first is 1.
    """
    u = torch.zeros(len(W), dtype=W.dtype) if inputs is None else torch.tensor(inputs, dtype=W.dtype)
    found = products(W, activation, torch.full_like(u, 0.5), u.expand(steps, -1))
    return [1.0, *(float(torch.linalg.matrix_norm(product, 2)) for product in found)]


def relu_network(steps: int) -> Growth:
    """h ← max(0, W h) from a random positive state."""

    def growth(W: Tensor, generator: torch.Generator) -> float:
        h = torch.rand(len(W), generator=generator, dtype=W.dtype)
        *_, last = products(W, "ReLU", h, torch.zeros(steps, len(W), dtype=W.dtype))
        return log10(float(torch.linalg.matrix_norm(last, 2)))

    return growth


def tanh_network(steps: int, inputs: float) -> Growth:
    """h ← tanh(W h + u) from 0, with normal inputs u of this standard deviation."""

    def growth(W: Tensor, generator: torch.Generator) -> float:
        u = inputs * torch.randn(steps, len(W), generator=generator, dtype=W.dtype)
        *_, last = products(W, "tanh", torch.zeros(len(W), dtype=W.dtype), u)
        return log10(float(torch.linalg.matrix_norm(last, 2)))

    return growth


def dense(radius: float) -> Callable[[int, torch.Generator], Tensor]:
    """Matrices of normal numbers, scaled to this spectral radius."""
    return lambda size, generator: scaled_to_radius(
        torch.randn(size, size, generator=generator, dtype=torch.float64), radius
    )


def skewed(radius: float, departure: float) -> Callable[[int, torch.Generator], Tensor]:
    """Matrices of this spectral radius and this non-normality."""
    return lambda size, generator: recurrent_matrix(size, radius, departure, generator)


def chain(radius: float) -> Callable[[int, torch.Generator], Tensor]:
    """Units that each hand on to the next, with weights from ½ to 1½. All eigenvalues are the radius."""
    return lambda size, generator: (
        radius * torch.eye(size, dtype=torch.float64)
        + torch.diag(0.5 + torch.rand(size - 1, generator=generator, dtype=torch.float64), -1)
    )


def rank_one(radius: float) -> Callable[[int, torch.Generator], Tensor]:
    """u vᵀ, whose only eigenvalue that is not 0 is v · u, scaled to this size."""

    def make(size: int, generator: torch.Generator) -> Tensor:
        u, v = torch.randn(2, size, generator=generator, dtype=torch.float64)
        return torch.outer(u, v) * (radius / float((v @ u).abs()))

    return make


Family: TypeAlias = tuple[float, Callable[[int, torch.Generator], Tensor], Growth]  # radius, matrices, growth
FAMILIES: dict[str, Family] = {
    "linear, 5,000 steps, radius 0.95": (0.95, skewed(0.95, 0.8), linear(5000)),
    "linear, 5,000 steps, radius 1.05": (1.05, skewed(1.05, 0.8), linear(5000)),
    "linear, 20 steps, radius 0.95": (0.95, skewed(0.95, 0.8), linear(20)),
    "linear, 20 steps, radius 0.95, normal matrix": (0.95, skewed(0.95, 0.0), linear(20)),
    "ReLU, 50 steps, radius 0.8, rank one": (0.8, rank_one(0.8), relu_network(50)),
    "tanh, 100 steps, radius 0.95, small inputs": (0.95, dense(0.95), tanh_network(100, 0.1)),
    "tanh, 100 steps, radius 1.5, small inputs": (1.5, dense(1.5), tanh_network(100, 0.1)),
    "tanh, 100 steps, radius 1.5, large inputs": (1.5, dense(1.5), tanh_network(100, 5.0)),
}
CHAINS: dict[str, Family] = {"linear, 5,000 steps, radius 0.95, chain": (0.95, chain(0.95), linear(5000))}


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
    return _asked(FAMILIES, seed, matrices, size)


def measure_chains(seed: int, *, matrices: int, size: int) -> list[Row]:
    """The same of `CHAINS`; arguments and rows as in `measure`."""
    return _asked(CHAINS, seed, matrices, size)


def _asked(families: dict[str, Family], seed: int, matrices: int, size: int) -> list[Row]:
    rows = []
    for family, (radius, make, growth) in families.items():
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


def told(*, matrices: int, size: int) -> Settings:
    """What a reader must know of the matrices."""
    return untrained("nothing is trained: random matrices", size=f"{matrices} matrices of {size} × {size} a family")


_SETTINGS = {"matrices": 50, "size": 32}
_QUICK = {"matrices": 6, "size": 16}

EXPERIMENTS = (
    Experiment(
        name="popular_rule",
        version=2,
        measure=measure,
        told=told,
        seeds=tuple(range(10)),
        settings=_SETTINGS,
        quick=_QUICK,
    ),
    Experiment(
        name="popular_rule_chains",
        version=1,
        measure=measure_chains,
        told=told,
        seeds=tuple(range(480, 490)),
        settings={**_SETTINGS, "size": 64},
        quick={"matrices": 6},
    ),
)
