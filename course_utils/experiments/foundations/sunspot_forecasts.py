"""Yearly sunspots one year ahead: simple rules, a linear rule and an RNN, on years that none of them has learnt from.

A forecast is an array with one number for each year of the series, made from the years before; NaN: too few.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt
import torch

from course_utils.display.settings import Settings, trained
from course_utils.errors import CourseError
from course_utils.nn.sequence_model import SequenceModel
from course_utils.training import fit

if TYPE_CHECKING:
    import pandas as pd

Values: TypeAlias = npt.NDArray[np.float64]
Mask: TypeAlias = npt.NDArray[np.bool_]

CHOOSE_FROM, HELD_OUT_FROM = 1920, 1950
SCALE = 100.0  # sunspots, to be near 1
CLIP_NORM, EVAL_EVERY = 1.0, 10


def split(series: pd.Series) -> tuple[Mask, Mask, Mask]:
    """Which years are for learning (before 1920), for choosing (to 1949), and held out (from 1950)."""
    years = series.index.to_numpy()
    learn, held_out = years < CHOOSE_FROM, years >= HELD_OUT_FROM
    return learn, ~learn & ~held_out, held_out


def error(forecast: Values, values: Values, years: Mask) -> float:
    """The mean absolute error over these years, in the unit of the values; years without a forecast are left out.

    Raises:
        CourseError: there is no forecast for any of them.
    """
    off = np.abs(forecast - values)[years]
    if np.isnan(off).all():
        raise CourseError("There is no forecast for any of these years.")
    return float(np.nanmean(off))


def naive_forecast(values: Values, season: int) -> Values:
    """As `season` years ago; with 1, persistence."""
    return np.concatenate([np.full(season, np.nan), values[:-season]])


def linear_forecast(values: Values, order: int, learn: Mask) -> Values:
    """A weighted sum of the last years and a constant, by least squares on the years for learning (autoregression).

    Args:
        values: (T,) the series.
        order: p, how many years back.
        learn: (T,) the years it learns from.

    Returns:
        (T,) the forecasts.
    """
    past = np.lib.stride_tricks.sliding_window_view(values[:-1], order)  # row i: years i … i + p − 1
    inputs = np.column_stack([past, np.ones(len(past))])
    known = learn[order:]
    weights = np.linalg.lstsq(inputs[known], values[order:][known], rcond=None)[0]
    return np.concatenate([np.full(order, np.nan), inputs @ weights])


def train(
    values: Values,
    learn: Mask,
    choose: Mask,
    *,
    seed: int,
    cell: str = "rnn",
    hidden_size: int = 16,
    steps: int = 250,
    lr: float = 0.01,
) -> SequenceModel:
    """A network that reads the series year by year and says the next; stopped where it is best on the years to choose.

    Args:
        values: (T,) the series.
        learn: (T,) the years it learns from.
        choose: (T,) the years that decide when to stop.
        seed: of the first weights.
        cell: "rnn", "gru" or "lstm".
        hidden_size: H.
        steps: of Adam, at most; each goes through the whole series up to the last year for learning.
        lr: learning rate.

    Returns:
        The network; it reads and says hundreds of sunspots.
    """
    x, y = as_inputs(values), torch.as_tensor(values[1:] / SCALE, dtype=torch.float32)  # at each year, the next
    end = int(np.flatnonzero(learn)[-1])
    model = SequenceModel(cell, 1, hidden_size, 1, generator=torch.Generator().manual_seed(seed))

    def loss(model: SequenceModel, batch: torch.Tensor) -> torch.Tensor:
        predictions: torch.Tensor = model(batch)[0, :, 0]
        return (predictions - y[:end]).square().mean()

    def score(model: SequenceModel) -> float:
        return error(network_forecast(model, values), values, choose)

    fit(
        model,
        [x[:, :end]],
        loss,
        steps=steps,
        lr=lr,
        clip_norm=CLIP_NORM,
        valid=score,
        eval_every=EVAL_EVERY,
        progress=False,
    )
    return model


def as_inputs(values: Values) -> torch.Tensor:
    """(1, T − 1, 1): what a network reads, all years but the last, in hundreds of sunspots."""
    return torch.as_tensor(values[:-1] / SCALE, dtype=torch.float32).reshape(1, -1, 1)


@torch.no_grad()
def network_forecast(model: SequenceModel, values: Values) -> Values:
    """What a trained network says for each year, from the years before it; (T,), NaN for the first."""
    predictions = model(as_inputs(values))[0, :, 0].double().numpy() * SCALE
    return np.concatenate([[np.nan], predictions])


def told(*, steps: int, lr: float, hidden_size: int, **_: object) -> Settings:
    """What a reader must know of the trainings."""
    return trained(
        start="torch's own",
        learning_rate=f"Adam, {lr:g}",
        clipping=f"norm at most {CLIP_NORM:g}",
        steps=f"at most {steps}; kept: the best on {CHOOSE_FROM} to {HELD_OUT_FROM - 1}, looked at every {EVAL_EVERY}",
        batch=f"1, the whole series up to {CHOOSE_FROM - 1}",
        size=f"{hidden_size} units",
    )
