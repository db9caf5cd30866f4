"""Claims C07 and C34: RNN and LSTM from the same first weights, and from some that keep a gradient or let it grow."""

from __future__ import annotations

from typing import Any

from course_utils.display.settings import Settings
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.starts import Start
from course_utils.experiments.gradients import forget_bias

_OWN, _ORTHOGONAL = Start("torch's own", "default"), Start("orthogonal", "orthogonal")
_GROWING = Start("orthogonal × 1.5", "orthogonal", scale=1.5)
NETWORKS: dict[str, tuple[str, Start]] = {  # cell, and how it begins
    "RNN": ("rnn", _OWN),
    "RNN, orthogonal": ("rnn", _ORTHOGONAL),
    "RNN, orthogonal × 1.5": ("rnn", _GROWING),
    "ReLU RNN, identity": ("relu_rnn", Start("identity", "identity")),
    "LSTM": ("lstm", _OWN),
    "LSTM, orthogonal": ("lstm", _ORTHOGONAL),
    "LSTM, orthogonal × 1.5": ("lstm", _GROWING),
    **{f"LSTM, forget bias {bias}": ("lstm", Start(f"forget bias {bias}", forget_bias=bias)) for bias in (1, 3, 5)},
}


def measure(seed: int, **settings: Any) -> list[Row]:
    """Follow the gradients of `NETWORKS`, before and after training on the adding problem.

    Args:
        seed: of weights and data.
        settings: as in `forget_bias.followed`.

    Returns:
        The rows of `forget_bias.followed`; and for each network and stage one with the stage and " growth":
        `log10_grown`, how many powers of ten the gradient at any of the lags is above the one in the last state, or 0.
    """
    rows = forget_bias.followed(NETWORKS, seed, **settings)
    for stage in ("initial", "trained"):
        for network in NETWORKS:
            left = [row["log10_left"] for row in rows if (row["network"], row["stage"]) == (network, stage)]
            rows.append({"network": network, "stage": f"{stage} growth", "log10_grown": max(0.0, *left)})
    return rows


def measure_own(seed: int, **settings: Any) -> list[Row]:
    """As `forget_bias.followed`, of the RNN and the LSTM with torch's own weights.

    Args:
        seed: of weights and data.
        settings: as in `forget_bias.followed`.
    """
    return forget_bias.followed(_pair(), seed, **settings)


def told_own(**settings: Any) -> Settings:
    """What a reader must know of the trainings of `measure_own`."""
    return forget_bias.told_of(_pair(), **settings)


def _pair() -> dict[str, tuple[str, Start]]:
    return {network: NETWORKS[network] for network in ("RNN", "LSTM")}


def told(**settings: Any) -> Settings:
    """What a reader must know of the trainings."""
    return forget_bias.told_of(NETWORKS, **settings)


_SETTINGS = {"lags": [10, 20, 50, 100, 150, 199], "hidden_size": 32, "train_len": 50, "steps": 500, "lr": 3e-3}
_QUICK = {"lags": [10, 100, 199], "hidden_size": 8, "train_len": 10, "steps": 10}

EXPERIMENTS = (
    Experiment(
        name="gradients_by_start",
        version=1,
        measure=measure,
        told=told,
        seeds=tuple(range(400, 410)),  # seen by nobody before the rules that read them
        settings=_SETTINGS,
        quick=_QUICK,
    ),
    Experiment(
        name="gradients_of_wide",
        version=1,
        measure=measure_own,
        told=told_own,
        seeds=tuple(range(410, 420)),
        settings={**_SETTINGS, "lags": [10, 100], "hidden_size": 128, "steps": 100},
        quick={**_QUICK, "lags": [10, 100]},
    ),
)
