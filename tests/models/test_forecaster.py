"""The forecaster: it forecasts what can be forecast, says how sure it is, and whatever it is given has an answer."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_utils.data.co2 import monthly_co2
from course_utils.errors import CourseError
from course_utils.metrics import coverage, mase
from course_utils.models.forecaster import Forecaster, _ahead
from course_utils.models.opponents import seasonal_naive
from course_utils.models.series_inputs import Index
from tests.strategies import between, examples

RNG = np.random.default_rng(0)
SEASONAL = np.tile([0.0, 3.0, 5.0, 1.0], 15) + 0.1 * RNG.normal(size=60)
MONTHS = pd.Series(SEASONAL, index=pd.period_range("2000-01", periods=60, freq="M"), name="sales")


def short(series: Any, cell: str = "gru", horizon: int = 4, season: int | None = 4, **options: Any) -> Forecaster:
    forecaster = Forecaster(cell, 6, horizon, season)
    forecaster.fit(series, **{"steps": 5, "progress": False} | options)
    return forecaster


@functools.cache
def learned() -> Forecaster:
    return short(MONTHS)


# ---------------------------------------------------------------------------------------------------------------------
# Forecasting


@pytest.mark.parametrize("cell", ["rnn", "relu_rnn", "gru", "lstm"])
def test_it_forecasts_carbon_dioxide_better_than_a_year_ago(cell: str) -> None:
    series = monthly_co2()
    known, truth = series[:-12], series[-12:]
    forecaster = Forecaster(cell, 16, season=12)
    history = forecaster.fit(known, steps=40, progress=False)
    found = forecaster.forecast()
    assert found.index.equals(truth.index)
    naive = seasonal_naive(known, 12, 12).values[:, 0]
    assert mase(found[0.5], truth, known, 12) < 0.5 * mase(naive, truth, known, 12)
    assert coverage(found[0.1], found[0.9], truth) > 0.5
    assert history.steps == 40
    assert forecaster.chosen["season"] == 12


def test_a_network_learns_what_no_linear_rule_knows() -> None:
    """The logistic map, one step ahead: a parabola."""
    values = [0.3]
    for _ in range(399):
        values.append(3.9 * values[-1] * (1 - values[-1]))
    whole = np.array(values)
    forecaster = Forecaster("gru", 32, horizon=1, season=1)
    forecaster.fit(whole[:300], steps=500, patience=None, progress=False)
    assert forecaster.chosen["network"] > 0
    found = np.array([forecaster.forecast(1, whole[:at])[0.5].iloc[0] for at in range(300, 400)])
    assert np.abs(found - whole[300:]).mean() < 0.5 * np.abs(whole[300:] - whole[:300].mean()).mean()


def test_quantiles_hold_out_of_sample() -> None:
    """Noise, in the mean over eight series: four in five of what came lie between the quantiles 0.1 and 0.9."""
    shares = []
    for seed in range(8):
        values = np.random.default_rng(seed).normal(size=260)
        found = short(values[:160], season=1).forecast(100)
        shares.append(coverage(found[0.1], found[0.9], values[160:]))
    assert np.mean(shares) == pytest.approx(0.8, abs=0.1)


def test_a_forecast_goes_on_where_the_series_ends() -> None:
    found = learned().forecast()
    assert list(found.index) == list(pd.period_range("2005-01", periods=4, freq="M"))
    assert list(found.columns) == [0.1, 0.5, 0.9]
    assert (found.diff(axis=1).iloc[:, 1:] >= 0).all().all()
    longer = learned().forecast(11)
    assert longer[:4].equals(found)
    assert len(longer) == 11
    assert list(learned().forecast(2, SEASONAL[:30]).index) == [30, 31]


def test_other_quantiles_and_the_median_among_them() -> None:
    forecaster = Forecaster("rnn", 4, 3, 4, quantiles=(0.95, 0.05))
    forecaster.fit(SEASONAL, steps=3, progress=False)
    assert list(forecaster.forecast().columns) == [0.05, 0.5, 0.95]
    assert forecaster.quantiles == (0.95, 0.05)


def test_the_unit_does_not_matter() -> None:
    plain = short(SEASONAL).forecast().to_numpy()
    for unit in (1e-12, 1e12):
        assert short(unit * SEASONAL).forecast().to_numpy() / unit == pytest.approx(plain, rel=1e-3, abs=1e-3)
    assert short(SEASONAL - 1e6).forecast().to_numpy() + 1e6 == pytest.approx(plain, rel=1e-2, abs=1e-2)


def test_many_series_of_different_lengths_are_one_model() -> None:
    series = [MONTHS[:40], MONTHS[:55].rename("costs") * 100, MONTHS[:7].rename("new")]
    forecaster = short(series)
    found = forecaster.forecast()
    assert list(found.loc["new"].index.astype(str)) == ["2000-08", "2000-09", "2000-10", "2000-11"]
    assert found.index.names == ["series", None]
    assert len(found) == 12
    one = forecaster.forecast(series=series[1])
    assert one.to_numpy() == pytest.approx(found.loc["costs"].to_numpy())
    numbered = short([SEASONAL, SEASONAL[:30]]).forecast(2)
    assert numbered.index.get_level_values(0).unique().tolist() == [0, 1]
    assert len(forecaster.forecast(3, series=[SEASONAL])) == 3


def test_what_came_after_can_validate() -> None:
    forecaster = short(MONTHS[:48], valid=MONTHS[48:])
    assert list(forecaster.forecast(1).index.astype(str)) == ["2005-01"]
    assert forecaster.chosen["held out"] == 9
    assert list(short(SEASONAL[:48], valid=SEASONAL[48:]).forecast(1).index) == [60]
    for valid, message in (
        (MONTHS[50:], "valid must come right after the series"),
        ([MONTHS[48:], MONTHS[48:]], "1 series and 2 of valid"),
    ):
        with pytest.raises(CourseError, match=message):
            short(MONTHS[:48], valid=valid)


def test_base_naive_starts_from_the_seasonal_naive_forecast() -> None:
    assert short(MONTHS, base="naive").chosen["base"] == "seasonal naive"


# ---------------------------------------------------------------------------------------------------------------------
# Learning


def test_the_seed_decides_and_nothing_outside_is_touched() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    given_before = MONTHS.copy()
    first, again = (short(MONTHS, base="naive") for _ in range(2))
    other = Forecaster("gru", 6, 4, 4, seed=1)
    other.fit(MONTHS, steps=5, base="naive", progress=False)
    assert torch.equal(torch.rand(3), expected)
    assert MONTHS.equals(given_before)
    models = [one.model for one in (first, again, other) if one.model is not None]
    assert torch.equal(models[0].readout.weight, models[1].readout.weight)
    assert not torch.equal(models[0].readout.weight, models[2].readout.weight)


def test_patience_seconds_and_epochs_are_handed_on() -> None:
    assert "without a better" in short(MONTHS, steps=4_000, lr=1e-9, patience=2).described().texts["steps"]
    forecaster = Forecaster("rnn", 4, 4, 4)
    assert forecaster.fit(MONTHS, epochs=2, batch_size=10, progress=False).steps > 2
    assert forecaster.fit(MONTHS, seconds=0.01, progress=False).steps >= 1


def test_a_season_is_found() -> None:
    assert short(MONTHS, season=None).chosen["season"] in (4, 12)
    assert short(np.cumsum(RNG.normal(size=200)), season=None).chosen["season"] == 1


# ---------------------------------------------------------------------------------------------------------------------
# Whatever it is given

ODD: dict[str, Any] = {
    "constant": np.full(30, 7.0),
    "zeros": np.zeros(30),
    "huge": 1e12 * SEASONAL,
    "beyond": 1e149 * SEASONAL,
    "tiny": 1e-200 * SEASONAL,
    "negative": -SEASONAL - 100,
    "whole numbers": np.arange(30),
    "objects": pd.Series(SEASONAL, dtype=object),
    "a jump": np.r_[np.zeros(20), 1e9 * np.ones(20)],
    "one peak": np.r_[np.zeros(20), 1.0, np.zeros(20)],
    "time zone": pd.Series(SEASONAL, index=pd.date_range("2024-03-20", periods=60, freq="D", tz="Europe/Berlin")),
    "ten": SEASONAL[:10],
}


@pytest.mark.parametrize("name", ODD)
def test_odd_series_have_a_forecast(name: str) -> None:
    forecaster = short(ODD[name])
    found = forecaster.forecast(9)
    assert np.isfinite(found.to_numpy()).all()
    assert len(found) == 9
    if name in ("constant", "zeros"):
        assert (found == ODD[name][0]).all().all()


@examples(15)
@given(
    st.lists(between(-1e6, 1e6), min_size=10, max_size=50), st.integers(1, 60), st.integers(1, 5), st.integers(1, 70)
)
def test_any_numbers_have_a_forecast(values: list[float], horizon: int, season: int, steps: int) -> None:
    forecaster = Forecaster("rnn", 2, horizon, season)
    forecaster.fit(values, steps=1, progress=False)
    found = forecaster.forecast(steps)
    assert found.shape == (steps, 3)
    assert np.isfinite(found.to_numpy()).all()
    assert (np.diff(found.to_numpy(), axis=1) >= 0).all()
    assert found.index[0] == len(values)


@pytest.mark.parametrize(
    ("given", "options", "message"),
    [
        (SEASONAL[:9], {}, "The series has 9 values. Expected: 10 at least"),
        (SEASONAL[:20], {"season": 12}, "Expected: 24 at least, two seasons of 12"),
        ([1.0], {}, "has 1 values"),
        ([SEASONAL, [1.0]], {}, r"series\[1\] has 1 values"),
        ([SEASONAL[:5], SEASONAL[:6]], {}, "longest of 2 series has 6 values"),
        ([], {}, "has 0 values"),
        ([1.0, None, 2.0] * 9, {}, "gaps='fill'"),
        ([True, False] * 9, {}, "True and False"),
        (["a"] * 20, {}, "no number"),
        (MONTHS, {"gaps": "close"}, "no way with gaps 'close'"),
        (MONTHS, {"base": "ets"}, "no base 'ets'"),
        (MONTHS, {"steps": 0}, "steps must be"),
        (MONTHS, {"seconds": -1}, "seconds must be"),
        (MONTHS, {"lr": "fast"}, "lr must be"),
        (MONTHS, {"batch_size": 0}, "batch_size must be"),
    ],
)
def test_what_cannot_be_learned_from_is_refused_with_a_sentence(given: Any, options: Any, message: str) -> None:
    with pytest.raises(CourseError, match=message):
        short(given, **options)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"cell": "lstn"}, "Did you mean 'lstm'"),
        ({"hidden_size": 0}, "hidden_size must be"),
        ({"horizon": 0}, "horizon must be"),
        ({"season": 0}, "season must be"),
        ({"season": 2.5}, "season must be"),
        ({"quantiles": (0.5, 1.5)}, "quantiles must be"),
        ({"seed": -1}, "seed must be"),
    ],
)
def test_arguments_that_cannot_be_meant(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(CourseError, match=message):
        Forecaster(**arguments)


def test_questions_that_cannot_be_answered() -> None:
    whole: Any = learned()
    questions: list[tuple[Any, str]] = [
        (lambda: Forecaster().forecast(), "not learned anything yet"),
        (lambda: Forecaster().backtest(MONTHS), "not learned anything yet"),
        (lambda: learned().forecast(0), "steps must be"),
        (lambda: whole.forecast(2.5), "steps must be"),
        (lambda: learned().forecast(3, [1.0]), "has 1 values"),
        (lambda: learned().forecast(3, "MONTHS"), "is a str"),
        (lambda: learned().forecast(3, [np.nan, 1.0, 2.0]), "are missing"),
    ]
    for ask, message in questions:
        with pytest.raises(CourseError, match=message):
            ask()


def test_an_index_that_cannot_go_on_has_a_sentence() -> None:
    with pytest.raises(CourseError, match="cannot go on for 3 steps from 2024-01-01"):
        _ahead(Index("time", "2024-01-01", "now and then"), 3)


# ---------------------------------------------------------------------------------------------------------------------
# Keeping


@pytest.mark.parametrize("many", [False, True])
def test_what_was_saved_forecasts_as_before(many: bool, tmp_path: Path) -> None:
    forecaster = short([MONTHS, MONTHS.rename("b")[:30]]) if many else learned()
    again = Forecaster.load(forecaster.save(tmp_path / "it.safetensors", note="mine"))
    assert again.forecast(13).equals(forecaster.forecast(13))
    assert again.chosen == forecaster.chosen
    assert again.parameters_count == forecaster.parameters_count
    assert repr(again) == repr(forecaster)
    assert again.described().texts == forecaster.described().texts
    if not many:
        assert again.backtest(MONTHS, 2).equals(forecaster.backtest(MONTHS, 2))
