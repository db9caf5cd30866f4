"""How many random networks solve a task: counted as it is said, never which cell should."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
import torch

from course_utils.experiments.framework.registry import experiment
from course_utils.experiments.framework.results import load
from course_utils.experiments.study import known_without_learning as known
from course_utils.experiments.study.known_without_learning import ASKED, CELLS, Asked, Questions
from course_utils.nn.many_networks import PRIORS, ManyNetworks, many_networks
from course_utils.nn.sequence_model import parameter_count
from course_utils.stats import exact_interval
from tests.experiments.small_runs import rows_of_seed

RECALL = "recall, 4 steps back"


def outputs_of(asked: Asked, questions: Questions) -> torch.Tensor:
    """The right outputs, (1, S, T, O)."""
    if asked.kind == "class":
        return torch.nn.functional.one_hot(questions.y.clamp(min=0), asked.outputs).float()[None]
    return (questions.y if asked.kind == "number" else 2 * questions.y - 1)[None].float()


@pytest.mark.parametrize("name", list(ASKED))
def test_right_answers_solve_a_task_and_one_answer_for_all_does_not(name: str) -> None:
    asked = ASKED[name]
    questions = asked.draw(60, 3)
    right = outputs_of(asked, questions)
    assert right.shape[-1] == asked.outputs
    assert questions.x.shape[-1] == asked.inputs
    same = right.mean((1, 2), keepdim=True).expand_as(right)
    assert known.good(asked, known.scores(asked, torch.cat([right, same]), questions)).tolist() == [True, False]
    again = asked.draw(60, 3)
    assert torch.equal(again.x, questions.x)


def by_hand() -> ManyNetworks:
    """Two tanh networks for the sign of the first step of two sequences: one that holds it, and one that does not."""
    draw = many_networks("rnn", 2, 1, 1, 2, "wide", torch.Generator().manual_seed(0))
    W_hh = torch.tensor([[[3.0]], [[0.0]]])
    ones, none = torch.full((2, 1, 1), 0.5), torch.zeros(2, 1)
    out = torch.tensor([[-1.0], [1.0]]).expand(2, 2, 1)
    return ManyNetworks(draw.cell, ones, W_hh, none, none, out, torch.zeros(2, 2))


def test_a_network_that_holds_the_answer_is_counted_and_one_that_forgets_it_is_not() -> None:
    asked = ASKED["two sequences, 100 steps"]
    assert known.solved_as_drawn(asked, by_hand(), 100, seed=1) == 1
    assert known.solved_when_fitted(asked, by_hand(), 100, seed=1) == 1


def test_a_fitted_read_out_needs_no_read_out_drawn_and_finds_what_a_state_holds() -> None:
    asked = ASKED["two sequences, 100 steps"]
    networks = by_hand()
    turned = replace(networks, W_out=torch.zeros(2, 2, 1), b_out=torch.zeros(2, 2))
    assert known.solved_as_drawn(asked, turned, 100, seed=1) == 0
    assert known.solved_when_fitted(asked, turned, 100, seed=1) == 1


def test_cells_have_as_many_parameters_nearly() -> None:
    for asked in ASKED.values():
        for units in known.UNITS:
            sizes = [
                parameter_count(cell, asked.inputs, known.width_of(name, asked, units), asked.outputs)
                for name, cell in CELLS.items()
            ]
            spread = 0.35 if units == 1 else 0.12  # a unit more of one is so much with so few
            assert max(abs(size / sizes[-1] - 1) for size in sizes) < spread


def test_rows_say_how_many_were_drawn_and_how_many_solve_it() -> None:
    one = experiment("known_without_learning")
    settings: dict[str, Any] = {**one.settings, **one.quick, "tasks": [RECALL]}
    rows = known.measure(4, **settings)
    assert rows == known.measure(4, **settings)
    assert len(rows) == 2 * len(CELLS) * len(PRIORS) * 2
    for row in rows:
        assert 0 <= row["solved"] <= row["networks"] == settings["networks"][row["readout"]]
    found = known.shares(pd.DataFrame([{"seed": 0, **row} for row in rows] + [{"seed": 1, **row} for row in rows]))
    assert len(found) == len(rows)
    assert found[0]["networks"] == 20
    assert (found[0]["low"], found[0]["high"]) == exact_interval(found[0]["solved"], 20)


def test_the_stored_rows_are_those_that_the_experiment_gives_again() -> None:
    one, stored = experiment("known_without_learning"), load("known_without_learning")
    task, size, network, prior = RECALL, 1, "GRU", "wide"
    settings: dict[str, Any] = dict(one.settings)
    asked = ASKED[task]
    units = known.width_of(network, asked, size)
    drawn = many_networks("gru", 40, asked.inputs, units, asked.outputs, prior, torch.Generator().manual_seed(900))
    with torch.no_grad():
        again = known.solved_when_fitted(asked, drawn, settings["judged"]["fitted"], 900)
    rows = stored.table.query(
        "seed == 900 and task == @task and lstm_units == @size and network == @network and prior == @prior "
        "and readout == 'fitted'"
    )
    assert rows["solved"].tolist() == [again]
    assert rows["networks"].tolist() == [40]


def test_the_quick_run_has_all_cases_of_the_stored_one() -> None:
    one = experiment("known_without_learning")
    quick = rows_of_seed(one.name, one.seeds[0])
    keys = known.KEYS
    assert set(quick[keys].itertuples(index=False)) == set(load(one.name).table[keys].itertuples(index=False))
    assert "nothing is trained" in str(one.described())
