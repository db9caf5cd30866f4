"""A text as numbers, without loss: every character of it belongs to one token, so that its probability can be told.

`course_utils.models.tokenisers` reads sentences, where spaces and the form of accents do not matter. A language model
gives a probability to every string, so nothing may be dropped here, and a token that the vocabulary lacks is charged:
it costs the nats to say that it is unknown, and the nats to spell it. Then the probabilities of all texts of a length
sum to 1 or less at every level, and bits per character can be compared.
"""

from __future__ import annotations

import math
import re
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from course_utils.errors import CourseError, unknown
from course_utils.metrics.language import CODE_POINTS
from course_utils.models.checkpoints import are_texts
from course_utils.models.discounting import RunCounts
from course_utils.models.tokenisers import LEVELS, MOST_WORDS, Subwords
from course_utils.nn.sampling import drawn

UNKNOWN = 0  # the number of the token for what the vocabulary lacks
PIECE = re.compile(r" ?\w+|\s|[^\w\s]")  # a word with the space before it, another space, a mark
HALF = re.compile("[\ud800-\udfff]")  # half of a character: no UTF-8 has it, and no vocabulary
MOST_CHARACTERS = 4_096
MANY_WORDS = 1_000  # from here on a word that was seen once is better learned as "unknown"
MOST_RARE = 20_000  # words from which spelling is learned
AT_ONCE = 65_536  # characters that are cut into subwords together
SPELLED = 4  # the order of the n-gram that spells


class TextCodec(ABC):
    """Text ↔ numbers. The number 0 stands for what the vocabulary lacks.

    Attributes:
        level: "char", "word" or "subword".
        invents: can it write something in place of an unknown token?
    """

    level: ClassVar[str]
    invents: ClassVar[bool] = False

    @abstractmethod
    def __len__(self) -> int:
        """V, the unknown token included."""

    @abstractmethod
    def encode(self, text: str) -> Tensor:
        """(N,) the numbers of a text."""

    @abstractmethod
    def pieces(self, text: str) -> list[str]:
        """N strings: the tokens of a text as a person reads them."""

    @abstractmethod
    def spelling(self, text: str) -> Tensor:
        """(N,) the nats that it takes to spell each token after "unknown" was said; 0 for those of the vocabulary."""

    @abstractmethod
    def decode(self, tokens: Sequence[int], invented: Sequence[str] = ()) -> str:
        """The text of numbers.

        Args:
            tokens: N numbers.
            invented: what the unknown ones among them stand for, in their order; default: nothing.
        """

    def invent(self, generator: torch.Generator) -> str:
        """What an unknown token might stand for, where the codec invents it."""
        raise NotImplementedError

    @abstractmethod
    def state(self) -> dict[str, Any]:
        """Everything that makes the codec, as it survives JSON."""


class TextCharacters(TextCodec):
    """A token for each character; others cost as if any of Unicode were equally probable.

    Args:
        codes: the code points of the vocabulary, in their order.
    """

    level = "char"

    def __init__(self, codes: Sequence[int] | NDArray[Any]) -> None:
        self.codes = np.asarray(codes, dtype=np.uint32)

    @classmethod
    def of(cls, text: str, most: int = MOST_CHARACTERS) -> TextCharacters:
        """Of the most frequent characters of a text."""
        codes, counts = np.unique(_code_points(text), return_counts=True)
        whole = ~((codes >= 0xD800) & (codes <= 0xDFFF))
        codes, counts = codes[whole], counts[whole]
        return cls(np.sort(codes[np.argsort(-counts, kind="stable")[:most]]))

    def __len__(self) -> int:
        return len(self.codes) + 1

    def encode(self, text: str) -> Tensor:
        """A number for each character."""
        codes = _code_points(text)
        if not len(self.codes):
            return torch.zeros(len(codes), dtype=torch.int64)
        at = np.searchsorted(self.codes, codes).clip(max=len(self.codes) - 1)
        return torch.from_numpy(np.where(self.codes[at] == codes, at + 1, UNKNOWN).astype(np.int64))

    def pieces(self, text: str) -> list[str]:
        """The characters themselves."""
        return list(text)

    def spelling(self, text: str) -> Tensor:
        """ln of the number of all characters, for those that are unknown."""
        return (self.encode(text) == UNKNOWN).double() * math.log(CODE_POINTS)

    def decode(self, tokens: Sequence[int], invented: Sequence[str] = ()) -> str:
        """The characters in a row."""
        signs = iter(invented)
        return "".join(next(signs, "") if token == UNKNOWN else chr(self.codes[token - 1]) for token in tokens)

    def state(self) -> dict[str, Any]:
        """Its characters as numbers."""
        return {"level": self.level, "codes": self.codes.tolist()}


class TextWords(TextCodec):
    """A token for each common word with the space before it, each other space and each mark; others are spelled.

    An n-gram of characters spells them: it is learned from the words that were too rare for a token.

    Args:
        words: the vocabulary.
        rare: words to learn spelling from; where there are none, those of the vocabulary.
    """

    level = "word"
    invents = True

    def __init__(self, words: Sequence[str], rare: Sequence[str]) -> None:
        self.words, self.rare = list(words), list(rare)
        self.numbers = {word: number for number, word in enumerate(self.words, 1)}

    @classmethod
    def of(cls, text: str, most: int = MOST_WORDS) -> TextWords:
        """Of the most frequent words of a text; in a long one, of those that stand there twice or more."""
        counts = Counter(match[0] for match in PIECE.finditer(text))
        ranked = sorted(counts, key=lambda word: (-counts[word], word))
        fewest = 2 if counts.total() >= MANY_WORDS else 1
        known = [word for word in ranked[:most] if counts[word] >= fewest and not HALF.search(word)]
        kept = set(known)
        return cls(known, [word for word in ranked if word not in kept and not HALF.search(word)][:MOST_RARE])

    def __len__(self) -> int:
        return len(self.words) + 1

    def encode(self, text: str) -> Tensor:
        """A number for each word, space or mark."""
        numbers = (self.numbers.get(match[0], UNKNOWN) for match in PIECE.finditer(text))
        return torch.from_numpy(np.fromiter(numbers, dtype=np.int64))

    def pieces(self, text: str) -> list[str]:
        """The words with the spaces before them, other spaces, and marks."""
        return PIECE.findall(text)

    def spelling(self, text: str) -> Tensor:
        """By the n-gram of characters, with the end of the word."""
        found = torch.zeros(sum(1 for _ in PIECE.finditer(text)), dtype=torch.float64)
        unknown = [(at, m[0]) for at, m in enumerate(PIECE.finditer(text)) if m[0] not in self.numbers]
        if unknown:
            places, words = zip(*unknown, strict=True)
            found[list(places)] = self._speller.nats(words)
        return found

    def decode(self, tokens: Sequence[int], invented: Sequence[str] = ()) -> str:
        """The words in a row: their spaces are part of them."""
        words = iter(invented)
        return "".join(next(words, "") if token == UNKNOWN else self.words[token - 1] for token in tokens)

    def invent(self, generator: torch.Generator) -> str:
        """A word drawn sign by sign, which nobody may have written yet."""
        return self._speller.draw(generator)

    @cached_property
    def _speller(self) -> _Speller:
        return _Speller(self.rare or self.words)

    def state(self) -> dict[str, Any]:
        """Its words, and those that spelling is learned from."""
        return {"level": self.level, "words": self.words, "rare": self.rare}


class _Speller:
    """An n-gram of characters that spells a word and says that it ends."""

    def __init__(self, words: Sequence[str]) -> None:
        self.signs = TextCharacters.of("".join(words))
        self.end = len(self.signs)
        self.counts = RunCounts(self._row(words)[0], SPELLED, self.end + 1, kneser_ney=True)

    def _row(self, words: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """All words in one row, between marks of begin and end, and for each of its numbers the word it belongs to.

        Before each word stand as many marks as an n-gram looks back: it does not see the word before.
        """
        look_back = SPELLED - 1
        numbers, owner = [np.full(look_back, self.end)], [np.full(look_back, -1)]
        for index, word in enumerate(words):
            numbers += [self.signs.encode(word).numpy(), np.full(look_back, self.end)]
            owner += [np.full(len(word) + 1, index), np.full(look_back - 1, -1)]
        return np.concatenate(numbers), np.concatenate(owner)

    def nats(self, words: Sequence[str]) -> Tensor:
        """(N,) what each word costs, its end included."""
        row, owner = self._row(words)
        nats = self.counts.nats(row) + (row == UNKNOWN) * math.log(CODE_POINTS)
        return torch.from_numpy(np.bincount(owner[owner >= 0], weights=nats[owner >= 0], minlength=len(words)))

    def draw(self, generator: torch.Generator, longest: int = 30) -> str:
        """A word, of signs that it knows."""
        context = [self.end] * (SPELLED - 1)
        for _ in range(longest):
            p = self.counts.following(context)[-1]
            p[UNKNOWN] = 0.0
            sign = int(drawn(p[None], torch.rand(1, generator=generator, dtype=p.dtype)))
            if sign == self.end:
                break
            context.append(sign)
        return self.signs.decode(context[SPELLED - 1 :])


class _Pieces(Subwords):
    """Pieces of words, nothing added before the text."""

    first_space = False


class TextSubwords(TextCodec):
    """Pieces of words by byte pair encoding on bytes: every text is known, but for halves of characters.

    Args:
        pieces: the vocabulary with its merges.
    """

    level = "subword"

    def __init__(self, pieces: Subwords) -> None:
        self._pieces = pieces
        self._shift = len(pieces) - int(pieces.tokenizer.get_vocab_size()) - 1  # its special tokens, all but one

    @classmethod
    def of(cls, text: str, most: int | None = None) -> TextSubwords:
        """Learned from a text; default: 3.3 · √(characters) pieces, from 400 to 8,000."""
        return cls(_Pieces.of([chunk for chunk, whole in _chunks(text) if whole] or [" "], most))

    def __len__(self) -> int:
        return len(self._pieces) - self._shift

    def encode(self, text: str) -> Tensor:
        """The numbers of the pieces; 0 for half a character."""
        found = [self._numbers(chunk) if whole else torch.zeros(1, dtype=torch.int64) for chunk, whole in _chunks(text)]
        return torch.cat(found) if found else torch.zeros(0, dtype=torch.int64)

    def _numbers(self, chunk: str) -> Tensor:
        return torch.tensor(self._pieces.tokenizer.encode(chunk).ids, dtype=torch.int64) + 1

    def pieces(self, text: str) -> list[str]:
        """The pieces; half a character is shown as �."""
        return [self.decode([token]) if token else "�" for token in self.encode(text).tolist()]

    def spelling(self, text: str) -> Tensor:
        """ln of the number of all characters, for half a character."""
        return (self.encode(text) == UNKNOWN).double() * math.log(CODE_POINTS)

    def decode(self, tokens: Sequence[int], invented: Sequence[str] = ()) -> str:
        """The text, byte for byte; bytes that make no character become �."""
        return self._pieces.decode([token + self._shift for token in tokens if token != UNKNOWN])

    def state(self) -> dict[str, Any]:
        """The tokeniser's own JSON."""
        return self._pieces.state()


def _code_points(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


def _chunks(text: str) -> list[tuple[str, bool]]:
    """A text in parts that the tokeniser takes, and the halves of characters between them, which it does not."""
    found, start = [], 0
    for match in [*HALF.finditer(text), None]:
        end = match.start() if match else len(text)
        found += [(text[at : min(at + AT_ONCE, end)], True) for at in range(start, end, AT_ONCE)]
        if match:
            found.append((match[0], False))
            start = match.end()
    return found


def text_codec(level: str, text: str, size: int | None = None) -> TextCodec:
    """The codec of a level, its vocabulary taken from a text.

    Args:
        level: "char", "word" or "subword".
        text: to learn from.
        size: tokens at most, the unknown one left out; default: 4,096 characters, 8,000 words, or as many subwords as
            the length of the text asks for.

    Raises:
        CourseError: another level.
    """
    match level:
        case "char":
            return TextCharacters.of(text, size or MOST_CHARACTERS)
        case "word":
            return TextWords.of(text, size or MOST_WORDS)
        case "subword":
            return TextSubwords.of(text, size)
        case _:
            raise unknown("level", level, LEVELS)


def text_codec_from(state: Any, level: str) -> TextCodec:
    """A codec from its `state()`.

    Args:
        state: as it survives JSON.
        level: that it must be of.

    Raises:
        CourseError: it is no such state.
    """
    try:
        if state["level"] != level:
            raise ValueError(f"it is of the level {state['level']!r}, and not {level!r}")
        if level == "char":
            codes = state["codes"]
            if not all(type(code) is int and 0 <= code < CODE_POINTS for code in codes) or codes != sorted({*codes}):
                raise ValueError("its characters are no sorted code points")
            return TextCharacters(codes)
        if level == "word":
            if not are_texts(state["words"]) or not are_texts(state["rare"]):
                raise ValueError("its words are no list of different strings")
            return TextWords(state["words"], state["rare"])
        return TextSubwords(_Pieces.of_definition(state["definition"]))
    except Exception as error:  # tokenizers raises plain Exception
        raise CourseError(f"The vocabulary of the language model cannot be read ({error}). Save it again.") from None
