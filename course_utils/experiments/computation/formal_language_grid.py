"""Claims C36 and C37: parity, permutations, counting and brackets, learned on short strings and judged on long ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from time import process_time
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from course_utils.checks import check_name
from course_utils.data.formal_languages import LANGUAGES, strings
from course_utils.display.settings import Settings, each, trained
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.starts import Start
from course_utils.experiments.framework.told import CLIP_NORM, CLIPPED, ranges, start_text
from course_utils.nn.parameters import parameters_count
from course_utils.nn.tracking_net import DIAGONAL, RECURRENT, TrackingNet, tracking_size, width_for
from course_utils.runtime import prepare_optimizers, seeded
from course_utils.training import Budget, DivergedError, Loss, WarmupCosine, fit

BATCH, WARMUP, LSTM_UNITS = 64, 50, 32
LONGEST = 40  # symbols of strings to learn from
JUDGED_AT_ONCE = 50  # strings; attention over 500 symbols is large
MOST_LOSS = 1e6  # that is written, where numbers have grown beyond all bounds
RIGHT = 0.99  # share of right answers on decisive steps from which a length counts as solved

OWN, ORTHOGONAL = Start("torch's own"), Start("orthogonal", "orthogonal")
STARTS: dict[str, tuple[Start, Start]] = {
    "tanh RNN": (OWN, ORTHOGONAL),
    "ReLU RNN": (OWN, Start("identity", "identity", input_std=0.1)),
    "GRU": (OWN, ORTHOGONAL),
    "LSTM": (OWN, Start("forget biases 1", forget_bias=1.0)),
}
GATE_BIASES = {"gate biases 0": 0.0, "gate biases 2": 2.0}  # of diagonal recurrences
PLACES = {"places told": "Transformer", "no places told": "Transformer, no places"}
NETWORKS = (*RECURRENT, *DIAGONAL, "Transformer")


def choices(network: str) -> tuple[str, ...]:
    """The two ways to begin, of a Transformer the two ways to tell places, that are tried with each learning rate.

    Args:
        network: one of `NETWORKS`.
    """
    check_name("network", network, NETWORKS)
    if network in STARTS:
        return tuple(start.label for start in STARTS[network])
    return tuple(GATE_BIASES if network in DIAGONAL else PLACES)


def build(network: str, choice: str, language: str, lstm_units: int, seed: int) -> TrackingNet:
    """A network with as many parameters, nearly, as an LSTM.

    Args:
        network: one of `NETWORKS`.
        choice: of `choices(network)`.
        language: it reads the symbols of, and gives the answers of.
        lstm_units: of the LSTM.
        seed: of the first weights.
    """
    check_name(f"choice for {network}", choice, choices(network))
    inputs, outputs = len(LANGUAGES[language].symbols), len(LANGUAGES[language].answers)
    kind = PLACES.get(choice, network)
    with seeded(seed):
        model = TrackingNet(kind, inputs, outputs, width_like(kind, language, lstm_units))
    if network in STARTS:
        start = next(start for start in STARTS[network] if start.label == choice)
        start.apply(model, torch.Generator().manual_seed(seed))  # type: ignore[arg-type]
    if network in DIAGONAL:
        layers: Any = model.core.layers
        for layer in layers:
            nn.init.constant_(layer.keep.bias, GATE_BIASES[choice])
    return model


def width_like(kind: str, language: str, lstm_units: int) -> int:
    """The width that gives a network as many parameters, nearly, as an LSTM.

    Args:
        kind: of `course_utils.nn.tracking_net.NETWORKS`.
        language: whose symbols and answers there are.
        lstm_units: of the LSTM.
    """
    inputs, outputs = len(LANGUAGES[language].symbols), len(LANGUAGES[language].answers)
    return width_for(kind, inputs, outputs, tracking_size("LSTM", inputs, outputs, lstm_units))


def batches(language: str, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Inputs and answers without end, each batch of one length drawn from 2, or the shortest there is, to `LONGEST`."""
    generator, shortest = np.random.default_rng((0, seed)), max(LANGUAGES[language].shortest, 2)
    while True:
        drawn = strings(language, BATCH, int(generator.integers(shortest, LONGEST + 1)), generator)
        yield drawn.inputs, drawn.answers


def objective(model: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
    """Cross-entropy of the answers, over all steps."""
    inputs, answers = batch
    return nn.functional.cross_entropy(model(inputs).flatten(0, 1), answers.flatten())


@torch.no_grad()
def judge(model: nn.Module, language: str, lengths: list[int], count: int, seed: int) -> list[Row]:
    """How many answers on decisive steps are right, at each length.

    Strings that are longer than those to learn from count at least half as far as the farthest of their length.

    Args:
        model: inputs → logits.
        language: of `LANGUAGES`.
        lengths: of the strings.
        count: strings of each length.
        seed: of the strings; none of them is drawn in training.

    Returns:
        For each length `length`, `accuracy`, `solved` (1.0 where that reaches `RIGHT`) and `loss` over all steps.
    """
    rows: list[Row] = []
    for length in lengths:
        drawn = strings(language, count, length, np.random.default_rng((1, seed, length)), deep=length > LONGEST)
        logits = torch.cat([model(part) for part in drawn.inputs.split(JUDGED_AT_ONCE)])
        right = (logits.argmax(-1) == drawn.answers)[drawn.decisive].double().mean()
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), drawn.answers.flatten())
        loss = loss.nan_to_num(MOST_LOSS).clamp(max=MOST_LOSS)
        solved = float(right >= RIGHT)
        rows.append({"length": length, "accuracy": float(right), "solved": solved, "loss": float(loss)})
    return rows


def learned(
    language: str,
    network: str,
    choice: str,
    lr: float,
    *,
    lstm_units: int,
    steps: int,
    seed: int,
    drawn: Iterator[tuple[Tensor, Tensor]] | None = None,
) -> TrackingNet:
    """A network that was trained on strings of up to `LONGEST` symbols with the answer after each.

    Args:
        language: of `LANGUAGES`.
        network: one of `NETWORKS`.
        choice: of `choices(network)`.
        lr: the highest rate of Adam.
        lstm_units: of the LSTM; the others have as many parameters, nearly.
        steps: of the optimiser.
        seed: of weights and strings.
        drawn: batches of inputs and answers; default: `batches`.

    Returns:
        The network; of a training that diverged, with the weights before that.
    """
    model = build(network, choice, language, lstm_units, seed)
    train(model, drawn or batches(language, seed), lr, steps)
    return model


def train(model: nn.Module, drawn: Iterator[Any], lr: float, steps: int, loss: Loss = objective) -> None:
    """Train a network; where its training diverges, it keeps the weights that it had before.

    Args:
        model: inputs → logits after each symbol.
        drawn: batches of inputs and answers, or of what the loss takes.
        lr: the highest rate of Adam.
        steps: of the optimiser.
        loss: (model, batch) → loss.
    """
    prepare_optimizers()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    with suppress(DivergedError):
        fit(
            model,
            drawn,
            loss,
            steps=steps,
            optimizer=optimizer,
            lr_schedule=WarmupCosine(Budget(steps), WARMUP).of(optimizer),
            clip_norm=CLIP_NORM,
            progress=False,
        )


def measure(
    seed: int, *, runs: list[list[Any]], lstm_units: int, steps: int, lengths: list[int], strings: int
) -> list[Row]:
    """Train each network on short strings of a language, and judge it on strings of several lengths.

    Args:
        seed: of weights and strings.
        runs: [language, network, choice, learning rate].
        lstm_units: of the LSTM; the others have as many parameters, nearly.
        steps: of the optimiser.
        lengths: at which they are judged.
        strings: of each of these lengths.

    Returns:
        A row for each run and length: `language`, `network`, `choice`, `lr`, `parameters`, `cpu_seconds` of the
        training, and what `judge` says.
    """
    prepare_optimizers()
    rows: list[Row] = []
    for language, network, choice, lr in runs:
        began = process_time()
        model = learned(language, network, choice, lr, lstm_units=lstm_units, steps=steps, seed=seed)
        about = {"language": language, "network": network, "choice": choice, "lr": lr}
        about |= {"parameters": parameters_count(model), "cpu_seconds": process_time() - began}
        rows += [{**about, **judged} for judged in judge(model, language, lengths, strings, seed)]
    return rows


# ---------------------------------------------------------------------------------------------------------------------
# The experiment

RATES = (0.003, 0.01, 0.03)
WIDER = (
    0.001,
    0.1,
)  # tried for all networks: with each language the best of RATES was the smallest or largest for some
WIDEST = (0.0003, 0.3)  # and so again
NAMES = {  # of the experiments: language → name
    "parity": "formal_parity",
    "permutations of three": "formal_permutations",
    "aⁿbⁿ": "formal_a_b",
    "Dyck-1": "formal_dyck_1",
}

# A search of one language is cut into parts of less than a CPU minute.
PARTS: dict[str, tuple[str, ...]] = {
    "_cells": tuple(RECURRENT),
    "_linear": tuple(DIAGONAL),
    "_attention": ("Transformer",),
}
WHOLE = {"": NETWORKS}

# Of both choices and all rates tried the pair with most right answers on strings of 40, 80 and 160 symbols after 400
# steps, in the searches of the language; of equal ones the one with the smaller loss. At the edge of all rates are the
# LSTM in aⁿbⁿ, which has everything right there, and two that are at chance with every rate.
CHOSEN: dict[str, dict[str, tuple[str, float]]] = {
    "parity": {
        "tanh RNN": ("orthogonal", 0.03),
        "ReLU RNN": ("torch's own", 0.1),
        "GRU": ("torch's own", 0.1),
        "LSTM": ("torch's own", 0.1),
        "diagonal (0, 1)": ("gate biases 2", 0.0003),
        "diagonal (−1, 1)": ("gate biases 2", 0.01),
        "Transformer": ("places told", 0.03),
    },
    "permutations of three": {
        "tanh RNN": ("orthogonal", 0.0003),
        "ReLU RNN": ("torch's own", 0.01),
        "GRU": ("torch's own", 0.003),
        "LSTM": ("forget biases 1", 0.03),
        "diagonal (0, 1)": ("gate biases 2", 0.001),
        "diagonal (−1, 1)": ("gate biases 0", 0.003),
        "Transformer": ("places told", 0.003),
    },
    "aⁿbⁿ": {
        "tanh RNN": ("torch's own", 0.01),
        "ReLU RNN": ("identity", 0.1),
        "GRU": ("torch's own", 0.03),
        "LSTM": ("torch's own", 0.3),
        "diagonal (0, 1)": ("gate biases 0", 0.01),
        "diagonal (−1, 1)": ("gate biases 2", 0.003),
        "Transformer": ("no places told", 0.03),
    },
    "Dyck-1": {
        "tanh RNN": ("orthogonal", 0.01),
        "ReLU RNN": ("identity", 0.03),
        "GRU": ("torch's own", 0.03),
        "LSTM": ("torch's own", 0.1),
        "diagonal (0, 1)": ("gate biases 0", 0.03),
        "diagonal (−1, 1)": ("gate biases 2", 0.01),
        "Transformer": ("no places told", 0.01),
    },
}
SEEDS = tuple(range(640, 650))  # that are reported, and that no other experiment has used

_SETTINGS = {"lstm_units": LSTM_UNITS, "steps": 1_000, "lengths": [40, 60, 101, 200, 500], "strings": 200}
_QUICK = {"lstm_units": 4, "steps": 3, "strings": 8}


def searched(language: str, rates: tuple[float, ...], networks: tuple[str, ...] = NETWORKS) -> list[list[Any]]:
    """Networks with both choices and some rates.

    Args:
        language: one of `NAMES`.
        rates: to try.
        networks: of `NETWORKS`.
    """
    return [[language, network, choice, lr] for network in networks for choice in choices(network) for lr in rates]


def reported(language: str) -> list[list[Any]]:
    """The best of these for each network; before the search, the first choice with the rate in the middle.

    Args:
        language: one of `NAMES`.
    """
    chosen = CHOSEN.get(language, {})
    return [[language, network, *chosen.get(network, (choices(network)[0], RATES[1]))] for network in NETWORKS]


def told(
    *,
    runs: list[list[Any]],
    lstm_units: int,
    steps: int,
    lengths: list[int],
    strings: int,
    batch: str = f"{BATCH} strings of one length, 2 to {LONGEST} symbols",
    note: str = "",
) -> Settings:
    """What a reader must know of the trainings.

    Args:
        runs: as in `measure`.
        lstm_units: as in `measure`.
        steps: as in `measure`.
        lengths: as in `measure`.
        strings: as in `measure`.
        batch: what is learned from.
        note: what is asked, and how it is judged; default: as in `measure`.
    """
    several = len({language for language, *_ in runs}) > 1  # answers differ, and with them the sizes
    sizes = {
        PLACES.get(choice, network) + (f", {language}" if several else ""): _size_text(
            PLACES.get(choice, network), language, lstm_units
        )
        for language, network, choice, _ in runs
    }
    begins: dict[str, str] = {}
    for _, network, choice, _ in runs:
        start = next((start for start in STARTS.get(network, ()) if start.label == choice), None)
        begins[f"{network}, {choice}"] = start_text(start) if start else f"torch's own, {choice}"
    return trained(
        start=each(begins),
        learning_rate=f"Adam, {ranges((network, lr) for _, network, _, lr in runs)}, "
        f"rising over {WARMUP} steps, then falling to 0 as a cosine",
        clipping=CLIPPED,
        steps=f"{steps:,}",
        batch=batch,
        size=each(sizes),
        note=note
        or f"an answer after each symbol; judged on {strings:,} strings of each of the lengths "
        f"{', '.join(map(str, lengths))}{_far_text(language for language, *_ in runs)}",
    )


def _far_text(languages: Iterable[str]) -> str:
    """How far longer strings count, where there is something to count."""
    counting = any(LANGUAGES[language].automaton is None for language in languages)
    return f", those above {LONGEST} counting at least half as far as the farthest of their length" if counting else ""


def _size_text(kind: str, language: str, lstm_units: int) -> str:
    inputs, outputs = len(LANGUAGES[language].symbols), len(LANGUAGES[language].answers)
    width = width_like(kind, language, lstm_units)
    return f"{width} units, {tracking_size(kind, inputs, outputs, width):,} parameters"


EXPERIMENTS = (
    *(
        Experiment(
            name=f"{name}{kind}{part}_search",
            version=1,
            measure=measure,
            told=told,
            seeds=(1000,),  # none of those that are reported
            settings={**_SETTINGS, "runs": searched(language, rates, networks), "steps": 400, "lengths": [40, 80, 160]},
            quick=_QUICK,
            timed=("cpu_seconds",),
        )
        for language, name in NAMES.items()
        for kind, rates in (("", RATES), ("_wider", WIDER), ("_widest", WIDEST))
        for part, networks in (WHOLE if (language, kind) == ("permutations of three", "") else PARTS).items()
    ),
    *(
        Experiment(
            name=NAMES[language],
            version=1,
            measure=measure,
            told=told,
            seeds=SEEDS,
            settings={**_SETTINGS, "runs": reported(language)},
            quick=_QUICK,
            timed=("cpu_seconds",),
        )
        for language in NAMES
    ),
)
