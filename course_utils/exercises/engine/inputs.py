"""The inputs on which an answer is tried: how large they are, how they read, and their copies in double precision."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from course_utils.exercises.engine.compare import same

Arguments = tuple[Any, ...]
DIGITS = 4  # of a number that is shown


def floating(value: Any) -> bool:
    """Is it a tensor of real numbers?"""
    return isinstance(value, torch.Tensor) and value.is_floating_point()


def tensors_in(value: Any) -> list[torch.Tensor]:
    """All tensors in an argument, those inside tuples and lists too."""
    if isinstance(value, (tuple, list)):
        return [tensor for entry in value for tensor in tensors_in(entry)]
    return [value] if isinstance(value, torch.Tensor) else []


def mapped(value: Any, change: Callable[[torch.Tensor], torch.Tensor]) -> Any:
    """An argument with every tensor of real numbers in it changed."""
    if isinstance(value, (tuple, list)):
        return type(value)(mapped(entry, change) for entry in value)
    return change(value) if floating(value) else value


def in_both_precisions(cases: Sequence[Arguments]) -> list[Arguments]:
    """The cases, and the last of them again in float64 or float32 where they hold real numbers in one of the two."""
    kinds = {tensor.dtype for case in cases for tensor in tensors_in(case) if tensor.is_floating_point()}
    if len(kinds) != 1:
        return list(cases)
    other = torch.Tensor.double if kinds == {torch.float32} else torch.Tensor.float
    return [*cases, tuple(mapped(copy.deepcopy(value), other) for value in cases[-1])]


def dtypes_of(case: Arguments, names: Sequence[str]) -> dict[torch.dtype, str]:
    """The dtypes of a case's tensors, each with the name of the first argument that has it."""
    found: dict[torch.dtype, str] = {}
    for name, value in zip(names, case, strict=False):
        if isinstance(value, torch.Tensor):
            found.setdefault(value.dtype, name)
    return found


def names_of(function: Callable[..., Any]) -> list[str]:
    """The names of a function's arguments."""
    return list(inspect.signature(function).parameters)


def changed(names: Sequence[str], before: Arguments, after: Arguments) -> str:
    """The name of the first argument that is not what it was; empty where all are."""
    pairs = zip(names, before, after, strict=False)
    return next((name for name, old, new in pairs if not _same(old, new)), "")


def _same(old: Any, new: Any) -> bool:
    try:
        return same(old, new)
    except Exception:  # whatever something raises that an answer has put into an argument
        return False


def numbers_in(value: Any) -> float:
    """How many numbers or words an argument holds (a function none); infinite where it holds something else."""
    if isinstance(value, (torch.Tensor, np.ndarray)):
        return value.numel() if isinstance(value, torch.Tensor) else value.size
    if isinstance(value, str):
        return 1 + len(value) / 10  # of two words the shorter
    if isinstance(value, (int, float)):
        return 1
    if isinstance(value, (list, tuple, set, frozenset)):
        return sum(numbers_in(entry) for entry in value)
    return 0 if value is None or callable(value) else float("inf")


def rounded(case: Arguments) -> Arguments:
    """A case whose real numbers have one digit, which are easier to read and to try by hand."""
    return tuple(_rounded(copy.deepcopy(value)) for value in case)


def _rounded(value: Any) -> Any:
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return value.round(1)
    return mapped(value, _one_digit)


def _one_digit(tensor: torch.Tensor) -> torch.Tensor:
    """One digit after the point; as it is where all would become 0, which may be an input that makes no sense."""
    short = (tensor * 10).round() / 10
    return short if short.any() or not tensor.any() else tensor


def in_words(case: Arguments, names: Sequence[str]) -> str:
    """A small case, such as "x = 3.0, h = [[0.5]]"."""
    return ", ".join(f"{name} = {as_text(value)}" for name, value in zip(names, case, strict=False))


def as_text(value: Any) -> str:
    """One argument as a person would write it."""
    if isinstance(value, (torch.Tensor, np.ndarray)):
        value = value.tolist()
    if callable(value):
        return f"({value.__doc__.splitlines()[0]})" if value.__doc__ else "…"
    if isinstance(value, (set, frozenset)):
        return f"{{{', '.join(map(as_text, sorted(value)))}}}"
    if isinstance(value, float):
        short = round(value, DIGITS)
        return f"{value:.2g}" if value and not short else f"{short}"
    if isinstance(value, (list, tuple)):
        inside = ", ".join(map(as_text, value))
        return f"[{inside}]" if isinstance(value, list) else f"({inside}{',' * (len(value) == 1)})"
    return repr(value)


def sizes_in_words(case: Arguments, names: Sequence[str]) -> str:
    """The sizes of a case's arguments, such as "x (4, 3), W (5, 3)"; empty where none is a tensor."""
    pairs = zip(names, case, strict=False)
    sizes = (f"{name} {tuple(value.shape)}" for name, value in pairs if isinstance(value, (torch.Tensor, np.ndarray)))
    return ", ".join(sizes)
