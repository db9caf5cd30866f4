"""Sentences and tags as a tagger takes them: lists of tokens, checked; the words and characters it knows; batches."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from course_utils.data.texts import composed
from course_utils.errors import CourseError
from course_utils.metrics.spans import in_one_form, parted
from course_utils.models.inputs import list_of
from course_utils.nn.sequences import PAD, UNKNOWN
from course_utils.nn.tagging_model import Sentences

FIRST = UNKNOWN + 1  # numbers below stand for what is no word
LONGEST_WORD = 40  # characters that are read of a word: the first 30 and the last 10
LONGEST_TRAINED = 400  # words; longer sentences are cut into pieces for a training
MOST_WORDS = 6_000  # B · T of a batch at most
MOST_KNOWN = 50_000  # words that have a place of their own
SEEN = 2  # a word seen less often may be read as unknown in training

DIGIT = re.compile(r"\d")


def checked_sentences(given: Any, name: str = "sentences") -> list[list[str]]:
    """Lists of tokens.

    Args:
        given: a list of sentences, each a list of strings.
        name: of the argument, for the message.

    Raises:
        CourseError: they are none; it says what else was given.
    """
    return [[composed(token) for token in row] for row in _rows(given, name, "tokens")]


def checked_tags(given: Any, sentences: Sequence[Sequence[str]], name: str = "tags") -> list[list[str]]:
    """A tag of BIO for each token; every span begins with B-, in whatever form of BIO it was given.

    Args:
        given: a list of sentences, each a list of strings.
        sentences: the tokens.
        name: of the argument, for the message.

    Raises:
        CourseError: they are none, or not as many as tokens.
    """
    rows = _rows(given, name, "tags")
    if len(rows) != len(sentences):
        raise CourseError(f"There are {len(sentences)} sentences, and {name} holds {len(rows)}. Give tags for each.")
    for index, (row, tokens) in enumerate(zip(rows, sentences, strict=True)):
        if len(row) != len(tokens):
            raise CourseError(f"Sentence {index} has {len(tokens)} tokens and {len(row)} tags. Give a tag a token.")
        for tag in row:
            parted(tag)
    return [in_one_form([composed(tag) for tag in row]) for row in rows]


def _rows(given: Any, name: str, things: str) -> list[list[str]]:
    expected = f"`{name}` must be a list of sentences, each a list of {things}: [['good', 'morning'], …]"
    rows = []
    for index, row in enumerate(list_of(given, expected)):
        if isinstance(row, str):
            raise CourseError(f"{expected}; number {index} is the string {row!r:.40}. Split it: text.split().")
        found = list_of(row, f"{expected}; number {index} is none")
        other = next((item for item in found if not isinstance(item, str)), None)
        if other is not None:
            raise CourseError(f"{expected}; in number {index} stands a {type(other).__name__}: {other!r:.40}.")
        rows.append(found)
    return rows


def plain(token: str) -> str:
    """The form under which a word is looked up: small letters, each digit a 0."""
    return DIGIT.sub("0", token.lower())


@dataclass(frozen=True)
class Vocabulary:
    """What a tagger knows: words, characters and tags, each with its number.

    Attributes:
        words: in small letters and with 0 for each digit; those seen often first.
        rare: how many of them, at the end, were seen once in training.
        characters: [] where the spelling is not read.
        tags: "O" and the B- and I- of every kind.
    """

    words: list[str]
    rare: int
    characters: list[str]
    tags: list[str]

    @classmethod
    def of(cls, sentences: Sequence[Sequence[str]], tags: Sequence[Sequence[str]], characters: bool) -> Vocabulary:
        """What stands in a training's sentences and tags."""
        counts = Counter(plain(token) for row in sentences for token in row)
        known = [word for word, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))][:MOST_KNOWN]
        kinds = sorted({parted(tag)[1] for row in tags for tag in row} - {""})
        letters = sorted({letter for row in sentences for token in row for letter in token}) if characters else []
        named = ["O", *(f"{prefix}-{kind}" for kind in kinds for prefix in "BI")]
        return cls(known, sum(counts[word] < SEEN for word in known), letters, named)

    def __post_init__(self) -> None:
        tables = (self.words, self.characters, self.tags)
        first = (FIRST, FIRST, 0)
        numbers = [{item: n for n, item in enumerate(table, start)} for table, start in zip(tables, first, strict=True)]
        object.__setattr__(self, "_numbers", numbers)

    def batch(self, rows: Sequence[Sequence[str]], tags: Sequence[Sequence[str]] | None = None) -> Sentences:
        """Sentences as numbers, padded.

        Args:
            rows: of tokens, none of them empty.
            tags: of each; a tag that is not known becomes "O".
        """
        words, characters, named = self._numbers  # type: ignore[attr-defined]
        different = {token: n for n, token in enumerate(dict.fromkeys(token for row in rows for token in row))}
        known = [[words.get(plain(token), UNKNOWN) for token in row] for row in rows]
        letters = [[characters.get(letter, UNKNOWN) for letter in _middle_out(token)] for token in different]
        return Sentences(
            _padded(known),
            torch.tensor([len(row) for row in rows]),
            _padded(letters if self.characters else [[]]),
            _padded([[different[token] for token in row] for row in rows]) if self.characters else _padded([[]]),
            _padded([[int(n >= FIRST + len(self.words) - self.rare) for n in row] for row in known]).bool(),
            _padded([[named.get(tag, 0) for tag in row] for row in tags]) if tags is not None else _padded([[]]),
        )


def _middle_out(token: str) -> str:
    return token if len(token) <= LONGEST_WORD else token[:30] + token[-10:]


def _padded(rows: Sequence[Sequence[int]]) -> Tensor:
    """(N, longest) with `PAD` at the end; at least one column."""
    longest = max(1, *map(len, rows)) if rows else 1
    return torch.tensor([[*row, *[PAD] * (longest - len(row))] for row in rows], dtype=torch.long)


class Batches:
    """An epoch's batches, drawn again each time: sentences of like length together, in random order.

    Args:
        vocabulary: what is known.
        sentences: of tokens.
        tags: of each.
        size: sentences in a batch; of long ones there are fewer.
        seed: of the order.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        sentences: Sequence[Sequence[str]],
        tags: Sequence[Sequence[str]],
        size: int,
        seed: int,
    ) -> None:
        self.vocabulary, self.size = vocabulary, size
        self.rows = [
            (tokens[start : start + LONGEST_TRAINED], row[start : start + LONGEST_TRAINED])
            for tokens, row in zip(sentences, tags, strict=True)
            for start in range(0, len(tokens), LONGEST_TRAINED)
        ]
        self.generator = torch.Generator().manual_seed(seed)

    def __len__(self) -> int:
        return sum(1 for _ in in_groups([len(row) for row, _ in self.rows], self.size))

    def __iter__(self) -> Iterator[Sentences]:
        jitter = torch.rand(len(self.rows), generator=self.generator).mul(4).tolist()
        lengths = [len(row) for row, _ in self.rows]
        groups = list(in_groups([length + more for length, more in zip(lengths, jitter, strict=True)], self.size))
        for number in torch.randperm(len(groups), generator=self.generator).tolist():
            rows, tags = zip(*(self.rows[index] for index in groups[number]), strict=True)
            yield self.vocabulary.batch(rows, tags)


def in_groups(lengths: Sequence[float], size: int) -> Iterator[list[int]]:
    """Indices in the order of length, in groups of `size`, or fewer where they would hold more than `MOST_WORDS`."""
    group: list[int] = []
    for index in sorted(range(len(lengths)), key=lengths.__getitem__):
        if group and (len(group) == size or (len(group) + 1) * lengths[index] > MOST_WORDS):
            yield group
            group = []
        group.append(index)
    if group:
        yield group
