"""A model's weights and gradients: copied and put back, measured, and left alone while it is judged."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from course_utils.interrupts import uninterrupted


def gradient_norms(parameters: Iterable[Tensor]) -> list[float | None]:
    """The Euclidean norm of each parameter's gradient; None where it has none."""
    norms: list[float | None] = []
    for p in parameters:
        gradient = p.grad.coalesce().values() if p.grad is not None and p.grad.is_sparse else p.grad
        norms.append(None if gradient is None else float(torch.linalg.vector_norm(gradient)))
    return norms


class Weights:
    """A copy of a model's weights and buffers, taken and put back."""

    def __init__(self, model: nn.Module) -> None:
        self.model = model
        self.copy: dict[str, Any] | None = None

    def take(self) -> None:
        """Copy them, into the tensors of the last copy where that is possible."""
        state = self.model.state_dict()
        if self.copy is None or self.copy.keys() != state.keys():
            self.copy = {name: _copied(value) for name, value in state.items()}
            return
        for name, value in state.items():
            old = self.copy[name]
            if isinstance(value, Tensor) and isinstance(old, Tensor) and old.shape == value.shape:
                old.copy_(value)
            else:
                self.copy[name] = _copied(value)

    def put_back(self) -> None:
        """Give the model the weights of the last copy, if there is one."""
        if self.copy is not None:
            self.model.load_state_dict(self.copy)


def _copied(value: Any) -> Any:
    return value.detach().clone() if isinstance(value, Tensor) else copy.deepcopy(value)


@contextmanager
def as_before_where_this_fails(model: nn.Module) -> Iterator[Callable[[], None]]:
    """Where what happens inside fails or is stopped, weights, modes and notes of a model are as they were before.

    Gives a function that puts them back, for other reasons.
    """
    before = Weights(model)
    before.take()
    notes = {module: dict(vars(module)) for module in model.modules()}

    def put_back() -> None:
        with uninterrupted():
            before.put_back()
            for module, note in notes.items():
                vars(module).clear()
                vars(module).update(note)

    try:
        yield put_back
    except BaseException:
        put_back()
        raise


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """The model in eval mode and without gradients; each part's mode is put back."""
    modes = {module: module.training for module in model.modules()}
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for module, mode in modes.items():
            module.training = mode
