"""Cells on characters at other sizes: as many weights as the LSTM at each, rates that follow from the chosen ones."""

from __future__ import annotations

import pytest

from course_utils.experiments.applications import text_sizes
from course_utils.experiments.applications.text_cells import CHOSEN
from course_utils.experiments.applications.text_training import CELLS, TextNetwork, alphabet, width_like
from course_utils.nn.parameters import parameters_count
from tests.experiments.small_runs import small_rows


def test_each_cell_has_its_row_at_each_size_and_all_cells_judge_one_text() -> None:
    rows = small_rows("text_sizes")
    assert (rows.groupby(["seed", "hidden_size"])["network"].nunique() == len(CELLS)).all()
    assert rows["bits"].between(1, 20).all()
    assert (rows.groupby("network")["parameters"].nunique() == 2).all()


@pytest.mark.parametrize(("units", "about"), [(text_sizes.SMALL, 3_000), (text_sizes.LARGE, 300_000)])
def test_the_sizes_are_those_that_are_said_and_equal_between_cells(units: int, about: int) -> None:
    size = len(alphabet())
    counts = [parameters_count(TextNetwork(cell, size, width_like(cell, size, units))) for cell in CELLS]
    assert all(abs(count / about - 1) < 0.2 for count in counts)
    assert max(counts) / min(counts) < 1.06


def test_the_rate_is_the_chosen_one_at_the_size_for_which_it_was_chosen() -> None:
    assert text_sizes.rate("LSTM", text_sizes.TUNED) == CHOSEN["LSTM"]
    assert text_sizes.rate("GRU", 4 * text_sizes.TUNED) == pytest.approx(CHOSEN["GRU"] / 2)
