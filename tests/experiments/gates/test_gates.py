"""Experiments on gates, run small: held to what can be derived, never to who wins."""

from __future__ import annotations

import math
from functools import cache

import pandas as pd
import pytest
import torch
from torch import Tensor, nn

from course_utils.errors import CourseError
from course_utils.experiments.framework.experiment import Experiment
from course_utils.experiments.framework.runner import run
from course_utils.experiments.gates import gates_removed, gru_and_lstm_by_lag, memory_transplant
from course_utils.experiments.gradients import forget_bias, gradient_flow
from course_utils.experiments.long_memory.programmed_by_hand import adding_lstm
from course_utils.experiments.long_memory.starting_points import SOLVED
from course_utils.experiments.tasks.flagged_latch import FlaggedLatch
from course_utils.experiments.tasks.reber import Reber
from course_utils.experiments.tasks.recall import Recall
from course_utils.experiments.tasks.task import Batch
from course_utils.nn.ablations import pin_gate_
from course_utils.nn.sequence_model import SequenceModel, parameter_count

EXPERIMENTS: dict[str, Experiment] = {
    one.name: one
    for one in (
        forget_bias.EXPERIMENT,
        memory_transplant.EXPERIMENT,
        *gates_removed.EXPERIMENTS,
        *gru_and_lstm_by_lag.EXPERIMENTS,
    )
}
REPORTED = ("forget_bias", "transplant", "gates_removed", "lengths")


@cache
def rows(name: str) -> pd.DataFrame:
    """The rows of two seeds with the small settings, run now."""
    return run(EXPERIMENTS[name], (0, 1), quick=True, jobs=1, progress=False)


@pytest.mark.parametrize("name", REPORTED)
def test_a_seed_gives_the_same_rows_again(name: str) -> None:
    again = run(EXPERIMENTS[name], (0,), quick=True, jobs=1, progress=False)
    first = rows(name)
    pd.testing.assert_frame_equal(again, first[first["seed"] == 0].reset_index(drop=True))


@pytest.mark.parametrize("name", ["gates_removed", "lengths"])
def test_rates_were_chosen_on_seeds_that_are_not_reported_with_as_many_tries_for_each(name: str) -> None:
    search = EXPERIMENTS[f"{name}_search"]
    assert not set(search.seeds) & set(EXPERIMENTS[name].seeds)
    module = {"gates_removed": gates_removed, "lengths": gru_and_lstm_by_lag}[name]
    by_network = search.settings["rates"]
    tried = [rates for one in by_network.values() for rates in (one.values() if isinstance(one, dict) else [one])]
    assert all(tuple(rates) == module.RATES for rates in tried)


# ---------------------------------------------------------------------------------------------------------------------
# The forget bias


def lstm(units: int = 4, seed: int = 0) -> nn.LSTM:
    torch.manual_seed(seed)
    return nn.LSTM(2, units, batch_first=True).double()


def test_the_direct_path_is_the_derivative_from_cell_to_cell_when_h_is_held_fixed() -> None:
    core, x = lstm(), torch.randn(3, 9, 2).double()
    zeros = torch.zeros(3, 4).double()
    for k in (1, 4, 9):
        state = (zeros, zeros)
        for x_t in x[:, : 9 - k].unbind(dim=1):
            state = gradient_flow.step_of(core)(x_t, state)
        c = start = state[1].detach().requires_grad_()
        h = state[0].detach()
        for x_t in x[:, 9 - k :].unbind(dim=1):
            h, c = gradient_flow.step_of(core)(x_t, (h.detach(), c))  # nothing goes back through h
        (gradient,) = torch.autograd.grad(gradient_flow.along(core)((h, c)).sum(), start, retain_graph=True)
        (product,) = torch.autograd.grad(c.sum(), start)  # c_T of a unit depends on c_{T−k} of that unit alone
        (found,) = forget_bias.direct_path(core, x, [k])
        assert found["log10_direct"] == pytest.approx(float(gradient.norm(dim=1).log10().mean()), abs=1e-9)
        assert found["log10_product"] == pytest.approx(float(product.log10().mean()), abs=1e-9)


@pytest.mark.parametrize("bias", [0.0, 5.0])
def test_without_weights_from_state_to_gates_the_direct_path_is_all_there_is(bias: float) -> None:
    core, x, lags = lstm(), torch.randn(3, 60, 2).double(), [1, 2, 30, 60]
    with torch.no_grad():
        core.weight_hh_l0.zero_()
        core.bias_ih_l0[4:8] = bias
    step, state = gradient_flow.step_of(core), gradient_flow.zero_state(core, 3)
    whole = gradient_flow.left_at(gradient_flow.state_gradients(step, x, state, gradient_flow.along(core)), lags)
    direct = forget_bias.direct_path(core, x, lags)
    assert [row["log10_direct"] for row in direct] == pytest.approx([row["log10_left"] for row in whole], abs=1e-9)


def test_a_gate_that_is_always_open_loses_nothing_on_the_direct_path() -> None:
    core = lstm()
    pin_gate_(core, "forget", 1.0)
    found = forget_bias.direct_path(core, torch.randn(2, 40, 2).double(), [1, 40])
    assert [row["log10_product"] for row in found] == pytest.approx([0, 0], abs=1e-12)
    assert found[0]["log10_direct"] == pytest.approx(found[1]["log10_direct"])


def test_only_an_lstm_has_a_direct_path() -> None:
    with pytest.raises(CourseError, match="Only an LSTM has forget gates; this is a GRU"):
        forget_bias.direct_path(nn.GRU(2, 3), torch.zeros(1, 2, 2), [1])


def test_no_gradient_grows_faster_than_its_weights_allow() -> None:
    """At the start every singular value of W_hh is 1.5, or 1.1; the slope of tanh and of ReLU is at most 1."""
    found = rows("forget_bias")
    initial = found[found["stage"] == "initial"].set_index("network")
    for network, most in (("RNN, orthogonal × 1.5", 1.5), ("ReLU, identity × 1.1", 1.1)):
        of_network = initial.loc[network]
        assert (of_network["log10_left"] <= of_network["lag"] * math.log10(most) + 1e-6).all()
    gated = found[found["network"].str.startswith("LSTM") & (found["stage"] != "training")]
    assert (gated["log10_product"] < 0).all()  # a product of numbers below 1, which falls from lag to lag
    for _, one in gated.groupby(["seed", "network", "stage"]):
        assert one["log10_product"].is_monotonic_decreasing
    assert found[found["stage"] == "training"]["log10_largest_norm"].notna().all()


# ---------------------------------------------------------------------------------------------------------------------
# The transplant


def latch_model(seed: int = 0) -> tuple[SequenceModel, Batch, Batch]:
    """An LSTM, untrained, whose answers differ from sequence to sequence; and two batches of a latch."""
    task = FlaggedLatch(3, 6)
    model = SequenceModel("lstm", 5, 8, 4, generator=torch.Generator().manual_seed(seed))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(3)
    return model, task.held_out(200, 0), task.held_out(200, 1)


def test_who_takes_all_of_the_donor_and_sees_the_same_gives_exactly_its_answers() -> None:
    model, a, b = latch_model()
    x_b = torch.cat([b.x[:, :4], a.x[:, 4:]], dim=1)  # from step 4 on both see the same
    host, donor = memory_transplant.run_pair(model, a.x, x_b, 4, "swap both")
    untouched = [model(a.x), model(x_b)]
    assert torch.allclose(host[:, 4:], untouched[1][:, 4:], atol=1e-6)
    assert torch.allclose(donor[:, 4:], untouched[0][:, 4:], atol=1e-6)
    assert torch.allclose(host[:, :4], untouched[0][:, :4], atol=1e-6)  # before the operation nothing has changed


@pytest.mark.parametrize("at", [0, 3, 7])
def test_nothing_is_nothing(at: int) -> None:
    model, a, b = latch_model()
    outputs = memory_transplant.run_pair(model, a.x, b.x, at, "nothing")
    for output, batch in zip(outputs, (a, b), strict=True):
        assert torch.allclose(output, model(batch.x), atol=1e-6)
    found = memory_transplant.transplant(model, a, b, at, "nothing")
    apart = a.y != b.y
    right = [(model(batch.x)[:, -1].argmax(-1) == batch.y)[apart] for batch in (a, b)]
    assert found["own"] == pytest.approx(float(torch.cat(right).double().mean()))
    assert found["answers"] == 2 * int(apart.sum())


def test_swapping_twice_is_nothing_and_both_is_h_and_c() -> None:
    h, c = torch.randn(1, 6, 3), torch.randn(1, 6, 3)
    for what in ("swap h", "swap c", "swap both"):
        twice = memory_transplant.changed(*memory_transplant.changed(h, c, what), what)
        assert all(torch.equal(one, other) for one, other in zip(twice, (h, c), strict=True))
    one_by_one = memory_transplant.changed(*memory_transplant.changed(h, c, "swap h"), "swap c")
    both = memory_transplant.changed(h, c, "swap both")
    assert all(torch.equal(one, other) for one, other in zip(one_by_one, both, strict=True))
    assert torch.equal(both[0], torch.cat([h[:, 3:], h[:, :3]], dim=1))
    erased = memory_transplant.changed(h, c, "zero c")
    assert torch.equal(erased[0], h)
    assert not erased[1].any()


def test_who_forgets_all_answers_as_if_the_sequence_had_begun_there() -> None:
    model, a, b = latch_model()
    host, _ = memory_transplant.run_pair(model, a.x, b.x, 4, "zero both")
    assert torch.allclose(host[:, 4:], model(a.x[:, 4:]), atol=1e-6)


def test_a_memory_swapped_after_the_answer_comes_too_late() -> None:
    model, a, b = latch_model()
    late, never = (memory_transplant.transplant(model, a, b, 7, what) for what in ("swap both", "nothing"))
    assert late == never


def test_transplants_that_cannot_be_are_refused_with_a_sentence() -> None:
    model, a, b = latch_model()
    gru = SequenceModel("gru", 5, 8, 4)
    recall = Recall(7, 1).held_out(200, 0)
    for arguments, message in (
        ((model, a, b, 3, "swap x"), "no operation 'swap x'"),
        ((model, a, b, 8, "swap c"), "at must be a whole number from 0 to 7"),
        ((gru, a, b, 3, "swap c"), "needs an LSTM"),
        ((model, a, a, 3, "swap c"), "both answers are the same"),
        ((model, recall, recall, 3, "swap c"), "asks once"),
        ((model, a, FlaggedLatch(3, 7).held_out(200, 0), 3, "swap c"), "one shape"),
    ):
        with pytest.raises(CourseError, match=message):
            memory_transplant.transplant(*arguments)


def test_shares_are_shares_and_all_operations_are_there() -> None:
    found = rows("transplant")
    assert set(found["operation"]) == set(memory_transplant.OPERATIONS)
    assert (found["own"] + found["donor"] <= 1 + 1e-9).all()
    assert found[["own", "donor"]].min().min() >= 0


# ---------------------------------------------------------------------------------------------------------------------
# Gates removed


def test_a_gru_without_both_gates_is_an_rnn() -> None:
    torch.manual_seed(0)
    gru, rnn = nn.GRU(3, 5, batch_first=True).double(), nn.RNN(3, 5, batch_first=True).double()
    pin_gate_(gru, "reset", 1.0)
    pin_gate_(gru, "update", 0.0)
    with torch.no_grad():
        for ours, theirs in zip(rnn.parameters(), gru.parameters(), strict=True):
            ours.copy_(theirs[10:])  # the rows of the candidate
    x = torch.randn(2, 30, 3).double()
    assert torch.allclose(gru(x)[0], rnn(x)[0], atol=1e-12)


def test_a_removed_gate_takes_its_parameters_with_it() -> None:
    found = rows("gates_removed").drop_duplicates(["task", "network"]).set_index(["task", "network"])["parameters"]
    H = EXPERIMENTS["gates_removed"].quick["hidden_size"]
    for task, (inputs, outputs) in {"adding": (2, 1), "reber": (7, 7), "digits": (8, 10)}.items():
        for network, (cell, pinned) in gates_removed.NETWORKS.items():
            whole = parameter_count(cell, inputs, H, outputs)
            assert found[task, network] == whole - len(pinned) * H * (inputs + H + 2)


def test_a_cell_cannot_hold_more_than_it_was_given() -> None:
    """|c| grows by at most 1 a step: the input gate and the candidate are at most 1, and so is the forget gate."""
    found = rows("gates_removed")
    reber = found[found["task"] == "reber"]
    steps = EXPERIMENTS["gates_removed"].quick["judged_len"]
    cells = reber[reber["network"].str.startswith("LSTM")]["largest_cell"]
    assert ((cells > 0) & (cells <= steps)).all()
    assert ((reber["first_error"] >= 0) & (reber["first_error"] <= steps)).all()
    assert (reber["solved"] == (reber["score"] > 0.99)).all()


class Oracle(nn.Module):
    """It knows the grammar; from `wrong_at` on it says that nothing may come."""

    def __init__(self, wrong_at: int) -> None:
        super().__init__()
        self.wrong_at = wrong_at
        self.core = nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        logits = 20 * (Reber(x.shape[1]).answer(x) - 0.5)
        logits[:, self.wrong_at :] = -10
        return logits


def test_streams_are_judged_by_the_grammar_until_the_first_error() -> None:
    problem = gates_removed.reber(20, 200)
    right, wrong = problem.judge(Oracle(10_000), 0), problem.judge(Oracle(150), 0)
    assert right == pytest.approx(
        {"loss": 0, "score": 1, "solved": 1, "as_trained": 1, "long_distance": 1, "first_error": 200}, abs=1e-4
    )
    assert wrong["first_error"] == 150
    assert wrong["score"] == pytest.approx(0.75)
    assert wrong["as_trained"] == 1


def test_adding_is_judged_by_its_error() -> None:
    found = gates_removed.adding(50).judge(adding_lstm(), 0)
    assert found["solved"] == 1
    assert found["score"] < 1e-6


def test_the_digits_are_split_once_and_no_digit_is_in_two_parts() -> None:
    parts = gates_removed.digit_parts()
    assert {part: len(batch.x) for part, batch in parts.items()} == {"train": 1000, "validation": 297, "test": 500}
    pictures = [tuple(picture) for batch in parts.values() for picture in batch.x.flatten(1).tolist()]
    assert len(pictures) - len(set(pictures)) <= 1
    assert parts["train"].x.shape == (1000, 8, 8)
    with pytest.raises(CourseError, match="no part of the digits 'train'"):
        gates_removed.digits("train")
    batches = gates_removed.digits().batches(0)
    epoch = torch.cat([next(batches).x for _ in range(32)]).flatten(1)
    assert torch.equal(epoch.sort(dim=0).values, parts["train"].x.flatten(1).sort(dim=0).values)  # each once


def test_an_unknown_network_is_refused_with_a_sentence() -> None:
    with pytest.raises(CourseError, match="no network 'LSTM, no gate'"):
        gates_removed.trained(gates_removed.adding(), "LSTM, no gate", hidden_size=2, steps=1, lr=0.1, seed=0)


# ---------------------------------------------------------------------------------------------------------------------
# Lengths


def test_lengths_are_compared_at_equal_parameters_and_solved_means_below_the_limit() -> None:
    found = rows("lengths")
    assert (found["solved"] == (found["error"] < SOLVED)).all()
    assert set(found["network"]) == set(gru_and_lstm_by_lag.NETWORKS)
    reported = EXPERIMENTS["lengths"].settings["parameters"]
    for network in gru_and_lstm_by_lag.NETWORKS:
        model = gru_and_lstm_by_lag.begun(network, gru_and_lstm_by_lag.Adding(50), reported, 0)
        assert sum(p.numel() for p in model.parameters()) == pytest.approx(reported, rel=0.05)
