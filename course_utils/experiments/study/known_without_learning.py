"""How many networks know a task without learning it? The share of random weights that solve it, cell by cell.

A task that one random network in a hundred solves says little about learning: guessing would do (Hochreiter &
Schmidhuber 1996, "Guessing can outperform many long time lag algorithms"). Networks of equal size are drawn from two
priors. Either the whole network is drawn, or the read-out alone is fitted, by least squares.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from course_utils.data.formal_languages import LANGUAGES, strings
from course_utils.display.settings import Settings, each, untrained
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.told import size_text
from course_utils.experiments.tasks.adding import Adding
from course_utils.experiments.tasks.copy import Copy
from course_utils.experiments.tasks.flagged_latch import FlaggedLatch
from course_utils.experiments.tasks.reber import Reber
from course_utils.experiments.tasks.recall import Recall
from course_utils.experiments.tasks.separate_latch import SeparateLatch
from course_utils.experiments.tasks.task import Task, generator_for
from course_utils.experiments.tasks.temporal_order import TemporalOrder
from course_utils.experiments.tasks.two_sequences import TwoSequences
from course_utils.nn.many_networks import PRIORS, ManyNetworks, many_networks
from course_utils.nn.sequence_model import hidden_for_parameters, parameter_count
from course_utils.stats import exact_interval

if TYPE_CHECKING:
    import pandas as pd

CELLS = {"tanh RNN": "rnn", "ReLU RNN": "relu_rnn", "GRU": "gru", "LSTM": "lstm"}
UNITS = (1, 4)  # of the LSTM; the others have as many parameters, nearly
RIGHT, ERROR = 0.99, 0.01  # a share of right answers, or a mean squared error, that counts as solved
FIRST_LOOK = 8  # sequences; networks that are far off on these are not looked at further
FIRST_RIGHT, FIRST_ERROR = 0.8, 0.05
AT_ONCE = 250  # networks
READOUTS = ("drawn", "fitted")
KEYS = ["task", "lstm_units", "network", "prior", "readout"]
RIDGE = 1e-6


@dataclass(frozen=True)
class Questions:
    """Sequences with their answers.

    Attributes:
        x: (S, T, I).
        y: (S, T) classes, or (S, T, O) numbers or sets.
        counted: (S, T) bool, the steps that count.
    """

    x: Tensor
    y: Tensor
    counted: Tensor


@dataclass(frozen=True)
class Asked:
    """A task.

    Attributes:
        inputs, outputs: I and O.
        kind: of its answers: "class", "set" or "number".
        draw: (count, seed) → questions.
        chance: what always the same answer scores, in words.
    """

    inputs: int
    outputs: int
    kind: str
    draw: Callable[[int, int], Questions]
    chance: str


def _of_task(task: Task, count: int, seed: int) -> Questions:
    batch = task.sample(count, generator_for(seed, 1))
    if isinstance(task, Copy):  # the blanks are no question
        batch = batch._replace(mask=batch.y < task.symbols)
    if batch.mask is not None:
        return Questions(batch.x, batch.y, batch.mask)
    counted = torch.zeros(batch.x.shape[:2], dtype=torch.bool)
    counted[:, -1] = True
    y = batch.y[:, None].expand(-1, batch.x.shape[1])
    return Questions(batch.x, y[..., None] if isinstance(task, Adding) else y, counted)


def _of_language(language: str, count: int, seed: int) -> Questions:
    found = strings(language, count, LENGTH, np.random.default_rng((1, seed, LENGTH)))
    return Questions(found.inputs, found.answers, found.decisive)


LENGTH = 40  # symbols of strings
_TASKS: dict[str, Task] = {
    "two sequences, 100 steps": TwoSequences(100),
    "latch with its own alphabet, lag 40 to 49": SeparateLatch(40, 49),
    "flagged latch, lag 40 to 49": FlaggedLatch(40, 49),
    "adding, 40 steps": Adding(40),
    "temporal order, 40 steps": TemporalOrder(40),
    "copy, 10 symbols over 10 steps": Copy(10),
    "recall, 4 steps back": Recall(20, 4),
    "continual Reber, 40 symbols": Reber(40),
}
_KINDS = {Adding: "number", Reber: "set"}
_LANGUAGES = ("parity", "permutations of three", "aⁿbⁿ", "Dyck-1")
ASKED: dict[str, Asked] = {
    **{
        name: Asked(
            task.input_size, task.output_size, _KINDS.get(type(task), "class"), partial(_of_task, task), task.name
        )
        for name, task in _TASKS.items()
    },
    **{
        f"{name}, {LENGTH} symbols": Asked(
            len(LANGUAGES[name].symbols), len(LANGUAGES[name].answers), "class", partial(_of_language, name), name
        )
        for name in _LANGUAGES
    },
}


def width_of(cell: str, asked: Asked, lstm_units: int) -> int:
    """The units with which a cell has as many parameters, nearly, as an LSTM.

    Args:
        cell: of `CELLS`.
        asked: the task.
        lstm_units: of the LSTM.
    """
    wanted = parameter_count("lstm", asked.inputs, lstm_units, asked.outputs)
    return hidden_for_parameters(CELLS[cell], asked.inputs, asked.outputs, wanted)


def scores(asked: Asked, outputs: Tensor, questions: Questions) -> Tensor:
    """What each network scores: its share of right answers, or its mean squared error.

    Args:
        asked: the task.
        outputs: (N, S, T, O).
        questions: S of them.

    Returns:
        (N,).
    """
    found, y = outputs[:, questions.counted], questions.y[questions.counted]  # (N, K, O) and (K,) or (K, O)
    if asked.kind == "number":
        return ((found - y) ** 2).mean((1, 2)).nan_to_num(float("inf"))
    if asked.kind == "set":
        return ((found > 0) == (y > 0)).all(-1).double().mean(1)
    return (found.argmax(-1) == y).double().mean(1)


def good(asked: Asked, found: Tensor, right: float = RIGHT, error: float = ERROR) -> Tensor:
    """(N,) scores → (N,) bool: are they good enough?"""
    return found <= error if asked.kind == "number" else found >= right


def solved_as_drawn(asked: Asked, networks: ManyNetworks, judged: int, seed: int) -> int:
    """How many of the networks solve a task as they are.

    Args:
        asked: the task.
        networks: drawn at random.
        judged: on how many sequences, those that are not far off on the first few.
        seed: of the sequences.
    """
    first, whole = asked.draw(FIRST_LOOK, 2 * seed), asked.draw(judged, 2 * seed + 1)
    count = 0
    for start in range(0, len(networks), AT_ONCE):
        some = networks.chosen(torch.arange(start, min(start + AT_ONCE, len(networks))))
        found = scores(asked, some.outputs(some.states(first.x)), first)
        left = some.chosen(good(asked, found, FIRST_RIGHT, FIRST_ERROR))
        for n in range(0, len(left), 10):
            few = left.chosen(torch.arange(n, min(n + 10, len(left))))
            count += int(good(asked, scores(asked, few.outputs(few.states(whole.x)), whole)).sum())
    return count


def solved_when_fitted(asked: Asked, networks: ManyNetworks, judged: int, seed: int) -> int:
    """How many of the networks solve a task once their read-out is fitted by least squares, on other sequences.

    Args:
        asked: the task.
        networks: drawn at random; their own read-outs are not used.
        judged: on how many sequences, and fitted on as many.
        seed: of the sequences.
    """
    learned, whole = asked.draw(judged, 2 * seed), asked.draw(judged, 2 * seed + 1)
    targets = learned.y[learned.counted]
    if asked.kind == "class":
        targets = torch.nn.functional.one_hot(targets, asked.outputs)
    goals = targets.double() if asked.kind == "number" else 2.0 * targets.double() - 1  # (K, O)
    count = 0
    for start in range(0, len(networks), 10):
        few = networks.chosen(torch.arange(start, min(start + 10, len(networks))))
        seen = _with_one(few.states(learned.x)[:, learned.counted])  # (N, K, H + 1)
        square = seen.mT @ seen
        scale = RIDGE * square.diagonal(dim1=1, dim2=2).mean(-1)[:, None, None]
        weights = torch.linalg.solve(square + scale * torch.eye(square.shape[-1]), seen.mT @ goals)
        outputs = _with_one(few.states(whole.x)) @ weights[:, None]
        count += int(good(asked, scores(asked, outputs, whole)).sum())
    return count


def _with_one(states: Tensor) -> Tensor:
    """(…, H) → (…, H + 1) in float64; numbers beyond all bounds are cut off."""
    found = states.double().nan_to_num(0.0, 1e6, -1e6).clamp(-1e6, 1e6)
    return torch.cat([found, torch.ones_like(found[..., :1])], dim=-1)


def measure(
    seed: int, *, tasks: list[str], lstm_units: list[int], networks: dict[str, int], judged: dict[str, int]
) -> list[Row]:
    """Draw networks of each cell from each prior, and count those that solve a task.

    Args:
        seed: of weights and sequences.
        tasks: of `ASKED`.
        lstm_units: of the LSTM, in each size; the other cells are as large.
        networks: how many, where the whole network is "drawn", and where the read-out is "fitted".
        judged: sequences, likewise.

    Returns:
        A row for each task, size, cell, prior and read-out: `task`, `lstm_units`, `network`, `prior`, `readout`,
        `units`, `parameters`, `networks`, and how many are `solved`.
    """
    rows: list[Row] = []
    for task, size, network, prior, readout in product(tasks, lstm_units, CELLS, PRIORS, READOUTS):
        asked, cell = ASKED[task], CELLS[network]
        units = width_of(network, asked, size)
        generator = torch.Generator().manual_seed(seed)
        drawn = many_networks(cell, networks[readout], asked.inputs, units, asked.outputs, prior, generator)
        count = solved_as_drawn if readout == "drawn" else solved_when_fitted
        with torch.no_grad():
            solved = count(asked, drawn, judged[readout], seed)
        about = {"task": task, "lstm_units": size, "network": network, "prior": prior, "readout": readout}
        about |= {"units": units, "parameters": parameter_count(cell, asked.inputs, units, asked.outputs)}
        rows.append({**about, "networks": networks[readout], "solved": solved})
    return rows


def shares(rows: pd.DataFrame) -> list[Row]:
    """The share of networks that solve each task, over all seeds, with its exact interval.

    Args:
        rows: of the experiment.

    Returns:
        A row for each task, size, cell, prior and read-out: these, `networks`, `solved`, `share`, `low` and `high`
        (Clopper & Pearson, 95 %).
    """
    found: list[Row] = []
    for about, some in rows.groupby(KEYS, sort=False):
        solved, networks = int(some["solved"].sum()), int(some["networks"].sum())
        low, high = exact_interval(solved, networks)
        names: Any = dict(zip(KEYS, about, strict=True))
        found.append(
            {**names, "networks": networks, "solved": solved, "share": solved / networks, "low": low, "high": high}
        )
    return found


# ---------------------------------------------------------------------------------------------------------------------
# The experiment


def told(*, tasks: list[str], lstm_units: list[int], networks: dict[str, int], judged: dict[str, int]) -> Settings:
    """What a reader must know: nothing is trained."""
    asked = ASKED[tasks[0]]
    sizes = {}
    for size, (network, cell) in product(lstm_units, CELLS.items()):
        units = width_of(network, asked, size)
        sizes[f"{network} beside an LSTM of {size}"] = size_text(cell, asked.inputs, units, asked.outputs)
    priors = "; ".join(f"“{prior}”: {words}" for prior, words in PRIORS.items())
    return untrained(
        "nothing is trained but, where it is fitted, the read-out, by least squares",
        size=f"as many parameters, nearly, as an LSTM; in {tasks[0]}: {each(sizes)}",
        note=f"each seed draws {networks['drawn']:,} networks whole, and {networks['fitted']:,} whose read-out is "
        f"fitted, for each task, size, cell and prior ({priors}); solved: {RIGHT:.0%} right of "
        f"{judged['drawn']:,} sequences ({judged['fitted']:,} with a fitted read-out), in adding a mean squared error "
        f"of at most {ERROR:g}; whole networks with less than {FIRST_RIGHT:.0%} right of {FIRST_LOOK} sequences are "
        "not looked at further",
    )


EXPERIMENT = Experiment(
    name="known_without_learning",
    version=1,
    measure=measure,
    told=told,
    seeds=tuple(range(900, 910)),
    settings={
        "tasks": list(ASKED),
        "lstm_units": list(UNITS),
        "networks": {"drawn": 2000, "fitted": 40},
        "judged": {"drawn": 300, "fitted": 200},
    },
    quick={"networks": {"drawn": 10, "fitted": 2}, "judged": {"drawn": 10, "fitted": 20}},
)
