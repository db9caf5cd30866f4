"""Hold, learn, read: states over parts, gradients that are torch's, probes that find what is there and nothing else."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest
import torch
from torch import Tensor, nn

from course_utils.experiments.framework.registry import experiment
from course_utils.experiments.framework.results import load
from course_utils.experiments.gradients.gradient_flow import left_at, state_gradients, step_of, zero_state
from course_utils.experiments.study import hold_learn_read
from course_utils.experiments.study.hold_learn_read import (
    GONE,
    HELD,
    NETWORKS,
    asked_at,
    gradient_left,
    last_state,
    network_of,
)
from course_utils.experiments.study.time_constants import WIDTH
from course_utils.experiments.tasks.flagged_latch import FlaggedLatch
from course_utils.nn.parameters import parameters_count
from tests.experiments.small_runs import small_rows

TASK = FlaggedLatch(6, 9)


@pytest.mark.parametrize("name", ["RNN", "ReLU RNN, identity", "leaky tanh, chrono 100", "GRU", "LSTM, chrono 100"])
def test_the_last_state_is_the_same_when_a_sequence_is_read_in_parts(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model: Any = network_of(name, 0, 5)
    drawn = TASK.held_out(3, 0)
    whole = last_state(model, drawn.x)
    monkeypatch.setattr(hold_learn_read, "PART", 4)
    for one, other in zip(last_state(model, drawn.x), whole, strict=True):
        assert torch.allclose(one, other, atol=1e-6)
    assert torch.allclose(model.readout(whole[0]), model(drawn.x)[:, -1], atol=1e-6)
    assert len(whole) == (2 if "LSTM" in name else 1)


@pytest.mark.parametrize("name", ["RNN, identity", "GRU, chrono 100", "LSTM"])
def test_what_is_left_of_a_gradient_is_what_following_it_step_by_step_gives(name: str) -> None:
    model: Any = network_of(name, 0, 5).double()
    drawn, lags = TASK.held_out(3, 0), [1, 4, 9]

    def score(state: tuple[Tensor, ...]) -> Tensor:
        found: Tensor = model.readout(state[0]).gather(1, drawn.y[:, None])[:, 0]
        return found

    lengths = state_gradients(step_of(model.core), drawn.x.double(), zero_state(model.core, 3), score)
    wanted = [row["log10_left"] for row in left_at(lengths, lags)]
    assert gradient_left(model, drawn.x, drawn.y, lags) == pytest.approx(wanted, abs=1e-6)


def test_without_weights_from_state_to_state_a_leaky_unit_s_gradient_shrinks_by_what_it_keeps() -> None:
    model: Any = network_of("leaky tanh, chrono 100", 0, 5)
    with torch.no_grad():
        model.core.weight_hh.zero_()
        model.core.keep_(1.0)
    drawn = TASK.held_out(2, 0)
    (left,) = gradient_left(model, drawn.x, drawn.y, [7])
    assert left == pytest.approx(7 * math.log10(1 / (1 + math.exp(-1))), abs=1e-6)


class Holding(nn.Module):
    """A network whose last state holds the flagged symbol, and whose read-out has its names exchanged."""

    def __init__(self, held: float) -> None:
        super().__init__()
        self.held, self.core, self.readout = held, nn.RNN(5, 4, batch_first=True), nn.Linear(4, 4)
        with torch.no_grad():
            self.readout.weight.copy_(torch.eye(4).roll(1, 0))
            self.readout.bias.zero_()


@pytest.mark.parametrize(("held", "probe"), [(1.0, 1.0), (1e-5, 0.25)])
def test_a_probe_finds_what_the_network_does_not_read_but_not_the_last_bit_of_a_number(
    held: float, probe: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    def state(model: Holding, x: Tensor) -> tuple[Tensor, ...]:
        symbols = x[x[..., -1] == 1][:, :-1]
        return (1 + model.held * symbols,)

    monkeypatch.setattr(hold_learn_read, "last_state", state)
    found = asked_at(Holding(held), 5, fitted=200, judged=200, followed=2, seed=0)
    assert found["probe"] == pytest.approx(probe, abs=0.12)
    assert found["accuracy"] == 0  # it names another symbol, each time
    assert found["held_beyond"] == int(found["log10_left"] < GONE and found["probe"] >= HELD)


@pytest.mark.parametrize("beyond", [math.inf, math.nan, 1e30])
def test_states_beyond_the_numbers_say_nothing_and_stop_nothing(beyond: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hold_learn_read, "last_state", lambda model, x: (torch.full((len(x), 4), beyond),))
    monkeypatch.setattr(hold_learn_read, "gradient_left", lambda *_: [math.nan])
    found = asked_at(Holding(1.0), 5, fitted=100, judged=100, followed=2, seed=0)
    assert found["probe"] == pytest.approx(0.25, abs=0.2)
    assert (found["log10_left"], found["held_beyond"]) == (hold_learn_read.LOST, 0)


def test_every_network_is_asked_at_every_lag_and_they_are_as_large() -> None:
    found = small_rows("hold_learn_read")
    lags = experiment("hold_learn_read").quick["lags"]
    assert len(found) == 2 * len(hold_learn_read.REPORTED) * len(lags)
    assert set(hold_learn_read.REPORTED) <= set(NETWORKS)
    assert found[["accuracy", "probe"]].stack().between(0, 1).all()
    assert dict(zip(found["distance"], found["lag"], strict=True)) == lags
    assert (
        found["held_beyond"] == ((found["log10_left"] < GONE) & (found[["accuracy", "probe"]].max(axis=1) >= HELD))
    ).all()
    sizes = [parameters_count(network_of(name, 0, WIDTH)) for name in NETWORKS]
    assert max(sizes) / min(sizes) < 1.03


def test_each_rate_is_the_best_of_the_search_and_one_at_the_end_of_the_range_had_it_widened() -> None:
    search = load("hold_learn_read_search")
    rates = hold_learn_read.RATES
    tried = search.table.groupby("network")["lr"].unique()
    assert {tuple(sorted(found)) for found in tried} == {rates}
    both = pd.concat([search.table, load("hold_learn_read_wider_search").table])
    means = both.groupby(["network", "lr"])["accuracy"].mean().round(9)
    assert set(hold_learn_read.CHOSEN) == set(NETWORKS)
    for name, lr in hold_learn_read.CHOSEN.items():
        best = [rate for rate in means[name].index if means[name][rate] == means[name].max()]
        assert lr == min(best, key=lambda rate: abs(rates.index(rate) - 2) if rate in rates else 9), name
        ends = (min(means[name].index), max(means[name].index))
        assert lr not in ends or means[name].max() < 0.4, name  # at chance with every rate
    assert not set(search.seeds) & set(experiment("hold_learn_read").seeds)
