"""Claim C33: does an LSTM have to be trained? One whose weights stay as they were drawn, with a fitted read-out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any

import torch
from torch import Tensor, nn

from course_utils.checks import check_name
from course_utils.display import settings as line
from course_utils.display.numbers import short
from course_utils.display.settings import Settings, each
from course_utils.errors import unknown
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.told import CLIPPED
from course_utils.experiments.gates.gates_removed import Problem, adding, digits, trained
from course_utils.experiments.tasks.adding import Adding
from course_utils.experiments.tasks.flagged_latch import FlaggedLatch
from course_utils.experiments.tasks.task import one_hot
from course_utils.nn.ablations import free_parameters
from course_utils.nn.echo_state import EchoState, Reservoir, Untrained
from course_utils.nn.initialisation import chrono_
from course_utils.nn.sequence_model import SequenceModel

TRAINED = "LSTM, trained"
RESERVOIRS = ("LSTM, untrained", "LSTM, untrained, chrono", "echo state")


@dataclass(frozen=True)
class Trial:
    """A task on which the networks meet.

    Attributes:
        problem: batches of 32 to train on, and the judge, whose `score` counts.
        chance: the score of guessing.
        higher_is_better: is a higher score better?
        targets: y (B,) → what a read-out is fitted to, (B, O).
    """

    problem: Problem
    chance: float
    higher_is_better: bool
    targets: Callable[[Tensor], Tensor]


def latch(shortest_lag: int, longest_lag: int) -> Problem:
    """The flagged latch; its `score` is the accuracy on 1,000 held-out sequences (chance 1/4)."""
    task = FlaggedLatch(shortest_lag, longest_lag)

    def judge(model: nn.Module, seed: int) -> Row:
        batch = task.held_out(1000, seed)
        with torch.no_grad():
            return {"score": task.score(model(batch.x), batch)}

    return Problem(
        task.input_size, task.output_size, longest_lag, lambda seed: task.batches(32, seed), task.objective, judge
    )


def trial(task: str, digits_part: str = "test") -> Trial:
    """One of the five tasks of the experiment, and what guessing scores there.

    "digits": 8×8, row by row; accuracy, chance 1/10 for ten classes about equally frequent. "latch 5–10" and
    "latch 20–30": the flagged latch with these lags; accuracy, chance 1/4. "adding 20" and "adding 50": the adding
    problem of this length; mean squared error, chance 1/6.

    Args:
        task: one of these.
        digits_part: the part of the digits that is judged, "validation" or "test".

    Raises:
        CourseError: another task or part.
    """
    if task == "digits":
        return Trial(digits(digits_part), 1 / 10, True, lambda y: one_hot(y, 10))
    lags, lengths = {"latch 5–10": (5, 10), "latch 20–30": (20, 30)}, {"adding 20": 20, "adding 50": 50}
    if task in lags:
        return Trial(latch(*lags[task]), 1 / 4, True, lambda y: one_hot(y, 4))
    if task in lengths:
        return Trial(adding(lengths[task]), Adding(lengths[task]).chance, False, lambda y: y[:, None])
    raise unknown("task", task, ("digits", *lags, *lengths))


def drawn(problem: Problem, hidden_size: int, seed: int, *, chrono: bool) -> SequenceModel:
    """An LSTM as it was drawn: with torch's own weights and, if asked for, chrono biases for the longest lag.

    With them it is the very one that "LSTM, trained" begins with.
    """
    generator = torch.Generator().manual_seed(seed)
    model = SequenceModel("lstm", problem.input_size, hidden_size, problem.output_size, generator=generator)
    core: Any = model.core
    if chrono:
        chrono_(core, problem.longest_lag, generator)
    return model


def reservoir(network: str, problem: Problem, hidden_size: int, seed: int, **setting: float) -> Reservoir:
    """A network that stays as it was drawn, without a read-out as yet.

    Args:
        network: one of RESERVOIRS.
        problem: the task.
        hidden_size: H.
        seed: of the weights.
        setting: of an echo state network: radius, input_scale, leak.

    Raises:
        CourseError: another network.
    """
    check_name("untrained network", network, RESERVOIRS)
    if network == "echo state":
        generator = torch.Generator().manual_seed(seed)
        return EchoState(problem.input_size, hidden_size, generator=generator, **setting)
    core: Any = drawn(problem, hidden_size, seed, chrono=network.endswith("chrono")).core
    return Untrained(core)


def fitted(
    network: str, of: Trial, *, hidden_size: int, batches: int, seed: int, penalty: float, **setting: float
) -> Reservoir:
    """A reservoir with its read-out fitted to the first training batches.

    Args:
        network: one of RESERVOIRS.
        of: the task.
        hidden_size: H.
        batches: of 32 sequences; all 1,000 digits are in the first 32 batches.
        seed: of weights and data.
        penalty: of the read-out.
        setting: as in `reservoir`.

    Raises:
        CourseError: another network.
    """
    model = reservoir(network, of.problem, hidden_size, seed, **setting)
    some = list(islice(of.problem.batches(seed), batches))
    x, y = torch.cat([batch.x for batch in some]), torch.cat([batch.y for batch in some])
    model.fit_readout(x, of.targets(y), penalty)
    return model


# ---------------------------------------------------------------------------------------------------------------------
# The experiment

ECHO = {"penalty": 1e-6, "radius": 0.9, "input_scale": 0.3}  # the same in all tries of the echo state network

# What is searched for each network, with as many tries: the rate of the optimiser, the penalty of the read-out, and how
# slow the units of the echo state network are.
PENALTIES = (1e-8, 1e-6, 1e-4, 1e-2)
TRIES: dict[str, tuple[str, tuple[float, ...]]] = {
    TRAINED: ("lr", (1e-3, 3e-3, 1e-2, 3e-2)),
    "LSTM, untrained": ("penalty", PENALTIES),
    "LSTM, untrained, chrono": ("penalty", PENALTIES),
    "echo state": ("leak", (1.0, 0.3, 0.1, 0.03)),
}
TASKS = ("digits", "latch 5–10", "latch 20–30", "adding 20", "adding 50")

# The one of TRIES with the best mean score in the experiment "untrained_search", on other seeds and, for the digits, on
# the validation part (of equally good ones the first): for each task and network.
CHOSEN: dict[str, dict[str, float]] = {
    "digits": {"LSTM, trained": 0.03, "LSTM, untrained": 1e-08, "LSTM, untrained, chrono": 1e-06, "echo state": 0.3},
    "latch 5–10": {
        "LSTM, trained": 0.01,
        "LSTM, untrained": 1e-08,
        "LSTM, untrained, chrono": 1e-08,
        "echo state": 0.1,
    },
    "latch 20–30": {
        "LSTM, trained": 0.003,
        "LSTM, untrained": 1e-06,
        "LSTM, untrained, chrono": 1e-08,
        "echo state": 0.03,
    },
    "adding 20": {
        "LSTM, trained": 0.03,
        "LSTM, untrained": 1e-08,
        "LSTM, untrained, chrono": 1e-08,
        "echo state": 0.03,
    },
    "adding 50": {
        "LSTM, trained": 0.01,
        "LSTM, untrained": 1e-08,
        "LSTM, untrained, chrono": 1e-08,
        "echo state": 0.03,
    },
}


def learnt(
    network: str, of: Trial, value: float, *, hidden_size: int, steps: int, batches: int, seed: int
) -> tuple[nn.Module, int]:
    """A network that has learnt what it may: all its numbers, or its read-out.

    Args:
        network: one of TRIES.
        of: the task.
        value: of what is searched for this network.
        hidden_size: H.
        steps: of the optimiser, where all is trained.
        batches: for the read-out, where only this is.
        seed: of weights and data.

    Returns:
        The network, and how many numbers were learnt from data.
    """
    searched, _ = TRIES[network]
    if network == TRAINED:
        model = trained(of.problem, "LSTM", hidden_size=hidden_size, steps=steps, lr=value, seed=seed)
        return model, free_parameters(model)
    setting = {**(ECHO if network == "echo state" else {}), searched: value}
    kept = fitted(network, of, hidden_size=hidden_size, batches=batches, seed=seed, **setting)
    return kept, (hidden_size + 1) * of.problem.output_size


def measure(
    seed: int,
    *,
    tries: dict[str, dict[str, list[float]]],
    hidden_size: int,
    steps: dict[str, int],
    batches: dict[str, int],
    digits_part: str,
) -> list[Row]:
    """Every network on every task: trained, with a fitted read-out, or with nothing trained; and guessing.

    Args:
        seed: of weights and data.
        tries: task → network → values to try of what TRIES says is searched.
        hidden_size: H, the same for all.
        steps: task → steps of the optimiser, of 32 sequences each, for the trained LSTM.
        batches: task → batches of 32 sequences that a read-out is fitted to.
        digits_part: the part of the digits that is judged, "validation" or "test".

    Returns:
        A row for each task, network and value: `task`, `network`, `value`, `score`, `higher_is_better` (1 or 0),
        `chance` and `trained_numbers`, how many numbers were learnt from data. "guessing" and "LSTM, nothing trained",
        whose read-out is as it was drawn too, have nothing to search, and a `value` of 0.
    """
    rows = []
    for task, networks in tries.items():
        of = trial(task, digits_part)
        about = {"task": task, "higher_is_better": int(of.higher_is_better), "chance": of.chance}
        untouched = of.problem.judge(drawn(of.problem, hidden_size, seed, chrono=False), seed)["score"]
        for network, score in (("guessing", of.chance), ("LSTM, nothing trained", untouched)):
            rows.append({**about, "network": network, "value": 0.0, "score": score, "trained_numbers": 0})
        sizes = {"hidden_size": hidden_size, "steps": steps[task], "batches": batches[task]}
        for network, values in networks.items():
            for value in values:
                model, numbers = learnt(network, of, value, **sizes, seed=seed)
                score = of.problem.judge(model, seed)["score"]
                row = {"network": network, "value": value, "score": score, "trained_numbers": numbers}
                rows.append({**about, **row})
    return rows


_SETTINGS = {
    "hidden_size": 64,
    "steps": {"digits": 400, "latch 5–10": 400, "latch 20–30": 600, "adding 20": 900, "adding 50": 1200},
    "batches": {"digits": 32, **dict.fromkeys(TASKS[1:], 128)},
}
_QUICK = {
    "hidden_size": 12,
    "steps": {"digits": 20, **dict.fromkeys(TASKS[1:], 3)},
    "batches": {"digits": 32, **dict.fromkeys(TASKS[1:], 8)},
}


def told(
    *,
    tries: dict[str, dict[str, list[float]]],
    hidden_size: int,
    steps: dict[str, int],
    batches: dict[str, int],
    **_: Any,
) -> Settings:
    """What a reader must know of the trainings."""
    lags = {task: f"{trial(task).problem.longest_lag}" for task in tries}
    rates = {task: networks[TRAINED] for task, networks in tries.items() if TRAINED in networks}
    penalties = {
        f"{task}: {network}": values
        for task, networks in tries.items()
        for network, values in networks.items()
        if TRIES[network][0] == "penalty"
    }
    return line.trained(
        start=f"torch's own; of “{TRAINED}” and “untrained, chrono” also chrono biases told the longest lag, "
        f"{each(lags)}",
        learning_rate=f"“{TRAINED}”: Adam, {each(rates)}, falling to 0 as a cosine; the read-outs of the others are "
        f"solved for, penalty {each(penalties)}; echo state: penalty {short(ECHO['penalty'])}",
        clipping=CLIPPED,
        steps=f"{each({task: f'{count:,}' for task, count in steps.items()})}; read-outs see "
        f"{each({task: f'{count}' for task, count in batches.items()})} batches once",
        batch="32",
        size=f"{hidden_size} units; trained numbers: of the LSTM all, of the others the read-out",
    )


EXPERIMENTS = (
    Experiment(
        name="untrained_search",
        version=1,
        measure=measure,
        told=told,
        seeds=(1000, 1001),  # not those that are reported
        settings={
            "tries": {task: {network: list(values) for network, (_, values) in TRIES.items()} for task in TASKS},
            "digits_part": "validation",
            **_SETTINGS,
        },
        quick=_QUICK,
    ),
    Experiment(
        name="untrained",
        version=1,
        measure=measure,
        told=told,
        seeds=tuple(range(10)),
        settings={
            "tries": {task: {network: [value] for network, value in of.items()} for task, of in CHOSEN.items()},
            "digits_part": "test",
            **_SETTINGS,
        },
        quick=_QUICK,
    ),
)
