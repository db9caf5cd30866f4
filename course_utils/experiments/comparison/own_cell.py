"""A learner's own cell in the experiments of the course: as large as their networks, with as many tries, on new seeds.

A trial is one task of a stored experiment in which such a cell can take part: how its rate is chosen, how it is
trained and judged, and which stored rows it is shown beside. It is trained by the code that trained those.
"""

from __future__ import annotations

import hashlib
import inspect
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial, wraps
from typing import Any

import torch
from torch import nn

from course_utils.data.formal_languages import LANGUAGES
from course_utils.experiments.comparison import kept
from course_utils.experiments.comparison.contests import contest
from course_utils.experiments.comparison.networks import equal_sizes, size_of
from course_utils.experiments.comparison.until_kept import GO_ON, KeptTraining, go_on_with_the_best
from course_utils.experiments.computation import formal_language_grid as formal
from course_utils.experiments.framework.experiment import Row
from course_utils.experiments.framework.told import CLIP_NORM
from course_utils.experiments.long_memory import long_lags
from course_utils.experiments.tasks.flagged_latch import FlaggedLatch
from course_utils.nn.cell_audit import Shape
from course_utils.nn.own_cell import Cell, OwnCellNet, own_net, own_width, states_of
from course_utils.nn.parameters import parameters_count
from course_utils.nn.tracking_net import READER, tracking_size
from course_utils.training import fit

NAME = "your cell"  # in the rows
FIRST_STEPS, MOST_STEPS = 300, 1000  # of a search in the grid, and of a run in it

Rows = Callable[..., list[Row]]


@dataclass(frozen=True, eq=False)
class Trial:
    """One task of a stored experiment, for a learner's cell.

    Attributes:
        experiment: whose stored rows it stands beside.
        task: in words; of an experiment with one task its name.
        shape: inputs, outputs and size of the network.
        where: which stored rows are of its networks: column → value.
        by: the columns that tell its conditions apart.
        chance: the share of right answers of knowing nothing.
        rates: that are tried; no more are.
        tries: how many tries each stored network had, in words.
        search_seeds: the rate is chosen on these.
        search: (seed, cell, rates, quick) → a row for each rate: `lr`, `score` (more is better).
        measure: (seed, cell, lr, quick) → rows with the columns of the stored ones.
        batch: seed → a training batch, for timing.
        objective: (model, batch) → loss.
        search_steps: training steps of a seed's search.
        measure_steps: training steps of a seed's measurement.
    """

    experiment: str
    task: str
    shape: Shape
    where: Mapping[str, Any]
    by: tuple[str, ...]
    chance: float
    rates: tuple[float, ...]
    tries: str
    search_seeds: tuple[int, ...]
    search: Rows
    measure: Rows
    batch: Callable[[int], Any]
    objective: Callable[[nn.Module, Any], torch.Tensor]
    search_steps: int
    measure_steps: int

    def network(self, cell: Cell, seed: int) -> OwnCellNet:
        """The cell in a network of equal size, untrained."""
        return _network(self.shape, cell, seed)

    def told(self, cell: Cell, lr: float) -> str:
        """Width, size and rate, in words."""
        model = self.network(cell, 0)
        return f"{_width(self.shape, cell)} units, {parameters_count(model):,} parameters, rate {lr:g}"


@cache
def trials() -> dict[str, tuple[Trial, ...]]:
    """All trials, by the name of their experiment."""
    found = (_long_lags(), *map(_formal, formal.NAMES), *map(_kept, kept.LAGS))
    names = dict.fromkeys(trial.experiment for trial in found)
    return {name: tuple(trial for trial in found if trial.experiment == name) for name in names}


def chosen(rows: Sequence[Row]) -> float:
    """The rate with the best mean score; of equally good ones that in the middle, the lower of two.

    Args:
        rows: of a search, over its seeds: `lr`, `score`.
    """
    scores: dict[float, list[float]] = {}
    for row in rows:
        scores.setdefault(row["lr"], []).append(row["score"])
    means = {lr: sum(found) / len(found) for lr, found in scores.items()}
    best = sorted(lr for lr, mean in means.items() if mean == max(means.values()))
    return best[(len(best) - 1) // 2]


def fingerprint(cell: Cell, shape: Shape) -> str:
    """A hash of what a cell is and does, so that another one under the same name is another one.

    Args:
        cell: the learner's.
        shape: of the network.
    """
    digest = hashlib.sha256()
    try:
        digest.update(inspect.getsource(getattr(cell, "func", cell)).encode())
    except (OSError, TypeError):  # typed where no source is kept, or no class: what it does must do
        digest.update(b"no source")
    model = own_net(cell, shape.input_size, 3, shape.output_size, shape.reader, seed=0)
    x = torch.randn(2, 7, shape.input_size, generator=torch.Generator().manual_seed(0))
    states = states_of(model.core, x, 3)
    digest.update(states.detach().double().numpy().tobytes())
    for name, weight in model.core.named_parameters():
        digest.update(f"{name}{tuple(weight.shape)}".encode())
    return digest.hexdigest()[:16]


def seconds_of(trial: Trial, cell: Cell, seeds: int, rates: int) -> float:
    """About how many CPU seconds the trainings of a trial take: those of two steps here, times all steps.

    Args:
        trial: which.
        cell: the learner's.
        seeds: to be measured.
        rates: to be tried.
    """
    model, batch = trial.network(cell, 0), trial.batch(0)

    def step() -> float:
        began = time.process_time()
        fit(
            model,
            [batch],
            trial.objective,
            steps=1,
            optimizer=torch.optim.Adam(model.parameters(), lr=1e-9),
            clip_norm=CLIP_NORM,
            progress=False,
        )
        return time.process_time() - began

    each = min(step() for _ in range(3))
    search = trial.search_steps * len(trial.search_seeds) * rates / len(trial.rates)
    return each * (search + trial.measure_steps * seeds)


def _network(shape: Shape, cell: Cell, seed: int) -> OwnCellNet:
    width = _width(shape, cell)
    return own_net(cell, shape.input_size, width, shape.output_size, shape.reader, seed)


def _width(shape: Shape, cell: Cell) -> int:
    return own_width(cell, shape.input_size, shape.output_size, shape.reader, shape.parameters)


# ---------------------------------------------------------------------------------------------------------------------
# The flagged latch over long lags


def _long_lags() -> Trial:
    task = FlaggedLatch(long_lags.SHORTEST, long_lags.LONGEST, long_lags.SYMBOLS)
    steps, rates = 2500, long_lags.RATES["lstm"]
    return Trial(
        experiment="long_lags",
        task="flagged latch",
        shape=Shape(task.input_size, task.output_size, 0, long_lags.PARAMETERS),
        where={},
        by=("training", "lag"),
        chance=task.chance,
        rates=rates,
        tries="3 rates for each way to begin",
        search_seeds=(1000, 1001),
        search=_search_lags,
        measure=_measure_lags,
        batch=lambda seed: next(task.batches(long_lags.BATCH, seed)),
        objective=task.objective,
        search_steps=steps * len(rates),
        measure_steps=steps * len(long_lags.TRAININGS),
    )


def _at_lags(seed: int, cell: Cell, training: str, lr: float, lags: list[int], quick: bool) -> list[Row]:
    model = _network(_long_lags().shape, cell, seed)
    finite = long_lags.train(model, training, lr, 1 if quick else 2500, seed)
    return long_lags.judged_at(model, finite, lags, 4 if quick else 100, seed)


def _search_lags(seed: int, cell: Cell, rates: Sequence[float], quick: bool) -> list[Row]:
    rows: list[Row] = []
    for lr in rates:
        found = _at_lags(seed, cell, long_lags.TRAININGS[0], lr, [51] if quick else [1000, 10_000], quick)
        rows.append({"lr": lr, "score": sum(row["accuracy"] for row in found) / len(found)})
    return rows


def _measure_lags(seed: int, cell: Cell, lr: float, quick: bool) -> list[Row]:
    return [
        {"network": NAME, "training": training, "lr": lr, **row}
        for training in long_lags.TRAININGS
        for row in _at_lags(seed, cell, training, lr, [51, 1000, 5000, 10_000], quick)
    ]


# ---------------------------------------------------------------------------------------------------------------------
# Formal languages


def _formal(language: str) -> Trial:
    rates = tuple(sorted((*formal.RATES, *formal.WIDER, *formal.WIDEST)))
    return Trial(
        experiment=formal.NAMES[language],
        task=language,
        shape=_formal_shape(language),
        where={},
        by=("language", "length"),
        chance=LANGUAGES[language].chance,
        rates=rates,
        tries=f"{len(rates)} rates from each of 2 ways to begin",
        search_seeds=(1000,),
        search=partial(_search_formal, language=language),
        measure=partial(_measure_formal, language=language),
        batch=lambda seed: next(formal.batches(language, seed)),
        objective=formal.objective,
        search_steps=400 * len(rates),
        measure_steps=1000,
    )


def _formal_shape(language: str) -> Shape:
    inputs, outputs = len(LANGUAGES[language].symbols), len(LANGUAGES[language].answers)
    return Shape(inputs, outputs, READER, tracking_size("LSTM", inputs, outputs, formal.LSTM_UNITS))


def _at_lengths(
    seed: int, cell: Cell, lr: float, steps: int, lengths: list[int], quick: bool, language: str
) -> list[Row]:
    model = _network(_formal_shape(language), cell, seed)
    formal.train(model, formal.batches(language, seed), lr, 3 if quick else steps)
    return formal.judge(model, language, lengths, 8 if quick else 200, seed)


def _search_formal(seed: int, cell: Cell, rates: Sequence[float], quick: bool, language: str) -> list[Row]:
    rows: list[Row] = []
    for lr in rates:
        found = _at_lengths(seed, cell, lr, 400, [40, 80, 160], quick, language)
        right, loss = (sum(row[key] for row in found) / len(found) for key in ("accuracy", "loss"))
        rows.append({"lr": lr, "score": right - 1e-9 * min(loss, formal.MOST_LOSS)})  # equal ones by their loss
    return rows


def _measure_formal(seed: int, cell: Cell, lr: float, quick: bool, language: str) -> list[Row]:
    found = _at_lengths(seed, cell, lr, 1000, [40, 60, 101, 200, 500], quick, language)
    return [{"language": language, "network": NAME, "lr": lr, **row} for row in found]


# ---------------------------------------------------------------------------------------------------------------------
# The grid, second edition


def _kept(task: str) -> Trial:
    this = contest(task, kept.TUNED_AT[task], "validation")
    went_on = max(1, round(GO_ON * len(kept.FINER)))
    return Trial(
        experiment="kept",
        task=task,
        shape=_kept_shape(task),
        where={"task": task, "size": kept.FAIR, "start": "searched"},
        by=("task", "lag"),
        chance=1.0,
        rates=kept.FINER,
        tries=f"{len(kept.FINER)} pairs of a rate and a way to begin",
        search_seeds=(1710, 1711),
        search=partial(_search_kept, task=task),
        measure=partial(_measure_kept, task=task),
        batch=lambda seed: next(this.batches(seed)),
        objective=this.objective,
        search_steps=FIRST_STEPS * len(kept.FINER) + (MOST_STEPS - FIRST_STEPS) * went_on,
        measure_steps=MOST_STEPS * len(kept.LAGS[task]),
    )


def _kept_shape(task: str) -> Shape:
    shape = contest(task, kept.TUNED_AT[task]).shape
    return Shape(shape.input_size, shape.output_size, 0, size_of("LSTM", shape, equal_sizes(shape)["LSTM"]))


def _without_denormals(rows: Rows) -> Rows:
    """The same with numbers below 10⁻³⁸ counted as 0 meanwhile, as in the stored runs."""

    @wraps(rows)
    def flushed(*told: Any, **named: Any) -> list[Row]:
        torch.set_flush_denormal(True)
        try:
            return rows(*told, **named)
        finally:
            torch.set_flush_denormal(False)

    return flushed


def _training(seed: int, cell: Cell, task: str, lag: int, lr: float) -> KeptTraining:
    this = contest(task, lag, "validation", kept.JUDGED["validation"])
    return KeptTraining(this, _network(_kept_shape(task), cell, seed), lr, seed)


@_without_denormals
def _search_kept(seed: int, cell: Cell, rates: Sequence[float], quick: bool, task: str) -> list[Row]:
    found = {lr: _training(seed, cell, task, kept.TUNED_AT[task], lr) for lr in rates}
    first_steps, most_steps = (1, 2) if quick else (FIRST_STEPS, MOST_STEPS)
    go_on_with_the_best(found, first_steps, most_steps, less_is_better=task == "adding")
    better = -1 if task == "adding" else 1
    return [  # the share of the budget decides; of equal ones the score
        {"lr": lr, "score": -_share(training, most_steps) + 1e-6 * better * training.score}
        for lr, training in found.items()
    ]


def _share(training: KeptTraining, most_steps: int) -> float:
    """The share of the budget until the criterion was kept; 1 where it was not."""
    return training.steps / most_steps if training.solved else 1.0


@_without_denormals
def _measure_kept(seed: int, cell: Cell, lr: float, quick: bool, task: str) -> list[Row]:
    rows: list[Row] = []
    most_steps = 1 if quick else MOST_STEPS
    for lag in kept.LAGS[task]:
        training = _training(seed, cell, task, lag, lr)
        training.go_on(most_steps)
        row = training.row(most_steps) | {"steps_share": _share(training, most_steps)}
        about = {"task": task, "lag": lag, "network": NAME, "size": kept.FAIR, "start": "searched", "lr": lr}
        rows.append(about | row)
    return rows
