"""Claims C06 and C20: characters of English by five networks of equal size, a 5-gram and a hidden Markov model."""

from __future__ import annotations

from time import process_time
from typing import Any

import torch
from torch import Tensor

from course_utils.display import settings as line
from course_utils.display.settings import Settings, each, named_each
from course_utils.experiments.applications.text_training import (
    BATCH,
    NETWORKS,
    SEQ_LEN,
    WARMUP,
    TextNetwork,
    alphabet,
    stretch,
    token_nats,
    trained,
    width_like,
)
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.told import CLIPPED
from course_utils.metrics import bits_per_character
from course_utils.models.discounting import RunCounts
from course_utils.models.hidden_markov import HiddenMarkov
from course_utils.nn.parameters import parameters_count
from course_utils.nn.streams import parallel_rows
from course_utils.runtime import prepare_optimizers
from course_utils.stats import nearest_width

ORDER, HMM_ROWS = 5, 300
N_GRAM, HIDDEN_MARKOV = f"{ORDER}-gram", "HMM"
STEPS, SECONDS, OWN = "equal steps", "equal seconds", "its own"  # what is given to each


def measure_costs(seed: int, *, hidden_size: int, learned: int, steps: int) -> list[Row]:
    """What a training step of each network takes.

    Args:
        seed: of the text and the weights.
        hidden_size: of the LSTM; the others have as many parameters, nearly.
        learned: characters to learn from.
        steps: that are timed.

    Returns:
        A row for each network: `network`, `milliseconds` of CPU for each step.
    """
    prepare_optimizers()
    symbols, rows = alphabet(), []
    tokens = torch.tensor(symbols.encode(stretch(seed, learned, 0).train))
    for network in NETWORKS:
        began = process_time()
        trained(network, tokens, len(symbols), width_like(network, len(symbols), hidden_size), 1e-3, steps, seed)
        rows.append({"network": network, "milliseconds": 1000 * (process_time() - began) / steps})
    return rows


def measure(
    seed: int, *, plan: list[list[Any]], hidden_size: int, learned: int, judged: int, iterations: list[int]
) -> list[Row]:
    """Train each network on the stretch of a seed, count its runs, fit a hidden Markov model; judge all alike.

    Args:
        seed: of the stretch, the weights and the first probabilities.
        plan: [name, what it is given, its setting, steps]: of a network the learning rate, of the 5-gram the discount,
            of the hidden Markov model what is added to each of its counts.
        hidden_size: of the LSTM; the other networks and the hidden Markov model have as many parameters, nearly.
        learned: characters to learn from.
        judged: characters of the validation part, which follow, and of the test part, which follow these.
        iterations: of Baum–Welch, on the first tenth of the text and then on all of it.

    Returns:
        A row for each of the plan: `network`, `given`, `setting`, `steps`, `parameters`, `valid_bits` and `bits` of the
        test, for each character; `cpu_seconds` of the training.
    """
    prepare_optimizers()
    symbols, parts = alphabet(), stretch(seed, learned, judged)
    train, valid, test = (torch.tensor(symbols.encode(part)) for part in (parts.train, parts.valid, parts.test))
    size, rows = len(symbols), []
    for name, given, setting, steps in plan:
        began = process_time()
        if name == N_GRAM:
            counts = RunCounts(train, ORDER, size, kneser_ney=True)
            spent, parameters = process_time() - began, len(counts)
            nats = [_counted(counts, before, part, setting) for before, part in ((train, valid), (valid, test))]
        elif name == HIDDEN_MARKOV:
            states = states_like(size, hidden_size)
            model = hidden_markov(train, states, size, setting, iterations, seed)
            spent, parameters = process_time() - began, markov_size(states, size)
            nats = [_in_states(model, before, part) for before, part in ((train, valid), (valid, test))]
        else:
            network = trained(name, train, size, width_like(name, size, hidden_size), setting, steps, seed)
            spent, parameters = process_time() - began, parameters_count(network)
            nats = [token_nats(network, before, part).tolist() for before, part in ((train, valid), (valid, test))]
        about = {"network": name, "given": given, "setting": setting, "steps": steps, "parameters": parameters}
        bits = {"valid_bits": bits_per_character(nats[0], parts.valid), "bits": bits_per_character(nats[1], parts.test)}
        rows.append({**about, **bits, "cpu_seconds": spent})
    return rows


def _counted(counts: RunCounts, before: Tensor, tokens: Tensor, discount: float) -> list[float]:
    context = before[-(ORDER - 1) :]
    nats: list[float] = counts.nats(torch.cat([context, tokens]), discount)[len(context) :].tolist()
    return nats


def _in_states(model: HiddenMarkov, before: Tensor, tokens: Tensor) -> list[float]:
    """What the whole text cost, as one number, the last 128 tokens before it being known."""
    context = before[None, -128:]
    together = torch.cat([context, tokens[None]], dim=1)
    return [float(model.log_likelihood(context) - model.log_likelihood(together))]


def hidden_markov(
    tokens: Tensor, states: int, size: int, smoothing: float, iterations: list[int], seed: int
) -> HiddenMarkov:
    """A hidden Markov model of a text, in rows: fitted to its first tenth, which takes it off the plateau on which
    random probabilities begin, and then to all of it.

    Args:
        tokens: (N,), the text.
        states: K.
        size: V.
        smoothing: added to every expected count.
        iterations: of both fits.
        seed: of the first probabilities.
    """
    model = HiddenMarkov(states, size, generator=torch.Generator().manual_seed(seed))
    for share, times in zip((len(tokens) // 10, len(tokens)), iterations, strict=True):
        model.fit(parallel_rows(tokens[:share], max(HMM_ROWS * share // len(tokens), 1)), times, smoothing=smoothing)
    return model


def markov_size(states: int, size: int) -> int:
    """How many probabilities a hidden Markov model learns: of the first state, of moves and of symbols."""
    return states - 1 + states * (states - 1) + states * (size - 1)


def states_like(size: int, hidden_size: int) -> int:
    """How many states have as many parameters, nearly, as an LSTM."""
    with torch.device("meta"):
        wanted = parameters_count(TextNetwork("LSTM", size, hidden_size))
    return nearest_width(wanted, lambda states: markov_size(states, size))


# ---------------------------------------------------------------------------------------------------------------------
# The experiments

# Milliseconds of CPU for a training step, one thread: the medians of "text_step_costs", to two digits.
MILLISECONDS = {"tanh RNN": 4.2, "ReLU RNN": 4.0, "GRU": 6.5, "LSTM": 5.7, "Transformer": 7.0}
ALL_STEPS, ALL_SECONDS = 1000, 5.0
STEPS_IN_SECONDS = {network: round(1000 * ALL_SECONDS / cost / 10) * 10 for network, cost in MILLISECONDS.items()}

# Five settings for each. The LSTM's best rate was the largest: a sixth was tried for all networks.
RATES = (0.002, 0.004, 0.008, 0.016, 0.032)
WIDER = 0.064
DISCOUNTS = (0.5, 0.6, 0.7, 0.8, 0.9)
SMOOTHINGS = (0.0001, 0.001, 0.01, 0.1, 1.0)
TRIED: dict[str, tuple[float, ...]] = {**dict.fromkeys(NETWORKS, RATES), N_GRAM: DISCOUNTS, HIDDEN_MARKOV: SMOOTHINGS}

# Of these, the ones with the fewest bits on the validation part, in "text_cells_search" and "text_cells_wider_search".
CHOSEN: dict[str, float] = {
    "tanh RNN": 0.016,
    "ReLU RNN": 0.016,
    "GRU": 0.016,
    "LSTM": 0.032,
    "Transformer": 0.008,
    N_GRAM: 0.7,
    HIDDEN_MARKOV: 0.01,
}

_SETTINGS = {"hidden_size": 64, "learned": 300_000, "judged": 30_000, "iterations": [60, 4]}
_QUICK = {"hidden_size": 8, "learned": 6_000, "judged": 500, "iterations": [2, 1]}


def variants() -> list[list[Any]]:
    """What is reported: each network with as many steps, and in as many seconds; the 5-gram and the HMM once."""
    networks = [
        [network, given, CHOSEN[network], steps[network]]
        for given, steps in ((STEPS, dict.fromkeys(NETWORKS, ALL_STEPS)), (SECONDS, STEPS_IN_SECONDS))
        for network in NETWORKS
    ]
    return [*networks, *([name, OWN, CHOSEN[name], 0] for name in (N_GRAM, HIDDEN_MARKOV))]


def told(*, plan: list[list[Any]], hidden_size: int, learned: int, judged: int, iterations: list[int]) -> Settings:
    """What a reader must know of the trainings."""
    rates: dict[str, list[float]] = {}
    made: dict[str, dict[str, int]] = {}
    for name, given, setting, steps in plan:
        if name in NETWORKS:
            rates.setdefault(name, []).append(setting)
            made.setdefault(given, {})[name] = steps
    others = {name: [setting for other, _, setting, _ in plan if other == name] for name in (N_GRAM, HIDDEN_MARKOV)}
    counted = (
        f"; the 5-gram is Kneser and Ney's, with the discount {each({N_GRAM: others[N_GRAM]})}; the HMM adds "
        f"{each({HIDDEN_MARKOV: others[HIDDEN_MARKOV]})} to its counts and makes {iterations[0]} iterations on a tenth "
        f"of the text, then {iterations[1]} on all of it"
        if all(others.values())
        else ""
    )
    size = states_like(len(alphabet()), hidden_size)
    return line.trained(
        start="torch's own",
        learning_rate=f"Adam, {each(rates)}, rising over {WARMUP} steps, then falling to 0 as a cosine",
        clipping=CLIPPED,
        steps="; ".join(f"{given}: {named_each(steps)}" for given, steps in made.items()),
        batch=f"{BATCH} windows of {SEQ_LEN} characters, the state carried from window to window",
        size=f"{hidden_size} units of the LSTM, the others as many parameters, nearly; {size} states of the HMM",
        note=f"{learned:,} characters to learn from, from a place of its own for each seed, {judged:,} to choose with "
        f"and {judged:,} to judge; embeddings of 32; RNN and GRU with a backward pass by hand; seconds are those of "
        f"one thread, {named_each(MILLISECONDS)} milliseconds a step{counted}",
    )


def told_costs(*, hidden_size: int, learned: int, steps: int) -> Settings:
    """What a reader must know of the timed trainings."""
    return line.trained(
        start="torch's own",
        learning_rate=f"Adam, 0.001, rising over {WARMUP} steps, then falling to 0 as a cosine",
        clipping=CLIPPED,
        steps=f"{steps:,}",
        batch=f"{BATCH} windows of {SEQ_LEN} characters",
        size=f"{hidden_size} units of the LSTM, the others as many parameters, nearly",
        note=f"{learned:,} characters; one thread; RNN and GRU with a backward pass by hand",
    )


EXPERIMENTS = (
    Experiment(
        name="text_step_costs",
        version=1,
        measure=measure_costs,
        told=told_costs,
        seeds=tuple(range(1000, 1005)),
        settings={"hidden_size": 64, "learned": 300_000, "steps": 100},
        quick={"hidden_size": 8, "learned": 6_000, "steps": 3},
        timed=("milliseconds",),
    ),
    Experiment(
        name="text_cells_search",
        version=1,
        measure=measure,
        told=told,
        seeds=(1000, 1001),  # not those that are reported
        settings={
            "plan": [
                [name, STEPS if name in NETWORKS else OWN, setting, ALL_STEPS if name in NETWORKS else 0]
                for name, settings in TRIED.items()
                for setting in settings
            ],
            **_SETTINGS,
        },
        quick={**_QUICK, "plan": [[name, OWN, tried[0], 3] for name, tried in TRIED.items()]},
        timed=("cpu_seconds",),
    ),
    Experiment(
        name="text_cells_wider_search",
        version=1,
        measure=measure,
        told=told,
        seeds=(1000, 1001),
        settings={"plan": [[network, STEPS, WIDER, ALL_STEPS] for network in NETWORKS], **_SETTINGS},
        quick={**_QUICK, "plan": [[network, STEPS, WIDER, 3] for network in NETWORKS]},
        timed=("cpu_seconds",),
    ),
    Experiment(
        name="text_cells",
        version=1,
        measure=measure,
        told=told,
        seeds=tuple(range(300, 310)),
        settings={"plan": variants(), **_SETTINGS},
        quick={**_QUICK, "plan": [[*variant[:3], min(variant[3], 3)] for variant in variants()]},
        timed=("cpu_seconds",),
    ),
)
