"""Told or not: equal sizes, equal tries, time constants that are what they are called; never who wins."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest
import torch

from course_utils.errors import CourseError
from course_utils.experiments.comparison.networks import OWN, Shape
from course_utils.experiments.framework.registry import experiment
from course_utils.experiments.framework.results import load
from course_utils.experiments.study import told_or_not
from course_utils.experiments.study.told_or_not import BIAS_1, CHRONO, NETWORKS, STARTS, begun, problem, units_of
from course_utils.experiments.tasks.copy import Copy
from course_utils.nn.parameters import parameters_count
from tests.experiments.small_runs import small_rows

SHAPE = Shape(5, 4, 70)
ALL = [(network, start) for network, starts in STARTS.items() for start in starts]


def test_all_networks_are_as_large_within_two_in_a_hundred() -> None:
    for task in ("flagged latch", "adding", "temporal order", "copy"):
        shape = problem(task, 60, "validation", 1).shape
        sizes = [parameters_count(begun(network, OWN, shape, 60, 0)) for network in NETWORKS]
        assert max(sizes) / min(sizes) < 1.03, (task, sizes)
    assert units_of("LSTM", SHAPE) == told_or_not.WIDTH


def kept_at_first(model: Any) -> list[float]:
    """What each unit keeps at a step by its bias alone."""
    core = model.core
    if hasattr(core, "keep"):
        bias = core.keep
    else:
        H = core.hidden_size
        bias = (core.bias_ih_l0 + core.bias_hh_l0)[H : 2 * H]
    return [float(kept) for kept in torch.sigmoid(bias.detach())]


@pytest.mark.parametrize("network", ["leaky tanh", "GRU", "LSTM"])
def test_time_constants_are_those_that_the_start_is_called_by(network: str) -> None:
    lag = 60
    for start, share in CHRONO.items():
        kept = kept_at_first(begun(network, start, SHAPE, lag, 3))
        memories = [1 / (1 - k) - 1 for k in kept]  # u of u / (u + 1)
        longest = share * lag - 1
        assert all(1 - 1e-3 <= u <= longest * (1 + 1e-3) for u in memories)
        assert max(memories) > longest / 2
    kept = kept_at_first(begun(network, BIAS_1, SHAPE, lag, 3))
    assert kept == pytest.approx([1 / (1 + math.exp(-1))] * len(kept))


@pytest.mark.parametrize(("network", "start"), ALL)
def test_a_start_changes_nothing_but_time_constants_or_is_an_identity(network: str, start: str) -> None:
    own, other = (dict(begun(network, which, SHAPE, 60, 3).named_parameters()) for which in (OWN, start))
    changed = {name for name in own if not torch.equal(own[name], other[name])}
    allowed = {"core.keep"} if network == "leaky tanh" else {"core.bias_ih_l0", "core.bias_hh_l0"}
    if start == "identity":
        allowed |= {"core.weight_ih_l0", "core.weight_hh_l0"}
    assert changed <= allowed
    assert bool(changed) == (start != OWN)


def test_an_unknown_network_or_start_is_told() -> None:
    with pytest.raises(CourseError, match="network"):
        begun("LTSM", OWN, SHAPE, 60, 0)
    with pytest.raises(CourseError, match="start of a RNN"):
        begun("RNN", BIAS_1, SHAPE, 60, 0)


def test_copy_is_judged_by_what_is_repeated() -> None:
    this, task = problem("copy", 6, "test", 40), Copy(6, 3, 4)
    drawn = task.held_out(40, 1)

    class Right(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.nn.functional.one_hot(task.answer(x), task.output_size).float()

    assert this.judge(Right(), 1) == 1
    assert not this.solved(task.chance)  # saying blank and guessing looks good where all steps count
    assert (this.shape.seq_len, this.shape.input_size) == (task.seq_len, drawn.x.shape[-1])


def test_rows_tell_each_network_and_start_and_a_share_of_one_where_the_criterion_is_not_kept() -> None:
    found = small_rows("told_or_not")
    tasks = set(found["task"])
    assert set(found.groupby(["task", "network", "start"]).groups) == {(task, *one) for task in tasks for one in ALL}
    assert (found.loc[found["solved"] == 0, "steps_share"] == 1).all()
    assert found["test_met"].isin((0, 1)).all()


# ---------------------------------------------------------------------------------------------------------------------
# The search


def test_every_start_had_the_same_rates_and_three_in_eight_went_on_to_the_second_seed() -> None:
    first = load("told_or_not_search").table
    by = first.groupby(["task", "network", "start"])
    assert {tuple(sorted(rates)) for rates in by["lr"].apply(list)} == {told_or_not.RATES}
    again = experiment("told_or_not_search_again").settings["tries"]
    for (task, network, start), some in by:
        assert sorted(again[task][network][start]) == sorted(some.loc[some["went_on"] == 1, "lr"])


def ranked(task: str, some: pd.DataFrame) -> pd.DataFrame:
    means = some.groupby("lr")[["steps_share", "score"]].mean().round(9)
    means["score"] *= 1 if task == "adding" else -1
    return means.sort_values(["steps_share", "score"])


def test_each_rate_is_the_best_of_both_seeds_of_the_search() -> None:
    found = pd.concat([load("told_or_not_search").table, load("told_or_not_search_again").table])
    reported = experiment("told_or_not")
    tried = found[found.groupby(["task", "network", "start", "lr"])["seed"].transform("nunique") == 2]
    for (task, network, start), some in tried.groupby(["task", "network", "start"]):
        best = ranked(str(task), some)
        assert reported.settings["rates"][task][network][start] == best.index[0], (task, network, start)
    assert not set(found["seed"]) & set(reported.seeds)
