"""The control beside C34: where along a sequence does the gradient of an LSTM with a high forget bias grow?"""

from __future__ import annotations

from typing import Any

import torch

from course_utils.display import settings as line
from course_utils.display.settings import Settings
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.starts import Start
from course_utils.experiments.gradients.gradient_flow import along, left_at, state_gradients, step_of, zero_state
from course_utils.experiments.tasks.adding import Adding
from course_utils.nn.sequence_model import SequenceModel


def measure(seed: int, *, biases: list[float], lags: list[int], warm_up: int, hidden_size: int) -> list[Row]:
    """Follow the gradient of untrained LSTMs back, from the usual state of zeros and from a state that has been filled.

    Args:
        seed: of weights and data.
        biases: of the forget gate.
        lags: in steps back; the longest is the length of the sequence.
        warm_up: steps that are read before the sequence begins, for the state that has been filled.
        hidden_size: H.

    Returns:
        A row for each bias, state before the first step ("zeros" or "filled") and lag: `log10_left` as in
        `gradient_flow.left_at`, and `cell`, the mean |c| at that step.
    """
    rows: list[Row] = []
    x = Adding(max(lags) + warm_up).held_out(16, seed).x.double()
    before, x = x[:, :warm_up], x[:, warm_up:]
    for bias in biases:
        start = Start(f"forget bias {bias:g}", forget_bias=bias)
        core = start.network("lstm", 2, hidden_size, 1, seed=seed, kind=SequenceModel).core.double()
        step, state = step_of(core), zero_state(core, len(x))
        with torch.no_grad():
            filled = state
            for x_t in before.unbind(dim=1):
                filled = step(x_t, filled)
        for name, first in (("zeros", state), ("filled", filled)):
            left = left_at(state_gradients(step, x, first, along(core)), lags)
            with torch.no_grad():
                sizes, now = [float(first[1].abs().mean())], first
                for x_t in x.unbind(dim=1):
                    now = step(x_t, now)
                    sizes.append(float(now[1].abs().mean()))
            rows += [{"bias": bias, "state": name, **row, "cell": sizes[max(lags) - row["lag"]]} for row in left]
    return rows


def told(*, warm_up: int, hidden_size: int, **_: Any) -> Settings:
    """What a reader must know of the networks."""
    return line.untrained(
        "nothing is trained: gradients of first weights are followed back",
        size=f"{hidden_size} units",
        note=f"torch's own weights, forget biases as told; a filled state has read {warm_up} steps of adding before",
    )


EXPERIMENT = Experiment(
    name="growth_at_the_beginning",
    version=1,
    measure=measure,
    told=told,
    seeds=tuple(range(10)),
    settings={
        "biases": [0.0, 1.0, 3.0, 5.0],
        "lags": [0, 10, 50, 100, 130, 150, 160, 170, 180, 190, 195, 199],
        "warm_up": 200,
        "hidden_size": 32,
    },
    quick={"biases": [5.0], "lags": [0, 10, 19], "warm_up": 20, "hidden_size": 8},
)
