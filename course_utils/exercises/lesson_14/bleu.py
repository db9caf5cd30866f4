"""Lesson 14: the parts of BLEU, and predictions of scores."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import torch

from course_utils import metrics
from course_utils.exercises.engine.exercise import FunctionExercise, Mistake
from course_utils.exercises.engine.questions import ChoiceQuestion, NumberQuestion

SENTENCES = (
    ("the cat sat on the mat", "the cat is on the mat"),
    ("the the the the", "the cat is here"),
    ("on the mat", "the cat is on the mat"),
    ("a b a b a b", "a b a b c d e"),
)


def tokens_and_order(generator: torch.Generator) -> list[tuple[list[str], list[str], int]]:
    """hypothesis and reference as words, n from 1 to 3."""
    return [(hypothesis.split(), reference.split(), n) for hypothesis, reference in SENTENCES for n in (1, 2, 3)]


def ngrams(tokens: Sequence[str], n: int) -> Counter[tuple[str, ...]]:
    """How often each run of n tokens occurs."""
    return Counter(tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1))


def not_clipped(hypothesis: Sequence[str], reference: Sequence[str], n: int) -> float:
    """Each n-gram of the hypothesis counts if it is in the reference at all."""
    found, wanted = ngrams(hypothesis, n), ngrams(reference, n)
    return sum(count for gram, count in found.items() if gram in wanted) / max(sum(found.values()), 1)


def recall_instead(hypothesis: Sequence[str], reference: Sequence[str], n: int) -> float:
    """Divided by the reference's n-grams."""
    found, wanted = ngrams(hypothesis, n), ngrams(reference, n)
    return sum((found & wanted).values()) / max(sum(wanted.values()), 1)


def each_kind_once(hypothesis: Sequence[str], reference: Sequence[str], n: int) -> float:
    """Sets in place of counts."""
    found, wanted = set(ngrams(hypothesis, n)), set(ngrams(reference, n))
    return len(found & wanted) / max(len(found), 1)


def words_always(hypothesis: Sequence[str], reference: Sequence[str], n: int) -> float:
    """n ignored."""
    return metrics.clipped_precision(hypothesis, reference, 1)


def one_short(hypothesis: Sequence[str], reference: Sequence[str], n: int) -> float:
    """The last n-gram forgotten."""
    found = Counter(tuple(hypothesis[i : i + n]) for i in range(len(hypothesis) - n))
    wanted = Counter(tuple(reference[i : i + n]) for i in range(len(reference) - n))
    return sum((found & wanted).values()) / max(sum(found.values()), 1)


def counted_one_by_one(hypothesis: Sequence[str], reference: Sequence[str], n: int) -> float:
    """A right answer that crosses out what was used."""
    left = [tuple(reference[i : i + n]) for i in range(len(reference) - n + 1)]
    grams = [tuple(hypothesis[i : i + n]) for i in range(len(hypothesis) - n + 1)]
    hits = 0
    for gram in grams:
        if gram in left:
            left.remove(gram)
            hits += 1
    return hits / len(grams) if grams else 0.0


clipped_precision = FunctionExercise(
    lesson="14",
    reference=metrics.clipped_precision,
    cases=tokens_and_order,
    result="a share between 0 and 1",
    variants=(counted_one_by_one,),
    mistakes=(
        Mistake(
            not_clipped,
            'Then "the the the the" would be perfect against any sentence with "the". An n-gram counts at most as '
            "often as the reference has it.",
        ),
        Mistake(
            recall_instead,
            "You divided by the reference's n-grams: that is recall. Precision divides by those that were *said*.",
        ),
        Mistake(each_kind_once, "You counted each kind of n-gram once. Count every occurrence (Counter, not set)."),
        Mistake(words_always, "You counted single words. Count runs of n words."),
        Mistake(one_short, "The last n-gram is missing: T words have T − n + 1 of them."),
    ),
    hints=(
        "The n-grams of a list: `[tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1)]`.",
        "`collections.Counter` counts them. `said & right` keeps of each the smaller count.",
        "The sum of the counts in `said & right`, divided by the sum of the counts in `said` (0 where there are none).",
    ),
)

brevity_penalty = FunctionExercise(
    lesson="14",
    reference=metrics.brevity_penalty,
    cases=lambda generator: [(9, 10), (10, 10), (15, 10), (1, 10), (50, 100)],
    result="a factor between 0 and 1",
    variants=(
        lambda hypothesis_length, reference_length: (
            1.0 if hypothesis_length >= reference_length else math.exp(1 - reference_length / hypothesis_length)
        ),
    ),
    mistakes=(
        Mistake(
            lambda hypothesis_length, reference_length: math.exp(1 - reference_length / hypothesis_length),
            "Longer ones would be rewarded now: the factor must not pass 1.",
        ),
        Mistake(
            lambda hypothesis_length, reference_length: min(1.0, hypothesis_length / reference_length),
            "That is the plain ratio. BLEU takes exp(1 − reference_length / hypothesis_length).",
        ),
        Mistake(
            lambda hypothesis_length, reference_length: min(1.0, math.exp(1 - hypothesis_length / reference_length)),
            "The other way round: this punishes what is too long. That, the precisions do already.",
        ),
        Mistake(
            lambda hypothesis_length, reference_length: (
                math.exp(1 - reference_length / hypothesis_length) if hypothesis_length >= reference_length else 1.0
            ),
            "The cases are exchanged: it is the *short* ones that are punished.",
        ),
    ),
    hints=(
        "As long as the reference, or longer: 1.",
        "Shorter: exp(1 − reference_length / hypothesis_length), which is below 1.",
        "`return min(1.0, math.exp(1 - reference_length / hypothesis_length))`",
    ),
)

longer_numbers = ChoiceQuestion(
    lesson="14",
    name="longer_numbers",
    question="It has learnt numbers below 100,000. What will it make of numbers from a million on?",
    choices=("most of them right", "a few of them right", "next to none right"),
    answer="next to none right",
    says={
        "most of them right": "It has never seen the word *million*, and has seldom said so many characters.",
        "a few of them right": "Look at what it makes of the word *million*, which it has never seen.",
    },
    why="It has never seen *million*, and has seldom said so many characters. Nobody has told it a rule.",
)

# Answered by what the lesson measures.
exact_numbers = NumberQuestion(lesson="14", name="exact_numbers", within=0.05, prediction=True)

padding_share = NumberQuestion(lesson="14", name="padding_share", within=0.05, prediction=True)

hidden_place = NumberQuestion(lesson="14", name="hidden_place", within=0.1, prediction=True)

menus_bleu = NumberQuestion(lesson="14", name="menus_bleu", tolerance=0.15, prediction=True)
