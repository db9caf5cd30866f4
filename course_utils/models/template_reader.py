"""The best reader that there can be of sentences drawn from templates: it knows the templates, and how they are drawn.

It gives each tag the probability that it has once some words are known: those up to it (from the left), or all of them.
Over sentences drawn like these, no tagger that reads from the left is right more often than one that says the most
probable tag after each beginning. So it is a ceiling, and it is computed, not learned.

Templates become a graph of characters, since a word may be put together from several pieces. The probability of all
ways from its beginning to the end of a word is found with the forward algorithm, and that of what follows with the
backward algorithm (Rabiner 1989, doi:10.1109/5.18626).
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from course_utils.data.assistant import kind_of
from course_utils.errors import CourseError
from course_utils.metrics.spans import OUTSIDE

APOSTROPHES = "'’"  # they join what stands before and behind them to one token
NO_SPAN = -1  # the piece of what stands outside of spans

Chances: TypeAlias = dict[str, float]  # tag → probability


class Position(NamedTuple):
    """Where a reader may be between two tokens.

    Attributes:
        node: of the graph.
        piece: in which the last token began, or `NO_SPAN`.
    """

    node: int
    piece: int


Step: TypeAlias = dict[tuple[str, Position], float]  # (tag of a token, position behind it) → probability


class TemplateReader:
    """Knows templates, and tells how probable each tag is.

    Args:
        expressions: as hassil reads the templates; each is as probable as any other.
        rules: what stands in angle brackets, by name.
        fillings: what may stand in braces, by name: texts, or expressions.

    Raises:
        CourseError: there is no template.
    """

    def __init__(
        self, expressions: Sequence[Any], rules: Mapping[str, Any], fillings: Mapping[str, Sequence[Any]]
    ) -> None:
        if not expressions:
            raise CourseError("There is no template to read with. Give at least one expression of hassil.")
        self._rules, self._fillings = rules, fillings
        self._characters: list[str] = []  # of each node what leads on: a character, or "" where ways part or end
        self._following: list[list[tuple[int, float]]] = []  # of each node: (node, probability)
        self._pieces: list[int] = []  # of each node: that of its character
        self._kinds: list[str] = []  # of each piece
        self._reached: dict[int, dict[int, float]] = {}
        self._steps: dict[tuple[Position, str], Step] = {}
        end = self._node()
        begin = self._one_of([self._before(expression, end, NO_SPAN) for expression in expressions])
        self._begin = {Position(node, NO_SPAN): share for node, share in self._reaches(begin).items()}

    # -----------------------------------------------------------------------------------------------------------------
    # Answers

    def from_the_left(self, tokens: Sequence[str]) -> list[Chances]:
        """The probability of each tag, given the token and those before it.

        Args:
            tokens: T, in small letters.

        Returns:
            T times tag → probability; they sum to 1.

        Raises:
            CourseError: no template gives a sentence that begins like this.
        """
        return [_chances(steps) for steps in self._forward(tokens)]

    def from_both_sides(self, tokens: Sequence[str]) -> list[Chances]:
        """The probability of each tag, given the whole sentence.

        Args:
            tokens: T, in small letters.

        Returns:
            T times tag → probability; they sum to 1.

        Raises:
            CourseError: no template gives this sentence.
        """
        steps = self._forward(tokens)
        if not steps:
            return []
        behind = {where: self._ending(where.node) for _, where in steps[-1]}  # probability of what follows
        found = []
        for index in range(len(tokens) - 1, -1, -1):
            found.append(_chances(steps[index], behind))
            if index:
                behind = {
                    where: sum(share * behind.get(after, 0.0) for (_, after), share in step.items())
                    for where in {position for _, position in steps[index - 1]}
                    if (step := self._step(where, tokens[index]))
                }
        return found[::-1]

    def _forward(self, tokens: Sequence[str]) -> list[Step]:
        """After each token: (its tag, position) → probability of the beginning up to here; scaled to sum to 1."""
        found: list[Step] = []
        here = self._begin
        for index, token in enumerate(tokens):
            reached: Step = defaultdict(float)
            for where, share in here.items():
                for key, one in self._step(where, token).items():
                    reached[key] += share * one
            total = sum(reached.values())
            if not total:
                raise CourseError(f"No template gives a sentence that begins {' '.join(tokens[: index + 1])!r:.80}.")
            found.append({key: share / total for key, share in reached.items()})
            here = defaultdict(float)
            for (_, where), share in found[-1].items():
                here[where] += share
        return found

    # -----------------------------------------------------------------------------------------------------------------
    # One token

    def _step(self, where: Position, token: str) -> Step:
        """From a position over one token, which ends there: (its tag, position behind it) → probability."""
        key = (where, token)
        if key not in self._steps:
            self._steps[key] = self._over(where, token)
        return self._steps[key]

    def _over(self, where: Position, token: str) -> Step:
        found: Step = defaultdict(float)
        for node, share in self._without_spaces({where.node: 1.0}).items():
            if self._characters[node] != token[:1] or not token:
                continue
            piece = self._pieces[node]
            kind = self._kinds[piece] if piece != NO_SPAN else ""
            tag = f"{'I' if piece == where.piece else 'B'}-{kind}" if kind else OUTSIDE
            ways = {node: share}
            for character in token:
                ways = self._over_one(ways, character)
            for after, one in ways.items():
                if not (_in_a_word(token[-1]) and self._goes_on(after)):
                    found[tag, Position(after, piece)] += one
        return dict(found)

    def _over_one(self, ways: Mapping[int, float], character: str) -> dict[int, float]:
        found: dict[int, float] = defaultdict(float)
        for node, share in ways.items():
            if self._characters[node] == character:
                for after, one in self._reaches(self._following[node][0][0]).items():
                    found[after] += share * one
        return found

    def _without_spaces(self, ways: Mapping[int, float]) -> dict[int, float]:
        found: dict[int, float] = defaultdict(float)
        while ways:
            for node, share in ways.items():
                if not self._characters[node].isspace():
                    found[node] += share
            ways = self._over_one(ways, " ")
        return found

    def _goes_on(self, node: int) -> bool:
        """Does the character here belong to the word before it?"""
        character = self._characters[node]
        if character in APOSTROPHES and character:
            after = self._reaches(self._following[node][0][0])
            return all(_in_a_word(self._characters[one]) for one in after)
        return _in_a_word(character)

    def _ending(self, node: int) -> float:
        """How probable it is that nothing follows but spaces."""
        ends = self._without_spaces({node: 1.0})
        return sum(share for one, share in ends.items() if not self._characters[one])

    # -----------------------------------------------------------------------------------------------------------------
    # The graph, built from its end

    def _node(self, following: Iterable[tuple[int, float]] = (), character: str = "", piece: int = NO_SPAN) -> int:
        self._characters.append(character)
        self._following.append(list(following))
        self._pieces.append(piece)
        return len(self._characters) - 1

    def _one_of(self, nodes: Sequence[int]) -> int:
        return self._node([(node, 1 / len(nodes)) for node in nodes])

    def _text(self, text: str, end: int, piece: int) -> int:
        for character in reversed(text.lower()):
            end = self._node([(end, 1.0)], " " if character.isspace() else character, piece)
        return end

    def _before(self, expression: Any, end: int, piece: int) -> int:
        """The node from which an expression leads to `end`; inside of a span all is its piece."""
        match type(expression).__name__:
            case "TextChunk":
                return self._text(expression.original_text, end, piece)
            case "RuleReference":
                return self._before(self._rules[expression.rule_name], end, piece)
            case "ListReference":
                kind = kind_of(expression.list_name, expression.slot_name)
                if kind and piece == NO_SPAN:
                    self._kinds.append(kind)
                    piece = len(self._kinds) - 1
                return self._one_of(
                    [
                        self._text(value, end, piece) if isinstance(value, str) else self._before(value, end, piece)
                        for value in self._fillings[expression.list_name]
                    ]
                )
            case "Alternative":
                return self._one_of([self._before(item, end, piece) for item in expression.items])
            case "Permutation":
                orders = itertools.permutations(expression.items)
                return self._one_of([self._in_turn(order, end, piece) for order in orders])
        return self._in_turn(expression.items, end, piece)

    def _in_turn(self, items: Sequence[Any], end: int, piece: int) -> int:
        for item in reversed(items):
            end = self._before(item, end, piece)
        return end

    def _reaches(self, node: int) -> dict[int, float]:
        """The nodes with a character, and the end, that can be reached without a character, and how probably."""
        if node not in self._reached:
            found: dict[int, float] = defaultdict(float)
            if self._characters[node] or not self._following[node]:
                found[node] = 1.0
            else:
                for after, share in self._following[node]:
                    for one, other in self._reaches(after).items():
                        found[one] += share * other
            self._reached[node] = dict(found)
        return self._reached[node]


def _in_a_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _chances(steps: Step, behind: Mapping[Position, float] | None = None) -> Chances:
    """The share of each tag; with what follows, where that is known."""
    found: Chances = defaultdict(float)
    for (tag, where), share in steps.items():
        found[tag] += share * (1.0 if behind is None else behind.get(where, 0.0))
    total = sum(found.values())
    if not total:
        raise CourseError("No template gives this sentence: it ends too early, or goes on differently.")
    return {tag: share / total for tag, share in found.items() if share}


# ---------------------------------------------------------------------------------------------------------------------
# Ceilings


def token_ceiling(chances: Sequence[Sequence[Chances]]) -> float:
    """The share of tokens that get the right tag where each gets its most probable one, on average over such draws.

    Args:
        chances: of each sentence, as a reader gives them.
    """
    best = [max(one.values()) for row in chances for one in row]
    return float(np.mean(best)) if best else 0.0


def span_ceiling(chances: Sequence[Sequence[Chances]]) -> float:
    """A number that the F1 of spans cannot exceed, on average over such draws.

    A span that is found is right at most where one of its kind begins. So whatever begins at n tokens is right for the
    sum of n probabilities at most; F1 is 2 · right / (found + there), and the best n are those most probable.

    Args:
        chances: of each sentence, as a reader gives them.
    """
    begins = [{tag: share for tag, share in one.items() if tag.startswith("B-")} for row in chances for one in row]
    there = sum(sum(one.values()) for one in begins)
    best = np.sort([max(one.values(), default=0.0) for one in begins])[::-1]
    if not there:
        return 0.0
    return float((2 * np.cumsum(best) / (np.arange(1, len(best) + 1) + there)).max())


def most_probable(chances: Sequence[Chances]) -> list[str]:
    """The tags of a sentence, each the most probable one.

    Args:
        chances: of one sentence.
    """
    return [max(one, key=one.__getitem__) for one in chances]
