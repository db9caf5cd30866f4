"""Drawings of cells: they name all their parts."""

from __future__ import annotations

import pytest

from course_utils.figures import cells


@pytest.mark.parametrize(
    ("picture", "parts"),
    [
        (cells.lstm_cell, ("forget gate", "input gate", "candidate", "output gate", "tanh", "cell", "state")),
        (cells.gru_cell, ("reset gate", "update gate", "candidate", "1 minus z", "state")),
    ],
)
def test_a_drawing_names_the_parts_of_its_cell(picture: object, parts: tuple[str, ...]) -> None:
    assert callable(picture)
    alt = picture().alt
    assert [part for part in parts if part not in alt] == []
