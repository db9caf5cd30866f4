"""The programmed unit, shaken and trained: without shaking and training it stays what it is."""

from __future__ import annotations

from course_utils.experiments.long_memory.programmed_then_trained import EXPERIMENT, measure
from tests.experiments.small_runs import small_rows, small_settings


def test_unshaken_and_untrained_it_solves_the_task() -> None:
    settings = {**EXPERIMENT.settings, **EXPERIMENT.quick, "sizes": [0.0], "rates": [1e-12], "steps": 1}
    for row in measure(0, **settings):
        assert row["before"] < 1e-4
        assert abs(row["after"] - row["before"]) < 1e-9
        assert row["gates_moved"] < 1e-9


def test_a_row_for_each_size_and_rate() -> None:
    found, settings = small_rows("programmed_then_trained"), small_settings("programmed_then_trained")
    assert len(found) == 2 * len(settings["sizes"]) * len(settings["rates"])
    assert (found["before"] > 0).all()
