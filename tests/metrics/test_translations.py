"""Scores of translations: by hand equal to sacrebleu, and what follows from their definitions."""

from __future__ import annotations

import math
import unicodedata
from typing import Any

import pandas as pd
import pytest
import sacrebleu
from hypothesis import given
from hypothesis import strategies as st

from course_utils import metrics
from course_utils.errors import CourseError

WORDS = st.lists(st.sampled_from("abcd"), max_size=9)


@given(st.lists(st.tuples(WORDS, WORDS.filter(bool)), min_size=1, max_size=6))
def test_bleu_by_hand_equals_sacrebleu(pairs: list[tuple[list[str], list[str]]]) -> None:
    hypotheses, references = [h for h, _ in pairs], [r for _, r in pairs]
    theirs = sacrebleu.corpus_bleu(
        [" ".join(h) for h in hypotheses], [[" ".join(r) for r in references]], tokenize="none", smooth_method="none"
    ).score
    assert math.isclose(metrics.bleu_by_hand(hypotheses, references), theirs, rel_tol=1e-9, abs_tol=1e-9)


@given(st.lists(WORDS.filter(lambda words: len(words) >= 4), min_size=1, max_size=5))
def test_a_right_translation_has_100(references: list[list[str]]) -> None:
    assert metrics.bleu_by_hand(references, references) == pytest.approx(100)
    texts = [" ".join(words) for words in references]
    assert metrics.bleu(texts, texts) == pytest.approx(100)


def test_saying_the_surest_word_again_and_again_is_clipped() -> None:
    assert metrics.clipped_precision(["the"] * 7, ["the", "cat", "is", "on", "the", "mat"], 1) == pytest.approx(2 / 7)


@given(WORDS, WORDS.filter(bool), st.integers(1, 4))
def test_a_precision_is_a_share_and_1_against_itself(hypothesis: list[str], reference: list[str], n: int) -> None:
    assert 0 <= metrics.clipped_precision(hypothesis, reference, n) <= 1
    assert metrics.clipped_precision(reference, reference, n) == (len(reference) >= n)


@given(st.integers(0, 50), st.integers(1, 50))
def test_only_what_is_short_pays(said: int, right: int) -> None:
    factor = metrics.brevity_penalty(said, right)
    assert (factor == 1) == (said >= right)
    assert 0 <= factor <= 1
    assert metrics.brevity_penalty(said + 1, right) >= factor


def test_character_error_counts_characters_and_exact_match_whole_answers() -> None:
    assert metrics.character_error(["abc", ""], ["abd", "ab"]) == pytest.approx(3 / 5)
    assert metrics.exact_match(["abc", "x"], ["abc", "y"]) == 0.5


def test_what_stands_in_place_of_what_is_counted_and_what_is_missing_is_not() -> None:
    found = metrics.replaced(["407", "40", "97", "1123"], ["401", "407", "92", "123"])
    assert found["1", "7"] == 1
    assert found == {("1", "7"): 1, ("2", "7"): 1}
    assert metrics.replaced(["5"], ["5"]).total() == 0
    with pytest.raises(CourseError, match="reference is empty"):
        metrics.replaced(["5"], [""])


@pytest.mark.parametrize("score", [metrics.exact_match, metrics.character_error, metrics.bleu, metrics.replaced])
def test_what_cannot_be_scored_is_refused(score: object) -> None:
    assert callable(score)
    for said, right, words in (([], [], "empty"), (["a"], ["a", "b"], "1 answers for 2"), ("ab", ["a", "b"], "list")):
        with pytest.raises(CourseError, match=words):
            score(said, right)


def test_references_without_a_character_have_no_error_rate() -> None:
    with pytest.raises(CourseError, match="no character"):
        metrics.character_error(["a"], [""])


TEXTS = st.lists(st.tuples(WORDS, WORDS, WORDS.filter(bool)), min_size=1, max_size=6)


@given(TEXTS)
def test_the_difference_of_two_systems_is_that_of_their_bleu_and_turns_with_them(
    texts: list[tuple[list[str], list[str], list[str]]],
) -> None:
    first, second, references = ([" ".join(side) for side in part] for part in zip(*texts, strict=True))
    difference, low, high = metrics.bleu_difference(first, second, references, resamples=50)
    split = [[text.split() for text in part] for part in (first, second, references)]
    by_hand = metrics.bleu_by_hand(split[0], split[2]) - metrics.bleu_by_hand(split[1], split[2])
    assert difference == pytest.approx(by_hand, abs=1e-9)
    assert low <= high
    turned = metrics.bleu_difference(second, first, references, resamples=50)
    assert turned == pytest.approx((-difference, -high, -low), abs=1e-9)


def test_a_system_differs_from_itself_by_nothing_and_more_sentences_narrow_the_interval() -> None:
    references = ["a b c d e f", "a a b b c c", "d c b a d c", "b c d a b c"]
    worse = [references[0], "a b c d", "d c b a d d", "b c d a a a"]
    assert metrics.bleu_difference(worse, worse, references) == (0, 0, 0)
    difference, low, high = metrics.bleu_difference(references, worse, references, resamples=200)
    many = metrics.bleu_difference(references * 20, worse * 20, references * 20, resamples=200)
    assert low <= difference <= high
    assert many[0] == pytest.approx(difference)
    assert 0 < many[1] < many[2]
    assert many[2] - many[1] < high - low


def test_systems_of_other_lengths_are_refused() -> None:
    with pytest.raises(CourseError):
        metrics.bleu_difference(["a"], ["a", "b"], ["a"])


@pytest.mark.parametrize(
    ("predictions", "references"),
    [
        (["the cat sat on it"], [["the cat sat on it"]]),  # as sacrebleu and nltk want references
        ([["the", "cat"]], [["the", "cat"]]),
        (["the cat"], [None]),
        ([b"the cat"], ["the cat"]),
        ([3], ["three"]),
    ],
)
def test_texts_that_are_no_strings_are_refused_with_what_to_do(predictions: list[Any], references: list[Any]) -> None:
    for score in (metrics.bleu, metrics.exact_match, metrics.character_error):
        with pytest.raises(CourseError, match=r"is one string here; (answer|reference) 0 is .* choose one, references"):
            score(predictions, references)
    for others in ((predictions, ["a"]), (["a"], predictions)):
        if not isinstance(predictions[0], str):
            with pytest.raises(CourseError, match="is one string here"):
                metrics.bleu_difference(others[0], others[1], ["b"])


@pytest.mark.parametrize("words", ["the cat", [["the", "cat"]], None, [1, 2]])
def test_words_that_are_none_are_refused_with_what_to_do(words: Any) -> None:
    for pair in (([words], [["the"]]), ([["the"]], [words])):
        with pytest.raises(CourseError, match=r"is a list of words here; (answer|reference) 0 is .*text\.split\(\)"):
            metrics.bleu_by_hand(*pair)


def test_accents_in_or_behind_their_letters_are_the_same() -> None:
    whole, apart = ["le café est près d'ici"], [unicodedata.normalize("NFD", "le café est près d'ici")]
    assert whole != apart
    assert metrics.exact_match(apart, whole) == 1
    assert metrics.character_error(apart, whole) == 0
    assert metrics.bleu(apart, whole) == pytest.approx(100)
    assert metrics.bleu_by_hand([apart[0].split()], [whole[0].split()]) == pytest.approx(100)
    assert metrics.bleu_difference(apart, whole, whole, resamples=5) == (0, 0, 0)
    assert metrics.never_seen(apart, whole) == 0


def test_columns_of_a_table_are_lists_too() -> None:
    column = pd.Series(["one", "two"])
    assert metrics.exact_match(column, column.to_numpy()) == 1
