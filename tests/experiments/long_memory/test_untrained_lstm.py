"""Untrained networks as opponents: held to what can be derived, never to who wins."""

from __future__ import annotations

from itertools import islice
from typing import Any

import pytest
import torch
from torch import nn

from course_utils.errors import CourseError
from course_utils.experiments.gates.gates_removed import trained
from course_utils.experiments.long_memory import untrained_lstm
from course_utils.nn.sequence_model import parameter_count
from tests.experiments.small_runs import small_rows

SEARCH, REPORTED = untrained_lstm.EXPERIMENTS
H = REPORTED.quick["hidden_size"]
OUTPUTS = {"digits": 10, "latch 5–10": 4, "latch 20–30": 4, "adding 20": 1, "adding 50": 1}
INPUTS = {"digits": 8, "latch 5–10": 5, "latch 20–30": 5, "adding 20": 2, "adding 50": 2}


def test_the_rows_of_untrained_networks() -> None:
    found = small_rows("untrained", seeds=1)
    columns = {"task", "network", "value", "score", "higher_is_better", "chance", "trained_numbers"}
    assert columns <= set(found.columns)
    assert found.notna().all().all()
    networks = {"guessing", "LSTM, nothing trained", *untrained_lstm.TRIES}
    assert found.groupby("task")["network"].apply(set).to_dict() == dict.fromkeys(untrained_lstm.TASKS, networks)
    assert len(found) == len(untrained_lstm.TASKS) * len(networks)
    guessing = found[found["network"] == "guessing"]
    assert (guessing["score"] == guessing["chance"]).all()
    chances = found.groupby("task")["chance"].unique().map(list).to_dict()
    assert chances == {
        "digits": [0.1], "latch 5–10": [0.25], "latch 20–30": [0.25], "adding 20": [1 / 6], "adding 50": [1 / 6],
    }  # fmt: skip
    assert (found["higher_is_better"] == (~found["task"].str.startswith("adding")).astype(int)).all()


def test_how_many_numbers_were_learnt() -> None:
    numbers = small_rows("untrained", seeds=1).set_index(["task", "network"])["trained_numbers"]
    for task, outputs in OUTPUTS.items():
        assert numbers[task, "LSTM, trained"] == parameter_count("lstm", INPUTS[task], H, outputs)
        for network in untrained_lstm.RESERVOIRS:
            assert numbers[task, network] == (H + 1) * outputs
        for network in ("guessing", "LSTM, nothing trained"):
            assert numbers[task, network] == 0


def test_values_were_chosen_on_seeds_that_are_not_reported_with_as_many_tries_for_each() -> None:
    assert not set(SEARCH.seeds) & set(REPORTED.seeds)
    assert SEARCH.settings["digits_part"] == "validation"
    assert REPORTED.settings["digits_part"] == "test"
    assert {len(values) for _, values in untrained_lstm.TRIES.values()} == {4}
    for task in untrained_lstm.TASKS:
        for network, (_, values) in untrained_lstm.TRIES.items():
            assert SEARCH.settings["tries"][task][network] == list(values)
            assert untrained_lstm.CHOSEN[task][network] in values
            assert REPORTED.settings["tries"][task][network] == [untrained_lstm.CHOSEN[task][network]]


def core_of(model: nn.Module) -> dict[str, torch.Tensor]:
    return {name.split(".")[1]: value for name, value in model.state_dict().items() if "_l0" in name}


@pytest.mark.parametrize("task", ["digits", "latch 5–10"])
def test_the_untrained_lstm_with_chrono_biases_is_the_one_that_training_begins_with(task: str) -> None:
    of = untrained_lstm.trial(task)
    begun = core_of(trained(of.problem, "LSTM", hidden_size=5, steps=1, lr=1e-30, seed=3))
    kept = untrained_lstm.fitted("LSTM, untrained, chrono", of, hidden_size=5, batches=2, seed=3, penalty=1e-4)
    plain = untrained_lstm.fitted("LSTM, untrained", of, hidden_size=5, batches=2, seed=3, penalty=1e-4)
    for name, value in core_of(kept).items():
        assert torch.allclose(value, begun[name], rtol=0, atol=1e-12)
        assert torch.equal(value, core_of(plain)[name]) == name.startswith("weight")


def test_the_first_batches_are_all_digits_there_are_to_train_on() -> None:
    some = list(islice(untrained_lstm.trial("digits").problem.batches(0), 32))
    x = torch.cat([batch.x for batch in some]).flatten(1)
    assert len(x) == 1000
    assert len(x.unique(dim=0)) > 990  # not some of them twice; few digits look exactly alike
    for settings_ in (SEARCH.settings, REPORTED.settings, REPORTED.quick):
        assert settings_["batches"]["digits"] == 32


@pytest.mark.parametrize("task", untrained_lstm.TASKS)
def test_a_readout_that_is_pressed_to_nothing_says_nothing(task: str) -> None:
    """A penalty without end leaves weights of 0: of the adding problem E[y²] = 1 + 1/6 is left."""
    of = untrained_lstm.trial(task)
    model = untrained_lstm.fitted("echo state", of, hidden_size=5, batches=2, seed=0, penalty=1e12, leak=0.5)
    assert float(model(next(of.problem.batches(1)).x).abs().max()) < 1e-6
    if not of.higher_is_better:
        assert of.problem.judge(model, 0)["score"] == pytest.approx(7 / 6, abs=0.08)


def test_a_reservoir_whose_units_keep_what_they_were_given_latches() -> None:
    """Not who wins: with a leak of 1/50 a unit keeps 80 % of what came ten steps before, and 5 symbols are few."""
    of = untrained_lstm.trial("latch 5–10")
    setting: dict[str, Any] = {"penalty": 1e-6, "radius": 0.9, "input_scale": 0.3}
    slow = untrained_lstm.fitted("echo state", of, hidden_size=40, batches=60, seed=0, leak=0.02, **setting)
    assert of.problem.judge(slow, 0)["score"] > 0.9


def test_what_is_not_there_is_refused_with_the_names_of_what_is() -> None:
    of = untrained_lstm.trial("latch 5–10")
    for attempt, message in (
        (lambda: untrained_lstm.trial("latch"), "no task 'latch'"),
        (lambda: untrained_lstm.trial("digits", "train"), "part of the digits"),
        (lambda: untrained_lstm.reservoir("LSTM, trained", of.problem, 4, 0), "no untrained network 'LSTM, trained'"),
    ):
        with pytest.raises(CourseError, match=message):
            attempt()
