"""The ladder of ingredients: equal sizes, equal tries, starts as told, and sequences that no training draws."""

from __future__ import annotations

from itertools import islice
from typing import Any

import pandas as pd
import pytest
import torch
from torch import Tensor, nn

from course_utils.errors import CourseError
from course_utils.experiments.computation import formal_language_grid as grid
from course_utils.experiments.framework.registry import EXPERIMENTS
from course_utils.experiments.framework.results import load
from course_utils.experiments.study import ingredients as ladder
from course_utils.nn.parameters import parameters_count
from tests.experiments.small_runs import small_settings


@pytest.mark.parametrize("task", ladder.TASKS)
def test_networks_have_as_many_parameters_as_whole_units_allow(task: str) -> None:
    counts = [
        parameters_count(ladder.build(network, choice, task, 24, seed=0))
        for network in ladder.NETWORKS
        for choice in ladder.choices(network)
    ]
    assert max(counts) / min(counts) < 1.06


@pytest.mark.parametrize("network", ladder.NETWORKS)
def test_every_network_has_two_ways_to_begin_and_as_many_tries(network: str) -> None:
    first, second = (ladder.build(network, choice, "latch", 8, seed=0) for choice in ladder.choices(network))
    x = torch.eye(5).repeat(1, 3, 1)
    with torch.no_grad():
        assert not torch.equal(first(x), second(x))
    for name in ladder.NAMES.values():
        searches = [EXPERIMENTS[f"{name}{kind}_search"].settings["runs"] for kind in ("", "_wider")]
        tried = [tuple(run) for runs in searches for run in runs if run[1] == network]
        assert len(set(tried)) == len(tried) == 2 * (len(ladder.RATES) + len(ladder.WIDER))


@pytest.mark.parametrize("network", ladder.NETWORKS)
def test_times_lie_between_one_step_and_the_longest(network: str) -> None:
    core: Any = ladder.build(network, ladder.choices(network)[1], "latch", 24, seed=0).core
    if network == "tanh RNN":
        W = core.weight_hh_l0
        assert torch.allclose(W @ W.T, torch.eye(len(W)), atol=1e-5)
        return
    logits: Tensor = {
        "leaky tanh": lambda: core.keep,
        "diagonal linear": lambda: core.keep,
        "minGRU": lambda: core.keep.bias,
        "GRU": lambda: core.bias_ih_l0.chunk(3)[1] + core.bias_hh_l0.chunk(3)[1],
        "LSTM": lambda: core.bias_ih_l0.chunk(4)[1] + core.bias_hh_l0.chunk(4)[1],
        "exponential LSTM": lambda: core.inward.bias.chunk(4)[1],
    }[network]()
    times = logits.exp()
    assert times.min() >= 1
    assert 30 < times.max() <= 39


@pytest.mark.parametrize("task", ladder.MEMORY)
def test_sequences_to_learn_from_have_all_lengths_and_their_answers(task: str) -> None:
    lengths = set()
    for x, y, _ in islice(ladder.batches(task, seed=1), 400):
        assert torch.equal(ladder.task_of(task, x.shape[1]).answer(x), y)
        lengths.add(x.shape[1])
    assert lengths == set(range(ladder.SHORTEST[task], 41))


def _constant(answer: int, answers: int) -> nn.Module:
    class Constant(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return nn.functional.one_hot(torch.tensor(answer), answers).float().expand(*x.shape[:2], -1)

    return Constant()


def test_who_always_answers_the_same_is_at_chance_and_what_is_asked_is_far_away() -> None:
    for task in ladder.MEMORY:
        rows = ladder.judge(_constant(0, 4), task, [40, 400], 400, seed=3)
        assert [row["length"] for row in rows] == [40, 400]
        assert all(abs(row["accuracy"] - 0.25) < 0.11 for row in rows)
        drawn = ladder.task_of(task, 40, 20).held_out(400, 3)
        shown = drawn.x[..., :4].sum(2) if task == "key–value recall" else drawn.x[..., 4]
        assert shown[:, 20:-1].sum() == 0
        assert shown[:, :20].sum() == 400 * (4 if task == "key–value recall" else 1)


def test_languages_are_judged_as_the_grid_judges_them() -> None:
    model = ladder.build("GRU", ladder.OWN, "aⁿbⁿ", 4, seed=0)
    rows, of_grid = (module.judge(model, "aⁿbⁿ", [40, 100], 20, 5) for module in (ladder, grid))
    assert [row["accuracy"] for row in rows] == [row["accuracy"] for row in of_grid]


def test_a_network_that_learns_is_told_from_one_that_does_not() -> None:
    """The shortest latch asks for the symbol beside the flag: sixty steps are enough to be above chance."""
    settings = small_settings("ingredients_latch", steps=120, lstm_units=16, lengths=[4], judged=300)
    rows = ladder.measure(0, **(settings | {"runs": [["latch", "minGRU", ladder.choices("minGRU")[1], 0.03]]}))
    assert rows[0]["accuracy"] > 0.5


def test_numbers_beyond_all_bounds_are_judged_too() -> None:
    model: Any = ladder.build("LSTM", ladder.OWN, "latch", 4, seed=0)
    nn.init.constant_(model.readout[-1].weight, float("nan"))
    for row in ladder.judge(model, "latch", [40], 10, seed=0):
        assert row["loss"] == grid.MOST_LOSS
        assert 0 <= row["accuracy"] <= 1


@pytest.mark.parametrize("task", ladder.TASKS)
def test_the_chosen_are_those_that_the_searches_found(task: str) -> None:
    name = ladder.NAMES[task]
    rows = pd.concat([load(f"{name}{kind}_search").table for kind in ("", "_wider")])
    for network, pair in ladder.CHOSEN[task].items():
        tried = rows[rows["network"] == network].groupby(["choice", "lr"])[["accuracy", "loss"]].mean()
        assert min((-row.accuracy, row.loss, *index) for index, row in tried.iterrows())[2:] == pair, network


def test_what_cannot_be_meant() -> None:
    with pytest.raises(CourseError, match="orthogonal"):
        ladder.build("tanh RNN", ladder.SPREAD, "latch", 8, seed=0)
    with pytest.raises(CourseError, match="LSTM"):
        ladder.choices("Elman")
    with pytest.raises(CourseError, match="latch"):
        ladder.sizes_of("copy")
