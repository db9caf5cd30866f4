"""From a sentence to numbers and back."""

from __future__ import annotations

import functools
import json
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.data.number_words import number_pair
from course_utils.errors import CourseError
from course_utils.models import tokenisers
from course_utils.models.tokenisers import Characters, Subwords, Words
from course_utils.nn.sequences import UNKNOWN

PAIRS = [number_pair(number) for number in range(60)]


TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20)


@given(TEXT)
def test_subwords_bring_back_every_text(text: str) -> None:
    codec = subwords()
    assert codec.decode(codec.encode(text)).strip() == text.strip()


@functools.cache
def subwords() -> Subwords:
    return Subwords.of([side for pair in PAIRS for side in pair], 300)


@given(st.lists(st.text("aé'1,.!-(", min_size=1, max_size=5), max_size=5).map(" ".join))
def test_words_bring_back_every_text_of_theirs(text: str) -> None:
    codec = Words.of([text])
    assert UNKNOWN not in codec.encode(text)
    assert codec.decode(codec.encode(text)) == text
    assert len(codec.pieces(text)) == len(codec.encode(text))


def test_words_part_where_a_reader_would_part_them() -> None:
    assert Words([]).pieces("L'heure, s’il vous plaît (1,5) ?") == [
        *("L'", "heure", ",", "s’", "il", "vous", "plaît", "(", "1", ",", "5", ")", "?")
    ]


@given(TEXT)
def test_characters_know_their_own_and_no_other(text: str) -> None:
    codec = Characters.of([text])
    assert codec.decode(codec.encode(text)) == text
    assert Characters.of(["b"]).encode("abc") == [UNKNOWN, 4, UNKNOWN]


def test_a_codec_survives_json() -> None:
    for codec in (subwords(), Words.of(["a b"]), Characters.of(["ab"])):
        again = tokenisers.codec_from(json.loads(json.dumps(codec.state())))
        assert again.encode("a b vingt") == codec.encode("a b vingt")
        assert len(again) == len(codec)
    with pytest.raises(CourseError, match="vocabulary"):
        tokenisers.codec_from({"level": "runes"})


def test_subwords_are_the_same_each_time() -> None:
    assert subwords().definition == Subwords.of([side for pair in PAIRS for side in pair], 300).definition


@pytest.mark.parametrize("level", tokenisers.LEVELS)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_accents_may_stand_in_their_letters_or_behind_them(level: str, form: Any) -> None:
    sentence = "le café est près"
    learned = [unicodedata.normalize("NFC" if form == "NFD" else "NFD", text) for text in (sentence, "un thé")]
    codec, _ = tokenisers.codecs_for(level, learned, ["the coffee is near", "a tea"], None)
    given = unicodedata.normalize(form, sentence)
    assert codec.encode(given) == codec.encode(sentence)
    assert codec.pieces(given) == codec.pieces(sentence)
    assert len(codec.pieces(given)) == len(codec.encode(given))
    assert codec.decode(codec.encode(given)) == sentence
