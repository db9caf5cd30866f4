"""Claim C22: one text by characters, subwords, words, sentences and paragraphs, all in bits for each character.

A token that is not known is `<unk>`, and what it stands for is spelled out: a word by an n-gram of characters, as in
`course_utils.models.text_codecs`; a sentence or paragraph by how frequent each character is. The control of a level is
its unigram: it knows how frequent each token is, and nothing of what comes before. That of sentences and paragraphs is
the unigram of characters, which spells them where they are not known.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable
from functools import partial
from time import process_time
from typing import Any

import torch
from torch import Tensor

from course_utils.checks import check_name
from course_utils.display import settings as line
from course_utils.display.settings import Settings, each, named_each
from course_utils.experiments.applications.text_training import (
    BATCH,
    SEQ_LEN,
    WARMUP,
    stretch,
    token_nats,
    trained,
    whole_text,
)
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.told import CLIPPED
from course_utils.metrics import bits_per_character
from course_utils.models.discounting import RunCounts
from course_utils.models.text_codecs import UNKNOWN, TextCodec, text_codec
from course_utils.nn.parameters import parameters_count
from course_utils.runtime import prepare_optimizers

# What comes again seldom: together the pieces of a text are the text again.
UNITS = {
    "sentences": re.compile(r"[^.?!\n]*[.?!]+ ?|[^.?!\n]+|\n"),
    "paragraphs": re.compile(r"[^\n]*\n|[^\n]+"),
}
CODECS = {"characters": "char", "subwords": "subword", "words": "word"}
LEVELS = (*CODECS, *UNITS)
NETWORK = "LSTM"


class Units:
    """Sentences or paragraphs as tokens: those that stand in a text twice or more; others are spelled.

    Args:
        level: "sentences" or "paragraphs".
        text: to learn from.
    """

    def __init__(self, level: str, text: str) -> None:
        self.pattern = UNITS[level]
        counts = Counter(self.pattern.findall(text))
        known = (unit for unit, count in counts.most_common() if count > 1)
        self.numbers = {unit: number for number, unit in enumerate(known, UNKNOWN + 1)}
        self.cost = spelling_of(text, counts.total())

    def __len__(self) -> int:
        """V, the unknown one included."""
        return len(self.numbers) + 1

    def encode(self, text: str) -> Tensor:
        """(N,) the numbers of the units of a text."""
        return torch.tensor([self.numbers.get(unit, UNKNOWN) for unit in self.pattern.findall(text)])

    def spelling(self, text: str) -> Tensor:
        """(N,) the nats that it takes to spell each unit; 0 for those that are known."""
        units = self.pattern.findall(text)
        return torch.tensor([0.0 if unit in self.numbers else self.cost(unit) for unit in units], dtype=torch.float64)


def spelling_of(text: str, ends: int) -> Callable[[str], float]:
    """Nats to spell a unit: its characters and an end, each by how often it stands in a text.

    Args:
        text: to learn from; each character of the whole text counts once more.
        ends: how many units it has.
    """
    counts = Counter(text) + Counter(set(whole_text()))
    total = counts.total() + ends
    cost = {character: -math.log(count / total) for character, count in counts.items()}
    return lambda unit: sum(cost[character] for character in unit) - math.log(ends / total)


def codec_of(level: str, text: str, pieces: int) -> TextCodec | Units:
    """The tokens of a level, from the text that is learned from.

    Args:
        level: one of `LEVELS`.
        text: to learn from.
        pieces: how many subwords.
    """
    check_name("level", level, LEVELS)
    return Units(level, text) if level in UNITS else text_codec(CODECS[level], text, pieces if "sub" in level else None)


def measure(
    seed: int,
    *,
    plan: list[list[Any]],
    hidden_size: int,
    learned: int,
    judged: int,
    pieces: int,
) -> list[Row]:
    """Model the stretch of a seed at each level, and judge it in bits for each character.

    Args:
        seed: of the stretch and the weights.
        plan: [level, model, setting, steps]: of the network the learning rate, of an n-gram, such as 3, the discount.
        hidden_size: of the LSTM.
        learned: characters to learn from.
        judged: characters of the validation part, and of the test part.
        pieces: how many subwords.

    Returns:
        A row for each of the plan: `level`, `model` ("LSTM", "3-gram" …), `setting`, `steps`, `vocabulary`,
        `parameters`, `unknown` (share of the test's tokens); for each character `valid_bits`, `free_bits` of the test
        (nothing charged for spelling) and its `bits`; `cpu_seconds` of the training.
    """
    prepare_optimizers()
    parts, rows = stretch(seed, learned, judged), []
    for name, model, setting, steps in plan:
        codec = codec_of(name, parts.train, pieces)
        tokens, began = codec.encode(parts.train), process_time()
        if model == NETWORK:
            network = trained(NETWORK, tokens, len(codec), hidden_size, setting, steps, seed)
            parameters, nats_of = parameters_count(network), partial(token_nats, network)
        else:
            counts = RunCounts(tokens, model, len(codec), kneser_ney=True)
            parameters, nats_of = len(counts), partial(counted, counts, setting)
        spent = process_time() - began
        valid, test = codec.encode(parts.valid), codec.encode(parts.test)
        said = nats_of(tokens, valid), nats_of(torch.cat([tokens, valid]), test)
        spelled = codec.spelling(parts.valid), codec.spelling(parts.test)
        rows.append(
            {
                "level": name,
                "model": model if model == NETWORK else f"{model}-gram",
                "setting": setting,
                "steps": steps,
                "vocabulary": len(codec),
                "parameters": parameters,
                "unknown": float((test == UNKNOWN).double().mean()),
                "valid_bits": bits_per_character([float(said[0].sum() + spelled[0].sum())], parts.valid),
                "free_bits": bits_per_character([float(said[1].sum())], parts.test),
                "bits": bits_per_character([float(said[1].sum() + spelled[1].sum())], parts.test),
                "cpu_seconds": spent,
            }
        )
    return rows


def counted(counts: RunCounts, discount: float, before: Tensor, tokens: Tensor) -> Tensor:
    """What each token cost an n-gram, in nats, those before the text being known."""
    context = before[-counts.order :]
    return torch.from_numpy(counts.nats(torch.cat([context, tokens]), discount)[len(context) :])


# ---------------------------------------------------------------------------------------------------------------------
# The experiments

# The control, and beside the network an n-gram where its tokens come again often enough.
MODELS: dict[str, tuple[str | int, ...]] = {
    "characters": (NETWORK, 5, 1),
    "subwords": (NETWORK, 3, 1),
    "words": (NETWORK, 3, 1),
    "sentences": (1,),
    "paragraphs": (1,),
}
# Milliseconds of CPU for a training step, one thread, as the rows of "text_levels_search" have them, to two digits.
MILLISECONDS = {"characters": 5.7, "subwords": 11.0, "words": 26.0}
ALL_SECONDS = 3.0
STEPS = {level: round(1000 * ALL_SECONDS / cost / 10) * 10 for level, cost in MILLISECONDS.items()}

RATES = (0.004, 0.008, 0.016, 0.032, 0.064)
WIDER, WIDEST = 0.128, 0.256  # the best rate of all three was the largest, so a sixth was tried; of words a seventh
DISCOUNTS = (0.5, 0.6, 0.7, 0.8, 0.9)

# Of these, the ones with the fewest bits on the validation part, in "text_levels_search" and the
# two wider ones. Of a unigram of what comes again seldom, all discounts give the same.
CHOSEN: dict[str, dict[str | int, float]] = {
    "characters": {NETWORK: 0.064, 5: 0.7, 1: 0.5},
    "subwords": {NETWORK: 0.064, 3: 0.7, 1: 0.5},
    "words": {NETWORK: 0.128, 3: 0.8, 1: 0.5},
    "sentences": {1: 0.5},
    "paragraphs": {1: 0.5},
}

_SETTINGS = {"hidden_size": 64, "learned": 300_000, "judged": 30_000, "pieces": 1000}
_QUICK = {"hidden_size": 8, "learned": 8_000, "judged": 1_000, "pieces": 300}


def variants(settings: Callable[[str, str | int], tuple[float, ...]], most: int | None = None) -> list[list[Any]]:
    """Each level and model with some settings.

    Args:
        settings: level, model → settings.
        most: steps; default: as many as fit into the seconds.
    """
    return [
        [level, model, setting, 0 if model != NETWORK else most or STEPS[level]]
        for level, models in MODELS.items()
        for model in models
        for setting in settings(level, model)
    ]


def tried(level: str, model: str | int) -> tuple[float, ...]:
    """Five settings for each."""
    return RATES if model == NETWORK else DISCOUNTS


def chosen(level: str, model: str | int) -> tuple[float, ...]:
    """The best of these."""
    return (CHOSEN[level][model],)


def told(*, plan: list[list[Any]], hidden_size: int, learned: int, judged: int, pieces: int) -> Settings:
    """What a reader must know of the trainings."""
    rates: dict[str, list[float]] = {}
    discounts: dict[str, list[float]] = {}
    for level, model, setting, _ in plan:
        found = rates if model == NETWORK else discounts
        found.setdefault(level if model == NETWORK else f"{level}, {model}-gram", []).append(setting)
    steps = {level: made for level, model, _, made in plan if model == NETWORK}
    counted = f"; n-grams are Kneser and Ney's, with discounts of {each(discounts)}" if discounts else ""
    return line.trained(
        start="torch's own",
        learning_rate=f"Adam, {each(rates)}, rising over {WARMUP} steps, then falling to 0 as a cosine",
        clipping=CLIPPED,
        steps=f"{named_each(steps)}: as many as one thread makes in {ALL_SECONDS:g} seconds at "
        f"{named_each(MILLISECONDS)} milliseconds a step",
        batch=f"{BATCH} windows of {SEQ_LEN} tokens, the state carried from window to window",
        size=f"{hidden_size} units",
        note=f"{learned:,} characters to learn from, from a place of its own for each seed, {judged:,} to choose with "
        f"and {judged:,} to judge; embeddings of 32; {pieces:,} subwords by byte pair encoding; known words, "
        "sentences and paragraphs stand in the text twice or more, every other is <unk> and spelled out"
        f"{counted}",
    )


EXPERIMENTS = (
    Experiment(
        name="text_levels_search",
        version=1,
        measure=measure,
        told=told,
        seeds=(1000, 1001),  # not those that are reported
        settings={"plan": variants(tried), **_SETTINGS},
        quick={**_QUICK, "plan": variants(lambda *model: tried(*model)[:1], 3)},
        timed=("cpu_seconds",),
    ),
    Experiment(
        name="text_levels_wider_search",
        version=1,
        measure=measure,
        told=told,
        seeds=(1000, 1001),
        settings={"plan": [[level, NETWORK, WIDER, STEPS[level]] for level in STEPS], **_SETTINGS},
        quick={**_QUICK, "plan": [[level, NETWORK, WIDER, 3] for level in STEPS]},
        timed=("cpu_seconds",),
    ),
    Experiment(
        name="text_levels_widest_search",
        version=1,
        measure=measure,
        told=told,
        seeds=(1000, 1001),
        settings={"plan": [["words", NETWORK, WIDEST, STEPS["words"]]], **_SETTINGS},
        quick={**_QUICK, "plan": [["words", NETWORK, WIDEST, 3]]},
        timed=("cpu_seconds",),
    ),
    Experiment(
        name="text_levels",
        version=1,
        measure=measure,
        told=told,
        seeds=tuple(range(340, 350)),
        settings={"plan": variants(chosen), **_SETTINGS},
        quick={**_QUICK, "plan": variants(chosen, 3)},
        timed=("cpu_seconds",),
    ),
)
