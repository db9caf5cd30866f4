"""The mixed networks take W_hh from one start and everything else from the other, and train as both of them do."""

from __future__ import annotations

import torch

from course_utils.experiments.framework.registry import experiment
from course_utils.experiments.long_memory.matrix_or_inputs import NAME, ORTHOGONAL, OWN, mixed
from course_utils.experiments.long_memory.starting_points import CHOSEN, started
from tests.experiments.small_runs import small_rows


def test_a_mixed_network_has_one_matrix_and_the_other_weights() -> None:
    for name, weight in mixed(OWN, ORTHOGONAL, 6, seed=3).named_parameters():
        source = OWN if name == "core.weight_hh_l0" else ORTHOGONAL
        assert torch.equal(weight, started(source, 6, 3).get_parameter(name))


def test_the_recipe_is_that_of_the_starting_points() -> None:
    ours, theirs = experiment("matrix_or_inputs"), experiment("starting_points")
    assert ours.settings["lr"] == CHOSEN[ORTHOGONAL]
    assert all(ours.settings[name] == theirs.settings[name] for name in ("seq_len", "hidden_size", "most_steps"))
    assert set(ours.seeds) <= set(theirs.seeds)


def test_each_seed_has_a_row() -> None:
    assert small_rows("matrix_or_inputs", 1)["start"].tolist() == [NAME]
