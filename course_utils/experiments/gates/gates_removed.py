"""Claim C15: what does each gate do? LSTM and GRU with one gate held open or closed, on three tasks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn

from course_utils.checks import check_name
from course_utils.display import settings as line
from course_utils.display.settings import Settings, each, named_each
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.starts import CHRONO, Start
from course_utils.experiments.framework.told import CLIP_NORM, CLIPPED
from course_utils.experiments.tasks.adding import Adding
from course_utils.experiments.tasks.digit_rows import digit_parts
from course_utils.experiments.tasks.reber import Reber
from course_utils.experiments.tasks.task import Batch
from course_utils.nn.ablations import free_parameters, pin_gate_
from course_utils.nn.sequence_model import SequenceModel
from course_utils.training import fit

# What is held at a constant. Without its forget gate the LSTM is that of 1997; a GRU without update gate replaces its
# whole state at every step.
NETWORKS: dict[str, tuple[str, dict[str, float]]] = {
    "LSTM": ("lstm", {}),
    "LSTM, no input gate": ("lstm", {"input": 1.0}),
    "LSTM, no forget gate": ("lstm", {"forget": 1.0}),
    "LSTM, no output gate": ("lstm", {"output": 1.0}),
    "GRU": ("gru", {}),
    "GRU, no reset gate": ("gru", {"reset": 1.0}),
    "GRU, no update gate": ("gru", {"update": 0.0}),
}

BATCH = 32
Batches: TypeAlias = Callable[[int], Iterator[Batch]]


@dataclass(frozen=True)
class Problem:
    """A task as it is trained and judged here.

    Attributes:
        input_size: I.
        output_size: O.
        longest_lag: for chrono biases, in steps.
        batches: seed → training batches without end.
        objective: (model, batch) → the loss.
        judge: (model, seed) → `loss`, `score` and what else there is to say, on sequences that were not trained on.
    """

    input_size: int
    output_size: int
    longest_lag: int
    batches: Batches
    objective: Callable[[nn.Module, Batch], Tensor]
    judge: Callable[[nn.Module, int], Row]


def adding(seq_len: int = 50) -> Problem:
    """The adding problem. Its `score` is the mean squared error (chance 1/6); `solved`: below 0.01."""
    task = Adding(seq_len)

    def judge(model: nn.Module, seed: int) -> Row:
        error = task.score(*_answered(model, task.held_out(1000, seed)))
        return {"loss": error, "score": error, "solved": int(error < 0.01)}

    return Problem(2, 1, seq_len, lambda seed: task.batches(BATCH, seed), task.objective, judge)


def reber(seq_len: int = 40, judged_len: int = 10_000) -> Problem:
    """Continual embedded Reber strings, judged on streams that are much longer than those of the training.

    `score` is the share of steps whose set of next symbols is right (chance 13/24; who sees three symbols has 23/24),
    `as_trained` the same on streams of the trained length; `solved`: a score above 0.99. `long_distance`: how often the
    letter that needs long memory is right (chance ½). `first_error`: the steps until a stream's first error, as Gers,
    Schmidhuber & Cummins 2000 count, the mean over streams, a stream without error with its length. And of an LSTM
    `largest_cell`: the largest |c| at the end.
    """
    short, long = Reber(seq_len), Reber(judged_len)

    def judge(model: nn.Module, seed: int) -> Row:
        outputs, batch = _answered(model, long.held_out(5, seed))
        wrong = ((outputs > 0) != (batch.y > 0)).any(-1)
        first = torch.where(wrong.any(-1), wrong.int().argmax(-1), judged_len)
        score = long.score(outputs, batch)
        return {
            "loss": float(long.loss(outputs, batch)),
            "score": score,
            "solved": int(score > 0.99),
            "as_trained": short.score(*_answered(model, short.held_out(500, seed))),
            "long_distance": long.long_distance(outputs, batch),
            "first_error": float(first.double().mean()),
            **_largest_cell(model, batch),
        }

    return Problem(7, 7, 20, lambda seed: short.batches(BATCH, seed), short.objective, judge)


@torch.no_grad()
def _largest_cell(model: nn.Module, batch: Batch) -> Row:
    core = model.core
    return {"largest_cell": float(core(batch.x)[1][1].abs().max())} if isinstance(core, nn.LSTM) else {}


def digits(part: str = "test") -> Problem:
    """8×8 digits, a row of 8 numbers at each of 8 steps; `score` is the accuracy after the last row (chance 0.1).

    Of the 1,797 digits 1,000 are trained on, 297 are for validation and 500 for the test, always the same ones.

    Args:
        part: what is judged, "validation" or "test".

    Raises:
        CourseError: another part.
    """
    check_name("part of the digits", part, ("validation", "test"))

    def batches(seed: int) -> Iterator[Batch]:
        generator, train = torch.Generator().manual_seed(seed), digit_parts()["train"]
        while True:
            for some in torch.randperm(len(train.x), generator=generator).split(BATCH):
                yield Batch(train.x[some], train.y[some], None)

    def objective(model: nn.Module, batch: Batch) -> Tensor:
        return nn.functional.cross_entropy(model(batch.x)[:, -1], batch.y)

    def judge(model: nn.Module, seed: int) -> Row:
        outputs, batch = _answered(model, digit_parts()[part])
        loss = float(nn.functional.cross_entropy(outputs[:, -1], batch.y))
        return {"loss": loss, "score": float((outputs[:, -1].argmax(-1) == batch.y).double().mean())}

    return Problem(8, 10, 8, batches, objective, judge)


def _answered(model: nn.Module, batch: Batch) -> tuple[Tensor, Batch]:
    with torch.no_grad():
        return model(batch.x), batch


def trained(
    problem: Problem, network: str, *, hidden_size: int, steps: int, lr: float, seed: int, start: Start = CHRONO
) -> SequenceModel:
    """A network without one of its gates, or whole, trained with Adam.

    What is held constant stays so. The learning rate falls to 0 as a cosine.

    Args:
        problem: `adding()`, `reber()` or `digits()`.
        network: one of `NETWORKS`.
        hidden_size: H.
        steps: of the optimiser.
        lr: learning rate at the start.
        seed: of weights and data.
        start: the first weights; by default torch's own with chrono biases for the task's longest lag.

    Raises:
        CourseError: an unknown network.
    """
    check_name("network", network, NETWORKS)
    cell, pinned = NETWORKS[network]
    return trained_with(problem, cell, pinned, hidden_size=hidden_size, steps=steps, lr=lr, seed=seed, start=start)


def trained_with(
    problem: Problem,
    cell: str,
    pinned: dict[str, float],
    *,
    hidden_size: int,
    steps: int,
    lr: float,
    seed: int,
    start: Start = CHRONO,
) -> SequenceModel:
    """A network some of whose gates are held at constants, trained as `trained` does it.

    Args:
        problem: `adding()`, `reber()` or `digits()`.
        cell: "lstm" or "gru".
        pinned: gate → its constant, from 0 to 1; none: the whole network.
        hidden_size: H.
        steps: of the optimiser.
        lr: learning rate at the start.
        seed: of weights and data.
        start: the first weights, as in `trained`.

    Raises:
        CourseError: a gate that the cell does not have, a constant outside 0 to 1.
    """
    generator = torch.Generator().manual_seed(seed)
    model = SequenceModel(cell, problem.input_size, hidden_size, problem.output_size, generator=generator)
    core: Any = model.core
    start.apply(model, generator, problem.longest_lag)
    for gate, value in pinned.items():
        pin_gate_(core, gate, value)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    fit(
        model,
        problem.batches(seed),
        problem.objective,
        steps=steps,
        optimizer=optimizer,
        lr_schedule=torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps),
        clip_norm=CLIP_NORM,
        progress=False,
    )
    return model


# ---------------------------------------------------------------------------------------------------------------------
# The experiment

RATES = (0.01, 0.03)

# The one of RATES with the smallest held-out loss in the experiment "gates_removed_search", on other seeds and, for the
# digits, on the validation part: for each task and network.
CHOSEN: dict[str, dict[str, float]] = {
    "adding": dict.fromkeys(NETWORKS, 0.03) | {"LSTM, no input gate": 0.01},
    "reber": dict.fromkeys(NETWORKS, 0.03),
    "digits": dict.fromkeys(NETWORKS, 0.03),
}


def problems_of(judged_len: int, digits_part: str) -> dict[str, Problem]:
    """The three tasks; arguments as in `reber` and `digits`."""
    return {"adding": adding(), "reber": reber(judged_len=judged_len), "digits": digits(digits_part)}


def measure(
    seed: int,
    *,
    rates: dict[str, dict[str, list[float]]],
    hidden_size: int,
    steps: dict[str, int],
    judged_len: int,
    digits_part: str,
    start: Start = CHRONO,
) -> list[Row]:
    """Train every network on every task, and judge it on what it has not seen.

    Args:
        seed: of weights and data.
        rates: task → network → learning rates to try.
        hidden_size: H, the same for all.
        steps: task → steps of the optimiser.
        judged_len: T of the Reber streams that are judged.
        digits_part: the part of the digits that is judged, "validation" or "test".
        start: the first weights, as in `trained`.

    Returns:
        A row for each task, network and rate: `task`, `network`, `lr`, `parameters` (those that learn, read-out
        included), `loss` (what was trained, held out; lower is better) and what the task's function says.
    """
    problems = problems_of(judged_len, digits_part)
    rows = []
    for task, networks in rates.items():
        for network, tried in networks.items():
            for lr in tried:
                model = trained(
                    problems[task], network, hidden_size=hidden_size, steps=steps[task], lr=lr, seed=seed, start=start
                )
                about = {"task": task, "network": network, "lr": lr, "parameters": free_parameters(model)}
                rows.append({**about, **problems[task].judge(model, seed)})
    return rows


_SETTINGS = {
    "hidden_size": 16,
    "steps": {"adding": 700, "reber": 900, "digits": 400},
    "judged_len": 10_000,
}
_QUICK = {"hidden_size": 4, "steps": {"adding": 3, "reber": 3, "digits": 20}, "judged_len": 300}


def told(*, rates: dict[str, dict[str, list[float]]], hidden_size: int, steps: dict[str, int], **_: Any) -> Settings:
    """What a reader must know of the trainings."""
    lags = {task: f"{problem.longest_lag}" for task, problem in problems_of(10_000, "test").items()}
    return line.trained(
        start=f"torch's own, then chrono biases told the longest lag of the task in steps ({named_each(lags)}), for "
        "every network; what is held at a constant stays so",
        learning_rate=f"Adam, {each(rates)}, falling to 0 as a cosine",
        clipping=CLIPPED,
        steps=named_each({task: f"{count:,}" for task, count in steps.items()}),
        batch=f"{BATCH}",
        size=f"{hidden_size} units",
    )


EXPERIMENTS = (
    Experiment(
        name="gates_removed_search",
        version=1,
        measure=measure,
        seeds=(1000, 1001),  # not those that are reported
        settings={
            "rates": {task: {network: list(RATES) for network in NETWORKS} for task in CHOSEN},
            "digits_part": "validation",
            **_SETTINGS,
        },
        quick=_QUICK,
        told=told,
    ),
    Experiment(
        name="gates_removed",
        version=1,
        measure=measure,
        seeds=tuple(range(10)),
        settings={
            "rates": {task: {network: [lr] for network, lr in of_task.items()} for task, of_task in CHOSEN.items()},
            "digits_part": "test",
            **_SETTINGS,
        },
        quick=_QUICK,
        told=told,
    ),
)
