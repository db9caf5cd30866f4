"""Spans and their tags: B- where a span begins, I- where it goes on, O outside (BIO), and how many spans are right.

An I- that continues nothing (after O, or after a span of another kind) begins a span, as in the program by which the
shared tasks of CoNLL were scored, and in the package seqeval.

Source of the tags: Ramshaw & Marcus 1995, arXiv cmp-lg/9505040; of the score: Tjong Kim Sang & De Meulder 2003, arXiv
cs/0306050.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from course_utils.errors import CourseError

OUTSIDE = "O"


class Span(NamedTuple):
    """A stretch of tokens with a name, such as a place.

    Attributes:
        kind: what it is, such as "location".
        start: index of its first token.
        end: index behind its last one: `tokens[start:end]`.
    """

    kind: str
    start: int
    end: int


class SpanScores(NamedTuple):
    """How many spans are right: the same kind, the same first and the same last token.

    Attributes:
        precision: of the spans that were found, 0 … 1; 0 where none was found.
        recall: of the spans that are there; 0 where there is none.
        f1: 2 · precision · recall / (precision + recall); 0 where both are.
        found: how many were found.
        there: how many are there.
        right: how many of them are the same.
    """

    precision: float
    recall: float
    f1: float
    found: int
    there: int
    right: int


def parted(tag: str) -> tuple[str, str]:
    """The prefix and the kind of a tag: "B-place" is ("B", "place"), "O" is ("O", "").

    Raises:
        CourseError: it is no tag of BIO.
    """
    if isinstance(tag, str):
        prefix, line, kind = tag.partition("-")
        if tag == OUTSIDE or (prefix in ("B", "I") and line and kind):
            return prefix, kind
    raise CourseError(
        f"{tag!r:.60} is no tag of BIO. Expected: 'B-' or 'I-' and the kind of the span, such as 'B-place' and "
        "'I-place', or 'O' outside of spans."
    )


def spans_of(tags: Sequence[str]) -> list[Span]:
    """The spans that tags mark, in their order.

    Args:
        tags: of one sentence.

    Raises:
        CourseError: a tag that is none of BIO.
    """
    spans: list[Span] = []
    kind, start = "", 0
    for place, tag in enumerate([*tags, OUTSIDE]):
        prefix, of = parted(tag)
        if kind and not (prefix == "I" and of == kind):
            spans.append(Span(kind, start, place))
            kind = ""
        if not kind and prefix != OUTSIDE:
            kind, start = of, place
    return spans


def tags_of(spans: Iterable[Span], length: int) -> list[str]:
    """The tags of spans: what `spans_of` reads.

    Args:
        spans: that do not overlap.
        length: of the sentence, in tokens.

    Raises:
        CourseError: a span outside of the sentence, of no token, or over another one.
    """
    tags = [OUTSIDE] * length
    for kind, start, end in spans:
        if not 0 <= start < end <= length:
            raise CourseError(f"The span {kind!r} from {start} to {end} does not lie in a sentence of {length} tokens.")
        if any(tag != OUTSIDE for tag in tags[start:end]):
            raise CourseError(f"The span {kind!r} from {start} to {end} lies over another one: BIO has no tags for it.")
        tags[start:end] = [f"B-{kind}", *[f"I-{kind}"] * (end - start - 1)]
    return tags


def in_one_form(tags: Sequence[str]) -> list[str]:
    """The same spans with a B- at each beginning: what begins with I- in other forms of BIO begins with B- here."""
    return tags_of(spans_of(tags), len(tags))


def span_scores(predictions: Sequence[Sequence[str]], targets: Sequence[Sequence[str]]) -> SpanScores:
    """Precision, recall and F1 over the spans of all sentences together, as seqeval has them.

    Args:
        predictions: the tags of each sentence.
        targets: the right ones.

    Raises:
        CourseError: not as many sentences or tokens of one as of the other, or a tag that is none of BIO.
    """
    if len(predictions) != len(targets):
        raise CourseError(f"There are {len(predictions)} predicted sentences and {len(targets)} right ones.")
    found = there = right = 0
    for index, (one, other) in enumerate(zip(predictions, targets, strict=True)):
        if len(one) != len(other):
            raise CourseError(f"Sentence {index} has {len(one)} predicted tags and {len(other)} right ones.")
        guessed, real = set(spans_of(one)), set(spans_of(other))
        found, there, right = found + len(guessed), there + len(real), right + len(guessed & real)
    precision, recall = right / max(found, 1), right / max(there, 1)
    f1 = 2 * precision * recall / (precision + recall) if right else 0.0
    return SpanScores(precision, recall, f1, found, there, right)
