"""A line to learn, and what the tests of `fit` share."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from course_utils.training import supervised

MSE = supervised(nn.MSELoss())
Batch = tuple[Tensor, Tensor]


def line(seed: int = 0) -> nn.Linear:
    torch.manual_seed(seed)
    return nn.Linear(3, 1)


def pairs(batches: int = 8, size: int = 16, noise: float = 0.0) -> list[Batch]:
    """Batches of y = x · (1, −2, 0.5) + 1."""
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(batches, size, 3, generator=generator)
    y = x @ torch.tensor([[1.0], [-2.0], [0.5]]) + 1 + noise * torch.randn(batches, size, 1, generator=generator)
    return list(zip(x, y, strict=True))


def weights(model: nn.Module) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in model.state_dict().items()}


def same(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


class FakeClock:
    """A clock that moves by a fixed time whenever it is read."""

    def __init__(self, tick: float) -> None:
        self.now, self.tick = 0.0, tick

    def __call__(self) -> float:
        self.now += self.tick
        return self.now


def failing(at: int, action: Callable[[Tensor], Tensor]) -> Callable[[nn.Module, Batch], Tensor]:
    """A loss whose value at its `at`-th call is changed."""
    calls = 0

    def loss(model: nn.Module, batch: Batch) -> Tensor:
        nonlocal calls
        calls += 1
        return action(MSE(model, batch)) if calls == at else MSE(model, batch)

    return loss


def interrupt(value: Tensor) -> Tensor:
    raise KeyboardInterrupt
