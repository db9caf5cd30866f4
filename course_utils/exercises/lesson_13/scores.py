"""Lesson 13: perplexity, bits for each character, and what is unknown."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence

import torch

from course_utils import metrics
from course_utils.exercises.engine.exercise import FunctionExercise, Mistake
from course_utils.exercises.engine.questions import ChoiceQuestion, NumberQuestion

BATCHES = (
    ((2.0, 1.0), (10, 5)),
    ((1.5,), (3,)),
    ((0.5, 2.5, 1.0), (64, 64, 8)),
    ((1.2, 0.7, 3.1, 2.2), (32, 16, 16, 1)),
    ((0.9, 0.3), (1, 100)),
    ((1.5, 1.5, 0.4), (4, 2, 6)),
)


def losses_and_counts(generator: torch.Generator) -> list[tuple[list[float], list[int]]]:
    """Mean losses of batches, in nats, and how many tokens each holds: the last ones smaller."""
    return [(list(losses), list(counts)) for losses, counts in BATCHES]


def mean_of_batches(losses: Sequence[float], counts: Sequence[int]) -> float:
    """Every batch counts the same."""
    return math.exp(sum(losses) / len(losses))


def mean_of_perplexities(losses: Sequence[float], counts: Sequence[int]) -> float:
    """exp first, then the mean, each token counted."""
    return sum(math.exp(loss) * count for loss, count in zip(losses, counts, strict=True)) / sum(counts)


def of_array(losses: Sequence[float], counts: Sequence[int]) -> float:
    """A right answer by torch."""
    weights = torch.tensor(counts, dtype=torch.float64)
    return float((torch.tensor(losses, dtype=torch.float64) @ weights / weights.sum()).exp())


perplexity = FunctionExercise(
    lesson="13",
    reference=metrics.perplexity,
    cases=losses_and_counts,
    result="a number: the perplexity over all tokens",
    variants=(of_array,),
    mistakes=(
        Mistake(
            mean_of_batches,
            "Every batch counts the same here, and the last one is small. Weight each loss by its number of tokens.",
        ),
        Mistake(
            mean_of_perplexities,
            "You took exp of each batch and averaged afterwards. Average the losses first: exp of the mean.",
        ),
        Mistake(
            lambda losses, counts: sum(map(math.exp, losses)) / len(losses),
            "That is the mean of the batches' perplexities. Add up the nats of all tokens, divide by their number, "
            "and take exp once.",
        ),
        Mistake(
            lambda losses, counts: sum(a * b for a, b in zip(losses, counts, strict=True)) / sum(counts),
            "That is the mean loss, in nats. The perplexity is its exp.",
        ),
        Mistake(
            lambda losses, counts: 2 ** (sum(a * b for a, b in zip(losses, counts, strict=True)) / sum(counts)),
            "2 to the power of a loss in nats: the loss has natural logarithms, so take `math.exp`.",
        ),
        Mistake(
            lambda losses, counts: math.exp(sum(losses) / sum(counts)),
            "Each loss is the *mean* of its batch. Multiply it by the number of tokens before you add up.",
        ),
    ),
    hints=(
        "How many nats did all tokens cost together? A batch's loss is the mean over its tokens.",
        "Sum of loss · count, divided by the sum of the counts: the mean loss of a token.",
        "`math.exp(sum(loss * count for loss, count in zip(losses, counts)) / sum(counts))`.",
    ),
)

TEXTS = (
    ("the cat", (2.0, 1.5)),
    ("a", (0.7,)),
    ("in the beginning", (3.0, 1.0, 0.5)),
    ("naïve café", (1.0, 2.0, 2.5, 0.3)),
    ("oh!", (1.1, 0.4, 2.2)),
    ("so so", (1.3, 1.3)),
    (" and\nit was\nso\n", (0.9, 1.2, 0.4, 2.1, 0.6)),
)


def nats_and_text(generator: torch.Generator) -> list[tuple[list[float], str]]:
    """The nats of each token, and the text that the tokens spell: words, pieces, characters."""
    return [(list(nats), text) for text, nats in TEXTS]


def by_numpy(nats: Sequence[float], text: str) -> float:
    """A right answer, token by token."""
    return sum(-math.log2(math.exp(-cost)) for cost in nats) / len(text)


bits_per_character = FunctionExercise(
    lesson="13",
    reference=metrics.bits_per_character,
    cases=nats_and_text,
    result="a number: bits for each character of the text",
    variants=(by_numpy,),
    mistakes=(
        Mistake(
            lambda nats, text: sum(nats) / len(text),
            "These are nats. One bit is ln 2 = 0.693 nats: divide by `math.log(2)`.",
        ),
        Mistake(
            lambda nats, text: sum(nats) / math.log(2) / len(nats),
            "These are bits per *token*. A token may be a whole word: divide by the number of characters, `len(text)`.",
        ),
        Mistake(
            lambda nats, text: sum(nats) / len(nats),
            "These are nats per token. You want bits, and for each character.",
        ),
        Mistake(
            lambda nats, text: sum(nats) * math.log(2) / len(text),
            "You multiplied by ln 2. A bit is less than a nat, so there are more bits than nats: divide.",
        ),
        Mistake(
            lambda nats, text: math.log2(sum(nats)) / len(text),
            "log2 of the nats is no change of unit. Nats are logarithms already: divide them by `math.log(2)`.",
        ),
        Mistake(
            lambda nats, text: sum(nats) / math.log(2) / len(text.encode()),
            "You divided by the number of bytes. An é has two of them, and it is one character: `len(text)`.",
        ),
        Mistake(
            lambda nats, text: sum(nats) / math.log(2),
            "These are the bits of the whole text. Divide by its number of characters.",
        ),
        Mistake(
            lambda nats, text: sum(nats) / math.log(2) / len(text.replace(" ", "")),
            "Spaces are characters too, and had to be predicted.",
        ),
        Mistake(
            lambda nats, text: sum(nats) / math.log(2) / len(text.strip()),
            "You cut off what stands at the edges of the text. A space or a line break there is a character too, and "
            "had to be predicted: leave `.strip()` out.",
        ),
        Mistake(
            lambda nats, text: sum(nats) / math.log(2) / len(text.replace("\n", "")),
            "You left the line breaks out. They are characters too, and had to be predicted.",
        ),
        Mistake(
            lambda nats, text: sum(nats) / math.log(2) / len(text.split()),
            "These are bits per word. Divide by the number of characters, `len(text)`.",
        ),
    ),
    hints=(
        "Three steps: the nats of the whole text; from nats to bits; for each character.",
        "A bit is the choice between two, ln 2 nats.",
        "`sum(nats) / math.log(2) / len(text)`.",
    ),
)

WORDS = (
    ("the ark rested", (1.0, 6.0, 2.0), ("the", "rested")),
    ("ark", (5.0,), ()),
    ("the ark and the ark", (1.0, 6.0, 2.0, 1.5, 4.0), ("the", "and")),
    ("and it was so", (0.5, 1.0, 0.8, 2.0), ("and", "it", "was", "so")),
    ("so was it", (1.2345678, 1.2345678, 0.5), ("so",)),
    ("the Ark he saw", (1.0, 3.0, 2.5, 0.5), ("the", "ark", "saw")),
)
WITH_SPACES = (
    (["And", " the", " ark", " the"], (1.0, 0.5, 3.0, 2.0), ["And", " the", "ark"]),
)  # as the codecs have it


def spelled(word: str) -> float:
    """1.5 nats for each letter, and half a nat that it ends."""
    return 1.5 * len(word) + 0.5


def more_for_vowels(word: str) -> float:
    """1 nat for a letter, 2 for a vowel, 1 nat that it ends."""
    return 1.0 + sum(2.0 if letter in "aeiou" else 1.0 for letter in word)


def words_and_vocabulary(
    generator: torch.Generator,
) -> list[tuple[list[float], list[str], list[str], Callable[[str], float]]]:
    """nats, words, vocabulary, spelling: unknown words once, twice, alone, and none."""
    return [
        (list(nats), list(words), list(known), spelling)
        for spelling in (spelled, more_for_vowels)
        for words, nats, known in (*((text.split(), nats, known) for text, nats, known in WORDS), *WITH_SPACES)
    ]


Spelling = Callable[[str], float]


def in_a_loop(nats: Sequence[float], words: Sequence[str], vocabulary: Collection[str], spelling: Spelling) -> float:
    """A right answer, word by word."""
    total = 0.0
    for cost, word in zip(nats, words, strict=True):
        total += cost
        if word not in vocabulary:
            total += spelling(word)
    return total


charged_nats = FunctionExercise(
    lesson="13",
    reference=metrics.charged_nats,
    cases=words_and_vocabulary,
    result="a number: the nats of the whole text",
    variants=(in_a_loop,),
    mistakes=(
        Mistake(
            lambda nats, words, vocabulary, spelling: sum(nats),
            "`<unk>` is free of charge here: it says that *some* unknown word stands there, and not which. Add the "
            "spelling of each unknown word.",
        ),
        Mistake(
            lambda nats, words, vocabulary, spelling: sum(
                cost for cost, word in zip(nats, words, strict=True) if word in vocabulary
            ),
            "You left the unknown words out. Then a model that knows fewer words has less to predict. They cost their "
            "`<unk>` and their spelling.",
        ),
        Mistake(
            lambda nats, words, vocabulary, spelling: sum(
                cost if word in vocabulary else spelling(word) for cost, word in zip(nats, words, strict=True)
            ),
            "The spelling stands in place of `<unk>` here. First it must be said that an unknown word comes, which "
            "has its own cost; then it is spelled.",
        ),
        Mistake(
            lambda nats, words, vocabulary, spelling: (
                sum(nats) + sum(spelling(word) for word in dict.fromkeys(words) if word not in vocabulary)
            ),
            "You spell each unknown word once. It stays unknown, and must be spelled every time it comes.",
        ),
        Mistake(
            lambda nats, words, vocabulary, spelling: sum(nats) + sum(spelling(word) for word in words),
            "You spell known words too. Their token says which word it is.",
        ),
        Mistake(
            lambda nats, words, vocabulary, spelling: sum(nats) + sum(spelling(w) for w in words if w in vocabulary),
            "The wrong way round: it is the words that are *not* in the vocabulary that are spelled.",
        ),
        Mistake(
            lambda nats, words, vocabulary, spelling: (
                sum(nats) + sum(spelling(word) for word in words if word.lower() not in vocabulary)
            ),
            "“Ark” and “ark” are two words, and a token stands for one of them only. Leave `.lower()` out.",
        ),
        Mistake(
            lambda nats, words, vocabulary, spelling: (
                sum(nats) + sum(spelling(word) for word in words if word not in " ".join(vocabulary))
            ),
            "You search for the word inside other words: “he” is a part of “the”, and still has no token. Ask whether "
            "it is one of the words, `word in vocabulary`.",
        ),
        Mistake(
            lambda nats, words, vocabulary, spelling: (
                sum(nats) + sum(spelling(word.strip()) for word in words if word not in vocabulary)
            ),
            "You spell the word without its space. A space belongs to the word after it here, and has to be spelled "
            "too: leave `.strip()` out.",
        ),
        Mistake(
            lambda nats, words, vocabulary, spelling: (
                sum(nats) + sum(spelling(word) for word in words if word.strip() not in vocabulary)
            ),
            "“ ark” and “ark” are two tokens: a space belongs to the word after it. Leave `.strip()` out.",
        ),
    ),
    hints=(
        "What does `nats` say of an unknown word? Only that one comes.",
        "Every word costs its nats. Each word that is not in the vocabulary costs `spelling(word)` besides.",
        "`sum(nats) + sum(spelling(word) for word in words if word not in vocabulary)`.",
    ),
)

uniform_bits = NumberQuestion(
    lesson="13",
    name="uniform_bits",
    answer=6,
    unit="bits",
    mistakes={
        64: "That is the perplexity: among how many it chooses. In bits it is the logarithm to base 2.",
        math.log(64): "That is in nats. In bits: the logarithm to base 2.",
        math.log10(64): "That is the logarithm to base 10. Bits have base 2.",
        32: "Half of them is the first question only: 64 → 32 → 16 → … How many halvings are there?",
    },
    why="Six questions with yes or no find one of 64 = 2⁶.",
)

token_bits = NumberQuestion(
    lesson="13",
    name="token_bits",
    answer=2,
    unit="bits per character",
    mistakes={
        8: "That is per token. A token stands for four characters.",
        32: "You multiplied. The 8 bits pay for all four characters of the token.",
        0.5: "The other way round: bits divided by characters.",
    },
    why="8 bits for 4 characters. A character model with 2.2 bits would be worse, though its perplexity, 2^2.2 = 4.6, "
    "looks far smaller than the subword model's, 2⁸ = 256.",
)

smaller_vocabulary = ChoiceQuestion(
    lesson="13",
    name="smaller_vocabulary",
    question="A word model's vocabulary is cut from 20,000 words to 1,000; all others are `<unk>`, free of charge. "
    "What becomes of its perplexity per word?",
    choices=("it falls", "it stays", "it rises"),
    answer="it falls",
    says={
        "it stays": "Many words that were hard to predict are now one and the same frequent token.",
        "it rises": "The model knows less, but it is asked less as well: not *which* rare word comes, only that one "
        "does.",
    },
    why="With one word, `<unk>` alone, it would be 1. So unknown words must be charged, or such scores say nothing.",
    prediction=False,
)

# Answered by what the lesson measures.
five_gram_bits = NumberQuestion(lesson="13", name="five_gram_bits", unit="bits", tolerance=0.1, prediction=True)

network_bits = NumberQuestion(lesson="13", name="network_bits", unit="bits", tolerance=0.1, prediction=True)
