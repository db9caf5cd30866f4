"""The ablation from torch's own start: the same networks, and no bias that knows the lag."""

from __future__ import annotations

import torch

from course_utils.experiments.framework.registry import experiment
from course_utils.experiments.framework.starts import OWN
from course_utils.experiments.gates import gates_removed, gates_removed_own_start
from tests.experiments.small_runs import small_rows


def test_every_network_is_trained_from_torch_s_own_start() -> None:
    found = small_rows("gates_removed_own_start")
    told = small_rows("gates_removed").drop_duplicates(["task", "network"]).set_index(["task", "network"])
    assert list(found["network"].unique()) == gates_removed_own_start.LSTMS
    for task, network, parameters in found[["task", "network", "parameters"]].itertuples(index=False):
        assert parameters == told.loc[(task, network), "parameters"]


def test_the_two_starts_differ_in_the_biases_alone() -> None:
    problem, about = gates_removed.adding(6), {"hidden_size": 3, "steps": 1, "lr": 0.0, "seed": 0}
    chrono = gates_removed.trained(problem, "LSTM", **about)  # type: ignore[arg-type]
    own = gates_removed.trained(problem, "LSTM", **about, start=OWN)  # type: ignore[arg-type]
    alike = [torch.equal(a, b) for a, b in zip(chrono.core.parameters(), own.core.parameters(), strict=True)]
    assert alike == [True, True, False, False]


def test_the_settings_are_those_of_the_ablation() -> None:
    control, ablation = experiment("gates_removed_own_start").settings, experiment("gates_removed").settings
    assert control["hidden_size"] == ablation["hidden_size"]
    assert control["judged_len"] == ablation["judged_len"]
    assert all(control["steps"][task] >= ablation["steps"][task] for task in control["steps"])
    for task, networks in control["rates"].items():
        assert {network: ablation["rates"][task][network] for network in networks} == networks
