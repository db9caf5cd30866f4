"""The grid: held to its own words, never to who wins."""

from __future__ import annotations

import math
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from course_utils.experiments.comparison import grid
from course_utils.experiments.comparison.contests import BATCH, LAGS, Contest, contest
from course_utils.experiments.comparison.grid import LOOKS
from course_utils.experiments.comparison.networks import CELLS, NETWORKS, OWN, STARTS, Shape, equal_sizes, size_of
from course_utils.experiments.framework.results import load
from tests.experiments.answering import diverges, first_of
from tests.strategies import examples

LOOP = "course_utils.experiments.framework.train_until."


def nothing() -> Iterator[Any]:
    while True:
        yield None


def made_up(solved_at: int, seq_len: int = 4) -> Contest:
    """A contest whose score is the number of the look, 0 before the training; solved from one look on."""
    looks: list[int] = []

    def judge(model: nn.Module, seed: int) -> float:
        looks.append(1)
        return float(len(looks) - 1)

    def solved(score: float) -> bool:
        return score >= solved_at

    return Contest(
        Shape(2, 1, seq_len), seq_len, lambda seed: nothing(), lambda model, batch: torch.tensor(0.0), judge, solved
    )


def test_a_small_run_meets_the_criterion_and_one_with_a_wild_rate_does_not() -> None:
    this = contest("flagged latch", 2)
    width = (24,)
    good = grid.run_one(this, "GRU", width, "chrono", 0.03, 600, 0)
    assert good["solved"] == 1
    assert good["score"] >= 0.99
    assert 0 < good["steps"] < 600
    assert good["steps"] % LOOKS == 0
    assert good["seconds"] > 0
    assert good["parameters"] == size_of("GRU", this.shape, width)
    wild = grid.run_one(this, "IRNN", width, "identity, inputs 0.1", 1e6, 60, 0)
    assert (wild["solved"], wild["steps"]) == (0, 60)
    assert math.isfinite(wild["score"])


def test_operations_count_three_passes_over_each_trained_sequence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LOOP + "fit", lambda *_, **__: None)
    found = grid.run_one(made_up(3, 50), "RNN", (10,), OWN, 0.1, 1000, 0)
    forward = 2 * 50 * (10 * (2 + 10) + 10)  # multiply and add, 50 steps: into the state, and out of it
    assert found["operations"] == pytest.approx(3e-6 * forward * BATCH * 150, abs=0.05)


MEASURE: dict[str, Any] = {"most_steps": 1000, "part": "test", "judged": 5}
COSTS = {"RNN": 0.002, "IRNN": 0.003, "GRU": 0.005, "LSTM": 0.004, "convolution": 0.001, "state space": 0.0005}


def variant(network: str, size: str = "equal parameters", names: tuple[str, ...] = ("searched",)) -> list[Any]:
    return ["adding", network, STARTS[network][0], 0.01, size, list(names)]


def test_shares_are_those_of_a_budget_that_the_cheapest_recurrent_network_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = {"RNN": 1000, "IRNN": 50, "GRU": 900, "LSTM": 400, "convolution": 500, "state space": 1000}

    def run_one(this: Contest, network: str, width: tuple[int, ...], *_: Any) -> dict[str, Any]:
        cost = COSTS[network] if width == equal_sizes(this.shape)[network] else 1e-6
        spent = cost * steps[network]
        return {"steps": steps[network], "solved": int(network != "RNN"), "seconds": spent, "operations": 10 * spent}

    monkeypatch.setattr(grid, "run_one", run_one)
    variants = [*(variant(network) for network in COSTS), variant("RNN", "equal width")]
    rows = grid.measure(0, lags={"adding": [20]}, variants=variants, **MEASURE)
    fair = {row["network"]: row for row in rows if row["size"] == "equal parameters"}
    assert {n: row["steps_share"] for n, row in fair.items()} == {n: steps[n] / 1000 for n in COSTS}
    budget = 1000 * COSTS["RNN"]  # convolutions are cheaper, and so is a network of another size: neither sets it
    for network, row in fair.items():
        expected = 1.0 if network == "RNN" else min(1.0, COSTS[network] * steps[network] / budget)
        assert row["seconds_share"] == row["operations_share"] == pytest.approx(expected, abs=5e-5)
    assert fair["GRU"]["seconds_share"] == 1  # met in time by steps, not by seconds
    assert {row["seconds_share"] for row in rows if row["size"] == "equal width"} == {1.0}  # not solved


def test_a_recurrent_network_that_diverges_at_once_leaves_the_common_budget_as_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its seconds are those of a training that did not happen."""

    def some_diverge(model: Any, *_: Any, **__: Any) -> None:
        if getattr(model, "cell", "") == "rnn":
            diverges()

    ticks = iter(range(1_000_000))
    monkeypatch.setattr(LOOP + "time", SimpleNamespace(process_time=lambda: float(next(ticks))))  # a look: one second
    monkeypatch.setattr(LOOP + "fit", some_diverge)
    monkeypatch.setattr(grid, "contest", lambda *_: made_up(5, 20))
    rows = grid.measure(0, lags={"adding": [20]}, variants=[variant("RNN"), variant("LSTM")], **MEASURE)
    found = {row["network"]: row for row in rows}
    assert (found["RNN"]["solved"], found["RNN"]["steps_share"], found["RNN"]["seconds_share"]) == (0, 1, 1)
    assert found["LSTM"]["solved"] == 1
    assert found["LSTM"]["seconds_share"] == pytest.approx(found["LSTM"]["steps_share"])


def test_networks_of_equal_width_are_as_wide_as_the_lstm_and_a_run_with_two_names_is_one_run() -> None:
    variants = [variant(n, "equal width") for n in CELLS] + [variant("GRU", names=("searched", OWN))]
    rows = grid.measure(0, lags={"adding": [20]}, variants=variants, **MEASURE | {"most_steps": 1})
    shape = Shape(2, 1, 20)
    assert {row["network"]: row["parameters"] for row in rows if row["size"] == "equal width"} == {
        network: size_of(network, shape, equal_sizes(shape)["LSTM"]) for network in CELLS
    }
    one, other = (row for row in rows if row["size"] == "equal parameters")
    assert (one["start"], other["start"]) == ("searched", OWN)
    assert one | {"start": OWN} == other
    assert one["weights"] == OWN
    assert one["parameters"] == size_of("GRU", shape, equal_sizes(shape)["GRU"])
    for row in rows:
        assert (row["task"], row["lag"], row["steps"]) == ("adding", 20, 1)
        assert all(0 < row[f"{measure}_share"] <= 1 for measure in ("steps", "seconds", "operations"))


BY_NAME = {one.name: one for one in grid.EXPERIMENTS}


def test_every_network_has_nine_tries_on_each_task() -> None:
    search = BY_NAME["grid_search"].settings
    tried: dict[tuple[str, str], set[tuple[str, float]]] = {}
    for task, network, start, lr, size, names in search["variants"]:
        tried.setdefault((task, network), set()).add((start, lr))
        assert (size, len(names)) == ("equal parameters", 1)
    assert set(tried) == {(task, network) for task in LAGS for network in NETWORKS}
    assert {len(some) for some in tried.values()} == {9}
    assert search["part"] == "validation"
    assert all(lags == [grid.TUNED_AT[task]] for task, lags in search["lags"].items())
    assert search["most_steps"] == BY_NAME["grid"].settings["most_steps"]


def searched() -> pd.DataFrame:
    """task, network, weights, lr → mean share, and the mean score with a sign: lower is better."""
    means = load("grid_search").table.groupby(["task", "network", "weights", "lr"])[["steps_share", "score"]].mean()
    means.loc[[task for task in LAGS if task != "adding"], "score"] *= -1
    return means.round(9)


@pytest.mark.parametrize("task", LAGS)
def test_what_is_run_in_the_grid_is_what_the_search_found(task: str) -> None:
    means = searched()
    assert set(grid.CHOSEN[task]) == set(NETWORKS)
    for network, chosen in grid.CHOSEN[task].items():
        assert chosen in first_of(means.loc[(task, network)]), network
    assert set(grid.OWN_RATES[task]) == set(CELLS)
    for network, lr in grid.OWN_RATES[task].items():
        assert lr in first_of(means.loc[(task, network, OWN)]), network


def test_each_network_is_reported_as_chosen_and_the_recurrent_ones_in_two_more_ways() -> None:
    reported: dict[tuple[str, str, str, str], tuple[str, float]] = {}
    for task, network, weights, lr, size, names in grid.variants():
        for name in names:
            assert (task, network, size, name) not in reported
            reported[task, network, size, name] = (weights, lr)
    fair, wide = "equal parameters", "equal width"
    for task in LAGS:
        of_task = {key[1:]: value for key, value in reported.items() if key[0] == task}
        chosen = grid.CHOSEN[task]
        assert {network: of_task.pop((network, fair, "searched")) for network in NETWORKS} == chosen
        own = {network: of_task.pop((network, fair, OWN)) for network in CELLS}
        assert own == {network: (OWN, lr) for network, lr in grid.OWN_RATES[task].items()}
        narrow = {network: of_task.pop((network, wide, "searched")) for network in CELLS if network != "LSTM"}
        assert narrow == {network: chosen[network] for network in narrow}
        assert not of_task
    assert BY_NAME["grid"].settings["variants"] == grid.variants()
    assert BY_NAME["grid"].settings["lags"] == {task: list(lags) for task, lags in LAGS.items()}


def table(shares: dict[str, list[float]], task: str = "adding", lag: int = 20, solved: int = 1) -> pd.DataFrame:
    """Made-up rows of one task and lag: network → a share for each seed."""
    rows = [
        {"task": task, "lag": lag, "network": network, "seed": seed, "steps_share": share, "solved": solved}
        for network, of_network in shares.items()
        for seed, share in enumerate(of_network)
    ]
    return pd.DataFrame(rows)


FAST, SLOW, WIDE = [0.1, 0.12, 0.11, 0.13], [0.5, 0.55, 0.52, 0.5], [0.1, 0.9, 0.3, 0.8]
SHARES = st.lists(st.tuples(*[st.integers(1, 20).map(lambda n: n / 20)] * 2), min_size=2, max_size=6)


def test_the_difference_is_the_mean_of_pairs_with_student_s_interval() -> None:
    mean, low, high = grid.difference(table({"RNN": [0.3, 0.5, 0.4], "LSTM": [0.2, 0.2, 0.3]}), "RNN", "LSTM")
    half = 4.302653 * (0.2 / math.sqrt(3)) / math.sqrt(3)  # t of 2 degrees; 0.1, 0.3, 0.1 deviate by 0.2 / √3
    assert (mean, low, high) == pytest.approx((1 / 6, 1 / 6 - half, 1 / 6 + half), abs=1e-6)
    rows = table({"RNN": FAST, "LSTM": SLOW}).assign(other=lambda t: 2 * t["steps_share"])
    assert grid.difference(rows, "RNN", "LSTM", "other")[0] == pytest.approx(
        2 * grid.difference(rows, "RNN", "LSTM")[0]
    )


@examples(30)
@given(pairs=SHARES, seed=st.integers(0, 100))
def test_two_networks_change_places_and_so_does_what_is_said(pairs: list[tuple[float, float]], seed: int) -> None:
    one, other = (list(shares) for shares in zip(*pairs, strict=True))
    rows = table({"RNN": one, "LSTM": other}).sample(frac=1, random_state=seed)
    mean, low, high = grid.difference(rows, "RNN", "LSTM")
    assert grid.difference(rows, "LSTM", "RNN") == pytest.approx((-mean, -high, -low), abs=1e-12)
    assert not (grid.clearly_faster(rows, "RNN", "LSTM") and grid.clearly_faster(rows, "LSTM", "RNN"))
    exchanged = grid.winner(table({"RNN": other, "LSTM": one}))
    assert exchanged == {"RNN": "LSTM", "LSTM": "RNN"}.get(grid.winner(rows), "none of them clearly")
    (row,), (back,) = grid.against(rows, "RNN", "LSTM"), grid.against(rows, "LSTM", "RNN")
    assert row["ahead"] == back["ahead"] == {"none of them clearly": "undecided"}.get(grid.winner(rows), row["ahead"])


@pytest.mark.parametrize(
    ("shares", "first", "said"),
    [
        ({"RNN": SLOW, "LSTM": FAST}, "LSTM", "First at the criterion: LSTM, clearly sooner than each of the others"),
        (
            {"RNN": SLOW, "LSTM": FAST, "GRU": [0.9, 0.8, 1.0, 1.0]},
            "LSTM",
            "First at the criterion: LSTM, clearly sooner than each of the others",
        ),
        (
            {"RNN": SLOW, "GRU": WIDE, "LSTM": FAST},
            "none of them clearly",
            "LSTM and RNN are first at the criterion; neither is clearly sooner than all others",
        ),
        (
            {"RNN": FAST, "LSTM": FAST},
            "none of them clearly",
            "RNN and LSTM are first at the criterion; neither is clearly sooner than all others",
        ),
    ],
)
def test_a_winner_is_clearly_sooner_than_each_other(shares: dict[str, list[float]], first: str, said: str) -> None:
    assert grid.winner(table(shares)) == first
    assert grid.finding(table(shares)) == said


def test_against_says_for_every_task_and_lag_who_is_ahead() -> None:
    rows = pd.concat(
        [
            table({"RNN": FAST, "LSTM": SLOW, "GRU": WIDE}),
            table({"RNN": SLOW, "LSTM": FAST, "GRU": WIDE}, lag=40),
            table({"RNN": SLOW, "LSTM": WIDE, "GRU": WIDE}, "digits", 8),
            table({"RNN": [1.0] * 4, "LSTM": [1.0] * 4}, "digits", 16, solved=0),
        ]
    )
    found = grid.against(rows, "RNN", "LSTM")
    assert [(row["task"], row["lag"], row["ahead"]) for row in found] == [
        ("adding", 20, "RNN"),
        ("adding", 40, "LSTM"),
        ("digits", 8, "undecided"),
        ("digits", 16, "neither solves it"),
    ]
    assert all(row["from"] <= row["difference"] <= row["to"] for row in found)


def test_the_guide_names_the_best_and_who_may_be_within_the_margin() -> None:
    shares = {"RNN": [x + 0.04 for x in FAST], "LSTM": FAST, "GRU": [x + 0.06 for x in FAST], "state space": WIDE}
    rows = pd.concat([table(shares), table({"RNN": FAST, "LSTM": SLOW}, lag=40)])
    rows["seconds_share"] = rows["steps_share"] * (1 + 9 * (rows["network"] == "LSTM"))
    keys = ("task", "lag", "best", "its share", "not clearly worse", "best in seconds")
    assert [tuple(row) for row in grid.guide(rows)] == [keys, keys]
    assert [tuple(row.values()) for row in grid.guide(rows)] == [
        ("adding", 20, "LSTM", 0.115, "RNN, state space", "RNN"),
        ("adding", 40, "RNN", 0.115, "none", "RNN"),
    ]
    assert grid.guide(rows, margin=0.07)[0]["not clearly worse"] == "RNN, GRU, state space"
    assert grid.guide(rows, margin=0.01)[0]["not clearly worse"] == "state space"


def test_the_workbench_gets_single_operations_and_the_lstm_at_both_sizes() -> None:
    stored = load("grid").table
    rows = grid.for_workbench(stored)
    assert (rows["flops"] == 1e6 * rows["operations"]).all()
    key = ["seed", "task", "lag", "network", "start"]
    at = {size: of.set_index(key)["steps"] for size, of in rows[rows["network"] == "LSTM"].groupby("size")}
    assert at["equal width"].equals(at["equal parameters"])
    others = rows[~((rows["network"] == "LSTM") & (rows["size"] == "equal width"))]
    assert others.drop(columns="flops").reset_index(drop=True).equals(stored)
