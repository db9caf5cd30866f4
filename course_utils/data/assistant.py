"""Sentences that people say to a voice assistant at home, with the stretches that it must find, tagged with BIO.

They are drawn from the 862 English sentence templates of Home Assistant (package home-assistant-intents), read with its
parser (hassil). A template such as "turn on [<the>] {area} light[s]" stands for many sentences. What stands in braces
is filled from lists of ours. Parts are held out by template: templates that differ little are on one side.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from course_utils.checks import check_name, check_whole
from course_utils.data.assistant_words import FILLINGS
from course_utils.errors import CourseError

TOKEN = re.compile(r"\w+(?:['’]\w+)*|[^\w\s]")
ALIKE = 0.8  # share of the words of two templates from which they are alike
SHARES = {"train": 0.6, "valid": 0.15, "test": 0.25}  # of the groups of templates
ORDER = 309  # of the groups: the first in which every kind of span stands in each part, where enough templates have it
UNSEEN = 4  # each fourth filling is in the test part alone
MOST_TRIES = 200  # to find a sentence of a template that is not there yet

# which list of a template is which kind of span; where a list serves several, its slot decides
KINDS = {
    "area": "area",
    "floor": "floor",
    "name": "device",
    "timer_name": "timer",
    "timer_command": "command",
    "on_off_states": "state",
    "cover_states": "state",
    "lock_states": "state",
    "bs_open_states": "state",
    "bs_occupancy_states": "state",
    "cover_classes": "class",
    "brightness": "percent",
    "brightness_level": "percent",
    "position": "percent",
    "fan_speed": "percent",
    "volume": "percent",
    "volume_step": "direction",
    "volume_step_up": "percent",
    "volume_step_down": "percent",
    "fan_mode": "mode",
    "color": "color",
    "color_temperature": "temperature",
    "color_temperature_names": "temperature",
    "temperature": "temperature",
    "search_query": "query",
    "media_class": "media",
    "todo_list_item": "item",
    "shopping_list_item": "item",
    "message": "message",
    "zone": "place",
}
TIMES = ("hours", "minutes", "seconds")


@dataclass(frozen=True)
class TaggedSentences:
    """Sentences of one part.

    Attributes:
        tokens: of each sentence, in small letters.
        tags: of each token: "B-area", "I-area", …, "O".
        templates: of each sentence, the number of its template.
    """

    tokens: list[list[str]]
    tags: list[list[str]]
    templates: list[int]

    def __len__(self) -> int:
        return len(self.tokens)


class AssistantParts(NamedTuple):
    """Three parts without a common template.

    Attributes:
        train: to learn from.
        valid: to choose with.
        test: to judge with; some of its fillings stand in no other part.
    """

    train: TaggedSentences
    valid: TaggedSentences
    test: TaggedSentences


class Template(NamedTuple):
    """A template as it was read.

    Attributes:
        intent: what it asks for, such as "HassTurnOn".
        text: as it is written.
        expression: as hassil reads it.
    """

    intent: str
    text: str
    expression: Any


def assistant_sentences(per_template: int = 4, seed: int = 0, order: int = ORDER) -> AssistantParts:
    """Sentences drawn from templates; no template, and none that differs little, stands in two parts.

    Args:
        per_template: how many sentences of each template, fewer where it has no more.
        seed: of the sentences drawn. The parts are the same for each seed.
        order: the split: how the groups of templates were shuffled before they went to the parts.

    Raises:
        CourseError: no such number, seed or order; the package is missing.
    """
    check_whole("per_template", per_template, 1, 1_000)
    check_whole("seed", seed, 0)
    seen: set[tuple[str, ...]] = set()
    parts = (_drawn(part, numbers, per_template, seed, seen) for part, numbers in template_parts(order).items())
    return AssistantParts(*parts)


def drawn_with_repeats(part: str, per_template: int = 4, seed: int = 0, order: int = ORDER) -> TaggedSentences:
    """As many sentences of each template of a part, each drawn as if there were no other; some come again.

    Scores on them have the expectation that the templates give them (see `course_utils.models.template_reader`).

    Args:
        part: "train", "valid" or "test".
        per_template: how many sentences of each template.
        seed: of the sentences drawn.
        order: the split, as in `assistant_sentences`.

    Raises:
        CourseError: no such part, number, seed or order; the package is missing.
    """
    check_name("part", part, SHARES)
    check_whole("per_template", per_template, 1, 1_000)
    check_whole("seed", seed, 0)
    fillings, found = part_fillings(part), TaggedSentences([], [], [])
    for number in template_parts(order)[part]:
        rng = random.Random(f"{seed} {number} with repeats")
        for _ in range(per_template):
            tokens, tags = tagged(list(_pieces(templates()[number].expression, expansion_rules(), fillings, rng)))
            found.tokens.append(tokens)
            found.tags.append(tags)
            found.templates.append(number)
    return found


def _drawn(part: str, numbers: Sequence[int], count: int, seed: int, seen: set[tuple[str, ...]]) -> TaggedSentences:
    known, rules, fillings = templates(), expansion_rules(), part_fillings(part)
    found = TaggedSentences([], [], [])
    for number in numbers:
        rng = random.Random(f"{seed} {number}")
        made = 0
        for _ in range(MOST_TRIES):
            pieces = list(_pieces(known[number].expression, rules, fillings, rng))
            tokens, tags = tagged(pieces)
            if not tokens or tuple(tokens) in seen:
                continue
            seen.add(tuple(tokens))
            found.tokens.append(tokens)
            found.tags.append(tags)
            found.templates.append(number)
            made += 1
            if made == count:
                break
    return found


def part_fillings(part: str) -> dict[str, list[Any]]:
    """What may stand in braces in sentences of a part, by name: texts, or expressions of hassil.

    Args:
        part: "train", "valid" or "test".

    Raises:
        CourseError: the package is missing.
    """
    return {name: _of_part(values, part) for name, values in _fillings().items()}


def _of_part(values: Sequence[Any], part: str) -> list[Any]:
    """What a part draws from: everything in the test, else not each fourth filling."""
    return [value for place, value in enumerate(values) if part == "test" or place % UNSEEN != UNSEEN - 1]


def tagged(pieces: Sequence[tuple[str, str]]) -> tuple[list[str], list[str]]:
    """Tokens and tags of text in pieces.

    Args:
        pieces: (text, kind) one after the other; the kind is "" outside of spans. A token that lies over the end of a
            span belongs to where it begins.

    Returns:
        T tokens in small letters, T tags.
    """
    text = "".join(piece for piece, _ in pieces)
    kinds: list[tuple[str, int]] = []  # of each character: its kind, and which piece it is of
    for number, (piece, kind) in enumerate(pieces):
        kinds += [(kind, number)] * len(piece)
    tokens, tags, before = [], [], ("", -1)
    for match in TOKEN.finditer(text):
        here = kinds[match.start()]
        tokens.append(match.group().lower())
        tags.append(("I-" if here == before else "B-") + here[0] if here[0] else "O")
        before = here
    return tokens, tags


# ---------------------------------------------------------------------------------------------------------------------
# Templates


@cache
def templates() -> tuple[Template, ...]:
    """All templates, in the order of the package.

    Raises:
        CourseError: a package is missing.
    """
    from hassil.parse_expression import parse_sentence

    found = []
    for intent, about in sorted(_read()["intents"].items()):
        for group in about["data"]:
            for text in group["sentences"]:
                found.append(Template(intent, text, parse_sentence(text).expression))
    return tuple(found)


@cache
def _read() -> dict[str, Any]:
    try:
        import hassil  # noqa: F401
        from home_assistant_intents import get_intents
    except ImportError as error:
        raise CourseError(
            f"The package {error.name} is missing, from which the sentences of the assistant are drawn. Install the "
            "course anew: pip install course-utils, or make setup."
        ) from None
    found = get_intents("en")
    if not found or not {"intents", "lists", "expansion_rules"} <= found.keys():
        raise CourseError("home-assistant-intents holds no English templates. Install the version in requirements.lock")
    return dict(found)


@cache
def expansion_rules() -> dict[str, Any]:
    """What stands in angle brackets, by name, as hassil reads it.

    Raises:
        CourseError: the package is missing.
    """
    from hassil.parse_expression import parse_sentence

    return {name: parse_sentence(text).expression for name, text in _read()["expansion_rules"].items()}


@cache
def _fillings() -> dict[str, tuple[Any, ...]]:
    """What may stand for a name in braces: words of ours, values of the package (as expressions), or numbers."""
    from hassil.parse_expression import parse_sentence

    found: dict[str, tuple[Any, ...]] = dict(FILLINGS)
    for name, about in _read()["lists"].items():
        if "values" in about:
            texts = [value if isinstance(value, str) else value["in"] for value in about["values"]]
            found[name] = tuple(parse_sentence(text).expression for text in texts)
        elif "range" in about:
            numbers = about["range"]
            found[name] = tuple(map(str, range(numbers["from"], numbers["to"] + 1, numbers.get("step", 1))))
    return found


def kind_of(list_name: str, slot: str) -> str:
    """The kind of span that a list fills; "" for one that nobody looks for."""
    if list_name.startswith("timer_") and slot.removeprefix("start_") in TIMES:
        return slot.removeprefix("start_")
    return KINDS.get(list_name, "")


def _pieces(expression: Any, rules: Any, fillings: Any, rng: random.Random) -> Iterator[tuple[str, str]]:
    """One sentence of a template, in pieces of text with the kind of span that each is."""
    match type(expression).__name__:
        case "TextChunk":
            yield expression.original_text, ""
        case "RuleReference":
            yield from _pieces(rules[expression.rule_name], rules, fillings, rng)
        case "ListReference":
            kind = kind_of(expression.list_name, expression.slot_name)
            value = rng.choice(fillings[expression.list_name])
            if not isinstance(value, str):
                value = "".join(text for text, _ in _pieces(value, rules, fillings, rng))
            yield value, kind
        case "Alternative":
            yield from _pieces(rng.choice(expression.items), rules, fillings, rng)
        case "Permutation":
            for item in rng.sample(expression.items, len(expression.items)):
                yield from _pieces(item, rules, fillings, rng)
        case _:
            for item in expression.items:
                yield from _pieces(item, rules, fillings, rng)


# ---------------------------------------------------------------------------------------------------------------------
# Parts


@cache
def template_parts(order: int = ORDER) -> dict[str, tuple[int, ...]]:
    """The numbers of the templates of each part: "train", "valid", "test".

    Args:
        order: of the groups of templates that differ little, a seed.

    Raises:
        CourseError: no such order; the package is missing.
    """
    check_whole("order", order, 0)
    groups = [list(group) for group in alike()]
    random.Random(order).shuffle(groups)
    parts: dict[str, list[int]] = {part: [] for part in SHARES}
    whole = sum(map(len, groups))
    for group in groups:  # to the part that lacks most
        part = max(SHARES, key=lambda name: SHARES[name] - len(parts[name]) / whole)
        parts[part] += group
    return {part: tuple(sorted(numbers)) for part, numbers in parts.items()}


def alike() -> list[list[int]]:
    """Groups of templates: two that share most of their words are in one."""
    words = [bare(template) for template in templates()]
    group = list(range(len(words)))

    def root(number: int) -> int:
        while group[number] != number:
            number = group[number]
        return number

    for one, of_one in enumerate(words):
        for other in range(one):
            if root(one) != root(other) and overlap(of_one, words[other]) >= ALIKE:
                group[root(one)] = root(other)
    members: dict[int, list[int]] = {}
    for number in range(len(words)):
        members.setdefault(root(number), []).append(number)
    return list(members.values())


def overlap(one: frozenset[str], other: frozenset[str]) -> float:
    """Shared words, divided by all words of two templates: 1 where they have the same."""
    return len(one & other) / max(len(one | other), 1)


def bare(template: Template) -> frozenset[str]:
    """The words of a template that cannot be left out; each name in braces by its kind, all times and units as one."""
    text = " ".join(_bare(template.expression, expansion_rules()))
    words = re.sub(r"\b(hour|minute|second)s?\b", "unit", text.lower()).split()
    return frozenset(word for word in words if word not in ("and", "in", "to", "-"))


def _bare(expression: Any, rules: Any) -> Iterator[str]:
    match type(expression).__name__:
        case "TextChunk":
            yield expression.original_text
        case "RuleReference":
            yield f"<{expression.rule_name}>"
        case "ListReference":
            kind = kind_of(expression.list_name, expression.slot_name)
            yield "{time}" if kind in TIMES else "{where}" if kind in ("area", "floor", "device") else f"{{{kind}}}"
        case "Alternative":
            if not expression.is_optional:
                yield from _bare(expression.items[0], rules)
        case _:
            for item in expression.items:
                yield from _bare(item, rules)
