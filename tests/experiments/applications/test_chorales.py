"""Chorales by networks, a regression and counts: equal size, the same frames judged, and what is told."""

from __future__ import annotations

import pytest
import torch

from course_utils.data.chords import KEYS
from course_utils.experiments.applications import chorales
from course_utils.experiments.framework.registry import experiment
from course_utils.experiments.framework.results import load
from course_utils.models.chord_baselines import KeyShares
from course_utils.nn.chord_net import ChordNet
from course_utils.nn.parameters import parameters_count
from tests.experiments.small_runs import small_rows

LOOP = [(60, 64), (62, 65), (60, 64), (59, 62)] * 4


def test_each_of_the_plan_has_its_row() -> None:
    rows = small_rows("chorales")
    names = [(name, semitones) for name, semitones, *_ in chorales.variants()]
    for _, some in rows.groupby("seed"):
        assert list(zip(some["network"], some["transposed"], strict=True)) == names
    assert (rows["nats"] > 0).all()
    assert rows["four"].between(0, 1).all()
    assert (rows["four_excess"] == rows["four"] - rows["four_real"]).all()
    assert rows.groupby("seed")["four_real"].nunique().eq(1).all()


def test_networks_are_as_large() -> None:
    sizes = [
        parameters_count(ChordNet(cell, chorales.width_like(name, 100))) for name, cell in chorales.NETWORKS.items()
    ]
    assert max(sizes) / min(sizes) < 1.01


def test_every_network_was_tried_with_the_same_rates() -> None:
    for name in chorales.SEARCHES:
        tried: dict[str, list[float]] = {}
        for network, _, setting, *rest in experiment(name).settings["plan"]:
            tried.setdefault(network, []).append(setting)
            assert rest == ([0.0, 0] if network == chorales.FRAMES else [chorales.DROPOUT, chorales.EPOCHS])
        assert len({tuple(tried[network]) for network in chorales.NETWORKS}) == 1
        assert not set(experiment(name).seeds) & set(experiment("chorales").seeds)


def test_the_chosen_settings_are_those_that_the_searches_found() -> None:
    import pandas as pd

    rows = pd.concat([load(name).table for name in chorales.SEARCHES])
    best = rows.groupby(["network", "setting"])["valid_nats"].mean().reset_index()
    chosen = best.loc[best.groupby("network")["valid_nats"].idxmin()].set_index("network")["setting"]
    assert dict(chosen) == chorales.CHOSEN
    for name, setting in chosen.items():
        tried = sorted(best[best["network"] == name]["setting"])
        assert tried[0] < setting < tried[-1], f"the best setting of {name} is at the edge of its range"


def test_made_up_tunes_follow_the_model() -> None:
    model = KeyShares([LOOP])
    model.logits[:] = -50.0
    model.logits[60 - 21] = 50.0
    made = chorales.made_up(model, 2, 5, torch.Generator().manual_seed(0))
    assert made.shape == (2, 5, KEYS)
    assert made.sum().item() == pytest.approx(10)
    assert (made[:, :, 60 - 21] == 1).all()


def test_the_control_is_as_large_was_tried_with_the_same_rates_and_has_the_best_of_them() -> None:
    sizes = [
        parameters_count(ChordNet(cell, chorales.width_like(name, 100))) for name, cell in chorales.CONTROLS.items()
    ]
    lstm = parameters_count(ChordNet("lstm", 100))
    assert all(abs(size / lstm - 1) < 0.01 for size in sizes)
    tried = [setting for _, _, setting, *_ in experiment("chorales_controls_search").settings["plan"]]
    networks = [row for name in chorales.SEARCHES for row in experiment(name).settings["plan"] if row[0] == "LSTM"]
    assert sorted(tried) == sorted(setting for _, _, setting, *_ in networks)
    found = load("chorales_controls_search").table
    best = found.loc[found["valid_nats"].idxmin(), "setting"]
    assert best == chorales.CONTROL_RATE
    assert min(tried) < best < max(tried)
    assert experiment("chorales_controls").seeds == experiment("chorales").seeds
