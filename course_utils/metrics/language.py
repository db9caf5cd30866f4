"""How well a text was predicted: perplexity, bits per character, and what a word costs that no token stands for."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence

from course_utils.errors import CourseError

CODE_POINTS = 0x110000  # of Unicode: any of them may follow


def perplexity(losses: Sequence[float], counts: Sequence[int]) -> float:
    """Among how many equally probable tokens a model would be as unsure: exp of the mean loss per token.

    Args:
        losses: of each batch, its mean cross-entropy per token, in nats.
        counts: of each batch, how many tokens it holds.

    Raises:
        CourseError: lists of different length, or no token.
    """
    if len(losses) != len(counts) or sum(counts) <= 0 or min(counts, default=0) < 0:
        raise CourseError(
            f"There are {len(losses)} losses and the counts {list(counts)!r:.60}. Give one loss and one number of "
            "tokens for each batch, and at least one token."
        )
    nats = sum(loss * count for loss, count in zip(losses, counts, strict=True))
    return math.exp(nats / sum(counts))


def bits_per_character(nats: Sequence[float], text: str) -> float:
    """What a text cost, in bits for each of its characters, whatever the tokens were.

    Args:
        nats: of each token, −ln of the probability that it was given. One number for the whole text will do.
        text: what these tokens spell, unknown words as they stand there.

    Raises:
        CourseError: a text without a character.
    """
    if not text:
        raise CourseError("The text is empty, so there is no character that a bit could be spent on.")
    return sum(nats) / math.log(2) / len(text)


def charged_nats(
    nats: Sequence[float], words: Sequence[str], vocabulary: Collection[str], spelling: Callable[[str], float]
) -> float:
    """What a text cost, where a word that the model has no token for must be spelled out after `<unk>`.

    `<unk>` says that some unknown word stands here, and not which: without a charge, a model with a smaller vocabulary
    has the better score.

    Args:
        nats: of each word, −ln of the probability of its token; for an unknown word, of `<unk>`.
        words: the words of the text.
        vocabulary: the words that have tokens.
        spelling: gives the nats that it takes to spell a word, such as `spelling_nats` with its alphabet.

    Raises:
        CourseError: as many nats as words were expected, and there are not.
    """
    if len(nats) != len(words):
        raise CourseError(f"There are {len(nats)} costs for {len(words)} words. Give one for each word.")
    return sum(nats) + sum(spelling(word) for word in words if word not in vocabulary)


def spelling_nats(word: str, alphabet: Collection[str]) -> float:
    """What it takes to spell a word where every sign is equally probable.

    The signs are the characters of the alphabet, one that ends the word, and one that says that a character follows
    which is none of the alphabet: then each character of Unicode is equally probable.

    Args:
        word: to spell.
        alphabet: the characters of the training text.
    """
    others = sum(character not in alphabet for character in word)
    return (len(word) + 1) * math.log(len(alphabet) + 2) + others * math.log(CODE_POINTS)
