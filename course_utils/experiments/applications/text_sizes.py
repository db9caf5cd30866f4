"""Does the order of the cells on characters of English survive other sizes, and more steps?"""

from __future__ import annotations

import math
from time import process_time
from typing import Any

import torch

from course_utils.display import settings as line
from course_utils.display.settings import Settings, each
from course_utils.experiments.applications.text_cells import ALL_STEPS, CHOSEN
from course_utils.experiments.applications.text_training import (
    BATCH,
    CELLS,
    SEQ_LEN,
    WARMUP,
    alphabet,
    stretch,
    token_nats,
    trained,
    width_like,
)
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.told import CLIPPED
from course_utils.metrics import bits_per_character
from course_utils.nn.parameters import parameters_count
from course_utils.runtime import prepare_optimizers

TUNED = 64  # units of the LSTM with which the rates were chosen
SMALL, LARGE = 4, 240  # 3,000 and 300,000 weights, nearly
LONGER = 4 * ALL_STEPS


def rate(network: str, hidden_size: int) -> float:
    """The rate that was chosen with 64 units of the LSTM, times √(64 / H), as for other widths it was not searched.

    Args:
        network: one of `CELLS`.
        hidden_size: of the LSTM with as many weights.
    """
    return CHOSEN[network] * math.sqrt(TUNED / hidden_size)


def measure(seed: int, *, plan: list[list[Any]], learned: int, judged: int) -> list[Row]:
    """Train each network of a plan on the stretch of a seed, and judge it on what follows.

    Args:
        seed: of the stretch and the weights.
        plan: [network, units of the LSTM with as many weights, steps].
        learned: characters to learn from.
        judged: characters of the validation part, which follow, and of the test part, which follow these.

    Returns:
        A row for each of the plan: `network`, `hidden_size` of the LSTM, `steps`, `parameters`, `bits` of the test for
        each character, `cpu_seconds` of the training.
    """
    prepare_optimizers()
    symbols, parts = alphabet(), stretch(seed, learned, judged)
    train, valid, test = (torch.tensor(symbols.encode(part)) for part in (parts.train, parts.valid, parts.test))
    size, rows = len(symbols), []
    for network, hidden_size, steps in plan:
        began, width = process_time(), width_like(network, size, hidden_size)
        model = trained(network, train, size, width, rate(network, hidden_size), steps, seed)
        about = {"network": network, "hidden_size": hidden_size, "steps": steps, "parameters": parameters_count(model)}
        spent = process_time() - began
        bits = bits_per_character(token_nats(model, valid, test).tolist(), parts.test)
        rows.append({**about, "bits": bits, "cpu_seconds": spent})
    return rows


def told(*, plan: list[list[Any]], learned: int, judged: int) -> Settings:
    """What a reader must know of the trainings."""
    rates: dict[str, list[float]] = {}
    for network, hidden_size, _ in plan:
        rates.setdefault(network, []).append(round(rate(network, hidden_size), 4))
    sizes = sorted({hidden_size for _, hidden_size, _ in plan})
    steps = sorted({steps for *_, steps in plan})
    return line.trained(
        start="torch's own",
        learning_rate=f"Adam, {each(rates)}, rising over {WARMUP} steps, then falling to 0 as a cosine",
        clipping=CLIPPED,
        steps=" or ".join(f"{count:,}" for count in steps),
        batch=f"{BATCH} windows of {SEQ_LEN} characters, the state carried from window to window",
        size=f"{' or '.join(map(str, sizes))} units of the LSTM, the others as many parameters, nearly",
        note=f"{learned:,} characters to learn from, from a place of its own for each seed, {judged:,} to judge; "
        f"embeddings of 32; rates chosen with {TUNED} units and {ALL_STEPS:,} steps, times √({TUNED} / units)",
    )


EXPERIMENT = Experiment(
    name="text_sizes",
    version=1,
    measure=measure,
    told=told,
    seeds=(300, 301),  # of "text_cells" as well, which has the size between the two
    settings={
        "plan": [
            *([network, SMALL, ALL_STEPS] for network in CELLS),
            *([network, TUNED, LONGER] for network in CELLS),
            *([network, LARGE, ALL_STEPS] for network in CELLS),
        ],
        "learned": 300_000,
        "judged": 30_000,
    },
    quick={
        "plan": [[network, size, 3] for size in (2, 8) for network in CELLS],
        "learned": 6_000,
        "judged": 500,
    },
    timed=("cpu_seconds",),
)
