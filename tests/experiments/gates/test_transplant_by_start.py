"""The transplant from other starts: shares are shares, and every start is measured on every task."""

from __future__ import annotations

import pytest

from course_utils.experiments.framework.registry import experiment
from course_utils.experiments.gates import transplant_by_start
from tests.experiments.small_runs import small_rows, small_settings

NAMES = [one.name for one in transplant_by_start.EXPERIMENTS]


@pytest.mark.parametrize("name", NAMES)
def test_every_start_is_measured_on_every_task(name: str) -> None:
    found, settings = small_rows(name), small_settings(name)
    for _, rows in found.groupby("seed"):
        assert len(rows) == len(settings["lags"]) * len(settings["starts"])
        assert set(rows["start"]) == set(settings["starts"])
    shares = found[["accuracy", "donor_c", "donor_h"]]
    assert shares.ge(0).all(axis=None)
    assert shares.le(1).all(axis=None)


def test_only_the_start_differs() -> None:
    told, untold, longer = (experiment(name).settings for name in NAMES)
    assert {**untold, "starts": told["starts"], "lags": told["lags"]} == told
    assert all(lag in told["lags"] for lag in untold["lags"])
    assert {**longer, "steps": untold["steps"], "starts": untold["starts"]} == untold
