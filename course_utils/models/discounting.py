"""Absolute discounting: what was seen gives up a little of its probability to what was not.

Source: Ney, Essen & Kneser 1994, doi:10.1006/csla.1994.1001, interpolated as in Chen & Goodman 1999,
doi:10.1006/csla.1999.0128.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from course_utils.checks import check_number, check_whole
from course_utils.errors import CourseError


def discounted(counts: Tensor, lower: Tensor, discount: float) -> Tensor:
    """The probabilities of the next token after a context, from its counts and from a shorter context's probabilities.

    From each kind of token that was seen, `discount` is taken off; what that saves is shared out as the shorter
    context says. A context that was never seen leaves everything to the shorter one.

    Args:
        counts: (…, V), how often each token followed the context.
        lower: (…, V), the probabilities after the context without its first token.
        discount: from 0 to 1.

    Returns:
        (…, V), rows that sum to 1 as those of `lower` do.
    """
    counts = counts.to(lower.dtype)
    total = counts.sum(dim=-1, keepdim=True)
    kinds = (counts > 0).sum(dim=-1, keepdim=True)
    seen = ((counts - discount).clamp(min=0) + discount * kinds * lower) / total.clamp(min=1)
    return torch.where(total > 0, seen, lower)


class RunCounts:
    """How often each run of up to `order` tokens stands in a text, for probabilities by absolute discounting.

    Runs are kept as a trie, one sorted table a length: a run has the number of the run without its last token, times V,
    plus that token.

    Attributes:
        order: the longest run: a token is predicted from the `order` − 1 before it.
        size: V.

    Args:
        tokens: (N,) whole numbers below V, at least one.
        order: 1 or more.
        size: V.

    Raises:
        CourseError: an order or size below 1, or tokens that are no such numbers.
    """

    def __init__(self, tokens: npt.ArrayLike, order: int, size: int) -> None:
        self.order, self.size = check_whole("order", order, 1), check_whole("size", size, 1)
        text = self._checked(tokens)
        if not text.size:
            raise CourseError("There is no token to count. Give a text of at least one.")
        self._tables: list[_Table] = []
        before = np.zeros(len(text), dtype=np.int64)  # the number of the run that ends before each token; −1: none
        for _ in range(order):
            table = _Table.of(before, text, size)
            self._tables.append(table)
            before = _shifted(table.runs(before, text, size))

    def __len__(self) -> int:
        """How many different runs were counted, of all lengths."""
        return sum(len(table.keys) for table in self._tables)

    def nats(self, tokens: npt.ArrayLike, discount: float) -> npt.NDArray[np.float64]:
        """−ln of the probability of each token after those before it; before the first there is nothing.

        Args:
            tokens: (N,) whole numbers below V.
            discount: above 0, up to 1; where it is 1, a token that was seen once counts as never seen.

        Returns:
            (N,)

        Raises:
            CourseError: a discount out of its bounds, or tokens that are no such numbers.
        """
        if check_number("discount", discount, 0, 1) == 0:
            raise CourseError("discount is 0: what was never seen would be impossible. Choose a number above 0.")
        text = self._checked(tokens)
        probabilities = np.full(len(text), 1 / self.size)
        before = np.zeros(len(text), dtype=np.int64)
        for table in self._tables:
            runs = table.runs(before, text, self.size)
            probabilities = table.discounted(before, runs, probabilities, discount)
            before = _shifted(runs)
        nats: npt.NDArray[np.float64] = -np.log(probabilities)
        return nats

    def _checked(self, tokens: npt.ArrayLike) -> npt.NDArray[np.int64]:
        text = np.asarray(tokens)
        if text.ndim != 1 or (text.size and (text.dtype.kind not in "iu" or text.min() < 0 or text.max() >= self.size)):
            raise CourseError(
                f"The tokens must be whole numbers from 0 to {self.size - 1}, in one row; these are {text.dtype}, "
                f"{text.shape}."
            )
        return text.astype(np.int64)


@dataclass(frozen=True)
class _Table:
    """The runs of one length: sorted keys, their counts; for each run before all that followed it, and the kinds."""

    keys: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]
    total: npt.NDArray[np.int64]
    kinds: npt.NDArray[np.int64]

    @classmethod
    def of(cls, before: npt.NDArray[np.int64], text: npt.NDArray[np.int64], size: int) -> _Table:
        there = before >= 0
        keys, counts = np.unique(before[there] * size + text[there], return_counts=True)
        contexts, most = keys // size, int(before.max(initial=0)) + 1
        total = np.bincount(contexts, weights=counts, minlength=most).astype(np.int64)
        return cls(keys, counts, total, np.bincount(contexts, minlength=most))

    def runs(self, before: npt.NDArray[np.int64], text: npt.NDArray[np.int64], size: int) -> npt.NDArray[np.int64]:
        """The number of the run that ends with each token; −1 where it was never seen."""
        wanted = before * size + text
        at = np.searchsorted(self.keys, wanted).clip(max=len(self.keys) - 1)
        return np.where((before >= 0) & (self.keys[at] == wanted), at, -1) if len(self.keys) else np.full_like(text, -1)

    def discounted(
        self,
        before: npt.NDArray[np.int64],
        runs: npt.NDArray[np.int64],
        lower: npt.NDArray[np.float64],
        discount: float,
    ) -> npt.NDArray[np.float64]:
        """The same as `discounted`, for one token after each context."""
        counts = np.where(runs >= 0, self.counts[runs], 0) if len(self.keys) else np.zeros_like(runs)
        total = np.where(before >= 0, np.append(self.total, 0)[before.clip(max=len(self.total))], 0)
        kinds = np.where(before >= 0, np.append(self.kinds, 0)[before.clip(max=len(self.kinds))], 0)
        seen = (np.maximum(counts - discount, 0) + discount * kinds * lower) / np.maximum(total, 1)
        return np.where(total > 0, seen, lower)


def _shifted(runs: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Before each token the run that ended with the one before it; before the first there is none."""
    return np.concatenate([[-1], runs[:-1]])
