"""Claim C11: what a state still holds, asked by somebody who knows all of the sequence but the flagged symbol.

Probes have to tell a symbol's trace from those of the symbols after it, and may fail where there is one. Who knows
these can run the network with each symbol in turn, and take the one whose last state is nearest to the state that is
shown. A little noise on that state stands for what nobody could read: without, the last bit of a number would do.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from course_utils.display.settings import Settings
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.long_memory import long_lags
from course_utils.experiments.long_memory.state_probes import TRAINING, last_states
from course_utils.experiments.tasks.flagged_latch import FlaggedLatch
from course_utils.nn.sequence_model import SequenceModel


def with_flagged(x: Tensor, symbol: int) -> Tensor:
    """The same sequences with this symbol where the flag is.

    Args:
        x: (B, T, S + 1) of the flagged latch.
        symbol: from 0 to S − 1.

    Returns:
        (B, T, S + 1), a copy.
    """
    other, at = x.clone(), (torch.arange(len(x)), x[..., -1].argmax(1))
    other[at[0], at[1], :-1] = 0.0
    other[at[0], at[1], symbol] = 1.0
    return other


def share_named(model: SequenceModel, x: Tensor, y: Tensor, noise: float, seed: int) -> float:
    """How often the nearest last state is that of the right symbol.

    Args:
        model: a network for the flagged latch.
        x: (B, T, S + 1) sequences.
        y: (B,) their flagged symbols.
        noise: standard deviation of what is added to the states that are shown.
        seed: of the noise.
    """
    possible = torch.stack([last_states(model, with_flagged(x, symbol)) for symbol in range(x.shape[-1] - 1)])
    shown = last_states(model, x)
    shown = shown + noise * torch.randn(shown.shape, generator=torch.Generator().manual_seed(seed)).double()
    named = (possible - shown).norm(dim=-1).argmin(0)
    return float((named == y).double().mean())


def measure(seed: int, *, rates: dict[str, float], steps: int, noise: float, judged: int, parameters: int) -> list[Row]:
    """Ask the last states of RNNs before and after training on the flagged latch, whose lags are 50 to 100.

    Args:
        seed: of weights, sequences and noise.
        rates: network of `long_lags.NETWORKS` → learning rate.
        steps: of the training; 0: only before.
        noise: as in `share_named`.
        judged: sequences.
        parameters: about how many numbers each network learns.

    Returns:
        A row for each network and stage ("initial" or "trained"): `network`, `stage`, `accuracy` (chance 1/4).
    """
    task = FlaggedLatch(long_lags.SHORTEST, long_lags.LONGEST, long_lags.SYMBOLS)
    test, rows = task.held_out(judged, seed), []
    for network, lr in rates.items():
        model = long_lags.begun(network, seed, parameters)
        for stage in ("initial", "trained") if steps else ("initial",):
            if stage == "trained":
                long_lags.train(model, TRAINING, lr, steps, seed)
            found = share_named(model, test.x, test.y, noise, seed)
            rows.append({"network": network, "stage": stage, "accuracy": found})
    return rows


def told(*, rates: dict[str, float], steps: int, noise: float, parameters: int, **_: Any) -> Settings:
    """What a reader must know of the networks."""
    as_lists = {network: [lr] for network, lr in rates.items()}
    settings = long_lags.told(rates=as_lists, trainings=[TRAINING], parameters=parameters, steps=steps)
    asked = f"all but the flagged symbol is known; noise of {noise:g} is added to the states that are shown"
    return settings.with_parts(note=f"{settings.note}; {asked}")


_SETTINGS = {
    "rates": {network: long_lags.CHOSEN[network] for network in ("RNN", "RNN, identity")},
    "noise": 0.001,
    "judged": 1000,
    "parameters": long_lags.PARAMETERS,
}
_QUICK = {"judged": 50, "parameters": 300}

EXPERIMENTS = (
    Experiment(
        name="state_told_the_rest",
        version=1,
        measure=measure,
        told=told,
        seeds=tuple(range(500, 510)),
        settings={**_SETTINGS, "steps": 0},
        quick=_QUICK,
    ),
    Experiment(
        name="state_told_the_rest_trained",
        version=1,
        measure=measure,
        told=told,
        seeds=tuple(range(510, 520)),  # that no other experiment has used
        settings={**_SETTINGS, "steps": 500},
        quick={**_QUICK, "steps": 2},
    ),
)
