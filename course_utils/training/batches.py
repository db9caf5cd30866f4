"""Batches as they may be given: a list, a DataLoader, an iterator, or a function that returns an epoch's batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn

from course_utils.checks import describe
from course_utils.errors import CourseError

Batches: TypeAlias = Iterable[Any] | Callable[[], Iterable[Any]]
Valid: TypeAlias = Callable[[Any], float] | Iterable[Any]


def to_device(batch: Any, device: torch.device) -> Any:
    """A batch with its tensors on a device, in tuples, named tuples, lists and dicts too; all else as it is."""
    if isinstance(batch, Tensor | nn.utils.rnn.PackedSequence):
        return batch.to(device)
    if isinstance(batch, Mapping):
        return {key: to_device(value, device) for key, value in batch.items()}
    if isinstance(batch, tuple) and hasattr(batch, "_fields"):
        return type(batch)(*(to_device(part, device) for part in batch))
    if isinstance(batch, tuple | list):
        return type(batch)(to_device(part, device) for part in batch)
    return batch


def one_epoch(batches: Any) -> Iterable[Any]:
    """The batches of one epoch."""
    given = batches() if is_function(batches) else batches
    if is_one_batch(given) or not can_iterate(given):
        raise CourseError(
            f"The function that should return an epoch's batches returned {describe(given)}. Return a list of "
            "batches, or write it with `yield`."
        )
    return given  # type: ignore[no-any-return]


def no_batch(epoch: int) -> str:
    """What is said of an epoch without a batch."""
    if epoch == 1:
        return "There is nothing to train on: the batches are empty."
    return (
        f"Epoch {epoch} gave no batch: what gave the batches of the epoch before is used up. Give a list, a "
        "DataLoader, or a function that makes the batches again each time."
    )


def is_one_batch(batches: Any) -> bool:
    """Tensors, arrays, tables, strings and dicts, and a tuple of tensors."""
    pair = isinstance(batches, tuple) and bool(batches) and all(isinstance(part, Tensor) for part in batches)
    return pair or isinstance(batches, str | bytes | Mapping) or hasattr(batches, "__array__")


def is_function(given: Any) -> bool:
    """Is it called for its batches, or for a score?"""
    return callable(given) and not can_iterate(given)


def can_iterate(given: Any) -> bool:
    """Can a for loop go through it?"""
    return hasattr(given, "__iter__") or hasattr(given, "__getitem__")


def length(batches: Any) -> int | None:
    """How many batches an epoch has, where that is known."""
    try:
        return len(batches)
    except TypeError:
        return None


def finite(batch: Any) -> bool:
    """Are all numbers in a batch finite?"""
    if isinstance(batch, Tensor):
        return bool(batch.isfinite().all())
    if isinstance(batch, Mapping):
        return all(map(finite, batch.values()))
    return all(map(finite, batch)) if isinstance(batch, tuple | list) else True
