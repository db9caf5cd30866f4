"""The best reader of templates: its probabilities, and both ceilings, equal what trying everything gives."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import pytest
from hassil.parse_expression import parse_sentence

from course_utils.data.assistant import drawn_with_repeats, kind_of, tagged
from course_utils.errors import CourseError
from course_utils.experiments.applications.entity_tagging import reader
from course_utils.metrics.spans import span_scores
from course_utils.models.template_reader import TemplateReader, most_probable, span_ceiling, token_ceiling

RULES = {"the": parse_sentence("[the|my]").expression}
FILLINGS: dict[str, list[Any]] = {
    "area": ["Kitchen", "kitchen", "hall way"],
    "name": ["kitchen lamp", "hall"],
    "brightness": ["5", "50"],
    "on_off_states": [parse_sentence("(on|off)").expression, "half off"],
    "other": ["all's well", "all"],
}
GRAMMARS = {
    "device or area": ["turn [on] {area}", "turn [on] {name} (on|off)"],
    "a word of several pieces": ["lamp[s] in {area}s", "lamp in the {area}"],
    "all orders": ["(dim;{area};to {brightness}[([ ]%)| percent])"],
    "rules and values that are expressions": ["is <the> {name} {on_off_states:state}", "is  <the>{area}"],
    "apostrophes and punctuation": ["what(is|'s) {area}?", "what {other}", "what's up , {name}"],
    "a span behind a span": ["{area} {area}", "{area}{area}", "{name} {area}"],
}


@cache
def small(name: str) -> TemplateReader:
    return TemplateReader([parse_sentence(text).expression for text in GRAMMARS[name]], RULES, FILLINGS)


Pieces = tuple[tuple[str, str], ...]


def every(expression: Any) -> Iterator[tuple[float, Pieces]]:
    """All that an expression stands for, and how probable each is: text in pieces with its kinds."""
    match type(expression).__name__:
        case "TextChunk":
            yield 1.0, ((expression.original_text, ""),)
        case "RuleReference":
            yield from every(RULES[expression.rule_name])
        case "ListReference":
            values = FILLINGS[expression.list_name]
            kind = kind_of(expression.list_name, expression.slot_name)
            for value in values:
                found = [(1.0, ((value, ""),))] if isinstance(value, str) else every(value)
                for share, pieces in found:
                    yield share / len(values), (("".join(text for text, _ in pieces), kind),)
        case "Alternative":
            for item in expression.items:
                for share, pieces in every(item):
                    yield share / len(expression.items), pieces
        case "Permutation":
            orders = list(itertools.permutations(expression.items))
            for order in orders:
                for share, pieces in in_turn(order):
                    yield share / len(orders), pieces
        case _:
            yield from in_turn(expression.items)


def in_turn(items: Sequence[Any]) -> Iterator[tuple[float, Pieces]]:
    for parts in itertools.product(*(list(every(item)) for item in items)):
        share = 1.0
        for one, _ in parts:
            share *= one
        yield share, tuple(piece for _, pieces in parts for piece in pieces)


@cache
def sentences(name: str) -> dict[tuple[tuple[str, ...], tuple[str, ...]], float]:
    """Every sentence of a grammar with its tags, and how probable it is."""
    found: dict[tuple[tuple[str, ...], tuple[str, ...]], float] = defaultdict(float)
    for text in GRAMMARS[name]:
        for share, pieces in every(parse_sentence(text).expression):
            tokens, tags = tagged(list(pieces))
            found[tuple(tokens), tuple(tags)] += share / len(GRAMMARS[name])
    return dict(found)


def by_counting(name: str, tokens: tuple[str, ...], index: int, known: int) -> dict[str, float]:
    """The probability of each tag of a token, where the first `known` tokens are, found by adding up sentences.

    Where all of them are known, so is that the sentence ends there.
    """
    found: dict[str, float] = defaultdict(float)
    for (row, tags), share in sentences(name).items():
        if row[:known] == tokens[:known] and (known <= index + 1 or row == tokens):
            found[tags[index]] += share
    total = sum(found.values())
    return {tag: share / total for tag, share in found.items()}


@pytest.mark.parametrize("name", list(GRAMMARS))
def test_probabilities_equal_those_of_all_sentences_counted(name: str) -> None:
    assert sum(sentences(name).values()) == pytest.approx(1)
    for tokens, _ in sentences(name):
        left, both = small(name).from_the_left(tokens), small(name).from_both_sides(tokens)
        for index in range(len(tokens)):
            assert left[index] == pytest.approx(by_counting(name, tokens, index, index + 1))
            known = len(tokens)
            if index + 1 < known:
                assert both[index] == pytest.approx(by_counting(name, tokens, index, known))


@pytest.mark.parametrize("name", list(GRAMMARS))
def test_the_last_token_is_known_better_where_the_end_is_known(name: str) -> None:
    for tokens, _ in sentences(name):
        found: dict[str, float] = defaultdict(float)
        for (row, tags), share in sentences(name).items():
            if row == tokens:
                found[tags[-1]] += share
        total = sum(found.values())
        assert small(name).from_both_sides(tokens)[-1] == pytest.approx({t: s / total for t, s in found.items()})


def all_readers(beginnings: list[tuple[str, ...]], tags: list[str]) -> Iterator[dict[tuple[str, ...], str]]:
    """Every function of a beginning."""
    for chosen in itertools.product(tags, repeat=len(beginnings)):
        yield dict(zip(beginnings, chosen, strict=True))


def test_no_function_of_the_beginning_does_better_than_the_ceilings() -> None:
    expressions = [parse_sentence(text).expression for text in ("{area} (on|off)", "{name} on")]
    fillings = {"area": ["hall", "hall way"], "name": ["hall"]}
    reads = TemplateReader(expressions, {}, fillings)
    drawn = 2 * [  # eight draws, as often as the templates give them
        *[(("hall", "on"), ("B-device", "O"))] * 4,
        *[(("hall", "on"), ("B-area", "O")), (("hall", "off"), ("B-area", "O"))],
        *[(("hall", "way", end), ("B-area", "I-area", "O")) for end in ("on", "off")],
    ]
    chances = [reads.from_the_left(tokens) for tokens, _ in drawn]
    beginnings = sorted({tokens[: end + 1] for tokens, _ in drawn for end in range(len(tokens))})
    best_tokens = best_f1 = 0.0
    right = [list(tags) for _, tags in drawn]
    for says in all_readers(beginnings, ["O", "B-area", "I-area", "B-device"]):
        given = [[says[tokens[: end + 1]] for end in range(len(tokens))] for tokens, _ in drawn]
        hits = sum(
            one == other
            for row, others in zip(given, right, strict=True)
            for one, other in zip(row, others, strict=True)
        )
        best_tokens = max(best_tokens, hits / sum(map(len, right)))
        best_f1 = max(best_f1, span_scores(given, right).f1)
    assert token_ceiling(chances) == pytest.approx(best_tokens)
    assert best_f1 <= span_ceiling(chances) + 1e-9
    assert span_ceiling(chances) < 1


def test_the_ceiling_of_spans_counts_what_begins() -> None:
    sure, half = {"B-area": 1.0}, {"B-area": 0.5, "B-device": 0.5}
    assert span_ceiling([[sure, {"O": 1.0}]]) == 1
    assert span_ceiling([[half, half]]) == pytest.approx(0.5)
    # three begin for sure and one at one of ten tokens: better not to look for that one
    rare = {"B-area": 0.1, "O": 0.9}
    assert span_ceiling([[sure] * 3 + [rare] * 10]) == pytest.approx(2 * 3 / (3 + 4))
    assert span_ceiling([[{"O": 1.0}]]) == 0
    assert span_ceiling([]) == token_ceiling([]) == 0


def test_whoever_knows_both_sides_is_right_on_the_test_templates_and_nobody_from_the_left_is() -> None:
    given = drawn_with_repeats("test", 1, seed=3)
    both = [most_probable(reader("test").from_both_sides(tokens)) for tokens in given.tokens]
    assert span_scores(both, given.tags).f1 > 0.99
    left = [reader("test").from_the_left(tokens) for tokens in given.tokens]
    assert span_scores([most_probable(row) for row in left], given.tags).f1 < 1
    assert all(sum(one.values()) == pytest.approx(1) for row in left for one in row)


def test_what_no_template_gives_is_refused() -> None:
    grammar = small("device or area")
    with pytest.raises(CourseError, match="begins 'turn garden'"):
        grammar.from_the_left(["turn", "garden"])
    with pytest.raises(CourseError, match="ends too early"):
        grammar.from_both_sides(["turn", "kitchen", "lamp"])
    with pytest.raises(CourseError, match="No template gives"):
        grammar.from_the_left(["turn", ""])
    with pytest.raises(CourseError, match="no template to read with"):
        TemplateReader([], {}, {})
    assert grammar.from_the_left([]) == grammar.from_both_sides([]) == []
