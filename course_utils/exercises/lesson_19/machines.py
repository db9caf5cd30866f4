"""Lesson 19: following an automaton, composing rearrangements, and where two automata differ."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import product

import torch

from course_utils.data import automata, formal_languages
from course_utils.exercises.engine.exercise import FunctionExercise, Mistake

Table = Sequence[Sequence[int]]


def _numbers(generator: torch.Generator, below: int, count: int) -> list[int]:
    found: list[int] = torch.randint(below, (count,), generator=generator).tolist()
    return found


def _table(generator: torch.Generator, states: int, symbols: int) -> list[list[int]]:
    return [_numbers(generator, states, symbols) for _ in range(states)]


def tables_and_strings(generator: torch.Generator) -> list[tuple[list[list[int]], list[int]]]:
    """Machines of several sizes, as many states as symbols among them; and strings, one of them empty."""
    found = []
    for states, symbols, length in ((2, 2, 5), (3, 3, 8), (4, 2, 12), (2, 3, 1), (5, 4, 30), (3, 2, 0)):
        found.append((_table(generator, states, symbols), _numbers(generator, symbols, length)))
    return found


def _before(table: Table, string: Sequence[int]) -> list[int]:
    """The state before each symbol."""
    return [0, *automata.states_along(table, string)][: len(string)]


def _exchanged(table: Table, string: Sequence[int]) -> list[int]:
    state, states = 0, []
    for symbol in string:
        state = table[symbol][state]
        states.append(state)
    return states


def _from_the_first(table: Table, string: Sequence[int]) -> list[int]:
    return [table[0][symbol] for symbol in string]


def _begun_in_one(table: Table, string: Sequence[int]) -> list[int]:
    state, states = 1, []
    for symbol in string:
        state = table[state][symbol]
        states.append(state)
    return states


def _by_recursion(table: Table, string: Sequence[int]) -> list[int]:
    if not string:
        return []
    before = _by_recursion(table, string[:-1])
    return [*before, table[before[-1] if before else 0][string[-1]]]


states_along = FunctionExercise(
    lesson="19",
    reference=automata.states_along,
    cases=tables_and_strings,
    result="a list with the state after each symbol",
    variants=(_by_recursion,),
    mistakes=(
        Mistake(_before, "That is the state *before* each symbol. Move first, then note where you are."),
        Mistake(
            lambda table, string: [0, *automata.states_along(table, string)],
            "There is one state too many: the beginning stands before the first symbol, and only the states after a "
            "symbol are wanted.",
        ),
        Mistake(
            lambda table, string: automata.states_along(table, string)[-1],
            "Only the last state comes back. Return a list with the state after each symbol.",
        ),
        Mistake(_exchanged, "Row and column are exchanged: the row is the state, `table[state][symbol]`."),
        Mistake(
            _from_the_first,
            "Each symbol is read from state 0 again. The state that a symbol leads to is where the next one begins.",
        ),
        Mistake(_begun_in_one, "It begins in state 1. The first state has the number 0."),
        Mistake(
            lambda table, string: automata.states_along(table, string[::-1]),
            "The string is read from its end. Read it from the left.",
        ),
    ),
    hints=(
        "A machine is in one state at a time. Which one comes next depends on where it is, and on the symbol.",
        "Begin with `state = 0`. For each symbol: `state = table[state][symbol]`.",
        "Keep a list, and append the state after each move.",
    ),
)


def orders(generator: torch.Generator) -> list[tuple[list[int], list[int]]]:
    """Pairs of rearrangements of three things, and of more."""
    sizes = (3, 3, 3, 4, 5, 6)
    return [
        (torch.randperm(n, generator=generator).tolist(), torch.randperm(n, generator=generator).tolist())
        for n in sizes
    ]


def _inverse(order: Sequence[int]) -> list[int]:
    return [list(order).index(place) for place in range(len(order))]


def _moved(first: Sequence[int], then: Sequence[int]) -> list[int]:
    """A right answer that moves the things themselves."""
    things = list(range(len(first)))
    for order in (first, then):
        moved = things.copy()
        for place, to in enumerate(order):
            moved[to] = things[place]
        things = moved
    return [things.index(place) for place in range(len(first))]


composed = FunctionExercise(
    lesson="19",
    reference=formal_languages.composed,
    cases=orders,
    result="a list: for each place, where what stands there is in the end",
    variants=(_moved,),
    mistakes=(
        Mistake(
            lambda first, then: [first[place] for place in then],
            "The two are exchanged: this does `then` first. With rearrangements the order matters: what stands at a "
            "place goes to first[place], and from there to then[first[place]].",
        ),
        Mistake(
            lambda first, then: [(a + b) % len(first) for a, b in zip(first, then, strict=True)],
            "Numbers of places are no steps that can be added: look up where `then` moves what stands at first[place].",
        ),
        Mistake(lambda first, then: list(then), "That is the second rearrangement alone. The first has come before."),
        Mistake(
            lambda first, then: _inverse(formal_languages.composed(first, then)),
            "That says which thing stands at each place in the end. For each place we want where *its* thing goes.",
        ),
        Mistake(
            lambda first, then: [then[place] for place in _inverse(first)],
            "The first is turned round: what stands at a place goes *to* first[place].",
        ),
    ),
    hints=(
        "Follow one thing: it stands at place 0. Where is it after the first, and where after the second?",
        "After the first it is at first[0], after the second at then[first[0]].",
        "`return [then[place] for place in first]`",
    ),
)

# ---------------------------------------------------------------------------------------------------------------------
# Two automata

Machines = tuple[list[list[int]], list[int], list[list[int]], list[int]]


def machines(generator: torch.Generator) -> list[Machines]:
    """Pairs that differ soon, late, or never; the last have other numbers for the same states."""
    found: list[Machines] = []
    for states, symbols in ((2, 2), (3, 2), (4, 3), (3, 2), (4, 2)):
        table, other = _table(generator, states, symbols), _table(generator, states, symbols)
        found.append((table, _numbers(generator, 2, states), other, _numbers(generator, 2, states)))
    for size in (4, 6):
        ring = [[state, (state + 1) % size] for state in range(size)]
        late = [int(state == size - 1) for state in range(size)]
        found.append((ring, late, [[0, 0]], [0]))
        found.append(([[0, 0]], [0], ring, late))
        found.append((ring, late, ring, late))
    table, answers = _table(generator, 4, 2), _numbers(generator, 3, 4)
    names = [0, *[1 + place for place in torch.randperm(3, generator=generator).tolist()]]  # the first stays the first
    renamed = [[names[to] for to in table[names.index(state)]] for state in range(4)]
    found.append((table, answers, renamed, [answers[names.index(state)] for state in range(4)]))
    found.append(([[1, 0], [1, 0]], [0, 1], [[1, 0], [1, 0]], [1, 1]))  # only in the first state do they differ
    return found


def _deep(table: Table, answers: Sequence[int], other_table: Table, other_answers: Sequence[int]) -> list[int]:
    """Depth first: some string, and not the shortest."""
    waiting: list[tuple[int, int, list[int]]] = [(0, 0, [])]
    seen = {(0, 0)}
    while waiting:
        first, second, read = waiting.pop()
        for symbol, pair in enumerate(zip(table[first], other_table[second], strict=True)):
            if answers[pair[0]] != other_answers[pair[1]]:
                return [*read, symbol]
            if pair not in seen:
                seen.add(pair)
                waiting.append((*pair, [*read, symbol]))
    return []


def _states_compared(
    table: Table, answers: Sequence[int], other_table: Table, other_answers: Sequence[int]
) -> list[int]:
    return automata.first_difference(table, range(len(table)), other_table, range(len(other_table)))


def _with_the_beginning(
    table: Table, answers: Sequence[int], other_table: Table, other_answers: Sequence[int]
) -> list[int]:
    """Compared where a pair is taken out: the pair of the beginning too, so that a difference there gives []."""
    if answers[0] != other_answers[0]:
        return []
    return automata.first_difference(table, answers, other_table, other_answers)


def _one_seen(table: Table, answers: Sequence[int], other_table: Table, other_answers: Sequence[int]) -> list[int]:
    """What was seen is a state of the first, whatever the other is in."""
    waiting: deque[tuple[int, int, list[int]]] = deque([(0, 0, [])])
    seen = {0}
    while waiting:
        first, second, read = waiting.popleft()
        for symbol, (to, other) in enumerate(zip(table[first], other_table[second], strict=True)):
            if answers[to] != other_answers[other]:
                return [*read, symbol]
            if to not in seen:
                seen.add(to)
                waiting.append((to, other, [*read, symbol]))
    return []


def _never_ending(table: Table, answers: Sequence[int], other_table: Table, other_answers: Sequence[int]) -> list[int]:
    """All strings, the short ones first: without an end where no two answers differ."""
    for length in range(1, 15):
        for string in product(range(len(table[0])), repeat=length):
            state, other = 0, 0
            for symbol in string:
                state, other = table[state][symbol], other_table[other][symbol]
            if answers[state] != other_answers[other]:
                return list(string)
    raise TimeoutError("no string of up to 14 symbols")


def _largest_first(table: Table, answers: Sequence[int], other_table: Table, other_answers: Sequence[int]) -> list[int]:
    """A shortest string too, and of several the one with the larger symbols."""
    turned = ([list(row)[::-1] for row in rows] for rows in (table, other_table))
    found = automata.first_difference(next(turned), answers, next(turned), other_answers)
    return [len(table[0]) - 1 - symbol for symbol in found]


def _level_by_level(
    table: Table, answers: Sequence[int], other_table: Table, other_answers: Sequence[int]
) -> list[int]:
    """A right answer that goes on level by level, with a dictionary of ways."""
    level: dict[tuple[int, int], list[int]] = {(0, 0): []}
    known = dict(level)
    while level:
        reached: dict[tuple[int, int], list[int]] = {}
        for (state, other), way in level.items():
            for symbol, (to, other_to) in enumerate(zip(table[state], other_table[other], strict=True)):
                if answers[to] != other_answers[other_to]:
                    return [*way, symbol]
                if (to, other_to) not in known:
                    known[to, other_to] = reached[to, other_to] = [*way, symbol]
        level = reached
    return []


first_difference = FunctionExercise(
    lesson="19",
    reference=automata.first_difference,
    cases=machines,
    result="the symbols of the shortest string, as a list; an empty one where there is none",
    variants=(_level_by_level,),
    mistakes=(
        Mistake(
            _deep,
            "A string is found, and not the shortest: the pairs that were reached last are looked at first. Take them "
            "from the other end of the list, `popleft` of a deque.",
        ),
        Mistake(
            _largest_first,
            "Of several shortest strings the one whose symbols come first is wanted: try the symbols from 0 on.",
        ),
        Mistake(
            _states_compared,
            "The *states* are compared. Their numbers are only names; compare the answers that are given in them.",
        ),
        Mistake(
            _with_the_beginning,
            "Before the first symbol nobody answers: begin to compare after one symbol, not with the empty string.",
        ),
        Mistake(
            _one_seen,
            "A state of the first machine is passed over once it was seen, whatever the other was in. What was seen is "
            "the *pair*: the same state can come with another of the other machine.",
        ),
        Mistake(
            _never_ending,
            "Where the two never differ it tries strings without an end. There are finitely many pairs of states: "
            "follow each pair once, and return [] when there is none left.",
        ),
        Mistake(
            lambda *pair: len(automata.first_difference(*pair)),
            "That is how long the string is. Return its symbols, as a list.",
        ),
        Mistake(
            lambda *pair: automata.first_difference(*pair)[-1:],
            "Only the last symbol comes back. Keep beside each pair the whole string that led to it.",
        ),
    ),
    hints=(
        "Run both machines side by side on the same symbols. What is the state of the two together?",
        "A pair of states. Visit the pairs in the order of their distance from (0, 0): a queue, and a set of pairs "
        "that were seen.",
        "From each pair try every symbol: if the two answers differ there, the string so far and this symbol is the "
        "result; else put the new pair into the queue, with its string, unless it was seen.",
    ),
)
