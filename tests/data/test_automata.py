"""Finite automata: what they answer, the smallest of them, and where two differ, against all short strings."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.data.automata import Automaton
from course_utils.errors import CourseError

PARITY = Automaton(((0, 1), (1, 0)), (0, 1))


@st.composite
def automata(draw: st.DrawFn, symbols: int = 2) -> Automaton:
    size = draw(st.integers(1, 5))
    rows = draw(st.lists(st.tuples(*[st.integers(0, size - 1)] * symbols), min_size=size, max_size=size))
    return Automaton(tuple(rows), tuple(draw(st.lists(st.integers(0, 1), min_size=size, max_size=size))))


def test_parity_is_the_number_of_ones_modulo_two() -> None:
    for string in product(range(2), repeat=6):
        assert PARITY.answers_to(string) == [sum(string[: t + 1]) % 2 for t in range(6)]
    assert PARITY.states_along([]) == []


@given(automata(), automata())
def test_a_counterexample_is_the_first_of_all_strings_in_order_of_length(first: Automaton, other: Automaton) -> None:
    found = first.counterexample(other)
    for length in range(1, 7):
        for string in product(range(2), repeat=length):
            if first.answers_to(string)[-1] != other.answers_to(string)[-1]:
                assert found == string
                return
    assert found is None or len(found) > 6


def test_two_that_differ_late_and_two_that_never_do() -> None:
    """One that counts five ones modulo 7, and one that never answers 1."""
    ring = Automaton(tuple((state, (state + 1) % 7) for state in range(7)), (0, 0, 0, 0, 0, 1, 0))
    assert ring.counterexample(Automaton(((0, 0),), (0,))) == (1, 1, 1, 1, 1)
    four = Automaton(((2, 3), (3, 2), (0, 1), (1, 0)), (0, 1, 0, 1))
    assert PARITY.counterexample(four) is None


@given(automata())
def test_the_smallest_answers_alike_and_has_no_two_states_that_are_alike(one: Automaton) -> None:
    small = one.smallest()
    assert small.counterexample(one) is None
    assert small.answers[0] == one.answers[0]
    assert len(small.table) <= len(one.table)
    assert small.smallest() == small
    for state in range(1, len(small.table)):
        moved = _beginning_at(small, state)
        assert small.answers[0] != moved.answers[0] or small.counterexample(moved) is not None


def _beginning_at(one: Automaton, state: int) -> Automaton:
    """The same machine, begun in another state: the two change their numbers."""
    other = {0: state, state: 0}
    order = [other.get(number, number) for number in range(len(one.table))]
    table = tuple(tuple(other.get(to, to) for to in one.table[number]) for number in order)
    return Automaton(table, tuple(one.answers[number] for number in order))


def test_four_states_of_parity_are_two() -> None:
    assert Automaton(((2, 3), (3, 2), (0, 1), (1, 0)), (0, 1, 0, 1)).smallest() == PARITY
    assert Automaton(((0, 1), (1, 0), (2, 2)), (0, 1, 1)).smallest() == PARITY  # the third is never reached


@pytest.mark.parametrize(
    ("table", "answers", "said"),
    [
        (((0, 1), (1, 0)), (0,), "as many answers"),
        ((), (), "as many answers"),
        (((0, 1), (1,)), (0, 1), "one state for each symbol"),
        (((0, 2), (1, 0)), (0, 1), "from 0 to 1"),
    ],
)
def test_tables_that_are_none(table: tuple[tuple[int, ...], ...], answers: tuple[int, ...], said: str) -> None:
    with pytest.raises(CourseError, match=said):
        Automaton(table, answers)


def test_strings_and_alphabets_that_do_not_fit() -> None:
    with pytest.raises(CourseError, match="0 to 1"):
        PARITY.answers_to([0, 2])
    with pytest.raises(CourseError, match="one alphabet"):
        PARITY.counterexample(Automaton(((0, 0, 0),), (0,)))
