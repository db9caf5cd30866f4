"""Formal languages learned on short strings: equal sizes, strings that no training draws, and judges that are just."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import islice
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from course_utils.data.formal_languages import LANGUAGES, Strings, strings
from course_utils.errors import CourseError
from course_utils.experiments.computation import formal_language_grid as grid
from course_utils.experiments.computation.set_for_languages import set_by_hand
from course_utils.experiments.framework.registry import EXPERIMENTS
from course_utils.experiments.framework.results import load
from course_utils.nn.parameters import parameters_count
from tests.experiments.small_runs import small_settings

LENGTHS = [40, 60, 101, 200, 500]


@pytest.mark.parametrize("language", LANGUAGES)
def test_networks_have_as_many_parameters_as_whole_units_allow(language: str) -> None:
    counts = [
        parameters_count(grid.build(network, choice, language, 32, seed=0))
        for network in grid.NETWORKS
        for choice in grid.choices(network)
    ]
    assert max(counts) / min(counts) < 1.05


@pytest.mark.parametrize("network", grid.NETWORKS)
def test_every_network_has_two_ways_to_begin_and_as_many_tries(network: str) -> None:
    first, second = (grid.build(network, choice, "parity", 8, seed=0) for choice in grid.choices(network))
    x = torch.eye(2).repeat(1, 3, 1)
    with torch.no_grad():
        assert not torch.equal(first(x), second(x))
    tries = [run for run in grid.searched("parity", grid.RATES) if run[1] == network]
    assert len({tuple(run) for run in tries}) == len(tries) == 2 * len(grid.RATES)


def test_the_starts_are_those_that_they_are_called() -> None:
    def core(network: str, choice: str) -> Any:
        return grid.build(network, choice, "parity", 8, seed=0).core

    for choice, bias in grid.GATE_BIASES.items():
        layers = core("diagonal (−1, 1)", choice).layers
        assert all((layer.keep.bias == bias).all() for layer in layers)
    forget = core("LSTM", "forget biases 1").bias_ih_l0[8:16]
    assert (forget == 1).all()
    W = core("tanh RNN", "orthogonal").weight_hh_l0
    assert torch.allclose(W @ W.T, torch.eye(len(W)), atol=1e-5)
    W = core("ReLU RNN", "identity").weight_hh_l0
    assert torch.equal(W, torch.eye(len(W)))
    assert core("Transformer", "no places told").positions is False


@pytest.mark.parametrize("language", LANGUAGES)
def test_strings_to_learn_from_have_all_lengths_and_their_answers(language: str) -> None:
    lengths = set()
    for inputs, answers in islice(grid.batches(language, seed=1), 400):
        assert inputs.shape == (*answers.shape, len(LANGUAGES[language].symbols))
        assert torch.equal(torch.from_numpy(LANGUAGES[language].answer(inputs.argmax(2).numpy())), answers)
        lengths.add(inputs.shape[1])
    assert lengths == set(range(max(LANGUAGES[language].shortest, 2), 41))


def _constant(answer: int, answers: int) -> Callable[[Tensor], Tensor]:
    return lambda x: nn.functional.one_hot(torch.tensor(answer), answers).float().expand(*x.shape[:2], -1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_always_answers_the_same_is_at_the_chance_line_at_most(language: str) -> None:
    kind, best = LANGUAGES[language], [0.0] * len(LENGTHS)
    for answer in range(len(kind.answers)):
        rows = grid.judge(_constant(answer, len(kind.answers)), language, LENGTHS, 200, seed=3)  # type: ignore[arg-type]
        assert [row["length"] for row in rows] == LENGTHS
        best = [max(score, row["accuracy"]) for score, row in zip(best, rows, strict=True)]
        assert all(row["solved"] == 0.0 for row in rows)
    assert best == pytest.approx([kind.chance] * len(LENGTHS), abs=5 * math.sqrt(0.25 / 400))


@pytest.mark.parametrize(("language", "network"), [pair for pair in set_by_hand() if pair[1] == "LSTM"])
def test_a_network_set_by_hand_has_everything_right(language: str, network: str) -> None:
    rows = grid.judge(set_by_hand()[language, network](), language, LENGTHS, 20, seed=3)
    assert [row["accuracy"] for row in rows] == [1.0] * len(LENGTHS)
    assert all(row["solved"] == 1.0 for row in rows)


def test_longer_strings_count_farther_and_none_of_them_is_of_the_training(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Strings] = []
    drawn = strings

    def noted(*arguments: object, **named: object) -> Strings:
        asked.append(drawn(*arguments, **named))  # type: ignore[arg-type]
        return asked[-1]

    monkeypatch.setattr(grid, "strings", noted)
    grid.judge(_constant(0, 3), "aⁿbⁿ", [40, 101], 50, seed=3)  # type: ignore[arg-type]
    short, long = ((found.symbols == 0).sum(1) for found in asked)
    assert short.min() < 5
    assert long.min() >= 25
    learned = {
        tuple(row) for inputs, _ in islice(grid.batches("parity", seed=3), 300) for row in inputs.argmax(2).tolist()
    }
    judged = {tuple(row) for row in drawn("parity", 50, 40, 3).symbols.tolist()}
    assert not learned & judged


def test_each_length_is_drawn_by_itself() -> None:
    model = grid.build("LSTM", "torch's own", "Dyck-1", 8, seed=0)
    alone, together = (grid.judge(model, "Dyck-1", lengths, 20, seed=5) for lengths in ([101], [40, 101]))
    assert alone[0] == together[1]


def test_a_network_whose_numbers_have_grown_beyond_all_bounds_is_judged_too() -> None:
    model: Any = grid.build("ReLU RNN", "identity", "parity", 4, seed=0)
    nn.init.constant_(model.readout[-1].weight, float("nan"))
    for row in grid.judge(model, "parity", [40], 10, seed=0):
        assert row["loss"] == grid.MOST_LOSS
        assert 0 <= row["accuracy"] <= 1


def test_a_training_that_diverges_is_judged_with_the_weights_before() -> None:
    runs = [["parity", "ReLU RNN", "identity", 1e9]]
    rows = grid.measure(0, **small_settings("formal_parity_cells_search", runs=runs, steps=20))
    assert all(0 <= row["accuracy"] <= 1 for row in rows)


@pytest.mark.parametrize("language", grid.CHOSEN)
def test_the_chosen_are_those_that_the_search_found(language: str) -> None:
    names = [name for name in EXPERIMENTS if name.startswith(grid.NAMES[language]) and name.endswith("_search")]
    for network, (choice, lr) in grid.CHOSEN[language].items():
        found = []
        for name in names:
            rows = load(name).table
            tried = rows[rows["network"] == network].groupby(["choice", "lr"])[["accuracy", "loss"]].mean()
            found += [(-row.accuracy, row.loss, *index) for index, row in tried.iterrows()]
        assert min(found)[2:] == (choice, lr), network


def test_what_cannot_be_meant() -> None:
    with pytest.raises(CourseError, match="orthogonal"):
        grid.build("tanh RNN", "identity", "parity", 8, seed=0)
    with pytest.raises(CourseError, match="LSTM"):
        grid.choices("Elman")


def test_what_is_told_speaks_of_counting_where_there_is_something_to_count() -> None:
    notes = [EXPERIMENTS[grid.NAMES[language]].described().note for language in ("parity", "aⁿbⁿ")]
    assert ["counting at least half as far" in note for note in notes] == [False, True]
