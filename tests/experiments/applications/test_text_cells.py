"""Characters by networks, a 5-gram and a hidden Markov model: all judge the same characters, at equal size."""

from __future__ import annotations

import math
import statistics

import pytest
import torch

from course_utils.experiments.applications import text_cells
from course_utils.experiments.applications.text_training import NETWORKS
from course_utils.experiments.framework.registry import experiment
from course_utils.experiments.framework.results import load
from course_utils.models.hidden_markov import HiddenMarkov
from tests.experiments.small_runs import small_rows


def test_each_has_its_rows_and_networks_are_as_large() -> None:
    rows = small_rows("text_cells")
    networks = rows[rows["network"].isin(NETWORKS)]
    assert set(networks["given"]) == {text_cells.STEPS, text_cells.SECONDS}
    assert set(rows[rows["given"] == text_cells.OWN]["network"]) == {text_cells.N_GRAM, text_cells.HIDDEN_MARKOV}
    assert (rows["bits"] > 0).all()
    assert not rows.groupby(["seed", "network", "given"]).size().gt(1).any()


def test_a_hidden_markov_model_costs_what_its_symbols_cost_one_by_one() -> None:
    model = HiddenMarkov(3, 5, generator=torch.Generator().manual_seed(0))
    stream = torch.randint(5, (140,), generator=torch.Generator().manual_seed(1))
    slow = sum(-math.log(model.next_symbol(stream[None, :at])[0, stream[at]]) for at in range(128, 140))
    assert text_cells._in_states(model, stream[:128], stream[128:]) == [pytest.approx(slow)]


def test_as_many_probabilities_as_the_lstm_has_weights() -> None:
    states = text_cells.states_like(74, 64)
    counts = [text_cells.markov_size(count, 74) for count in (states - 1, states, states + 1)]
    lstm = 32 * 74 + 4 * 64 * (32 + 64 + 2) + 65 * 74
    assert abs(counts[1] - lstm) == min(abs(count - lstm) for count in counts)
    assert text_cells.markov_size(2, 3) == 1 + 2 + 4


def test_the_chosen_settings_are_those_that_the_searches_found() -> None:
    import pandas as pd

    rows = pd.concat([load(name).table for name in ("text_cells_search", "text_cells_wider_search")])
    best = rows.groupby(["network", "setting"])["valid_bits"].mean().reset_index()
    chosen = best.loc[best.groupby("network")["valid_bits"].idxmin()].set_index("network")["setting"]
    assert dict(chosen) == text_cells.CHOSEN
    for name, setting in chosen.items():
        tried = sorted(best[best["network"] == name]["setting"])
        assert tried[0] < setting < tried[-1], f"the best setting of {name} is at the edge of its range"


def test_the_steps_are_those_that_fit_into_the_seconds_by_the_measured_costs() -> None:
    costs = load("text_step_costs").table.groupby("network")["milliseconds"].apply(statistics.median)
    for network, cost in text_cells.MILLISECONDS.items():
        assert cost == pytest.approx(costs[network], abs=0.06)
        steps = text_cells.STEPS_IN_SECONDS[network]
        assert abs(steps * cost / 1000 - text_cells.ALL_SECONDS) < 0.05


def test_what_is_reported_has_seeds_of_its_own() -> None:
    searched = {seed for name in ("text_cells_search", "text_step_costs") for seed in experiment(name).seeds}
    assert not searched & set(experiment("text_cells").seeds)
