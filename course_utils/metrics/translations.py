"""Scores of translations: BLEU by hand, and as papers report it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from course_utils.metrics.texts import checked_pairs, checked_words


def clipped_precision(hypothesis: Sequence[str], reference: Sequence[str], n: int) -> float:
    """The share of a translation's n-grams that its reference has; each counts at most as often as there.

    Source: Papineni, Roukos, Ward & Zhu 2002, doi:10.3115/1073083.1073135, "modified n-gram precision".

    Args:
        hypothesis: the translation, as words.
        reference: the correct translation, as words.
        n: how many words in a run, 1 or more.

    Returns:
        0 … 1; 0 where the hypothesis has no n-gram.
    """
    hypothesis_ngrams, reference_ngrams = ngrams(hypothesis, n), ngrams(reference, n)
    return (hypothesis_ngrams & reference_ngrams).total() / hypothesis_ngrams.total() if hypothesis_ngrams else 0.0


def ngrams(tokens: Sequence[str], n: int) -> Counter[tuple[str, ...]]:
    """How often each run of n tokens occurs: T − n + 1 runs in all."""
    return Counter(tuple(tokens[start : start + n]) for start in range(len(tokens) - n + 1))


def brevity_penalty(hypothesis_length: int, reference_length: int) -> float:
    """The factor by which BLEU lowers the score of short translations: min(1, exp(1 − L_reference / L_hypothesis)).

    Args:
        hypothesis_length: words of all hypotheses together.
        reference_length: words of all references together.
    """
    return min(1.0, math.exp(1 - reference_length / hypothesis_length)) if hypothesis_length else 0.0


def bleu_by_hand(hypotheses: Sequence[Sequence[str]], references: Sequence[Sequence[str]]) -> float:
    """BLEU of a whole corpus, one reference for each sentence: 0 … 100, without smoothing.

    The counts of n-grams, n = 1 … 4, are summed over all sentences; then come the four precisions' geometric mean and
    the brevity penalty (Papineni, Roukos, Ward & Zhu 2002).

    Args:
        hypotheses: N translations, as lists of words.
        references: N references, as lists of words.

    Raises:
        CourseError: lists of different length, or empty ones.
    """
    hypotheses, references = checked_words(hypotheses, references)
    logarithms = []
    for n in range(1, 5):
        pairs = [(ngrams(h, n), ngrams(r, n)) for h, r in zip(hypotheses, references, strict=True)]
        shared, total = sum((h & r).total() for h, r in pairs), sum(h.total() for h, _ in pairs)
        if not shared:
            return 0.0
        logarithms.append(math.log(shared / total))
    return 100 * brevity_penalty(sum(map(len, hypotheses)), sum(map(len, references))) * math.exp(sum(logarithms) / 4)


def bleu(hypotheses: Sequence[str], references: Sequence[str]) -> float:
    """BLEU of a whole corpus as papers report it: sacrebleu's, with its own tokens ("13a"), 0 … 100.

    Source: Post 2018, A call for clarity in reporting BLEU scores, doi:10.18653/v1/W18-6319.

    Args:
        hypotheses: N translations.
        references: N references.

    Raises:
        CourseError: lists of different length, or empty ones.
    """
    hypotheses, references = checked_pairs(hypotheses, references)
    import sacrebleu

    return float(sacrebleu.corpus_bleu(hypotheses, [references]).score)


def bleu_difference(
    first: Sequence[str], second: Sequence[str], references: Sequence[str], *, resamples: int = 1000, seed: int = 0
) -> tuple[float, float, float]:
    """BLEU of one system minus that of another, and a 95 % interval by a paired bootstrap over the sentences.

    Source: Koehn 2004, Statistical significance tests for machine translation evaluation. Words are parted at blanks.

    Args:
        first: N translations.
        second: N others of the same sentences.
        references: N references.
        resamples: how often N sentences are drawn, with replacement.
        seed: of the draws.

    Returns:
        The difference, and the lowest and highest value of the interval.

    Raises:
        CourseError: lists of different length, or empty ones.
    """
    (first, _), (second, references) = checked_pairs(first, references), checked_pairs(second, references)
    counts = [
        np.array([_counts(h.split(), r.split()) for h, r in zip(lines, references, strict=True)], dtype=float)
        for lines in (first, second)
    ]
    draws = np.random.default_rng(seed).integers(len(references), size=(resamples, len(references)))
    a, b = ([_bleu_of(part[draw].sum(axis=0)) for draw in draws] for part in counts)
    low, high = np.quantile(np.subtract(a, b), (0.025, 0.975))
    whole = _bleu_of(counts[0].sum(axis=0)) - _bleu_of(counts[1].sum(axis=0))
    return whole, float(low), float(high)


def _counts(hypothesis: Sequence[str], reference: Sequence[str]) -> list[int]:
    """What BLEU adds up over sentences: shared and all n-grams, n = 1 … 4, and both lengths."""
    pairs = [(ngrams(hypothesis, n), ngrams(reference, n)) for n in range(1, 5)]
    shared = [(h & r).total() for h, r in pairs]
    return [*shared, *(h.total() for h, _ in pairs), len(hypothesis), len(reference)]


def _bleu_of(sums: Any) -> float:
    """BLEU, 0 … 100, from the summed counts of `_counts`."""
    shared, total, (length, wanted) = sums[:4], sums[4:8], sums[8:]
    if not shared.all():
        return 0.0
    return float(100 * brevity_penalty(length, wanted) * np.exp(np.log(shared / total).mean()))
