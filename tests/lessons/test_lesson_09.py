"""What lesson 09 adds: the separate latch and its counting, the growing lags, biases from times, and its questions."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from course_utils.errors import CourseError
from course_utils.exercises import lesson_09
from course_utils.exercises.engine.feedback import Outcome
from course_utils.exercises.engine.questions import ChoiceQuestion, NumberQuestion
from course_utils.experiments.tasks.curriculum import growing, lag_at
from course_utils.experiments.tasks.flagged_latch import FlaggedLatch
from course_utils.experiments.tasks.separate_latch import SeparateLatch, counting_answer
from course_utils.nn.chrono import biases_for_times
from tests.strategies import examples

latches = st.tuples(st.integers(1, 30), st.integers(0, 20), st.integers(2, 9)).map(
    lambda s: SeparateLatch(s[0], s[0] + s[1], s[2])
)
seeds = st.integers(0, 2**31 - 1)


def close_to(p: float, n: int) -> object:
    """An approximation to a share p that n independent trials miss once in two million times."""
    return pytest.approx(p, abs=5 * math.sqrt(p * (1 - p) / n) + 1e-12)


# ---------------------------------------------------------------------------------------------------------------------
# Separate latch


def test_separate_latch_written_out() -> None:
    x = nn.functional.one_hot(torch.tensor([[4, 2, 5, 3], [0, 3, 3, 4]]), 6).float()  # 3, 4 and 5 are distractors
    task = SeparateLatch(1, 3, symbols=3)
    assert task.answer(x).tolist() == [2, 0]
    assert counting_answer(x).tolist() == [2, 0]


@examples(100)
@given(latches, st.integers(1, 12), seeds)
def test_counting_is_always_right_whatever_the_order(task: SeparateLatch, batch_size: int, seed: int) -> None:
    batch = task.held_out(batch_size, seed)
    assert batch.x.shape == (batch_size, task.seq_len, task.input_size)
    assert (batch.x.sum(-1) == 1).all()
    assert (batch.x[..., : task.symbols].sum((1, 2)) == 1).all()
    assert batch.mask is None
    assert torch.equal(task.answer(batch.x), batch.y)
    assert torch.equal(counting_answer(batch.x), batch.y)
    shuffled = batch.x[:, torch.randperm(task.seq_len, generator=torch.Generator().manual_seed(seed))]
    assert torch.equal(counting_answer(shuffled), batch.y)


def test_separate_latch_has_all_its_lags_and_symbols_equally_often() -> None:
    task, n = SeparateLatch(5, 8), 20_000
    batch = task.held_out(n, 0)
    is_cue = batch.x[..., :4].any(-1)
    lag = task.seq_len - 1 - is_cue.float().argmax(1)
    for steps in range(9):
        assert float((lag == steps).double().mean()) == close_to(1 / 4 if 5 <= steps <= 8 else 0.0, n)
    for symbol in range(4):
        assert float((batch.y == symbol).double().mean()) == close_to(1 / 4, n)
    distractors = batch.x[~is_cue]
    assert distractors.mean(0).tolist() == pytest.approx([0] * 4 + [1 / 4] * 4, abs=0.01)


def test_separate_latch_s_last_step_is_at_chance_and_its_count_is_not() -> None:
    task, n = SeparateLatch(3, 9), 20_000
    batch = task.held_out(n, 0)

    def said(logits: Tensor) -> Tensor:
        return logits[:, None].expand(-1, task.seq_len, -1)

    assert task.score(said(batch.x[:, -1, 4:]), batch) == close_to(task.chance, n)
    assert task.score(said(torch.zeros(n, 4)), batch) == close_to(task.chance, n)
    assert float(task.loss(said(torch.zeros(n, 4)), batch)) == pytest.approx(task.chance_loss, abs=1e-6)
    assert task.score(said(batch.x[..., :4].sum(1)), batch) == 1
    assert float(task.loss(said(40 * batch.x[..., :4].sum(1)), batch)) < 1e-6


def test_on_the_flagged_latch_the_same_counting_is_wrong_most_of_the_time() -> None:
    task, n = FlaggedLatch(20, 69), 20_000
    batch = task.held_out(n, 0)
    counted = counting_answer(torch.cat([batch.x[..., :4], batch.x[..., :4]], dim=-1))
    assert float((counted == batch.y).double().mean()) == close_to(task.counting, n)


@pytest.mark.parametrize("sizes", [(0, 3, 4), (3, 2, 4), (1, 3, 1), (1.5, 3, 4)])
def test_separate_latch_refuses_sizes_that_cannot_be_meant(sizes: tuple[int, int, int]) -> None:
    with pytest.raises(CourseError, match="must be a whole number"):
        SeparateLatch(*sizes)


# ---------------------------------------------------------------------------------------------------------------------
# Biases from times


@given(st.lists(st.floats(1.01, 1e5), min_size=1, max_size=8))
def test_gates_of_these_biases_keep_and_let_in_what_a_time_asks_for(times: list[float]) -> None:
    wanted = torch.tensor(times, dtype=torch.float64)
    lets_in, keeps = torch.sigmoid(biases_for_times(wanted))
    torch.testing.assert_close(keeps, 1 - 1 / wanted, rtol=1e-9, atol=1e-12)
    torch.testing.assert_close(lets_in, 1 / wanted, rtol=1e-9, atol=1e-12)


def test_after_the_time_about_a_third_of_an_lstm_s_cell_is_left() -> None:
    times = torch.tensor([20.0, 100.0], dtype=torch.float64)
    lstm = nn.LSTM(1, 2).double()
    with torch.no_grad():
        _, _, bias, _ = (p.zero_() for p in lstm.parameters())
        bias[:4] = biases_for_times(times).flatten()  # input and forget gates, in torch's order
        start = torch.ones(1, 2, dtype=torch.float64)
        for unit, steps in enumerate((20, 100)):
            _, (_, cell) = lstm(torch.zeros(steps, 1, dtype=torch.float64), (start, start))
            assert float(cell[0, unit]) == pytest.approx((1 - 1 / steps) ** steps)
            assert float(cell[0, unit]) == pytest.approx(1 / math.e, rel=0.03)


@pytest.mark.parametrize("wrong", [1.0, 0.0, -3.0, math.inf, math.nan])
def test_times_of_a_step_or_less_are_refused(wrong: float) -> None:
    with pytest.raises(CourseError, match=f"greater than 1; one is {wrong:g}"):
        biases_for_times(torch.tensor([10.0, wrong]))


# ---------------------------------------------------------------------------------------------------------------------
# Curriculum

trainings = st.tuples(st.integers(1, 300), st.integers(1, 50), st.integers(0, 2000)).map(
    lambda s: (s[0], s[1], s[1] + s[2])
)


@given(trainings)
def test_lags_begin_at_the_shortest_never_shrink_and_are_longest_from_half_on(training: tuple[int, int, int]) -> None:
    steps, shortest, longest = training
    lags = [lag_at(step, steps, shortest, longest) for step in range(steps + 1)]
    assert lags[0] == shortest
    assert all(isinstance(lag, int) and earlier <= lag for earlier, lag in pairwise(lags))
    assert set(lags[math.ceil(steps / 2) :]) == {longest}
    assert max(lags) == longest


@given(st.integers(2, 500), st.floats(0, 1), st.floats(0, 1), st.integers(100, 1000), st.integers(1, 50))
def test_lags_grow_in_equal_ratios(quarter: int, early: float, late: float, shortest: int, times: int) -> None:
    """The step half way between two others has the geometric mean of their lags."""
    a, b = round(early * quarter), round(late * quarter)
    between = [lag_at(step, 4 * quarter, shortest, times * shortest) for step in (2 * a, a + b, 2 * b)]
    assert between[1] == pytest.approx(math.sqrt(between[0] * between[2]), abs=2 * math.sqrt(times) + 1)


def test_lags_written_out() -> None:
    assert [lag_at(step, 80, 10, 1000) for step in (0, 10, 20, 30, 40, 60, 80)] == [10, 32, 100, 316, 1000, 1000, 1000]


@pytest.mark.parametrize("wrong", [(-1, 10, 1, 5), (0, 0, 1, 5), (0, 10, 0, 5), (0, 10, 5, 4), (0.5, 10, 1, 5)])
def test_lags_that_cannot_be_meant_are_refused(wrong: tuple[int, int, int, int]) -> None:
    with pytest.raises(CourseError, match="must be a whole number"):
        lag_at(*wrong)


def test_growing_batches_have_the_lags_of_the_curriculum_and_come_from_the_seed() -> None:
    def draw(seed: int) -> list[Tensor]:
        return [b.x for b in growing(lambda lag: FlaggedLatch(5, lag), 20, 8, 40, batch_size=16, seed=seed)]

    first, again, other = draw(3), draw(3), draw(4)
    assert [x.shape for x in first] == [(16, lag_at(step, 20, 8, 40) + 1, 5) for step in range(20)]
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not any(torch.equal(a, b) for a, b in zip(first, other, strict=True))
    last = [x for x in first if x.shape[1] == 41]
    rows = {tuple(row) for x in last for row in x.flatten(1).tolist()}
    assert len(rows) == 16 * len(last)  # no sequence comes twice


def test_growing_refuses_at_once_what_cannot_be_meant() -> None:
    for wrong in ((0, 5, 9, 4, 0), (9, 9, 5, 4, 0), (9, 5, 9, 0, 0), (9, 5, 9, 4, -1)):
        with pytest.raises(CourseError, match="must be a whole number"):
            growing(lambda lag: FlaggedLatch(5, lag), *wrong)


# ---------------------------------------------------------------------------------------------------------------------
# Questions


@pytest.mark.parametrize("question", [lesson_09.hold_or_learn, lesson_09.remedy], ids=lambda q: q.name)
def test_each_choice_gets_a_sentence_of_its_own(question: ChoiceQuestion) -> None:
    told = {choice: question.check(choice) for choice in question.choices}
    assert [choice for choice, feedback in told.items() if feedback.solved] == [question.answer]
    assert len({feedback.text for feedback in told.values()}) == len(question.choices)


@pytest.mark.parametrize("question", [lesson_09.states_needed, lesson_09.echo_holds], ids=lambda q: q.name)
def test_wrong_numbers_that_people_give_get_their_sentence(question: NumberQuestion) -> None:
    assert question.check(question.answer).solved
    for number, says in question.mistakes.items():
        feedback = question.check(number)
        assert (feedback.outcome, feedback.text) == (Outcome.NOT_YET, says)


def test_what_an_echo_leaves_is_what_hundred_steps_along_its_slowest_direction_leave() -> None:
    W = torch.diag(torch.tensor([0.9, 0.5, -0.3], dtype=torch.float64))
    state = torch.tensor([1.0, 0.0, 0.0], dtype=torch.float64)
    for _ in range(100):
        state = W @ state
    assert lesson_09.echo_holds.check(state[0]).solved
    assert lesson_09.echo_holds.check(2.7e-5).solved


@pytest.mark.parametrize("question", [lesson_09.beyond, lesson_09.tanh_beyond], ids=lambda q: q.name)
def test_predictions_are_compared_with_what_was_measured(question: NumberQuestion) -> None:
    assert question.check(0.93, 0.9).solved
    assert not question.check(0.25, 0.9).solved
    assert "between 0 and 1" in question.check(93, 0.9).text
    with pytest.raises(CourseError, match="no stored answer"):
        question.check(0.5)
