"""Formal languages: answers against plain rules, chance lines against all constant rules and against all strings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product

import numpy as np
import pytest
import torch

from course_utils.data.formal_languages import (
    LANGUAGES,
    ORDERS,
    answered,
    depths,
    strings,
)
from course_utils.errors import CourseError

PAIRS = {"(": ")", "[": "]"}


def _sum(string: list[str]) -> str:
    return str(sum(map(int, string)) % 5)


def _order(string: list[str]) -> str:
    things = [1, 2, 3]
    for name in reversed(string):  # the place from which each thing is taken
        things = [things[int(place) - 1] for place in name]
    return "".join(map(str, things))


def _counted(string: list[str], letters: str) -> str:
    text = "".join(string)
    whole = ["".join(letter * n for letter in letters) for n in range(1, len(text) + 1)]
    return "now" if text in whole else "not yet" if any(one.startswith(text) for one in whole) else "never"


def _stack(string: list[str]) -> str:
    stack: list[str] = []
    for symbol in string:
        if symbol in PAIRS:
            stack.append(PAIRS[symbol])
        elif stack:
            stack.pop()
    return stack[-1] if stack else "none"


def _letter(string: list[str]) -> str:
    return next((symbol for symbol in reversed(string) if symbol != "."), "nothing yet")


RULES: dict[str, Callable[[list[str]], str]] = {
    "parity": lambda string: ("even", "odd")[string.count("1") % 2],
    "modular sums": _sum,
    "permutations of three": _order,
    "aⁿbⁿ": lambda string: _counted(string, "ab"),
    "aⁿbⁿcⁿ": lambda string: _counted(string, "abc"),
    "Dyck-1": lambda string: "open" if string.count("(") > string.count(")") else "closed",
    "Dyck-2": _stack,
    "last letter": _letter,
}


def _named(name: str, symbols: torch.Tensor) -> Iterator[tuple[list[str], list[str]]]:
    """Each string and its answers, in names."""
    kind = LANGUAGES[name]
    found = answered(kind, symbols)
    for row, answers in zip(found.symbols.tolist(), found.answers.tolist(), strict=True):
        yield [kind.symbols[symbol] for symbol in row], [kind.answers[answer] for answer in answers]


def test_every_language_has_its_rule() -> None:
    assert set(RULES) == set(LANGUAGES)


@pytest.mark.parametrize("name", LANGUAGES)
def test_answers_are_those_of_a_plain_rule_on_all_short_strings_and_on_drawn_ones(name: str) -> None:
    size = len(LANGUAGES[name].symbols)
    length = {2: 8, 3: 6, 4: 5, 5: 4, 6: 3}[size]
    everything = torch.tensor(list(product(range(size), repeat=length)))
    for symbols in (everything, strings(name, 20, 31, seed=1).symbols):
        for string, answers in _named(name, symbols):
            assert answers == [RULES[name](string[: t + 1]) for t in range(len(string))], string


@pytest.mark.parametrize("name", [name for name, kind in LANGUAGES.items() if kind.automaton])
def test_an_automaton_gives_the_answers_and_is_the_smallest(name: str) -> None:
    kind = LANGUAGES[name]
    assert kind.automaton is not None
    found = strings(name, 5, 60, seed=2)
    for row, answers in zip(found.symbols.tolist(), found.answers.tolist(), strict=True):
        assert kind.automaton.answers_to(row) == answers
    assert len(kind.automaton.smallest().table) == len(kind.automaton.table)


def test_rearrangements_are_a_group_that_is_not_commutative() -> None:
    assert ORDERS[0] == (0, 1, 2)
    automaton = LANGUAGES["permutations of three"].automaton
    assert automaton is not None
    table = np.array(automaton.table)
    assert (table != table.T).any()
    for first, then, last in product(range(6), repeat=3):
        assert table[table[first, then], last] == table[first, table[then, last]]


@pytest.mark.parametrize("name", LANGUAGES)
@pytest.mark.parametrize(("length", "deep"), [(13, False), (40, False), (100, True)])
def test_the_best_constant_answer_is_right_as_often_as_the_chance_line_says(name: str, length: int, deep: bool) -> None:
    kind = LANGUAGES[name]
    found = strings(name, 4_000, length, seed=3, deep=deep)
    answers = found.answers[found.decisive]
    shares = torch.bincount(answers, minlength=len(kind.answers)) / len(answers)
    assert float(shares.max()) == pytest.approx(kind.chance, abs=0.02)


@pytest.mark.parametrize("name", ["parity", "modular sums", "permutations of three"])
def test_over_all_strings_no_constant_is_better_than_the_chance_line(name: str) -> None:
    size = len(LANGUAGES[name].symbols)
    everything = answered(LANGUAGES[name], torch.tensor(list(product(range(size), repeat=4))))
    for t in range(4):
        counts = torch.bincount(everything.answers[:, t])
        assert (counts.double() / counts.sum()).tolist() == pytest.approx([LANGUAGES[name].chance] * len(counts))


@pytest.mark.parametrize("name", ["aⁿbⁿ", "Dyck-1"])
def test_every_string_has_as_many_of_each_answer_where_that_is_said(name: str) -> None:
    found = strings(name, 300, 50, seed=4)
    for answers, decisive in zip(found.answers, found.decisive, strict=True):
        counts = torch.bincount(answers[decisive], minlength=2)
        assert len(set(counts[counts > 0].tolist())) <= 1


def test_all_strings_of_three_letters_together_have_the_chance_line_exactly() -> None:
    """Two right strings, one with a b too few and one with a b too many; for each number of a's."""
    rows = []
    for n in range(3, 7):
        for b in (n, n, n - 1, n + 1):
            rows.append([0] * n + [1] * b + [2] * (25 - n - b))
    found = answered(LANGUAGES["aⁿbⁿcⁿ"], torch.tensor(rows))
    counts = torch.bincount(found.answers[found.decisive])
    assert (counts / counts.sum()).tolist() == pytest.approx([0.4, 0.2, 0.4])


def test_decisive_steps_of_examples() -> None:
    marks = {
        "aaabbbbb": ("aⁿbⁿ", "....***."),
        "aaabbbcccc": ("aⁿbⁿcⁿ", "......****"),
        "aaabbccccc": ("aⁿbⁿcⁿ", ".....*...."),
        "aaabbbbccc": ("aⁿbⁿcⁿ", "......*..."),
        "()(())(": ("Dyck-1", "...*.*."),
        "([])[]": ("Dyck-2", "..*..."),
        "a..b.": ("last letter", ".**.*"),
    }
    for text, (name, expected) in marks.items():
        kind = LANGUAGES[name]
        found = answered(kind, kind.encode(text)).decisive[0].tolist()
        assert "".join("*" if mark else "." for mark in found) == expected, text


def test_brackets_are_never_closed_before_they_are_opened_and_close_again() -> None:
    for name, kinds in (("Dyck-1", 1), ("Dyck-2", 2)):
        for length, most in ((40, 10), (7, 2)):
            found = depths(strings(name, 500, length, seed=5).symbols.numpy(), kinds)
            assert found.min() == 0
            assert found.max() <= most
        deep = depths(strings(name, 200, 500, seed=6, deep=True).symbols.numpy(), kinds)
        assert deep.max() == 100
        assert (deep.max(1) > 50).all()
    for string, answers in _named("Dyck-2", strings("Dyck-2", 50, 40, seed=7).symbols):
        for t in range(1, len(string)):
            assert string[t] in PAIRS or answers[t - 1] == string[t]


@pytest.mark.parametrize(("name", "letters"), [("aⁿbⁿ", 2), ("aⁿbⁿcⁿ", 3)])
def test_counts_go_up_to_what_the_length_allows_and_deep_ones_begin_half_way(name: str, letters: int) -> None:
    for deep, least in ((False, 1 if letters == 2 else 3), (True, (101 - 1) // letters // 2)):
        n = (strings(name, 3_000, 101, seed=8, deep=deep).symbols == 0).sum(1)
        assert least <= n.min() <= least + 1
        assert n.max() == 100 // letters


def test_half_of_the_strings_of_three_letters_are_right() -> None:
    symbols = strings("aⁿbⁿcⁿ", 4_000, 40, seed=9).symbols
    wrong = (symbols == 1).sum(1) - (symbols == 0).sum(1)
    assert wrong.abs().max() == 1
    assert float((wrong == 0).float().mean()) == pytest.approx(0.5, abs=0.03)
    assert float((wrong == 1).float().mean()) == pytest.approx(0.25, abs=0.03)


def test_the_seed_decides_and_a_generator_goes_on() -> None:
    assert torch.equal(strings("parity", 5, 9, seed=1).symbols, strings("parity", 5, 9, seed=1).symbols)
    assert not torch.equal(strings("parity", 5, 9, seed=1).symbols, strings("parity", 5, 9, seed=2).symbols)
    generator = np.random.default_rng(1)
    first, then = (strings("parity", 5, 9, generator).symbols for _ in range(2))
    assert torch.equal(first, strings("parity", 5, 9, seed=1).symbols)
    assert not torch.equal(first, then)


def test_inputs_are_one_for_each_symbol() -> None:
    found = strings("Dyck-2", 4, 9, seed=0)
    assert len(found) == 4
    assert found.inputs.shape == (4, 9, 4)
    assert torch.equal(found.inputs.argmax(2), found.symbols)


def test_texts_of_your_own() -> None:
    assert LANGUAGES["permutations of three"].encode("132 213").tolist() == [[1, 2]]
    with pytest.raises(CourseError, match=r"symbol of aⁿbⁿ.*Choose one of: a, b"):
        LANGUAGES["aⁿbⁿ"].encode("abc")
    with pytest.raises(CourseError, match="empty"):
        LANGUAGES["aⁿbⁿ"].encode("")


@pytest.mark.parametrize(
    ("name", "count", "length", "seed"),
    [("Dyck-3", 1, 9, 0), ("parity", 0, 9, 0), ("parity", 1, 0, 0), ("aⁿbⁿcⁿ", 1, 9, 0), ("parity", 1, 9, -1)],
)
def test_what_cannot_be_meant(name: str, count: int, length: int, seed: int) -> None:
    with pytest.raises(CourseError):
        strings(name, count, length, seed)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", LANGUAGES)
def test_nothing_is_warned_of_and_what_was_drawn_can_be_changed(name: str) -> None:
    found = strings(name, 2, 13, seed=0)
    for part in (found.symbols, found.answers, found.decisive):
        part[0] = part[1]
