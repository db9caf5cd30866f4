"""Scores: small functions that a lesson computes and an exercise asks for."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from course_utils.errors import CourseError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


def persistence_error(values: npt.NDArray[np.floating[Any]]) -> float:
    """Mean absolute error of the simplest forecast: the next value will be the one before it.

    Args:
        values: (T,) at least two values, in the order of time.

    Returns:
        The error in the unit of the values: the mean over the T − 1 values that have one before them.
    """
    forecast, truth = values[:-1], values[1:]
    return float(abs(truth - forecast).mean())


def seasonal_naive_error(values: npt.NDArray[np.floating[Any]], season: int) -> float:
    """Mean absolute error of the forecast "like a season ago": the next value will be the one `season` steps before it.

    Args:
        values: (T,) more than `season` values, in the order of time.
        season: steps of a season, 1 or more; with 1 it is `persistence_error`.

    Returns:
        The error in the unit of the values: the mean over the T − season values that have one a season before them.
    """
    forecast, truth = values[:-season], values[season:]
    return float(abs(truth - forecast).mean())


def exact_match(said: Sequence[str], right: Sequence[str]) -> float:
    """The share of answers without a single wrong character.

    Args:
        said: N answers.
        right: N references.

    Raises:
        CourseError: lists of different length, or empty ones.
    """
    _check_same(said, right)
    return sum(s == r for s, r in zip(said, right, strict=True)) / len(right)


def character_error(said: Sequence[str], right: Sequence[str]) -> float:
    """Character error rate: the fewest characters to insert, delete or replace, per character of the references.

    By jiwer; spaces at the ends do not count.

    Args:
        said: N answers.
        right: N references.

    Returns:
        0 where all are right; above 1 where more is wrong than there is to say.

    Raises:
        CourseError: lists of different length, empty ones, or a reference without a character.
    """
    _check_same(said, right)
    if not all(text.strip() for text in right):
        raise CourseError("A reference is empty: there is no character to be wrong. Leave such pairs out.")
    import jiwer

    return float(jiwer.cer(list(right), list(said)))


def clipped_precision(hypothesis: Sequence[str], reference: Sequence[str], n: int) -> float:
    """The share of a translation's n-grams that its reference has; each counts at most as often as there.

    Source: Papineni, Roukos, Ward & Zhu 2002, doi:10.3115/1073083.1073135, "modified n-gram precision".

    Args:
        hypothesis: what was said, as words.
        reference: what is right, as words.
        n: how many words in a run, 1 or more.

    Returns:
        0 … 1; 0 where the hypothesis has no n-gram.
    """
    said, right = ngrams(hypothesis, n), ngrams(reference, n)
    return (said & right).total() / said.total() if said else 0.0


def ngrams(tokens: Sequence[str], n: int) -> Counter[tuple[str, ...]]:
    """How often each run of n tokens occurs: T − n + 1 runs in all."""
    return Counter(tuple(tokens[start : start + n]) for start in range(len(tokens) - n + 1))


def brevity_penalty(said: int, right: int) -> float:
    """The factor by which BLEU lowers the score of translations that are too short: min(1, exp(1 − right / said)).

    Args:
        said: words of all hypotheses together.
        right: words of all references together.
    """
    return min(1.0, math.exp(1 - right / said)) if said else 0.0


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
    _check_same(hypotheses, references)
    logarithms = []
    for n in range(1, 5):
        pairs = [(ngrams(h, n), ngrams(r, n)) for h, r in zip(hypotheses, references, strict=True)]
        shared, said = sum((h & r).total() for h, r in pairs), sum(h.total() for h, _ in pairs)
        if not shared:
            return 0.0
        logarithms.append(math.log(shared / said))
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
    _check_same(hypotheses, references)
    import sacrebleu

    return float(sacrebleu.corpus_bleu(list(hypotheses), [list(references)]).score)


def never_seen(learnt_from: Sequence[str], asked: Sequence[str]) -> float:
    """The share of the running words of some texts that stand in no text learnt from.

    Args:
        learnt_from: texts, words separated by spaces.
        asked: texts.

    Returns:
        Between 0 and 1; a word that stands there twice counts twice.

    Raises:
        CourseError: `asked` has no word.
    """
    known = {word for text in learnt_from for word in text.split()}
    words = [word for text in asked for word in text.split()]
    if not words:
        raise CourseError("The texts asked about have no word. Give at least one.")
    return sum(word not in known for word in words) / len(words)


def right_words(said: Sequence[str], right: Sequence[str], kind: Collection[str]) -> float:
    """How often a word of one kind (a colour, a shape …) is right, where the right text has one.

    Args:
        said: texts, words separated by spaces.
        right: as many right texts.
        kind: all the words of the kind.

    Returns:
        The share of the right texts' words of this kind that stand at the same place in what was said; nan if they
        have none.

    Raises:
        CourseError: their numbers differ, or there are none.
    """
    _check_same(said, right)
    hits = total = 0
    for one, other in zip(said, right, strict=True):
        words = one.split()
        for place, word in enumerate(other.split()):
            if word in kind:
                total += 1
                hits += place < len(words) and words[place] == word
    return hits / total if total else float("nan")


def _check_same(said: Sequence[Any], right: Sequence[Any]) -> None:
    if isinstance(said, str) or isinstance(right, str):
        raise CourseError(
            "Two lists are compared here, and one of these is a single string. Put it into a list: [text]."
        )
    if len(said) != len(right):
        raise CourseError(f"There are {len(said)} answers for {len(right)} references. Give one for each.")
    if not right:
        raise CourseError("There is nothing to score: both lists are empty.")
