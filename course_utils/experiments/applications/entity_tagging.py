"""Claims C05 and C06: spans in sentences to an assistant, read from one side and from both; what no reader can know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache, partial
from time import process_time
from typing import Any

from course_utils.checks import check_name
from course_utils.data.assistant import (
    ORDER,
    TaggedSentences,
    assistant_sentences,
    drawn_with_repeats,
    expansion_rules,
    part_fillings,
    template_parts,
    templates,
)
from course_utils.display.settings import Settings, each, trained
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.told import CLIP_NORM
from course_utils.metrics.spans import Span, parted, span_scores, spans_of, tags_of
from course_utils.models.tagger import WARMUP, Tagger
from course_utils.models.template_reader import Chances, TemplateReader, span_ceiling, token_ceiling
from course_utils.nn.crf import forbidden_in_bio
from course_utils.nn.tagging_model import TaggingModel
from course_utils.stats import nearest_width
from course_utils.training import Budget, WarmupCosine

# Arguments of `Tagger`. What reads from the right reads mirrored sentences.
RIGHT, RNN_RIGHT = "LSTM from the right", "RNN from the right"
NETWORKS: dict[str, dict[str, Any]] = {
    "RNN": {"cell": "rnn", "bidirectional": False},
    "LSTM": {"cell": "lstm", "bidirectional": False},
    RIGHT: {"cell": "lstm", "bidirectional": False},
    RNN_RIGHT: {"cell": "rnn", "bidirectional": False},
    "BiRNN": {"cell": "rnn"},
    "ReLU BiRNN": {"cell": "relu_rnn"},
    "BiGRU": {"cell": "gru"},
    "BiLSTM": {"cell": "lstm"},
    "BiLSTM with CRF": {"cell": "lstm", "crf": True},
}
BATCH, DROPOUT = 32, 0.2

# What is judged: new sentences of the templates learned from, or of templates held out.
KNOWN, NEW, VALID = "known templates", "new templates", "templates to choose with"
PARTS = {KNOWN: "train", NEW: "test", VALID: "valid"}

WHOLE, NO_LEFT, NO_RIGHT, ALONE = "whole sentence", "without the left", "without the right", "the word alone"
FROM_LEFT, FROM_BOTH = "ceiling from the left", "ceiling from both sides"
ALL = "all"  # kinds together


def weights_of(network: str, width: int, characters: int, tags: int) -> int:
    """How many numbers a network learns, the table of words left out, which is the same for all.

    Args:
        network: one of `NETWORKS`.
        width: H, units of each direction.
        characters: how many different ones it knows.
        tags: K.
    """
    import torch

    kind = {"bidirectional": True, "crf": False, **NETWORKS[network]}
    names = ["O", *(f"{prefix}-{kind}" for kind in range(tags // 2) for prefix in "BI")]
    forbidden = forbidden_in_bio(names) if kind["crf"] else None
    with torch.random.fork_rng(devices=[]):
        model = TaggingModel(kind["cell"], 2, characters, tags, width, kind["bidirectional"], forbidden)
    return model.read_and_written


@cache
def width_like(network: str, hidden_size: int, characters: int = 45, tags: int = 39) -> int:
    """The hidden size that gives a network as many weights, nearly, as the BiLSTM has.

    Args:
        network: one of `NETWORKS`.
        hidden_size: of the BiLSTM, in each direction.
        characters: how many different ones are known.
        tags: K.
    """
    wanted = weights_of("BiLSTM", hidden_size, characters, tags)
    return nearest_width(wanted, partial(weights_of, network, characters=characters, tags=tags))


def mirrored(sentences: TaggedSentences) -> TaggedSentences:
    """The same sentences read from their end; a span begins, with B-, at what was its last token."""
    turned = [
        tags_of([Span(kind, len(tags) - end, len(tags) - start) for kind, start, end in spans_of(tags)], len(tags))
        for tags in sentences.tags
    ]
    return TaggedSentences([tokens[::-1] for tokens in sentences.tokens], turned, sentences.templates)


def masked_tags(tagger: Tagger, tokens: Sequence[Sequence[str]], context: str) -> list[list[str]]:
    """The tag of each token where the tagger sees one side of it alone: all others are cut off.

    Args:
        tagger: a trained one.
        tokens: of each sentence.
        context: `WHOLE`, `NO_LEFT`, `NO_RIGHT` or `ALONE`.

    Returns:
        For each sentence a tag for each token.
    """
    if context == WHOLE:
        return tagger.tag(tokens)
    left, right = context == NO_RIGHT, context == NO_LEFT
    cut = [
        list(row[0 if left else index : len(row) if right else index + 1])
        for row in tokens
        for index in range(len(row))
    ]
    own = iter([tags[-1 if left else 0] for tags in tagger.tag(cut)])
    return [[next(own) for _ in row] for row in tokens]


def scores(tags: Sequence[Sequence[str]], right: Sequence[Sequence[str]], kind: str = ALL) -> Row:
    """`f1` of spans, and `accuracy` of tokens.

    Args:
        tags: that were given, of each sentence.
        right: the right ones.
        kind: count spans of this kind alone, and the tokens that lie in them.
    """
    if kind != ALL:
        tags, right = (
            [[tag if parted(tag)[1] == kind else "O" for tag in row] for row in rows] for rows in (tags, right)
        )
    pairs = [
        one == other
        for row, others in zip(tags, right, strict=True)
        for one, other in zip(row, others, strict=True)
        if kind == ALL or other != "O"
    ]
    return {"f1": span_scores(tags, right).f1, "accuracy": sum(pairs) / max(len(pairs), 1)}


@cache
def reader(part: str, order: int = ORDER) -> TemplateReader:
    """The best reader of a part's sentences.

    Args:
        part: "train", "valid" or "test".
        order: the split.
    """
    known, numbers = templates(), template_parts(order)[part]
    return TemplateReader([known[number].expression for number in numbers], expansion_rules(), part_fillings(part))


def ceilings(part: str, tokens: Sequence[Sequence[str]], order: int = ORDER) -> Iterator[Row]:
    """What the best reader reaches: rows with `network`, `f1` and `accuracy`.

    Args:
        part: of the templates that the sentences were drawn from.
        tokens: of each sentence.
        order: the split.
    """
    best = reader(part, order)
    for name, read in ((FROM_LEFT, best.from_the_left), (FROM_BOTH, best.from_both_sides)):
        chances: list[list[Chances]] = [read(row) for row in tokens]
        yield {"network": name, "f1": span_ceiling(chances), "accuracy": token_ceiling(chances)}


def measure(
    seed: int,
    *,
    rates: dict[str, list[float]],
    hidden_size: int,
    per_template: int,
    judged: dict[str, int],
    steps: int,
    masks: list[str],
    kinds: list[str],
    split_by_seed: bool = False,
) -> list[Row]:
    """Train taggers on sentences of templates, and judge them on new draws.

    Args:
        seed: of sentences, weights, order and dropout.
        rates: network → highest learning rates to try.
        hidden_size: H of the BiLSTM, in each direction; the others have as many weights, nearly.
        per_template: sentences of each template to learn from.
        judged: `KNOWN`, `NEW` or `VALID` → how many sentences of each template are judged.
        steps: of the optimiser, batches of 32.
        masks: networks that are judged with a side cut off besides.
        kinds: of span that are counted on their own besides, for these networks.
        split_by_seed: whether each seed shuffles the templates anew, before they go to their parts.

    Returns:
        Rows with `network`, `lr`, `templates` (what is judged), `context` (what was seen of each sentence), `kind`,
        `f1`, `accuracy`, `parameters` (without the table of words), `hidden_size`, `cpu_seconds` of training. The two
        ceilings have rows too, with an `lr` and a `hidden_size` of 0.

    Raises:
        CourseError: an unknown network, or nothing of that name to judge.
    """
    order = seed if split_by_seed else ORDER
    train = assistant_sentences(per_template, seed, order).train
    asked: dict[str, TaggedSentences] = {}
    for name, count in judged.items():
        check_name("judged", name, PARTS)
        asked[name] = drawn_with_repeats(PARTS[name], count, seed, order)
    nothing: Row = {"lr": 0.0, "context": WHOLE, "kind": ALL, "parameters": 0, "hidden_size": 0, "cpu_seconds": 0.0}
    rows = [
        {**nothing, "templates": name, **row}
        for name, given in asked.items()
        for row in ceilings(PARTS[name], given.tokens, order)
    ]
    for network, tried in rates.items():
        check_name("network", network, NETWORKS)
        for lr in tried:
            tagger, about = _trained(network, train, hidden_size, seed, lr, steps)
            for name, given in asked.items():
                turned = mirrored(given) if network in (RIGHT, RNN_RIGHT) else given
                more = network in masks
                for context in (WHOLE, NO_LEFT, NO_RIGHT, ALONE) if more else (WHOLE,):
                    tags = masked_tags(tagger, turned.tokens, context)
                    for kind in (ALL, *kinds) if more else (ALL,):
                        found = scores(tags, turned.tags, kind)
                        rows.append({**about, "templates": name, "context": context, "kind": kind, **found})
    return rows


def _trained(
    network: str, train: TaggedSentences, hidden_size: int, seed: int, lr: float, steps: int
) -> tuple[Tagger, Row]:
    """A trained tagger, and what is said of it in every row."""
    given = mirrored(train) if network in (RIGHT, RNN_RIGHT) else train
    tagger = Tagger(**NETWORKS[network], hidden_size=width_like(network, hidden_size), seed=seed)
    began = process_time()
    tagger.fit(given.tokens, given.tags, steps=steps, lr=lr, dropout=DROPOUT, batch_size=BATCH, progress=False)
    spent = process_time() - began
    assert tagger.model is not None
    size = {"parameters": tagger.model.read_and_written, "hidden_size": tagger.hidden_size}
    return tagger, {"network": network, "lr": lr, **size, "cpu_seconds": spent}


# ---------------------------------------------------------------------------------------------------------------------
# The experiment

RATES = (0.00125, 0.0025, 0.005, 0.01, 0.02)
WIDER = (0.04,)  # tried for each network, since the largest of RATES was the best of one

# The rate with the largest F1 on the templates to choose with, in "tagging_search" and "tagging_wider_search".
CHOSEN: dict[str, float] = {
    "RNN": 0.01,
    "LSTM": 0.01,
    RIGHT: 0.01,
    "BiRNN": 0.0025,
    "ReLU BiRNN": 0.02,
    "BiGRU": 0.01,
    "BiLSTM": 0.01,
    "BiLSTM with CRF": 0.01,
}

# For splits; the rate of what reads from the right as a tanh RNN by "tagging_splits_search".
SPLIT_RATES = {name: CHOSEN[name] for name in ("RNN", "LSTM", RIGHT, "BiRNN", "BiLSTM")} | {RNN_RIGHT: 0.005}

KINDS = ("area", "floor", "device", "state", "class", "percent", "temperature", "hours", "minutes", "seconds", "timer")

_SETTINGS = {"hidden_size": 40, "per_template": 4, "steps": 600}
_QUICK = {"hidden_size": 6, "per_template": 1, "steps": 4}


def told(
    *,
    rates: dict[str, list[float]],
    hidden_size: int,
    per_template: int,
    steps: int,
    judged: dict[str, int],
    split_by_seed: bool = False,
    **_: Any,
) -> Settings:
    """What a reader must know of the trainings."""
    sizes = {name: f"{width_like(name, hidden_size)} units" for name in rates}
    counted = ", ".join(f"{count} of each of the {name}" for name, count in judged.items())
    return trained(
        start="torch's own, embeddings × 0.3; W_hh of the ReLU RNN identity",
        learning_rate=f"Adam, {each(rates)}, {WarmupCosine(Budget(steps), WARMUP).words}",
        clipping=f"norm at most {CLIP_NORM:g}",
        steps=f"{steps:,}",
        batch=f"{BATCH} sentences",
        size=f"{each(sizes)}, in each direction; the table of words besides",
        note=f"{per_template} sentences of each template to learn from, judged on {counted}; dropout {DROPOUT:g}, "
        "words seen once unknown half of the time"
        + (", another split of the templates with each seed" if split_by_seed else ""),
    )


EXPERIMENTS = (
    *(
        Experiment(
            name=name,
            version=1,
            measure=measure,
            told=told,
            seeds=(1000,),  # not one of those that are reported
            settings={
                "rates": {network: list(rates) for network in networks},
                "judged": {VALID: 4},
                "masks": [],
                "kinds": [],
                **_SETTINGS,
            },
            quick={**_QUICK, "judged": {VALID: 1}},
            timed=("cpu_seconds",),
        )
        for name, rates, networks in (
            ("tagging_search", RATES, tuple(CHOSEN)),
            ("tagging_wider_search", WIDER, tuple(CHOSEN)),
            ("tagging_splits_search", RATES + WIDER, (RNN_RIGHT,)),
        )
    ),
    Experiment(
        name="tagging",
        version=1,
        measure=measure,
        told=told,
        seeds=tuple(range(320, 330)),
        settings={
            "rates": {network: [lr] for network, lr in CHOSEN.items()},
            "judged": {KNOWN: 1, NEW: 4},
            "masks": ["BiLSTM"],
            "kinds": list(KINDS),
            **_SETTINGS,
        },
        quick={**_QUICK, "judged": {KNOWN: 1, NEW: 1}},
        timed=("cpu_seconds",),
    ),
    Experiment(
        name="tagging_splits",
        version=1,
        measure=measure,
        told=told,
        seeds=tuple(range(330, 340)),
        settings={
            "rates": {network: [lr] for network, lr in SPLIT_RATES.items()},
            "judged": {KNOWN: 1, NEW: 4},
            "masks": [],
            "kinds": [],
            "split_by_seed": True,
            **_SETTINGS,
        },
        quick={**_QUICK, "judged": {KNOWN: 1, NEW: 1}},
        timed=("cpu_seconds",),
    ),
)
