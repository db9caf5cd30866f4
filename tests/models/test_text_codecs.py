"""Text ↔ numbers without loss, at every level, and what unknown tokens cost."""

from __future__ import annotations

import itertools
import json
import math
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_utils.errors import CourseError
from course_utils.metrics.language import CODE_POINTS
from course_utils.models.text_codecs import (
    UNKNOWN,
    TextCharacters,
    TextCodec,
    TextSubwords,
    TextWords,
    text_codec,
    text_codec_from,
)
from course_utils.models.tokenisers import LEVELS

PROSE = "In the beginning God created the heavens and the earth.\nAnd the earth was waste and void;\r\n" * 8
CODECS = {level: text_codec(level, PROSE) for level in LEVELS}
ANY_LEVEL = pytest.mark.parametrize("level", LEVELS)
HARD = ("", " ", "\0", "\r\n", "e\u0301", "é", "\ud800", "a\udfffb", "𝄞", "  two  spaces", "the the", "\u2028", "李")


@ANY_LEVEL
@given(st.text(st.characters() | st.sampled_from("the \n\r\0\ud800é\u0301"), max_size=30))
def test_nothing_is_lost(level: str, text: str) -> None:
    _check_whole(CODECS[level], text)


@ANY_LEVEL
@pytest.mark.parametrize("text", HARD)
def test_hard_texts_are_read_whole(level: str, text: str) -> None:
    _check_whole(CODECS[level], text)
    if text:
        _check_whole(text_codec(level, text), text)


def _check_whole(codec: TextCodec, text: str) -> None:
    tokens, pieces, charged = codec.encode(text), codec.pieces(text), codec.spelling(text)
    assert tokens.dtype == torch.int64
    assert len(tokens) == len(pieces) == len(charged)
    assert ((tokens >= 0) & (tokens < len(codec))).all()
    assert ((charged > 0) == (tokens == UNKNOWN)).all()
    if codec.level != "subword":
        assert "".join(pieces) == text
        unknown = [piece for piece, token in zip(pieces, tokens.tolist(), strict=True) if token == UNKNOWN]
        assert codec.decode(tokens.tolist(), unknown) == text
    else:
        assert codec.decode(tokens.tolist()) == "".join(sign for sign in text if not "\ud800" <= sign <= "\udfff")


@ANY_LEVEL
def test_what_was_learned_survives_json(level: str) -> None:
    again = text_codec_from(json.loads(json.dumps(CODECS[level].state())), level)
    text = PROSE + "Beersheba, and the 李"
    assert again.encode(text).tolist() == CODECS[level].encode(text).tolist()
    assert again.spelling(text).tolist() == CODECS[level].spelling(text).tolist()
    assert len(again) == len(CODECS[level])


def test_an_unknown_character_costs_one_of_all_there_are() -> None:
    assert CODECS["char"].spelling("a李").tolist() == [0, math.log(CODE_POINTS)]


def test_the_vocabulary_holds_what_is_frequent() -> None:
    assert TextCharacters.of("abcabcab", 2).decode([1, 2]) == "ab"
    words = TextWords.of("one two two" + " three" * 1_000, 2)
    assert words.words == [" three", " two"]
    assert words.rare == ["one"]
    assert TextWords.of("one two two").words == [" two", "one"]  # a short text: nothing is rare
    assert len(TextSubwords.of(PROSE, 300)) <= 301


def test_rare_words_are_cheaper_to_spell_than_noise() -> None:
    words = TextWords(["the"], [" Abraham", " Abram", " Aaron", " Ammon"])
    likely, noise = words.spelling(" Aram Qx7#z").tolist()[0], words.spelling(" Aram Qx7z").tolist()[1]
    assert 0 < likely < noise


@pytest.mark.parametrize("rare", [["a", "ab", "b"], ["ba"]])
def test_the_probabilities_of_all_spellings_sum_to_one_at_most(rare: list[str]) -> None:
    """With a codec whose only signs are a and b; longer words and unknown signs are what is missing to 1."""
    words = TextWords([], rare)
    found = [
        math.exp(-float(words._speller.nats(["".join(word)])[0]))
        for length in range(9)
        for word in itertools.product("ab", repeat=length)
    ]
    assert 0.8 < sum(found) < 1


def test_invented_words_are_made_of_known_signs() -> None:
    words = TextWords([], ["Abraham", "Abram", "Aaron", "Ammon"])
    drawn = [words.invent(torch.Generator().manual_seed(seed)) for seed in range(20)]
    assert len({*drawn}) > 3
    assert {*"".join(drawn)} <= {*"AbrahamonA"}
    assert drawn == [words.invent(torch.Generator().manual_seed(seed)) for seed in range(20)]


@pytest.mark.parametrize(
    ("state", "level"),
    [
        (None, "char"),
        ({}, "word"),
        ({"level": "word", "words": [], "rare": []}, "char"),
        ({"level": "char", "codes": [98, 97]}, "char"),
        ({"level": "char", "codes": [97, 97]}, "char"),
        ({"level": "char", "codes": [True]}, "char"),
        ({"level": "char", "codes": [CODE_POINTS]}, "char"),
        ({"level": "word", "words": ["a", "a"], "rare": []}, "word"),
        ({"level": "word", "words": "ab", "rare": []}, "word"),
        ({"level": "subword", "definition": {"model": {"vocab": {"a": 1}, "merges": []}}}, "subword"),
    ],
)
def test_a_state_that_is_none_is_refused(state: Any, level: str) -> None:
    with pytest.raises(CourseError, match="vocabulary of the language model cannot be read"):
        text_codec_from(state, level)


def test_an_unknown_level_is_told() -> None:
    with pytest.raises(CourseError, match="no level 'letter'"):
        text_codec("letter", "text")
