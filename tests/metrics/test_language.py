"""Perplexity, bits per character, and the charge for words without a token: closed forms and what stays the same."""

from __future__ import annotations

import math
from functools import partial

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_utils import metrics
from course_utils.errors import CourseError
from tests.strategies import between

BATCHES = st.lists(st.tuples(between(0, 9), st.integers(1, 50)), min_size=1, max_size=8)


@given(st.integers(2, 500), BATCHES)
def test_a_uniform_model_is_as_unsure_as_its_vocabulary_is_large(size: int, batches: list[tuple[float, int]]) -> None:
    counts = [count for _, count in batches]
    assert metrics.perplexity([math.log(size)] * len(counts), counts) == pytest.approx(size)


@given(BATCHES)
def test_the_perplexity_does_not_depend_on_the_batches(batches: list[tuple[float, int]]) -> None:
    losses, counts = [loss for loss, _ in batches], [count for _, count in batches]
    single = [loss for loss, count in batches for _ in range(count)]
    assert metrics.perplexity(losses, counts) == pytest.approx(metrics.perplexity(single, [1] * len(single)))


@pytest.mark.parametrize(("losses", "counts"), [([1.0], [2, 3]), ([], []), ([1.0], [0]), ([1.0, 2.0], [3, -1])])
def test_batches_that_cannot_be_meant_are_refused(losses: list[float], counts: list[int]) -> None:
    with pytest.raises(CourseError, match="one loss and one number of tokens for each batch"):
        metrics.perplexity(losses, counts)


def test_eight_equally_probable_characters_take_three_bits_each() -> None:
    assert metrics.bits_per_character([math.log(8)] * 5, "abcde") == pytest.approx(3)
    assert metrics.bits_per_character([5 * math.log(8)], "abcde") == pytest.approx(3)


def test_tokens_of_several_characters_count_by_what_they_spell() -> None:
    assert metrics.bits_per_character([math.log(16), math.log(16)], "the end…") == pytest.approx(1)


def test_an_empty_text_is_refused() -> None:
    with pytest.raises(CourseError, match="text is empty"):
        metrics.bits_per_character([], "")


def test_no_smaller_vocabulary_has_the_better_score_for_knowing_less() -> None:
    words = ["a", "rare", "word", "and", "a", "rarer", "word"]
    spelling = partial(metrics.spelling_nats, alphabet=set("".join(words)))
    free = [math.log(2)] * len(words)
    all_known = metrics.charged_nats(free, words, set(words), spelling)
    assert all_known == pytest.approx(sum(free))
    assert metrics.charged_nats(free, words, {"a", "word"}, spelling) == pytest.approx(
        sum(free) + sum(map(spelling, ("rare", "and", "rarer")))
    )


def test_costs_that_are_no_costs_of_these_words_are_refused() -> None:
    with pytest.raises(CourseError, match="2 costs for 1 words"):
        metrics.charged_nats([1.0, 2.0], ["one"], {"one"}, len)


def test_the_spellings_of_all_words_have_a_probability_of_one_together() -> None:
    one_of_unicode = math.exp(-metrics.spelling_nats("é", "ab") + metrics.spelling_nats("a", "ab"))
    assert one_of_unicode * metrics.language.CODE_POINTS == pytest.approx(1)  # together as probable as "a"
    of_length = [3**length * math.exp(-metrics.spelling_nats("a" * length, "ab")) for length in range(150)]
    assert sum(of_length) == pytest.approx(1)


def test_a_character_that_is_not_of_the_alphabet_costs_a_choice_among_those_of_unicode() -> None:
    plain, strange = metrics.spelling_nats("aba", "ab"), metrics.spelling_nats("abé", "ab")
    assert strange - plain == pytest.approx(math.log(0x110000))


def test_a_tensor_of_nats_is_taken() -> None:
    assert metrics.bits_per_character(torch.full((4,), math.log(2)).tolist(), "abcd") == pytest.approx(1)
