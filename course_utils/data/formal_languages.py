"""Strings of formal languages with the right answer after every symbol: tasks of computing, not only of remembering.

Four can be answered by a finite automaton, however long the string is: parity, sums modulo 5, permutations of three
that are carried out one after the other (the group S₃), and the last letter seen. Four need a counter or a stack, whose
size grows with the string: aⁿbⁿ, aⁿbⁿcⁿ, and brackets of one kind and of two (Dyck-1, Dyck-2).

Not all answers are hard: in brackets, most of the time something is open. So each language says which steps are
**decisive**, chosen so that what a rule without memory scores on them can be derived.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import TYPE_CHECKING

from course_utils.checks import check_name, check_whole
from course_utils.data.automata import Automaton
from course_utils.errors import CourseError

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

    Numbers = np.ndarray

LAST = 10  # steps at the end of a string that count where every step is as hard as the others
MODULUS = 5
ORDERS = tuple(permutations(range(3)))  # of three things; the first leaves all in place
FEWEST = 3  # a's of aⁿbⁿcⁿ, so that no two of its decisive steps fall together
ONWARD = 0.75  # how probable it is that brackets go on opening until the string's depth, and then closing until 0
NOT_YET, NOW, NEVER = range(3)  # answers of aⁿbⁿ and aⁿbⁿcⁿ


@dataclass(frozen=True)
class Language:
    """One of the tasks.

    Attributes:
        name: such as "parity".
        symbols: what stands in strings, one name for each.
        answers: what can be answered, one name for each.
        chance: on decisive steps, the share of right answers of the best rule that always answers the same.
        shortest: steps that a string must have.
        automaton: that gives all answers; None where no finite one does.
        answer: (N, T) symbols → (N, T) right answers; read off the symbols alone.
        decisive: (N, T) symbols → (N, T) bool, the steps that count.
        draw: (N, T, deep, generator) → (N, T) symbols.
    """

    name: str
    symbols: tuple[str, ...]
    answers: tuple[str, ...]
    chance: float
    shortest: int
    automaton: Automaton | None
    answer: Callable[[Numbers], Numbers]
    decisive: Callable[[Numbers], Numbers]
    draw: Callable[[int, int, bool, np.random.Generator], Numbers]

    def encode(self, text: str) -> Tensor:
        """(1, T) numbers of a string's symbols.

        Args:
            text: such as "aabb"; of permutations, their names with blanks between them.

        Raises:
            CourseError: a symbol that the language does not have, or none at all.
        """
        import torch

        found = text.split() if len(self.symbols[0]) > 1 else list(text)
        for symbol in found:
            check_name(f"symbol of {self.name}", symbol, self.symbols)
        if not found:
            raise CourseError(f"The string is empty. Give symbols of {self.name}: {', '.join(self.symbols)}.")
        return torch.tensor([[self.symbols.index(symbol) for symbol in found]])


@dataclass(frozen=True)
class Strings:
    """N strings of T symbols.

    Attributes:
        language: which.
        symbols: (N, T) numbers of its symbols.
        answers: (N, T) numbers of the right answers, after each symbol.
        decisive: (N, T) bool, the steps that count when answers are judged.
    """

    language: Language
    symbols: Tensor
    answers: Tensor
    decisive: Tensor

    def __len__(self) -> int:
        return len(self.symbols)

    @property
    def inputs(self) -> Tensor:
        """(N, T, A): one input for each symbol."""
        import torch

        return torch.nn.functional.one_hot(self.symbols, len(self.language.symbols)).float()


def strings(
    language: str, count: int, length: int, seed: int | np.random.Generator = 0, *, deep: bool = False
) -> Strings:
    """Draw strings of one length with their answers.

    Args:
        language: one of `LANGUAGES`.
        count: N.
        length: T.
        seed: of the draw, or a numpy generator that goes on.
        deep: of counting and brackets: count as far, or open as many, as nearly half of what the length allows, where
            else it is any number from the smallest on. Others are drawn alike.

    Raises:
        CourseError: no such language, count, length or seed.
    """
    import numpy as np

    check_name("language", language, LANGUAGES)
    kind = LANGUAGES[language]
    check_whole("count", count, 1)
    check_whole("length", length, kind.shortest, unit=f"symbols of {language}")
    generator = seed if isinstance(seed, np.random.Generator) else np.random.default_rng(check_whole("seed", seed, 0))
    return answered(kind, kind.draw(count, length, deep, generator))


def answered(language: Language, symbols: Numbers | Tensor) -> Strings:
    """Strings of your own with their answers.

    Args:
        language: of `LANGUAGES`.
        symbols: (N, T) numbers of its symbols.
    """
    import numpy as np
    import torch

    rows = np.asarray(symbols)
    found = (rows, language.answer(rows), language.decisive(rows))
    return Strings(language, *(torch.from_numpy(np.array(part)) for part in found))


# ---------------------------------------------------------------------------------------------------------------------
# Answers of an automaton


def _by_table(automaton: Automaton) -> Callable[[Numbers], Numbers]:
    def answer(symbols: Numbers) -> Numbers:
        import numpy as np

        table, answers = np.array(automaton.table), np.array(automaton.answers)
        found, state = np.empty_like(symbols), np.zeros(len(symbols), dtype=np.int64)
        for t in range(symbols.shape[1]):
            state = table[state, symbols[:, t]]
            found[:, t] = answers[state]
        return found

    return answer


def _at_the_end(symbols: Numbers) -> Numbers:
    import numpy as np

    return np.broadcast_to(np.arange(symbols.shape[1]) >= symbols.shape[1] - LAST, symbols.shape)


def _uniform(size: int) -> Callable[[int, int, bool, np.random.Generator], Numbers]:
    return lambda count, length, deep, generator: generator.integers(0, size, (count, length))


def _group(name: str, symbols: tuple[str, ...], answers: tuple[str, ...], table: list[tuple[int, ...]]) -> Language:
    """Symbols that are all equally probable lead to states that are all equally probable, from the first step on."""
    states = len(table)
    automaton = Automaton(tuple(table), tuple(range(states)))
    draw = _uniform(len(symbols))
    return Language(name, symbols, answers, 1 / states, 1, automaton, _by_table(automaton), _at_the_end, draw)


def composed(first: Sequence[int], then: Sequence[int]) -> list[int]:
    """Two rearrangements, one after the other, as one.

    Args:
        first: for each place, the place to which what stands there is moved.
        then: the same, of the rearrangement that follows.

    Returns:
        For each place, where what stands there is in the end.
    """
    return [then[place] for place in first]


def _names(orders: tuple[tuple[int, ...], ...]) -> tuple[str, ...]:
    return tuple("".join(str(place + 1) for place in order) for order in orders)


SILENCE, NOTHING = 2, 2  # "." among the symbols a, b; no letter yet


def _draw_letters(count: int, length: int, deep: bool, generator: np.random.Generator) -> Numbers:
    """Letters with silences between them; how probable silence is, differs from string to string. A letter begins."""
    silent = generator.random((count, length)) < generator.uniform(0.5, 1.0, (count, 1))
    silent[:, 0] = False
    letters: Numbers = generator.integers(0, 2, (count, length))
    letters[silent] = SILENCE
    return letters


LAST_LETTER = Automaton(((1, 2, 0), (1, 2, 1), (1, 2, 2)), (NOTHING, 0, 1))


# ---------------------------------------------------------------------------------------------------------------------
# Counting


def _draw_two(count: int, length: int, deep: bool, generator: np.random.Generator) -> Numbers:
    """aⁿ and then b to the end, at least one more than n."""
    import numpy as np

    most = (length - 1) // 2
    n = generator.integers(max(1, (most + 1) // 2) if deep else 1, most + 1, (count, 1))
    return (np.arange(length) >= n).astype(np.int64)


def _draw_three(count: int, length: int, deep: bool, generator: np.random.Generator) -> Numbers:
    """aⁿ, then n b's with every second string, one too few or one too many with the others, then c to the end."""
    import numpy as np

    most = (length - 1) // 3
    n = generator.integers(max(FEWEST, (most + 1) // 2) if deep else FEWEST, most + 1, (count, 1))
    wrong = generator.choice([-1, 1], (count, 1)) * (generator.random((count, 1)) < 0.5)
    places = np.arange(length)
    symbols: Numbers = (places >= n).astype(np.int64) + (places >= 2 * n + wrong)
    return symbols


def _answer_counts(symbols: Numbers, letters: int) -> Numbers:
    """`NOW` where the string so far is aⁿbⁿ…, `NOT_YET` where it can become that, `NEVER` where it cannot any more."""
    import numpy as np

    counts = [(symbols == letter).cumsum(1) for letter in range(letters)]
    ordered = np.minimum.accumulate(np.diff(symbols, axis=1, prepend=0) >= 0, axis=1)
    whole = np.ones_like(ordered)  # every letter but the present one and those to come is there as often as a
    for letter in range(1, letters):
        whole &= (counts[letter] <= counts[0]) & ((symbols <= letter) | (counts[letter] == counts[0]))
    now = np.logical_and.reduce([counts[0] == counts[letter] for letter in range(1, letters)])
    return np.where(~np.minimum.accumulate(ordered & whole, axis=1), NEVER, np.where(now, NOW, NOT_YET))


def _decisive_two(symbols: Numbers) -> Numbers:
    """One step before the b's are as many as the a's, that step, and the one after it."""
    import numpy as np

    n = (symbols == 0).sum(1, keepdims=True)
    found: Numbers = np.abs(np.arange(symbols.shape[1]) - (2 * n - 1)) <= 1
    return found


def _decisive_three(symbols: Numbers) -> Numbers:
    """The first step at which the b's are seen to be right or wrong; and where they are right, the same as of aⁿbⁿ."""
    import numpy as np

    places = np.arange(symbols.shape[1])
    n, b = ((symbols == letter).sum(1, keepdims=True) for letter in range(2))
    seen = np.where(b > n, 2 * n, n + b)  # the b too many, else the first c
    found: Numbers = (places == seen) | ((b == n) & (np.abs(places - (3 * n - 1)) <= 1))
    return found


# ---------------------------------------------------------------------------------------------------------------------
# Brackets


def _draw_brackets(kinds: int) -> Callable[[int, int, bool, np.random.Generator], Numbers]:
    def draw(count: int, length: int, deep: bool, generator: np.random.Generator) -> Numbers:
        """A walk up to a depth that differs from string to string, down to 0, up again; with steps back now and then.

        Symbols: opening brackets of each kind, then closing ones.
        """
        import numpy as np

        most = max(2, length // 5 if deep else length // 4)
        depths = generator.integers(most // 2 + 1 if deep else 2, most + 1, count)
        onward, of_kind = generator.random((length, count)) < ONWARD, generator.integers(0, kinds, (length, count))
        rows, depth, rising = np.arange(count), np.zeros(count, dtype=np.int64), np.ones(count, dtype=bool)
        open_ones, symbols = np.zeros((count, most + 1), dtype=np.int64), np.empty((count, length), dtype=np.int64)
        for t in range(length):
            rising = np.where(depth == 0, True, np.where(depth >= depths, False, rising))
            opens = (depth == 0) | ((depth < depths) & (rising == onward[t]))
            depth = np.where(opens, depth, depth - 1)  # the place of the bracket that is opened or closed
            open_ones[rows[opens], depth[opens]] = of_kind[t, opens]
            symbols[:, t] = np.where(opens, 0, kinds) + open_ones[rows, depth]
            depth = depth + opens
        return symbols

    return draw


def depths(symbols: Numbers, kinds: int) -> Numbers:
    """(N, T) how many brackets are open after each step.

    Args:
        symbols: (N, T), opening brackets of each kind first.
        kinds: of brackets.
    """
    import numpy as np

    return np.where(symbols < kinds, 1, -1).cumsum(1)


CLOSED, OPEN = 0, 1


def _answer_open(symbols: Numbers) -> Numbers:
    """Is a bracket open?"""
    import numpy as np

    return np.where(depths(symbols, 1) > 0, OPEN, CLOSED)


def _decisive_open(symbols: Numbers) -> Numbers:
    """Where two brackets in a row close the last two that are open: before both of them, and after both.

    Both steps are odd, or both even, so that the number of the step says nothing.
    """
    import numpy as np

    depth = depths(symbols, 1)
    after = np.zeros(symbols.shape, dtype=bool)
    after[:, 2:] = (depth[:, 2:] == 0) & (depth[:, :-2] == 2)
    before = np.zeros_like(after)
    before[:, :-2] = after[:, 2:]
    return after | before


def _answer_stack(symbols: Numbers) -> Numbers:
    """Which bracket must close next: 0 "none is open", else its kind from 1."""
    import numpy as np

    N, T = symbols.shape
    rows, depth, found = np.arange(N), np.zeros(N, dtype=np.int64), np.zeros((N, T), dtype=np.int64)
    stack = np.zeros((N, T + 2), dtype=np.int64)  # at 0: nothing
    for t in range(T):
        opens = symbols[:, t] < 2
        depth = np.maximum(depth + np.where(opens, 1, -1), 0)
        stack[rows[opens], depth[opens]] = symbols[opens, t] + 1
        found[:, t] = stack[rows, depth]
    return found


def _decisive_stack(symbols: Numbers) -> Numbers:
    """After a bracket has closed, while others are open."""
    found: Numbers = (symbols >= 2) & (depths(symbols, 2) > 0)
    return found


# ---------------------------------------------------------------------------------------------------------------------
# All of them

COUNTED = ("not yet", "now", "never")
_DIGITS = tuple(str(number) for number in range(MODULUS))

LANGUAGES: dict[str, Language] = {
    language.name: language
    for language in (
        _group("parity", ("0", "1"), ("even", "odd"), [(0, 1), (1, 0)]),
        _group("modular sums", _DIGITS, _DIGITS, [tuple((s + x) % MODULUS for x in range(MODULUS)) for s in range(5)]),
        _group(
            "permutations of three",
            _names(ORDERS),
            _names(ORDERS),
            [tuple(ORDERS.index(tuple(composed(first, then))) for then in ORDERS) for first in ORDERS],
        ),
        Language("aⁿbⁿ", ("a", "b"), COUNTED, 1 / 3, 3, None, lambda s: _answer_counts(s, 2), _decisive_two, _draw_two),
        Language(
            "aⁿbⁿcⁿ",
            ("a", "b", "c"),
            COUNTED,
            2 / 5,  # of two strings, 2 "not yet", 1 "now" and 2 "never"
            3 * FEWEST + 1,
            None,
            lambda symbols: _answer_counts(symbols, 3),
            _decisive_three,
            _draw_three,
        ),
        Language(
            "Dyck-1", ("(", ")"), ("closed", "open"), 1 / 2, 4, None, _answer_open, _decisive_open, _draw_brackets(1)
        ),
        Language(
            "Dyck-2",
            ("(", "[", ")", "]"),
            ("none", ")", "]"),
            1 / 2,
            3,
            None,
            _answer_stack,
            _decisive_stack,
            _draw_brackets(2),
        ),
        Language(
            "last letter",
            ("a", "b", "."),
            ("a", "b", "nothing yet"),
            1 / 2,
            1,
            LAST_LETTER,
            _by_table(LAST_LETTER),
            lambda symbols: symbols == SILENCE,
            _draw_letters,
        ),
    )
}
