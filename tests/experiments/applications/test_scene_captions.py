"""The experiments of claims C24 and C06 with scenes: equal sizes, what is kept out, and what is judged."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
import torch

from course_utils.data.scenes import HELD_OUT, Scenes, scene_split
from course_utils.errors import CourseError
from course_utils.experiments.applications import scene_captions
from course_utils.experiments.framework.registry import experiment
from course_utils.experiments.framework.results import is_stored, load
from course_utils.models.captioning import Captioner
from course_utils.nn.captioning_model import CaptionModel
from tests.experiments.small_runs import small_settings


@pytest.mark.parametrize("network", list(scene_captions.NETWORKS))
def test_networks_have_as_many_weights_as_whole_units_allow(network: str) -> None:
    wanted = scene_captions.weights_of("LSTM", 128)
    width = scene_captions.width_like(network, 128)
    apart = {step: abs(scene_captions.weights_of(network, width + step) - wanted) for step in (-1, 0, 1)}
    assert apart[0] < 0.02 * wanted
    assert apart[0] == min(apart.values())


def test_sizes_are_those_of_the_networks_that_are_trained() -> None:
    known = [(network, scene_captions.KNOWN, 0.002) for network in scene_captions.NETWORKS]
    rows = scene_captions.measure(3, **small_settings("captioning", runs=known, scenes=300, steps=1))
    for row in rows:
        width = scene_captions.width_like(row["network"], 8)
        assert (row["hidden_size"], row["parameters"]) == (width, scene_captions.weights_of(row["network"], width))


@pytest.mark.parametrize("network", ["LSTM", "LSTM, seen at every step", "LSTM, seen once"])
def test_what_each_network_sees_of_the_picture_after_its_first_state(network: str) -> None:
    torch.manual_seed(0)
    kind = {"attention": "multiplicative", **scene_captions.NETWORKS[network]}
    model = CaptionModel(words=12, hidden_size=8, **kind).eval()
    one, other = torch.rand(2, 1, 3, 48, 48)
    read = torch.tensor([[1, 5, 6]])
    with torch.no_grad():
        places, summary = model.encode(one)
        instead = model.encode(other)
        said = model.decode(read, places, summary, model.first_state(summary))[0]
        seen_later = model.decode(read, *instead, model.first_state(summary))[0]
        seen_first = model.decode(read, places, summary, model.first_state(instead[1]))[0]
    assert torch.equal(said, seen_later) == (network == "LSTM, seen once")
    assert not torch.equal(said, seen_first)  # the first state counts for all


def parts(training: str) -> tuple[Scenes, Scenes, Scenes]:
    split, colours, _ = scene_captions.TRAININGS[training]
    return scene_split(split, 200, 0, colours)


@pytest.mark.parametrize("training", list(scene_captions.TRAININGS))
def test_new_combinations_are_in_every_scene_of_the_test_and_nowhere_else(training: str) -> None:
    new = [
        [any((one.colour, one.shape) in HELD_OUT for one in things) for things in part.objects]
        for part in parts(training)
    ]
    if training == scene_captions.KNOWN:
        assert any(new[0])
        assert any(new[2])
    else:
        assert not any(new[0] + new[1])
        assert all(new[2])


def test_trainings_differ_in_one_thing_and_the_last_has_both() -> None:
    plain, dropped, colours, both = (scene_captions.TRAININGS[name] for name in list(scene_captions.TRAININGS)[1:])
    assert (plain[1], plain[2]) == (4, {})
    assert (dropped[1], dropped[2]) == (4, scene_captions.DROPPED)
    assert (colours[1], colours[2]) == (8, {})
    assert (both[1], both[2]) == (8, scene_captions.DROPPED)
    assert {one[0] for one in (plain, dropped, colours, both)} == {"combinations"}


@pytest.mark.parametrize(("choosing", "part", "seen"), [(True, 1, 500), (False, 2, 1_000)])
def test_the_search_judges_by_scenes_for_choosing_and_the_report_by_the_test(
    choosing: bool, part: int, seen: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A captioner that knows all captions of one part by heart is right there, and there only."""
    scenes = scene_split("random", 64, 5)[part]
    by_picture = {image.tobytes(): caption for image, caption in zip(scenes.images, scenes.captions, strict=True)}
    asked = []

    def known(self: Captioner, images: Any) -> list[str]:
        asked.append(len(images))
        return [by_picture.get(image.tobytes(), "a cat") for image in images]

    monkeypatch.setattr(Captioner, "caption", known)
    given = small_settings("captioning_search", runs=[("RNN", scene_captions.KNOWN, 0.01)], choosing=choosing)
    (row,) = scene_captions.measure(5, **{**given, "judged": 5_000, "steps": 1})
    assert asked == [seen]
    assert (row["exact"], row["bleu"], row["shape"]) == (1, pytest.approx(1), 1)
    (other,) = scene_captions.measure(5, **{**given, "judged": 5_000, "steps": 1, "choosing": not choosing})
    assert other["exact"] == 0


def test_every_network_was_given_as_many_tries_on_seeds_that_are_not_reported() -> None:
    search = experiment("captioning_search")
    tried = [(network, lr) for network, training, lr in search.settings["runs"] if training == scene_captions.KNOWN]
    assert tried == [(network, lr) for network in scene_captions.CHOSEN for lr in scene_captions.RATES]
    later = {network: lr for network, _, lr in experiment("captioning_relu_search").settings["runs"]}
    assert later.keys() == scene_captions.RELU_CHOSEN.keys()
    assert search.settings["choosing"]
    for name in ("captioning", "captioning_ways", "captioning_relu"):
        reported = experiment(name)
        assert not set(search.seeds) & set(reported.seeds)
        assert len(set(reported.settings["runs"])) == len(reported.settings["runs"])
        chosen = {**scene_captions.CHOSEN, **scene_captions.RELU_CHOSEN}
        assert all(lr == chosen[network] for network, _, lr in reported.settings["runs"])
        assert all(search.settings[same] == reported.settings[same] for same in ("steps", "scenes", "hidden_size"))


def test_the_control_has_no_more_units_than_the_network_without_attention() -> None:
    control, ways = experiment("captioning_equal_units"), experiment("captioning_ways")
    width = scene_captions.width_like("LSTM, seen at every step", ways.settings["hidden_size"])
    assert control.settings["hidden_size"] == width
    assert control.seeds == ways.seeds
    assert {**control.settings, "hidden_size": 0, "runs": []} == {**ways.settings, "hidden_size": 0, "runs": []}
    assert set(control.settings["runs"]) <= set(ways.settings["runs"])


def test_the_chosen_rates_are_those_that_the_search_found() -> None:
    if not is_stored("captioning_search"):
        pytest.skip("the search has not been run yet")
    exact = load("captioning_search").table.groupby(["network", "lr"])["exact"].mean()
    assert {network: float(exact[network].idxmax()) for network in scene_captions.CHOSEN} == scene_captions.CHOSEN


def test_the_rates_of_the_relu_network_and_its_rival_are_the_best_of_both_searches() -> None:
    tables = [load(name).table for name in ("captioning_search", "captioning_relu_search")]
    exact = pd.concat(tables).groupby(["network", "lr"])["exact"].mean()
    chosen = {network: float(exact[network].idxmax()) for network in scene_captions.RELU_CHOSEN}
    assert chosen == scene_captions.RELU_CHOSEN


def test_networks_and_trainings_that_do_not_exist_are_refused() -> None:
    for run, message in (
        (("Transformer", scene_captions.KNOWN, 0.1), "LSTM, seen once"),
        (("LSTM", "by heart", 0.1), "known combinations"),
    ):
        with pytest.raises(CourseError, match=message):
            scene_captions.measure(0, **small_settings("captioning", runs=[run]))


@pytest.mark.parametrize("name", ["captioning", "captioning_ways"])
def test_every_run_has_its_row_and_scores_are_shares(name: str) -> None:
    given = small_settings(name)
    rows = scene_captions.measure(4, **given)
    assert [(row["network"], row["training"], row["lr"]) for row in rows] == given["runs"]
    for row in rows:
        assert all(0 <= row[score] <= 1 for score in ("exact", "bleu", "size", "colour", "shape", "relation"))
