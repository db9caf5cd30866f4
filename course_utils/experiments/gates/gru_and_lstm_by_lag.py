"""Claim C21: GRU and LSTM with as many parameters, on the same lags, each from torch's own start and from chrono's."""

from __future__ import annotations

from typing import Any

from course_utils.display.settings import Settings, each, trained
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.starts import CHRONO, OWN, Start
from course_utils.experiments.framework.told import CLIPPED, equal_size_text, starts_text, until_text
from course_utils.experiments.long_memory.starting_points import BATCH, CHUNK, SOLVED, train_until_solved
from course_utils.experiments.tasks.adding import Adding
from course_utils.nn.parameters import parameters_count
from course_utils.nn.sequence_model import SequenceModel, hidden_for_parameters

NETWORKS: dict[str, tuple[str, Start]] = {  # cell, and how it begins
    "LSTM": ("lstm", OWN),
    "LSTM, chrono": ("lstm", CHRONO),
    "GRU": ("gru", OWN),
    "GRU, chrono": ("gru", CHRONO),
}
RATES = (1e-2, 3e-2)

# The one of RATES that needed the fewest steps in the experiment "lengths_search", on other seeds: for each network.
CHOSEN = dict.fromkeys(NETWORKS, 3e-2)


def begun(network: str, task: Adding, parameters: int, seed: int) -> SequenceModel:
    """A network for this task of about this size, untrained."""
    cell, start = NETWORKS[network]
    inputs, outputs = task.input_size, task.output_size
    size = hidden_for_parameters(cell, inputs, outputs, parameters)
    return start.network(cell, inputs, size, outputs, seed=seed, lag=task.seq_len, kind=SequenceModel)


def measure(
    seed: int, *, rates: dict[str, list[float]], seq_lens: list[int], parameters: int, most_steps: int
) -> list[Row]:
    """Train each network on the adding problem of each length, until it is solved or the steps are up.

    Args:
        seed: of weights and data.
        rates: for each of NETWORKS the learning rates to try.
        seq_lens: T, lengths of the sequences.
        parameters: that each network has, as nearly as whole units allow.
        most_steps: the budget, in steps of 32 sequences.

    Returns:
        A row for each network, length and rate: `network`, `seq_len`, `lr`, `parameters`, `steps`, `error` (held out)
        and `solved` (1 or 0).
    """
    rows = []
    for network, tried in rates.items():
        for seq_len in seq_lens:
            for lr in tried:
                task = Adding(seq_len)
                model = begun(network, task, parameters, seed)
                outcome = train_until_solved(model, task, lr, most_steps, seed)
                about = {"network": network, "seq_len": seq_len, "lr": lr, "parameters": parameters_count(model)}
                found = {"steps": outcome.steps, "error": outcome.score, "solved": int(outcome.solved)}
                rows.append({**about, **found})
    return rows


_SETTINGS = {"seq_lens": [50, 100, 200], "parameters": 1200, "most_steps": 1500}
_QUICK = {"seq_lens": [6, 10], "parameters": 200, "most_steps": 50}


def told(*, rates: dict[str, list[float]], parameters: int, most_steps: int, **_: Any) -> Settings:
    """What a reader must know of the trainings."""
    cells = {network: NETWORKS[network][0] for network in rates}
    return trained(
        start=starts_text(NETWORKS, "the length of the sequences"),
        learning_rate=f"Adam, {each(rates)}",
        clipping=CLIPPED,
        steps=until_text(f"the held-out error is below {SOLVED:g}", most_steps, CHUNK),
        batch=f"{BATCH}",
        size=equal_size_text(cells, 2, 1, parameters),
    )


EXPERIMENTS = (
    Experiment(
        name="lengths_search",
        version=1,
        measure=measure,
        seeds=(1000, 1001),  # not those that are reported
        settings={"rates": {network: list(RATES) for network in NETWORKS}, **_SETTINGS},
        quick=_QUICK,
        told=told,
    ),
    Experiment(
        name="lengths",
        version=1,
        measure=measure,
        seeds=tuple(range(10)),
        settings={"rates": {network: [lr] for network, lr in CHOSEN.items()}, **_SETTINGS},
        quick=_QUICK,
        told=told,
    ),
)
