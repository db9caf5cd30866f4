"""Networks set by hand: right on all short strings, and on strings of ten thousand symbols."""

from __future__ import annotations

from itertools import product

import pytest
import torch

from course_utils.data.automata import Automaton
from course_utils.data.formal_languages import LANGUAGES, answered, strings
from course_utils.errors import CourseError
from course_utils.experiments.computation.set_for_languages import (
    compiled,
    counting_lstm,
    parity_rnn,
    set_by_hand,
    third_of_a_turn,
)
from course_utils.nn.extraction import extract
from course_utils.nn.parameters import parameters_count
from course_utils.nn.tracking_net import NETWORKS

SET = set_by_hand()
SHORT = {2: 9, 3: 6, 5: 4, 6: 3}  # symbols of all strings that are tried, by the size of the alphabet


@pytest.mark.parametrize(("language", "network"), SET)
def test_every_answer_is_right_at_ten_thousand_symbols(language: str, network: str) -> None:
    assert network in NETWORKS
    model = SET[language, network]()
    for length, deep in ((41, False), (10_001, True)):
        drawn = strings(language, 2, length, seed=1, deep=deep)
        with torch.no_grad():
            found = model(drawn.inputs).argmax(-1)
        assert torch.equal(found, drawn.answers)


@pytest.mark.parametrize(("language", "network"), [pair for pair in SET if LANGUAGES[pair[0]].automaton])
def test_every_answer_to_every_short_string_is_right(language: str, network: str) -> None:
    kind = LANGUAGES[language]
    size = len(kind.symbols)
    drawn = answered(kind, torch.tensor(list(product(range(size), repeat=SHORT[size]))))
    begun = drawn.answers != kind.answers.index("nothing yet") if language == "last letter" else drawn.answers >= 0
    with torch.no_grad():
        found = SET[language, network]()(drawn.inputs).argmax(-1)
    assert torch.equal(found[begun], drawn.answers[begun])


@pytest.mark.parametrize("letters", [2, 3])
def test_every_string_of_ordered_letters_is_right(letters: int) -> None:
    """All aⁿbᵐ, or aⁿbᵐcᵏ, of 13 symbols."""
    language = {2: "aⁿbⁿ", 3: "aⁿbⁿcⁿ"}[letters]
    rows = [row for row in product(range(letters), repeat=9) if list(row) == sorted(row) and row[0] == 0]
    drawn = answered(LANGUAGES[language], torch.tensor(rows))
    for network in (network for name, network in SET if name == language):
        with torch.no_grad():
            found = SET[language, network]()(drawn.inputs).argmax(-1)
        assert torch.equal(found, drawn.answers)


def test_every_string_of_brackets_is_right() -> None:
    kind = LANGUAGES["Dyck-1"]
    drawn = answered(kind, torch.tensor(list(product(range(2), repeat=10))))
    whole = ((1 - 2 * drawn.symbols).cumsum(1) >= 0).all(1)  # none is closed before it is opened
    for network in (network for name, network in SET if name == "Dyck-1"):
        with torch.no_grad():
            found = SET["Dyck-1", network]()(drawn.inputs[whole]).argmax(-1)
        assert torch.equal(found, drawn.answers[whole])


@pytest.mark.parametrize("cell", ["rnn", "relu_rnn", "gru", "lstm"])
def test_a_compiled_automaton_is_found_again_in_the_network(cell: str) -> None:
    """One with states of several answers, of which some lead to the same state, and a first state that is left for
    good: after every string, the network answers as it does.
    """
    automaton = Automaton(((1, 2), (1, 3), (3, 2), (2, 1)), (0, 1, 1, 2))
    model = compiled(automaton, cell)
    assert extract(model, 1 / 8).automaton.counterexample(automaton) is None
    assert parameters_count(model) > 0


def test_two_tanh_units_are_parity_for_every_string() -> None:
    parity = LANGUAGES["parity"].automaton
    assert parity is not None
    assert extract(parity_rnn()).automaton.counterexample(parity) is None
    assert parity_rnn().core.hidden_size == 2


def test_the_cell_of_the_counter_is_the_count() -> None:
    drawn = strings("aⁿbⁿ", 5, 60, seed=2)
    _, (_, cell) = counting_lstm("aⁿbⁿ").core(drawn.inputs)
    assert torch.equal(cell.flatten(), (1 - 2 * drawn.symbols).sum(1).float())


def test_a_third_of_a_turn_counts_modulo_three() -> None:
    states = [torch.tensor([1.0, 0.0])]
    for _ in range(9):
        states.append(third_of_a_turn() @ states[-1])
    for t, state in enumerate(states):
        near = [bool((state - other).norm() < 1e-5) for other in states[:3]]
        assert near == [k == t % 3 for k in range(3)]


def test_an_unknown_cell_is_refused() -> None:
    with pytest.raises(CourseError, match="lstm"):
        compiled(Automaton(((0,),), (0,)), "elman")
