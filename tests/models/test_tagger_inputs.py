"""What a tagger is given: sentences and tags of many kinds, and the numbers and batches made of them."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_utils.errors import CourseError
from course_utils.models.tagger_inputs import (
    FIRST,
    LONGEST_TRAINED,
    MOST_WORDS,
    Batches,
    Vocabulary,
    checked_sentences,
    checked_tags,
    in_groups,
)
from course_utils.nn.sequences import PAD, UNKNOWN
from tests.strategies import examples

SENTENCES = [["Wake", "me", "at", "6"], ["no"], ["me", "at", "Ulm"]]
TAGS = [["O", "O", "O", "B-time"], ["O"], ["O", "O", "I-place"]]


@pytest.mark.parametrize(
    "given_rows",
    [
        tuple(map(tuple, SENTENCES)),
        [np.array(row) for row in SENTENCES],
        pd.Series(SENTENCES),
        np.array([*SENTENCES, None], dtype=object)[:-1],
    ],
)
def test_sentences_come_in_many_kinds(given_rows: Any) -> None:
    assert checked_sentences(given_rows) == SENTENCES


def test_accents_are_part_of_their_letters() -> None:
    assert checked_sentences([["cafe\u0301"]]) == [["café"]]


@pytest.mark.parametrize(
    ("given_rows", "said"),
    [
        ("good morning", "it is a str"),
        (["good morning"], "number 0 is the string 'good morning'. Split it: text.split()"),
        ([["a"], None], "number 1 is none"),
        ([["a", 3]], "in number 0 stands a int: 3"),
        ([["a", float("nan")]], "stands a float: nan"),
        (None, "it is a NoneType"),
        ({"a": 1}, "it is a dict"),
    ],
)
def test_what_is_no_list_of_lists_is_named(given_rows: Any, said: str) -> None:
    with pytest.raises(CourseError, match=re.escape(said)):
        checked_sentences(given_rows)


def test_every_span_begins_with_b() -> None:
    assert checked_tags(TAGS, SENTENCES)[2] == ["O", "O", "B-place"]


def test_tags_must_fit_their_sentences() -> None:
    with pytest.raises(CourseError, match="There are 3 sentences, and tags holds 2"):
        checked_tags(TAGS[:2], SENTENCES)
    with pytest.raises(CourseError, match="Sentence 1 has 1 tokens and 2 tags"):
        checked_tags([TAGS[0], ["O", "O"], TAGS[2]], SENTENCES)
    with pytest.raises(CourseError, match="'PLACE' is no tag of BIO"):
        checked_tags([TAGS[0], ["PLACE"], TAGS[2]], SENTENCES)


def test_the_vocabulary_knows_words_by_frequency_and_tags_by_kind() -> None:
    known = Vocabulary.of(SENTENCES, checked_tags(TAGS, SENTENCES), characters=True)
    assert known.words == ["at", "me", "0", "no", "ulm", "wake"]
    assert known.rare == 4
    assert known.tags == ["O", "B-place", "I-place", "B-time", "I-time"]
    assert set(known.characters) == set("Wakemeat6noUlm")


def test_a_batch_has_numbers_spelling_and_padding() -> None:
    known = Vocabulary.of(SENTENCES, checked_tags(TAGS, SENTENCES), characters=True)
    batch = known.batch([["ME", "at", "at", "9"], ["never"]], [["O", "B-time", "I-time", "B-other"], ["B-place"]])
    assert batch.words.tolist() == [[FIRST + 1, FIRST, FIRST, FIRST + 2], [UNKNOWN, PAD, PAD, PAD]]
    assert batch.rare.tolist() == [[False, False, False, True], [False] * 4]
    assert batch.tags.tolist() == [[0, 3, 4, 0], [1, 0, 0, 0]]
    assert batch.lengths.tolist() == [4, 1]
    assert batch.places[0].tolist() == [0, 1, 1, 2]
    assert len(batch.spelled) == 4
    assert batch.spelled[0].tolist()[:2] == [UNKNOWN, UNKNOWN]  # capitals that were not in the training
    assert batch.spelled[1].tolist()[2:] == [PAD] * 3


def test_a_very_long_word_is_read_by_its_two_ends() -> None:
    known = Vocabulary.of([["a" * 100 + "b"]], [["O"]], characters=True)
    batch = known.batch([["a" * 100 + "b"], ["a" * 500 + "b"]])
    assert batch.spelled.shape == (2, 40)
    assert torch.equal(batch.spelled[0], batch.spelled[1])


@given(st.lists(st.integers(1, 3 * MOST_WORDS), max_size=30), st.integers(1, 8))
@examples(60)
def test_groups_hold_everything_once_and_no_more_than_fits(lengths: list[int], size: int) -> None:
    groups = list(in_groups(lengths, size))
    assert sorted(index for group in groups for index in group) == list(range(len(lengths)))
    for group in groups:
        assert 1 <= len(group) <= size
        assert len(group) == 1 or len(group) * max(lengths[index] for index in group) <= MOST_WORDS


def test_an_epoch_holds_every_token_once_in_pieces() -> None:
    long = [f"w{n}" for n in range(2 * LONGEST_TRAINED + 5)]
    rows = [long, *SENTENCES]
    tags = [["O"] * len(row) for row in rows]
    known = Vocabulary.of(rows, tags, characters=False)
    batches = Batches(known, rows, tags, 4, seed=0)
    epoch, again = list(batches), list(batches)
    assert len(batches) <= len(epoch)
    for pass_ in (epoch, again):
        assert sum(int(batch.lengths.sum()) for batch in pass_) == sum(map(len, rows))
        assert max(batch.words.shape[1] for batch in pass_) <= LONGEST_TRAINED
    same = list(Batches(known, rows, tags, 4, seed=0))
    assert all(torch.equal(a.words, b.words) for a, b in zip(epoch, same, strict=True))
