"""The tasks of the grid: what meets their criterion, and that nobody is judged on what was trained on."""

from __future__ import annotations

import math
from itertools import islice
from typing import Any

import pytest
import torch

from course_utils.errors import CourseError
from course_utils.experiments.comparison.contests import BATCH, LAGS, contest
from course_utils.experiments.tasks.digit_rows import digit_parts
from tests.experiments.answering import SHORT, knows, pictures, says


@pytest.mark.parametrize("task", LAGS)
@pytest.mark.parametrize("part", ["validation", "test"])
def test_who_knows_the_answers_meets_the_criterion_and_who_guesses_does_not(task: str, part: str) -> None:
    this = contest(task, SHORT[task], part)
    right = this.judge(knows(task, SHORT[task]), 3)
    assert right == pytest.approx(0 if task == "adding" else 1, abs=1e-9)
    assert this.solved(right)
    guessing = this.judge(says(1, this.shape.output_size), 3)
    chance = {"adding": 1 / 6, "digits": 1 / 10}.get(task, 1 / 4)
    assert guessing == pytest.approx(chance, abs=0.08)
    assert not this.solved(guessing)


@pytest.mark.parametrize(
    ("task", "enough", "too_little"),
    [
        ("adding", 0.0099, 0.01),
        ("flagged latch", 0.99, 0.988),
        ("temporal order", 0.99, 0.988),
        ("digits", 0.85, 0.848),
    ],
)
def test_the_criterion_is_the_one_that_is_said_and_a_score_that_is_no_number_does_not_meet_it(
    task: str, enough: float, too_little: float
) -> None:
    this = contest(task, SHORT[task])
    assert this.solved(enough)
    assert not this.solved(too_little)
    assert not this.solved(math.nan)


@pytest.mark.parametrize(("task", "lag"), [(task, lag) for task, lags in LAGS.items() for lag in (lags[0], lags[-1])])
def test_sequences_have_the_shape_that_the_networks_are_made_for(task: str, lag: int) -> None:
    this = contest(task, lag)
    batch = next(this.batches(0))
    assert batch.x.shape == (BATCH, this.shape.seq_len, this.shape.input_size)
    assert this.shape.seq_len == lag + (10 if task == "flagged latch" else 0)
    assert this.lag == lag
    model = knows(task, lag)
    assert model(batch.x).shape == (BATCH, this.shape.seq_len, this.shape.output_size)
    model = says(1, this.shape.output_size)
    this.judge(model, 0)
    assert model.seen[0].shape == (500, this.shape.seq_len, this.shape.input_size)
    assert this.objective(knows(task, lag), batch) < this.objective(model, batch)


def test_digits_hold_the_same_pixels_in_the_same_order_in_however_many_steps() -> None:
    for part in ("validation", "test"):
        pixels = digit_parts()[part].x.flatten(1)
        for steps in LAGS["digits"]:
            model, this = says(0, 10), contest("digits", steps, part)
            this.judge(model, 0)
            assert model.seen[0].shape[1:] == (steps, 64 // steps)
            assert torch.equal(model.seen[0].flatten(1), pixels)
    drawn = [next(contest("digits", steps).batches(5)).x.flatten(1) for steps in LAGS["digits"]]
    assert all(torch.equal(one, drawn[0]) for one in drawn)


@pytest.mark.parametrize("task", LAGS)
def test_nobody_is_judged_on_what_was_trained_on(task: str) -> None:
    this = contest(task, SHORT[task], "test")
    trained = pictures(torch.cat([batch.x for batch in islice(this.batches(1), 32)]))
    judged = []
    for part, seed in (("validation", 1), ("test", 1), ("test", 2)):
        model = says(0, this.shape.output_size)
        contest(task, SHORT[task], part).judge(model, seed)
        judged.append(pictures(model.seen[0]))
        assert len(judged[-1] & trained) <= (task == "digits")  # one digit of the set is there twice
    if task == "digits":
        assert len(judged[0] & judged[1]) <= 1
        assert judged[1] == judged[2]  # all of the part, whatever the seed
        assert len(trained) >= 999  # an epoch shows each once
    else:
        assert judged[1] != judged[2]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("reber", 20), "There is no task 'reber'"),
        (("digits", 8, "all"), "There is no part of the digits 'all'"),
        (("adding", 1), "seq_len must be a whole number from 2"),
        (("flagged latch", 0), "shortest_lag must be a whole number from 1"),
        (("temporal order", 9), "seq_len must be a whole number from 10"),
    ],
)
def test_a_contest_that_cannot_be_is_refused_with_a_sentence(arguments: tuple[Any, ...], says: str) -> None:
    with pytest.raises(CourseError, match=says):
        contest(*arguments)


def test_digits_cannot_be_read_in_steps_that_do_not_divide_their_pixels() -> None:
    with pytest.raises(CourseError):
        contest("digits", 7)
