"""Claim C20: do gaps matter to a hidden Markov model? Two named protocols, on two tasks that need memory.

"class-conditional": a model for each answer, fitted to the training sequences of that answer; the answer is the one
whose model finds a sequence most probable. For the flagged latch one state is enough at any lag: the flagged symbol
alone decides which of the four likelihoods is highest. The memory is in the choice among models, not in a state.

"one model": a single model of the sequences with their answers, which follow as one more symbol, from an alphabet of
their own. The answer is predicted from the filtered state at the end: what is remembered is in one of K states.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import torch
from torch import Tensor

from course_utils.checks import check_name
from course_utils.display.settings import Settings, trained
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.tasks.flagged_latch import FlaggedLatch
from course_utils.experiments.tasks.task import Batch
from course_utils.experiments.tasks.temporal_order import TemporalOrder
from course_utils.models.hidden_markov import HiddenMarkov, HiddenMarkovClassifier, best_fit

PLACES = 50  # of the cue of a flagged latch: its first 50 steps, whatever the lag
TASKS = (FlaggedLatch.name, TemporalOrder.name)
SymbolTask: TypeAlias = FlaggedLatch | TemporalOrder
STARTS = ("mixed", "sticky", "held")
LONGEST = 10_000  # steps
TOLD_LONGEST = f"sticky, told {LONGEST:,}"

Answering: TypeAlias = Callable[[Tensor], Tensor]  # inputs (B, T, I) → P(answer), (B, O)


def task_of(name: str, lag: int) -> SymbolTask:
    """A task of this lag: FlaggedLatch(lag, lag + 49), whose cue is one of the first 50 steps, or TemporalOrder(lag).

    Raises:
        CourseError: a name that is none of TASKS, a lag that the task refuses.
    """
    check_name("task", name, TASKS)
    return FlaggedLatch(lag, lag + PLACES - 1) if name == FlaggedLatch.name else TemporalOrder(lag)


def training_task(name: str, lag: int) -> SymbolTask:
    """What is trained on: FlaggedLatch(lag, 2 · lag), with lags that differ, or TemporalOrder(lag).

    Raises:
        CourseError: as `task_of`.
    """
    return FlaggedLatch(lag, 2 * lag) if name == FlaggedLatch.name else task_of(name, lag)


def alphabet(task: SymbolTask) -> int:
    """V: of the flagged latch 2 S, each symbol with and without the flag; of temporal order 8."""
    return 2 * task.symbols if isinstance(task, FlaggedLatch) else task.input_size


def symbols_of(task: SymbolTask, x: Tensor) -> Tensor:
    """The inputs as whole numbers, as a hidden Markov model takes them; of the flagged latch symbol + S · flag.

    Args:
        task: the flagged latch or temporal order.
        x: (B, T, I).

    Returns:
        (B, T) below `alphabet(task)`.
    """
    if not isinstance(task, FlaggedLatch):
        return x.argmax(dim=-1)
    return x[..., :-1].argmax(dim=-1) + task.symbols * x[..., -1].long()


def staying(start: str, seq_len: int) -> float:
    """How likely the chain stays in its state at the beginning of the fit.

    "mixed": nothing makes it stay. "sticky": it is told the length T, as chrono tells an LSTM, and leaves its state at
    about one step in 10 T. "sticky, told 10,000": the same with the longest lag that is judged, in place of T. "held":
    it never leaves, and Baum–Welch keeps that: a mixture of models of one state.

    Raises:
        CourseError: another start.
    """
    chances = {"mixed": 0.0, "sticky": 1 - 0.1 / seq_len, "held": 1.0, TOLD_LONGEST: 1 - 0.1 / LONGEST}
    check_name("start", start, chances)
    return chances[start]


def with_answer(task: SymbolTask, batch: Batch) -> Tensor:
    """(B, T + 1): the symbols, then the answer as one of O symbols of its own, from V on."""
    return torch.cat([symbols_of(task, batch.x), alphabet(task) + batch.y[:, None]], dim=1)


def answers(model: HiddenMarkov, task: SymbolTask, x: Tensor) -> Tensor:
    """P(answer | symbols) by a model of sequences with their answers: next comes one of the answers, which one?

    It is a mixture of K distributions over the answers, one for each state, whatever the symbols were. So on sequences
    whose S answers are equally frequent, the right answer has on average a probability of at most K/S.

    Args:
        model: fitted to `with_answer`.
        task: the task.
        x: (B, T, I).

    Returns:
        (B, O).
    """
    coming = model.next_symbol(symbols_of(task, x))[:, alphabet(task) :]
    return coming / coming.sum(dim=1, keepdim=True).clamp(min=torch.finfo(coming.dtype).tiny)


def class_conditional(
    task: SymbolTask, batch: Batch, states: int, start: str, generator: torch.Generator, **fitting: Any
) -> tuple[Answering, int]:
    """Fit a model for each answer to the training sequences of that answer.

    Args:
        task: that is trained on.
        batch: the training sequences.
        states: K of each model.
        start: one of STARTS.
        generator: where the random numbers come from.
        fitting: of `HiddenMarkovClassifier.fit`.

    Returns:
        What gives the probability of each answer, and the iterations of all models together.
    """
    model = HiddenMarkovClassifier(states, alphabet(task), task.output_size, stay=staying(start, task.seq_len))
    model.fit(symbols_of(task, batch.x), batch.y, generator=generator, **fitting)
    return lambda x: model.log_joint(symbols_of(task, x)).softmax(dim=1), model.iterations


def one_model(
    task: SymbolTask, batch: Batch, states: int, start: str, generator: torch.Generator, **fitting: Any
) -> tuple[Answering, int]:
    """Fit one model to the training sequences with their answers; arguments and results as `class_conditional`."""
    model, history = best_fit(
        with_answer(task, batch),
        states,
        alphabet(task) + task.output_size,
        stay=staying(start, task.seq_len),
        generator=generator,
        **fitting,
    )
    return lambda x: answers(model, task, x), len(history) - 1


PROTOCOLS = {"class-conditional": class_conditional, "one model": one_model}

# ---------------------------------------------------------------------------------------------------------------------
# The experiment


def measure(
    seed: int,
    *,
    plan: list[dict[str, Any]],
    trained: dict[str, int],
    tested: dict[str, list[int]],
    sequences: int,
    test_sequences: int,
    fitting: dict[str, float],
) -> list[Row]:
    """Fit hidden Markov models on short lags and judge them on long ones.

    Args:
        seed: of the beginnings and the data.
        plan: what is fitted: each says `protocol`, `task`, `starts` and `states`, numbers of states K.
        trained: task → lag of `training_task`.
        tested: task → lags of `task_of`.
        sequences: that are trained on.
        test_sequences: of each lag that are judged.
        fitting: iterations, restarts, smoothing and tolerance of `best_fit`, the same for all.

    Returns:
        A row for each protocol, task, start, number of states and lag of the test: `protocol`, `task`, `start`,
        `states`, `lag` (as in `task_of`), `accuracy`, `probability` (mean, that was given to the right answer),
        `ceiling` (of this probability: K times the share of the most frequent answer, with one model), `chance` (of
        both) and `iterations` (of the fits that were kept).
    """
    rows = []
    for entry in plan:
        name = entry["task"]
        task = training_task(name, trained[name])
        batch = next(task.batches(sequences, seed))
        for start in entry["starts"]:
            for states in entry["states"]:
                generator = torch.Generator().manual_seed(seed)
                answering, iterations = PROTOCOLS[entry["protocol"]](task, batch, states, start, generator, **fitting)
                about = {"protocol": entry["protocol"], "task": name, "start": start, "states": states}
                for lag in tested[name]:
                    found = _judged(answering, task_of(name, lag), test_sequences, seed)
                    most = states * found.pop("commonest")
                    ceiling = min(1.0, most) if entry["protocol"] == "one model" else 1.0
                    rows.append({**about, "lag": lag, **found, "ceiling": ceiling, "iterations": iterations})
    return rows


def _judged(answering: Answering, task: SymbolTask, sequences: int, seed: int) -> Row:
    batch = task.held_out(sequences, seed)
    probabilities = answering(batch.x)
    return {
        "accuracy": float((probabilities.argmax(dim=1) == batch.y).double().mean()),
        "probability": float(probabilities.gather(1, batch.y[:, None]).mean()),
        "chance": task.chance,
        "commonest": float(torch.bincount(batch.y).max() / len(batch.y)),
    }


_LATCH, _ORDER = TASKS


def told(*, sequences: int, fitting: dict[str, float], **_: Any) -> Settings:
    """What a reader must know of the fits."""
    return trained(
        start="random probabilities; “sticky” is told the length T and leaves its state about once in 10 T "
        "steps, “held” never leaves it, “mixed” does not stay",
        learning_rate="none: Baum–Welch",
        clipping="none",
        steps=f"at most {fitting['iterations']:,} iterations, the best of {fitting['restarts']:,} starts; ends where "
        f"the gain is below {fitting['tolerance']:g}",
        batch=f"all {sequences:,} training sequences",
        size="1 to 16 hidden states, as each row says",
        note=f"counts are smoothed by {fitting['smoothing']:g}",
    )


EXPERIMENT = Experiment(
    name="hidden_markov",
    version=1,
    measure=measure,
    told=told,
    seeds=tuple(range(10, 20)),  # the starts and the fit were chosen with seeds 0 and 1
    settings={
        "plan": [
            {"protocol": "class-conditional", "task": _LATCH, "starts": ["sticky"], "states": [1, 2]},
            {"protocol": "class-conditional", "task": _ORDER, "starts": ["sticky"], "states": [1, 2, 4, 8]},
            {"protocol": "one model", "task": _LATCH, "starts": list(STARTS), "states": [2, 4, 8, 16]},
            {"protocol": "one model", "task": _ORDER, "starts": ["sticky", "held"], "states": [4, 8, 16]},
        ],
        "trained": {_LATCH: 50, _ORDER: 50},
        "tested": {_LATCH: [100, 1000, LONGEST], _ORDER: [100, 1000]},
        "sequences": 500,
        "test_sequences": 200,
        "fitting": {"iterations": 60, "restarts": 3, "smoothing": 1e-3, "tolerance": 1e-4},
    },
    quick={
        "plan": [
            {"protocol": "class-conditional", "task": _LATCH, "starts": ["sticky"], "states": [1]},
            {"protocol": "class-conditional", "task": _ORDER, "starts": ["sticky"], "states": [1, 4]},
            {"protocol": "one model", "task": _LATCH, "starts": ["sticky", "held"], "states": [4, 8, 16]},
            {"protocol": "one model", "task": _ORDER, "starts": ["held"], "states": [4]},
        ],
        "trained": {_LATCH: 5, _ORDER: 10},
        "tested": {_LATCH: [10, LONGEST], _ORDER: [20]},
        "sequences": 200,
        "test_sequences": 100,
        "fitting": {"iterations": 30, "restarts": 2, "smoothing": 1e-3, "tolerance": 1e-4},
    },
)
