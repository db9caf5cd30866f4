"""Sentences to an assistant: legal tags, parts without a common or a similar template, the same for each seed."""

from __future__ import annotations

import sys
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.data import assistant
from course_utils.data.assistant import (
    assistant_sentences,
    bare,
    drawn_with_repeats,
    overlap,
    tagged,
    template_parts,
    templates,
)
from course_utils.data.assistant_words import FILLINGS
from course_utils.errors import CourseError
from course_utils.metrics.spans import in_one_form, spans_of
from tests.strategies import examples

PARTS = assistant_sentences(2)


def test_every_token_has_a_tag_and_every_span_begins_with_b() -> None:
    for part in PARTS:
        assert len(part) == len(part.tokens) == len(part.tags) == len(part.templates) > 100
        for tokens, tags in zip(part.tokens, part.tags, strict=True):
            assert len(tokens) == len(tags) >= 1
            assert list(tags) == in_one_form(tags)
            assert all(token == token.lower() and token.strip() for token in tokens)


def test_every_kind_of_span_is_known_and_the_usual_ones_stand_in_each_part() -> None:
    known = {*assistant.KINDS.values(), *assistant.TIMES}
    kinds = [Counter(span.kind for tags in part.tags for span in spans_of(tags)) for part in PARTS]
    assert all(found.keys() <= known for found in kinds)
    for found in kinds:
        assert {"area", "device", "floor", "state", "percent", "hours", "minutes", "seconds", "timer"} <= found.keys()


def test_no_template_and_no_similar_one_is_in_two_parts() -> None:
    parts = template_parts()
    assert sorted(number for numbers in parts.values() for number in numbers) == list(range(len(templates())))
    for part, numbers in zip(PARTS, parts.values(), strict=True):
        assert set(part.templates) <= set(numbers)
    words = [bare(template) for template in templates()]
    nearest = max(
        overlap(words[one], words[other])
        for name, numbers in parts.items()
        for one in numbers
        for rest, others in parts.items()
        if rest != name
        for other in others
    )
    assert nearest < assistant.ALIKE


def test_no_sentence_stands_there_twice() -> None:
    every = [tuple(tokens) for part in PARTS for tokens in part.tokens]
    assert len(set(every)) == len(every)


def test_some_fillings_are_in_the_test_part_alone() -> None:
    areas = [
        {
            " ".join(tokens[s.start : s.end])
            for tokens, tags in zip(p.tokens, p.tags, strict=True)
            for s in spans_of(tags)
            if s.kind == "area"
        }
        for p in PARTS
    ]
    alone = {area for place, area in enumerate(FILLINGS["area"]) if place % 4 == 3}
    assert not (areas[0] | areas[1]) & alone
    assert areas[2] & alone


def test_the_seed_draws_sentences_and_not_parts() -> None:
    again, other = assistant_sentences(2), assistant_sentences(2, seed=1)
    assert again == PARTS
    assert other.train.tokens != PARTS.train.tokens
    assert set(other.test.templates) <= set(template_parts()["test"])
    assert len(assistant_sentences(1).train) < len(PARTS.train)


def test_another_order_holds_out_other_templates_as_many() -> None:
    first, other = template_parts(), template_parts(order=1)
    assert sorted(sum(other.values(), ())) == sorted(sum(first.values(), ()))
    assert all(abs(len(first[part]) - len(other[part])) <= 30 for part in first)
    assert {*first["test"]} != {*other["test"]}
    assert first == template_parts()  # shuffling one leaves the other as it was
    drawn = assistant_sentences(2, order=1).test
    assert set(drawn.templates) <= {*other["test"]}
    assert {*drawn_with_repeats("test", 1, order=1).templates} == {*other["test"]}
    with pytest.raises(CourseError, match="order"):
        template_parts(order=-1)


def test_a_number_has_its_tag_by_what_follows() -> None:
    tags = {
        (tokens[place + 1], tags[place])
        for tokens, tags in zip(PARTS.train.tokens, PARTS.train.tags, strict=True)
        for place in range(len(tokens) - 1)
        if tokens[place].isdigit() and tokens[place + 1] in ("hours", "minutes", "seconds")
    }
    assert {(unit, f"B-{unit}") for unit in ("hours", "minutes", "seconds")} <= tags


def test_text_in_pieces_becomes_tokens_and_tags() -> None:
    pieces = [("what's on in the ", ""), ("living room", "area"), (" for ", ""), ("1/2", "hours"), (" hour", "")]
    tokens, tags = tagged(pieces)
    assert tokens == ["what's", "on", "in", "the", "living", "room", "for", "1", "/", "2", "hour"]
    assert tags[4:10] == ["B-area", "I-area", "O", "B-hours", "I-hours", "I-hours"]
    assert tagged([("red", "color"), (" ", ""), ("red", "color")])[1] == ["B-color", "B-color"]


@given(st.lists(st.tuples(st.text(max_size=8), st.sampled_from(["", "area", "item"])), max_size=6))
@examples(60)
def test_any_pieces_have_as_many_tags_as_tokens(pieces: list[tuple[str, str]]) -> None:
    tokens, tags = tagged(pieces)
    assert len(tokens) == len(tags)
    assert in_one_form(tags) == tags


def test_numbers_that_cannot_be_meant() -> None:
    for per_template, seed in ((0, 0), (2.5, 0), (4, -1)):
        with pytest.raises(CourseError):
            assistant_sentences(per_template, seed)  # type: ignore[arg-type]


def test_without_the_package_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "home_assistant_intents", None)
    with pytest.raises(CourseError, match="The package home_assistant_intents is missing"):
        assistant._read.__wrapped__()


def test_another_version_without_templates_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    import home_assistant_intents

    monkeypatch.setattr(home_assistant_intents, "get_intents", lambda language: None)
    with pytest.raises(CourseError, match="holds no English templates"):
        assistant._read.__wrapped__()


def test_draws_with_repeats_have_as_many_of_each_template_and_are_their_own() -> None:
    found = drawn_with_repeats("test", 3, seed=5)
    assert Counter(found.templates) == dict.fromkeys(template_parts()["test"], 3)
    assert len({tuple(tokens) for tokens in found.tokens}) < len(found) == len(found.tokens) == len(found.tags)
    assert all(list(tags) == in_one_form(tags) for tags in found.tags)
    again, other = drawn_with_repeats("test", 3, seed=5), drawn_with_repeats("test", 3, seed=6)
    assert again == found != other
    more = drawn_with_repeats("test", 4, seed=5)  # the first three of each template are the same
    assert [row for place, row in enumerate(more.tokens) if place % 4 != 3] == found.tokens
    same = assistant_sentences(3, seed=5).test
    assert {tuple(row) for row in found.tokens} - {tuple(row) for row in same.tokens}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [(("tests",), "train, valid"), (("test", 0), "per_template"), (("test", 1, -1), "seed")],
)
def test_draws_that_cannot_be_are_refused(arguments: tuple[Any, ...], says: str) -> None:
    with pytest.raises(CourseError, match=says):
        drawn_with_repeats(*arguments)
