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
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn

from course_utils.checks import check_name, check_whole
from course_utils.data.resources import resource
from course_utils.errors import CourseError
from course_utils.models.checkpoints import keep, kept, misfit
from course_utils.models.tokenisers import LEVELS, Codec, codec_from, codecs_for
from course_utils.nn.sequences import END, PAD, START, UNKNOWN
from course_utils.nn.translation_model import (
    ATTENTIONS,
    CELLS,
    Batch,
    Said,
    TranslationModel,
    batch_of,
    say,
)
from course_utils.training import Budget, History, fit

Numbers: TypeAlias = tuple[list[int], list[int]]  # a pair, as tokens

LONGEST_TRAINED = 400  # tokens; longer pairs are left out of a training
LONGEST_SENTENCE = 2_000  # tokens that are translated at most
MOST_VALIDATED = 1_000  # pairs
SLACK = 5  # tokens by which a translation of any length may be longer
MOST_CELLS = 400_000  # B · T · U of a batch at most: what attention computes
AT_ONCE = 64  # sentences translated together
FORMAT = "course translator 1"
TRAINED = ("numbers", "numbers_every", "menus")


@dataclass(frozen=True)
class BeamNode:
    """A token in the tree of a beam search.

    Attributes:
        token: as a person reads it; "" at the root, "■" where the sentence ends.
        log_probability: of everything from the root to here, in nats.
        parent: the place of the node before it; None at the root.
        depth: tokens from the root to here.
        state: "kept", "finished" (its sentence is over) or "dropped" (others were better).
        best: does it belong to the translation that won?
    """

    token: str
    log_probability: float
    parent: int | None
    depth: int
    state: str
    best: bool = False


class Translator:
    """Learns to translate from pairs of sentences.

    The networks: an encoder that reads the source both ways, a decoder of two layers, attention between them
    (`course_utils.nn.translation_model`). It learns with teacher forcing and Adam, with dropout and label smoothing;
    the learning rate rises at first and falls to 0 at the end of the steps or the time.

    Attributes:
        model: the network; None before `fit`.
        left_out: pairs that the last `fit` could not use: with an "empty" side, or "too long".

    Args:
        cell: "rnn" (tanh), "gru" or "lstm".
        hidden_size: H, units of every layer and sizes of embeddings.
        attention: "additive", "multiplicative" or None.
        level: what a token is: "char", "word" or "subword" (pieces of words; the choice for real texts).
        seed: of weights, order and dropout. With `steps` or `epochs` the same seed gives the same translator; with
            `seconds` the clock has its say.

    Raises:
        CourseError: an unknown cell, attention or level, or a size or seed that is no whole number.
    """

    def __init__(
        self,
        cell: str = "lstm",
        hidden_size: int = 128,
        attention: str | None = "additive",
        level: str = "char",
        seed: int = 0,
    ) -> None:
        check_name("cell", cell, CELLS)
        check_name("attention", attention, ATTENTIONS)
        check_name("level", level, LEVELS)
        self.cell, self.attention, self.level = cell, attention, level
        self.hidden_size, self.seed = check_whole("hidden_size", hidden_size, 1), check_whole("seed", seed, 0)
        self.model: TranslationModel | None = None
        self.left_out = {"empty": 0, "too long": 0}
        self._codecs: tuple[Codec, Codec] | None = None
        self._ratio = 2.0  # the most target tokens for one of the source (and `SLACK` more), in training

    def __repr__(self) -> str:
        trained = f", {self.parameters_count:,} parameters" if self.model else ", not trained"
        return f"Translator({self.cell!r}, {self.hidden_size}, {self.attention!r}, {self.level!r}{trained})"

    @property
    def parameters_count(self) -> int:
        """How many numbers the network has learned; a table of embeddings that is used twice counts once.

        Raises:
            CourseError: not trained yet: the vocabulary, and with it the number, is not known.
        """
        return sum(parameter.numel() for parameter in self._trained()[0].parameters())

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
            seconds: the most seconds for everything: vocabulary, training and validation. Default: 60 where neither
                steps nor epochs are given. At least one step is made.
            steps: the most steps of the optimiser.
            epochs: the most passes through the pairs.
            patience: stop after so many validations in a row without a better score.
            lr: the highest learning rate of Adam; default 0.004 for H = 128, and like 1 / √H.
            dropout: default 0.1 for characters, 0.15 for words and subwords.
            word_dropout: the share of tokens that are read as "unknown" in training.
            smoothing: label smoothing, 0 … 1.
            batch_size: pairs in a batch; default 32, and 64 where there are 10,000 or more.
            vocabulary: the most words or subwords; default: as the pairs ask for, 8,000 at most.
            bf16: compute in bfloat16 where that is possible; faster on CPUs with AVX512-BF16, slower on others.
            progress: show a progress bar.

        Returns:
            The history of the training, with `.table`, `.best` and `.stopped`.

        Raises:
            CourseError: pairs that are no pairs of strings, none that can be learned from, an argument that cannot be
                meant.
        """
        began = perf_counter()
        _check_pairs(pairs, "pairs")
        if valid is not None:
            _check_pairs(valid, "valid")
        if seconds is None and steps is None and epochs is None:
            seconds = 60.0
        if dropout is None:
            dropout = 0.1 if self.level == "char" else 0.15
        lr = 0.004 * math.sqrt(128 / self.hidden_size) if lr is None else lr
        usual = 32 if len(pairs) < 10_000 else 64
        batch_size = usual if batch_size is None else check_whole("batch_size", batch_size, 1)
        self._learn_vocabulary(pairs, vocabulary)
        learned, held_out = self._usable(pairs), self._held_out(valid)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            model = self.model = self._new_model(dropout, word_dropout)
            order = Batches(learned, batch_size, self.seed)
            validate = (lambda _: token_error(model, held_out)) if held_out else None
            reserve = _timed(validate, model) if validate and seconds is not None else 0.0
            left = None if seconds is None else max(0.99 * seconds - (perf_counter() - began) - 2 * reserve, 1e-3)
            optimizer = torch.optim.Adam(model.parameters(), lr=lr, betas=(0.9, 0.98), eps=1e-9, fused=True)
            share = Spent(steps, epochs and epochs * len(order), left)
            history = fit(
                model,
                order,
                Objective(smoothing, bf16),
                steps=steps,
                epochs=epochs,
                seconds=left,
                valid=validate,
                patience=patience,
                optimizer=optimizer,
                lr_schedule=torch.optim.lr_scheduler.LambdaLR(optimizer, share.rate),
                clip_norm=1.0,
                progress=progress,
            )
        model.eval()
        return history

    def _learn_vocabulary(self, pairs: Sequence[tuple[str, str]], size: int | None) -> None:
        usable = [(source, target) for source, target in pairs if source.strip() and target.strip()]
        if not usable:
            raise CourseError(
                f"There is nothing to learn from: of {len(pairs)} pairs none has text on both sides. "
                "Give pairs (source, target) such as ('deux', 'two')."
            )
        sources, targets = zip(*usable, strict=True)
        self._codecs = codecs_for(self.level, sources, targets, size)

    def _usable(self, pairs: Sequence[tuple[str, str]]) -> list[Numbers]:
        """The pairs as numbers, without those that cannot be learned from."""
        encoded = self._numbers(pairs)
        whole = [pair for pair in encoded if all(pair)]
        short = [pair for pair in whole if max(map(len, pair)) <= LONGEST_TRAINED]
        self.left_out = {"empty": len(encoded) - len(whole), "too long": len(whole) - len(short)}
        if not short:
            raise CourseError(
                f"All {len(pairs)} pairs are empty or longer than {LONGEST_TRAINED} tokens. Cut them into sentences."
            )
        self._ratio = max((len(target) + 1) / (len(source) + SLACK) for source, target in short)
        return short

    def _held_out(self, valid: Sequence[tuple[str, str]] | None) -> list[Batch]:
        pairs = [pair for pair in self._numbers(valid or ()) if all(pair) and max(map(len, pair)) <= LONGEST_TRAINED]
        if valid is not None and not pairs:
            raise CourseError("There is nothing to validate with: no pair of `valid` has text on both sides.")
        if len(pairs) > MOST_VALIDATED:
            chosen = torch.randperm(len(pairs), generator=torch.Generator().manual_seed(0))[:MOST_VALIDATED]
            pairs = [pairs[place] for place in chosen.tolist()]
        return list(Batches(pairs, 128, 0)) if pairs else []

    def _numbers(self, pairs: Sequence[tuple[str, str]]) -> list[Numbers]:
        source_codec, target_codec = self._trained_codecs()
        return [(source_codec.encode(source.strip()), target_codec.encode(target.strip())) for source, target in pairs]

    def _new_model(self, dropout: float = 0.0, word_dropout: float = 0.0) -> TranslationModel:
        source_codec, target_codec = self._trained_codecs()
        return TranslationModel(
            self.cell,
            len(source_codec),
            len(target_codec),
            self.hidden_size,
            self.attention,
            shared=self.level == "subword",
            dropout=dropout,
            word_dropout=word_dropout,
        )

    def _trained(self) -> tuple[TranslationModel, tuple[Codec, Codec]]:
        if self.model is None or self._codecs is None:
            raise CourseError("This translator has not learned anything yet. Call .fit(pairs) first.")
        return self.model, self._codecs

    def _trained_codecs(self) -> tuple[Codec, Codec]:
        assert self._codecs is not None
        return self._codecs

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
        order = sorted((place for place, row in enumerate(rows) if row), key=lambda place: -len(rows[place]))
        for some in _by_size(order, rows, max(AT_ONCE // beam, 1)):
            said = self._say([rows[place] for place in some], beam)
            for row, place in enumerate(some):
                answers[place] = self._text(sentences[place], said.tokens[row], said.sources[row])
        return answers

    def align(self, sentence: str) -> tuple[list[str], list[str], Tensor]:
        """Translate greedily, and show where attention looked.

        Returns:
            T source tokens, U target tokens, and (U, T) the weights; each row sums to 1.

        Raises:
            CourseError: a translator without attention, an empty sentence, or as in `translate`.
        """
        model, (source_codec, target_codec) = self._trained()
        if self.attention is None:
            raise CourseError(
                "This translator has no attention (attention=None), so there are no weights to show. "
                "Train one with attention='additive' or 'multiplicative'."
            )
        row = self._one(sentence)
        tokens = self._tokens(self._say([row], 1).tokens[0])
        with torch.no_grad():
            batch = batch_of([(row, tokens)])
            encoded = model.encode(batch.sources, batch.lengths)
            inputs = torch.tensor([[START, *tokens]])
            weights = model.decode(inputs, encoded, model.first_state(encoded))[1]
        assert weights is not None
        return source_codec.pieces(sentence.strip()), [target_codec.piece(t) for t in tokens], weights[0, : len(tokens)]

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
        _, (_, codec) = self._trained()
        check_whole("beam", beam, 1)
        row = self._one(sentence)
        return _grow_tree(self._step(row), codec, beam, self._longest(len(row)))

    def _step(self, row: list[int]) -> Any:
        """step(prefix) → (V,) log probabilities, as `attention.greedy` and `attention.beam_search` want it."""
        model, _ = self._trained()
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

    def _say(self, rows: list[list[int]], beam: int) -> Said:
        model, _ = self._trained()
        batch = batch_of([(row, []) for row in rows])
        longest = torch.tensor([self._longest(len(row)) for row in rows])
        return say(model, batch.sources, batch.lengths, longest, beam)

    def _text(self, sentence: str, tokens: Tensor, places: Tensor) -> str:
        """The tokens as text; an unknown one is the piece of the source that attention looked at."""
        _, (source_codec, target_codec) = self._trained()
        kept = self._tokens(tokens)
        replacements = None
        if UNKNOWN in kept and self.attention is not None:
            pieces = source_codec.pieces(sentence.strip())
            replacements = [pieces[place] for place in places[: len(kept)].tolist()]
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
        _, (codec, _) = self._trained()
        if isinstance(sentences, str) or not isinstance(sentences, Sequence):
            raise CourseError(
                f"translate needs a list of sentences; this is a {type(sentences).__name__}. For one sentence write "
                "translate([sentence])."
            )
        rows = []
        for place, sentence in enumerate(sentences):
            if not isinstance(sentence, str):
                raise CourseError(f"Sentence {place} is a {type(sentence).__name__}, and not a string.")
            rows.append(codec.encode(sentence.strip()))
            if len(rows[-1]) > LONGEST_SENTENCE:
                raise CourseError(
                    f"Sentence {place} has {len(rows[-1]):,} tokens; {LONGEST_SENTENCE:,} are the most. Cut it up."
                )
        return rows

    # -----------------------------------------------------------------------------------------------------------------
    # Keeping

    def save(self, path: str | Path, *, half: bool = False) -> Path:
        """Write the translator to a file of safetensors; its metadata hold the vocabulary as JSON.

        Args:
            path: of the file, such as "numbers.safetensors"; its folder must exist.
            half: store the weights in 16 bits, half as large; translations may change in rare cases.

        Returns:
            The path.

        Raises:
            CourseError: it has not learned yet, or the file cannot be written.
        """
        model, codecs = self._trained()
        about = {
            "cell": self.cell,
            "hidden_size": self.hidden_size,
            "attention": self.attention,
            "level": self.level,
            "seed": self.seed,
            "ratio": self._ratio,
            "codecs": [codec.state() for codec in (codecs[:1] if codecs[0] is codecs[1] else codecs)],
        }
        weights = dict(model.named_parameters())  # a shared table is named once
        return keep(path, weights, about, format=FORMAT, half=half)

    @classmethod
    def load(cls, path: str | Path) -> Translator:
        """Read a translator that `save` wrote. Nothing is unpickled.

        Raises:
            CourseError: there is no such file, or it is none of these.
        """
        about, weights = kept(path, cls.__name__, format=FORMAT)
        return cls._restored(about, weights, Path(path))

    @classmethod
    def _restored(cls, about: dict[str, Any], weights: dict[str, Tensor], place: Path) -> Translator:
        translator = cls(*(about[name] for name in ("cell", "hidden_size", "attention", "level", "seed")))
        codecs = [codec_from(state) for state in about["codecs"]]
        translator._codecs, translator._ratio = (codecs[0], codecs[-1]), about["ratio"]
        with torch.random.fork_rng(devices=[]):
            model = translator._new_model()
        try:
            model.load_state_dict(weights, strict=False)
            missing = set(dict(model.named_parameters())) - set(weights)
            if missing or set(weights) - set(model.state_dict()):
                raise RuntimeError(f"weights that do not fit: {sorted(missing)}")
        except RuntimeError as error:
            raise misfit(place, error) from None
        translator.model = model.eval()
        return translator


def trained_translator(name: str) -> Translator:
    """A translator that travels with the course, so that a lesson can look at it at once.

    Args:
        name: "numbers" (French → English numbers in words, by characters), "numbers_every" (the same without attention)
            or "menus" (English → French menu texts, by subwords).

    Raises:
        CourseError: no such translator.
    """
    check_name("trained translator", name, TRAINED)
    return Translator.load(resource(f"checkpoints/translate_{name}.safetensors"))


# ---------------------------------------------------------------------------------------------------------------------
# What the training leans on


class Batches:
    """An epoch's batches, anew each time: pairs of like length together, in random order.

    Args:
        pairs: as numbers, none of them empty.
        size: pairs in a batch; of very long ones there are fewer.
        seed: of the order.
    """

    def __init__(self, pairs: list[Numbers], size: int, seed: int) -> None:
        self.pairs, self.size = pairs, size
        self.lengths = [(len(target) + 1, len(source)) for source, target in pairs]
        self.generator = torch.Generator().manual_seed(seed)

    def _cut(self, order: list[int]) -> list[list[int]]:
        """Places in the order of length, cut into batches."""
        batches: list[list[int]] = [[]]
        U = T = 0
        for place in order:
            U, T = max(U, self.lengths[place][0]), max(T, self.lengths[place][1])
            more = len(batches[-1]) + 1
            if more > 1 and (more > self.size or more * U * T > MOST_CELLS):
                batches.append([])
                U, T = self.lengths[place]
            batches[-1].append(place)
        return batches

    def __len__(self) -> int:
        return len(self._cut(sorted(range(len(self.pairs)), key=self.lengths.__getitem__)))

    def __iter__(self) -> Iterator[Batch]:
        shuffled = torch.randperm(len(self.pairs), generator=self.generator).tolist()
        batches = self._cut(sorted(shuffled, key=self.lengths.__getitem__))
        for place in torch.randperm(len(batches), generator=self.generator).tolist():
            yield batch_of([self.pairs[one] for one in batches[place]])


class Objective:
    """The loss of a batch: mean cross-entropy over the real target tokens, with label smoothing."""

    def __init__(self, smoothing: float, bf16: bool) -> None:
        self.smoothing, self.bf16 = smoothing, bf16

    def __call__(self, model: nn.Module, batch: Batch) -> Tensor:
        """(model, batch) → scalar."""
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bf16):
            logits = model(batch)
        targets = batch.targets[batch.targets != PAD]
        return nn.functional.cross_entropy(logits.float(), targets, label_smoothing=self.smoothing)


@torch.no_grad()
def token_error(model: TranslationModel, batches: list[Batch]) -> float:
    """The share of target tokens that are not the most probable ones under teacher forcing, 0 … 1."""
    wrong = real = 0
    for batch in batches:
        targets = batch.targets[batch.targets != PAD]
        wrong += int((model(batch).argmax(dim=-1) != targets).sum())
        real += len(targets)
    return wrong / real


class Spent(Budget):
    """The learning rate's course: up over the first steps, then down to 0 as a cosine as the budget is spent."""

    def rate(self, step: int) -> float:
        """The factor of the learning rate after so many steps."""
        return min((step + 1) / 50, 0.5 * (1 + math.cos(math.pi * self.spent(step))))


def _timed(validate: Any, model: TranslationModel) -> float:
    began = perf_counter()
    validate(model)
    return perf_counter() - began


def _by_size(order: list[int], rows: list[list[int]], most: int) -> Iterator[list[int]]:
    """Places, the longest first, in groups that are translated together."""
    group: list[int] = []
    for place in order:
        if group and (len(group) == most or len(rows[place]) < 0.5 * len(rows[group[0]]) - 4):
            yield group
            group = []
        group.append(place)
    if group:
        yield group


def _grow_tree(step: Any, codec: Codec, beam: int, longest: int) -> list[BeamNode]:
    """`attention.beam_search`, with a note of everything that was looked at."""
    nodes, prefixes = [BeamNode("", 0.0, None, 0, "kept")], [[START]]
    alive: list[int] = [0]
    over: list[int] = []
    for depth in range(1, longest + 1):
        grown = []
        for parent in alive:
            more, tokens = step(prefixes[parent]).topk(min(beam, len(codec)))
            grown += [
                (nodes[parent].log_probability + m, parent, t)
                for m, t in zip(more.tolist(), tokens.tolist(), strict=True)
            ]
        grown = [one for one in sorted(grown, key=lambda one: -one[0]) if one[0] > -math.inf]
        room, alive = beam - len(over), []
        for rank, (score, parent, token) in enumerate(grown):
            state = "dropped" if rank >= room else "finished" if token == END else "kept"
            nodes.append(BeamNode("■" if token == END else codec.piece(token), score, parent, depth, state))
            prefixes.append([*prefixes[parent], token])
            {"dropped": [], "finished": over, "kept": alive}[state].append(len(nodes) - 1)
        if not alive:
            break
    place: int | None
    place = max(over + alive, key=lambda one: nodes[one].log_probability / max(nodes[one].depth, 1))
    while place is not None:
        node = nodes[place]
        nodes[place] = BeamNode(node.token, node.log_probability, node.parent, node.depth, node.state, best=True)
        place = node.parent
    return nodes


def _check_pairs(pairs: Any, name: str) -> None:
    """Sequences of pairs of strings, or a sentence that says what else was given."""
    expected = f"`{name}` must be a list of pairs (source, target) of strings"
    if isinstance(pairs, str | bytes | dict) or not isinstance(pairs, Sequence):
        raise CourseError(f"{expected}; it is a {type(pairs).__name__}.")
    if not pairs:
        raise CourseError(f"{expected}; it is empty.")
    for place, pair in enumerate(pairs):
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise CourseError(f"{expected}; number {place} is {pair!r:.60}.")
        if not all(isinstance(side, str) for side in pair):
            raise CourseError(
                f"{expected}; in number {place} a side is a {type(pair[0]).__name__} or {type(pair[1]).__name__}."
            )
