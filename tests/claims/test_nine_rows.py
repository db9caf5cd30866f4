"""The nine rows of the usual table: what each panel shows is what was stored."""

from __future__ import annotations

import numpy as np
import pytest

from course_utils.claims.nine_rows import CELLS, nine_rows
from course_utils.experiments.framework.results import load


def test_there_are_nine_rows_and_each_compares_at_least_two_cells() -> None:
    parts = nine_rows()
    assert len(parts) == 9
    for part in parts:
        assert {"RNN", "LSTM"} <= set(part.values) <= set(CELLS)
        assert all(np.isfinite(values).all() and len(values) for values in part.values.values())


def test_the_rows_are_those_of_the_stored_experiments() -> None:
    memory, long, *_, convergence, _, translating = nine_rows()
    kept, lags = load("kept").table, load("long_lags").table
    one = lags.query("network == 'LSTM' and training == 'long lags at once' and lag == 1000")
    assert memory.values["LSTM"] == one["accuracy"].tolist()
    assert memory.line == pytest.approx(0.25)
    fair = kept.query("network == 'RNN' and size == 'equal parameters' and start == 'searched'")
    for panel, task, lag in ((long, "adding", 160), (convergence, "digits", 64)):
        rows = fair[(fair["task"] == task) & (fair["lag"] == lag)]
        assert panel.values["RNN"] == rows["steps_share"].tolist()
    assert len(translating.values["RNN"]) == len(load("translating").seeds)  # the last look of each seed alone
