"""Compares what an answer returned with what was wanted, and says in words how they differ."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from course_utils.checks import describe


def difference(got: Any, want: Any, tolerance: float, least: float = 1.0) -> str | None:
    """What tells a result from the wanted one, as a sentence; None where they agree within the tolerance.

    Args:
        got: whatever an answer returned.
        want: a tensor, an array, a number, or a tuple of these.
        tolerance: largest difference that counts as equal, as a share of the wanted value.
        least: the size below which it is a share of this size instead; 0 where also tiny values must be right.
    """
    if isinstance(want, tuple):
        return tuple_difference(got, want, tolerance, least)
    try:
        g, w = as_array(got, want), np.asarray(want.detach() if isinstance(want, torch.Tensor) else want, np.float64)
    except WrongKindError as error:
        return str(error)
    if g.shape != w.shape:
        wanted = f"{w.shape}" if w.shape else "a single number"
        return f"The result has shape {g.shape}, where {wanted} was expected."
    if np.isnan(g).any() and not np.isnan(w).any():
        return "The result holds NaN (not a number)."
    far = ~np.isclose(g, w, rtol=tolerance, atol=tolerance * least, equal_nan=True)
    if not far.any():
        return None
    index = tuple(np.argwhere(far)[0])
    at = f" at [{', '.join(map(str, index))}]" if index else ""
    return f"The values differ: {g[index]:.6g}{at}, where {w[index]:.6g} was expected."


def tuple_difference(got: Any, want: tuple[Any, ...], tolerance: float, least: float = 1.0) -> str | None:
    """The same for several results, which are numbered from 1 in the sentence."""
    if not isinstance(got, (tuple, list)) or len(got) != len(want):
        return f"It returned {describe(got)}, where {len(want)} results were expected, in a tuple."
    for number, (g, w) in enumerate(zip(got, want, strict=True), 1):
        found = difference(g, w, tolerance, least)
        if found:
            return f"Result {number} of {len(want)}: {found}"
    return None


class WrongKindError(Exception):
    """A result is not the kind of thing that was wanted."""


def as_array(got: Any, want: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    """A result as an array of real numbers.

    Raises:
        WrongKindError: it is none, with a sentence.
    """
    if isinstance(want, torch.Tensor):
        if isinstance(got, (list, tuple)) and got and all(isinstance(entry, torch.Tensor) for entry in got):
            told = f"It returned a {type(got).__name__} of {len(got)} tensors, where one tensor was expected."
            raise WrongKindError(f"{told} `torch.stack` makes one of them.")
        if not isinstance(got, torch.Tensor):
            raise WrongKindError(f"It returned {describe(got)}, where a tensor was expected.")
        if got.device != want.device:
            raise WrongKindError(f"The result is on the device {got.device}, and the inputs were on {want.device}.")
        if got.dtype != want.dtype and got.is_floating_point():
            told = f"The result has the dtype {got.dtype}, and the inputs had {want.dtype}."
            raise WrongKindError(f"{told} A tensor that you make yourself takes it over with `dtype=x.dtype`.")
    if isinstance(got, torch.Tensor):
        got = got.detach().resolve_conj().cpu()
        got = got.to_dense() if got.layout != torch.strided else got
    try:
        found = np.asarray(got)
        complex_numbers = np.iscomplexobj(found)
        real = found.astype(np.float64) if not complex_numbers else found.real
    except Exception:  # what an unknown object raises when numpy asks it for numbers
        raise WrongKindError(f"It returned {describe(got)}, where {describe(want)} was expected.") from None
    if complex_numbers:
        raise WrongKindError(f"It returned {describe(got)} of complex numbers, where real ones were expected.")
    return real


def input_gradients(function: Callable[..., Any], case: tuple[Any, ...]) -> list[torch.Tensor | None]:
    """Gradients of a fixed weighted sum of the result in each input; None for inputs without (indices, numbers)."""
    inputs = [
        a.clone().requires_grad_() if isinstance(a, torch.Tensor) and a.is_floating_point() else a
        for a in copy.deepcopy(case)
    ]
    with torch.enable_grad():
        results = function(*inputs)
        total = sum(weighted_sum(r) for r in (results if isinstance(results, (tuple, list)) else [results]))
        assert isinstance(total, torch.Tensor)
        total.backward()
    return [a.grad if isinstance(a, torch.Tensor) else None for a in inputs]


def weighted_sum(result: torch.Tensor) -> torch.Tensor:
    """A sum in which every entry has a weight of its own, so that exchanged entries show."""
    weights = torch.linspace(0.5, 1.5, result.numel(), dtype=result.dtype).reshape(result.shape)
    return (result * weights).sum()
