"""Hidden Markov models and untrained networks as opponents: held to what can be derived, never to who wins."""

from __future__ import annotations

from functools import cache
from itertools import islice
from typing import Any

import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from course_utils.errors import CourseError
from course_utils.experiments.framework.experiment import Experiment
from course_utils.experiments.framework.runner import run
from course_utils.experiments.gates.gates_removed import trained
from course_utils.experiments.long_memory import hidden_markov, untrained_lstm
from course_utils.experiments.tasks.flagged_latch import FlaggedLatch
from course_utils.experiments.tasks.temporal_order import SYMBOLS, TemporalOrder
from course_utils.models.hidden_markov import HiddenMarkov, HiddenMarkovClassifier
from course_utils.nn.sequence_model import parameter_count

SEARCH, REPORTED = untrained_lstm.EXPERIMENTS
EXPERIMENTS: dict[str, Experiment] = {one.name: one for one in (hidden_markov.EXPERIMENT, REPORTED)}


@cache
def rows(name: str) -> pd.DataFrame:
    """The rows of one seed with the small settings, run now."""
    return run(EXPERIMENTS[name], (0,), quick=True, jobs=1, progress=False)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_seed_gives_the_same_rows_again(name: str) -> None:
    pd.testing.assert_frame_equal(run(EXPERIMENTS[name], (0,), quick=True, jobs=1, progress=False), rows(name))


# ---------------------------------------------------------------------------------------------------------------------
# Hidden Markov models


def test_symbols_say_what_the_inputs_say() -> None:
    latch, order = FlaggedLatch(3, 8), TemporalOrder(20)
    batch = latch.held_out(50, 0)
    symbols = hidden_markov.symbols_of(latch, batch.x)
    flagged = symbols >= 4
    assert hidden_markov.alphabet(latch) == 8
    assert torch.equal(flagged, batch.x[..., -1] == 1)
    assert torch.equal(symbols[flagged] - 4, batch.y)
    assert torch.equal(symbols % 4, batch.x[..., :4].argmax(dim=-1))
    assert hidden_markov.alphabet(order) == len(SYMBOLS)
    assert (hidden_markov.symbols_of(order, order.held_out(5, 0).x)[:, -1] == SYMBOLS.index("B")).all()


def test_answers_are_symbols_of_their_own() -> None:
    for task in (FlaggedLatch(3, 8), TemporalOrder(20)):
        batch = task.held_out(50, 0)
        longer = hidden_markov.with_answer(task, batch)
        assert torch.equal(longer[:, -1], hidden_markov.alphabet(task) + batch.y)
        assert (longer[:, :-1] < hidden_markov.alphabet(task)).all()
        assert torch.equal(longer[:, :-1], hidden_markov.symbols_of(task, batch.x))


def by_hand(flagged: float = 0.02) -> HiddenMarkovClassifier:
    """One state for each answer: all symbols alike, and with the flag only this answer's."""
    classifier = HiddenMarkovClassifier(1, 8, 4)
    for answer in range(4):
        model = HiddenMarkov(1, 8)
        model.emission = torch.full((1, 8), (1 - flagged) / 4, dtype=torch.float64)
        model.emission[0, 4:] = 0
        model.emission[0, 4 + answer] = flagged
        classifier.models.append(model)
    return classifier


@pytest.mark.parametrize("lag", [1, 100, 2000])
def test_one_state_for_each_answer_is_enough_for_the_flagged_latch_at_any_lag(lag: int) -> None:
    task = hidden_markov.task_of("flagged latch", lag)
    batch = task.held_out(100, 0)
    assert torch.equal(by_hand().predict(hidden_markov.symbols_of(task, batch.x)), batch.y)


def test_a_fitted_model_of_one_state_knows_the_flagged_latch_too() -> None:
    task = hidden_markov.training_task("flagged latch", 5)
    batch = next(task.batches(200, 0))
    generator = torch.Generator().manual_seed(0)
    answering, _ = hidden_markov.class_conditional(task, batch, 1, "sticky", generator, iterations=3, smoothing=1e-3)
    # the flagged symbol of another answer was never seen: at most 1e-3 of a count, against about 50
    for lag in (5, 100):
        held_out = hidden_markov.task_of("flagged latch", lag).held_out(100, 0)
        assert torch.equal(answering(held_out.x).argmax(dim=1), held_out.y)


@pytest.mark.parametrize("protocol", hidden_markov.PROTOCOLS)
def test_a_model_whose_chain_does_not_move_knows_no_order(protocol: str) -> None:
    task = hidden_markov.training_task("temporal order", 20)
    batch = next(task.batches(200, 0))
    generator = torch.Generator().manual_seed(0)
    states = 1 if protocol == "class-conditional" else 4
    fit = hidden_markov.PROTOCOLS[protocol]
    answering, _ = fit(task, batch, states, "held", generator, iterations=10, smoothing=1e-3)
    x = task.held_out(50, 0).x
    assert torch.allclose(answering(x), answering(x.flip(1)), atol=1e-9)
    assert not torch.allclose(answering(x), answering(x.roll(1, 0)), atol=1e-3)  # but it does look


@settings(deadline=None, max_examples=25)
@given(
    states=st.integers(1, 4), seed=st.integers(0, 1000), power=st.sampled_from([1, 4, 30]),
    stay=st.sampled_from([0.0, 0.9, 1.0]),
)  # fmt: skip
def test_k_states_give_the_right_one_of_s_answers_a_mean_probability_of_k_over_s_at_most(
    states: int, seed: int, power: int, stay: float
) -> None:
    task = FlaggedLatch(2, 4)
    model = HiddenMarkov(states, 12, stay=stay, generator=torch.Generator().manual_seed(seed))
    model.emission = model.emission**power / (model.emission**power).sum(dim=1, keepdim=True)
    batch = task.held_out(200, seed)
    found = hidden_markov.answers(model, task, batch.x)
    assert torch.allclose(found.sum(dim=1), torch.ones(200).double())
    commonest = float(torch.bincount(batch.y).max()) / 200
    assert float(found.gather(1, batch.y[:, None]).mean()) <= states * commonest + 1e-9


@pytest.mark.parametrize(("states", "right"), [(1, 1 / 4), (2, 1 / 2), (4, 1.0)])
def test_that_bound_is_reached_by_states_that_share_the_answers(states: int, right: float) -> None:
    """State k holds the symbols s with s mod K = k, for ever."""
    model = HiddenMarkov(states, 12, stay=1)
    model.start = torch.full((states,), 1 / states, dtype=torch.float64)
    for k in range(states):
        mine = (torch.arange(4) % states == k).double() * 0.01
        model.emission[k] = torch.cat([torch.full((4,), 0.2, dtype=torch.float64), mine, mine])
    model.emission /= model.emission.sum(dim=1, keepdim=True)
    for lag in (1, 500):
        task = hidden_markov.task_of("flagged latch", lag)
        batch = task.held_out(100, 0)
        found = hidden_markov.answers(model, task, batch.x).gather(1, batch.y[:, None])
        assert torch.allclose(found, torch.full_like(found, right))


def test_where_the_chain_begins() -> None:
    assert hidden_markov.staying("mixed", 50) == 0
    assert hidden_markov.staying("sticky", 50) == pytest.approx(0.998)
    assert hidden_markov.staying("held", 50) == 1
    with pytest.raises(CourseError, match="no start 'stuck'"):
        hidden_markov.staying("stuck", 50)
    with pytest.raises(CourseError, match="no task 'latch'"):
        hidden_markov.task_of("latch", 50)


def test_the_rows_of_hidden_markov_models() -> None:
    found, plan = rows("hidden_markov"), hidden_markov.EXPERIMENT.quick
    tests = sum(
        len(one["starts"]) * len(one["states"]) * len(plan["tested"][one["task"]]) for one in plan["plan"]
    )  # fmt: skip
    conditions, measured = {"protocol", "task", "start", "states", "lag"}, {"accuracy", "probability", "iterations"}
    assert conditions | measured | {"ceiling", "chance"} <= set(found.columns)
    assert not found.duplicated(list(conditions)).any()
    assert len(found) == tests
    assert found.notna().all().all()
    assert (found["chance"] == 1 / 4).all()
    assert found["accuracy"].between(0, 1).all()
    assert (found["probability"] <= found["ceiling"] + 1e-9).all()
    assert (found[found["states"] >= 4]["ceiling"] == 1).all()
    one_state = found[(found["task"] == "flagged latch") & (found["protocol"] == "class-conditional")]
    assert (one_state[one_state["lag"] == 10]["accuracy"] == 1).all()


def test_two_states_can_give_half_of_four_answers_at_most() -> None:
    short = {**hidden_markov.EXPERIMENT.settings, **hidden_markov.EXPERIMENT.quick}
    plan = [{"protocol": "one model", "task": "flagged latch", "starts": ["held"], "states": [2]}]
    (row,) = hidden_markov.measure(0, **{**short, "plan": plan, "tested": {"flagged latch": [10]}})
    assert row["probability"] <= row["ceiling"] < 0.6


def test_every_part_of_the_plan_can_be_run() -> None:
    reported = hidden_markov.EXPERIMENT.settings
    for one in reported["plan"]:
        assert one["protocol"] in hidden_markov.PROTOCOLS
        assert one["task"] in reported["trained"]
        assert set(one["starts"]) <= set(hidden_markov.STARTS)
    latch = hidden_markov.training_task("flagged latch", reported["trained"]["flagged latch"])
    assert latch == FlaggedLatch(50, 100)
    assert hidden_markov.task_of("flagged latch", 1000) == FlaggedLatch(1000, 1049)


# ---------------------------------------------------------------------------------------------------------------------
# Untrained networks

H = REPORTED.quick["hidden_size"]
OUTPUTS = {"digits": 10, "latch 5–10": 4, "latch 20–30": 4, "adding 20": 1, "adding 50": 1}
INPUTS = {"digits": 8, "latch 5–10": 5, "latch 20–30": 5, "adding 20": 2, "adding 50": 2}


def test_the_rows_of_untrained_networks() -> None:
    found = rows("untrained")
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
    numbers = rows("untrained").set_index(["task", "network"])["trained_numbers"]
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
