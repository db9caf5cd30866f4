"""The contest and the learning curves, run small: held to what can be derived, never to who wins; and their figures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from course_utils.data.tables import split, tables
from course_utils.errors import CourseError
from course_utils.experiments.foundations import accuracy_and_speed, learning_curves
from course_utils.experiments.framework.experiment import Experiment
from tests.experiments.small_runs import small_rows

EXPERIMENTS: dict[str, Experiment] = {
    one.name: one for one in (accuracy_and_speed.EXPERIMENT, *learning_curves.EXPERIMENTS)
}


def test_seconds_are_measured() -> None:
    for name, one in EXPERIMENTS.items():
        if not name.endswith("_search"):
            timed = small_rows(name, seeds=1)[list(one.timed)].drop(columns="log10_seconds", errors="ignore")
            assert (timed > 0).all().all()


def test_quick_and_full_runs_measure_the_same_things() -> None:
    found = small_rows("contest", seeds=1)
    assert set(found["data"]) == {*accuracy_and_speed.TABLES, *accuracy_and_speed.PICTURES}
    for _, of_set in found.groupby(["data", "seed"]):
        assert sorted(of_set["method"]) == sorted([*accuracy_and_speed.METHODS, accuracy_and_speed.BEST_OTHER])
    sizes = set(EXPERIMENTS["learning_curves"].settings["sizes"])
    assert set(small_rows("learning_curves")["examples"]) == {100, 400, 3200} <= sizes


@pytest.mark.parametrize(("name", "about"), [("contest", "data"), ("learning_curves", "examples")])
def test_the_best_other_is_the_one_that_validation_names(name: str, about: str) -> None:
    found = small_rows(name, seeds=1)
    assert (found["accuracy"] + found["error"] == 1).all()
    for _, some in found.groupby([about, "seed"]):
        others = some[~some["method"].isin(("network", "CNN", "best other"))]
        best = some[some["method"] == "best other"].iloc[0]
        assert best["valid"] == others["valid"].max()
        same = others[others["valid"] == best["valid"]].iloc[0]  # of equals the first, whatever the test says
        assert best["accuracy"] == same["accuracy"]
        assert best["setting"] == same["setting"]


def test_every_method_gets_the_same_number_of_tries() -> None:
    tries = EXPERIMENTS["contest"].settings["tries"]
    assert {len(method.settings) for method in accuracy_and_speed.METHODS.values()} == {tries}
    search = EXPERIMENTS["learning_curves_search"]
    assert not set(search.seeds) & set(EXPERIMENTS["learning_curves"].seeds)
    assert search.settings["part"] == "validation"
    counts = {len(some) for of_method in search.settings["tries"].values() for some in of_method.values()}
    assert counts == {4}
    for method, chosen in learning_curves.CHOSEN.items():
        assert all(setting in learning_curves.TRIES[method] for setting in chosen.values())
    assert set(learning_curves.CHOSEN) == {*learning_curves.NETWORKS, *learning_curves.OTHERS}


def test_the_chance_line_is_the_share_of_the_class_that_is_most_frequent_in_training() -> None:
    table = tables()["vote"]
    drawn = np.random.default_rng(0).permutation(len(table.labels))[:150]
    labels = table.labels[drawn]
    train, valid, test = split(labels, seed=0)
    often = np.bincount(labels[np.concatenate([train, valid])]).argmax()
    found = small_rows("contest", seeds=1)
    vote = found[(found["data"] == "vote") & (found["seed"] == 0)]
    assert (vote["chance"] == (labels[test] == often).mean()).all()


class Oracle:
    """It knows that the class is x modulo 3, or is always wrong; and remembers how many rows it was trained on."""

    def __init__(self, wrong: bool) -> None:
        self.wrong = wrong
        self.asked: list[int] = []

    def fit(self, x: Any, y: Any) -> Oracle:
        self.asked.append(len(y))
        return self

    def predict(self, x: Any) -> Any:
        return (x[:, 0] + self.wrong).astype(int) % 3


def test_the_setting_that_is_right_on_validation_rows_is_chosen_and_trained_anew_on_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    y = np.arange(100) % 3
    x = np.arange(100.0)[:, None]
    made: list[tuple[Any, Oracle]] = []

    def make(setting: Any, seed: int) -> Oracle:
        one = Oracle(setting["wrong"])
        made.append((setting, one))
        return one

    monkeypatch.setattr(
        accuracy_and_speed, "METHODS", {"k-NN": accuracy_and_speed.Method(make, ({"wrong": True}, {"wrong": False}))}
    )
    monkeypatch.setattr(accuracy_and_speed, "prepared", lambda name, inputs, train: inputs)
    network, best = accuracy_and_speed._on("iris", x, y, tries=2, epochs=1, seed=0)
    assert [(setting["wrong"], one.asked) for setting, one in made] == [(True, [60]), (False, [60]), (False, [80])]
    assert (network["method"], network["accuracy"], network["valid"]) == ("k-NN", 1.0, 1.0)
    assert {**best, "method": "k-NN"} == network


def test_the_network_stops_early_and_is_trained_anew_for_as_many_epochs() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(60, 8)), rng.integers(0, 2, size=60)  # nothing to learn
    places = np.arange(60)
    setting = {"hidden_sizes": [64], "weight_decay": 0.0, "epochs": 80}
    found = accuracy_and_speed.search("network", [setting], x, y, places[:40], places[40:], 0)
    assert 1 <= found.setting["epochs"] < 80
    again = accuracy_and_speed.Network(**found.setting, seed=0).fit(x[:40], y[:40])
    assert float((again.predict(x[40:]) == y[40:]).mean()) == found.valid


@pytest.mark.parametrize("name", ["wine", "digits 8×8"])
def test_the_scale_is_that_of_the_training_rows(name: str) -> None:
    inputs, _ = accuracy_and_speed._data(name)
    train = np.arange(0, len(inputs), 2)
    scaled = accuracy_and_speed.prepared(name, inputs, train)[train]
    axis = None if name in accuracy_and_speed.PICTURES else 0
    assert np.allclose(scaled.mean(axis=axis), 0)
    assert np.allclose(scaled.std(axis=axis), 1)


def test_what_is_not_there_is_refused_with_a_sentence() -> None:
    curves = {**learning_curves.EXPERIMENTS[1].settings, **learning_curves.EXPERIMENTS[1].quick}
    for call, message in (
        (lambda: accuracy_and_speed._data("dogs"), "no set of data 'dogs'"),
        (lambda: learning_curves.measure(0, **{**curves, "part": "train"}), "no part of the digits 'train'"),
        (lambda: learning_curves.measure(0, **{**curves, "sizes": [5000]}), "from 10 to 3200"),
        (lambda: learning_curves.made("RNN", {}, 0), "no method 'RNN'"),
    ):
        with pytest.raises(CourseError, match=message):
            call()
