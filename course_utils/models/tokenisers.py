"""From a sentence to numbers and back: by characters, words, or pieces of words.

Every codec has the numbers 0 to 3 for padding, "begin", "end" and "unknown"; its own tokens follow.
"""

from __future__ import annotations

import json
import os
import re
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

from course_utils.data.texts import composed
from course_utils.errors import CourseError, unknown
from course_utils.nn.sequences import UNKNOWN

SPECIAL = ("<pad>", "<start>", "<end>", "<unknown>")
LEVELS = ("char", "word", "subword")

JOINED = "\uffed"  # stands before a word that follows without a space, as in OpenNMT's tokeniser
WORD = re.compile(r"\w+['’](?=\w)|\w+|[^\w\s]")
MOST_WORDS = 8_000
MANY_PAIRS = 1_000  # from here on a word that was seen once is better learned as "unknown"


class Codec(ABC):
    """Sentences ↔ lists of numbers.

    Attributes:
        level: "char", "word" or "subword".
    """

    level: str

    @abstractmethod
    def __len__(self) -> int:
        """V, the special tokens included."""

    def encode(self, sentence: str) -> list[int]:
        """The numbers of a sentence, without begin and end; its accents may stand in their letters or behind them."""
        return self._encode(composed(sentence))

    @abstractmethod
    def _encode(self, sentence: str) -> list[int]:
        """The numbers of a sentence in NFC."""

    @abstractmethod
    def decode(self, tokens: Sequence[int], replacements: Sequence[str] | None = None) -> str:
        """The sentence of numbers; special ones are left out.

        Args:
            tokens: U numbers.
            replacements: U words to say in place of an unknown one; default: nothing.
        """

    def pieces(self, sentence: str) -> list[str]:
        """The tokens of a sentence as a person reads them, one for each number of `encode`."""
        return self._pieces(composed(sentence))

    @abstractmethod
    def _pieces(self, sentence: str) -> list[str]:
        """The tokens of a sentence in NFC."""

    @abstractmethod
    def piece(self, token: int) -> str:
        """A token as a person reads it."""

    @abstractmethod
    def state(self) -> dict[str, Any]:
        """Everything that makes the codec, as it survives JSON."""


class Characters(Codec):
    """A token for each character that was seen."""

    level = "char"

    def __init__(self, alphabet: Sequence[str]) -> None:
        self.tokens = [*SPECIAL, *alphabet]
        self.numbers = {token: number for number, token in enumerate(self.tokens) if number > UNKNOWN}

    @classmethod
    def of(cls, sentences: Iterable[str]) -> Characters:
        """Of all characters in these sentences, in the order of Unicode."""
        return cls(sorted({character for sentence in sentences for character in sentence}))

    def __len__(self) -> int:
        return len(self.tokens)

    def _encode(self, sentence: str) -> list[int]:
        """A number for each character."""
        return [self.numbers.get(character, UNKNOWN) for character in sentence]

    def decode(self, tokens: Sequence[int], replacements: Sequence[str] | None = None) -> str:
        """The characters in a row."""
        replaced = replacements if replacements is not None else [""] * len(tokens)
        return "".join(
            self.tokens[token] if token > UNKNOWN else replaced[index] if token == UNKNOWN else ""
            for index, token in enumerate(tokens)
        )

    def _pieces(self, sentence: str) -> list[str]:
        """The characters themselves."""
        return list(sentence)

    def piece(self, token: int) -> str:
        """The character."""
        return self.tokens[token]

    def state(self) -> dict[str, Any]:
        """Its alphabet."""
        return {"level": self.level, "tokens": self.tokens[len(SPECIAL) :]}


class Words(Codec):
    """A token for each common word and each mark of punctuation.

    A word that follows without a space has a token of its own, so that "l'heure, oui" comes back as it was; several
    spaces become one.
    """

    level = "word"

    def __init__(self, words: Sequence[str]) -> None:
        self.tokens = [*SPECIAL, *words]
        self.numbers = {token: number for number, token in enumerate(self.tokens) if number > UNKNOWN}

    @classmethod
    def of(cls, sentences: Sequence[str], most: int = MOST_WORDS) -> Words:
        """Of the most common words; with many sentences, of those that occur twice or more."""
        counts = Counter(word for sentence in sentences for word in words(sentence))
        fewest = 2 if len(sentences) >= MANY_PAIRS else 1
        ranked = sorted((word for word in counts if counts[word] >= fewest), key=lambda word: (-counts[word], word))
        return cls(ranked[:most])

    def __len__(self) -> int:
        return len(self.tokens)

    def _encode(self, sentence: str) -> list[int]:
        """A number for each word."""
        return [self.numbers.get(word, UNKNOWN) for word in words(sentence)]

    def decode(self, tokens: Sequence[int], replacements: Sequence[str] | None = None) -> str:
        """The words with their spaces."""
        replaced = replacements if replacements is not None else [""] * len(tokens)
        found = [
            self.tokens[token] if token > UNKNOWN else replaced[index] if token == UNKNOWN else ""
            for index, token in enumerate(tokens)
        ]
        return "".join(word[1:] if word[0] == JOINED else f" {word}" for word in found if word).removeprefix(" ")

    def _pieces(self, sentence: str) -> list[str]:
        """The words."""
        return [word.removeprefix(JOINED) for word in words(sentence)]

    def piece(self, token: int) -> str:
        """The word."""
        return self.tokens[token].removeprefix(JOINED)

    def state(self) -> dict[str, Any]:
        """Its words."""
        return {"level": self.level, "tokens": self.tokens[len(SPECIAL) :]}


def words(sentence: str) -> list[str]:
    """The words and marks of a sentence; one that follows without a space begins with the joining sign."""
    sentence = sentence.replace(JOINED, " ")
    found = []
    for match in WORD.finditer(sentence):
        glued = match.start() > 0 and not sentence[match.start() - 1].isspace()
        found.append(JOINED + match[0] if glued else match[0])
    return found


class Subwords(Codec):
    """Pieces of words by byte pair encoding on bytes (Sennrich, Haddow & Birch 2016): no text is unknown to it."""

    level = "subword"
    first_space = True  # is a space put before a sentence, so that its first word is as the others are?

    def __init__(self, vocabulary: Mapping[str, int], merges: Sequence[tuple[str, str]]) -> None:
        self.tokenizer = _byte_pairs(dict(vocabulary), list(merges), first_space=self.first_space)
        self.definition = str(self.tokenizer.to_str())

    @classmethod
    def of(cls, sentences: Sequence[str], size: int | None = None) -> Self:
        """Learned from sentences.

        Args:
            sentences: of both languages, so that names have one spelling in numbers.
            size: V at most; default: 3.3 · √(characters in all), from 400 to 8,000.
        """
        from tokenizers import pre_tokenizers, trainers

        if size is None:
            size = min(max(int(3.3 * sum(map(len, sentences)) ** 0.5), 400), MOST_WORDS)
        tokenizer = _byte_pairs(first_space=cls.first_space)
        alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
        trainer = trainers.BpeTrainer(
            vocab_size=max(size - len(SPECIAL), len(alphabet)),
            initial_alphabet=alphabet,
            min_frequency=2,
            show_progress=False,
        )
        tokenizer.train_from_iterator(sentences, trainer)
        return cls.of_definition(json.loads(tokenizer.to_str()))

    @classmethod
    def of_definition(cls, definition: Mapping[str, Any]) -> Self:
        """From `state()`: of the tokeniser's own JSON its pieces and merges are taken, and no rule or pattern.

        Raises:
            ValueError: its pieces are not numbered from 0 on.
        """
        vocabulary, merges = definition["model"]["vocab"], definition["model"]["merges"]
        if sorted(vocabulary.values()) != list(range(len(vocabulary))):
            raise ValueError("its pieces are not numbered from 0 on")
        pairs = [pair.split(" ") if isinstance(pair, str) else pair for pair in merges]
        return cls(vocabulary, [(left, right) for left, right in pairs])

    def __len__(self) -> int:
        return len(SPECIAL) + int(self.tokenizer.get_vocab_size())

    def _encode(self, sentence: str) -> list[int]:
        """The numbers of its pieces."""
        if not sentence:
            return []
        return [len(SPECIAL) + token for token in self.tokenizer.encode(sentence).ids]

    def decode(self, tokens: Sequence[int], replacements: Sequence[str] | None = None) -> str:
        """The sentence, byte for byte."""
        own = [token - len(SPECIAL) for token in tokens if token > UNKNOWN]
        return str(self.tokenizer.decode(own)).removeprefix(" " if self.first_space else "")

    def _pieces(self, sentence: str) -> list[str]:
        """The pieces; half a character is shown as �."""
        return [self.piece(token) for token in self._encode(sentence)]

    def piece(self, token: int) -> str:
        """The piece, with its space."""
        return SPECIAL[token] if token <= UNKNOWN else str(self.tokenizer.decode([token - len(SPECIAL)]))

    def state(self) -> dict[str, Any]:
        """The tokeniser's own JSON."""
        return {"level": self.level, "definition": json.loads(self.definition)}


def _byte_pairs(
    vocabulary: dict[str, int] | None = None, merges: list[tuple[str, str]] | None = None, *, first_space: bool
) -> Any:
    """The tokeniser of the course: byte pair encoding on bytes."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges) if vocabulary is not None else models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=first_space)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def codecs_for(level: str, sources: Sequence[str], targets: Sequence[str], size: int | None) -> tuple[Codec, Codec]:
    """The codecs of source and target; for subwords one for both.

    Args:
        level: "char", "word" or "subword".
        sources: N sentences.
        targets: N sentences.
        size: V at most, for words and subwords; default: from the number of sentences.

    Raises:
        CourseError: another level.
    """
    sources, targets = [composed(text) for text in sources], [composed(text) for text in targets]
    if level == "char":
        return Characters.of(sources), Characters.of(targets)
    if level == "word":
        most = size or MOST_WORDS
        return Words.of(sources, most), Words.of(targets, most)
    if level == "subword":
        both = Subwords.of([*sources, *targets], size)
        return both, both
    raise unknown("level", level, LEVELS)


def codec_from(state: Any, level: str | None = None) -> Codec:
    """A codec from its `state()`.

    Args:
        state: as it survives JSON.
        level: that it must be of; default: any.

    Raises:
        CourseError: it is no such state.
    """
    try:
        if level not in (None, state["level"]):
            raise ValueError(f"it is of the level {state['level']!r}, and not {level!r}")
        if state["level"] == "subword":
            return Subwords.of_definition(state["definition"])
        tokens = state["tokens"]
        if not isinstance(tokens, list) or not all(isinstance(token, str) and token for token in tokens):
            raise TypeError("its tokens are no list of strings")
        if len({*tokens, *SPECIAL}) != len(tokens) + len(SPECIAL):
            raise ValueError("a token is there twice")
        return {"char": Characters, "word": Words}[state["level"]](tokens)
    except Exception as error:  # tokenizers raises plain Exception
        raise CourseError(f"The vocabulary of the translator cannot be read ({error}). Save it again.") from None
