"""The grid, the phase diagram, the long lags and the seconds by length: held to their own words, never to who wins."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import islice
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from course_utils.errors import CourseError
from course_utils.experiments.comparison import grid, seconds_by_length
from course_utils.experiments.comparison.grid import BATCH, LAGS, LOOKS, Contest, contest
from course_utils.experiments.comparison.networks import CELLS, NETWORKS, OWN, STARTS, Shape, equal_sizes, size_of
from course_utils.experiments.framework.results import load
from course_utils.experiments.gates.gates_removed import digit_parts
from tests.experiments.answering import SHORT, diverges, first_of, knows, pictures, says

LOOP = "course_utils.experiments.framework.train_until."

# ---------------------------------------------------------------------------------------------------------------------
# The tasks with their criteria


@pytest.mark.parametrize("task", LAGS)
@pytest.mark.parametrize("part", ["validation", "test"])
def test_who_knows_the_answers_meets_the_criterion_and_who_guesses_does_not(task: str, part: str) -> None:
    this = contest(task, SHORT[task], part)
    right = this.judge(knows(task, SHORT[task]), 3)
    assert right == pytest.approx(0 if task == "adding" else 1, abs=1e-9)
    assert this.solved(right)
    guessing = this.judge(says(1, this.shape.output_size), 3)
    chance = {"adding": 1 / 6, "digits": 1 / 10}.get(task, 1 / 4)
    assert guessing == pytest.approx(chance, abs=0.08)
    assert not this.solved(guessing)


@pytest.mark.parametrize(
    ("task", "enough", "too_little"),
    [
        ("adding", 0.0099, 0.01),
        ("flagged latch", 0.99, 0.988),
        ("temporal order", 0.99, 0.988),
        ("digits", 0.85, 0.848),
    ],
)
def test_the_criterion_is_the_one_that_is_said_and_a_score_that_is_no_number_does_not_meet_it(
    task: str, enough: float, too_little: float
) -> None:
    this = contest(task, SHORT[task])
    assert this.solved(enough)
    assert not this.solved(too_little)
    assert not this.solved(math.nan)


@pytest.mark.parametrize(("task", "lag"), [(task, lag) for task, lags in LAGS.items() for lag in (lags[0], lags[-1])])
def test_sequences_have_the_shape_that_the_networks_are_made_for(task: str, lag: int) -> None:
    this = contest(task, lag)
    batch = next(this.batches(0))
    assert batch.x.shape == (BATCH, this.shape.seq_len, this.shape.input_size)
    assert this.shape.seq_len == lag + (10 if task == "flagged latch" else 0)
    assert this.lag == lag
    model = knows(task, lag)
    assert model(batch.x).shape == (BATCH, this.shape.seq_len, this.shape.output_size)
    model = says(1, this.shape.output_size)
    this.judge(model, 0)
    assert model.seen[0].shape == (500, this.shape.seq_len, this.shape.input_size)
    assert this.objective(knows(task, lag), batch) < this.objective(model, batch)


def test_digits_hold_the_same_pixels_in_the_same_order_in_however_many_steps() -> None:
    for part in ("validation", "test"):
        pixels = digit_parts()[part].x.flatten(1)
        for steps in LAGS["digits"]:
            model, this = says(0, 10), contest("digits", steps, part)
            this.judge(model, 0)
            assert model.seen[0].shape[1:] == (steps, 64 // steps)
            assert torch.equal(model.seen[0].flatten(1), pixels)
    drawn = [next(contest("digits", steps).batches(5)).x.flatten(1) for steps in LAGS["digits"]]
    assert all(torch.equal(one, drawn[0]) for one in drawn)


@pytest.mark.parametrize("task", LAGS)
def test_nobody_is_judged_on_what_was_trained_on(task: str) -> None:
    this = contest(task, SHORT[task], "test")
    trained = pictures(torch.cat([batch.x for batch in islice(this.batches(1), 32)]))
    judged = []
    for part, seed in (("validation", 1), ("test", 1), ("test", 2)):
        model = says(0, this.shape.output_size)
        contest(task, SHORT[task], part).judge(model, seed)
        judged.append(pictures(model.seen[0]))
        assert len(judged[-1] & trained) <= (task == "digits")  # one digit of the set is there twice
    if task == "digits":
        assert len(judged[0] & judged[1]) <= 1
        assert judged[1] == judged[2]  # all of the part, whatever the seed
        assert len(trained) >= 999  # an epoch shows each once
    else:
        assert judged[1] != judged[2]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("reber", 20), "There is no task 'reber'"),
        (("digits", 8, "all"), "There is no part of the digits 'all'"),
        (("adding", 1), "seq_len must be a whole number from 2"),
        (("flagged latch", 0), "shortest_lag must be a whole number from 1"),
        (("temporal order", 9), "seq_len must be a whole number from 10"),
    ],
)
def test_a_contest_that_cannot_be_is_refused_with_a_sentence(arguments: tuple[Any, ...], says: str) -> None:
    with pytest.raises(CourseError, match=says):
        contest(*arguments)


def test_digits_cannot_be_read_in_steps_that_do_not_divide_their_pixels() -> None:
    with pytest.raises(CourseError):
        contest("digits", 7)


# ---------------------------------------------------------------------------------------------------------------------
# One run


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


# ---------------------------------------------------------------------------------------------------------------------
# All runs of a seed


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


# ---------------------------------------------------------------------------------------------------------------------
# What was chosen, and what is reported

BY_NAME = {one.name: one for one in grid.EXPERIMENTS}


def test_reported_seeds_are_not_those_of_the_search() -> None:
    assert not set(BY_NAME["grid"].seeds) & set(BY_NAME["grid_search"].seeds)


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


# ---------------------------------------------------------------------------------------------------------------------
# Reading the rows


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


@settings(max_examples=30)
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


# ---------------------------------------------------------------------------------------------------------------------
# Seconds by length


def test_networks_to_be_timed_are_of_equal_size_and_what_is_said_of_them_is_so() -> None:
    made = seconds_by_length.networks(32, 0)
    sizes = {name: parameters for name, (_, parameters, _) in made.items()}
    assert sizes == {name: sum(p.numel() for p in model.parameters()) for name, (model, _, _) in made.items()}
    assert all(abs(size / sizes["LSTM"] - 1) <= 0.02 for size in sizes.values())
    assert set(NETWORKS) - set(made) == {"IRNN"}
    x = torch.rand(3, 32, 2)
    for name in ("RNN", "GRU"):
        assert torch.allclose(made[name][0](x), made[f"{name}, torch's own way back"][0](x), atol=1e-6)
    longer = seconds_by_length.networks(64, 0)
    assert {name: longer[name][2] / made[name][2] for name in ("RNN", "LSTM", "feedforward, last step only")} == {
        "RNN": 2,
        "LSTM": 2,
        "feedforward, last step only": 1,
    }


def test_a_feedforward_network_sees_the_last_step_alone() -> None:
    model, x = seconds_by_length.LastStep(2000, 0), torch.rand(3, 9, 2).requires_grad_()
    said = model(x)
    assert said.shape == (3, 1, 1)
    said.sum().backward()
    assert x.grad is not None
    assert not x.grad[:, :-1].any()
    assert x.grad[:, -1].all()


def test_every_network_is_timed_at_every_length_but_attention_where_its_memory_grows_too_large() -> None:
    rows = pd.DataFrame(seconds_by_length.measure(0, seq_lens=[8, 12], repeats=1, most_attention=8))
    assert (rows["seconds"] > 0).all()
    assert (10 ** rows["log10_seconds"] - rows["seconds"]).abs().max() < 1e-9
    lengths = {str(name): sorted(of["seq_len"]) for name, of in rows.groupby("network")}
    assert lengths.pop("Transformer") == [8]
    assert set(map(tuple, lengths.values())) == {(8, 12)}
    more = 4  # torch's own way back twice, tiny numbers kept, and one without time
    assert len(lengths) == len(NETWORKS) - 2 + more  # IRNN is not timed, and the Transformer was looked at
    assert seconds_by_length.KEPT in lengths


@pytest.mark.parametrize("flush", [True, False])
def test_tiny_numbers_are_taken_as_0_while_it_is_timed_and_never_after(flush: bool) -> None:
    tiny, seen = torch.tensor([1e-40]), []

    class Looks(nn.Linear):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            seen.append(float((tiny * 0.5).sum()))
            return super().forward(x)

    seconds_by_length.seconds_of(Looks(2, 1), 4, 1, 0, flush)
    assert (seen[0] == 0) == (flush and torch.set_flush_denormal(False))
    assert float((tiny * 0.5).sum()) > 0


def test_the_time_of_a_step_is_the_median(monkeypatch: pytest.MonkeyPatch) -> None:
    durations = [100.0, 5.0, 1.0, 3.0]  # the first one warms up
    times = iter([t for n, d in enumerate(durations) for t in (1000.0 * n, 1000.0 * n + d)])
    monkeypatch.setattr(seconds_by_length, "time", SimpleNamespace(process_time=lambda: next(times)))
    assert seconds_by_length.seconds_of(seconds_by_length.LastStep(500, 0), 4, 3, 0) == 3.0
