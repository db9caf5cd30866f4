"""Continual embedded Reber grammar: what may come next, in a stream of strings without marked ends?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from course_utils.checks import check_whole
from course_utils.errors import CourseError
from course_utils.experiments.tasks.task import Batch, Task, one_hot

SYMBOLS = "BTPSXVE"
# The Reber grammar: from each node two ways, equally likely, each with the symbol it says and the node it leads to.
INNER = {
    1: (("T", 2), ("P", 3)),
    2: (("S", 2), ("X", 4)),
    3: (("T", 3), ("V", 5)),
    4: (("X", 3), ("S", 6)),
    5: (("P", 4), ("V", 6)),
}
INNER_AFTER = {node: "".join(symbol for symbol, _ in ways) for node, ways in INNER.items()} | {6: "E"}
# The embedded grammar as an automaton that reads: state → symbol → state. Its states remember the outer T or P. Where
# two symbols may come next, they are equally likely.
AUTOMATON = {"start": {"B": "outer"}, "outer": {"T": "T0", "P": "P0"}, "last": {"E": "start"}}
for _outer in "TP":
    AUTOMATON |= {
        f"{_outer}0": {"B": f"{_outer}1"},
        f"{_outer}1": {"T": f"{_outer}2", "P": f"{_outer}3"},
        f"{_outer}2": {"S": f"{_outer}2", "X": f"{_outer}4"},
        f"{_outer}3": {"T": f"{_outer}3", "V": f"{_outer}5"},
        f"{_outer}4": {"X": f"{_outer}3", "S": f"{_outer}6"},
        f"{_outer}5": {"P": f"{_outer}4", "V": f"{_outer}6"},
        f"{_outer}6": {"E": f"{_outer}7"},
        f"{_outer}7": {_outer: "last"},  # only the memory of the outer symbol tells this one
    }
STATES = tuple(AUTOMATON)
AFTER = ("B", "T", "P", "E", "TP", "SX", "TV", "XS", "PV")  # all sets of symbols that may come next


@dataclass(frozen=True)
class Reber(Task):
    """At every step say which symbols may come next.

    x: (B, T, 7) one-hot of `SYMBOLS`, a stream of embedded Reber strings one after another: B T … T E B P … P E …,
    cut off after T steps. Each stream begins with a string. y: (B, T, 7) float, 1 for each symbol that may come next:
    one or two of the seven. All steps count.

    The answer is a set, so the loss is the binary cross-entropy of each symbol, and a step is right if exactly those
    outputs are greater than 0 (a probability above ½) whose symbols may come next.

    Source: Gers, Schmidhuber & Cummins 2000. There a stream is judged until its first error; here every step counts.

    Attributes:
        seq_len: steps of a stream, T.

    Raises:
        CourseError: no step.
    """

    name: ClassVar[str] = "reber"
    seq_len: int

    def __post_init__(self) -> None:
        check_whole("seq_len", self.seq_len, 1)

    @property
    def input_size(self) -> int:
        """7: one input a symbol."""
        return len(SYMBOLS)

    @property
    def output_size(self) -> int:
        """7: may this symbol come next?"""
        return len(SYMBOLS)

    @property
    def chance(self) -> float:
        """The best score from the current symbol alone, over T steps of streams: 13/24 in the long run.

        A string has 12 symbols on average. Whoever sees two symbols reaches 7/8, three 23/24: all but half of the
        second T and P. See `best_score`.
        """
        return best_score(1, self.seq_len)

    @property
    def chance_loss(self) -> float:
        """The least loss from the current symbol alone, over T steps of streams: 0.3151 in the long run.

        See `least_loss`.
        """
        return least_loss(1, self.seq_len)

    @property
    def chance_long(self) -> float:
        """`long_distance` without memory: ½. Both letters are equally likely, and nothing between tells which came."""
        return 1 / 2

    def loss(self, outputs: Tensor, batch: Batch) -> Tensor:
        """What to train: the mean binary cross-entropy of the seven symbols, in nats.

        Args:
            outputs: (B, T, 7) logits.
            batch: the batch they answer.

        Returns:
            A scalar tensor.

        Raises:
            CourseError: outputs of another shape.
        """
        return nn.functional.binary_cross_entropy_with_logits(*self.counted(outputs, batch))

    def score(self, outputs: Tensor, batch: Batch) -> float:
        """The share of steps whose set is right: outputs > 0 just for the symbols that may come next.

        Args:
            outputs: (B, T, 7) logits.
            batch: the batch they answer.

        Returns:
            A number from 0 to 1.

        Raises:
            CourseError: outputs of another shape.
        """
        logits, y = self.counted(outputs, batch)
        return float(((logits > 0) == (y > 0)).all(-1).double().mean())

    def long_distance(self, outputs: Tensor, batch: Batch) -> float:
        """How often, where a string's second T or P is due, the right one of the two has the greater output.

        It is the one step of a string that needs long memory.

        Args:
            outputs: (B, T, 7) logits.
            batch: the batch they answer.

        Returns:
            A number from 0 to 1; NaN if no stream of the batch came so far.

        Raises:
            CourseError: outputs of another shape.
        """
        states = read(batch.x)
        due = (states == STATES.index("T7")) | (states == STATES.index("P7"))
        logits, y = self.counted(outputs, batch._replace(mask=due))
        T, P = SYMBOLS.index("T"), SYMBOLS.index("P")
        return float(((logits[:, T] > logits[:, P]) == (y[:, T] > 0)).double().mean())

    def _draw(self, batch_size: int, generator: torch.Generator) -> Batch:
        coins = torch.randint(2, (batch_size, self.seq_len), generator=generator).tolist()
        streams = [list(islice(_stream(iter(row)), self.seq_len)) for row in coins]
        symbols = torch.tensor([[SYMBOLS.index(symbol) for symbol, _ in stream] for stream in streams])
        sets = torch.tensor([[AFTER.index(after) for _, after in stream] for stream in streams])
        in_set = torch.tensor([[float(s in after) for s in SYMBOLS] for after in AFTER])
        return Batch(one_hot(symbols, len(SYMBOLS)), in_set[sets], torch.ones(symbols.shape, dtype=torch.bool))

    def answer(self, x: Tensor) -> Tensor:
        """(B, T, 7) → (B, T, 7): what the automaton lets through after each symbol.

        Raises:
            CourseError: a stream that the grammar does not allow.
        """
        allowed = torch.tensor([[float(s in AUTOMATON[state]) for s in SYMBOLS] for state in STATES], device=x.device)
        return allowed[read(x)]


def _stream(coins: Iterator[int]) -> Iterator[tuple[str, str]]:
    """Embedded strings without end: each symbol with those that may follow it. It takes at most a coin a symbol."""
    while True:
        outer = "TP"[next(coins)]
        yield from (("B", "TP"), (outer, "B"), ("B", "TP"))
        node = 1
        while node in INNER:
            symbol, node = INNER[node][next(coins)]
            yield symbol, INNER_AFTER[node]
        yield from (("E", outer), (outer, "E"), ("E", "B"))


def read(x: Tensor) -> Tensor:
    """The state of the automaton after each symbol.

    Args:
        x: (B, T, 7) one-hot of `SYMBOLS`, each stream from the beginning of a string.

    Returns:
        (B, T) places in `STATES`.

    Raises:
        CourseError: a symbol that the grammar does not allow there.
    """
    table = torch.tensor([[STATES.index(ways[s]) if s in ways else -1 for s in SYMBOLS] for ways in AUTOMATON.values()])
    symbols = x.argmax(-1).cpu()
    state = torch.full(symbols.shape[:1], STATES.index("start"))
    states = []
    for t in range(symbols.shape[1]):
        before, state = state, table[state, symbols[:, t]]
        if bool((state < 0).any()):
            b = int((state < 0).nonzero()[0])
            legal = " or ".join(AUTOMATON[STATES[int(before[b])]])
            raise CourseError(
                f"Stream {b} is no stream of embedded Reber strings: {SYMBOLS[int(symbols[b, t])]} stands at step {t}, "
                f"where the grammar wants {legal}. Take streams from Reber.sample, from their first step."
            )
        states.append(state)
    return torch.stack(states, dim=1).to(x.device)


# ---------------------------------------------------------------------------------------------------------------------
# What a finite window can reach, computed over the grammar


def best_score(window: int, steps: int | None = None) -> float:
    """The best score of a rule that sees only the last symbols: for each row of them it says the likeliest set.

    No simulation: the chances of all situations (the last symbols, and the automaton's state) are computed step by
    step, and for each row of symbols that of its likeliest set is added up.

    Args:
        window: how many symbols the rule sees, the current one included.
        steps: length of the streams, T: the mean over their steps. Default: streams without end, whose situations have
            their stationary chances.

    Returns:
        The share of right sets.

    Raises:
        CourseError: a window or a number of steps below 1.
    """
    shares: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for (seen, state), share in _shares(window, steps).items():
        shares[seen]["".join(AUTOMATON[state])] += share
    return sum(max(of_set.values()) for of_set in shares.values())


def least_loss(window: int, steps: int | None = None) -> float:
    """The least loss of a rule that sees only the last symbols: it gives each symbol its true probability.

    Args:
        window: how many symbols the rule sees, the current one included.
        steps: length of the streams, as in `best_score`.

    Returns:
        The mean binary cross-entropy in nats: the entropy of "may it come next?", averaged over steps and symbols.

    Raises:
        CourseError: as in `best_score`.
    """
    shares: dict[str, npt.NDArray[np.float64]] = defaultdict(lambda: np.zeros((2, len(SYMBOLS))))
    for (seen, state), share in _shares(window, steps).items():
        for k, symbol in enumerate(SYMBOLS):
            shares[seen][int(symbol in AUTOMATON[state]), k] += share
    nats = 0.0
    for may in shares.values():
        p = may / max(may[:, 0].sum(), 1e-300)  # (2, 7): not, and yes
        nats -= float((may * np.log(np.where(p > 0, p, 1))).sum())
    return nats / len(SYMBOLS)


def _shares(window: int, steps: int | None) -> dict[tuple[str, str], float]:
    """How often each situation (last symbols, state after them) occurs; before the first symbol stand dots."""
    check_whole("window", window, 1)
    first = ("." * window, "start")
    situations, follow = [first], []
    for seen, state in situations:  # grows while it is read, until no new situation comes
        nexts = [(seen[1:] + symbol, after) for symbol, after in AUTOMATON[state].items()]
        follow.append(nexts)
        situations += [situation for situation in nexts if situation not in situations]
    step = np.zeros((len(situations), len(situations)))
    for k, nexts in enumerate(follow):
        for situation in nexts:
            step[k, situations.index(situation)] = 1 / len(nexts)
    return dict(zip(situations, (_stationary(step) if steps is None else _mean(step, steps)).tolist(), strict=True))


def _mean(step: npt.NDArray[np.float64], steps: int) -> npt.NDArray[np.float64]:
    """Chances of the situations after 1, 2 … `steps` steps from the first one, averaged."""
    check_whole("steps", steps, 1)
    now, total = np.eye(len(step))[0], np.zeros(len(step))
    for _ in range(steps):
        now = now @ step
        total += now
    return total / steps


def _stationary(step: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The chances p that stay as they are, p @ step = p, and sum to 1."""
    n = len(step)
    equations = np.vstack([step.T - np.eye(n), np.ones(n)])
    shares: npt.NDArray[np.float64] = np.linalg.lstsq(equations, np.append(np.zeros(n), 1.0), rcond=None)[0]
    return shares.clip(min=0)
