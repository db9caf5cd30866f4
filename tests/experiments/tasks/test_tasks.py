"""The memory tasks: samplers against checkers, and every chance line against the rule it describes."""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict
from collections.abc import Callable
from fractions import Fraction
from itertools import islice, product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from course_utils.errors import CourseError
from course_utils.experiments.tasks import reber
from course_utils.experiments.tasks.adding import Adding
from course_utils.experiments.tasks.copy import Copy
from course_utils.experiments.tasks.flagged_latch import FlaggedLatch, most_frequent_accuracy
from course_utils.experiments.tasks.reber import Reber, best_score, least_loss
from course_utils.experiments.tasks.recall import Recall
from course_utils.experiments.tasks.task import Batch, Task, _generator
from course_utils.experiments.tasks.temporal_order import SYMBOLS, TemporalOrder
from course_utils.nn.sequence_model import SequenceModel
from course_utils.training import fit, to_device

ALL: tuple[Task, ...] = (
    Recall(30, 5, 3),
    Adding(30),
    TemporalOrder(30),
    FlaggedLatch(20, 29),
    Copy(10),
    Reber(30),
)
every_task = pytest.mark.parametrize("task", ALL, ids=lambda task: task.name)
seeds = st.integers(0, 2**31 - 1)


def recalls() -> st.SearchStrategy[Task]:
    shape = st.tuples(st.integers(1, 30), st.integers(0, 29), st.integers(2, 9))
    return shape.filter(lambda s: s[1] < s[0]).map(lambda s: Recall(*s))


def latches() -> st.SearchStrategy[Task]:
    shape = st.tuples(st.integers(1, 30), st.integers(0, 20), st.integers(2, 9))
    return shape.map(lambda s: FlaggedLatch(s[0], s[0] + s[1], s[2]))


tasks = st.one_of(
    recalls(),
    st.integers(2, 60).map(Adding),
    st.integers(10, 120).map(TemporalOrder),
    latches(),
    st.tuples(st.integers(1, 30), st.integers(1, 12), st.integers(2, 9)).map(lambda s: Copy(*s)),
    st.integers(1, 60).map(Reber),
)


def right_outputs(task: Task, batch: Batch) -> Tensor:
    """Outputs with which every step that counts is right."""
    if isinstance(task, Adding):
        return batch.y[:, None, None].expand(-1, task.seq_len, -1)
    if isinstance(task, Reber):
        return 40 * (batch.y - 0.5)
    y = batch.y[:, None].expand(-1, batch.x.shape[1]) if batch.mask is None else batch.y.clamp(min=0)
    return 40 * nn.functional.one_hot(y, task.output_size).float()


def close_to(p: float, n: int) -> object:
    """An approximation to a share p that n independent trials miss once in two million times."""
    return pytest.approx(p, abs=5 * math.sqrt(p * (1 - p) / n) + 1e-12)


# ---------------------------------------------------------------------------------------------------------------------
# All tasks


@settings(max_examples=200)
@given(tasks, st.integers(1, 12), seeds)
def test_the_checker_reads_the_answers_off_the_inputs(task: Task, batch_size: int, seed: int) -> None:
    batch = task.sample(batch_size, torch.Generator().manual_seed(seed))
    assert torch.equal(task.answer(batch.x), batch.y)
    assert batch.x.dtype == torch.float32
    assert batch.x.shape == (batch_size, task.seq_len, task.input_size)  # type: ignore[attr-defined]
    if batch.mask is None:
        assert batch.y.shape == (batch_size,)
    else:
        assert batch.mask.shape == batch.y.shape[:2] == batch.x.shape[:2]
        assert batch.mask.dtype == torch.bool


@settings(max_examples=60)
@given(tasks, seeds)
def test_right_answers_have_the_best_score_and_hardly_a_loss(task: Task, seed: int) -> None:
    batch = task.held_out(5, seed)
    outputs = right_outputs(task, batch)
    assert task.score(outputs, batch) == (1.0 if task.higher_is_better else 0.0)
    assert float(task.loss(outputs, batch)) < 1e-6


@every_task
def test_wrong_answers_do_not(task: Task) -> None:
    batch = task.held_out(10, 0)
    outputs = right_outputs(task, batch).clone()
    outputs[:5] = outputs[:5].roll(1, dims=-1) if task.output_size > 1 else outputs[:5] + 1
    assert task.score(outputs, batch) == pytest.approx(0.5, abs=1e-6)
    assert float(task.loss(outputs, batch)) > 0.4


@every_task
def test_steps_that_do_not_count_do_not_count(task: Task) -> None:
    batch = task.held_out(10, 0)
    outputs = torch.randn(10, task.seq_len, task.output_size)  # type: ignore[attr-defined]
    counts = torch.zeros(outputs.shape[:2], dtype=torch.bool)
    counts[:, -1] = True
    counts = counts if batch.mask is None else batch.mask
    elsewhere = torch.where(counts[..., None], outputs, 99.0)
    assert task.score(outputs, batch) == task.score(elsewhere, batch)
    assert torch.equal(task.loss(outputs, batch), task.loss(elsewhere, batch))
    assert not torch.equal(task.loss(outputs, batch), task.loss(outputs + outputs.roll(1, 0), batch))


@every_task
def test_a_seed_decides_the_batches_and_held_out_ones_are_never_trained_on(task: Task) -> None:
    first, again = (list(islice(task.batches(8, seed=3), 3)) for _ in range(2))
    for a, b in zip(first, again, strict=True):
        assert torch.equal(a.x, b.x)
        assert torch.equal(a.y, b.y)
    others = [first[1], first[2], *(next(task.batches(8, seed)) for seed in (0, 1, 2, 6, 7))]
    held_out = [task.held_out(8, seed) for seed in (0, 1, 3)]
    assert torch.equal(held_out[2].x, task.held_out(8, 3).x)
    rows = [row for batch in (first[0], *others, *held_out) for row in batch.x.flatten(1).tolist()]
    assert len({tuple(row) for row in rows}) > 0.99 * len(rows)  # no batch comes twice, nor any part of one


@given(seeds, seeds)
def test_no_training_generator_is_seeded_like_a_held_out_one(training: int, held_out: int) -> None:
    assert _generator(training, 0).initial_seed() % 2 == 0
    assert _generator(held_out, 1).initial_seed() % 2 == 1
    assert (
        max(_generator(s, 1).initial_seed() for s in (training, held_out)) < 2**32
    )  # all that torch's generator keeps


@every_task
def test_all_random_numbers_come_from_the_generator(task: Task) -> None:
    before = torch.get_rng_state(), np.random.get_state()[1].tolist(), random.getstate()
    batch = next(task.batches(4, 0))
    task.score(right_outputs(task, batch), batch)
    assert torch.equal(before[0], torch.get_rng_state())
    assert before[1:] == (np.random.get_state()[1].tolist(), random.getstate())


@every_task
def test_fit_trains_on_the_batches(task: Task) -> None:
    model = SequenceModel("gru", task.input_size, 4, task.output_size)
    history = fit(model, task.batches(4, 0), task.objective, steps=2, progress=False)
    assert history.steps == 2
    moved = to_device(task.held_out(2, 0), torch.device("meta"))
    assert isinstance(moved, Batch)
    assert moved.x.device.type == moved.y.device.type == "meta"


@every_task
def test_outputs_of_another_shape_are_refused(task: Task) -> None:
    batch = task.held_out(3, 0)
    outputs = right_outputs(task, batch)
    for wrong in (outputs[:, -1], outputs.transpose(0, 1), outputs[..., :0], outputs[:1]):
        with pytest.raises(CourseError, match="batch first"):
            task.score(wrong, batch)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: Recall(5, 5), "lag must be a whole number from 0 to 4"),
        (lambda: Recall(5, -1), "lag"),
        (lambda: Recall(0, 0), "seq_len"),
        (lambda: Recall(5, 1, 0), "symbols"),
        (lambda: Recall(5.0, 1), "seq_len"),  # type: ignore[arg-type]
        (lambda: Recall(True, 0), "seq_len"),
        (lambda: Adding(1), "seq_len must be a whole number from 2"),
        (lambda: TemporalOrder(9), "from 10"),
        (lambda: FlaggedLatch(0, 4), "shortest_lag"),
        (lambda: FlaggedLatch(5, 4), "longest_lag must be a whole number from 5"),
        (lambda: FlaggedLatch(5, 9, 1), "symbols"),
        (lambda: most_frequent_accuracy(0), "steps"),
        (lambda: most_frequent_accuracy(3, 1), "symbols"),
        (lambda: Copy(0), "delay"),
        (lambda: Copy(5, copied=0), "copied"),
        (lambda: Copy(5, symbols=1), "symbols"),
        (lambda: Reber(0), "seq_len"),
        (lambda: best_score(0), "window"),
        (lambda: least_loss(1, 0), "steps"),
        (lambda: Adding(9).held_out(0, 0), "batch_size"),
        (lambda: Adding(9).held_out(-2, 0), "batch_size"),
        (lambda: Adding(9).held_out(2, -1), "seed"),
        (lambda: Adding(9).held_out(2, 2**31), "seed"),
        (lambda: Adding(9).batches(0, 0), "batch_size"),  # at once, not at the first batch
        (lambda: Adding(9).batches(2, 0.5), "seed"),  # type: ignore[arg-type]
        (lambda: Adding(9).sample(2, 0), "torch generator"),  # type: ignore[arg-type]
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_sentence(call: Callable[[], object], says: str) -> None:
    with pytest.raises(CourseError, match=says):
        call()


# ---------------------------------------------------------------------------------------------------------------------
# Recall


def test_recall_written_out() -> None:
    x = nn.functional.one_hot(torch.tensor([[2, 0, 1, 1]]), 3).float()
    assert Recall(4, 2, 3).answer(x).tolist() == [[-1, -1, 2, 0]]
    assert Recall(4, 0, 3).answer(x).tolist() == [[2, 0, 1, 1]]
    assert Recall(4, 2, 3).held_out(1, 0).mask.tolist() == [[False, False, True, True]]


def test_recall_of_whoever_knows_the_symbols_since_is_at_chance() -> None:
    """The best table from the last two symbols to an answer, fitted to the very batch it is scored on."""
    task = Recall(seq_len=42, lag=2, symbols=3)
    batch = task.held_out(1000, 0)
    symbols = batch.x.argmax(-1)
    table = torch.zeros(3, 3, 3)
    table.index_put_((symbols[:, 1:-1], symbols[:, 2:], batch.y[:, 2:]), torch.ones(()), accumulate=True)
    outputs = torch.zeros(1000, 42, 3)
    outputs[:, 2:] = table[symbols[:, 1:-1], symbols[:, 2:]]
    assert task.chance == 1 / 3
    assert task.score(outputs, batch) == pytest.approx(task.chance, abs=0.02)
    assert float(task.loss(0 * outputs, batch)) == pytest.approx(task.chance_loss, abs=1e-6)
    assert task.chance_loss == pytest.approx(math.log(3))


# ---------------------------------------------------------------------------------------------------------------------
# Adding


def test_adding_written_out() -> None:
    x = torch.tensor([[[0.25, 0.0], [0.5, 1.0], [0.75, 0.0], [0.125, 1.0]]])
    assert Adding(4).answer(x).tolist() == [0.625]


@pytest.mark.parametrize("seq_len", [2, 7, 10])
def test_adding_marks_every_step_of_each_half_alike(seq_len: int) -> None:
    batch = Adding(seq_len).held_out(6000, 0)
    half = seq_len // 2
    marked = batch.x[..., 1].double()
    assert set(marked.unique().tolist()) <= {0.0, 1.0}
    assert (marked[:, :half].sum(1) == 1).all()
    assert (marked[:, half:].sum(1) == 1).all()
    for t, share in enumerate(marked.mean(0).tolist()):
        assert share == close_to(1 / half if t < half else 1 / (seq_len - half), 6000)
    assert 0 <= batch.x[..., 0].min() < 0.01
    assert 0.99 < batch.x[..., 0].max() < 1


def test_adding_always_saying_one_errs_by_a_sixth_and_knowing_one_number_by_a_twelfth() -> None:
    task = Adding(10)
    batch = task.held_out(60_000, 0)
    errors = {said: task.score(torch.full((60_000, 10, 1), said), batch) for said in (0.9, 1.0, 1.1)}
    assert errors[1.0] == pytest.approx(task.chance, rel=0.02)
    assert errors[1.0] < min(errors[0.9], errors[1.1])
    numbers = torch.rand(2, 200_000, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    assert float(numbers.sum(0).var()) == pytest.approx(task.chance, rel=0.02)
    assert task.chance == task.chance_loss == 2 / 12
    second = (batch.x[:, 5:, 0] * batch.x[:, 5:, 1]).sum(1)
    knows_one = (second + 0.5)[:, None, None].expand(-1, 10, -1)
    assert task.score(knows_one, batch) == pytest.approx(1 / 12, rel=0.02)


# ---------------------------------------------------------------------------------------------------------------------
# Temporal order


def words(batch: Batch) -> list[str]:
    return ["".join(SYMBOLS[s] for s in row) for row in batch.x.argmax(-1).tolist()]


@pytest.mark.parametrize(
    ("word", "answer"), [("EXbcdaXacB", 0), ("EXbcdaYacB", 1), ("EYdddXaaaB", 2), ("EaYddYaaaB", 3)]
)
def test_temporal_order_written_out(word: str, answer: int) -> None:
    x = nn.functional.one_hot(torch.tensor([[SYMBOLS.index(s) for s in word]]), 8).float()
    assert TemporalOrder(10).answer(x).tolist() == [answer]


def test_temporal_order_has_the_places_of_the_paper() -> None:
    assert TemporalOrder(100).places == ((10, 20), (50, 60))
    sampled = words(TemporalOrder(100).held_out(3000, 0))
    found = [[t for t, s in enumerate(word) if s in "XY"] for word in sampled]
    assert {a for a, _ in found} == set(range(10, 21))
    assert {b for _, b in found} == set(range(50, 61))
    assert all(word[0] == "E" and word[-1] == "B" and set(word[1:-1]) <= set("abcdXY") for word in sampled)
    distractors = Counter("".join(sampled))
    assert all(distractors[s] / (96 * 3000) == pytest.approx(1 / 4, abs=0.005) for s in "abcd")


def test_temporal_order_chance_and_what_counting_reaches() -> None:
    task = TemporalOrder(20)
    batch = task.held_out(20_000, 0)
    for answer in range(4):
        assert float((batch.y == answer).double().mean()) == close_to(task.chance, 20_000)
    zeros = torch.zeros(20_000, 20, 4)
    assert float(task.loss(zeros, batch)) == pytest.approx(task.chance_loss, abs=1e-6)
    by_count: dict[int, Counter[int]] = defaultdict(Counter)
    for word, y in zip(words(batch), batch.y.tolist(), strict=True):
        by_count[word.count("X")][y] += 1
    best = sum(answers.most_common(1)[0][1] for answers in by_count.values()) / 20_000
    assert best == pytest.approx(task.counting, abs=0.02)


# ---------------------------------------------------------------------------------------------------------------------
# Flagged latch


def test_flagged_latch_written_out() -> None:
    x = torch.tensor([[[0.0, 1, 0], [1, 0, 1], [0, 1, 0], [0, 1, 0]]])
    assert FlaggedLatch(1, 3, symbols=2).answer(x).tolist() == [0]  # the most frequent symbol is 1


def test_flagged_latch_has_all_its_lags_equally_often_and_one_alphabet() -> None:
    task = FlaggedLatch(5, 8)
    batch = task.held_out(20_000, 0)
    flag = batch.x[..., -1]
    assert (flag.sum(1) == 1).all()
    lag = task.seq_len - 1 - flag.argmax(1)
    for steps in range(10):
        assert float((lag == steps).double().mean()) == close_to(1 / 4 if 5 <= steps <= 8 else 0.0, 20_000)
    for marked in (True, False):
        symbols = batch.x[..., :-1][(flag == 1) == marked]
        assert symbols.mean(0).tolist() == pytest.approx([1 / 4] * 4, abs=0.02)


@pytest.mark.parametrize("symbols", [2, 3, 4])
@pytest.mark.parametrize("steps", [1, 2, 3, 5, 7])
def test_how_often_a_symbol_is_the_most_frequent_equals_counting_all_sequences(steps: int, symbols: int) -> None:
    sequences = list(product(range(symbols), repeat=steps))
    most = sum(max(Counter(sequence).values()) for sequence in sequences)
    exact = Fraction(most, steps * len(sequences))
    assert most_frequent_accuracy(steps, symbols) == pytest.approx(float(exact), abs=1e-12)


@pytest.mark.parametrize("steps", [51, 400])
def test_how_often_a_symbol_is_the_most_frequent_agrees_with_simulation(steps: int) -> None:
    counts = np.random.default_rng(0).multinomial(steps, [1 / 4] * 4, size=40_000).max(1) / steps
    assert most_frequent_accuracy(steps) == pytest.approx(counts.mean(), abs=5 * counts.std() / 200)


@pytest.mark.parametrize("task", [FlaggedLatch(3, 6), FlaggedLatch(20, 70)], ids=str)
def test_flagged_latch_is_not_solved_by_counting(task: FlaggedLatch) -> None:
    n = 20_000
    batch = task.held_out(n, 0)
    symbols, places = batch.x[..., :-1], task.longest_lag - task.shortest_lag + 1
    for counted, accuracy in ((symbols[:, :places], task.ignoring_the_flag), (symbols, task.counting)):
        said = counted.sum(1)[:, None].expand(-1, task.seq_len, -1)
        assert task.score(said, batch) == close_to(accuracy, n)
        assert accuracy < 0.6
    constant = torch.zeros(n, task.seq_len, 4)
    assert task.score(constant, batch) == close_to(task.chance, n)
    assert float(task.loss(constant, batch)) == pytest.approx(task.chance_loss, abs=1e-6)
    last = symbols[:, -1:].expand(-1, task.seq_len, -1)
    assert task.score(last, batch) == close_to(task.chance, n)


def test_no_rule_that_ignores_the_flag_does_better() -> None:
    """All sequences and flags of a small task: the best answer to each sequence of symbols, added up exactly."""
    task, right, cases = FlaggedLatch(2, 4, symbols=3), 0, 0
    for sequence in product(range(3), repeat=task.seq_len):
        answers = Counter(sequence[task.seq_len - 1 - lag] for lag in (2, 3, 4))
        right += max(answers.values())
        cases += 3
    assert task.ignoring_the_flag == pytest.approx(right / cases, abs=1e-12)


# ---------------------------------------------------------------------------------------------------------------------
# Copy


def test_copy_written_out() -> None:
    x = nn.functional.one_hot(torch.tensor([[1, 0, 2, 2, 3, 2, 2]]), 4).float()  # 2 is blank, 3 the delimiter
    task = Copy(3, copied=2, symbols=2)
    assert task.seq_len == 7
    assert task.answer(x).tolist() == [[2, 2, 2, 2, 2, 1, 0]]
    inputs = task.held_out(50, 0).x.argmax(-1)
    assert inputs[:, 2:].unique(dim=0).tolist() == [[2, 2, 3, 2, 2]]
    assert {tuple(row) for row in inputs[:, :2].tolist()} == set(product(range(2), repeat=2))


def test_copy_remembering_nothing_is_right_at_ninety_nine_steps_of_a_hundred() -> None:
    task = Copy(1000)
    assert task.chance == pytest.approx((10 / 8 + 1010) / 1020)
    assert round(100 * task.chance, 1) == 99.1
    assert task.chance_loss == pytest.approx(10 * math.log(8) / 1020)


def test_copy_chance_is_what_blanks_and_guesses_score() -> None:
    task = Copy(40)
    batch = task.held_out(1000, 0)
    outputs = torch.zeros(1000, 60, 9)
    outputs[:, :50, 8], outputs[:, 50:, 8] = 40.0, -40.0
    assert float(task.loss(outputs, batch)) == pytest.approx(task.chance_loss, abs=1e-6)
    outputs[:, 50:, 3] = 1.0
    assert task.recalled(outputs, batch) == close_to(task.chance_recalled, 10_000)
    assert task.score(outputs, batch) == pytest.approx(task.chance, abs=0.003)
    assert task.recalled(right_outputs(task, batch), batch) == 1


# ---------------------------------------------------------------------------------------------------------------------
# Reber


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
