"""Equal size: held to what can be derived, never to who wins."""

from __future__ import annotations

import pandas as pd
import pytest
import torch
from torch import nn

from course_utils.errors import CourseError
from course_utils.experiments.foundations import equal_size
from course_utils.experiments.framework.registry import experiment
from course_utils.experiments.framework.results import load
from course_utils.nn.parameters import parameters_count
from course_utils.nn.picture_nets import DigitNet
from tests.experiments.small_runs import small_rows, small_settings


def test_one_network_has_as_many_parameters_as_the_cnn_and_one_as_many_multiplications() -> None:
    made = {name: equal_size.begun(name, 0) for name in equal_size.NETWORKS}
    parameters = {name: parameters_count(model) for name, model in made.items()}
    work = {name: equal_size.multiplications(model) for name, model in made.items()}
    assert abs(parameters["23 units"] - parameters["CNN"]) <= 795 / 2
    assert abs(work["1,328 units"] - work["CNN"]) <= 794 / 2
    assert work["CNN"] // work["23 units"] == 57


def test_multiplications_of_a_convolution_are_those_of_its_places() -> None:
    net = DigitNet((2, 3), size=12, kernels=(3, 2))
    places = 10 * 10 * 2 * 9 + 4 * 4 * 3 * 2 * 4
    assert equal_size.multiplications(net, 12) == places + net.readout.weight.numel()
    assert equal_size.multiplications(nn.Sequential(nn.Linear(5, 4), nn.ReLU(), nn.Linear(4, 2))) == 28


def test_the_wide_network_was_given_the_rate_that_was_best_in_the_search() -> None:
    search, reported = experiment("equal_size_plain_search"), experiment("equal_size_plain")
    assert search.settings["digits_part"] == "valid"
    assert not set(search.seeds) & set(reported.seeds)
    means = load("equal_size_plain_search").table.set_index("lr")["accuracy"]
    assert [means.idxmax()] == reported.settings["rates"]["256 units"]


def test_each_network_was_given_the_rate_that_was_best_for_it_in_the_search() -> None:
    search, reported = experiment("equal_size_search"), experiment("equal_size_own_rates")
    assert search.settings["digits_part"] == "valid"
    assert not set(search.seeds) & set(reported.seeds)
    assert {key: search.settings[key] for key in ("epochs", "warp", "most")} == {
        key: reported.settings[key] for key in ("epochs", "warp", "most")
    }
    means = load("equal_size_search").table.set_index("lr").groupby("network")["accuracy"]
    assert {network: [lr] for network, lr in means.idxmax().items()} == reported.settings["rates"]


def test_the_pair_that_decides_has_the_best_of_all_rates_and_seeds_of_its_own() -> None:
    searched = pd.concat([load(name).table for name in ("equal_size_search", "equal_work_search")])
    best = searched.set_index("lr").groupby("network")["accuracy"].idxmax()
    work = experiment("equal_work")
    assert work.settings["rates"] == {network: [best[network]] for network in ("CNN", "1,328 units")}
    others = ("equal_size", "equal_size_own_rates", "equal_size_search", "equal_work_search", "shuffled_pixels")
    assert not set(work.seeds) & {seed for name in others for seed in experiment(name).seeds}


def test_rows_tell_the_work_beside_the_accuracy() -> None:
    found = small_rows("equal_size")
    assert len(found) == 2 * 4
    assert found["steps"].nunique() == 1
    assert found["accuracy"].between(0, 1).all()
    assert (found["seconds"] > 0).all()
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    equal_size.measure(0, **small_settings("equal_size", rates={"256 units": [0.004]}))
    assert torch.equal(torch.rand(1), expected)


def test_settings_that_cannot_be_are_refused_with_a_sentence() -> None:
    settings = small_settings("equal_size")
    with pytest.raises(CourseError, match="no part of the digits 'train'"):
        equal_size.measure(0, **{**settings, "digits_part": "train"})
    with pytest.raises(CourseError, match="no network '5 units'"):
        equal_size.begun("5 units", 0)
    with pytest.raises(CourseError, match="most must be 50 or more"):
        equal_size.measure(0, **{**settings, "most": 3})
