"""Networks without a gate: their sizes, and what each task judges."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from course_utils.errors import CourseError
from course_utils.experiments.framework.registry import experiment
from course_utils.experiments.gates import gates_removed, gru_and_lstm_by_lag
from course_utils.experiments.long_memory.programmed_by_hand import adding_lstm
from course_utils.experiments.tasks.digit_rows import digit_parts
from course_utils.experiments.tasks.reber import Reber
from course_utils.nn.ablations import pin_gate_
from course_utils.nn.sequence_model import parameter_count
from tests.experiments.small_runs import small_rows


@pytest.mark.parametrize("name", ["gates_removed", "lengths"])
def test_every_network_has_as_many_tries(name: str) -> None:
    search = experiment(f"{name}_search")
    module = {"gates_removed": gates_removed, "lengths": gru_and_lstm_by_lag}[name]
    by_network = search.settings["rates"]
    tried = [rates for one in by_network.values() for rates in (one.values() if isinstance(one, dict) else [one])]
    assert all(tuple(rates) == module.RATES for rates in tried)


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
    found = small_rows("gates_removed").drop_duplicates(["task", "network"])
    found = found.set_index(["task", "network"])["parameters"]
    H = experiment("gates_removed").quick["hidden_size"]
    for task, (inputs, outputs) in {"adding": (2, 1), "reber": (7, 7), "digits": (8, 10)}.items():
        for network, (cell, pinned) in gates_removed.NETWORKS.items():
            whole = parameter_count(cell, inputs, H, outputs)
            assert found[task, network] == whole - len(pinned) * H * (inputs + H + 2)


def test_a_cell_cannot_hold_more_than_it_was_given() -> None:
    """|c| grows by at most 1 a step: the input gate and the candidate are at most 1, and so is the forget gate."""
    found = small_rows("gates_removed")
    reber = found[found["task"] == "reber"]
    steps = experiment("gates_removed").quick["judged_len"]
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
    parts = digit_parts()
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
