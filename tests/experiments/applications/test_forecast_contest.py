"""The contest of forecasts: what judges was not learned from, no two forecasts overlap, and sizes are equal."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from course_utils.errors import CourseError
from course_utils.experiments.applications import forecast_contest
from course_utils.experiments.framework.registry import experiment
from course_utils.experiments.framework.results import load
from course_utils.metrics import mase
from course_utils.models.forecaster import Forecaster
from course_utils.models.opponents import OPPONENTS
from course_utils.training import DivergedError, History
from tests.experiments.small_runs import small_settings


@pytest.mark.parametrize("name", forecast_contest.SERIES)
def test_what_comes_follows_what_is_known_and_no_two_forecasts_overlap(name: str) -> None:
    series = forecast_contest.SERIES[name]
    values = np.asarray(series.read(), dtype=float)
    parts = [forecast_contest.split(name, seed, choosing=True) for seed in range(forecast_contest.EARLIER)]
    parts += [forecast_contest.split(name, seed) for seed in range(forecast_contest.ORIGINS)]
    end = len(values)
    for known, came in reversed(parts):
        assert len(came) == series.horizon
        assert 4 * series.season <= len(known) <= series.learned
        at = end - series.horizon
        assert np.array_equal(values[at:end], came)
        assert np.array_equal(values[at - len(known) : at], known)
        end -= series.apart
    assert series.apart >= series.horizon


def test_a_seed_that_nobody_has_used_has_an_origin_too() -> None:
    for choosing, count in ((False, forecast_contest.ORIGINS), (True, forecast_contest.EARLIER)):
        first, again = (forecast_contest.split("sunspots", seed, choosing=choosing)[0] for seed in (3, 3 + 8 * count))
        assert np.array_equal(first, again)


@pytest.mark.parametrize("name", forecast_contest.SERIES)
def test_networks_have_as_many_parameters_as_whole_units_allow(name: str) -> None:
    known, _ = forecast_contest.split(name, 0)
    counts = []
    for network in (*forecast_contest.NETWORKS, forecast_contest.HYBRID):
        model = forecast_contest.forecaster(name, network, 2_000, seed=0)
        model.fit(known[-120:], steps=1, base="naive", progress=False)
        counts.append(model.parameters_count)
    assert max(counts) / min(counts) < 1.08


def test_the_rows_of_a_method_are_its_errors_by_horizon() -> None:
    settings = small_settings("forecast_contest_search", rates={"sunspots": {}}, beside=["ETS"], choosing=False)
    rows = forecast_contest.measure(4, **settings)
    known, came = forecast_contest.split("sunspots", 4)
    said = OPPONENTS["ETS"](known, 10, 11).values[:, 0]
    expected = {0: mase(said, came, known, 11)}
    expected |= {step: mase(said[step - 1 : step], came[step - 1 : step], known, 11) for step in (1, 2, 5, 10)}
    assert {row["horizon"]: row["mase"] for row in rows} == expected


def test_the_chosen_rates_are_those_that_the_search_found() -> None:
    rows = pd.concat([load(f"forecast_contest_{which}").table for which in ("search", "wider_search")])
    means = rows[rows["horizon"] == forecast_contest.ALL].groupby(["series", "method", "lr"])["mase"].mean()
    for name, chosen in forecast_contest.CHOSEN.items():
        assert {network: float(means[name, network].idxmin()) for network in chosen} == chosen
        assert set(chosen) == {*forecast_contest.NETWORKS, forecast_contest.HYBRID}
    assert set(forecast_contest.CHOSEN) == set(forecast_contest.SERIES)


def test_a_training_that_diverges_leaves_the_seasonal_naive_forecast(monkeypatch: pytest.MonkeyPatch) -> None:
    def diverging(*_: object, **__: object) -> None:
        raise DivergedError("the loss is not finite", History())

    settings = small_settings("forecast_contest_search", rates={"CO₂": {"LSTM": [0.01]}}, beside=["seasonal naive"])
    monkeypatch.setattr(Forecaster, "fit", diverging)
    rows = forecast_contest.measure(2, **settings)
    network, naive = ([row["mase"] for row in rows if row["method"] == name] for name in ("LSTM", "seasonal naive"))
    assert network == naive
    assert {row["share"] for row in rows} == {0.0}


@pytest.mark.parametrize(
    "changed", [{"rates": {"stocks": {}}}, {"rates": {"sunspots": {"HMM": [0.1]}}}, {"beside": ["oracle"]}]
)
def test_what_is_unknown_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(CourseError, match=r"Expected|Choose|one of|unknown"):
        forecast_contest.measure(0, **small_settings("forecast_contest_search", **changed))


def test_the_rows_that_are_reported_have_every_method_at_every_horizon() -> None:
    methods = {*forecast_contest.NETWORKS, forecast_contest.HYBRID, *forecast_contest.BESIDE}
    rows = load("forecast_contest").table
    assert set(rows["seed"]) == set(range(forecast_contest.ORIGINS)) == set(experiment("forecast_contest").seeds)
    for name, series in forecast_contest.SERIES.items():
        found = rows[rows["series"] == name].groupby("method")["horizon"].unique()
        assert {*found.index} == methods
        assert all(set(horizons) == {forecast_contest.ALL, *series.told} for horizons in found)
