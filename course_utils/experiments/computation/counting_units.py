"""Is there a unit that holds the count of aⁿbⁿ? It is looked for in trained networks, and in untrained ones as well."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from course_utils.data.formal_languages import Strings, strings
from course_utils.display.settings import Settings
from course_utils.experiments.applications.line_counters import telling_unit
from course_utils.experiments.computation import formal_language_grid as grid
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.nn.extraction import Stepper
from course_utils.nn.tracking_net import RECURRENT, TrackingNet

LANGUAGE = "aⁿbⁿ"
LENGTH = 101  # symbols of the strings that are judged; they count to 25 to 50
TRAINED, UNTRAINED, ONLY_B = "trained", "untrained", "number of b's"
OUTPUT, CELL = "h", "c"


@torch.no_grad()
def states_along(model: TrackingNet, symbols: torch.Tensor) -> dict[str, npt.NDArray[np.float64]]:
    """What a recurrent network holds after each symbol: its outputs, of an LSTM its cells too.

    Args:
        model: recurrent.
        symbols: (N, T).

    Returns:
        "h" and perhaps "c" → (N, T, H).
    """
    stepper = Stepper(model)
    state, found = stepper.beginning.expand(len(symbols), -1), []
    for t in range(symbols.shape[1]):
        state = stepper.step(state, symbols[:, t])
        found.append(state)
    along, H = torch.stack(found, dim=1).numpy(), stepper.hidden_size
    return {OUTPUT: along[..., :H]} | ({CELL: along[..., H:]} if along.shape[2] > H else {})


def counts_of(drawn: Strings) -> npt.NDArray[np.int64]:
    """(N, T) the number of a's less that of b's after each symbol of strings of aⁿbⁿ."""
    return np.where(drawn.symbols.numpy() == 0, 1, -1).cumsum(1)


def correlation(states: npt.NDArray[np.float64], drawn: Strings) -> float:
    """How well the best unit follows the count while b's are read: chosen on half of the strings, judged on the others.

    Args:
        states: (N, T, H).
        drawn: N strings of aⁿbⁿ.

    Returns:
        Pearson's, with the sign that the unit has on the strings that chose it.
    """
    read = drawn.symbols.numpy() == 1
    halves, counts = len(drawn) // 2, counts_of(drawn)
    parts = [(states[part][read[part]], counts[part][read[part]]) for part in (slice(halves), slice(halves, None))]
    rows = min(len(labels) for _, labels in parts)  # as many of each half
    units, labels = (np.concatenate([part[n][:rows] for part in parts]) for n in range(2))
    return telling_unit(units, labels)[1]


def measure(seed: int, *, runs: list[list[Any]], lstm_units: int, steps: int, strings_judged: int) -> list[Row]:
    """Train recurrent networks on aⁿbⁿ, and look for the unit that holds the count farther than they have learned it.

    Args:
        seed: of weights and strings.
        runs: [language, network, choice, learning rate].
        lstm_units: of the LSTM; the others have as many parameters, nearly.
        steps: of the optimiser.
        strings_judged: half of them choose the unit, the others judge it.

    Returns:
        A row for each network, state and kind (trained, untrained): `network`, `state`, `kind`, `correlation`; and one
        of `network` "number of b's", which knows nothing of the a's.
    """
    drawn = strings(LANGUAGE, strings_judged, LENGTH, np.random.default_rng((1, seed, LENGTH)), deep=True)
    only_b = (drawn.symbols.numpy() == 1).cumsum(1)[..., None].astype(np.float64)
    rows: list[Row] = [
        {"network": ONLY_B, "state": ONLY_B, "kind": UNTRAINED, "correlation": correlation(only_b, drawn)}
    ]
    for language, network, choice, lr in runs:
        models = {
            TRAINED: grid.learned(language, network, choice, lr, lstm_units=lstm_units, steps=steps, seed=seed),
            UNTRAINED: grid.build(network, choice, language, lstm_units, seed),
        }
        for kind, model in models.items():
            for state, along in states_along(model, drawn.symbols).items():
                about = {"network": network, "state": state, "kind": kind}
                rows.append({**about, "correlation": correlation(along, drawn)})
    return rows


def told(*, runs: list[list[Any]], lstm_units: int, steps: int, strings_judged: int) -> Settings:
    """What a reader must know of the trainings."""
    return grid.told(runs=runs, lstm_units=lstm_units, steps=steps, lengths=[LENGTH], strings=strings_judged)


EXPERIMENTS = (
    Experiment(
        name="counting_units",
        version=1,
        measure=measure,
        told=told,
        seeds=tuple(range(670, 680)),  # that no other experiment has used
        settings={
            "runs": [run for run in grid.reported(LANGUAGE) if run[1] in RECURRENT],
            "lstm_units": grid.LSTM_UNITS,
            "steps": 1_000,
            "strings_judged": 200,
        },
        quick={"lstm_units": 4, "steps": 3, "strings_judged": 8},
    ),
)
