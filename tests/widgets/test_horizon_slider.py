"""The horizon slider: its errors and intervals equal scipy's, its sentences hold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from course_utils.errors import CourseError
from course_utils.widgets.horizon_slider import errors, finding, horizon_slider
from tests.widgets.in_node import computed, evaluated
from tests.widgets.twins import twin_of

ORIGINS, STEPS = [60, 66, 72, 78], 9
NAMES = ("seasonal naive", "ETS", "LSTM", "RNN")
SERIES = pd.Series(
    10 + np.tile([0.0, 3.0, 5.0, 1.0], 25) + np.random.default_rng(0).normal(size=100),
    index=pd.date_range("2000-01-01", periods=100, freq="MS"),
)


def forecasts(seed: int = 0, shift: float = 0.0) -> dict[str, Any]:
    """What came, more or less wrong; the reference is wrong by `shift` more."""
    rng = np.random.default_rng(seed)
    came = np.stack([SERIES.to_numpy()[at : at + STEPS] for at in ORIGINS])
    found = {name: came + rng.normal(size=came.shape) for name in NAMES}
    found["seasonal naive"] = found["seasonal naive"] + shift
    return found


def slider(**changed: Any) -> Any:
    given = {"series": SERIES, "origins": ORIGINS, "forecasts": forecasts(), "season": 4} | changed
    return horizon_slider(**given)


@pytest.mark.parametrize("over", ["at", "to"])
def test_errors_and_intervals_are_those_of_scipy(over: str) -> None:
    params = slider().params
    scale = np.abs(SERIES.to_numpy()[4:60] - SERIES.to_numpy()[:56]).mean()
    (found,) = computed("horizon_slider", [params | {"over": over}])
    came = np.stack([SERIES.to_numpy()[at : at + STEPS] for at in ORIGINS])
    off = {name: np.abs(rows - came) / scale for name, rows in forecasts().items()}
    if over == "to":
        off = {name: rows.cumsum(axis=1) / np.arange(1, STEPS + 1) for name, rows in off.items()}
    for name, row in zip(NAMES, found, strict=True):
        for s, cell in enumerate(row):
            for part, values in (("error", off[name][:, s]), ("difference", (off[name] - off[NAMES[0]])[:, s])):
                wanted = [values.mean(), values.mean(), values.mean()]
                if np.ptp(values) > 0:
                    mean, error = values.mean(), stats.sem(values)
                    wanted = [mean, *stats.t.interval(0.95, len(values) - 1, mean, error)]
                assert cell[part] == pytest.approx(wanted, abs=1e-3)


def test_the_picture_has_the_errors_of_the_browser() -> None:
    params = slider().params
    (found,) = computed("horizon_slider", [params])
    for name, row in zip(NAMES, found, strict=True):
        assert errors(params)[name].mean(axis=0) == pytest.approx([cell["error"][0] for cell in row], abs=1e-9)


def test_a_difference_is_decided_where_its_interval_does_not_hold_0() -> None:
    cases = [[-1, -2, -0.1], [1, 0.1, 2], [0.5, -0.1, 1], [-1, -2, 0]]
    assert evaluated("horizon_slider", "given.map(verdict)", cases) == [
        "clearly better",
        "clearly worse",
        "not decided",
        "not decided",
    ]


def sentence(params: dict[str, Any], **state: Any) -> str:
    chosen = {"horizon": STEPS, "origin": 1, "method": 1, "over": "at"} | params | state
    return str(evaluated("horizon_slider", "told(given, compute(given))", chosen))


def test_what_is_told_of_a_step() -> None:
    params = slider(forecasts=forecasts(shift=30.0), steps="months").params
    text = sentence(params)
    assert text.startswith("9 months ahead, 4 origins: ETS ")
    assert "clearly better" in text
    assert text.index("seasonal naive", text.index("From the smallest")) > text.index("ETS", text.index("From the"))
    assert "mean of all up to there" in sentence(params, over="to")
    assert "It is what the others are compared with." in sentence(params, method=0)


def test_the_finding_counts_those_that_are_clearly_better() -> None:
    assert finding(slider(forecasts=forecasts(shift=30.0)).params).endswith(
        "clearly better than seasonal naive: 3 of 3"
    )
    equal = dict.fromkeys(NAMES, forecasts()["ETS"])
    assert finding(slider(forecasts=equal).params).endswith("clearly better than seasonal naive: 0 of 3")
    assert "9 months ahead the smallest error is" in slider(steps="months").picture.alt


def test_origins_are_named_by_the_last_known_value() -> None:
    assert slider().params["origins"][0] == "2004-12-01"
    assert slider(series=SERIES.to_numpy()).params["origins"][0] == "60"
    assert slider().params["before"][0][-1] == pytest.approx(SERIES.iloc[59], rel=1e-5)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"origins": [60, 66, 72]}, r"have the shape \(4, 9\)"),
        ({"origins": [60, 66, 72, 95]}, "must rise, and 9 values must come"),
        ({"origins": [66, 60, 72, 78]}, "must rise"),
        ({"reference": "drift"}, "reference"),
        ({"season": 70}, "season"),
        ({"forecasts": {**forecasts(), "ETS": np.full((4, 9), np.nan)}}, "missing or infinite"),
        ({"forecasts": {**forecasts(), "ETS": np.zeros((4, 8))}}, "the same for all"),
        (
            {"forecasts": {"seasonal naive": np.zeros((4, 9)), **{str(n): np.zeros((4, 9)) for n in range(9)}}},
            "at most",
        ),
        ({"series": np.ones(100)}, "repeats itself exactly"),
    ],
)
def test_what_does_not_fit_is_refused(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(CourseError, match=says):
        slider(**wrong)


def test_the_output_has_a_live_view_a_picture_and_a_twin_that_asks_no_server() -> None:
    twin_of(slider())
