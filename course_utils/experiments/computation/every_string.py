"""Small networks that learned parity: right on random strings of 500 symbols, and on every string?"""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from course_utils.checks import check_name
from course_utils.data.automata import Automaton
from course_utils.data.formal_languages import LANGUAGES, strings
from course_utils.display.settings import Settings, each, trained
from course_utils.errors import CourseError
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.told import CLIP_NORM, CLIPPED, size_text
from course_utils.nn.extraction import extract, shortest_mistake
from course_utils.nn.sequence_model import SequenceModel
from course_utils.runtime import prepare_optimizers
from course_utils.training import Budget, WarmupCosine, fit

CELLS = {"GRU": "gru", "LSTM": "lstm"}
BATCH, WARMUP, LONGEST = 64, 50, 40
LONG = 500  # symbols of the random strings that a network is judged on
GRAIN, LIMIT = 1 / 4, 2.0  # to which states are rounded, and at which they are cut off
MISTAKE = 200  # symbols of the longest strings among which a mistake is looked for


def parity() -> Automaton:
    """The machine of two states that is right."""
    automaton = LANGUAGES["parity"].automaton
    assert automaton is not None
    return automaton


def trained_on_parity(network: str, units: int, steps: int, lr: float, seed: int) -> SequenceModel:
    """A small network, trained on random strings of 2 to 40 symbols with the parity after each.

    Args:
        network: of `CELLS`.
        units: H.
        steps: of the optimiser.
        lr: learning rate.
        seed: of weights and strings.
    """
    check_name("network", network, CELLS)
    prepare_optimizers()
    model = SequenceModel(CELLS[network], 2, units, 2, generator=torch.Generator().manual_seed(seed))
    draw = np.random.default_rng((0, seed))

    def loss(model: nn.Module, drawn: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
        return nn.functional.cross_entropy(model(drawn[0]).flatten(0, 1), drawn[1].flatten())

    lengths = draw.integers(2, LONGEST + 1, steps)
    batches = (strings("parity", BATCH, int(length), draw) for length in lengths)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    fit(
        model,
        ((drawn.inputs, drawn.answers) for drawn in batches),
        loss,
        steps=steps,
        optimizer=optimizer,
        lr_schedule=WarmupCosine(Budget(steps), WARMUP).of(optimizer),
        clip_norm=CLIP_NORM,
        progress=False,
    )
    return model


def judged(model: SequenceModel, seed: int, *, judged_strings: int = 200) -> Row:
    """What random strings, all strings, and the machine extracted from a network say of it.

    Args:
        model: trained on parity.
        seed: of random strings.
        judged_strings: how many random ones.

    Returns:
        `accuracy` over all steps of random strings of 500 symbols; `string`, the shortest one found to which it answers
        wrong, empty where none of up to 200 symbols was found, and `mistake`, its length; with its state rounded
        `states`, how many there are, `smallest`, to how many they can be merged, and `equal`, 1.0 where it is right for
        every string; these three are 0 where there are too many states to visit.
    """
    drawn = strings("parity", judged_strings, LONG, seed)
    with torch.no_grad():
        right = float((model(drawn.inputs).argmax(-1) == drawn.answers).double().mean())
    mistake = shortest_mistake(model, parity(), longest=MISTAKE)
    try:
        found = extract(model, GRAIN, LIMIT, most_states=5_000).automaton
    except CourseError:
        rounded: Row = {"states": 0, "smallest": 0, "equal": 0.0}
    else:
        equal = float(found.counterexample(parity()) is None)
        rounded = {"states": len(found.table), "smallest": len(found.smallest().table), "equal": equal}
    string = "".join(map(str, mistake or ()))
    return {"accuracy": right, "string": string, "mistake": len(string), **rounded}


def measure(seed: int, *, networks: list[str], units: int, steps: int, lr: float, judged_strings: int) -> list[Row]:
    """Train each network on parity and judge it.

    Args:
        seed: of weights and strings.
        networks: of `CELLS`.
        units: of each.
        steps: of the optimiser.
        lr: learning rate.
        judged_strings: random strings.

    Returns:
        A row for each: `network` and what `judged` says.
    """
    rows: list[Row] = []
    for network in networks:
        model = trained_on_parity(network, units, steps, lr, seed)
        rows.append({"network": network, **judged(model, 10**6 + seed, judged_strings=judged_strings)})
    return rows


def told(*, networks: list[str], units: int, steps: int, lr: float, judged_strings: int) -> Settings:
    """What a reader must know of the trainings."""
    return trained(
        start="torch's own",
        learning_rate=f"Adam, {lr:g}, rising over {WARMUP} steps, then falling to 0 as a cosine",
        clipping=CLIPPED,
        steps=f"{steps:,}",
        batch=f"{BATCH} strings of one length, 2 to {LONGEST} symbols",
        size=each({network: size_text(CELLS[network], 2, units, 2) for network in networks}),
        note=f"the parity after each symbol; judged on {judged_strings:,} random strings of {LONG} symbols, on all "
        f"strings of up to {MISTAKE} that lead to other states, and with the state rounded to multiples of {GRAIN:g} "
        f"and cut off at ±{LIMIT:g}",
    )


EXPERIMENTS = (
    Experiment(
        name="every_string",
        version=1,
        measure=measure,
        told=told,
        seeds=tuple(range(660, 670)),  # that no other experiment has used
        settings={"networks": ["GRU", "LSTM"], "units": 4, "steps": 800, "lr": 0.03, "judged_strings": 200},
        quick={"steps": 3, "judged_strings": 5},
    ),
)
