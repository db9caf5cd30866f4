"""Reber strings: the grammar written out, and what a step can know."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from fractions import Fraction
from itertools import islice, product

import pytest
import torch
from torch import Tensor, nn

from course_utils.errors import CourseError
from course_utils.experiments.tasks import reber
from course_utils.experiments.tasks.reber import Reber, best_score, least_loss
from course_utils.experiments.tasks.task import Batch
from tests.experiments.tasks.judging import close_to, right_outputs


def one_hot_word(word: str) -> Tensor:
    return nn.functional.one_hot(torch.tensor([[reber.SYMBOLS.index(s) for s in word]]), 7).float()


def sets(y: Tensor) -> list[str]:
    return ["".join(s for s, may in zip(reber.SYMBOLS, row, strict=True) if may) for row in y.tolist()]


def test_reber_written_out() -> None:
    word = "BTBTSSXXTVVETE" + "BPBPVPSEPE"
    expected = "TP B TP SX SX SX SX TV TV PV E T E B TP B TP TV PV SX E P E B"
    assert " ".join(sets(Reber(len(word)).answer(one_hot_word(word))[0])) == expected


@pytest.mark.parametrize(
    ("word", "says"),
    [("BTBTSXSEP", "P stands at step 8, where the grammar wants T"), ("TB", "T stands at step 0"), ("BTBS", "T or P")],
)
def test_reber_streams_that_the_grammar_forbids_are_refused(word: str, says: str) -> None:
    with pytest.raises(CourseError, match=says):
        Reber(len(word)).answer(one_hot_word(word))


def test_reber_takes_both_ways_equally_often_and_what_comes_is_what_may_come() -> None:
    batch = Reber(400).held_out(100, 0)
    came = batch.x[:, 1:][batch.y[:, :-1] > 0].reshape(-1)  # each allowed symbol: did it come?
    assert float(came.sum()) == 100 * 399
    two = batch.y[:, :-1].sum(-1) == 2
    ways: dict[str, list[float]] = defaultdict(list)
    for allowed, symbol in zip(sets(batch.y[:, :-1][two]), batch.x[:, 1:][two].argmax(-1).tolist(), strict=True):
        ways[allowed].append(float(reber.SYMBOLS[symbol] == allowed[0]))
    assert len(ways) == 4
    for came_first in ways.values():
        assert sum(came_first) / len(came_first) == close_to(1 / 2, len(came_first))


def test_reber_lines_equal_going_through_all_short_streams() -> None:
    T = 9  # 2⁹ rows of coins, equally likely, give every stream with its probability
    for window in (1, 2, 4):
        seen: dict[str, Counter[str]] = defaultdict(Counter)
        for coins in product((0, 1), repeat=T):
            word = "." * window
            for symbol, after in islice(reber._stream(iter(coins)), T):
                word += symbol
                seen[word[-window:]]["".join(sorted(after))] += 1
        best = Fraction(sum(max(of.values()) for of in seen.values()), T * 2**T)
        assert best_score(window, T) == pytest.approx(float(best), abs=1e-12)
        nats = 0.0
        for of in seen.values():
            for symbol in reber.SYMBOLS:
                yes = sum(count for allowed, count in of.items() if symbol in allowed)
                for count in (yes, sum(of.values()) - yes):
                    nats -= count * math.log(count / sum(of.values())) if count else 0.0
        assert least_loss(window, T) == pytest.approx(nats / (T * 2**T * 7), abs=1e-12)


def test_reber_lines_of_endless_streams_are_the_limit_of_long_ones() -> None:
    closed = {1: 13 / 24, 2: 7 / 8, 3: 23 / 24}
    for window, share in closed.items():
        assert best_score(window) == pytest.approx(share, abs=1e-10)
        assert best_score(window, 20_000) == pytest.approx(share, abs=1e-4)
        assert least_loss(window, 20_000) == pytest.approx(least_loss(window), abs=1e-4)
    assert least_loss(1) == pytest.approx(0.3151, abs=5e-5)
    assert closed[3] < best_score(6) < best_score(8) < 1  # short strings fit into a window


@pytest.mark.parametrize("window", [1, 2])
def test_reber_lines_are_what_the_best_table_scores_on_new_streams(window: int) -> None:
    task = Reber(100)

    def contexts(batch: Batch) -> list[str]:
        rows = ("." * window + "".join(reber.SYMBOLS[s] for s in row) for row in batch.x.argmax(-1).tolist())
        return [row[t + 1 : t + 1 + window] for row in rows for t in range(100)]

    tables: dict[str, Counter[str]] = defaultdict(Counter)
    shares: dict[str, list[Tensor]] = defaultdict(list)
    training = task.held_out(300, 0)
    for context, allowed, y in zip(
        contexts(training), sets(training.y.flatten(0, 1)), training.y.flatten(0, 1), strict=True
    ):
        tables[context][allowed] += 1
        shares[context].append(y)
    means = {context: torch.stack(ys).mean(0).clamp(1e-6, 1 - 1e-6).logit() for context, ys in shares.items()}
    batch = task.held_out(300, 1)
    said = [tables[context].most_common(1)[0][0] for context in contexts(batch)]
    logits = torch.tensor([[1.0 if s in word else -1.0 for s in reber.SYMBOLS] for word in said]).view(300, 100, 7)
    assert task.score(logits, batch) == pytest.approx(best_score(window, 100), abs=0.01)
    best = torch.stack([means[context] for context in contexts(batch)]).view(300, 100, 7)
    assert float(task.loss(best, batch)) == pytest.approx(least_loss(window, 100), rel=0.03)
    assert (task.chance, task.chance_loss) == (best_score(1, 100), least_loss(1, 100))
    assert task.long_distance(best, batch) == pytest.approx(task.chance_long, abs=0.06)


def test_reber_long_distance_asks_for_the_outer_symbol_alone() -> None:
    task = Reber(200)
    batch = task.held_out(50, 0)
    right = right_outputs(task, batch)
    assert task.long_distance(right, batch) == 1
    words = ["".join(reber.SYMBOLS[s] for s in row) for row in batch.x.argmax(-1).tolist()]
    due = torch.tensor([[w[: t + 1].count("E") % 2 == 1 and w[t] == "E" for t in range(200)] for w in words])
    assert due.any()
    only_there = torch.where(due[..., None], right, -right)
    assert task.long_distance(only_there, batch) == 1
    assert task.long_distance(only_there + 100, batch) == 1  # the greater of the two, not a threshold
    assert task.long_distance(-only_there, batch) == 0
    assert math.isnan(Reber(3).long_distance(torch.zeros(2, 3, 7), Reber(3).held_out(2, 0)))
