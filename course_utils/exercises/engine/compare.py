"""Compares what an answer returned with what was wanted, and says in words how they differ."""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np
import torch

from course_utils.checks import describe

Dtypes = Mapping[torch.dtype, str]  # which argument of a case has which dtype


def difference(got: Any, want: Any, tolerance: float, least: float = 1.0, dtypes: Dtypes | None = None) -> str | None:
    """What tells a result from the wanted one, as a sentence; None where they agree within the tolerance.

    Args:
        got: whatever an answer returned.
        want: a tensor, an array, a number, a list, or a tuple of these.
        tolerance: largest difference that counts as equal, as a share of the wanted value.
        least: the size below which it is a share of this size instead; 0 where also tiny values must be right.
        dtypes: the dtypes of the inputs, each with the name of an argument that has it.
    """
    if isinstance(want, tuple):
        return tuple_difference(got, want, tolerance, least, dtypes)
    if isinstance(want, list):
        return list_difference(got, want)
    try:
        check_kind(got, want, dtypes or {})
        g, w = as_array(got, want), np.asarray(want.detach() if isinstance(want, torch.Tensor) else want, np.float64)
    except WrongKindError as error:
        return str(error)
    if g.shape != w.shape:
        wanted = f"{w.shape}" if w.shape else "a single number"
        return f"The result has shape {g.shape}, where {wanted} was expected."
    if np.isnan(g).any() and not np.isnan(w).any():
        return "The result holds NaN (not a number)." if w.shape else "It returns NaN (not a number)."
    far = ~np.isclose(g, w, rtol=tolerance, atol=tolerance * least, equal_nan=True)
    if not far.any():
        return None
    index = tuple(np.argwhere(far)[0])
    if not index:
        return f"It returns {shown(got, g[index])}, where {shown(want, w[index])} is right."
    at = f"[{', '.join(map(str, index))}]"
    return f"The values differ: {shown(got, g[index])} at {at}, where {shown(want, w[index])} was expected."


def shown(values: Any, number: Any) -> str:
    """One number of them, with up to six digits; whole numbers and yes/no as what they are."""
    if isinstance(values, torch.Tensor) and values.dtype == torch.bool:
        return str(bool(number))
    whole = isinstance(values, (int, np.integer)) or (
        isinstance(values, torch.Tensor) and not values.is_floating_point()
    )
    return str(int(number)) if whole else f"{number + 0.0:.6g}"  # + 0.0: no "-0"


def tuple_difference(
    got: Any, want: tuple[Any, ...], tolerance: float, least: float = 1.0, dtypes: Dtypes | None = None
) -> str | None:
    """The same for several results, which are numbered from 1 in the sentence."""
    if not isinstance(got, (tuple, list)) or len(got) != len(want):
        return f"It returned {describe(got)}, where {len(want)} results were expected, in a tuple."
    for number, (g, w) in enumerate(zip(got, want, strict=True), 1):
        found = difference(g, w, tolerance, least, dtypes)
        if found:
            return f"Result {number} of {len(want)}: {found}"
    return None


def list_difference(got: Any, want: list[Any]) -> str | None:
    """The same for a list of whole numbers or words."""
    if isinstance(got, (torch.Tensor, np.ndarray)):
        return f"It returned {describe(got)}, where a list was expected. `.tolist()` makes one of it."
    if not isinstance(got, (list, tuple)):
        return f"It returned {describe(got)}, where a list was expected."
    entries = [entry.item() if isinstance(entry, (torch.Tensor, np.generic)) else entry for entry in got]
    if [type(entry) for entry in entries] == [type(entry) for entry in want] and entries == want:
        return None
    return f"It returns {entries}, where {want} is right."


class WrongKindError(Exception):
    """A result is not the kind of thing that was wanted."""


def check_kind(got: Any, want: Any, dtypes: Dtypes) -> None:
    """Is the result a tensor of the wanted dtype, or a number where a number is wanted?

    Raises:
        WrongKindError: it is not, with a sentence.
    """
    if isinstance(want, torch.Tensor) and want.dim() == 0 and isinstance(got, (float, np.floating)):
        return  # a plain number in place of a scalar tensor; where training needs gradients, it has none
    if isinstance(want, torch.Tensor):
        check_tensor(got, want)
        check_dtype(got.dtype, want.dtype, dtypes)
    elif isinstance(got, (str, bytes, bool, np.bool_)):
        raise WrongKindError(f"It returned {describe(got)}, where a number was expected.")
    elif isinstance(want, int) and not is_whole(got):
        raise WrongKindError(
            f"It returned {describe(got)}, where a whole number (an int) was expected. "
            "`//` divides whole numbers, `int(…)` turns a number into a whole one."
        )


def check_tensor(got: Any, want: torch.Tensor) -> None:
    """Is the result a tensor, on the device of the wanted one?

    Raises:
        WrongKindError: it is not, with a sentence.
    """
    if isinstance(got, (list, tuple)) and got and all(isinstance(entry, torch.Tensor) for entry in got):
        name = "pair" if type(got).__module__ == "torch.return_types" else type(got).__name__
        told = f"It returned a {name} of {len(got)} tensors, where one tensor was expected."
        raise WrongKindError(f"{told} {one_of(got, want)}".strip())
    if not isinstance(got, torch.Tensor):
        tip = " `torch.from_numpy` makes one of an array." if isinstance(got, np.ndarray) else ""
        raise WrongKindError(f"It returned {describe(got)}, where a tensor was expected.{tip}")
    if got.device != want.device:
        raise WrongKindError(f"The result is on the device {got.device}, and the inputs were on {want.device}.")


def one_of(got: Any, want: torch.Tensor) -> str:
    """How one tensor of the wanted shape can come from several: advice, or nothing."""
    if type(got).__module__ == "torch.return_types":
        return "With a dim, torch returns the values and their indices: take `.values`, or use `.amax` / `.amin`."
    if got[0].shape == want.shape:
        return "Take the first: `output, h_n = …` names both, `…[0]` takes one."
    if all(entry.shape == got[0].shape for entry in got) and got[0].numel() * len(got) == want.numel():
        return "`torch.stack` or `torch.cat` makes one of them."
    return ""


def check_dtype(got: torch.dtype, want: torch.dtype, dtypes: Dtypes) -> None:
    """Is it the wanted dtype?

    Raises:
        WrongKindError: it is not; the sentence says how to get it.
    """
    if got == want:
        return
    if want == torch.bool:
        raise WrongKindError(
            f"True or False (torch.bool) is wanted at each place, and the result has the dtype {got}. "
            "A comparison such as `a < b` gives it."
        )
    told = f"The result has the dtype {got}, where {want} was expected."
    if not want.is_floating_point:
        raise WrongKindError(f"{told} `.long()` makes whole numbers of it.")
    name = dtypes.get(want)
    tip = f"{name} has it: a tensor that you make yourself takes it over with `dtype={name}.dtype`." if name else ""
    raise WrongKindError(f"{told} {tip}".strip())


def is_whole(got: Any) -> bool:
    """Is it a whole number by its type: Python's, numpy's, or a tensor or array of one?"""
    if isinstance(got, torch.Tensor):
        return not got.is_floating_point() and not got.is_complex() and got.dtype != torch.bool
    return isinstance(got, (int, np.integer)) or (isinstance(got, np.ndarray) and np.issubdtype(got.dtype, np.integer))


def as_array(got: Any, want: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    """A result as an array of real numbers.

    Raises:
        WrongKindError: it is none, with a sentence.
    """
    if isinstance(got, torch.Tensor):
        got = got.detach().resolve_conj().cpu()
        got = got.to_dense() if got.layout != torch.strided else got
    try:
        found = np.asarray(got)
        if found.dtype.kind in "USO":
            raise TypeError  # a string is no number, even one that looks like one
        complex_numbers = np.iscomplexobj(found)
        real = found.astype(np.float64) if not complex_numbers else found.real
    except Exception:  # what an unknown object raises when numpy asks it for numbers
        raise WrongKindError(f"It returned {describe(got)}, where {describe(want)} was expected.") from None
    if complex_numbers:
        raise WrongKindError(f"It returned {describe(got)} of complex numbers, where real ones were expected.")
    return real


def same(a: Any, b: Any) -> bool:
    """Are two arguments alike: the same kind, shape and values (NaN equals NaN)? Functions, models, optimizers are."""
    if isinstance(a, torch.Tensor) and isinstance(b, torch.Tensor):
        return a.shape == b.shape and a.dtype == b.dtype and torch.equal(a.nan_to_num(), b.nan_to_num())
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return a.shape == b.shape and a.dtype == b.dtype and bool(np.array_equal(a, b, equal_nan=a.dtype.kind == "f"))
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    return callable(a) or isinstance(a, torch.optim.Optimizer) or bool(a == b)


def in_double(value: Any) -> Any:
    """A tensor of real numbers, whole numbers or truth values in float64; anything else as it is."""
    return value.double() if isinstance(value, torch.Tensor) and not value.is_complex() else value


def input_gradients(
    function: Callable[..., Any], case: tuple[Any, ...], data: Collection[int] = ()
) -> list[torch.Tensor | None]:
    """Gradients of a fixed weighted sum of the result in each input; None for inputs without (indices, numbers).

    Args:
        function: whose result it is.
        case: its arguments.
        data: the places of arguments in which no gradient is asked.
    """
    inputs = [
        a.clone().requires_grad_() if isinstance(a, torch.Tensor) and a.is_floating_point() and at not in data else a
        for at, a in enumerate(copy.deepcopy(case))
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


def is_odd(result: Any, depth: int = 0) -> bool:
    """Is it, or does it hold, something of another kind than results have, which can raise errors of its own?"""
    if result is None or isinstance(result, np.generic) or type(result) in (bool, int, float, complex, str, bytes):
        return False
    if type(result) in (torch.Tensor, torch.nn.Parameter):
        return bool(result.layout != torch.strided or result.is_nested or result.is_quantized)
    if type(result) is np.ndarray:
        return bool(result.dtype.hasobject)
    if type(result) in (list, tuple, dict, set) or type(result).__module__ == "torch.return_types":
        entries = [*result.items()] if isinstance(result, dict) else result
        return depth > 20 or any(is_odd(entry, depth + 1) for entry in entries)
    return True
