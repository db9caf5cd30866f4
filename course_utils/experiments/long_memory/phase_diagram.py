"""Which networks learn to hold a symbol, from which first weights, over how many steps? The phase diagram of lesson 09.

The flagged latch: the flag stands lag to lag + 9 steps before the answer. Each run ends when 99 % of 500 sequences that
are not trained on are answered rightly, or after a budget of steps, the same for all.
"""

from __future__ import annotations

from typing import Any

import torch

from course_utils.checks import check_name
from course_utils.display.settings import Settings, trained
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.starts import Start
from course_utils.experiments.framework.told import CLIPPED, equal_size_text, ranges, starts_text, until_text
from course_utils.experiments.framework.train_until import judged_on, train_until
from course_utils.experiments.tasks.flagged_latch import FlaggedLatch
from course_utils.nn.backward_by_hand import Recurrent
from course_utils.nn.sequence_model import hidden_for_parameters

CELLS = {"RNN": "rnn", "ReLU RNN": "relu_rnn", "GRU": "gru", "LSTM": "lstm"}
OWN, IDENTITY = Start("torch's own"), Start("identity", "identity", input_std=0.1)
CHRONO = (Start("chrono for the lag", chrono="lag"), Start("chrono 1,000", chrono=1000))
STARTS: dict[str, tuple[str, Start]] = {  # network, and how it begins
    f"{network}, {start.label}": (network, start)
    for network, starts in {
        "RNN": (OWN, Start("orthogonal", "orthogonal"), IDENTITY),
        "ReLU RNN": (OWN, IDENTITY),
        "GRU": (OWN, *CHRONO),
        "LSTM": (OWN, *(Start(f"forget bias {bias}", forget_bias=bias) for bias in (1, 3, 5)), *CHRONO),
    }.items()
    for start in starts
}
PARAMETERS, BATCH, LOOKS = 3000, 32, 50
ACCURATE = 0.99
MOST_STEPS = 1000


def begun(start: str, lag: int, seed: int) -> Recurrent:
    """A network for the flagged latch, untrained.

    Args:
        start: one of `STARTS`.
        lag: what "chrono for the lag" is told, steps.
        seed: of the weights.

    Raises:
        CourseError: another start.
    """
    check_name("start", start, STARTS)
    network, begin = STARTS[start]
    size = hidden_for_parameters(CELLS[network], 5, 4, PARAMETERS)
    return begin.network(CELLS[network], 5, size, 4, seed=seed, lag=lag, kind=Recurrent)


def run_one(start: str, lag: int, lr: float, most_steps: int, seed: int) -> Row:
    """Train one network until it is right or the steps are up.

    Returns:
        `steps`, `solved` (1 or 0), `accuracy` at the last look, and `far`: the accuracy of the same network where the
        lag is ten times as long (100 sequences; chance 1/4).
    """
    model, task, far = begun(start, lag, seed), FlaggedLatch(lag, lag + 9), FlaggedLatch(10 * lag, 10 * lag + 9)
    outcome = train_until(
        lambda accuracy: accuracy >= ACCURATE,
        model,
        task.batches(BATCH, seed),
        task.objective,
        judged_on(task, task.held_out(500, seed)),
        lr=lr,
        most_steps=most_steps,
        every=LOOKS,
        untrained=task.chance,
    )
    with torch.no_grad():
        at_ten = judged_on(far, far.held_out(100, seed))(model)
    return {"steps": outcome.steps, "solved": int(outcome.solved), "accuracy": outcome.score, "far": at_ten}


def measure(seed: int, *, tries: list[list[Any]], most_steps: int) -> list[Row]:
    """Run every try.

    Args:
        seed: of weights and sequences.
        tries: [start, lag in steps, learning rate].
        most_steps: the budget, in steps of 32 sequences.

    Returns:
        A row for each try: `start`, `cell`, `lag`, `lr`, and what `run_one` says.
    """
    return [
        {"start": start, "cell": STARTS[start][0], "lag": lag, "lr": lr} | run_one(start, lag, lr, most_steps, seed)
        for start, lag, lr in tries
    ]


# ---------------------------------------------------------------------------------------------------------------------
# The experiments

RATES: dict[str, tuple[float, ...]] = {
    "RNN": (0.0003, 0.001, 0.003),
    "ReLU RNN": (0.0003, 0.001, 0.003),
    "GRU": (0.003, 0.01, 0.03),
    "LSTM": (0.003, 0.01, 0.03),
}
LAGS, TUNED_AT = (10, 30, 100, 300), (10, 30, 100)

# For each start and each lag of TUNED_AT the one of RATES that needed the fewest steps in the experiment
# "phase_search", on another seed; of equal ones that with the higher accuracy. At 300 the one of 100 is taken.
CHOSEN: dict[str, tuple[float, ...]] = {
    "RNN, torch's own": (0.0003, 0.003, 0.003),
    "RNN, orthogonal": (0.003, 0.001, 0.001),
    "RNN, identity": (0.001, 0.0003, 0.0003),
    "ReLU RNN, torch's own": (0.0003, 0.0003, 0.003),
    "ReLU RNN, identity": (0.003, 0.003, 0.001),
    "GRU, torch's own": (0.03, 0.03, 0.03),
    "GRU, chrono for the lag": (0.03, 0.03, 0.03),
    "GRU, chrono 1,000": (0.03, 0.03, 0.03),
    "LSTM, torch's own": (0.003, 0.03, 0.01),
    "LSTM, forget bias 1": (0.01, 0.03, 0.01),
    "LSTM, forget bias 3": (0.03, 0.01, 0.01),
    "LSTM, forget bias 5": (0.01, 0.03, 0.01),
    "LSTM, chrono for the lag": (0.03, 0.03, 0.03),
    "LSTM, chrono 1,000": (0.03, 0.03, 0.01),
}


def rate(start: str, lag: int) -> float:
    """The learning rate of a start at one of `LAGS`."""
    return CHOSEN[start][min(LAGS.index(lag), len(TUNED_AT) - 1)]


_QUICK = {"tries": [[start, lag, 0.003] for start in STARTS for lag in (2, 3)], "most_steps": 20}


def told(*, tries: list[list[Any]], most_steps: int) -> Settings:
    """What a reader must know of the trainings."""
    return trained(
        start=starts_text(STARTS, "the lag of the task"),
        learning_rate=f"Adam, {ranges((STARTS[start][0], lr) for start, _, lr in tries)}; tuned at lags of "
        f"{', '.join(map(str, TUNED_AT))}",
        clipping=CLIPPED,
        steps=until_text(f"{100 * ACCURATE:g} % of 500 sequences are right", most_steps, LOOKS),
        batch=f"{BATCH}",
        size=equal_size_text(CELLS, 5, 4, PARAMETERS),
        note="“chrono for the lag” is told the lag; the other starts are not",
    )


EXPERIMENTS = (
    Experiment(
        name="phase_search",
        version=2,
        measure=measure,
        told=told,
        seeds=(1000,),  # not one of those that are reported
        settings={
            "tries": [[s, lag, lr] for s, (network, _) in STARTS.items() for lag in TUNED_AT for lr in RATES[network]],
            "most_steps": MOST_STEPS,
        },
        quick=_QUICK,
    ),
    Experiment(
        name="phase",
        version=2,
        measure=measure,
        told=told,
        seeds=tuple(range(5)),
        settings={"tries": [[s, lag, rate(s, lag)] for s in STARTS for lag in LAGS], "most_steps": MOST_STEPS},
        quick=_QUICK,
    ),
)
