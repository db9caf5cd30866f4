"""Where a gradient grows: from a state that has been filled as from one of zeros."""

from __future__ import annotations

from course_utils.experiments.gradients.growth_at_the_beginning import EXPERIMENT, measure
from tests.experiments.small_runs import small_rows, small_settings


def test_the_cell_is_empty_at_the_beginning_only_where_it_begins_with_zeros() -> None:
    found, longest = small_rows("growth_at_the_beginning"), max(small_settings("growth_at_the_beginning")["lags"])
    first = found[found["lag"] == longest].groupby("state")["cell"].min()
    assert first["zeros"] == 0
    assert first["filled"] > 0
    assert (found[found["lag"] == 0]["log10_left"] == 0).all()


def test_without_a_warm_up_the_filled_state_is_that_of_zeros() -> None:
    rows = measure(0, **{**EXPERIMENT.settings, **EXPERIMENT.quick, "warm_up": 0})
    by_state = {state: [row["log10_left"] for row in rows if row["state"] == state] for state in ("zeros", "filled")}
    assert by_state["zeros"] == by_state["filled"]
