"""Claim C11: what a state still holds is asked of the state itself, by probes, and not of a network's own answers."""

from __future__ import annotations

from typing import Any

import torch
from sklearn.base import ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import Tensor

from course_utils.display.settings import Settings
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.long_memory import long_lags
from course_utils.experiments.tasks.flagged_latch import FlaggedLatch
from course_utils.nn.sequence_model import SequenceModel

FLAGGED = 0  # as a lag: the symbol with the flag, 50 to 100 steps back
TRAINING = "long lags at once"
PROBES: dict[str, ClassifierMixin] = {
    "linear": LogisticRegression(max_iter=300),
    "neighbours": KNeighborsClassifier(15),
}


@torch.no_grad()
def last_states(model: SequenceModel, x: Tensor) -> Tensor:
    """(B, T, I) → (B, H): the states after the last step, in double precision."""
    return model.states(x)[:, -1].double()


def asked_for(x: Tensor, y: Tensor, back: int) -> Tensor:
    """The symbols that a probe is asked for: `back` steps before the last one, or the flagged ones.

    Args:
        x: (B, T, S + 1) of the flagged latch.
        y: (B,) its answers.
        back: in steps, or `FLAGGED`.
    """
    return y if back == FLAGGED else x[:, -1 - back, :-1].argmax(-1)


def measure(
    seed: int,
    *,
    rates: dict[str, float],
    steps: int,
    back: list[int],
    fitted: int,
    judged: int,
    parameters: int,
) -> list[Row]:
    """Probe the last states of RNNs before and after training on the flagged latch, whose lags are 50 to 100.

    Args:
        seed: of weights and sequences.
        rates: network of `long_lags.NETWORKS` → learning rate.
        steps: of the training.
        back: how many steps back the symbols were that are asked for; 0: the flagged one.
        fitted: sequences that a probe is fitted on.
        judged: other sequences that it is judged on.
        parameters: about how many numbers each network learns.

    Returns:
        A row for each network, stage ("initial" or "trained"), probe and number of steps: `network`, `stage`, `probe`,
        `back`, and `accuracy` (chance 1/4).
    """
    task = FlaggedLatch(long_lags.SHORTEST, long_lags.LONGEST, long_lags.SYMBOLS)
    learn, test, rows = task.held_out(fitted, seed + 1), task.held_out(judged, seed), []
    for network, lr in rates.items():
        model = long_lags.begun(network, seed, parameters)
        for stage in ("initial", "trained"):
            if stage == "trained":
                long_lags.train(model, TRAINING, lr, steps, seed)
            states = last_states(model, learn.x).numpy(), last_states(model, test.x).numpy()
            for steps_back in back:
                names = asked_for(learn.x, learn.y, steps_back).numpy(), asked_for(test.x, test.y, steps_back).numpy()
                for probe, kind in PROBES.items():
                    found = make_pipeline(StandardScaler(), kind).fit(states[0], names[0]).score(states[1], names[1])
                    about = {"network": network, "stage": stage, "probe": probe, "back": steps_back}
                    rows.append({**about, "accuracy": float(found)})
    return rows


def told(*, rates: dict[str, float], steps: int, parameters: int, fitted: int, judged: int, **_: Any) -> Settings:
    """What a reader must know of the trainings."""
    as_lists = {network: [lr] for network, lr in rates.items()}
    settings = long_lags.told(rates=as_lists, trainings=[TRAINING], parameters=parameters, steps=steps)
    probes = f"probes are fitted on the last states of {fitted:,} sequences, and judged on {judged:,} others"
    return settings.with_parts(note=f"{settings.note}; {probes}")


EXPERIMENT = Experiment(
    name="state_probes",
    version=1,
    measure=measure,
    told=told,
    seeds=tuple(range(430, 440)),
    settings={
        "rates": {network: long_lags.CHOSEN[network] for network in ("RNN", "RNN, identity")},
        "steps": 500,
        "back": [FLAGGED, 1, 4, 16],
        "fitted": 2000,
        "judged": 1000,
        "parameters": long_lags.PARAMETERS,
    },
    quick={"steps": 2, "fitted": 100, "judged": 50, "parameters": 300},
)
