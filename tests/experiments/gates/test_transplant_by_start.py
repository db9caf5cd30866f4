"""The transplant from other starts: shares are shares, and every start is measured on every task."""

from __future__ import annotations

from course_utils.experiments.gates import transplant_by_start
from tests.experiments.small_runs import small_rows, small_settings


def test_every_start_is_measured_on_every_task() -> None:
    found, lags = small_rows("transplant_by_start"), small_settings("transplant_by_start")["lags"]
    for _, rows in found.groupby("seed"):
        assert len(rows) == len(lags) * len(transplant_by_start.STARTS)
    shares = found[["accuracy", "donor_c", "donor_h"]]
    assert shares.ge(0).all(axis=None)
    assert shares.le(1).all(axis=None)
