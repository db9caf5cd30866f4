"""Absolute discounting: what was seen gives up a little of its probability to what was not.

Source: Ney, Essen & Kneser 1994, doi:10.1006/csla.1994.1001, interpolated as in Chen & Goodman 1999,
doi:10.1006/csla.1999.0128; the counts of shorter runs by Kneser & Ney 1995, doi:10.1109/ICASSP.1995.479394.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from course_utils.checks import check_number, check_whole
from course_utils.errors import CourseError

LEAST_DISCOUNT, MOST_DISCOUNT = 0.1, 0.99  # of those that are estimated


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
        kneser_ney: for runs shorter than `order` count before how many different tokens they stand, and not how often:
            "Francisco" is frequent, but it stands after "San" alone, so it is no good guess after anything else.

    Raises:
        CourseError: an order or size below 1, or tokens that are no such numbers.
    """

    def __init__(self, tokens: npt.ArrayLike, order: int, size: int, *, kneser_ney: bool = False) -> None:
        self.order, self.size = check_whole("order", order, 1), check_whole("size", size, 1)
        text = self._checked(tokens)
        if not text.size:
            raise CourseError("There is no token to count. Give a text of at least one.")
        self._tables: list[_Table] = []
        before = runs = np.zeros(len(text), dtype=np.int64)  # the run that ends before each token; −1: none
        for _ in range(order):
            there = np.flatnonzero(before >= 0)
            keys, first, counts = np.unique(before[there] * size + text[there], return_index=True, return_counts=True)
            if kneser_ney and self._tables:  # of the run without its first token: what stands before it
                shorter = self._tables[-1]
                kinds = np.bincount(runs[there[first]], minlength=len(shorter.keys))
                self._tables[-1] = _Table.of(shorter.keys, np.maximum(kinds, 1), size)
            self._tables.append(_Table.of(keys, counts, size))
            runs = self._tables[-1].runs(before, text, size)
            before = _shifted(runs)

    @classmethod
    def of_tables(cls, tables: Sequence[tuple[npt.ArrayLike, npt.ArrayLike]], size: int) -> RunCounts:
        """From what `tables` gave.

        Args:
            tables: for each length from 1 on, keys and counts.
            size: V.

        Raises:
            CourseError: they are no such tables.
        """
        self = cls.__new__(cls)
        self.order, self.size = check_whole("order", len(tables), 1), check_whole("size", size, 1)
        self._tables, shorter = [], 1
        for given in tables:
            keys, counts = (np.asarray(part, dtype=np.int64) for part in given)
            if keys.ndim != 1 or keys.shape != counts.shape or (np.diff(keys) <= 0).any() or (counts < 1).any():
                raise CourseError("The tables of an n-gram need sorted keys, and for each of them a count from 1.")
            if len(keys) and not 0 <= keys[0] <= keys[-1] < shorter * size:
                raise CourseError("A table of an n-gram has a run that goes on from one that is not there.")
            self._tables.append(_Table.of(keys, counts, size))
            shorter = len(keys)
        return self

    @property
    def tables(self) -> list[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
        """For each length from 1 on, the keys of all runs and their counts."""
        return [(table.keys, table.counts) for table in self._tables]

    def __len__(self) -> int:
        """How many different runs were counted, of all lengths."""
        return sum(len(table.keys) for table in self._tables)

    def nats(self, tokens: npt.ArrayLike, discount: float | None = None) -> npt.NDArray[np.float64]:
        """−ln of the probability of each token after those before it; before the first there is nothing.

        Args:
            tokens: (N,) whole numbers below V.
            discount: above 0, up to 1; where it is 1, a token that was seen once counts as never seen. Default: for
                each length n₁ / (n₁ + 2·n₂), with the numbers of runs that were counted once and twice (Ney, Essen &
                Kneser 1994).

        Returns:
            (N,)

        Raises:
            CourseError: a discount out of its bounds, or tokens that are no such numbers.
        """
        if discount is not None and check_number("discount", discount, 0, 1) == 0:
            raise CourseError("discount is 0: what was never seen would be impossible. Choose a number above 0.")
        text = self._checked(tokens)
        probabilities = np.full(len(text), 1 / self.size)
        before = np.zeros(len(text), dtype=np.int64)
        for table in self._tables:
            runs = table.runs(before, text, self.size)
            probabilities = table.discounted(before, runs, probabilities, discount or table.discount)
            before = _shifted(runs)
        nats: npt.NDArray[np.float64] = -np.log(probabilities)
        return nats

    def following(self, context: npt.ArrayLike) -> Tensor:
        """The probabilities of every token after a context, by each length of run, with `nats`' own discounts.

        Args:
            context: (N,) whole numbers below V; the last `order` − 1 of them matter.

        Returns:
            (order + 1, V), float64: from knowing nothing to the longest run. Each row sums to 1.

        Raises:
            CourseError: tokens that are no such numbers.
        """
        text = self._checked(context)
        rows = [torch.full((self.size,), 1 / self.size, dtype=torch.float64)]
        for length, table in enumerate(self._tables):
            run = self._number(text[len(text) - length :]) if length <= len(text) else -1
            counts = torch.zeros(self.size, dtype=torch.float64)
            if run >= 0:
                start, end = np.searchsorted(table.keys, [run * self.size, (run + 1) * self.size])
                counts[torch.from_numpy(table.keys[start:end] - run * self.size)] = torch.from_numpy(
                    table.counts[start:end].astype(np.float64)
                )
            rows.append(discounted(counts, rows[-1], table.discount))
        return torch.stack(rows)

    def _number(self, run: npt.NDArray[np.int64]) -> int:
        """The number of a run; −1 where it was never seen."""
        number = np.zeros(1, dtype=np.int64)
        for table, token in zip(self._tables, run, strict=False):
            number = table.runs(number, np.array([token]), self.size)
        return int(number[0])

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
    def of(cls, keys: npt.NDArray[np.int64], counts: npt.NDArray[np.int64], size: int) -> _Table:
        contexts = keys // size
        total = np.bincount(contexts, weights=counts).astype(np.int64)
        return cls(keys, counts, total, np.bincount(contexts))

    @property
    def discount(self) -> float:
        """Estimated from how many runs were counted once and twice; neither nothing nor all is taken off."""
        once, twice = (int((self.counts == number).sum()) for number in (1, 2))
        return min(max(once / max(once + 2 * twice, 1), LEAST_DISCOUNT), MOST_DISCOUNT)

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
