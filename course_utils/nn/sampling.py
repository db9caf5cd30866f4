"""From logits to the next token: temperature, the k most probable, the nucleus, and a draw.

Source: nucleus sampling by Holtzman, Buys, Du, Forbes & Choi 2020, The curious case of neural text degeneration
(arXiv 1904.09751).
"""

from __future__ import annotations

import torch
from torch import Tensor

from course_utils.checks import check_number, check_whole
from course_utils.errors import CourseError


def next_probabilities(logits: Tensor, temperature: float) -> Tensor:
    """The probabilities of the next token: softmax of the logits divided by the temperature.

    Below 1 what is probable gets more probable, above 1 less.

    Args:
        logits: (…, V).
        temperature: above 0.

    Returns:
        (…, V), rows that sum to 1.
    """
    return (logits / temperature).softmax(dim=-1)


def top_k(probabilities: Tensor, k: int) -> Tensor:
    """Only the k most probable tokens, their probabilities made to sum to 1 again.

    Args:
        probabilities: (…, V).
        k: how many, 1 or more; from V on all of them. Of equally probable ones the first are kept.

    Returns:
        (…, V).

    Raises:
        CourseError: k below 1.
    """
    k = min(check_whole("top_k", k, 1), probabilities.shape[-1])
    order = probabilities.argsort(dim=-1, descending=True, stable=True)
    kept = torch.zeros_like(probabilities).scatter(-1, order[..., :k], 1.0)
    return _normalised(probabilities * kept)


def nucleus(probabilities: Tensor, p: float) -> Tensor:
    """Only the fewest most probable tokens that have the probability p together, made to sum to 1 again.

    The token with which the sum reaches p is one of them.

    Args:
        probabilities: (…, V).
        p: above 0, up to 1 (all, but for what rounding loses). Of equally probable tokens the first are kept.

    Returns:
        (…, V).

    Raises:
        CourseError: p out of its bounds.
    """
    if check_number("top_p", p, 0, 1) == 0:
        raise CourseError("top_p is 0: no token would be left. Choose a share above 0, such as 0.9; 1 keeps all.")
    ordered, order = probabilities.sort(dim=-1, descending=True, stable=True)
    before = ordered.cumsum(dim=-1) - ordered  # what the more probable ones have together
    kept = torch.zeros_like(probabilities).scatter(-1, order, (before < p).to(probabilities))
    return _normalised(probabilities * kept)


def drawn(probabilities: Tensor, u: Tensor) -> Tensor:
    """A token for each row, drawn with its probabilities: the first with which their running sum exceeds u.

    Args:
        probabilities: (B, V), rows that sum to 1; rounded, to a little less.
        u: (B,) numbers that are equally probable from 0 up to 1, as `torch.rand` gives them.

    Returns:
        (B,) tokens; never one whose probability is 0.
    """
    sums = probabilities.cumsum(dim=-1)
    u = u[:, None] * sums[:, -1:]  # rounded, a row may sum to a little less than 1
    return torch.searchsorted(sums, u, right=True).squeeze(-1).clamp(max=_last_possible(probabilities))


def sampled(
    logits: Tensor,
    temperature: float = 1.0,
    *,
    top_k: int | None = None,
    top_p: float | None = None,
    generator: torch.Generator | None = None,
) -> Tensor:
    """The next token of each row.

    Args:
        logits: (B, V).
        temperature: 0 or more; at 0 the most probable token, without a draw.
        top_k: keep only so many tokens; default: all.
        top_p: keep only the nucleus with this probability, after `top_k`; default: all.
        generator: where the random numbers come from. Default: torch's global ones.

    Returns:
        (B,)

    Raises:
        CourseError: a temperature that is no number from 0, and as in `top_k` and `nucleus`.
    """
    temperature = check_number("temperature", temperature, 0)
    if temperature < torch.finfo(logits.dtype).tiny:  # divided by it, logits would be infinite
        return logits.argmax(dim=-1)
    largest = logits.amax(dim=-1, keepdim=True)  # taken off, no logit becomes +infinite at a small temperature
    probabilities = next_probabilities(logits - largest, temperature)
    if top_k is not None:
        probabilities = _top_k(probabilities, top_k)
    if top_p is not None:
        probabilities = nucleus(probabilities, top_p)
    return drawn(probabilities, torch.rand(len(logits), generator=generator, dtype=probabilities.dtype))


_top_k = top_k  # in `sampled`, that name is an argument


def _normalised(probabilities: Tensor) -> Tensor:
    return probabilities / probabilities.sum(dim=-1, keepdim=True)


def _last_possible(probabilities: Tensor) -> Tensor:
    """(B, V) → (B,): the last token of each row whose probability is not 0."""
    V = probabilities.shape[-1]
    return V - 1 - (probabilities > 0).flip(-1).to(torch.uint8).argmax(dim=-1)
