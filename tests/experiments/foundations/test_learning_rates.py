"""Learning rates: held to what can be derived, never to which is best."""

from __future__ import annotations

import torch

from course_utils.data.scaling import standardised
from course_utils.experiments.foundations import learning_rates
from tests.experiments.small_runs import small_rows, small_settings


def test_every_rate_begins_at_the_same_loss_and_a_rate_of_next_to_nothing_ends_there() -> None:
    found = small_rows("learning_rates")
    assert (found.groupby("seed")["first"].nunique() == 1).all()
    (row,) = learning_rates.measure(0, **small_settings("learning_rates", rates=[1e-9]))
    assert abs(row["loss"] - row["first"]) < 1e-5
    assert row["steps"] == 2 * 2  # 60 training dogs in batches of 32, twice


def test_a_loss_that_is_no_number_is_stored_as_the_highest() -> None:
    (row,) = learning_rates.measure(0, **small_settings("learning_rates", rates=[1e30]))
    assert row["loss"] == learning_rates.HIGHEST


def test_dogs_come_with_their_breed_and_the_same_seed_gives_the_same() -> None:
    rows, breeds = learning_rates.dogs_of(3, 40)
    assert rows.shape == (40, 2)
    assert set(breeds.tolist()) == {0, 1}
    assert torch.equal(rows, learning_rates.dogs_of(3, 40)[0])
    assert standardised(rows, rows).mean().abs() < 1e-4
