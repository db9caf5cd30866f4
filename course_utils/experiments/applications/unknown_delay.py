"""Claim C28, the unknown delay: when does the event come, said after each step by RNNs, GRU, LSTM and simpler models.

Each network says a hazard after each step; it is trained on the likelihood of the records, censored ones included. What
it can reach at best is known, since the records are made (`course_utils.data.delays`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from time import process_time
from typing import Any

import torch
from torch import Tensor, nn

from course_utils.checks import check_name
from course_utils.data.delays import CUE, SYMBOLS, Delays, delays, weibull_hazard
from course_utils.display.settings import Settings, each, trained
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.starts import Start
from course_utils.experiments.framework.told import CLIP_NORM, CLIPPED, ranges, size_text, start_text
from course_utils.metrics.survival import concordance, constant_hazard, hazard_nats, weibull_fit
from course_utils.nn.parameters import parameters_count
from course_utils.nn.sequence_model import SequenceModel, hidden_for_parameters
from course_utils.training import DivergedError, fit

BATCH = 64
LANDMARK = CUE[1] + 4  # the step after which records that are still open are put in order
KEEPING = 40  # steps: the scale of the longest delays, for the biases of GRU and LSTM
TRUE, CONSTANT, WEIBULL, FROM_CUE = "true hazard", "constant", "Weibull", "Weibull from the cue"
CELLS = {"tanh RNN": "rnn", "ReLU RNN": "relu_rnn", "GRU": "gru", "LSTM": "lstm"}
WINDOW = "feedforward"  # sees the last 16 steps
WIDE = "feedforward, 64 steps"
WINDOWS = {WINDOW: 16, WIDE: 64}
TOLD = "Weibull from the cue, told of the !"
OWN, IDENTITY = Start("torch's own"), Start("identity", "identity", input_std=0.1)
CHRONO = Start("chrono", chrono=KEEPING)
STARTS: dict[str, tuple[Start, Start]] = {
    "tanh RNN": (OWN, IDENTITY),
    "ReLU RNN": (OWN, IDENTITY),
    "GRU": (OWN, CHRONO),
    "LSTM": (OWN, CHRONO),
}
SURE = 1e-6  # no hazard is said to be nearer to 0 or 1


def width_of(name: str, parameters: int) -> int:
    """Units of a network of about so many parameters: one of `CELLS` or `WINDOWS`; those of `WIDE` are as many as of
    `WINDOW`, with four times the parameters.
    """
    if name in WINDOWS:
        return hidden_for_parameters("feedforward", len(SYMBOLS), 1, parameters, window=WINDOWS[WINDOW])
    return hidden_for_parameters(CELLS[name], len(SYMBOLS), 1, parameters)


def network(name: str, start: str, parameters: int, seed: int) -> SequenceModel:
    """A new network of about so many parameters.

    Args:
        name: one of `CELLS` or `WINDOWS`.
        start: label of one of its `STARTS`; a feedforward network has torch's own.
        parameters: how many, nearly.
        seed: of the first weights.
    """
    inputs = len(SYMBOLS)
    width = width_of(name, parameters)
    if name in WINDOWS:
        generator = torch.Generator().manual_seed(seed)
        return SequenceModel("feedforward", inputs, width, 1, window=WINDOWS[name], generator=generator)
    begin = next(each for each in STARTS[name] if each.label == start)
    return begin.network(CELLS[name], inputs, width, 1, seed=seed, kind=SequenceModel)


def objective(model: nn.Module, batch: tuple[Tensor, Tensor, Tensor]) -> Tensor:
    """Nats of a record, on average."""
    inputs, times, events = batch
    return hazard_nats(model(inputs)[..., 0], times, events).mean()


def _batches(records: Delays, seed: int) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Batches without end, in an order of its own each pass."""
    generator, inputs = torch.Generator().manual_seed(seed), records.inputs
    while True:
        for places in torch.randperm(len(records), generator=generator).split(BATCH):
            yield inputs[places], records.times[places], records.events[places]


def scores(logits: Tensor, records: Delays) -> Row:
    """`nats` of a record; `excess`: more than the true hazard has; `concordance` of those still open at the landmark.

    Those are put in the order of the steps that they are expected to last still, 80 in all at most. No symbol after the
    landmark says anything about the delay.

    Args:
        logits: (N, T) of the hazards.
        records: N.
    """
    best = hazard_nats(logit(records.hazards), records.times, records.events).mean()
    nats = hazard_nats(logits, records.times, records.events).mean()
    still = records.times > LANDMARK
    lasting = torch.nn.functional.logsigmoid(-logits[still, LANDMARK:].double()).cumsum(1).exp().sum(1)
    order = concordance(records.times[still], records.events[still], -lasting)
    return {"nats": float(nats), "excess": float(nats - best), "concordance": order}


def logit(hazards: Tensor) -> Tensor:
    """Logits of hazards, none of them surer than `SURE`."""
    return hazards.double().clamp(SURE, 1 - SURE).logit()


def without_networks(train: Delays, test: Delays) -> dict[str, Tensor]:
    """The logits (N, T) of models that learn no weights, and of the true hazard."""
    N, T = test.hazards.shape
    steps = torch.arange(1, T + 1)
    constant = torch.full((N, T), constant_hazard(train.times, train.events))
    weibull = torch.from_numpy(weibull_hazard(steps.numpy(), *weibull_fit(train.times, train.events))).expand(N, T)
    return {
        TRUE: logit(test.hazards),
        CONSTANT: logit(constant),
        WEIBULL: logit(weibull),
        FROM_CUE: logit(_from_cue(train, test)),
    }


def _from_cue(train: Delays, test: Delays, *, told: bool = False) -> Tensor:
    """A Weibull hazard for each cue, of the steps since it came.

    What stood before the cue is not looked at; or, where it is told, cues after a "!" are cues of their own.
    """
    kinds = []
    for part in (train, test):
        before = torch.arange(part.symbols.shape[1]) < part.cues[:, None]
        hurried = ((part.symbols == SYMBOLS.index("!")) & before).any(1)
        kinds.append(part.symbols[torch.arange(len(part)), part.cues] + len(SYMBOLS) * hurried * told)
    since = torch.arange(1, test.hazards.shape[1] + 1) - test.cues[:, None]
    hazards = torch.zeros_like(test.hazards, dtype=torch.float64)
    for kind in kinds[0].unique():
        these, those = kinds[0] == kind, kinds[1] == kind
        begun = these & (train.times > train.cues)
        fitted = weibull_fit((train.times - train.cues)[begun], train.events[begun])
        hazards[those] = torch.from_numpy(weibull_hazard(since[those].numpy(), *fitted))
    return hazards


def measure(
    seed: int,
    *,
    runs: list[tuple[str, str, float]],
    parameters: int,
    records: tuple[int, int, int],
    steps: int,
    looks: int,
    choosing: bool = False,
    told: bool = False,
) -> list[Row]:
    """Train networks on records, and judge the hazards that they say for others.

    Args:
        seed: of records, weights and order.
        runs: (network, start, learning rate).
        parameters: of every network, nearly.
        records: how many to learn from, to validate with, and to judge.
        steps: of the optimiser.
        looks: at the records for validation; the weights of the best are kept.
        choosing: judge by the records for validation.
        told: a Weibull hazard that is told of the "!" joins the models without a network.

    Returns:
        A row for each run, and, where they are judged, for each model without a network: `network`, `start`, `lr`,
        `parameters`, what `scores` says, `cpu_seconds`.

    Raises:
        CourseError: an unknown network.
    """
    train, valid, test = (delays(count, 3 * seed + part) for part, count in enumerate(records))
    asked = valid if choosing else test
    rows: list[Row] = []
    for name, start, lr in runs:
        check_name("network", name, [*CELLS, *WINDOWS])
        model = network(name, start, parameters, seed)
        began = process_time()
        with suppress(DivergedError):  # then it is judged with the weights that it had before
            fit(
                model,
                _batches(train, seed),
                objective,
                steps=steps,
                valid=[(valid.inputs, valid.times, valid.events)],
                eval_every=max(steps // looks, 1),
                lr=lr,
                clip_norm=CLIP_NORM,
                progress=False,
            )
        spent = process_time() - began
        with torch.no_grad():
            said = scores(model(asked.inputs)[..., 0], asked)
        about = {"network": name, "start": start, "lr": lr, "parameters": parameters_count(model)}
        rows.append({**about, **said, "cpu_seconds": spent})
    if not choosing:
        nothing = {"start": "none", "lr": 0.0, "parameters": 0, "cpu_seconds": 0.0}
        others = without_networks(train, test)
        if told:
            others[TOLD] = logit(_from_cue(train, test, told=True))
        rows += [{"network": name, **nothing, **scores(logits, test)} for name, logits in others.items()]
    return rows


# ---------------------------------------------------------------------------------------------------------------------
# The experiment

RATES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3)

# Of the starts and RATES the pair with the fewest nats on records for validation, in "unknown_delay_search"; and the
# best rate for torch's own start.
CHOSEN: dict[str, tuple[str, float]] = {
    "tanh RNN": (OWN.label, 0.003),
    "ReLU RNN": (IDENTITY.label, 0.03),
    "GRU": (CHRONO.label, 0.1),
    "LSTM": (CHRONO.label, 0.03),
    WINDOW: (OWN.label, 0.01),
}
CHOSEN_OWN: dict[str, float] = {"tanh RNN": 0.003, "ReLU RNN": 0.03, "GRU": 0.03, "LSTM": 0.03}

CHOSEN_WIDE = 0.003  # of RATES, in "unknown_delay_rivals_search"

_SETTINGS = {"parameters": 1_617, "records": (2_000, 500, 2_000), "steps": 400, "looks": 10}
_QUICK = {"parameters": 200, "records": (80, 40, 80), "steps": 4, "looks": 2}


def _searched() -> list[tuple[str, str, float]]:
    runs = [(name, start.label, lr) for name, starts in STARTS.items() for start in starts for lr in RATES]
    return runs + [(WINDOW, OWN.label, lr) for lr in RATES]


def _reported() -> list[tuple[str, str, float]]:
    best = [(name, start, lr) for name, (start, lr) in CHOSEN.items()]
    return best + [(name, OWN.label, lr) for name, lr in CHOSEN_OWN.items() if (name, OWN.label, lr) not in best]


def measure_chosen(seed: int, **settings: Any) -> list[Row]:
    """As `measure`; each row has a `kind` too.

    It is "best" for the start and rate that were chosen of all, "torch's own" for those chosen with torch's own first
    weights, a row for each where they are the same, and "none" for what learns no weights.

    Args:
        seed: as in `measure`.
        settings: as in `measure`.
    """
    rows: list[Row] = []
    for row in measure(seed, **settings):
        name, pair = row["network"], (row["start"], row["lr"])
        kinds = ["best"] if CHOSEN.get(name) == pair else []
        kinds += [OWN.label] if name in CELLS and (OWN.label, CHOSEN_OWN.get(name)) == pair else []
        rows += [{"kind": kind, **row} for kind in kinds or ["none"]]
    return rows


def told(
    *, runs: list[tuple[str, str, float]], parameters: int, records: Any, steps: int, looks: int, **_: Any
) -> Settings:
    """What a reader must know of the trainings."""
    used = {(name, start) for name, start, _ in runs}
    kinds = {name: (CELLS.get(name, "feedforward"), WINDOWS.get(name, 1)) for name, _, _ in runs}
    sizes = {
        name: size_text(cell, len(SYMBOLS), width_of(name, parameters), 1, window)
        for name, (cell, window) in kinds.items()
    }
    begins = {
        f"{name}, {start.label}": start_text(start)
        for name, starts in STARTS.items()
        for start in starts
        if (name, start.label) in used
    }
    return trained(
        start=each({**begins, **{name: "torch's own" for name in WINDOWS if (name, OWN.label) in used}}),
        learning_rate=f"Adam, {ranges((name, lr) for name, _, lr in runs)}",
        clipping=CLIPPED,
        steps=f"{steps:,}, on {records[0]:,} records; weights of the best of {looks} validations",
        batch=f"{BATCH}",
        size=each(sizes),
    )


EXPERIMENTS = (
    Experiment(
        name="unknown_delay_search",
        version=1,
        measure=measure,
        told=told,
        seeds=(1000, 1001),
        settings={"runs": _searched(), "choosing": True, **_SETTINGS},
        quick=_QUICK,
        timed=("cpu_seconds",),
    ),
    Experiment(
        name="unknown_delay",
        version=1,
        measure=measure_chosen,
        told=told,
        seeds=tuple(range(260, 270)),  # that no other experiment has used
        settings={"runs": _reported(), **_SETTINGS},
        quick=_QUICK,
        timed=("cpu_seconds",),
    ),
    Experiment(
        name="unknown_delay_rivals_search",
        version=1,
        measure=measure,
        told=told,
        seeds=(1000, 1001),
        settings={"runs": [(WIDE, OWN.label, lr) for lr in RATES], "choosing": True, **_SETTINGS},
        quick=_QUICK,
        timed=("cpu_seconds",),
    ),
    Experiment(
        name="unknown_delay_rivals",
        version=1,
        measure=measure,
        told=told,
        seeds=tuple(range(270, 280)),  # that no other experiment has used
        settings={"runs": [("LSTM", *CHOSEN["LSTM"]), (WIDE, OWN.label, CHOSEN_WIDE)], "told": True, **_SETTINGS},
        quick=_QUICK,
        timed=("cpu_seconds",),
    ),
)
