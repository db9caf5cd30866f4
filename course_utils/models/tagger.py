"""A tagger: which stretches of a sentence are a place, a time, a person - learned from tagged sentences.

    tagger = Tagger("lstm", bidirectional=True, crf=True)
    tagger.fit(sentences, tags, valid=(other_sentences, other_tags), seconds=60)
    tagger.spans([["wake", "me", "at", "six"]])

Source: the design is that of Lample and others 2016 (arXiv 1603.01360) and Ma & Hovy 2016 (arXiv 1603.01354), without
embeddings from elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from course_utils.checks import check_name, check_truth
from course_utils.data.resources import resource
from course_utils.errors import CourseError
from course_utils.metrics.spans import Span, SpanScores, span_scores, spans_of
from course_utils.models.arguments import checked
from course_utils.models.base import Estimator
from course_utils.models.checkpoints import Checkpoint
from course_utils.models.inputs import two
from course_utils.models.tagger_inputs import (
    FIRST,
    Batches,
    Vocabulary,
    checked_sentences,
    checked_tags,
    in_groups,
)
from course_utils.nn.crf import forbidden_in_bio
from course_utils.nn.layers import LAYERS
from course_utils.nn.tagging_model import Sentences, TaggingModel
from course_utils.runtime import seeded
from course_utils.training import Budget, History, WarmupCosine, fit

AT_ONCE = 64  # sentences tagged together
TRAINED = ("both", "left", "words")  # taggers that travel with the course
WARMUP = 20  # steps over which the learning rate rises

Rows = Sequence[Sequence[str]]


class Tagger(Estimator[TaggingModel]):
    """Learns to tag from sentences whose tokens have tags of BIO: B- begins a span, I- goes on, O is outside.

    A word is read by its own row of a table and by its characters, so that one never seen is more than "unknown". A
    recurrent layer reads the words from the left, or from both sides; with a CRF on top the tags of a sentence are
    chosen together, and an I- never stands where nothing begins.

    Attributes:
        kinds: of span that it can find, once it is trained.
        model: the network; None before `fit`.

    Args:
        cell: "rnn" (tanh), "relu_rnn" (which begins as the identity), "gru" or "lstm".
        bidirectional: does it read from both sides?
        crf: choose the tags of a sentence together?
        characters: read how a word is spelled?
        hidden_size: H, units of each direction.
        seed: of weights, order and dropout.

    Raises:
        CourseError: an argument that cannot be meant.
    """

    fit_takes = "sentences, tags"

    def __init__(
        self,
        cell: str = "lstm",
        bidirectional: bool = True,
        crf: bool = False,
        characters: bool = True,
        hidden_size: int = 64,
        seed: int = 0,
    ) -> None:
        check_name("cell", cell, LAYERS)
        self.cell, self.bidirectional = cell, checked("bidirectional", bidirectional)
        self.crf, self.characters = check_truth("crf", crf), check_truth("characters", characters)
        self.hidden_size, self.seed = checked("hidden_size", hidden_size), checked("seed", seed)
        self._vocabulary: Vocabulary | None = None

    def _described(self) -> str:
        directions = "from both sides" if self.bidirectional else "from the left"
        return f"{self.cell!r} {directions}, {self.hidden_size}{', CRF' if self.crf else ''}"

    @property
    def kinds(self) -> list[str]:
        """Kinds of span that it can find; [] before it is trained."""
        return [tag[2:] for tag in (self._vocabulary.tags if self._vocabulary else []) if tag.startswith("B-")]

    def fit(
        self,
        sentences: Rows,
        tags: Rows,
        valid: tuple[Rows, Rows] | None = None,
        seconds: float | None = None,
        *,
        steps: int | None = None,
        epochs: int | None = None,
        patience: int | None = None,
        lr: float = 5e-3,
        dropout: float = 0.4,
        batch_size: int = 16,
        progress: bool = True,
    ) -> History:
        """Learn from tagged sentences, from the beginning: an earlier training is forgotten.

        Sentences without tokens teach nothing; very long ones are learned from in pieces of 400 tokens. A word seen
        once is read as unknown half of the time, so that what an unknown word may be is learned too.

        Args:
            sentences: lists of tokens.
            tags: for each token one, "B-place", "I-place" or "O". An I- that continues nothing begins a span.
            valid: (sentences, tags) to validate with; the weights that did best on them are kept. The score is
                1 − F1 of the spans.
            seconds: the most seconds of the training. Default: 60 where neither steps nor epochs are given. With
                `steps` it is a limit for a slow machine: the history says where it cut the training short.
            steps: of the optimiser.
            epochs: the most passes through the sentences.
            patience: stop after this number of validations in a row without a better score.
            lr: the highest learning rate of Adam; it falls to 0.
            dropout: of what goes into the recurrent layer and comes out, from 0 to below 1.
            batch_size: sentences in a batch.
            progress: show a progress bar.

        Returns:
            The history of the training, with `.table`, `.best` and `.stopped`.

        Raises:
            CourseError: sentences or tags that are none, not as many of one as of the other, nothing to learn from, an
                argument that cannot be meant.
        """
        tokens = checked_sentences(sentences)
        right = checked_tags(tags, tokens)
        if not any(tokens):
            raise CourseError("There is nothing to learn from: no sentence has a token.")
        held_out = None if valid is None else _checked_valid(valid)
        if seconds is None and steps is None and epochs is None:
            seconds = 60.0
        vocabulary = Vocabulary.of(tokens, right, self.characters)
        with seeded(self.seed):
            model = self._new_model(vocabulary, dropout)
            order = Batches(vocabulary, tokens, right, batch_size, self.seed)
            optimizer = torch.optim.Adam(model.parameters(), lr=lr, fused=True)
            course = WarmupCosine(Budget(steps, epochs, seconds, per_epoch=len(order)), warmup=WARMUP)
            history = fit(
                model,
                order,
                lambda model, batch: model.loss(batch),
                steps=steps,
                epochs=epochs,
                seconds=seconds,
                valid=None if held_out is None else (lambda _: _error(model, vocabulary, *held_out)),
                patience=patience,
                optimizer=optimizer,
                lr_schedule=course.of(optimizer),
                clip_norm=1.0,
                progress=progress,
            )
        self.model, self._vocabulary = model.eval(), vocabulary
        identity = "; W_hh identity" if self.cell == "relu_rnn" else ""
        history.settings = history.settings.with_parts(start=f"torch's own, embeddings × 0.3{identity}")
        history.note(f"{len(tokens):,} sentences; dropout {dropout:g}, words seen once unknown half of the time")
        return history

    def _new_model(self, vocabulary: Vocabulary, dropout: float = 0.0) -> TaggingModel:
        return TaggingModel(
            self.cell,
            FIRST + len(vocabulary.words),
            FIRST + len(vocabulary.characters) if self.characters else 0,
            len(vocabulary.tags),
            self.hidden_size,
            self.bidirectional,
            forbidden_in_bio(vocabulary.tags) if self.crf else None,
            dropout,
        )

    # -----------------------------------------------------------------------------------------------------------------
    # Answers

    def tag(self, sentences: Rows) -> list[list[str]]:
        """A tag for each token.

        Args:
            sentences: lists of tokens; one without tokens has no tags.

        Raises:
            CourseError: they are none; it has not learned yet.
        """
        model, vocabulary = self._ready()
        return _tagged(model, vocabulary, checked_sentences(sentences))

    def spans(self, sentences: Rows) -> list[list[Span]]:
        """The spans of each sentence, in their order: kind, first token, and the one behind the last.

        Args:
            sentences: lists of tokens.

        Raises:
            CourseError: as for `tag`.
        """
        return [spans_of(row) for row in self.tag(sentences)]

    def score(self, sentences: Rows, tags: Rows) -> SpanScores:
        """Precision, recall and F1 of the spans: kind, first and last token must be right.

        Args:
            sentences: lists of tokens.
            tags: of BIO, one for each token; a kind that did not occur in training is never found.

        Raises:
            CourseError: sentences or tags that are none, or not as many of one as of the other.
        """
        model, vocabulary = self._ready()
        tokens = checked_sentences(sentences)
        return span_scores(_tagged(model, vocabulary, tokens), checked_tags(tags, tokens))

    def probabilities(self, sentences: Rows) -> tuple[list[str], list[Tensor]]:
        """How probable each tag is at each token; with a CRF all other tokens are summed over.

        Args:
            sentences: lists of tokens.

        Returns:
            The K tags, and for each sentence (T, K); each row sums to 1.

        Raises:
            CourseError: as for `tag`.
        """
        model, vocabulary = self._ready()
        tokens = checked_sentences(sentences)
        answers = [torch.zeros(0, len(vocabulary.tags))] * len(tokens)
        for indices, batch in _batches(vocabulary, tokens):
            with torch.no_grad():
                found = model.probabilities(batch)
            for index, rows in zip(indices, found, strict=True):
                answers[index] = rows[: len(tokens[index])]
        return list(vocabulary.tags), answers

    def _ready(self) -> tuple[TaggingModel, Vocabulary]:
        model = self._trained()
        assert self._vocabulary is not None
        return model, self._vocabulary

    # -----------------------------------------------------------------------------------------------------------------
    # Keeping

    def _learned(self) -> dict[str, Any]:
        _, known = self._ready()
        return {"words": known.words, "rare": known.rare, "characters": known.characters, "kinds": self.kinds}

    def _restore(self, checkpoint: Checkpoint) -> None:
        words, characters, kinds = (checkpoint.texts(name) for name in ("words", "characters", "kinds"))
        if "" in kinds:
            raise checkpoint.fault("a kind of span has no name")
        rare = checkpoint.whole("rare", 0, len(words))
        tags = ["O", *(f"{prefix}-{kind}" for kind in kinds for prefix in "BI")]
        vocabulary = Vocabulary(words, rare, characters, tags)
        model = checkpoint.network(lambda: self._new_model(vocabulary))
        if model.field is not None:
            model.field.forbidden = forbidden_in_bio(tags)  # no weight: it is not kept in the file
        self.model, self._vocabulary = model, vocabulary


def trained_tagger(reads: str = "both") -> Tagger:
    """A tagger that travels with the course: an LSTM that learned from `assistant_sentences()`.

    Args:
        reads: "both" sides, from the "left", or "words" alone, without their characters, from both sides.

    Raises:
        CourseError: no such tagger.
    """
    check_name("trained tagger", reads, TRAINED)
    return Tagger.load(resource(f"checkpoints/tag_{reads}.safetensors"))


def _checked_valid(valid: Any) -> tuple[list[list[str]], list[list[str]]]:
    sentences, tags = two(valid, "sentences, tags")
    tokens = checked_sentences(sentences, "the sentences of valid")
    if not any(tokens):
        raise CourseError("There is nothing to validate with: no sentence of `valid` has a token.")
    return tokens, checked_tags(tags, tokens, "the tags of valid")


def _batches(vocabulary: Vocabulary, tokens: list[list[str]]) -> Iterator[tuple[list[int], Sentences]]:
    places = [index for index, row in enumerate(tokens) if row]
    for group in in_groups([len(tokens[index]) for index in places], AT_ONCE):
        indices = [places[number] for number in group]
        yield indices, vocabulary.batch([tokens[index] for index in indices])


@torch.no_grad()
def _tagged(model: TaggingModel, vocabulary: Vocabulary, tokens: list[list[str]]) -> list[list[str]]:
    answers: list[list[str]] = [[] for _ in tokens]
    for indices, batch in _batches(vocabulary, tokens):
        for index, row in zip(indices, model.best(batch), strict=True):
            answers[index] = [vocabulary.tags[number] for number in row]
    return answers


def _error(model: TaggingModel, vocabulary: Vocabulary, tokens: list[list[str]], tags: list[list[str]]) -> float:
    return 1 - span_scores(_tagged(model, vocabulary, tokens), tags).f1
