"""What a CRF brings by its constraint alone, and what the characters of words bring; a control of lesson 12."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, partial
from time import process_time
from typing import Any

import torch

from course_utils.data.assistant import TaggedSentences, assistant_sentences, drawn_with_repeats
from course_utils.display.settings import Settings
from course_utils.experiments.applications import entity_tagging
from course_utils.experiments.applications.entity_tagging import BATCH, CHOSEN, DROPOUT, KNOWN, NEW, PARTS
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.metrics.spans import span_scores
from course_utils.models.tagger import Tagger
from course_utils.models.tagger_inputs import plain
from course_utils.nn.crf import ChainField, forbidden_in_bio
from course_utils.stats import nearest_width

READS = {"words and characters": True, "words alone": False}
ITSELF, LEGAL = "each for itself", "legal rows alone"


@cache
def width_without_characters(hidden_size: int) -> int:
    """The hidden size that gives a BiLSTM without characters as many weights, nearly, as one with them.

    Args:
        hidden_size: of that one, in each direction.
    """
    characters, tags = 45, 39  # of the sentences, as `entity_tagging.width_like` has them
    wanted = entity_tagging.weights_of("BiLSTM", hidden_size, characters, tags)
    return nearest_width(wanted, partial(entity_tagging.weights_of, "BiLSTM", characters=0, tags=tags))


def legal_tags(tagger: Tagger, sentences: Sequence[Sequence[str]]) -> list[list[str]]:
    """The most probable tags of each sentence among the rows in which no I- stands where nothing begins.

    Nothing is learned for it: a field whose legal transitions all score 0 chooses with Viterbi's algorithm.

    Args:
        tagger: a trained one, without a CRF.
        sentences: lists of tokens.
    """
    names, probabilities = tagger.probabilities(sentences)
    field = ChainField(len(names), forbidden_in_bio(names))
    return [
        [names[k] for k in field.best(rows.clamp(min=1e-30).log()[None], torch.tensor([len(rows)]))[0]]
        if len(rows)
        else []
        for rows in probabilities
    ]


def measure(
    seed: int, *, hidden_size: int, per_template: int, judged: dict[str, int], steps: int, lr: float
) -> list[Row]:
    """Train a BiLSTM with characters and one without, and choose their tags in two ways.

    Args:
        seed: of sentences, weights, order and dropout; the same sentences as "tagging" has.
        hidden_size: H of the BiLSTM with characters, in each direction; the other has as many weights, nearly.
        per_template: sentences of each template to learn from.
        judged: `KNOWN` or `NEW` → how many sentences of each template are judged.
        steps: of the optimiser, batches of 32.
        lr: the highest learning rate.

    Returns:
        Rows with `reads`, `chooses`, `templates`, `f1`, `f1_strange` (of sentences with a word that no training
        sentence has), `strange` (how many these are), `parameters`, `cpu_seconds` of training.
    """
    train = assistant_sentences(per_template, seed).train
    known = {plain(token) for row in train.tokens for token in row}
    rows = []
    for reads, characters in READS.items():
        width = hidden_size if characters else width_without_characters(hidden_size)
        tagger = Tagger("lstm", characters=characters, hidden_size=width, seed=seed)
        began = process_time()
        tagger.fit(train.tokens, train.tags, steps=steps, lr=lr, dropout=DROPOUT, batch_size=BATCH, progress=False)
        spent = process_time() - began
        assert tagger.model is not None
        about = {"reads": reads, "parameters": tagger.model.read_and_written, "cpu_seconds": spent}
        for name, count in judged.items():
            given = drawn_with_repeats(PARTS[name], count, seed)
            for chooses, tags in ((ITSELF, tagger.tag(given.tokens)), (LEGAL, legal_tags(tagger, given.tokens))):
                rows.append({**about, "chooses": chooses, "templates": name, **_scores(tags, given, known)})
    return rows


def _scores(tags: list[list[str]], given: TaggedSentences, known: set[str]) -> Row:
    strange = [n for n, row in enumerate(given.tokens) if any(plain(token) not in known for token in row)]
    of_strange = span_scores([tags[n] for n in strange], [given.tags[n] for n in strange]).f1
    return {"f1": span_scores(tags, given.tags).f1, "f1_strange": of_strange, "strange": len(strange)}


# ---------------------------------------------------------------------------------------------------------------------
# The experiment


def told(**settings: Any) -> Settings:
    """What a reader must know of the trainings."""
    hidden_size = settings["hidden_size"]
    shared = {key: settings[key] for key in ("hidden_size", "per_template", "steps", "judged")}
    line = entity_tagging.told(rates={"BiLSTM": [settings["lr"]]}, **shared)
    size = f"{hidden_size} units, {width_without_characters(hidden_size)} without characters"
    return line.with_parts(size=f"{size}, in each direction; the table of words besides")


EXPERIMENT = Experiment(
    name="tagging_ways",
    version=1,
    measure=measure,
    told=told,
    seeds=tuple(range(320, 330)),  # those of "tagging", whose sentences and first weights it has
    settings={
        "hidden_size": 40,
        "per_template": 4,
        "steps": 600,
        "judged": {KNOWN: 1, NEW: 4},
        "lr": CHOSEN["BiLSTM"],
    },
    quick={"hidden_size": 6, "per_template": 1, "steps": 4, "judged": {KNOWN: 1, NEW: 1}},
    timed=("cpu_seconds",),
)
