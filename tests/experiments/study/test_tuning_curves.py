"""Tuning curves: settings of one range, the same for all networks, equal sizes, and curves that are what they say."""

from __future__ import annotations

from itertools import combinations, islice
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from course_utils.errors import CourseError
from course_utils.experiments.comparison.contests import contest
from course_utils.experiments.framework.registry import EXPERIMENTS
from course_utils.experiments.study import tuning_curves as tuning
from course_utils.experiments.tasks.task import Batch
from course_utils.nn.parameters import parameters_count
from tests.experiments.small_runs import small_rows, small_settings


def test_settings_fill_the_range_and_are_drawn_by_seed_and_task_alone() -> None:
    drawn = [tuning.draw(task, seed) for task in tuning.TASKS for seed in range(400)]
    assert len({setting.lr for setting in drawn}) == len(drawn)
    for values, (low, high) in (
        ([setting.lr for setting in drawn], tuning.RATES),
        ([setting.clip_norm for setting in drawn], tuning.CLIPS),
    ):
        assert low <= min(values) <= max(values) <= high
        halves = np.mean(np.log(values) < (np.log(low) + np.log(high)) / 2)  # as often below the middle as above it
        assert halves == pytest.approx(0.5, abs=0.06)
    for batch in tuning.BATCHES:
        assert np.mean([setting.batch_size == batch for setting in drawn]) == pytest.approx(1 / 3, abs=0.06)
    for start in range(3):
        assert np.mean([setting.start == start for setting in drawn]) == pytest.approx(1 / 3, abs=0.06)
    assert tuning.draw("digits", 7) == tuning.draw("digits", 7)


def test_all_networks_of_a_seed_have_the_same_setting() -> None:
    rows = small_rows("tuning_curves")
    same = rows.groupby(["seed", "task"])[["lr", "clip_norm", "batch_size"]].nunique()
    assert (same == 1).all(axis=None)
    assert set(rows["network"]) == set(tuning.NETWORKS)
    assert rows[["score", "test", "solved"]].min(axis=None) >= 0
    assert rows[["score", "test", "solved"]].max(axis=None) <= 1


@pytest.mark.parametrize("task", tuning.TASKS)
def test_networks_have_as_many_parameters_as_whole_units_allow_and_three_starts(task: str) -> None:
    this, counts = contest(task, tuning.TASKS[task], "validation", 2), []
    x = torch.rand(2, 5, this.shape.input_size)
    for network in tuning.NETWORKS:
        made = [tuning.build(network, this, start, 20, seed=0) for start in range(3)]
        counts += [parameters_count(model) for model in made]
        answers = [model(x) for model in made]
        assert not any(torch.equal(a, b) for a, b in combinations(answers, 2))
        assert len({tuning.start_label(network, start) for start in range(3)}) == 3
    assert max(counts) / min(counts) < 1.05


def test_a_min_gru_begins_with_the_gates_that_its_starts_name() -> None:
    this = contest("adding", 30, "validation", 2)
    gates: list[Any] = [tuning.build("minGRU", this, start, 20, seed=0).core for start in range(3)]
    assert gates[0].keep.bias.abs().max() < 1
    assert (gates[1].keep.bias == tuning.KEPT).all()
    assert 50 < gates[2].keep.bias.max().exp() <= 99


@pytest.mark.parametrize("size", [16, 32, 64])
def test_batches_of_other_sizes_hold_the_same_sequences(size: int) -> None:
    def made() -> Any:
        return (Batch(torch.arange(32.0)[:, None] + 32 * k, torch.arange(32) + 32 * k, None) for k in range(4))

    found = list(tuning.rebatched(made(), size))
    assert all(len(batch.x) == len(batch.y) == size for batch in found)
    assert torch.equal(torch.cat([batch.y for batch in found]), torch.arange(128))
    assert torch.equal(torch.cat([batch.x for batch in found])[:, 0].long(), torch.arange(128))


def test_of_the_digits_every_round_ends_with_a_smaller_batch() -> None:
    digits = contest("digits", 32, "validation", 2).batches(0)
    sizes = [len(batch.x) for batch in islice(tuning.rebatched(digits, 64), 17)]
    assert sizes == [64] * 15 + [40, 64]


def test_scores_are_0_at_chance_and_1_where_all_is_right() -> None:
    assert tuning.skill("adding", 1 / 6) == pytest.approx(0)
    assert tuning.skill("adding", 0.0) == 1
    assert tuning.skill("adding", 7.0) == tuning.skill("adding", float("nan")) == 0
    assert tuning.skill("flagged latch", 0.25) == tuning.skill("digits", 0.1) == 0
    assert tuning.skill("flagged latch", 1.0) == tuning.skill("digits", 1.0) == 1
    assert tuning.skill("digits", 0.55) == pytest.approx(0.5)


def test_a_training_that_diverges_counts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning, "draw", lambda task, seed: tuning.Drawn(1e12, 1e12, 16, 0))
    rows = tuning.measure(0, **small_settings("tuning_curves", tasks=["adding"], networks=["ReLU RNN"]))
    assert [rows[0][name] for name in ("score", "test", "solved", "diverged")] == [0.0, 0.0, 0, 1]


def test_curves_choose_by_validation_and_report_the_test() -> None:
    rows = pd.DataFrame(
        {"task": "adding", "network": name, "score": score, "test": test}
        for name, pairs in {"LSTM": [(0.9, 0.5), (0.1, 0.8)], "GRU": [(0.2, 0.1), (0.3, 0.6)]}.items()
        for score, test in pairs
    )
    found = tuning.curves(rows, [1, 2]).set_index(["network", "tries"])["expected"]
    assert found.to_dict() == pytest.approx({("LSTM", 1): 0.65, ("LSTM", 2): 0.5, ("GRU", 1): 0.35, ("GRU", 2): 0.6})
    assert tuning.orders(rows, 1) == {"adding": ["LSTM", "GRU"]}
    assert tuning.orders(rows, 2) == {"adding": ["GRU", "LSTM"]}


def test_two_runs_of_forty_settings_are_told() -> None:
    seeds = EXPERIMENTS["tuning_curves"].seeds
    assert (*tuning.FIRST, *tuning.AGAIN) == seeds
    assert len(tuning.FIRST) == len(tuning.AGAIN) == tuning.SETTINGS_OF_A_RUN == 40
    told = EXPERIMENTS["tuning_curves"].described()
    assert "log-uniform from 1e−4 to 0.316" in told.learning_rate
    assert "16, 32, 64" in told.batch


def test_what_cannot_be_meant() -> None:
    with pytest.raises(CourseError, match="adding"):
        tuning.draw("copy", 0)
    with pytest.raises(CourseError, match="minGRU"):
        tuning.build("Elman", contest("adding", 30, "validation", 2), 0, 20, seed=0)
