"""How many networks know a claim's task without learning it: what tells hard benchmarks from empty ones."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from course_utils.claims.stored import up_to_date
from course_utils.data.resources import resource
from course_utils.display.numbers import short
from course_utils.display.tables import Table
from course_utils.experiments.framework.results import load

EXPERIMENT = "known_without_learning"
EMPTY = 0.001  # a share of random networks that surely solve a task, from which on guessing would do
LATCH, ADDING, ORDER = "flagged latch, lag 40 to 49", "adding, 40 steps", "temporal order, 40 steps"
PARITY, PERMUTATIONS = "parity, 40 symbols", "permutations of three, 40 symbols"
COUNTING, BRACKETS = "aⁿbⁿ, 40 symbols", "Dyck-1, 40 symbols"
TASKS: dict[str, tuple[str, ...]] = {  # claim → tasks of the experiment that are nearest to its own
    "C02": ("recall, 4 steps back",),
    "C06": (ADDING, LATCH, ORDER),
    "C10": (ADDING, LATCH, ORDER),
    "C11": ("recall, 4 steps back", LATCH),
    "C12": ("two sequences, 100 steps", "latch with its own alphabet, lag 40 to 49", LATCH),
    "C13": (LATCH,),
    "C15": (ADDING, "continual Reber, 40 symbols"),
    "C16": (ADDING, LATCH, ORDER),
    "C20": (ADDING, LATCH, "copy, 10 symbols over 10 steps", PARITY, PERMUTATIONS, COUNTING, BRACKETS),
    "C35": (ADDING, LATCH, ORDER, PARITY, PERMUTATIONS, COUNTING, BRACKETS),
    "C36": (COUNTING, BRACKETS),
    "C37": (PARITY, PERMUTATIONS),
}
HEADS = ["task", "whole network drawn", "read-out fitted", "so"]


def known_rows() -> dict[tuple[str, str], list[dict[str, Any]]]:
    """By task and read-out the shares of each size, cell and prior; none where nothing is stored."""
    return _rows(resource(f"results/{EXPERIMENT}.json").read_bytes()) if up_to_date(EXPERIMENT) else {}


@cache
def _rows(_: bytes) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """The same; worked out once for what the file holds."""
    from course_utils.experiments.study.known_without_learning import shares

    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in shares(load(EXPERIMENT).table):
        found.setdefault((row["task"], row["readout"]), []).append(row)
    return found


def known_table(tasks: Sequence[str], caption: str) -> Table:
    """A row for each task: the cell, size and prior with the largest share, and what follows.

    Args:
        tasks: of the experiment.
        caption: of the table.
    """
    rows = []
    for task in tasks:
        drawn, fitted = (known_rows()[task, readout] for readout in ("drawn", "fitted"))
        rows.append([task, most_text(drawn), most_text(fitted), so(drawn)])
    return Table(caption, HEADS, rows, [False] * len(HEADS))


def known_for(id: str) -> tuple[str, ...]:
    """The tasks that stand in a claim's box; none where nothing is stored.

    Args:
        id: of the claim.
    """
    return TASKS.get(id, ()) if known_rows() else ()


def most_text(rows: Sequence[dict[str, Any]]) -> str:
    """Such as "1.2 % of GRU (beside an LSTM of 1, wide; 1 to 1.4 %)", or that none of so many solves it."""
    best = max(rows, key=lambda row: row["share"])
    if not best["solved"]:
        most = max(row["high"] for row in rows)
        networks = sum(row["networks"] for row in rows)
        return f"none of {networks:,} (of no cell more than {_percent(most)})"
    where = f"size of an LSTM with {best['lstm_units']}, {best['prior']}"
    interval = f"{short(100 * best['low'])} to {_percent(best['high'])}"
    return f"{_percent(best['share'])} of {best['network']} ({where}; {interval}); {_others(rows)}"


def _others(rows: Sequence[dict[str, Any]]) -> str:
    cells = dict.fromkeys(row["network"] for row in rows)
    most = {cell: max(row["share"] for row in rows if row["network"] == cell) for cell in cells}
    return "at most " + ", ".join(f"{cell} {_percent(share)}" for cell, share in most.items())


def so(rows: Sequence[dict[str, Any]]) -> str:
    """What follows for the task."""
    if any(row["low"] > EMPTY for row in rows):
        return "guessing solves it"
    return "rarely guessed" if any(row["solved"] for row in rows) else "no guess solved it"


def _percent(share: float) -> str:
    return f"{short(100 * share, 2)} %"
