"""A probe for one unit finds what is there, and by its controls nothing where there is nothing."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_utils.errors import CourseError
from course_utils.experiments.applications import line_counters
from course_utils.experiments.applications.line_counters import columns_of, in_brackets, in_lines, telling_unit
from course_utils.experiments.applications.text_training import TextNetwork
from tests.experiments.small_runs import small_rows


def test_columns_and_brackets_are_counted_as_a_person_counts() -> None:
    assert columns_of("ab\ncd\n\ne") == [0, 1, 2, 0, 1, 2, 0, 0]
    assert in_brackets("a [b] c") == [0, 0, 1, 1, 0, 0, 0]


@given(st.text("ab \n", max_size=60), st.integers(5, 20))
def test_lines_are_as_short_as_asked_and_lose_no_word(text: str, width: int) -> None:
    lines = in_lines(text, width)
    assert all(len(line) <= width for line in lines.split("\n"))
    assert "".join(lines.split()) == "".join(text.split())


def test_the_unit_that_counts_is_found_whatever_its_sign() -> None:
    draw = np.random.default_rng(0)
    labels = np.arange(400) % 30
    states = draw.normal(size=(400, 5))
    states[:, 3] = -labels + 0.1 * draw.normal(size=400)
    unit, correlation = telling_unit(states, labels)
    assert unit == 3
    assert correlation > 0.99


def test_a_unit_chosen_by_chance_says_nothing_on_new_text() -> None:
    """The control: of 200 units of noise the best has 0.3 where it was chosen."""
    draw = np.random.default_rng(1)
    states, labels = draw.normal(size=(200, 200)), draw.normal(size=200)
    _, correlation = telling_unit(states, labels)
    assert abs(correlation) < 0.3
    chosen = max(abs(np.corrcoef(states[:100, unit], labels[:100])[0, 1]) for unit in range(200))
    assert chosen > 0.2


def test_a_unit_that_turns_round_is_told_by_its_sign_and_constants_by_0() -> None:
    labels = np.arange(100) % 7
    turning = np.where(np.arange(100) < 50, labels, -labels)[:, None]
    assert telling_unit(turning, labels)[1] == pytest.approx(-1)
    assert telling_unit(np.ones((100, 2)), labels)[1] == 0
    assert telling_unit(turning, np.ones(100))[1] == 0


def test_states_and_labels_that_do_not_fit_are_refused() -> None:
    with pytest.raises(CourseError, match="Expected"):
        telling_unit(np.zeros((5, 2)), np.zeros(4))


def test_every_network_is_asked_for_both_labels_as_they_are_and_shuffled() -> None:
    rows = small_rows("line_counters")
    assert (rows.groupby(["seed", "network", "asked", "labels"]).size() == 1).all()
    assert len(rows) == 2 * 8
    shuffled = rows[(rows["labels"] == line_counters.SHUFFLED) & (rows["asked"] == line_counters.COLUMN)]
    assert (shuffled["correlation"].abs() < 0.3).all()


def test_the_cells_along_a_text_are_those_after_each_part_of_it() -> None:
    torch.manual_seed(0)
    model = TextNetwork("LSTM", 20, 6)
    tokens = torch.randint(20, (140,))
    cells = line_counters.cells_along(model, tokens)
    assert cells.shape == (140 - 128, 6)
    for count in (129, 140):
        _, state = model(tokens[None, :count])
        assert torch.allclose(state[1][0, 0], cells[count - 129], atol=1e-6)
    gates = line_counters.states_along(model, tokens).abs() <= cells.tanh().abs() + 1e-6  # h = o · tanh(c)
    assert gates.all()


def test_outputs_and_cells_are_probed_alike() -> None:
    rows = small_rows("cell_counters")
    assert (rows.groupby(["seed", "network", "state", "asked", "labels"]).size() == 1).all()
    assert set(rows["state"]) == {"h", "c"}
    assert rows[rows["asked"] == line_counters.BRACKET]["share"].between(0, 0.2).all()
