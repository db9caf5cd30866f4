"""Claim C06, speech: digits spoken one after the other, read by CTC, with RNN, GRU and LSTM of equal size.

Clips of one made voice are joined with short pauses; the voices that are judged were not learnt from.
"""

from __future__ import annotations

from functools import cache, partial
from time import process_time
from typing import Any

import torch

from course_utils.checks import check_name
from course_utils.data.spoken_digits import WORDS, SpokenDigits, joined, spoken_digits
from course_utils.display.settings import Settings, each, trained
from course_utils.errors import CourseError
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.told import CLIPPED
from course_utils.models.speech import Recogniser
from course_utils.models.speech.listening import WARMUP
from course_utils.nn.parameters import parameters_count
from course_utils.nn.speech_model import Listener
from course_utils.stats import nearest_width
from course_utils.training import Budget, WarmupStableDecay

BATCH = 32
NETWORKS = {"RNN": "rnn", "GRU": "gru", "LSTM": "lstm"}  # all read forwards and backwards


@cache
def width_like(network: str, hidden_size: int) -> int:
    """The hidden size that gives a network as many weights, nearly, as the LSTM has.

    Args:
        network: one of `NETWORKS`.
        hidden_size: of the LSTM.
    """
    wanted = weights_of("LSTM", hidden_size)
    return nearest_width(wanted, partial(weights_of, network))


@cache
def weights_of(network: str, width: int) -> int:
    """How many numbers a recogniser of the ten words and the blank learns."""
    with torch.random.fork_rng(devices=[]):
        model = Listener(NETWORKS[network], 1 + len(WORDS), width, bidirectional=True, pooled=False)
    return parameters_count(model)


def word_error(predictions: list[str], right: list[str]) -> float:
    """The fewest words to insert, delete or replace, per word of the references; by jiwer.

    Raises:
        CourseError: not as many of one as of the other, or a reference without a word.
    """
    if len(predictions) != len(right) or not right or not all(text.strip() for text in right):
        raise CourseError("A word error needs an answer for each reference, and references that have a word each.")
    import jiwer

    return float(jiwer.wer(list(right), list(predictions)))


def measure(
    seed: int,
    *,
    rates: dict[str, list[float]],
    hidden_size: int,
    lines: int,
    steps: int,
    judged: int,
    choosing: bool = False,
) -> list[Row]:
    """Train each network on joined digits, and judge it by voices that it has never heard.

    Args:
        seed: of weights, lines and order.
        rates: network → learning rates to try.
        hidden_size: H of the LSTM, in each direction; the others have as many weights, nearly.
        lines: of three to eight digits, to learn from.
        steps: of the optimiser; the same for all.
        judged: lines that are judged.
        choosing: judge by the voices for choosing, and not by those of the test.

    Returns:
        A row for each network and rate: `network`, `lr`, `hidden_size`, `parameters`, `word_error`, `exact` (the share
        of lines without a wrong word), `silent` (the share of lines of which it read nothing), `cpu_seconds`.

    Raises:
        CourseError: an unknown network.
    """
    for network in rates:
        check_name("network", network, NETWORKS)
    voices = spoken_digits("voices")
    clips, texts = _lines(voices.train, lines, seed)
    asked, right = _lines(voices.valid if choosing else voices.test, judged, seed)
    rows: list[Row] = []
    for network, tried in rates.items():
        for lr in tried:
            recogniser = Recogniser(NETWORKS[network], hidden_size=width_like(network, hidden_size), seed=seed)
            began = process_time()
            recogniser.fit(
                clips,
                texts,
                sample_rate=voices.sample_rate,
                steps=steps,
                lr=lr,
                batch_size=BATCH,
                augment=False,
                progress=False,
            )
            spent = process_time() - began
            predictions = recogniser.transcribe(asked, sample_rate=voices.sample_rate)
            rows.append(
                {
                    "network": network,
                    "lr": lr,
                    "hidden_size": recogniser.hidden_size,
                    "parameters": recogniser.parameters_count,
                    "word_error": word_error(predictions, right),
                    "exact": sum(s == r for s, r in zip(predictions, right, strict=True)) / len(right),
                    "silent": sum(not text for text in predictions) / len(right),
                    "cpu_seconds": spent,
                }
            )
    return rows


def _lines(digits: SpokenDigits, count: int, seed: int) -> tuple[list[Any], list[str]]:
    clips, transcripts = joined(digits, count, seed)
    return list(clips), list(transcripts)


# ---------------------------------------------------------------------------------------------------------------------
# The experiment

RATES = (0.001, 0.003, 0.01)

# The one of RATES with the smallest word error by the voices for choosing, in "joined_digits_search".
CHOSEN: dict[str, float] = {"RNN": 0.001, "GRU": 0.003, "LSTM": 0.01}

_SETTINGS = {"hidden_size": 96, "lines": 1_500, "steps": 400, "judged": 200}
_QUICK = {"hidden_size": 6, "lines": 12, "steps": 2, "judged": 6}


def told(*, rates: dict[str, list[float]], hidden_size: int, lines: int, steps: int, **_: Any) -> Settings:
    """What a reader must know of the trainings."""
    widths = {name: width_like(name, hidden_size) for name in rates}
    sizes = {name: f"{width} units each way, {weights_of(name, width):,} parameters" for name, width in widths.items()}
    return trained(
        start="torch's own",
        learning_rate=f"Adam, {each(rates)}, {WarmupStableDecay(Budget(steps), WARMUP).words}",
        clipping=CLIPPED,
        steps=f"{steps:,}, on {lines:,} lines",
        batch=f"{BATCH}",
        size=each(sizes),
        augmentation=Recogniser().augmentation(augment=False),
    )


EXPERIMENTS = (
    Experiment(
        name="joined_digits_search",
        version=1,
        measure=measure,
        told=told,
        seeds=(1000,),  # not one of those that are reported
        settings={"rates": {network: list(RATES) for network in NETWORKS}, "choosing": True, **_SETTINGS},
        quick=_QUICK,
        timed=("cpu_seconds",),
    ),
    Experiment(
        name="joined_digits",
        version=1,
        measure=measure,
        told=told,
        seeds=tuple(range(10)),
        settings={"rates": {network: [lr] for network, lr in CHOSEN.items()}, **_SETTINGS},
        quick=_QUICK,
        timed=("cpu_seconds",),
    ),
)
