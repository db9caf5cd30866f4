"""Claim C28, time series: recurrent networks beside older methods, from twenty origins of each of three series.

A seed stands for an origin: the network learns from what came before it, and is judged by what came after it. So an
interval over seeds is one over origins, and not over the points of one forecast.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import process_time
from typing import Any, NamedTuple

import numpy as np

from course_utils.checks import check_name
from course_utils.data.co2 import monthly_co2
from course_utils.data.sunspots import yearly_sunspots
from course_utils.data.temperature import hourly_temperature
from course_utils.display.settings import Settings, each, trained
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.told import ranges, size_text
from course_utils.metrics import mase
from course_utils.models.forecast_state import FEATURES
from course_utils.models.forecaster import BATCH, WEIGHT_DECAY, Forecaster
from course_utils.models.opponents import OPPONENTS
from course_utils.nn.sequence_model import hidden_for_parameters, parameter_count
from course_utils.training import DivergedError


class Series(NamedTuple):
    """A series and the way it is judged.

    Attributes:
        read: the function that gives it.
        season: steps of a season.
        horizon: steps of each forecast.
        apart: steps from an origin to the next; no two forecasts overlap.
        learned: values before an origin that are learned from, at most.
        told: horizons that have rows of their own.
    """

    read: Callable[[], Any]
    season: int
    horizon: int
    apart: int
    learned: int
    told: tuple[int, ...]


SERIES = {
    "CO₂": Series(monthly_co2, 12, 12, 12, 400, (1, 3, 6, 12)),
    "sunspots": Series(yearly_sunspots, 11, 10, 10, 300, (1, 2, 5, 10)),
    "temperature": Series(hourly_temperature, 24, 24, 340, 1_500, (1, 6, 12, 24)),  # 14 days and 4 hours apart
}
NETWORKS = {"tanh RNN": "rnn", "ReLU RNN": "relu_rnn", "GRU": "gru", "LSTM": "lstm"}
HYBRID = "LSTM on the best simple forecast"
BESIDE = ("naive", "seasonal naive", "drift", "AR", "SARIMA", "ETS", "boosting")
ORIGINS = 20  # that are reported, the last of them a horizon before the end
EARLIER = 4  # origins before those, for choosing
ALL = 0  # horizon: the mean over all steps


def split(name: str, seed: int, *, choosing: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """What is known at an origin, and what came after it.

    Args:
        name: one of `SERIES`.
        seed: its origin is number `seed % ORIGINS`, in the order of time; with `choosing`, number `seed % EARLIER` of
            those before.
        choosing: take an origin before all that are reported.

    Returns:
        (≤ learned,) and (horizon,) values.

    Raises:
        CourseError: an unknown series.
    """
    check_name("series", name, SERIES)
    series = SERIES[name]
    values = np.asarray(series.read(), dtype=float)
    number = seed % EARLIER - EARLIER if choosing else seed % ORIGINS
    at = len(values) - series.horizon - (ORIGINS - 1 - number) * series.apart
    return values[max(at - series.learned, 0) : at], values[at : at + series.horizon]


def width_of(name: str, network: str, parameters: int) -> int:
    """Units of a network of about so many parameters, for one of the series."""
    return hidden_for_parameters(NETWORKS.get(network, "lstm"), FEATURES, SERIES[name].horizon, parameters)


def forecaster(name: str, network: str, parameters: int, seed: int) -> Forecaster:
    """A forecaster of about so many parameters, for one of the series."""
    series, width = SERIES[name], width_of(name, network, parameters)
    return Forecaster(NETWORKS.get(network, "lstm"), width, series.horizon, series.season, (0.5,), seed)


def measure(
    seed: int,
    *,
    rates: dict[str, dict[str, list[float]]],
    parameters: int,
    steps: int,
    beside: Sequence[str],
    choosing: bool = False,
) -> list[Row]:
    """Forecast each series from an origin.

    Args:
        seed: of the origin, the weights and the order.
        rates: series → network → learning rates to try.
        parameters: of each network, nearly.
        steps: of the optimiser, at most.
        beside: names of the older methods.
        choosing: from an origin before all that are reported.

    Returns:
        Rows for each series and method, one for each horizon that is told and one with horizon 0 for the mean over all:
        `series`, `method`, `lr` (0 without a network), `parameters`, `share` (of the network's correction that counts),
        `horizon`, `mase` (mean absolute error, in units of that of the seasonal naive forecast one season ahead on what
        was known), `cpu_seconds`.

    Raises:
        CourseError: an unknown series or method.
    """
    rows: list[Row] = []
    for name, networks in rates.items():
        known, came = split(name, seed, choosing=choosing)
        for network, tried in networks.items():
            check_name("network", network, [*NETWORKS, HYBRID])
            for lr in tried:
                rows += _learned(name, network, lr, forecaster(name, network, parameters, seed), steps, known, came)
        for method in beside:
            check_name("method", method, OPPONENTS)
            began = process_time()
            said = OPPONENTS[method](known, SERIES[name].horizon, SERIES[name].season).values[:, 0]
            about = {"series": name, "method": method, "lr": 0.0, "parameters": 0, "share": 0.0}
            rows += _rows(about, process_time() - began, said, known, came)
    return rows


def _learned(
    name: str, network: str, lr: float, model: Forecaster, steps: int, known: np.ndarray, came: np.ndarray
) -> list[Row]:
    """The rows of a network that is trained at a rate; all but the hybrid correct the (seasonal) naive forecast.

    Where the training diverges, that forecast stays as it is.
    """
    series = SERIES[name]
    about: Row = {
        "series": name,
        "method": network,
        "lr": lr,
        "parameters": parameter_count(model.cell, FEATURES, model.hidden_size, series.horizon),
    }
    began = process_time()
    try:
        model.fit(known, steps=steps, lr=lr, base=None if network == HYBRID else "naive", progress=False)
        said, share = model.forecast()[0.5].to_numpy(), float(model.chosen["network"])
    except DivergedError:
        said, share = OPPONENTS["seasonal naive"](known, series.horizon, series.season).values[:, 0], 0.0
    return _rows({**about, "share": share}, process_time() - began, said, known, came)


def _rows(about: Row, spent: float, said: np.ndarray, known: np.ndarray, came: np.ndarray) -> list[Row]:
    series = SERIES[about["series"]]
    parts = {ALL: slice(None)} | {horizon: slice(horizon - 1, horizon) for horizon in series.told}
    return [
        {
            **about,
            "horizon": horizon,
            "mase": mase(said[part], came[part], known, series.season),
            "cpu_seconds": spent,
        }
        for horizon, part in parts.items()
    ]


# ---------------------------------------------------------------------------------------------------------------------
# The experiment

RATES = (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1)
WIDER = 0.3  # tried too, as the best of RATES was the largest of two networks

# The one of them all with the smallest mean error over the earlier origins, in the two searches; of equal ones the
# smallest (where no correction counts, all are equal).
CHOSEN: dict[str, dict[str, float]] = {
    "CO₂": {"tanh RNN": 0.1, "ReLU RNN": 0.1, "GRU": 0.3, "LSTM": 0.03, HYBRID: 0.0003},
    "sunspots": {"tanh RNN": 0.003, "ReLU RNN": 0.1, "GRU": 0.01, "LSTM": 0.0003, HYBRID: 0.0003},
    "temperature": {"tanh RNN": 0.01, "ReLU RNN": 0.01, "GRU": 0.001, "LSTM": 0.03, HYBRID: 0.01},
}

_SETTINGS = {"parameters": 2_000, "steps": 200}
_QUICK = {"parameters": 300, "steps": 10}


def told(*, rates: dict[str, dict[str, list[float]]], parameters: int, steps: int, **_: Any) -> Settings:
    """What a reader must know of the trainings."""
    used = [(f"{network}, {name}", lr) for name, tried in rates.items() for network, lrs in tried.items() for lr in lrs]
    sizes = {
        f"{network}, {name}": size_text(
            NETWORKS.get(network, "lstm"), FEATURES, width_of(name, network, parameters), SERIES[name].horizon
        )
        for name, tried in rates.items()
        for network in tried
    }
    return trained(
        start="torch's own, the read-out 0: no correction yet",
        learning_rate=f"AdamW (weight decay {WEIGHT_DECAY:g}), {ranges(used)}, rising over 10 steps, then falling to 0 "
        "as a cosine",
        clipping="gradient norm at most 1",
        steps=f"{steps:,} at most, the last fifth of what is known held out to stop early and to weigh the correction",
        batch=f"{BATCH}",
        size=each(sizes),
        note="each network corrects the seasonal naive forecast, one of them the best simple one; a seed is an origin",
    )


EXPERIMENTS = (
    Experiment(
        name="forecast_contest_search",
        version=1,
        measure=measure,
        told=told,
        seeds=tuple(range(1000, 1000 + EARLIER)),
        settings={
            "rates": {name: {network: list(RATES) for network in (*NETWORKS, HYBRID)} for name in SERIES},
            "beside": [],
            "choosing": True,
            **_SETTINGS,
        },
        quick={**_QUICK, "rates": {"CO₂": {"LSTM": [0.01]}}},
        timed=("cpu_seconds",),
    ),
    Experiment(
        name="forecast_contest_wider_search",
        version=1,
        measure=measure,
        told=told,
        seeds=tuple(range(1000, 1000 + EARLIER)),
        settings={
            "rates": {name: {network: [WIDER] for network in (*NETWORKS, HYBRID)} for name in SERIES},
            "beside": [],
            "choosing": True,
            **_SETTINGS,
        },
        quick={**_QUICK, "rates": {"CO₂": {"LSTM": [0.3]}}},
        timed=("cpu_seconds",),
    ),
    Experiment(
        name="forecast_contest",
        version=1,
        measure=measure,
        told=told,
        seeds=tuple(range(ORIGINS)),
        settings={
            "rates": {name: {network: [lr] for network, lr in best.items()} for name, best in CHOSEN.items()},
            "beside": list(BESIDE),
            **_SETTINGS,
        },
        quick={**_QUICK, "beside": ["seasonal naive", "AR", "ETS", "boosting"]},
        timed=("cpu_seconds",),
    ),
)
