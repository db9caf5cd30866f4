"""What a forecaster has learned, and how it forecasts with it.

N windows, L values in each, S steps ahead, Q quantiles, F = 2 features of a step.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from course_utils.errors import CourseError
from course_utils.models.checkpoints import Checkpoint
from course_utils.models.forecast_choice import best_share, offsets
from course_utils.models.forecast_windows import Plan, Values, Windows, usual_change, window_at
from course_utils.models.series_inputs import LARGEST, Index, Known
from course_utils.nn.sequence_model import SequenceModel

FEATURES = 2
FARTHEST = 10.0  # usual changes; what lies beyond is taken to lie there
AT_ONCE = 2_000  # windows
LARGEST_PLAN = 1_000  # values of a window, steps of a forecast or a season
KINDS = ("number", "time", "period")
MARKED = 10  # first values, by which a series is known again


def features(known: Values, plan: Plan, change: float) -> Tensor:
    """(N, L, F) what the network reads: each value from the last one, and from the one a season before (else: before).

    Args:
        known: (N, L) windows.
        plan: what a window is.
        change: the mean size of the second feature.
    """
    lag = plan.season
    changes = np.zeros_like(known)
    changes[:, lag:] = (known[:, lag:] - known[:, :-lag]) / change
    both = np.clip(np.stack([known, changes], axis=-1), -FARTHEST, FARTHEST)
    return torch.from_numpy(both.astype(np.float32))


def usual_difference(known: Values, plan: Plan) -> float:
    """The mean size of the second of `features`; 1 where there is none."""
    differences = known[:, plan.season :] - known[:, : -plan.season]
    return (float(np.abs(differences).mean()) if differences.size else 0.0) or 1.0


def corrections(model: SequenceModel, x: Tensor, levels: int) -> Tensor:
    """(N, L, F) → (N, S, Q), what the network adds."""
    return model.readout(model.states(x)[:, -1]).unflatten(1, (-1, levels))  # type: ignore[no-any-return]


def mark(values: Values) -> str:
    """What tells numbers from others."""
    return hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest()[:16]


class Ending(NamedTuple):
    """The end of a series that was learned from, from which a forecast goes on.

    Attributes:
        values: (≤ L,) the last values.
        unit: the usual change of the whole series, in the plan's own unit.
        end: the index of the last value.
        name: of the series.
        size: T, how many values the whole series has.
        marks: of its first values and of all, to know it again.
    """

    values: Values
    unit: float
    end: Index
    name: str
    size: int
    marks: tuple[str, str]

    @staticmethod
    def of(known: Known, plan: Plan) -> Ending:
        """The end of a series."""
        values = known.values
        marks = mark(values[:MARKED]), mark(values)
        return Ending(values[-plan.length :], usual_change(values, plan), known.index, known.name, len(values), marks)

    @property
    def described(self) -> dict[str, Any]:
        """All but the values, as it survives JSON."""
        about = {"unit": self.unit, "end": self.end.described, "name": self.name, "size": self.size}
        return about | {"marks": list(self.marks), "count": len(self.values)}


class Learned(NamedTuple):
    """What was learned besides the network's weights.

    Attributes:
        plan: what a window is.
        matrix: (S, L) the forecast to start from.
        unit: its mean absolute error on the windows that were learned from, in usual changes.
        change: the mean size of the second feature.
        levels: (Q,) the quantiles, in their order, 0.5 among them.
        spread: (S, Q) quantiles of that forecast's residuals, in its mean errors.
        share: of the network's correction that counts.
        offset: (S, Q) what is added so that the quantiles hold on the windows held out, in mean errors.
    """

    plan: Plan
    matrix: Values
    unit: float
    change: float
    levels: Values
    spread: Values
    share: float
    offset: Values

    def new_model(self, cell: str, hidden_size: int, generator: torch.Generator | None = None) -> SequenceModel:
        """A network that corrects nothing yet."""
        outputs = self.plan.steps * len(self.levels)
        model = SequenceModel(cell, FEATURES, hidden_size, outputs, generator=generator)
        nn.init.zeros_(model.readout.weight)
        nn.init.zeros_(model.readout.bias)
        return model

    def features(self, known: Values) -> Tensor:
        """(N, L) windows as the network reads them."""
        return features(known, self.plan, self.change)

    def targets(self, windows: Windows) -> Tensor:
        """(N, S) what the network should say: residuals of the forecast to start from, in its mean errors."""
        return torch.from_numpy(self._residuals(windows).astype(np.float32))

    def _residuals(self, windows: Windows) -> Values:
        return np.asarray((windows.came - windows.known @ self.matrix.T) / self.unit)

    def judged(self, model: SequenceModel, train: Windows, held: Windows, trained: bool) -> Learned:
        """How much of the network counts, and quantiles that hold.

        Args:
            model: the network.
            train: the windows that were learned from.
            held: the windows held out; may be none.
            trained: was the forecast to start from fitted to windows?
        """
        judging = held if len(held) else train
        came, corrections = self._residuals(judging), self._corrections(model, judging.known)
        share = best_share(self.spread, corrections, came, self.levels) if len(held) else 0.0
        quantiles = self.spread + share * corrections
        if len(held) and share == 0.0 and not trained:  # nothing was fitted: all windows are as good as held out
            came = np.concatenate([self._residuals(train), came])
            quantiles = np.broadcast_to(self.spread, (*came.shape, len(self.levels)))
        independent = len(came) / self.plan.steps
        return self._replace(share=share, offset=offsets(quantiles, came, self.levels, independent))

    def _corrections(self, model: SequenceModel, known: Values) -> Values:
        x = self.features(known)
        with torch.no_grad():
            parts = [corrections(model, part, len(self.levels)) for part in x.split(AT_ONCE)]
        return torch.cat(parts).double().numpy()

    def quantiles(self, model: SequenceModel, known: Values) -> Values:
        """(N, L) windows → (N, S, Q), in usual changes from the last value."""
        more = self.spread + self.offset
        if self.share:
            more = more + self.share * self._corrections(model, known)
        return np.asarray(np.sort((known @ self.matrix.T)[..., None] + self.unit * more, axis=-1))

    def forecast(self, model: SequenceModel, values: Values, unit: float, steps: int) -> Values:
        """(steps, Q) the quantiles of the next values.

        Beyond the steps that are forecast directly it goes on from the medians; there the quantiles go on moving away
        from the median as they do from step to step before.

        Args:
            model: the network.
            values: (T,) what is known.
            unit: a usual change.
            steps: how many.
        """
        middle = int(np.argmin(np.abs(self.levels - 0.5)))
        seen = self.plan.inner(values)

        def direct() -> Values:
            known = (window_at(seen, len(seen), self.plan) - seen[-1]) / unit
            return np.asarray(seen[-1] + unit * self.quantiles(model, known)[0])

        found = direct()
        away, power = found[-1] - found[-1, middle], _growth(found)
        while len(found) < steps:
            seen = np.concatenate([seen, found[-self.plan.steps :, middle]])
            grown = (len(found) + np.arange(1, self.plan.steps + 1)) / self.plan.steps
            more = direct()[:, [middle]] + away * grown[:, None] ** power
            found = np.concatenate([found, more])
        return self.plan.outer(found[:steps])

    def check(self, values: Values) -> None:
        """Raise a CourseError for values whose logarithms cannot be taken, where they are."""
        if self.plan.log and values.min() <= 0:
            raise CourseError(
                f"The forecaster learned from values above 0 and forecasts their logarithms; here is {values.min():g}. "
                "Train it on series that have such values too."
            )


def _growth(ahead: Values) -> float:
    """How fast the interval grows with the step: 0.5 as a random walk's, 0 not at all."""
    width = ahead[:, -1] - ahead[:, 0]
    half = len(width) // 2
    if half < 2 or not width[half - 1] > 0:
        return 0.5
    return float(np.clip(math.log2(width[2 * half - 1] / width[half - 1]), 0.0, 1.0))


class Pinball:
    """The loss of a network: the mean pinball loss of its quantiles.

    Args:
        levels: (Q,).
        spread: (S, Q) what its outputs are added to.
    """

    def __init__(self, levels: Values, spread: Values) -> None:
        self.levels = torch.from_numpy(levels.astype(np.float32))
        self.spread = torch.from_numpy(spread.astype(np.float32))

    def __call__(self, model: SequenceModel, batch: tuple[Tensor, Tensor]) -> Tensor:
        """The loss of (B, L, F) windows and (B, S) targets."""
        x, y = batch
        above = y[..., None] - (self.spread + corrections(model, x, len(self.levels)))
        return torch.maximum(self.levels * above, (self.levels - 1) * above).mean()


class Batches:
    """Windows in a random order, again in each epoch.

    Args:
        x: (N, L, F).
        y: (N, S).
        size: windows in a batch.
        seed: of the order.
    """

    def __init__(self, x: Tensor, y: Tensor, size: int, seed: int) -> None:
        self.x, self.y, self.size = x, y, size
        self.generator = torch.Generator().manual_seed(seed)

    def __len__(self) -> int:
        return math.ceil(len(self.x) / self.size)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        for rows in torch.randperm(len(self.x), generator=self.generator).split(self.size):
            yield self.x[rows], self.y[rows]


def validation(loss: Pinball, x: Tensor, y: Tensor) -> Callable[[SequenceModel], float]:
    """A score: the mean loss on the windows held out."""

    def score(model: SequenceModel) -> float:
        total = sum(
            float(loss(model, (a, b))) * len(a) for a, b in zip(x.split(AT_ONCE), y.split(AT_ONCE), strict=True)
        )
        return total / len(x)

    return score


def checked_quantiles(given: Any) -> tuple[float, ...]:
    """The quantiles as they were asked for.

    Raises:
        CourseError: there are none, or one is not above 0 and below 1, or is there twice.
    """
    expected = "quantiles must be numbers above 0 and below 1, such as (0.1, 0.5, 0.9)"
    try:
        found = tuple(given)
    except TypeError:
        raise CourseError(f"{expected}; they are {given!r:.60}.") from None
    for quantile in found:
        number = isinstance(quantile, int | float | np.floating) and not isinstance(quantile, bool)
        if not number or not 0.001 <= quantile <= 0.999:
            raise CourseError(f"{expected}, none beyond 0.001 and 0.999; one is {quantile!r:.60}.")
    if not found or len(set(found)) < len(found) or len(found) > 99:
        raise CourseError(f"{expected}, each once and 99 at most; they are {given!r:.60}.")
    return tuple(float(quantile) for quantile in found)


def levels_of(quantiles: Sequence[float]) -> Values:
    """(Q,) the quantiles in their order, 0.5 among them."""
    return np.array(sorted({*quantiles, 0.5}))


def joined(known: Known, more: Known) -> Known:
    """A series with what came right after it.

    Raises:
        CourseError: its index does not go on where that of the series ends.
    """
    counted = (known.index.kind, more.index.kind) == ("number", "number")
    plain = counted and more.index.last == len(more.values) - 1 and more.index.step == 1  # an array, counted from 0
    if not plain and known.index.moved(len(more.values)) != more.index:
        raise CourseError(
            f"valid must come right after the series, which ends at {known.index.last}; valid ends at "
            f"{more.index.last} after {len(more.values)} values. Give the next part: series[-n:]."
        )
    return Known(np.concatenate([known.values, more.values]), known.index.moved(len(more.values)), known.name)


# ---------------------------------------------------------------------------------------------------------------------
# Read from a file

TENSORS = ("state.matrix", "state.spread", "state.offset", "state.values")


CHOSEN = ("base", "season", "log", "window", "network", "windows", "held out")
AGAIN = ("steps", "lr", "batch_size", "base")


def are_facts(value: Any, names: Sequence[str]) -> bool:
    """Are they texts, numbers, truth values or nothing, with these names?"""
    whole = isinstance(value, dict) and set(value) == set(names)
    return whole and all(isinstance(fact, str | int | float | None) for fact in value.values())


def facts(checkpoint: Checkpoint, name: str, names: Sequence[str]) -> dict[str, Any]:
    """A field of texts and numbers with these names.

    Raises:
        CourseError: it is none.
    """
    return dict(checkpoint.field(name, lambda value: are_facts(value, names), f"texts and numbers for {names}"))


def restored(checkpoint: Checkpoint, levels: Values) -> tuple[Learned, tuple[Ending, ...]]:
    """What was learned besides the weights, checked.

    Args:
        checkpoint: the file.
        levels: (Q,) the quantiles that it must have.

    Raises:
        CourseError: it does not fit together.
    """
    described = facts(checkpoint, "plan", ("length", "steps", "season", "log"))
    if not isinstance(described["log"], bool):
        raise checkpoint.fault("its plan is none")
    plan = Plan(**described)
    if not all(type(size) is int and 1 <= size <= LARGEST_PLAN for size in (plan.length, plan.steps, plan.season)):
        raise checkpoint.fault("the sizes of its plan are none")
    if plan.season > plan.length:
        raise checkpoint.fault("a season does not fit into its window")
    share = float(checkpoint.field("share", lambda value: type(value) in (int, float) and 0 <= value <= 1, "0 to 1"))
    shapes = {"matrix": (plan.steps, plan.length)} | dict.fromkeys(("spread", "offset"), (plan.steps, len(levels)))
    arrays = {name: _finite(checkpoint, name, shape) for name, shape in shapes.items()}
    unit, change = checkpoint.positive("unit"), checkpoint.positive("change")
    learned = Learned(plan, arrays["matrix"], unit, change, levels, arrays["spread"], share, arrays["offset"])
    ends = checkpoint.field("ends", lambda value: isinstance(value, list) and bool(value), "a list of ends")
    counts = [end["count"] for end in ends]
    if not all(type(count) is int and 1 <= count <= plan.length for count in counts):
        raise checkpoint.fault("an end has no values, or too many")
    values = np.split(_finite(checkpoint, "values", (sum(counts),)), np.cumsum(counts)[:-1])
    endings = tuple(_ending(checkpoint, end, part) for end, part in zip(ends, values, strict=True))
    for ending in endings:
        learned.check(ending.values)
    return learned, endings


def _finite(checkpoint: Checkpoint, name: str, shape: tuple[int, ...]) -> Values:
    array = checkpoint.tensor(f"state.{name}", shape, torch.float64).numpy()
    if not (np.abs(array) <= LARGEST).all():
        raise checkpoint.fault(f"{name!r} holds numbers that are not finite")
    return np.asarray(array)


def _ending(checkpoint: Checkpoint, described: dict[str, Any], values: Values) -> Ending:
    unit, size, marks = described["unit"], described["size"], described["marks"]
    if not isinstance(unit, int | float) or not 0 < unit <= LARGEST or type(size) is not int:
        raise checkpoint.fault("the unit of a series is none")
    if not isinstance(described["name"], str) or len(marks) != 2 or not all(isinstance(text, str) for text in marks):
        raise checkpoint.fault("the name of a series is none")
    end = Index(**described["end"])
    whole = all(isinstance(text, str) for text in (end.kind, end.zone, end.name)) and end.kind in KINDS
    if not whole or (end.kind == "number" and not _are_numbers(end.last, end.step)):
        raise checkpoint.fault("the index of a series is none")
    end.ahead(1)
    return Ending(values, float(unit), end, described["name"], size, (marks[0], marks[1]))


def _are_numbers(*values: Any) -> bool:
    return all(type(value) in (int, float) and abs(value) <= 2**62 for value in values)
