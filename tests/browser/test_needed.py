"""Which cells a cell needs, read from their code."""

from __future__ import annotations

import pytest

from tests.browser.needed import needed

CELLS = [
    "",
    "%pip install course\nimport course",  # the first one is not read
    "",
    "from a import b as c, d\nx = 1",
    "def f(y):\n    z = d\n    return y",
    "x = x + 1\nfor i, (j, k) in []:\n    w = j",
    "if x:\n    g = f\nelse:\n    g: int = 2",
    "class C:\n    v = c\nwith open('') as file:\n    import torch.nn",
]


@pytest.mark.parametrize(
    ("code", "cells"),
    [
        ("print(1)", [1]),
        ("x", [1, 3, 5]),  # changed by 5, made by 3
        ("f(2)", [1, 3, 4]),  # f uses d when it is called
        ("g", [1, 3, 4, 5, 6]),
        ("z, v, y", [1]),  # names within a function or a class are not the cell's
        ("w, i, k", [1, 3, 5]),
        ("C, file", [1, 3, 7]),
        ("torch.nn.Linear", [1, 3, 7]),
    ],
)
def test_the_cells_that_make_what_a_cell_uses(code: str, cells: list[int]) -> None:
    assert needed([*CELLS, code, "x = 5"], len(CELLS)) == [*cells, len(CELLS)]


def test_the_first_cell_needs_itself_alone() -> None:
    assert needed(CELLS, 1) == [1]
