"""From a network to an automaton: what is extracted answers as the network with rounded states does."""

from __future__ import annotations

from itertools import product

import pytest
import torch
from torch import nn

from course_utils.data.automata import Automaton
from course_utils.errors import CourseError
from course_utils.nn.extraction import Stepper, extract, shortest_mistake
from course_utils.nn.sequence_model import CELLS, SequenceModel

PARITY = Automaton(((0, 1), (1, 0)), (0, 1))


def _network(cell: str, seed: int = 0, scale: float = 4.0) -> SequenceModel:
    model = SequenceModel(cell, 2, 3, 2, generator=torch.Generator().manual_seed(seed))
    with torch.no_grad():
        for weight in model.core.parameters():
            weight.mul_(scale)
    return model


@pytest.mark.parametrize("cell", [cell for cell in CELLS if cell != "feedforward"])
def test_without_rounding_the_answers_are_the_network_s(cell: str) -> None:
    model = _network(cell, scale=1.0)
    symbols = torch.randint(2, (50, 9), generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        logits = model(nn.functional.one_hot(symbols, 2).float())
    sure = (logits[..., 0] - logits[..., 1]).abs() > 1e-4
    assert sure.float().mean() > 0.9
    assert torch.equal(Stepper(model).answers_along(symbols)[sure], logits.argmax(-1)[sure])


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm", "relu_rnn"])
@pytest.mark.parametrize("seed", [0, 1])
def test_the_automaton_answers_to_all_strings_as_the_rounded_network_does(cell: str, seed: int) -> None:
    model = _network(cell, seed)
    found = extract(model, 1 / 2, limit=2.0)
    stepper = Stepper(model, 1 / 2, limit=2.0)
    symbols = torch.tensor(list(product(range(2), repeat=8)))
    expected = stepper.answers_along(symbols)
    assert [found.automaton.answers_to(row) for row in symbols.tolist()] == expected.tolist()
    assert len(found.states.unique(dim=0)) == len(found.states) == len(found.automaton.table)
    assert torch.equal(found.states[0], torch.zeros(stepper.size, dtype=torch.float64))
    assert found.states.abs().max() <= 2.0
    assert torch.equal(found.states, (found.states * 2).round() / 2)


def test_every_state_leads_where_the_table_says() -> None:
    model = _network("gru", 2)
    found, stepper = extract(model, 1 / 4), Stepper(model, 1 / 4)
    for symbol in range(2):
        into = stepper.step(found.states, torch.full((len(found.states),), symbol))
        assert torch.equal(into, found.states[[row[symbol] for row in found.automaton.table]])


def test_the_shortest_mistake_is_the_first_of_all_strings() -> None:
    for seed in range(3):
        model = _network("lstm", seed)
        found = shortest_mistake(model, PARITY)
        assert found is not None
        stepper = Stepper(model)
        for length in range(1, len(found) + 1):
            symbols = torch.tensor(list(product(range(2), repeat=length)))
            wrong = stepper.answers_along(symbols)[:, -1] != symbols.sum(1) % 2
            assert bool(wrong.any()) == (length == len(found))
            if wrong.any():
                assert tuple(symbols[int(wrong.int().argmax())].tolist()) == found


def test_no_mistake_where_there_is_none_or_where_it_is_longer() -> None:
    """A network whose answers are an automaton's own, and one symbol fewer than a mistake has."""
    model = _network("rnn", 1)
    own = extract(model, 1 / 64, most_states=100_000).automaton
    assert shortest_mistake(model, own, longest=5) is None
    late = shortest_mistake(model, PARITY)
    assert late is not None
    assert shortest_mistake(model, PARITY, longest=len(late) - 1) is None
    assert shortest_mistake(model, PARITY, most_states=1, longest=len(late)) in (None, late)


def test_too_many_states() -> None:
    with pytest.raises(CourseError, match="coarser grain"):
        extract(_network("gru"), 1 / 512, most_states=10)


@pytest.mark.parametrize("grain", [0.0, -1.0, float("nan")])
def test_a_grain_that_cannot_be_meant(grain: float) -> None:
    with pytest.raises(CourseError, match="grain"):
        extract(_network("gru"), grain)


def test_networks_that_have_no_such_states() -> None:
    with pytest.raises(CourseError, match="RNN, GRU or LSTM"):
        extract(SequenceModel("feedforward", 2, 3, 2))
    with pytest.raises(CourseError, match="readout"):
        Stepper(nn.ModuleDict({"core": nn.GRU(2, 3)}))
    with pytest.raises(CourseError, match="one alphabet"):
        shortest_mistake(_network("gru"), Automaton(((0, 0, 0),), (0,)))
