"""What holds for every memory task: samplers against checkers, batches, scores and losses."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_utils.errors import CourseError
from course_utils.experiments.tasks.adding import Adding
from course_utils.experiments.tasks.copy import Copy
from course_utils.experiments.tasks.flagged_latch import FlaggedLatch, most_frequent_accuracy
from course_utils.experiments.tasks.key_values import KeyValues
from course_utils.experiments.tasks.reber import Reber, best_score, least_loss
from course_utils.experiments.tasks.recall import Recall
from course_utils.experiments.tasks.task import Batch, Task, generator_for
from course_utils.experiments.tasks.temporal_order import TemporalOrder
from course_utils.experiments.tasks.two_sequences import TwoSequences
from course_utils.nn.sequence_model import SequenceModel
from course_utils.training import fit, to_device
from tests.experiments.tasks.judging import right_outputs
from tests.random_state import random_state
from tests.strategies import examples

ALL: tuple[Task, ...] = (
    Recall(30, 5, 3),
    Adding(30),
    TemporalOrder(30),
    TwoSequences(20),
    FlaggedLatch(20, 29),
    KeyValues(9, 29),
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
    st.integers(4, 60).map(TwoSequences),
    latches(),
    st.tuples(st.integers(1, 30), st.integers(1, 12), st.integers(2, 9)).map(lambda s: Copy(*s)),
    st.integers(1, 60).map(Reber),
)


@examples(200)
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


@examples(60)
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
    assert generator_for(training, 0).initial_seed() % 2 == 0
    assert generator_for(held_out, 1).initial_seed() % 2 == 1
    assert (
        max(generator_for(s, 1).initial_seed() for s in (training, held_out)) < 2**32
    )  # all that torch's generator keeps


@every_task
def test_all_random_numbers_come_from_the_generator(task: Task) -> None:
    before = random_state()
    batch = next(task.batches(4, 0))
    task.score(right_outputs(task, batch), batch)
    assert random_state() == before


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
        (lambda: TwoSequences(3, shown=3), "shown"),
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
