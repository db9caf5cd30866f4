"""The first step is made by the weights that a row names, and by no others."""

from __future__ import annotations

import pytest
import torch

from course_utils.experiments.framework.registry import experiment
from course_utils.experiments.gradients import first_step
from course_utils.experiments.long_memory.starting_points import started
from course_utils.experiments.tasks.adding import Adding
from course_utils.training import fit
from tests.experiments.small_runs import small_rows


def test_each_kind_of_weight_is_moved_by_itself() -> None:
    names = [name for name, _ in started("ReLU, identity (IRNN)", 4, 0).named_parameters()]
    single = [first_step.MOVED[moved] for moved in first_step.MOVED if moved.endswith("alone")]
    for name in names:
        assert name.startswith(first_step.MOVED["all weights"])
        assert name.startswith(first_step.MOVED["all but W_hh"]) == (name != "core.weight_hh_l0")
        assert sum(name.startswith(kinds) for kinds in single) == (not name.startswith("readout"))
    assert small_rows("first_step", 1)["moved"].tolist() == list(first_step.MOVED)


def test_a_step_of_all_weights_is_that_of_gradient_descent() -> None:
    settings = {**experiment("first_step").settings, "seq_len": 8, "hidden_size": 5}
    row = first_step.measure(3, **settings)[0]
    task, model = Adding(8), started("ReLU, identity (IRNN)", 5, 3)
    descent = torch.optim.SGD(model.parameters(), lr=0.005)
    history = fit(
        model, task.batches(32, 3), task.objective, steps=2, optimizer=descent, record_gradients=True, progress=False
    )
    first, second = history.table["gradient_norm"]
    assert row["times_the_first"] == pytest.approx(second / first, rel=1e-4)


def test_no_step_leaves_every_row_alike() -> None:
    settings = {**experiment("first_step").settings, "seq_len": 8, "hidden_size": 5, "lr": 0.0}
    found = {(row["times_the_first"], row["largest_state"]) for row in first_step.measure(0, **settings)}
    assert len(found) == 1
