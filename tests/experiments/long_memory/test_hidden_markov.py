"""Hidden Markov models as opponents: held to what can be derived, never to who wins."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_utils.errors import CourseError
from course_utils.experiments.long_memory import hidden_markov
from course_utils.experiments.tasks.flagged_latch import FlaggedLatch
from course_utils.experiments.tasks.temporal_order import SYMBOLS, TemporalOrder
from course_utils.models.hidden_markov import HiddenMarkov, HiddenMarkovClassifier
from tests.experiments.small_runs import small_rows
from tests.strategies import examples


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


@examples(25)
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
    found, plan = small_rows("hidden_markov", seeds=1), hidden_markov.EXPERIMENT.quick
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
