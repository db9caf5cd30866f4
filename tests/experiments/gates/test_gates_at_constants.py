"""Gates held at several constants: what is held stays held, and the settings are those of the ablation."""

from __future__ import annotations

import torch

from course_utils.experiments.framework.registry import experiment
from course_utils.experiments.gates import gates_removed
from tests.experiments.small_runs import small_rows


def test_a_gate_keeps_its_constant_while_the_rest_learns() -> None:
    problem = gates_removed.adding(6)
    model = gates_removed.trained_with(problem, "lstm", {"input": 0.02}, hidden_size=3, steps=3, lr=0.1, seed=0)
    other = gates_removed.trained_with(problem, "lstm", {"input": 0.02}, hidden_size=3, steps=1, lr=0.0, seed=0)
    weights, begun = (list(m.core.parameters()) for m in (model, other))
    assert torch.allclose(weights[2][:3].sigmoid(), torch.full((3,), 0.02))
    assert weights[0][:3].abs().max() == 0
    assert not torch.equal(weights[0][3:], begun[0][3:])


def test_rows_name_the_gate_the_constant_and_the_rate() -> None:
    about = experiment("gates_at_constants").quick
    found = small_rows("gates_at_constants")
    tried = found[["held", "constant", "lr"]].head(len(about["tries"])).to_numpy().tolist()
    assert tried == about["tries"]


def test_the_settings_are_those_of_the_ablation() -> None:
    control, ablation = experiment("gates_at_constants").settings, experiment("gates_removed").settings
    assert control["hidden_size"] == ablation["hidden_size"]
    assert control["steps"] == ablation["steps"]["adding"]
    assert ["input", 1.0, 0.03] in control["tries"]
