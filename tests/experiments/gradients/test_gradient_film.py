"""A film of gradients shows the training as it is without it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from course_utils.experiments.gradients.gradient_film import record
from course_utils.experiments.long_memory.starting_points import started
from course_utils.experiments.tasks.adding import Adding


def test_a_film_holds_the_gradients_of_each_moment_and_training_is_as_without_it() -> None:
    task = Adding(12)
    filmed, plain = (started("tanh, orthogonal", 8, 0) for _ in range(2))
    film = record(filmed, task, steps=20, every=5, progress=False)
    assert film.steps == [0, 5, 10, 15, 20]
    assert film.norms.shape == (5, 12)
    assert (np.asarray(film.totals) <= film.norms.sum(dim=1).numpy() * (1 + 1e-6)).all()  # triangle inequality
    from course_utils.training import fit

    optimizer = torch.optim.Adam(plain.parameters(), lr=3e-3)
    fit(plain, task.batches(32, 0), task.objective, steps=20, optimizer=optimizer, clip_norm=1.0, progress=False)
    assert all(torch.equal(a, b) for a, b in zip(filmed.parameters(), plain.parameters(), strict=True))
    held_out = task.held_out(4000, 0)
    assert film.losses[-1] == pytest.approx(task.score(plain(held_out.x), held_out), rel=1e-5)
    assert film.history.table["gradient_norm"].gt(0).all()


def test_without_a_limit_nothing_is_clipped() -> None:
    films = [
        record(started("tanh, orthogonal", 8, 0), Adding(12), steps=10, every=5, clip_norm=limit, progress=False)
        for limit in (None, 1e6, 1e-6)
    ]
    assert films[0].losses == films[1].losses != films[2].losses


def test_a_film_tells_how_its_network_was_trained() -> None:
    film = record(started("tanh, orthogonal", 4, 3), Adding(5), steps=4, every=2, lr=0.01, progress=False)
    told = film.described(seeds="3")
    assert told.clipping == "norm at most 1"
    assert told.steps == "4, looked at 3 times"
    assert told.learning_rate == "Adam, 0.01"
    assert "orthogonal" in told.start
    assert told.seeds == "3"
