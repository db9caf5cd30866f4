"""The width of a river at each look: as the film has it."""

from __future__ import annotations

import pytest

from course_utils.experiments.framework.registry import experiment
from course_utils.experiments.gradients.gradient_film import record
from course_utils.experiments.gradients.river_widths import measure
from course_utils.experiments.long_memory.starting_points import CHOSEN, started
from course_utils.experiments.tasks.adding import Adding


def test_each_look_is_a_frame_of_the_film() -> None:
    settings = {"seq_len": 8, "hidden_size": 6, "steps": 20, "every": 10, "far": 3}
    rows = measure(4, rates={"tanh, orthogonal": 1e-3}, **settings)
    film = record(started("tanh, orthogonal", 6, 4), Adding(8), steps=20, every=10, lr=1e-3, seed=4, progress=False)
    assert [row["step"] for row in rows] == [0, 10, 20]
    assert [row["error"] for row in rows] == film.losses
    assert [row["share_far"] for row in rows] == pytest.approx(film.share_from(3).tolist())
    assert film.share_from(0).tolist() == pytest.approx([1, 1, 1])


def test_each_start_has_the_learning_rate_that_the_search_chose() -> None:
    for start, lr in experiment("river_widths").settings["rates"].items():
        assert lr == CHOSEN[start]
