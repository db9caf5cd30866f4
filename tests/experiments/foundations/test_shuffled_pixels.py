"""Shuffled pixels: held to what can be derived, never to who wins."""

from __future__ import annotations

import pytest
import torch

from course_utils.data.resources import resource_names
from course_utils.errors import CourseError
from course_utils.experiments.foundations import shuffled_pixels
from course_utils.experiments.framework.registry import experiment
from course_utils.experiments.framework.results import load
from course_utils.nn.parameters import parameters_count
from course_utils.nn.picture_nets import shuffle_pixels
from tests.experiments.small_runs import small_rows, small_settings


def test_an_experiment_leaves_the_random_state_as_it_was() -> None:
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    shuffled_pixels.measure(0, **small_settings("shuffled_pixels", rates={"CNN": {"shuffled": [0.003]}}))
    assert torch.equal(torch.rand(1), expected)


def test_rates_were_chosen_on_digits_that_are_not_reported_with_as_many_tries_for_each() -> None:
    search, reported = experiment("shuffled_pixels_search"), experiment("shuffled_pixels")
    assert (search.settings["digits_part"], reported.settings["digits_part"]) == ("valid", "test")
    for network in shuffled_pixels.NETWORKS:
        for pixels in shuffled_pixels.PIXELS:
            assert tuple(search.settings["rates"][network][pixels]) == shuffled_pixels.RATES
            assert len(reported.settings["rates"][network][pixels]) == 1
    for setting in ("channels", "epochs", "most"):
        assert search.settings[setting] == reported.settings[setting]


def test_each_network_was_given_the_rate_that_was_best_in_the_published_search() -> None:
    if "results/shuffled_pixels_search.json" not in resource_names():
        pytest.skip("the search has not been published yet: make claims")
    means = load("shuffled_pixels_search").table.groupby(["network", "pixels", "lr"])["accuracy"].mean()
    for network, of_network in shuffled_pixels.CHOSEN.items():
        for pixels, lr in of_network.items():
            assert float(means[network, pixels].idxmax()) == lr


def test_both_networks_have_as_many_parameters_and_make_as_many_steps() -> None:
    cnn, mlp = (shuffled_pixels.begun(network, [16, 32], 0) for network in shuffled_pixels.NETWORKS)
    ours, theirs = (parameters_count(model) for model in (cnn, mlp))
    assert abs(ours - theirs) <= 795 / 2  # half of what a hidden unit has
    found = small_rows("shuffled_pixels")
    assert len(found) == 2 * 4
    assert found["steps"].nunique() == 1
    assert found["accuracy"].between(0, 1).all()
    assert (found.groupby("network")["parameters"].nunique() == 1).all()


def test_a_seed_draws_an_order_of_its_own_and_the_order_as_it_is_is_none() -> None:
    assert torch.equal(shuffled_pixels.order_of("as they are", 7), torch.arange(784))
    first, again, other = (shuffled_pixels.order_of("shuffled", seed) for seed in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(first.sort().values, torch.arange(784))


def test_for_a_feedforward_network_shuffling_is_nothing_but_an_order_of_its_weights() -> None:
    """With its first-layer weights shuffled in the same way it gives the same answers."""
    order = shuffled_pixels.order_of("shuffled", 0)
    images = shuffled_pixels.digits()["valid"][0][:20]
    model = shuffled_pixels.begun("feedforward", [4, 8], 0)
    before = model(images)
    with torch.no_grad():
        weight = model.get_parameter("1.weight")
        weight.copy_(weight[:, order])
    torch.testing.assert_close(model(shuffle_pixels(images, order)), before, atol=1e-5, rtol=1e-5)


def test_settings_that_cannot_be_are_refused_with_a_sentence() -> None:
    settings = small_settings("shuffled_pixels")
    with pytest.raises(CourseError, match="no part of the digits 'train'"):
        shuffled_pixels.measure(0, **{**settings, "digits_part": "train"})
    with pytest.raises(CourseError, match="no network 'MLP'"):
        shuffled_pixels.begun("MLP", [4, 8], 0)
    with pytest.raises(CourseError, match="no order of the pixels"):
        shuffled_pixels.order_of("sorted", 0)
    with pytest.raises(CourseError, match="most must be 50 or more"):
        shuffled_pixels.measure(0, **{**settings, "most": 3})
