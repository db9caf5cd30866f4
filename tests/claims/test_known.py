"""How many networks know a claim's tasks without learning."""

from __future__ import annotations

import pytest

from course_utils.claims import known
from course_utils.claims.boxes import ClaimBox
from course_utils.claims.known import EMPTY, TASKS, known_for, known_rows, known_table, most_text, so
from course_utils.claims.rules import load_claims
from course_utils.claims.stored import Standing


def row(network: str, solved: int, share: float, low: float, high: float) -> dict[str, object]:
    about = {"network": network, "lstm_units": 4, "prior": "wide", "networks": 1000}
    return {**about, "solved": solved, "share": share, "low": low, "high": high}


def test_each_claim_names_tasks_that_were_measured() -> None:
    assert set(TASKS) <= set(load_claims())
    for tasks in TASKS.values():
        for task in tasks:
            assert {(task, "drawn"), (task, "fitted")} <= set(known_rows())


def test_the_largest_share_is_told_with_its_cell_and_its_interval() -> None:
    rows = [row("GRU", 12, 0.012, 0.0062, 0.021), row("LSTM", 3, 0.003, 0.0006, 0.0087)]
    text = "1.2 % of GRU (size of an LSTM with 4, wide; 0.62 to 2.1 %); at most GRU 1.2 %, LSTM 0.3 %"
    assert most_text(rows) == text
    assert so(rows) == "guessing solves it"
    assert so(rows[1:]) == "rarely guessed"
    assert rows[1]["low"] < EMPTY  # type: ignore[operator]


def test_where_none_solves_it_the_bound_of_each_cell_is_told() -> None:
    none = [row("GRU", 0, 0.0, 0.0, 0.0037), row("LSTM", 0, 0.0, 0.0, 0.0037)]
    assert most_text(none) == "none of 2,000 (of no cell more than 0.37 %)"
    assert so(none) == "no guess solved it"


def test_it_stands_in_the_boxes_of_its_claims_and_nowhere_without_stored_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    box = ClaimBox(Standing(load_claims()["C12"], [], "undecided"))
    assert "How many networks know it without learning" in str(box)
    assert "flagged latch, lag 40 to 49" in box.html
    assert "know it without learning" not in str(ClaimBox(Standing(load_claims()["C01"], [], "undecided")))
    monkeypatch.setattr(known, "known_rows", dict)
    assert known_for("C12") == ()
    assert "know it without learning" not in str(box)


def test_the_table_has_a_row_for_each_task() -> None:
    table = known_table(TASKS["C36"], "Two")
    assert [cells[0] for cells in table.rows] == list(TASKS["C36"])
