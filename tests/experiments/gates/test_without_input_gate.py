"""The controls of the missing input gate: blank numbers change nothing but what has to be shut out."""

from __future__ import annotations

import torch

from course_utils.experiments.framework.registry import experiment
from course_utils.experiments.gates import gates_removed
from course_utils.experiments.gates.without_input_gate import NETWORK, blank_adding, blanked
from course_utils.experiments.tasks.adding import Adding
from tests.experiments.small_runs import small_rows


def test_blank_numbers_leave_markers_and_answers_as_they_were() -> None:
    task = Adding(12)
    batch = task.held_out(50, 0)
    blank = blanked(batch)
    assert torch.equal(blank.x[..., 1], batch.x[..., 1])
    assert torch.equal(blank.y, batch.y)
    assert torch.allclose(blank.x[..., 0].sum(1), batch.y)
    assert (blank.x[..., 0] != 0).sum(1).max() <= 2
    assert batch.x[..., 0].count_nonzero() > blank.x[..., 0].count_nonzero()


def test_the_blank_problem_trains_on_what_it_judges() -> None:
    problem, plain = blank_adding(12), gates_removed.adding(12)
    assert torch.equal(next(problem.batches(3)).x, blanked(next(plain.batches(3))).x)
    model = gates_removed.trained(problem, NETWORK, hidden_size=3, steps=1, lr=0.0, seed=0)
    found, other = problem.judge(model, 0), plain.judge(model, 0)
    assert found["score"] != other["score"]
    assert found["solved"] == 0


def test_rows_are_three_trainings_of_one_network() -> None:
    about = experiment("without_input_gate").quick
    found = small_rows("without_input_gate")
    assert list(found["unmarked"][:3]) == ["random", "random", "0"]
    assert list(found["steps"][:3]) == [about["steps"], about["more_steps"], about["steps"]]


def test_the_settings_are_those_of_the_ablation() -> None:
    control, ablation = experiment("without_input_gate").settings, experiment("gates_removed").settings
    assert control["hidden_size"] == ablation["hidden_size"]
    assert control["steps"] == ablation["steps"]["adding"]
    assert control["more_steps"] > control["steps"]
    assert control["lr"] in gates_removed.RATES
