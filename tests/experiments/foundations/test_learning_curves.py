"""Accuracy over the number of training examples."""

from __future__ import annotations

import numpy as np
import torch

from course_utils.experiments.foundations import learning_curves


def test_parts_of_the_digits_are_apart_and_smaller_numbers_are_within_larger_ones() -> None:
    one, other = learning_curves.parts(0), learning_curves.parts(1)
    assert {name: len(places) for name, places in one.items()} == {"validation": 800, "train": 3200, "test": 1000}
    assert sorted(np.concatenate(list(one.values()))) == list(range(5000))
    assert np.array_equal(one["validation"], other["validation"])
    assert not np.array_equal(one["test"], other["test"])
    labels = learning_curves._digits()[1]
    assert np.bincount(labels[one["test"]]).min() > 50  # shuffled, not sorted by digit


def test_networks_for_pictures_learn_them_and_leave_global_random_numbers_alone() -> None:
    x, y = learning_curves._digits()
    state = torch.get_rng_state()
    for kind in learning_curves.NETWORKS:
        model = learning_curves.made(kind, {"steps": 60, "lr": 0.003, "weight_decay": 0.1}, 0).fit(x[:200], y[:200])
        assert (model.predict(x[:200]) == y[:200]).mean() > 0.6
    assert torch.equal(torch.get_rng_state(), state)
