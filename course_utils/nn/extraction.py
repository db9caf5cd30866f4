"""From a trained recurrent network to the finite automaton that it is, once its state is rounded.

In float32 every network has finitely many states; only they are too many to list. With its state rounded more coarsely
after each step, to multiples of 1/4 say, and cut off at a limit, a small network reaches so few that every one can be
visited: then it **is** a finite automaton, and whether it answers right to every string, however long, can be decided
by comparing two automata (`Automaton.counterexample`). What is proved is proved of the network with rounded states; how
often the network without rounding answers otherwise, is measured.

Sources: Omlin & Giles 1996, doi:10.1016/0893-6080(95)00086-0, who divide the state space into cells; Weiss, Goldberg &
Yahav 2018 (arXiv 1711.09576), who ask the network in place of that.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from course_utils.checks import check_positive, check_whole
from course_utils.data.automata import Automaton
from course_utils.errors import CourseError
from course_utils.nn.cells import gru_step, lstm_step


class Stepper:
    """A recurrent network one symbol at a time, in float64: its state is one row of numbers, of an LSTM h and then c.

    Attributes:
        symbols: A, how many it reads.
        size: D, numbers of the state.
        grain: states are rounded to multiples of it after each step; None: they are not.
        limit: beyond which no number of a rounded state goes; cells of an LSTM and ReLU units would without it.

    Args:
        model: has a `core`, one layer of torch's, and a `readout` of what that puts out.
        grain: as above.
        limit: as above.

    Raises:
        CourseError: a core of another kind, a grain or limit that is not positive.
    """

    def __init__(self, model: nn.Module, grain: float | None = None, limit: float = 4.0) -> None:
        core, readout = getattr(model, "core", None), getattr(model, "readout", None)
        if not isinstance(core, nn.RNN | nn.GRU | nn.LSTM) or core.num_layers != 1 or core.bidirectional:
            raise CourseError(
                f"States are followed in one layer of torch's RNN, GRU or LSTM; the core is {core!r:.60}. Give a "
                "network with such a `core`, as SequenceModel and TrackingNet have it."
            )
        if not isinstance(readout, nn.Module):
            raise CourseError(f"The network needs a `readout`, a layer that answers; it has {readout!r:.60}.")
        self.grain = None if grain is None else check_positive("grain", grain)
        self.limit = check_positive("limit", limit)
        self.core, self.symbols, self.hidden_size = core, core.input_size, core.hidden_size
        self.size = self.hidden_size * (2 if isinstance(core, nn.LSTM) else 1)
        self._weights = tuple(weight.detach().double() for weight in core.parameters())
        self._readout = readout

    @property
    def beginning(self) -> Tensor:
        """(1, D) zeros."""
        return torch.zeros(1, self.size, dtype=torch.float64)

    def step(self, states: Tensor, symbols: Tensor) -> Tensor:
        """One symbol later.

        Args:
            states: (N, D).
            symbols: (N,).

        Returns:
            (N, D).
        """
        x = nn.functional.one_hot(symbols, self.symbols).double()
        h, c = states[:, : self.hidden_size], states[:, self.hidden_size :]
        if isinstance(self.core, nn.LSTM):
            new = torch.cat(lstm_step(x, h, c, *self._weights), dim=1)
        elif isinstance(self.core, nn.GRU):
            new = gru_step(x, h, *self._weights)
        else:
            W_ih, W_hh, b_ih, b_hh = self._weights
            a = x @ W_ih.T + b_ih + h @ W_hh.T + b_hh
            new = a.tanh() if self.core.nonlinearity == "tanh" else a.relu()
        if self.grain is None:
            return new
        return (new.clamp(-self.limit, self.limit) / self.grain).round() * self.grain

    @torch.no_grad()
    def answers(self, states: Tensor) -> Tensor:
        """(N, D) → (N,), the answers with the largest logits."""
        found: Tensor = self._readout(states[:, : self.hidden_size].float()).argmax(-1)
        return found

    def answers_along(self, symbols: Tensor) -> Tensor:
        """(N, T) symbols → (N, T) answers, from a state of zeros."""
        states, found = self.beginning.expand(len(symbols), -1), []
        for t in range(symbols.shape[1]):
            states = self.step(states, symbols[:, t])
            found.append(self.answers(states))
        return torch.stack(found, dim=1)


@dataclass(frozen=True)
class Extracted:
    """The automaton that a network is.

    Attributes:
        automaton: its states are all that a string leads to, in the order of the shortest string that does.
        states: (S, D) the network's state in each of them.
    """

    automaton: Automaton
    states: Tensor


def extract(model: nn.Module, grain: float = 1 / 4, limit: float = 4.0, most_states: int = 20_000) -> Extracted:
    """Visit every state that a network with rounded states reaches, the states of short strings first.

    Args:
        model: as in `Stepper`.
        grain: as in `Stepper`.
        limit: as in `Stepper`.
        most_states: where there are more, it ends.

    Returns:
        The automaton. It answers to every string as the network with rounded states does.

    Raises:
        CourseError: more states than that.
    """
    stepper = Stepper(model, grain, limit)
    check_whole("most_states", most_states, 1)
    A = stepper.symbols
    numbers = {_key(stepper.beginning[0], grain): 0}
    states, table = [stepper.beginning], []
    frontier = stepper.beginning
    while len(frontier):
        into = stepper.step(frontier.repeat_interleave(A, 0), torch.arange(A).repeat(len(frontier)))
        rows, new = [], []
        for place, state in enumerate(into):
            key = _key(state, grain)
            if key not in numbers:
                numbers[key] = len(numbers)
                new.append(place)
            rows.append(numbers[key])
        table += [tuple(rows[at : at + A]) for at in range(0, len(rows), A)]
        if len(numbers) > most_states:
            raise CourseError(
                f"With its state rounded to multiples of {grain:g} the network reaches more than {most_states:,} "
                "states. Give a coarser grain, a smaller limit, a network with fewer units, or allow more states."
            )
        frontier = into[new]
        states.append(frontier)
    visited = torch.cat(states)
    return Extracted(Automaton(tuple(table), tuple(stepper.answers(visited).tolist())), visited)


def _key(state: Tensor, grain: float) -> bytes:
    found: bytes = (state / grain).round().to(torch.int64).numpy().tobytes()
    return found


@torch.no_grad()
def shortest_mistake(
    model: nn.Module, automaton: Automaton, *, longest: int = 100, apart: float = 1e-3, most_states: int = 50_000
) -> tuple[int, ...] | None:
    """The shortest string found to which a network, its state not rounded, gives another answer than an automaton.

    All strings are followed, the short ones first; a string is followed no further where a shorter one has led to the
    same state of the automaton and to nearly the same state of the network. So what is returned is a mistake that the
    network really makes; where nothing is, a longer mistake may exist, or one of a state in between.

    Args:
        model: as in `Stepper`.
        automaton: that answers right.
        longest: symbols of the longest strings.
        apart: states of the network in the same cell of a grid as wide as this count as one.
        most_states: after which it ends.

    Returns:
        The symbols; None where no mistake was found.

    Raises:
        CourseError: the two do not read the same symbols.
    """
    stepper, A = Stepper(model), automaton.symbols
    if stepper.symbols != A:
        raise CourseError(
            f"The network reads {stepper.symbols} symbols and the automaton {A}. Give two of one alphabet."
        )
    table, right = torch.tensor(automaton.table), torch.tensor(automaton.answers)
    states, places = stepper.beginning, torch.zeros(1, dtype=torch.int64)
    strings: list[tuple[int, ...]] = [()]
    seen = {(0, _key(states[0], apart))}
    for _ in range(longest):
        symbols = torch.arange(A).repeat(len(states))
        states = stepper.step(states.repeat_interleave(A, 0), symbols)
        places = table[places.repeat_interleave(A), symbols]
        strings = [(*string, symbol) for string in strings for symbol in range(A)]
        wrong = stepper.answers(states) != right[places]
        if wrong.any():
            return strings[int(wrong.int().argmax())]
        new = []
        for row, (state, place) in enumerate(zip(states, places.tolist(), strict=True)):
            if (key := (place, _key(state, apart))) not in seen:
                seen.add(key)
                new.append(row)
        states, places, strings = states[new], places[new], [strings[row] for row in new]
        if not new or len(seen) > most_states:
            return None
    return None
