"""The grid's second edition: held to its own words, never to who wins."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
import torch
from torch import nn

from course_utils.experiments.comparison import kept
from course_utils.experiments.comparison.contests import BATCH, Contest, contest
from course_utils.experiments.comparison.grid import LOOKS
from course_utils.experiments.comparison.kept import Training
from course_utils.experiments.comparison.networks import CELLS, OWN, Shape, equal_sizes, operations, size_of
from course_utils.experiments.comparison.until_kept import IN_A_ROW, VALIDATION
from course_utils.experiments.framework.registry import experiment, load_experiments
from course_utils.experiments.framework.results import load
from tests.experiments.answering import diverges, first_of

LOOP = "course_utils.experiments.framework.train_until."
SHAPE = Shape(2, 1, 20)


def nothing() -> Iterator[Any]:
    while True:
        yield None


def made_up(score_at: Callable[[int], float]) -> Contest:
    """A contest with a score for each look, 0 before the training; 0.9 meets the criterion."""
    looks: list[int] = []

    def judge(model: nn.Module, seed: int) -> float:
        assert seed >= VALIDATION
        looks.append(1)
        return score_at(len(looks) - 1)

    return Contest(
        SHAPE, 20, lambda seed: nothing(), lambda model, batch: torch.tensor(0.0), judge, lambda score: score >= 0.9
    )


def training(score_at: Callable[[int], float]) -> Training:
    return Training(made_up(score_at), "RNN", (10,), OWN, 0.01, 0)


@pytest.fixture
def untrained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LOOP + "fit", lambda *_, **__: None)


@pytest.mark.usefixtures("untrained")
def test_a_run_ends_when_three_looks_in_a_row_meet_the_criterion_and_tells_the_first_that_did() -> None:
    one = training(lambda look: 0.95 if look in (2, 3, 5, 6, 7, 8) else 0.1)  # met twice, lost, met for good
    one.go_on(1000)
    row = one.row(1000)
    assert (row["solved"], row["steps"], row["first"]) == (1, 7 * LOOKS, 2 * LOOKS)
    assert row["score"] == pytest.approx(0.95)
    assert row["operations"] == pytest.approx(3e-6 * operations("RNN", SHAPE, (10,)) * BATCH * 7 * LOOKS, abs=0.05)
    assert row["parameters"] == size_of("RNN", SHAPE, (10,))


@pytest.mark.usefixtures("untrained")
def test_a_run_that_meets_the_criterion_now_and_then_has_not_kept_it() -> None:
    one = training(lambda look: 0.95 if look % 3 else 0.2)
    one.go_on(1000)
    row = one.row(1000)
    assert (row["solved"], row["steps"], row["first"]) == (0, 1000, LOOKS)
    assert row["score"] == pytest.approx((0.2 + 0.95 + 0.95) / 3)
    never = training(lambda look: 0.2)
    never.go_on(200)
    assert never.row(1000)["first"] == 1000


@pytest.mark.usefixtures("untrained")
@pytest.mark.parametrize("stopped_at", [LOOKS, 3 * LOOKS, 4 * LOOKS])
def test_a_run_that_was_stopped_goes_on_as_if_it_had_not_been(stopped_at: int) -> None:
    scores = [0.0, 0.2, 0.3, 0.9, 0.9, 0.9, 0.9]
    ended = []
    for parts in ((1000,), (stopped_at, 1000)):
        one = training(lambda look: scores[look])
        for steps in parts:
            one.go_on(steps)
        ended.append((one.steps, one.solved, [(look.steps, look.score) for look in one.looks]))
    assert ended[0] == ended[1]
    assert ended[0][0] == 5 * LOOKS


def test_a_run_that_diverges_has_not_kept_the_criterion_and_does_not_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LOOP + "fit", diverges)
    one = training(lambda look: 0.1)
    one.go_on(300)
    one.go_on(1000)
    row = one.row(1000)
    assert (row["solved"], row["steps"], row["score"]) == (0, 300, pytest.approx(0.1))
    assert math.isfinite(row["seconds"])


def test_stopping_sees_other_sequences_than_the_test_and_neither_those_of_training() -> None:
    seen: list[tuple[str, int, int]] = []

    def watched(task: str, lag: int, part: str = "test", judged: int = 500) -> Contest:
        this = contest(task, lag, part, judged)

        def judge(model: nn.Module, seed: int) -> float:
            seen.append((part, seed, judged))
            return this.judge(model, seed)

        return Contest(this.shape, this.lag, this.batches, this.objective, judge, this.solved)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kept, "contest", watched)
        row = kept.run_one("adding", 20, "RNN", OWN, 0.01, 2, 5, judged={"validation": 7, "test": 9})
    assert seen == [("validation", 5 + VALIDATION, 7)] * 2 + [("test", 5, 9)]
    assert set(kept.run_one("digits", 8, "RNN", OWN, 0.01, 1, 5)) == set(row)
    assert row["test_met"] == int(row["test"] < 0.01)
    reported = set(experiment("kept").seeds)
    assert not reported & {seed + VALIDATION for seed in reported}


@pytest.mark.parametrize("lost", [math.inf, math.nan])
def test_a_test_error_that_is_no_number_is_told_as_the_worst_and_has_not_met_the_criterion(
    monkeypatch: pytest.MonkeyPatch, lost: float
) -> None:
    def blown_up(task: str, lag: int, part: str = "test", judged: int = 500) -> Contest:
        this = contest(task, lag, part, judged)
        return replace(this, judge=lambda model, seed: lost) if part == "test" else this

    monkeypatch.setattr(kept, "contest", blown_up)
    row = kept.run_one("adding", 20, "RNN", OWN, 0.01, 1, 5, judged={"validation": 5, "test": 5})
    assert (row["test"], row["test_met"]) == (kept.WORST, 0)


def test_a_small_run_keeps_the_criterion_on_validation_data_and_is_tested_once() -> None:
    row = kept.run_one("temporal order", 10, "GRU", "chrono 100", 0.03, 400, 0, judged={"validation": 200, "test": 200})
    assert row["solved"] == 1
    assert LOOKS <= row["first"] <= row["steps"] - (IN_A_ROW - 1) * LOOKS
    assert row["score"] >= 0.99
    assert row["test_met"] == int(row["test"] >= 0.99)
    assert row["test"] > 0.9


def test_of_each_start_the_best_three_rates_in_eight_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """The made-up score of a rate is the rate itself; the best two keep the criterion."""

    class ByRate:
        def __init__(self, this: Any, network: str, width: tuple[int, ...], start: str, lr: float, seed: int) -> None:
            self.lr, self.steps, self.solved = lr, 0, False
            self.score = lr

        def go_on(self, most_steps: int) -> None:
            self.solved = self.lr >= 0.7
            self.steps = 100 if self.solved else most_steps

        def row(self, most_steps: int) -> dict[str, Any]:
            return {"steps": self.steps, "solved": int(self.solved), "score": self.score}

    monkeypatch.setattr(kept, "Training", ByRate)
    rates = [n / 10 for n in range(1, 9)]
    tries = [["temporal order", "GRU", OWN, rates], ["adding", "GRU", OWN, rates], ["digits", "GRU", OWN, rates]]
    rows = kept.search(0, lags={"temporal order": [20], "adding": [20]}, tries=tries, first_steps=300, most_steps=1000)
    assert {row["task"] for row in rows} == {"temporal order", "adding"}
    went = {
        task: [row["lr"] for row in rows if row["task"] == task and row["went_on"]]
        for task in ("temporal order", "adding")
    }
    assert went == {"temporal order": [0.6, 0.7, 0.8], "adding": [0.1, 0.7, 0.8]}  # of an error less is better
    for row in rows:
        assert row["steps_share"] == (0.1 if row["solved"] else 1.0)
        assert row["steps"] == (100 if row["solved"] else 1000 if row["went_on"] else 300)


def test_denormal_numbers_are_kept_again_after_an_experiment() -> None:
    def flushed() -> bool:
        return bool(torch.tensor([1e-30]) * torch.tensor([1e-10]) == 0)

    kept.search(0, lags={"digits": [8]}, tries=[["digits", "RNN", OWN, [0.01]]], first_steps=1, most_steps=1)
    assert not flushed()


# ---------------------------------------------------------------------------------------------------------------------
# The search


def test_every_network_has_as_many_tries_over_the_same_range_on_each_task() -> None:
    tried: dict[tuple[str, str], list[tuple[str, float]]] = {}
    for task, network, start, rates in experiment("kept_search").settings["tries"]:
        tried.setdefault((task, network), []).extend((start, lr) for lr in rates)
    assert set(tried) == {(task, network) for task in kept.LAGS for network in kept.NETWORKS}
    assert {len(set(some)) for some in tried.values()} == {24}
    assert {(min(lr for _, lr in some), max(lr for _, lr in some)) for some in tried.values()} == {(0.0001, 0.3)}
    assert not any(start == "chrono" for some in tried.values() for start, _ in some)  # which is told the lag


@pytest.mark.parametrize("network", list(CELLS))
def test_a_start_is_the_same_for_every_lag(network: str) -> None:
    for start in kept.STARTS[network]:
        made = [
            Training(contest("adding", lag), network, equal_sizes(SHAPE)[network], start, 0.1, 0).model
            for lag in (20, 160)
        ]
        for one, other in zip(*(model.parameters() for model in made), strict=True):
            assert torch.equal(one, other)


def searched() -> pd.DataFrame:
    """task, network, weights, lr → mean share, and the mean score with a sign: lower is better."""
    means = load("kept_search").table.groupby(["task", "network", "weights", "lr"])[["steps_share", "score"]].mean()
    means.loc[[task for task in kept.LAGS if task != "adding"], "score"] *= -1
    return means.round(9)


@pytest.mark.parametrize("task", kept.LAGS)
def test_what_is_run_is_what_the_search_found(task: str) -> None:
    means = searched()
    assert set(kept.CHOSEN[task]) == set(kept.NETWORKS)
    for network, chosen in kept.CHOSEN[task].items():
        assert chosen in first_of(means.loc[(task, network)]), network
    assert set(kept.OWN_RATES[task]) == set(CELLS)
    for network, lr in kept.OWN_RATES[task].items():
        assert lr in first_of(means.loc[(task, network, OWN)]), network


def test_no_chosen_rate_lies_at_the_edge_of_what_was_tried() -> None:
    rates = [lr for of_task in kept.CHOSEN.values() for _, lr in of_task.values()]
    assert all(min(kept.RATES) < lr < max(kept.RATES) for lr in rates)


def test_each_network_is_reported_as_chosen_and_the_recurrent_ones_in_more_ways() -> None:
    reported: dict[tuple[str, str, str, str], tuple[str, float]] = {}
    for task, network, weights, lr, size, names in kept.variants():
        for name in names:
            assert (task, network, size, name) not in reported
            reported[task, network, size, name] = (weights, lr)
    for task, chosen in kept.CHOSEN.items():
        of_task = {key[1:]: value for key, value in reported.items() if key[0] == task}
        assert {network: of_task.pop((network, kept.FAIR, "searched")) for network in kept.NETWORKS} == chosen
        own = {network: of_task.pop((network, kept.FAIR, OWN)) for network in CELLS}
        assert own == {network: (OWN, lr) for network, lr in kept.OWN_RATES[task].items()}
        as_wide = [network for network in CELLS if network != "LSTM" and task == "digits"]
        for network in as_wide:
            assert of_task.pop((network, kept.WIDE, "searched")) == chosen[network]
        assert not of_task


def test_reported_seeds_are_those_of_no_other_experiment() -> None:
    others = {seed for name, one in load_experiments().items() if name != "kept" for seed in one.seeds}
    assert not others & set(experiment("kept").seeds)
