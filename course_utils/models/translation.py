"""A translator that learns from sentence pairs: recurrent networks with attention, made for a CPU.

    translator = Translator("lstm", level="subword")
    translator.fit(pairs, valid=held_out, seconds=120)
    translator.translate(["Open the file"], beam=5)

Encoder-decoder: Cho et al. 2014 (arXiv 1406.1078), Sutskever, Vinyals & Le 2014 (arXiv 1409.3215); attention:
Bahdanau, Cho & Bengio 2015 (arXiv 1409.0473), Luong, Pham & Manning 2015 (arXiv 1508.04025).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from course_utils.checks import check_name, check_whole
from course_utils.data.resources import resource
from course_utils.errors import CourseError
from course_utils.models.arguments import checked
from course_utils.models.base import Estimator
from course_utils.models.beam_tree import BeamNode, grow_tree
from course_utils.models.checkpoints import Checkpoint
from course_utils.models.inputs import checked_pairs
from course_utils.models.tokenisers import LEVELS, Codec, codec_from, codecs_for
from course_utils.models.translation_training import (
    LONGEST_TRAINED,
    SLACK,
    Batches,
    Objective,
    check_bf16,
    token_error,
    usable_pairs,
    valid_batches,
)
from course_utils.nn.layers import LAYERS
from course_utils.nn.sequences import PAD, START, UNKNOWN
from course_utils.nn.translation_model import (
    ATTENTIONS,
    SearchResult,
    TranslationModel,
    batch_of,
    search,
)
from course_utils.runtime import seeded
from course_utils.training import Budget, History, WarmupCosine, fit

LONGEST_SENTENCE = 2_000  # tokens that are translated at most
AT_ONCE = 64  # sentences translated together
TRAINED = ("numbers", "numbers_every", "menus")


class Translator(Estimator[TranslationModel]):
    """Learns to translate from pairs of sentences.

    The networks: an encoder that reads the source both ways, a decoder of two layers, attention between them
    (`course_utils.nn.translation_model`). It learns with teacher forcing and Adam, with dropout and label smoothing;
    the learning rate rises at first and falls to 0 at the end of the steps or the time.

    Attributes:
        model: the network; None before `fit`.
        left_out: pairs that the last `fit` could not use: with an "empty" side, or "too long".

    Args:
        cell: "rnn" (tanh), "relu_rnn", "gru" or "lstm".
        hidden_size: H, units of every layer and sizes of embeddings.
        attention: "additive", "multiplicative" or None.
        level: what a token is: "char", "word" or "subword" (pieces of words; the choice for real texts).
        seed: of weights, order and dropout. With `steps` or `epochs` the same seed gives the same translator on the
            same number of threads; with `seconds` the clock has its say.

    Raises:
        CourseError: an unknown cell, attention or level, or a size or seed that is no whole number.
    """

    fit_takes = "pairs"

    def __init__(
        self,
        cell: str = "lstm",
        hidden_size: int = 128,
        attention: str | None = "additive",
        level: str = "char",
        seed: int = 0,
    ) -> None:
        check_name("cell", cell, LAYERS)
        check_name("attention", attention, ATTENTIONS)
        check_name("level", level, LEVELS)
        self.cell, self.attention, self.level = cell, attention, level
        self.hidden_size, self.seed = checked("hidden_size", hidden_size), checked("seed", seed)
        self.left_out = {"empty": 0, "too long": 0}
        self._codecs: tuple[Codec, Codec] | None = None
        self._ratio = 2.0  # the most target tokens for one of the source (and `SLACK` more), in training

    def _described(self) -> str:
        return f"{self.cell!r}, {self.hidden_size}, {self.attention!r}, {self.level!r}"

    # -----------------------------------------------------------------------------------------------------------------
    # Learning

    def fit(
        self,
        pairs: Sequence[tuple[str, str]],
        valid: Sequence[tuple[str, str]] | None = None,
        seconds: float | None = None,
        *,
        steps: int | None = None,
        epochs: int | None = None,
        patience: int | None = None,
        lr: float | None = None,
        dropout: float | None = None,
        word_dropout: float = 0.0,
        smoothing: float = 0.1,
        batch_size: int | None = None,
        vocabulary: int | None = None,
        bf16: bool = False,
        progress: bool = True,
    ) -> History:
        """Learn from pairs, from the beginning: an earlier training is forgotten.

        Pairs with an empty side, and those above 400 tokens, are left out; `left_out` counts them.

        Args:
            pairs: (source, target) each.
            valid: pairs to validate with; the translator keeps the weights that did best on them (of very many, on
                1,000). The score is the share of wrong tokens under teacher forcing.
            seconds: the most seconds of the training and its validation. Default: 60 where neither steps nor epochs
                are given. At least one step is made. With `steps` it is a limit for a slow machine: the history says
                where it cut the training short.
            steps: of the optimiser.
            epochs: the most passes through the pairs.
            patience: stop after this number of validations in a row without a better score.
            lr: the highest learning rate of Adam; default 0.004 for H = 128, and like 1 / √H.
            dropout: default 0.1 for characters, 0.15 for words and subwords.
            word_dropout: the share of tokens that are read as "unknown" in training.
            smoothing: label smoothing, from 0 to below 1.
            batch_size: pairs in a batch; default 32, and 64 where there are 10,000 or more.
            vocabulary: the most words or subwords, up to 100,000; default: as the pairs ask for, 8,000 at most.
            bf16: compute in bfloat16; faster on CPUs with AVX512-BF16, slower or refused on others.
            progress: show a progress bar.

        Returns:
            The history of the training, with `.table`, `.best` and `.stopped`.

        Raises:
            CourseError: pairs that are no pairs of strings, none that can be learned from, an argument that cannot be
                meant.
        """
        pairs = checked_pairs(pairs, "pairs")
        valid = None if valid is None else checked_pairs(valid, "valid")
        if seconds is None and steps is None and epochs is None:
            seconds = 60.0
        if bf16:
            check_bf16()
        if dropout is None:
            dropout = 0.1 if self.level == "char" else 0.15
        lr = 0.004 * math.sqrt(128 / self.hidden_size) if lr is None else lr
        if batch_size is None:
            batch_size = 32 if len(pairs) < 10_000 else 64
        codecs = self._vocabulary(pairs, vocabulary)
        usable = usable_pairs(pairs, codecs)
        held_out = valid_batches(valid, codecs)
        with seeded(self.seed):
            model = self._new_model(codecs, dropout, word_dropout)
            order = Batches(usable.pairs, batch_size, self.seed)
            validate = (lambda _: token_error(model, held_out)) if held_out else None
            optimizer = torch.optim.Adam(model.parameters(), lr=lr, betas=(0.9, 0.98), eps=1e-9, fused=True)
            course = WarmupCosine(Budget(steps, epochs, seconds, per_epoch=len(order)), warmup=50)
            history = fit(
                model,
                order,
                Objective(smoothing, bf16),
                steps=steps,
                epochs=epochs,
                seconds=seconds,
                valid=validate,
                patience=patience,
                optimizer=optimizer,
                lr_schedule=course.of(optimizer),
                clip_norm=1.0,
                progress=progress,
            )
        self.model, self._codecs, self._ratio = model.eval(), codecs, usable.ratio
        self.left_out = usable.left_out
        reads = f", {word_dropout:g} of the tokens read as “unknown”" if word_dropout else ""
        history.note(f"{len(usable.pairs):,} pairs; dropout {dropout:g}, label smoothing {smoothing:g}{reads}")
        return history

    def _vocabulary(self, pairs: Sequence[tuple[str, str]], size: int | None) -> tuple[Codec, Codec]:
        usable = [(source, target) for source, target in pairs if source.strip() and target.strip()]
        if not usable:
            raise CourseError(
                f"There is nothing to learn from: of {len(pairs)} pairs none has text on both sides. "
                "Give pairs (source, target) such as ('deux', 'two')."
            )
        sources, targets = zip(*usable, strict=True)
        return codecs_for(self.level, sources, targets, size)

    def _new_model(
        self, codecs: tuple[Codec, Codec], dropout: float = 0.0, word_dropout: float = 0.0
    ) -> TranslationModel:
        return TranslationModel(
            self.cell,
            len(codecs[0]),
            len(codecs[1]),
            self.hidden_size,
            self.attention,
            shared=self.level == "subword",
            dropout=dropout,
            word_dropout=word_dropout,
        )

    def _trained_with_codecs(self) -> tuple[TranslationModel, tuple[Codec, Codec]]:
        model = self._trained()
        assert self._codecs is not None
        return model, self._codecs

    # -----------------------------------------------------------------------------------------------------------------
    # Translating

    def translate(self, sentences: Sequence[str], beam: int = 1) -> list[str]:
        """Translations, in the order of the sentences.

        An unknown word is copied from the source, from where attention looks (levels "char" and "word"; subwords know
        every text). An empty sentence is translated as an empty one.

        Args:
            sentences: a list of strings.
            beam: how many beginnings a beam search keeps; 1 is greedy.

        Raises:
            CourseError: one string in place of a list, a sentence that is no string or has more than 2,000 tokens, a
                beam that is no whole number from 1, a translator that has not learned.
        """
        self._trained()
        check_whole("beam", beam, 1)
        rows = self._read(sentences)
        answers = [""] * len(rows)
        order = sorted((index for index, row in enumerate(rows) if row), key=lambda index: -len(rows[index]))
        for indices in _by_size(order, rows, max(AT_ONCE // beam, 1)):
            found = self._search([rows[index] for index in indices], beam)
            for row, index in enumerate(indices):
                answers[index] = self._text(sentences[index], found.tokens[row], found.sources[row])
        return answers

    def align(self, sentence: str) -> tuple[list[str], list[str], Tensor]:
        """Translate greedily, and show where attention looked.

        Returns:
            T source tokens, U target tokens, and (U, T) the weights; each row sums to 1.

        Raises:
            CourseError: a translator without attention, an empty sentence, or as in `translate`.
        """
        _, (source_codec, target_codec) = self._trained_with_codecs()
        _, tokens, weights = self.attended(sentence)
        return source_codec.pieces(sentence.strip()), [target_codec.piece(t) for t in tokens], weights

    @torch.no_grad()
    def attended(self, sentence: str) -> tuple[list[int], list[int], Tensor]:
        """As `align`, in numbers: T source tokens, U target tokens, and (U, T) the weights of the writer's attention.

        Raises:
            CourseError: as in `align`.
        """
        model, _ = self._trained_with_codecs()
        if self.attention is None:
            raise CourseError(
                "This translator has no attention (attention=None), so there are no weights to show. "
                "Train one with attention='additive' or 'multiplicative'."
            )
        row = self._one(sentence)
        tokens = self._tokens(self._search([row], 1).tokens[0])
        batch = batch_of([(row, tokens)])
        encoded = model.encode(batch.sources, batch.lengths)
        weights = model.decode(torch.tensor([[START, *tokens]]), encoded, model.first_state(encoded))[1]
        assert weights is not None
        return row, tokens, weights[0, : len(tokens)]

    def beam_tree(self, sentence: str, beam: int = 3) -> list[BeamNode]:
        """The tree that a beam search grows: at each step the `beam` best continuations of everything that is kept.

        Args:
            sentence: to translate.
            beam: how many beginnings are kept.

        Returns:
            The nodes, parents first; the root is the first. Those with `best` spell `translate([sentence], beam)`.

        Raises:
            CourseError: as in `align`, for translators without attention too.
        """
        _, (_, codec) = self._trained_with_codecs()
        check_whole("beam", beam, 1)
        row = self._one(sentence)
        return grow_tree(self._step(row), codec, beam, self._longest(len(row)))

    def _step(self, row: list[int]) -> Any:
        """step(prefix) → (V,) log probabilities, as `attention.greedy` and `attention.beam_search` want it."""
        model = self._trained()
        with torch.no_grad():
            encoded = model.encode(torch.tensor([row]), torch.tensor([len(row)]))

        @torch.no_grad()
        def step(prefix: list[int]) -> Tensor:
            mixed, _, _ = model.decode(torch.tensor([prefix]), encoded, model.first_state(encoded))
            log_p = model.logits(mixed[0, -1]).log_softmax(dim=-1)
            log_p[[PAD, START]] = -math.inf
            return log_p

        return step

    def _longest(self, length: int) -> int:
        """The most tokens of a translation, `END` included: a tenth above the training's highest ratio."""
        return math.ceil(1.1 * self._ratio * (length + SLACK))

    def _search(self, rows: list[list[int]], beam: int) -> SearchResult:
        model = self._trained()
        batch = batch_of([(row, []) for row in rows])
        longest = torch.tensor([self._longest(len(row)) for row in rows])
        return search(model, batch.sources, batch.lengths, longest, beam)

    def _text(self, sentence: str, tokens: Tensor, positions: Tensor) -> str:
        """The tokens as text; an unknown one is the piece of the source that attention looked at."""
        _, (source_codec, target_codec) = self._trained_with_codecs()
        kept = self._tokens(tokens)
        replacements = None
        if UNKNOWN in kept and self.attention is not None:
            pieces = source_codec.pieces(sentence.strip())
            replacements = [pieces[position] for position in positions[: len(kept)].tolist()]
        return target_codec.decode(kept, replacements)

    @staticmethod
    def _tokens(tokens: Tensor) -> list[int]:
        return [token for token in tokens.tolist() if token != PAD]

    def _one(self, sentence: str) -> list[int]:
        if not isinstance(sentence, str):
            raise CourseError(f"One sentence is needed, a string; this is a {type(sentence).__name__}.")
        (row,) = self._read([sentence])
        if not row:
            raise CourseError("The sentence is empty: there is nothing to look at. Give one with text.")
        return row

    def _read(self, sentences: Sequence[str]) -> list[list[int]]:
        _, (codec, _) = self._trained_with_codecs()
        if isinstance(sentences, str) or not isinstance(sentences, Sequence):
            raise CourseError(
                f"translate needs a list of sentences; this is a {type(sentences).__name__}. For one sentence write "
                "translate([sentence])."
            )
        rows = []
        for index, sentence in enumerate(sentences):
            if not isinstance(sentence, str):
                raise CourseError(f"Sentence {index} is a {type(sentence).__name__}, and not a string.")
            rows.append(codec.encode(sentence.strip()))
            if len(rows[-1]) > LONGEST_SENTENCE:
                raise CourseError(
                    f"Sentence {index} has {len(rows[-1]):,} tokens; {LONGEST_SENTENCE:,} are the most. Cut it up."
                )
        return rows

    # -----------------------------------------------------------------------------------------------------------------
    # Keeping

    def _learned(self) -> dict[str, Any]:
        _, codecs = self._trained_with_codecs()
        kept = codecs[:1] if codecs[0] is codecs[1] else codecs
        return {"ratio": self._ratio, "codecs": [codec.state() for codec in kept]}

    def _restore(self, checkpoint: Checkpoint) -> None:
        self._ratio = checkpoint.positive("ratio")
        if self._ratio > LONGEST_TRAINED:
            raise checkpoint.fault(f"'ratio' must be {LONGEST_TRAINED} at most; it is {self._ratio:g}")
        states = checkpoint.field(
            "codecs", lambda states: isinstance(states, list) and len(states) in (1, 2), "one or two"
        )
        codecs = [codec_from(state, self.level) for state in states]
        self._codecs = codecs[0], codecs[-1]
        self.model = checkpoint.network(lambda: self._new_model((codecs[0], codecs[-1])))


def trained_translator(name: str) -> Translator:
    """A translator that travels with the course, so that a lesson can look at it immediately.

    Args:
        name: "numbers" (French → English numbers in words, by characters), "numbers_every" (the same without attention)
            or "menus" (English → French menu texts, by subwords).

    Raises:
        CourseError: no such translator.
    """
    check_name("trained translator", name, TRAINED)
    return Translator.load(resource(f"checkpoints/translate_{name}.safetensors"))


# ---------------------------------------------------------------------------------------------------------------------


def _by_size(order: list[int], rows: list[list[int]], most: int) -> Iterator[list[int]]:
    """Places, the longest first, in groups that are translated together."""
    group: list[int] = []
    for index in order:
        if group and (len(group) == most or len(rows[index]) < 0.5 * len(rows[group[0]]) - 4):
            yield group
            group = []
        group.append(index)
    if group:
        yield group
