"""Finite automata that answer after every symbol, and the shortest string on which two of them differ.

A machine of this kind is a Moore machine (Moore 1956, doi:10.1515/9781400882618-006): a table says which state follows
which, and each state has an answer. Two machines give the same answers to every string, however long, exactly where no
pair of states that they reach together has different answers; there are finitely many pairs, so this can be decided.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from course_utils.errors import CourseError

Table: TypeAlias = Sequence[Sequence[int]]


@dataclass(frozen=True)
class Automaton:
    """S states and A symbols; it begins in state 0.

    Attributes:
        table: for each state, for each symbol, the state that follows.
        answers: for each state the answer that is given in it.

    Raises:
        CourseError: rows of different lengths, a state that does not exist, not one answer for each state.
    """

    table: tuple[tuple[int, ...], ...]
    answers: tuple[int, ...]

    def __post_init__(self) -> None:
        states = range(len(self.table))
        if len(self.answers) != len(states) or not states:
            raise CourseError(f"An automaton of {len(states)} states needs as many answers; {len(self.answers)} came.")
        if len({len(row) for row in self.table}) > 1 or any(to not in states for row in self.table for to in row):
            raise CourseError(
                f"Every row of the table must have one state for each symbol, from 0 to {len(states) - 1}; "
                f"it is {self.table!r:.80}."
            )

    @property
    def symbols(self) -> int:
        """A, how many symbols it reads."""
        return len(self.table[0])

    def states_along(self, string: Sequence[int]) -> list[int]:
        """The state after each symbol of a string.

        Args:
            string: numbers of symbols.

        Returns:
            As many states.

        Raises:
            CourseError: a symbol that the automaton does not know.
        """
        for symbol in string:
            if not 0 <= symbol < self.symbols:
                raise CourseError(f"This automaton reads the symbols 0 to {self.symbols - 1}; {symbol!r} is none.")
        return states_along(self.table, string)

    def answers_to(self, string: Sequence[int]) -> list[int]:
        """The answer after each symbol of a string.

        Args:
            string: numbers of symbols.
        """
        return [self.answers[state] for state in self.states_along(string)]

    def counterexample(self, other: Automaton) -> tuple[int, ...] | None:
        """The shortest string after which two automata answer differently; before the first symbol nobody answers.

        Args:
            other: reads the same symbols.

        Returns:
            Its symbols, of equally short ones the first in the order of the alphabet; None: there is none, the
            two answer alike to every string of whatever length.

        Raises:
            CourseError: they do not read the same number of symbols.
        """
        if other.symbols != self.symbols:
            raise CourseError(
                f"The automata read {self.symbols} and {other.symbols} symbols. Give two of one alphabet."
            )
        found = first_difference(self.table, self.answers, other.table, other.answers)
        return tuple(found) or None

    def smallest(self) -> Automaton:
        """The automaton with the fewest states that answers alike, what it answers in its first state included.

        States that cannot be reached are left out; then classes of states are divided until no symbol tells two
        members of one apart (Moore's partition refinement).

        Returns:
            An automaton whose states are in the order in which short strings reach them.
        """
        order = self._reached()
        kinds, count = {state: self.answers[state] for state in order}, 0
        while len(set(kinds.values())) > count:
            count = len(set(kinds.values()))
            marks = {state: (kinds[state], *(kinds[to] for to in self.table[state])) for state in order}
            names = {mark: number for number, mark in enumerate(dict.fromkeys(marks.values()))}
            kinds = {state: names[mark] for state, mark in marks.items()}
        first = {kind: next(state for state in order if kinds[state] == kind) for kind in sorted(set(kinds.values()))}
        table = tuple(tuple(kinds[to] for to in self.table[state]) for state in first.values())
        return Automaton(table, tuple(self.answers[state] for state in first.values()))

    def _reached(self) -> list[int]:
        """The states that a string leads to, those of short strings first."""
        order = [0]
        for state in order:
            order += [to for to in dict.fromkeys(self.table[state]) if to not in order]
        return order


def states_along(table: Table, string: Sequence[int]) -> list[int]:
    """The state of an automaton after each symbol of a string; it begins in state 0.

    Args:
        table: for each state, for each symbol, the state that follows.
        string: numbers of symbols.

    Returns:
        As many states.
    """
    state, states = 0, []
    for symbol in string:
        state = table[state][symbol]
        states.append(state)
    return states


def first_difference(
    table: Table, answers: Sequence[int], other_table: Table, other_answers: Sequence[int]
) -> list[int]:
    """The shortest string after which two automata answer differently; before the first symbol nobody answers.

    Pairs of states, one of each automaton, are visited in the order of their distance from the beginning (Hopcroft &
    Karp 1971); each is visited once, so the search ends.

    Args:
        table: of the first automaton: for each state, for each symbol, the state that follows. It begins in state 0.
        answers: of its states.
        other_table: of the other.
        other_answers: of its states.

    Returns:
        The symbols, of equally short strings the first in the order of the alphabet; none where there is no such
        string.
    """
    waiting: deque[tuple[int, int, list[int]]] = deque([(0, 0, [])])
    seen = {(0, 0)}
    while waiting:
        state, other, string = waiting.popleft()
        for symbol in range(len(table[0])):
            pair = table[state][symbol], other_table[other][symbol]
            if answers[pair[0]] != other_answers[pair[1]]:
                return [*string, symbol]
            if pair not in seen:
                seen.add(pair)
                waiting.append((*pair, [*string, symbol]))
    return []
