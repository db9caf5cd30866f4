"""Claim C20: a hidden Markov model that is told 10,000 steps, as the chrono biases of an LSTM can be.

The model of `hidden_markov` is told the length of the sequences that it is trained on. Here all is as there, but for
the chance to leave a state that a fit begins with: about once in 100,000 steps.
"""

from __future__ import annotations

from typing import Any

from course_utils.display.settings import Settings
from course_utils.experiments.framework.experiment import Experiment
from course_utils.experiments.long_memory import hidden_markov
from course_utils.experiments.tasks.flagged_latch import FlaggedLatch

_LATCH = FlaggedLatch.name
_SMALL = hidden_markov.EXPERIMENT.quick


def _plan(states: list[int]) -> list[dict[str, Any]]:
    return [{"protocol": "one model", "task": _LATCH, "starts": [hidden_markov.TOLD_LONGEST], "states": states}]


def told(**settings: Any) -> Settings:
    """What a reader must know of the fits."""
    of_all = hidden_markov.told(**settings)
    return of_all.with_parts(
        start=f"random probabilities; told {hidden_markov.LONGEST:,} steps, it leaves a state about once in "
        f"{10 * hidden_markov.LONGEST:,} of them",
        size="4 to 16 hidden states, as each row says",
    )


EXPERIMENT = Experiment(
    name="hidden_markov_told",
    version=1,
    measure=hidden_markov.measure,
    told=told,
    seeds=tuple(range(2000, 2010)),
    settings={
        **hidden_markov.EXPERIMENT.settings,
        "plan": _plan([4, 8, 16]),
        "trained": {_LATCH: 50},
        "tested": {_LATCH: [100, hidden_markov.LONGEST]},
    },
    quick={
        **_SMALL,
        "plan": _plan([4, 8, 16]),
        "trained": {_LATCH: _SMALL["trained"][_LATCH]},
        "tested": {_LATCH: _SMALL["tested"][_LATCH]},
    },
)
