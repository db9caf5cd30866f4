"""The progress bar of a training."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence
from typing import TypeVar

from course_utils.runtime import bars_are_seen
from course_utils.training.history import Best
from course_utils.training.schedules import Budget

Item = TypeVar("Item")


def counted(items: Sequence[Item], what: str, unit: str, wanted: bool) -> Iterator[Item]:
    """The items, with a bar where they take longer than a second.

    Args:
        items: what is gone through.
        what: is made of them, such as "features".
        unit: one of them, such as "clip".
        wanted: False: no bar.
    """
    if not (wanted and bars_are_seen()):
        yield from items
        return
    from tqdm.auto import tqdm

    yield from tqdm(items, what, unit=unit, file=sys.stdout, leave=False, delay=1, dynamic_ncols=True)


class Bar:
    """A progress bar that counts what is limited: steps, seconds, or epochs. It goes to stdout, and leaves nothing."""

    def __init__(self, budget: Budget, wanted: bool) -> None:
        self.wanted, self.shown, self.bar = wanted, -math.inf, None
        if budget.all_steps is not None:
            self.unit, self.total = "step", float(budget.all_steps)
        elif budget.seconds is not None:
            self.unit, self.total = "s", budget.seconds
        else:
            self.unit, self.total = "epoch", float(budget.epochs or 0)

    def __enter__(self) -> Bar:
        if self.wanted and bars_are_seen():
            from tqdm.auto import tqdm

            self.bar = tqdm(
                total=self.total,
                unit=self.unit,
                file=sys.stdout,
                leave=False,
                disable=False,
                dynamic_ncols=True,
                bar_format="{l_bar}{bar}| {n:.0f} of {total:.0f} {unit}" + self._left() + "{postfix}",
            )
        return self

    def _left(self) -> str:
        return "" if self.unit == "s" else " [{elapsed}, {remaining} left]"

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.total = self.bar.n  # else a notebook keeps the bar, and red: it was not shown to its last step
            self.bar.close()

    def move(self, row: dict[str, float], best: Best | None) -> None:
        """Show where the training is, ten times a second at most."""
        if self.bar is None or row["seconds"] - self.shown < 0.1:
            return
        self.shown = row["seconds"]
        position = {"step": row["step"], "s": row["seconds"], "epoch": row["epoch"] - 1}[self.unit]
        self.bar.n = min(position, self.total)
        self.bar.set_postfix_str(f"loss {row['loss']:.4g}" + (f", best validation {best.valid:.4g}" if best else ""))
