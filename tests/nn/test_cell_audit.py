"""The audit of a learner's cell: it finds each way to be unfair, and nothing in a fair cell."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from course_utils.nn.cell_audit import CHECKS, Shape, audit
from course_utils.nn.diagonal import DiagonalRecurrence
from tests.own_cells import LSTM, UNFAIR, Minimal

SHAPE = Shape(5, 4, 0, 5124)


class Diagonal(DiagonalRecurrence):
    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size, signed=True)


class Silent(Minimal):
    """A gate that begins as 0 and stops all else."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        self.opened = nn.Parameter(torch.zeros(hidden_size))

    def forward(self, x: Tensor) -> Any:
        return self.opened * super().forward(x)


@pytest.mark.parametrize("cell", [LSTM, Minimal, Diagonal, Silent])
@pytest.mark.parametrize("reader", [0, 8])
def test_nothing_is_found_in_a_fair_cell(cell: Any, reader: int) -> None:
    assert audit(cell, Shape(5, 4, reader, 5124)) == []


@pytest.mark.parametrize("name", list(UNFAIR))
def test_each_way_to_be_unfair_is_found_and_nothing_beside_it(name: str) -> None:
    cell, said = UNFAIR[name]
    found = audit(cell, SHAPE)
    assert any(said in f"{fault.check}: {fault.sentence}" for fault in found), found
    assert {fault.check for fault in found} <= CHECKS.keys()
    assert len(found) == 1


def test_all_that_is_looked_for_has_been_found_once() -> None:
    assert {fault.check for cell, _ in UNFAIR.values() for fault in audit(cell, SHAPE)} == CHECKS.keys()


def test_an_audit_leaves_torch_s_random_numbers_as_they_were() -> None:
    before = torch.random.get_rng_state()
    audit(Minimal, SHAPE)
    assert torch.equal(before, torch.random.get_rng_state())
