"""A forecaster that learns from one series or many: a recurrent network that corrects the best simple forecast.

    forecaster = Forecaster("lstm", horizon=12, season=12)
    forecaster.fit(series, seconds=10)
    forecaster.forecast()

Direct forecasts of all steps with quantiles: Wen, Torkkola, Narayanaswamy & Madeka 2017 (arXiv 1711.11053). A network
on top of a statistical forecast: Smyl 2020, doi:10.1016/j.ijforecast.2019.03.017.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from course_utils.checks import check_name, check_whole
from course_utils.errors import CourseError
from course_utils.models.arguments import checked
from course_utils.models.base import Estimator
from course_utils.models.checkpoints import Checkpoint
from course_utils.models.forecast_choice import Base, best_base, likely_seasons, residual_quantiles
from course_utils.models.forecast_state import (
    AGAIN,
    CHOSEN,
    TENSORS,
    Batches,
    Ending,
    Learned,
    Pinball,
    checked_quantiles,
    facts,
    joined,
    levels_of,
    restored,
    usual_difference,
    validation,
)
from course_utils.models.forecast_windows import (
    MOST_TRAINED,
    MOST_VALIDATED,
    Plan,
    Values,
    Windows,
    tail_of,
    windows_of,
)
from course_utils.models.series_inputs import GAPS, Index, Known, checked_series, checked_several, is_several
from course_utils.nn.sequence_model import SequenceModel
from course_utils.runtime import seeded
from course_utils.training import Budget, History, WarmupCosine, fit

if TYPE_CHECKING:
    import pandas as pd

CELLS = ("rnn", "relu_rnn", "gru", "lstm")
BASES = ("naive",)
FEWEST, SHORTEST = 10, 2  # values of a series that is learned from, and of one that is forecast
LOG_HANDICAP, SEASON_HANDICAP = (
    0.02,
    0.03,
)  # shares by which logarithms, or a season that was looked for, must be better
SECONDS = 10.0  # of a training, where neither seconds nor steps are given
BATCH, PATIENCE, WEIGHT_DECAY = 64, 8, 0.01
LONGEST_HORIZON, LONGEST_SEASON = 1_000, 1_000
MOST_STEPS = 10_000  # that are forecast at once
MOST_ORIGINS = 1_000


class Forecaster(Estimator[SequenceModel]):
    """Forecasts a series, with quantiles, from the values before.

    What it does: it chooses the simple forecast that did best on what it was given (seasonal naive, a smoothed level
    with season and slope, a linear rule on the last values; on logarithms where that is better), trains a recurrent
    network to correct it, keeps as much of the correction as helps on values held out (none, where it does not help),
    and moves the quantiles so that they held there. `chosen` tells all that.

    Attributes:
        model: the network; None before `fit`.
        chosen: what the last `fit` chose: "base", "season", "log", "window", "network" (the share of its correction
            that counts), "windows" (learned from) and "held out" (windows that judged).

    Args:
        cell: "rnn" (tanh), "relu_rnn", "gru" or "lstm".
        hidden_size: H, units of the recurrent layer.
        horizon: steps that are forecast directly, fewer for a short series; further steps go on from the forecast.
        season: steps of a season, such as 12 for months; 1: there is none. None: it is looked for.
        quantiles: numbers above 0 and below 1, in any order; 0.5, the median, is forecast in any case.
        seed: of weights and order.

    Raises:
        CourseError: an unknown cell, or another argument that cannot be meant.
    """

    fit_takes = "series"

    def __init__(
        self,
        cell: str = "lstm",
        hidden_size: int = 64,
        horizon: int = 12,
        season: int | None = None,
        quantiles: Sequence[float] = (0.1, 0.5, 0.9),
        seed: int = 0,
    ) -> None:
        check_name("cell", cell, CELLS)
        self.cell, self.hidden_size, self.seed = cell, checked("hidden_size", hidden_size), checked("seed", seed)
        self.horizon = check_whole("horizon", horizon, 1, LONGEST_HORIZON)
        self.season = None if season is None else check_whole("season", season, 1, LONGEST_SEASON)
        self.quantiles = checked_quantiles(quantiles)
        self.chosen: dict[str, Any] = {}
        self._found: Learned | None = None
        self._endings: tuple[Ending, ...] = ()
        self._several = False
        self._again: dict[str, Any] = {}

    def _described(self) -> str:
        return f"{self.cell!r}, {self.hidden_size}, horizon={self.horizon}, season={self.season}"

    # -----------------------------------------------------------------------------------------------------------------
    # Learning

    def fit(
        self,
        series: Any,
        valid: Any = None,
        seconds: float | None = None,
        *,
        steps: int | None = None,
        epochs: int | None = None,
        patience: int | None = PATIENCE,
        lr: float | None = None,
        batch_size: int = BATCH,
        gaps: str = "refuse",
        base: str | None = None,
        progress: bool = True,
    ) -> History:
        """Learn from a series, or from many, from the beginning: an earlier training is forgotten.

        Args:
            series: a pandas Series, an array or a list of numbers, in the order of time, of ten values at least; or a
                list of them, of different lengths: then one network learns from all.
            valid: what came right after it, to validate with; of a list of series, a list. Default: the last fifth of
                each series is kept for it.
            seconds: the most seconds of the training and its validation. Default: 10 where neither steps nor epochs
                are given.
            steps: of the optimiser.
            epochs: the most passes through the windows.
            patience: stop after this number of validations in a row without a better score; None: go on.
            lr: the highest learning rate of Adam; default 0.004 for H = 64, and like 1 / √H.
            batch_size: windows in a batch.
            gaps: "refuse" missing values and missing steps of the index, or "fill" them along straight lines.
            base: None chooses the forecast to start from; "naive" takes the (seasonal) naive one.
            progress: show a progress bar.

        Returns:
            The history of the training; its score is the pinball loss of the network's quantiles on the windows held
            out, in units of the simple forecast's mean error.

        Raises:
            CourseError: a series that cannot be learned from, or an argument that cannot be meant.
        """
        check_name("way with gaps", gaps, GAPS)
        check_name("base", base, (None, *BASES))
        if seconds is None and steps is None and epochs is None:
            seconds = SECONDS
        lr = 0.004 * math.sqrt(64 / self.hidden_size) if lr is None else lr
        known = self._known(series, gaps)
        whole, ends = self._with_valid(known, valid, gaps)
        levels = levels_of(self.quantiles)
        train, held, plan, start = self._start(whole, ends, base)
        residuals = train.came - train.known @ start.matrix.T
        unit = float(np.abs(residuals).mean()) or 1.0
        spread = residual_quantiles(residuals / unit, levels)
        change = usual_difference(train.known, plan)
        learned = Learned(plan, start.matrix, unit, change, levels, spread, 0.0, np.zeros_like(spread))
        with seeded(self.seed):
            model = learned.new_model(self.cell, self.hidden_size, torch.Generator().manual_seed(self.seed))
            order = Batches(learned.features(train.known), learned.targets(train), batch_size, self.seed)
            loss = Pinball(levels, spread)
            optimizer = torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=WEIGHT_DECAY)
            course = WarmupCosine(Budget(steps, epochs, seconds, per_epoch=len(order)), warmup=10)
            watched = validation(loss, learned.features(held.known), learned.targets(held)) if len(held) else None
            history = fit(
                model,
                order,
                loss,
                steps=steps,
                epochs=epochs,
                seconds=seconds,
                valid=watched,
                eval_every=max(10, min(len(order), 50)) if watched else None,
                patience=patience if watched else None,
                optimizer=optimizer,
                lr_schedule=course.of(optimizer),
                clip_norm=1.0,
                progress=progress,
            )
        self.model = model.eval()
        self._found = learned.judged(model, train, held, start.trained)
        self._endings = tuple(Ending.of(part, plan) for part in whole)
        self._several = is_several(series)
        self._again = {"steps": history.steps, "lr": lr, "batch_size": batch_size, "base": base}
        self.chosen = {
            "base": start.name,
            "season": plan.season,
            "log": plan.log,
            "window": plan.length,
            "network": self._found.share,
            "windows": len(train),
            "held out": len(held),
        }
        history.settings = history.settings.with_parts(start="torch's own, the read-out 0: no correction yet")
        history.note(f"{len(train):,} windows of {plan.length} values; on top of: {start.name}")
        return history

    def _known(self, series: Any, gaps: str) -> list[Known]:
        known = checked_several(series, gaps) if is_several(series) else [checked_series(series, gaps)]
        fewest = max(FEWEST, 2 * (self.season or 1))
        longest = max(len(part.values) for part in known)
        if longest < fewest:
            which = "The series has" if len(known) == 1 else f"The longest of {len(known)} series has"
            seasons = f", two seasons of {self.season}" if self.season and fewest > FEWEST else ""
            raise CourseError(f"{which} {longest} values. Expected: {fewest} at least{seasons}.")
        for number, part in enumerate(known):
            if len(part.values) < SHORTEST:
                raise CourseError(f"series[{number}] has {len(part.values)} values. Expected: {SHORTEST} at least.")
        return known

    def _with_valid(self, known: list[Known], valid: Any, gaps: str) -> tuple[list[Known], list[int] | None]:
        """The series with what came after them, and how many values of each are learned from."""
        if valid is None:
            return known, None
        parts = checked_several(valid, gaps, "valid") if is_several(valid) else [checked_series(valid, gaps, "valid")]
        if len(parts) != len(known):
            raise CourseError(f"There are {len(known)} series and {len(parts)} of valid. Give what came after each.")
        return [joined(a, b) for a, b in zip(known, parts, strict=True)], [len(part.values) for part in known]

    def _start(
        self, known: list[Known], ends: list[int] | None, wanted: str | None
    ) -> tuple[Windows, Windows, Plan, Base]:
        """Windows to learn from and to validate with, their plan, and the forecast to start from."""
        series = [part.values for part in known]
        usable = [values for values in series if len(values) >= FEWEST] or series
        sizes = [len(values) for values in usable]
        positive = all(values.min() > 0 for values in series)
        looked_for = [1, *likely_seasons(usable, known[0].index.season)]
        found: list[tuple[Windows, Windows, Plan, Base]] = []
        for season in [self.season] if self.season else looked_for:
            plain = Plan.of(sizes, self.horizon, season)
            for plan in (plain, plain.logged()) if positive and wanted is None else (plain,):
                train, held = _split(series, ends, plan)
                if not len(train):
                    continue
                found.append((train, held, plan, best_base(train, held, plan, wanted)))
        if not found:
            raise CourseError("The series are too short: there is no window to learn from. Give longer ones.")
        seasonal = min(found, key=lambda part: part[3].untrained * (1 + SEASON_HANDICAP * (part[2].season > 1)))
        alike = [part for part in found if part[2].season == seasonal[2].season]
        return min(alike, key=lambda part: part[3].score * (1 + LOG_HANDICAP * part[2].log))

    # -----------------------------------------------------------------------------------------------------------------
    # Forecasting

    def forecast(self, steps: int | None = None, series: Any = None, *, gaps: str = "refuse") -> pd.DataFrame:
        """The next values of what was learned from, or of another series.

        Args:
            steps: how many; default: the horizon. Beyond the horizon it goes on from the forecast.
            series: what is known, as in `fit`; default: the series of `fit`, with `valid`.
            gaps: as in `fit`.

        Returns:
            A row for each step, with the index continued; a column for each quantile, in their order, 0.5 (the median)
            among them. Of a list of series the rows of all, with the series' name or number as the first level.

        Raises:
            CourseError: not trained yet, a number of steps or a series that cannot be meant, or a series with values of
                0 and below where the logarithms of positive ones were learned.
        """
        import pandas as pd

        model, learned = self._trained_with_state()
        steps = self.horizon if steps is None else check_whole("steps", steps, 1, MOST_STEPS)
        check_name("way with gaps", gaps, GAPS)
        endings, several = self._endings, self._several
        if series is not None:
            several = is_several(series)
            known = checked_several(series, gaps) if several else [checked_series(series, gaps)]
            for number, part in enumerate(known):
                if len(part.values) < SHORTEST:
                    which = f"series[{number}]" if several else "The series"
                    raise CourseError(f"{which} has {len(part.values)} values. Expected: {SHORTEST} at least.")
                learned.check(part.values)
            endings = tuple(Ending.of(part, learned.plan) for part in known)
        columns = pd.Index(learned.levels, name="quantile")
        tables = [
            pd.DataFrame(learned.forecast(model, end.values, end.unit, steps), _ahead(end.end, steps), columns)
            for end in endings
        ]
        if not several:
            return tables[0]
        names = [end.name for end in endings]
        keys = names if all(names) and len(set(names)) == len(names) else range(len(names))
        return pd.concat(tables, keys=keys, names=["series", tables[0].index.name])

    def backtest(
        self, series: Any, origins: int = 10, *, steps: int | None = None, gaps: str = "refuse"
    ) -> pd.DataFrame:
        """How good its forecasts were from several origins, beside the seasonal naive forecast and ETS.

        Where the series goes on after what was learned from, the origins lie in the rest. Where it does not, a copy is
        trained on the part before the first origin, with as many optimiser steps: what judges was never learned from.

        Args:
            series: one series, as in `fit`.
            origins: how many, at equal distances; each forecast has `steps` steps.
            steps: default: the horizon.
            gaps: as in `fit`.

        Returns:
            A row for each method: "MAE" and "RMSE" in the series' unit; "MASE", scaled by the part before the first
            origin, with "low" and "high" of its 95 % interval over origins; "difference", its MASE minus that of the
            seasonal naive forecast, with "difference low" and "difference high"; "pinball", the mean loss of all
            quantiles; "coverage" of the outermost two quantiles, which should be "nominal"; "origins"; and "note".
            `attrs["origins"]` holds the positions of the origins, `attrs["trained again"]` whether it was.

        Raises:
            CourseError: not trained yet, a series that is too short for that, or one of many that were learned from.
        """
        from course_utils.models.forecast_backtest import backtest

        self._trained()
        check_name("way with gaps", gaps, GAPS)
        steps = self.horizon if steps is None else check_whole("steps", steps, 1, MOST_STEPS)
        return backtest(self, checked_series(series, gaps), check_whole("origins", origins, 2, MOST_ORIGINS), steps)

    # -----------------------------------------------------------------------------------------------------------------
    # Keeping

    def _learned(self) -> dict[str, Any]:
        learned = self._state()
        about = {"plan": asdict(learned.plan), "unit": learned.unit, "change": learned.change, "share": learned.share}
        ends = [end.described for end in self._endings]
        return about | {"several": self._several, "chosen": self.chosen, "again": self._again, "ends": ends}

    def _tensors(self) -> dict[str, Tensor]:
        learned = self._state()
        values = np.concatenate([end.values for end in self._endings])
        arrays = {"matrix": learned.matrix, "spread": learned.spread, "offset": learned.offset, "values": values}
        return {f"state.{name}": torch.from_numpy(np.array(array)) for name, array in arrays.items()}

    def _restore(self, checkpoint: Checkpoint) -> None:
        learned, endings = restored(checkpoint, levels_of(self.quantiles))
        self._several = bool(checkpoint.field("several", lambda value: isinstance(value, bool), "true or false"))
        self.chosen, self._again = facts(checkpoint, "chosen", CHOSEN), facts(checkpoint, "again", AGAIN)
        if not self._several and len(endings) > 1:
            raise checkpoint.fault("it has one series, and several ends")
        self.model = checkpoint.network(lambda: learned.new_model(self.cell, self.hidden_size), besides=TENSORS)
        self._found, self._endings = learned, endings

    def again(self, values: Values) -> Forecaster:
        """A copy that is trained on other values, with as many steps of the optimiser, and the season that was found.

        Args:
            values: (T,) one series.
        """
        season = self._state().plan.season
        season = season if len(values) >= 2 * season else 1
        copy = Forecaster(self.cell, self.hidden_size, self.horizon, season, self.quantiles, self.seed)
        copy.fit(values, progress=False, **self._again)
        return copy

    def _state(self) -> Learned:
        return self._trained_with_state()[1]

    def _trained_with_state(self) -> tuple[SequenceModel, Learned]:
        model = self._trained()
        assert self._found is not None
        return model, self._found


def _ahead(index: Index, steps: int) -> pd.Index:
    try:
        return index.ahead(steps)
    except (ValueError, ArithmeticError) as error:
        raise CourseError(f"The index cannot go on for {steps} steps from {index.last} ({error!s:.80}).") from None


def _split(series: list[Values], ends: list[int] | None, plan: Plan) -> tuple[Windows, Windows]:
    """Windows whose targets lie in the first part of each series, and those whose targets lie in its tail."""
    sizes = [len(values) for values in series]
    ends = ends or [size - tail_of(size, plan) for size in sizes]
    train = [(plan.first, end - plan.steps) for end in ends]
    held = [
        (max(plan.first, min(end, size - plan.steps) if size > end else size), size - plan.steps)
        for end, size in zip(ends, sizes, strict=True)
    ]
    return windows_of(series, train, plan, MOST_TRAINED), windows_of(series, held, plan, MOST_VALIDATED)
