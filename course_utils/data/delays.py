"""Records of symbols that end with an event, some time after a cue: how long after depends on what was seen before.

At each step stands one symbol. One of two cues comes somewhere in the beginning; the event follows after a delay that
is drawn at random, early after "A", late after "B". Where a "!" came before the cue, it comes in half the time; a "!"
after the cue means nothing. Many records end before their event (they are censored). Since the records are made, the
probability of the event at each step is known exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from course_utils.checks import check_whole

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

SYMBOLS = "abcdAB!"  # four that mean nothing, two cues, and the one that hurries
LONGEST = 80  # steps of a record at most
CUE = (5, 20)  # steps at which the cue may stand, from 0, both ends included
ENDS = (30, LONGEST)  # steps after which a record ends where no event came, both ends included
SHAPE = 4.0  # of the delays' Weibull distribution
SCALES = {"A": 16.0, "B": 40.0}  # steps; half of it after a "!"
HURRY = 0.5


@dataclass(frozen=True)
class Delays:
    """N records, T steps at most.

    Attributes:
        symbols: (N, T) numbers of `SYMBOLS`; what stands behind a record's end means nothing.
        times: (N,) steps that a record has, 1 to T: at the last of them came the event, or the record ended.
        events: (N,) True where it was the event.
        hazards: (N, T) after each step, how probable the event is at the next one, if it has not come: as the records
            were made.
        cues: (N,) the step of the cue, from 0.
    """

    symbols: Tensor
    times: Tensor
    events: Tensor
    hazards: Tensor
    cues: Tensor

    def __len__(self) -> int:
        return len(self.times)

    @property
    def inputs(self) -> Tensor:
        """(N, T, 7): one input a symbol."""
        import torch

        return torch.nn.functional.one_hot(self.symbols, len(SYMBOLS)).float()

    def part(self, places: Tensor | slice) -> Delays:
        """Some of the records.

        Args:
            places: indices, or a slice.
        """
        return Delays(*(getattr(self, name)[places] for name in ("symbols", "times", "events", "hazards", "cues")))


def delays(count: int, seed: int = 0) -> Delays:
    """Draw records.

    Args:
        count: how many.
        seed: of the draw.

    Raises:
        CourseError: no such number or seed.
    """
    import numpy as np
    import torch

    check_whole("count", count, 1)
    rng = np.random.default_rng(check_whole("seed", seed, 0))
    symbols = rng.integers(0, 4, (count, LONGEST))
    rows = np.arange(count)
    cues = rng.integers(CUE[0], CUE[1] + 1, count)
    kinds = rng.integers(0, 2, count)  # 0: A, 1: B
    before, after = rng.random((2, count)) < 0.5
    places_before, places_after = rng.integers(0, CUE[0], count), cues + rng.integers(1, 6, count)
    symbols[rows, cues] = 4 + kinds
    symbols[rows[before], places_before[before]] = SYMBOLS.index("!")
    symbols[rows[after], places_after[after]] = SYMBOLS.index("!")
    scales = np.where(kinds == 0, SCALES["A"], SCALES["B"]) * np.where(before, HURRY, 1.0)
    drawn = np.ceil(scales * rng.exponential(size=count) ** (1 / SHAPE)).clip(1)
    happens, ends = cues + drawn.astype(int), rng.integers(ENDS[0], ENDS[1] + 1, count)
    since = np.arange(1, LONGEST + 1) - cues[:, None]  # (N, T): steps from the cue to the next step
    return Delays(
        torch.from_numpy(symbols),
        torch.from_numpy(np.minimum(happens, ends)),
        torch.from_numpy(happens <= ends),
        torch.from_numpy(weibull_hazard(since, scales[:, None], SHAPE)).float(),
        torch.from_numpy(cues),
    )


def weibull_hazard(steps: np.ndarray, scale: np.ndarray | float, shape: float) -> np.ndarray:
    """How probable it is that a delay ends at a step, if it has not ended before: of a Weibull delay, rounded up.

    1 − S(d) / S(d − 1) with S(d) = exp(−(d / scale)^shape).

    Args:
        steps: d, whole numbers; 0 is given where one is below 1.
        scale: steps after which 1 − 1/e of the delays are over.
        shape: above 1 the longer it has lasted, the more probable the end is.

    Returns:
        As many numbers, 0 … 1.
    """
    import numpy as np

    d = np.maximum(steps, 1)
    log_survival = ((d - 1) / scale) ** shape - (d / scale) ** shape
    return np.where(np.asarray(steps) >= 1, -np.expm1(log_survival), 0.0)
