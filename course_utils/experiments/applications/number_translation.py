"""Claims C23 and C06: numbers in words from French to English, with RNN, GRU and LSTM, with attention and without."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from time import process_time
from typing import Any, TypeAlias

import torch

from course_utils.checks import check_name
from course_utils.data.number_words import number_words
from course_utils.display import settings as line
from course_utils.display.settings import Settings, each
from course_utils.errors import CourseError
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.told import CLIP_NORM, CLIPPED
from course_utils.metrics import character_error, exact_match
from course_utils.models.once_translator import seen_once_
from course_utils.models.tokenisers import Characters
from course_utils.models.translation_training import Batches, Objective, token_error
from course_utils.nn.parameters import parameters_count
from course_utils.nn.sequences import PAD
from course_utils.nn.translation_model import Batch, TranslationModel, batch_of, search
from course_utils.runtime import seeded
from course_utils.stats import nearest_width
from course_utils.training import fit

Pair: TypeAlias = tuple[str, str]

# The cell, and the kind of attention. Without attention the decoder sees the encoder's last states, either as its own
# first state and again at every step (Cho et al. 2014), or as its first state only (Sutskever, Vinyals & Le 2014).
BATCH, BETAS, WARMUP, DROPOUT, SMOOTHING = 64, (0.9, 0.98), 50, 0.1, 0.1
FIRST = "first state only"
NETWORKS: dict[str, tuple[str, str | None]] = {
    "RNN": ("rnn", "additive"),
    "GRU": ("gru", "additive"),
    "LSTM": ("lstm", "additive"),
    "LSTM, summary at every step": ("lstm", None),
    "LSTM, first state only": ("lstm", FIRST),
}
# The most characters of an answer for one of the source, and five more. A little tight:
# "cent un" and its like, 0.4 % of the numbers, have a longer answer; no network can say these to their end.
ANSWERS = 1.6


def network_of(name: str, source_size: int, target_size: int, width: int, dropout: float = 0.0) -> TranslationModel:
    """A new network of one of the kinds in `NETWORKS`, with `width` units in every layer."""
    cell, attention = NETWORKS[name]
    if attention == FIRST:
        model = TranslationModel(cell, source_size, target_size, width, None, dropout=dropout)
        return seen_once_(model)
    return TranslationModel(cell, source_size, target_size, width, attention, dropout=dropout)


@cache
def width_like(network: str, hidden_size: int, source_size: int, target_size: int) -> int:
    """The hidden size that gives a network as many parameters, nearly, as the LSTM with attention has.

    Args:
        network: one of `NETWORKS`.
        hidden_size: of the LSTM with attention.
        source_size: characters of the source, signs included.
        target_size: characters of the target, signs included.
    """

    def count(name: str, width: int) -> int:
        with torch.random.fork_rng(devices=[]):
            model = network_of(name, source_size, target_size, width)
        return parameters_count(model)

    wanted = count("LSTM", hidden_size)
    return nearest_width(wanted, partial(count, network))


@dataclass
class Task:
    """Numbers in words, by characters, as one seed draws them.

    Attributes:
        source: the French characters.
        target: the English ones.
        train: batches of 64, in an order of their own each epoch.
        valid: held out, to choose with.
        test: held out, to judge with.
        longer: numbers from a million on.
    """

    source: Characters
    target: Characters
    train: Batches
    valid: list[Batch]
    test: list[Pair]
    longer: list[Pair]


def task(pairs: int, largest: int, judged: int, seed: int) -> Task:
    """Draw the numbers of a seed.

    Args:
        pairs: to learn from.
        largest: number.
        judged: of the test, and of the longer ones, at most.
        seed: of the draw and of the order.
    """
    drawn = number_words(pairs, largest, seed=seed)
    source, target = (Characters.of([pair[side] for pair in drawn.train]) for side in (0, 1))

    def numbers(some: Sequence[Pair]) -> list[tuple[list[int], list[int]]]:
        return [(source.encode(s), target.encode(t)) for s, t in some]

    valid = list(Batches(numbers(drawn.valid), 128, 0))
    return Task(
        source, target, Batches(numbers(drawn.train), BATCH, seed), valid, drawn.test[:judged], drawn.longer[:judged]
    )


@torch.no_grad()
def translated(model: TranslationModel, task: Task, pairs: Sequence[Pair]) -> list[str]:
    """Greedy translations; a character that was never seen is read as "unknown"."""
    was = model.training
    model.eval()
    answers = [""] * len(pairs)
    order = sorted(range(len(pairs)), key=lambda index: len(pairs[index][0]))
    for start in range(0, len(order), 100):
        some = order[start : start + 100]
        batch = batch_of([(task.source.encode(pairs[index][0]), []) for index in some])
        longest = (batch.lengths * ANSWERS).long() + 5
        for index, tokens in zip(
            some, search(model, batch.sources, batch.lengths, longest, 1).tokens.tolist(), strict=True
        ):
            answers[index] = task.target.decode([token for token in tokens if token != PAD])
    model.train(was)
    return answers


@dataclass
class Watch:
    """Looks at a training from time to time: it is what `fit` validates with, and it keeps notes for the rows.

    Attributes:
        task: what is translated.
        every: steps between two looks.
        judging: look at the test too, and not only at the validation pairs?
        rows: what was seen; its last row is of the last look.
    """

    task: Task
    every: int
    judging: bool = True
    rows: list[Row] = field(default_factory=list)
    began: float = field(default_factory=process_time)
    looking: float = 0.0  # CPU seconds that the looks took

    def __call__(self, model: Any) -> float:
        """The share of wrong characters under teacher forcing, on the validation pairs."""
        at = process_time()
        error = token_error(model, self.task.valid)
        self.rows.append(
            {
                "steps": (len(self.rows) + 1) * self.every,
                "valid_error": error,
                "cpu_seconds": at - self.began - self.looking,
                **(scores(model, self.task) if self.judging else {}),
            }
        )
        self.looking += process_time() - at
        return error


def scores(model: TranslationModel, task: Task) -> Row:
    """Scores on numbers that were not trained on: `exact`, `character_error`, `longest_fifth`, and `longer`."""
    predictions, right = translated(model, task, task.test), [english for _, english in task.test]
    long = sorted(range(len(right)), key=lambda index: len(task.test[index][0]))[-max(len(right) // 5, 1) :]
    longer = translated(model, task, task.longer)
    return {
        "exact": exact_match(predictions, right),
        "character_error": character_error(predictions, right),
        "longest_fifth": exact_match([predictions[index] for index in long], [right[index] for index in long]),
        "longer": exact_match(longer, [english for _, english in task.longer]),
    }


def measure(
    seed: int,
    *,
    rates: dict[str, list[float]],
    hidden_size: int,
    pairs: int,
    largest: int,
    steps: int,
    looks: int,
    judged: int,
) -> list[Row]:
    """Train each network on the numbers of a seed, and look at it on the way.

    Args:
        seed: of numbers, weights, order and dropout.
        rates: network → learning rates to try.
        hidden_size: H of the LSTM with attention; the others have as many parameters, nearly.
        pairs: to learn from.
        largest: number to learn from.
        steps: of the optimiser, batches of 64; the learning rate rises over 50 steps, then falls to 0 as a cosine.
        looks: how often a training is looked at; the last time at its end.
        judged: sentences of the test, and longer ones.

    Returns:
        A row for each network, rate and look: `network`, `lr`, `hidden_size`, `parameters`, `steps`, `last` (is it the
        last look?), `valid_error`, `cpu_seconds` of training so far, and what `scores` says.

    Raises:
        CourseError: an unknown network.
    """
    trainings = _trainings(seed, rates, hidden_size, (pairs, largest, judged), (steps, looks))
    return [{**about, "last": int(row is watch.rows[-1]), **row} for about, _, watch in trainings for row in watch.rows]


def measure_kept(
    seed: int,
    *,
    rates: dict[str, list[float]],
    hidden_size: int,
    pairs: int,
    largest: int,
    steps: int,
    looks: int,
    judged: int,
) -> list[Row]:
    """As `measure`, but the test is looked at once, with the weights of the look of the smallest validation error.

    Args:
        seed: of numbers, weights, order and dropout.
        rates: network → learning rates to try.
        hidden_size: H of the LSTM with attention; the others have as many parameters, nearly.
        pairs: to learn from.
        largest: number to learn from.
        steps: of the optimiser.
        looks: at the validation pairs.
        judged: sentences of the test, and longer ones.

    Returns:
        A row for each network and rate: as those of `measure`, with `kept` (the step whose weights are judged) and its
        `valid_error` in place of the looks.

    Raises:
        CourseError: an unknown network, or looks that do not divide the steps.
    """
    rows = []
    for about, model, watch in _trainings(
        seed, rates, hidden_size, (pairs, largest, judged), (steps, looks), judging=False
    ):
        best = min(watch.rows, key=lambda row: row["valid_error"])  # `fit` has put its weights back
        found = {"kept": best["steps"], "valid_error": best["valid_error"]}
        spent = {"cpu_seconds": watch.rows[-1]["cpu_seconds"]}
        rows.append({**about, **found, **scores(model, watch.task), **spent})
    return rows


def _trainings(
    seed: int,
    rates: dict[str, list[float]],
    hidden_size: int,
    numbers: tuple[int, int, int],
    training: tuple[int, int],
    *,
    judging: bool = True,
) -> Iterator[tuple[Row, TranslationModel, Watch]]:
    """Each network and rate: what is said of it in every row, the trained network, and what was seen on the way."""
    for network, tried in rates.items():
        check_name("network", network, NETWORKS)
        for lr in tried:
            given = task(*numbers, seed)
            sizes = len(given.source), len(given.target)
            width = width_like(network, hidden_size, *sizes)
            with seeded(seed):
                model = network_of(network, *sizes, width, dropout=DROPOUT)
                watch = trained(model, given, *training, lr, judging=judging)
            about = {"network": network, "lr": lr, "hidden_size": width, "parameters": parameters_count(model)}
            yield about, model, watch


def trained(model: TranslationModel, given: Task, steps: int, looks: int, lr: float, *, judging: bool = True) -> Watch:
    """Train a network; what was seen on the way. It ends with the weights of the best look.

    Raises:
        CourseError: the looks do not divide the steps.
    """
    if steps % looks:
        raise CourseError(f"{looks} looks do not divide {steps} steps. Choose a number that does.")
    optimizer = torch.optim.Adam(model.parameters(), lr=lr, betas=BETAS, eps=1e-9)
    rise = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min((step + 1) / WARMUP, 1.0))
    fall = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    watch = Watch(given, steps // looks, judging)
    fit(
        model,
        given.train,
        Objective(SMOOTHING, False),
        steps=steps,
        valid=watch,
        eval_every=watch.every,
        optimizer=optimizer,
        lr_schedule=torch.optim.lr_scheduler.ChainedScheduler([rise, fall]),
        clip_norm=CLIP_NORM,
        progress=False,
    )
    return watch


# ---------------------------------------------------------------------------------------------------------------------
# The experiment

RATES = (0.004, 0.008)

# The one of RATES with the smallest error on the validation pairs at the end, in "translating_search".
CHOSEN: dict[str, float] = dict.fromkeys(NETWORKS, 0.008)

_SETTINGS = {"hidden_size": 64, "pairs": 5000, "largest": 99_999, "judged": 500}
_QUICK = {"hidden_size": 8, "pairs": 100, "judged": 10, "steps": 8, "looks": 2}


def told(
    *, rates: dict[str, list[float]], hidden_size: int, pairs: int, largest: int, steps: int, looks: int, **_: Any
) -> Settings:
    """What a reader must know of the trainings."""
    return line.trained(
        start="torch's own",
        learning_rate=f"Adam (betas {BETAS[0]:g} and {BETAS[1]:g}), {each(rates)}, rising over {WARMUP} steps, then "
        "falling to 0 as a cosine",
        clipping=CLIPPED,
        steps=f"{steps:,}, weights of the best of {looks} validations",
        batch=f"{BATCH}",
        size=f"{hidden_size} units in each layer of the LSTM with attention, the others as large",
        note=f"{pairs:,} pairs of numbers up to {largest:,}, by characters; dropout {DROPOUT:g}, label smoothing "
        f"{SMOOTHING:g}",
    )


EXPERIMENTS = (
    Experiment(
        name="translating_search",
        version=1,
        measure=measure,
        told=told,
        seeds=(1000, 1001),  # not those that are reported
        settings={"rates": {network: list(RATES) for network in NETWORKS}, "steps": 200, "looks": 1, **_SETTINGS},
        quick=_QUICK,
        timed=("cpu_seconds",),
    ),
    Experiment(
        name="translating",
        version=1,
        measure=measure,
        told=told,
        seeds=tuple(range(10)),
        settings={"rates": {network: [lr] for network, lr in CHOSEN.items()}, "steps": 400, "looks": 4, **_SETTINGS},
        quick=_QUICK,
        timed=("cpu_seconds",),
    ),
    Experiment(
        name="translating_longer",
        version=1,
        measure=measure,
        told=told,
        seeds=(0, 1),
        settings={
            "rates": {name: [CHOSEN[name]] for name in ("LSTM, summary at every step", "LSTM, first state only")},
            "steps": 1500,
            "looks": 6,
            **_SETTINGS,
        },
        quick=_QUICK,
        timed=("cpu_seconds",),
    ),
    Experiment(
        name="translating_kept",  # the test is looked at once, and with seeds that no other experiment has used
        version=1,
        measure=measure_kept,
        told=told,
        seeds=tuple(range(210, 220)),
        settings={"rates": {"LSTM": [CHOSEN["LSTM"]]}, "steps": 300, "looks": 6, **_SETTINGS},
        quick={**_QUICK, "looks": 4},
        timed=("cpu_seconds",),
    ),
)
