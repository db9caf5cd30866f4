"""Spans are read from tags as the shared tasks read them, written back, and counted as seqeval counts them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.errors import CourseError
from course_utils.metrics.spans import Span, in_one_form, parted, span_scores, spans_of, tags_of
from tests.strategies import examples

TAGS = ["O", "B-a", "I-a", "B-b-c", "I-b-c", "I-d"]
ROWS = st.lists(st.sampled_from(TAGS), max_size=9)

# what seqeval 1.2.2 gives: right tags, predicted tags; precision, recall, F1
SEQEVAL = [
    (
        "B-a B-a B-a | I-a I-a B-a I-b-c | I-d B-a B-a I-d B-a B-b-c I-a O",
        "B-a B-a B-a | I-a I-a O I-b-c | O B-a B-b-c B-a B-a O I-a I-d",
        (8 / 11, 8 / 13, 2 / 3),
    ),
    (
        "B-b-c O I-b-c B-b-c I-a | I-b-c O B-b-c O I-d B-a | B-a O B-a B-b-c I-a I-b-c I-a",
        "I-a O I-b-c I-a O | I-b-c B-a B-b-c B-a I-d I-b-c | B-a I-a B-a B-b-c I-a B-b-c I-a",
        (0.6, 9 / 14, 0.6206896551724138),
    ),
    (
        "O I-b-c I-b-c | O B-a I-d I-b-c I-a I-a | I-d B-b-c B-a O I-d O",
        "I-a B-a I-b-c | I-d B-b-c I-d I-b-c I-a I-a | I-d I-b-c I-b-c O I-d B-b-c",
        (5 / 12, 5 / 9, 0.4761904761904762),
    ),
    ("O O", "O O", (0.0, 0.0, 0.0)),
    ("B-a I-a", "B-a O", (0.0, 0.0, 0.0)),
]


@pytest.mark.parametrize("case", SEQEVAL)
def test_scores_are_those_of_seqeval(case: tuple[str, str, tuple[float, ...]]) -> None:
    *texts, expected = case
    targets, predictions = ([row.split() for row in str(text).split("|")] for text in texts)
    assert span_scores(predictions, targets)[:3] == pytest.approx(expected)


def test_an_i_that_continues_nothing_begins_a_span() -> None:
    assert spans_of(["I-a", "I-a", "O", "B-a", "B-a", "I-b"]) == [
        Span("a", 0, 2),
        Span("a", 3, 4),
        Span("a", 4, 5),
        Span("b", 5, 6),
    ]


@given(ROWS)
@examples(100)
def test_one_form_has_the_same_spans_and_stays_as_it_is(tags: list[str]) -> None:
    form = in_one_form(tags)
    assert spans_of(form) == spans_of(tags)
    assert in_one_form(form) == form
    assert sum(tag.startswith("B-") for tag in form) == len(spans_of(tags))
    assert [tag == "O" for tag in form] == [tag == "O" for tag in tags]


@given(st.lists(ROWS, min_size=1, max_size=5), st.randoms())
@examples(100)
def test_the_score_is_symmetric_and_full_for_the_right_tags(rows: list[list[str]], random: object) -> None:
    there = sum(len(spans_of(row)) for row in rows)
    assert span_scores(rows, rows) == ((1, 1, 1) if there else (0, 0, 0)) + (there,) * 3
    others = [row[::-1] for row in rows]
    one, other = span_scores(others, rows), span_scores(rows, others)
    assert (one.precision, one.recall, one.right) == (other.recall, other.precision, other.right)


@pytest.mark.parametrize("tag", ["", "B", "B-", "-a", "b-a", "S-a", "NOUN", "O-a", None, 3])
def test_what_is_no_tag_is_named(tag: object) -> None:
    with pytest.raises(CourseError, match=re.escape(f"{tag!r} is no tag of BIO")):
        parted(tag)  # type: ignore[arg-type]


@pytest.mark.parametrize("span", [Span("a", -1, 2), Span("a", 1, 1), Span("a", 2, 4)])
def test_a_span_must_lie_in_the_sentence(span: Span) -> None:
    with pytest.raises(CourseError, match="does not lie in a sentence of 3 tokens"):
        tags_of([span], 3)


def test_spans_must_not_overlap() -> None:
    with pytest.raises(CourseError, match="lies over another one"):
        tags_of([Span("a", 0, 2), Span("b", 1, 3)], 3)


def test_as_many_of_one_as_of_the_other() -> None:
    with pytest.raises(CourseError, match="1 predicted sentences and 2 right ones"):
        span_scores([["O"]], [["O"], ["O"]])
    with pytest.raises(CourseError, match="Sentence 1 has 2 predicted tags and 1 right ones"):
        span_scores([["O"], ["O", "O"]], [["O"], ["O"]])
