"""Figures of gradients and forecasts: titles and alt texts say what the numbers say, and nothing is cut or overlaps."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_utils.errors import CourseError
from course_utils.figures import forecasts, gates, gradients
from course_utils.figures.style import Picture


def left(networks: list[str], slopes: list[float], seeds: int = 3) -> pd.DataFrame:
    return pd.DataFrame(
        {"network": name, "seed": seed, "lag": lag, "log10_left": slope * lag * (1 + 0.01 * seed)}
        for name, slope in zip(networks, slopes, strict=True)
        for seed in range(seeds)
        for lag in (0, 10, 100)
    )


def histories() -> dict[str, pd.DataFrame]:
    steps = np.arange(1, 31)
    wild = pd.DataFrame({"step": steps, "loss": 1e5 / steps, "gradient_norm": 0.0 * steps})
    tame = pd.DataFrame({"step": steps, "loss": 0.2 + 1 / steps, "gradient_norm": 3 + np.sin(steps)})
    wild.loc[3, "gradient_norm"] = np.inf
    return {"not clipped": wild, "clipped": tame}


def gate_values() -> dict[str, torch.Tensor]:
    return {name: torch.rand(3, 2) for name in gates.ROWS}


def biases() -> pd.DataFrame:
    return pd.DataFrame(
        {"network": f"LSTM, forget bias {b}", "seed": s, "lag": k, "log10_left": -0.1 * k, "log10_direct": -0.2 * k}
        for b in (0, 1)
        for s in (0, 1)
        for k in (1, 10)
    )


def runs() -> pd.DataFrame:
    return pd.DataFrame(
        {"network": name, "seed": s, "score": 0.9} for name in ("LSTM", "GRU, no reset gate") for s in (0, 1)
    )


YEARS = pd.Series(np.sin(np.arange(40)) * 50 + 60, index=np.arange(1950, 1990))
FIGURES: dict[str, Callable[[], Picture]] = {
    "norms": lambda: gradients.norms_over_time({"A": [1, 0.5, 0.0], "B": [1, 1e9, 1e12]}, "B grows and A vanishes"),
    "left": lambda: gradients.left_by_lag(left(["RNN", "LSTM"], [-0.3, -0.01])),
    "clipped": lambda: gradients.clipped([30, 40], [3, 4], [5, 5], 8.13),
    "losses": lambda: gradients.losses_and_norms(histories(), 1 / 6, "Without clipping, the loss leaps to 100,000"),
    "truth": lambda: forecasts.beside_truth(YEARS, {"RNN": YEARS + 3}, "The RNN is close", "sunspots"),
    "heat": lambda: gates.heat_maps(
        gate_values(), [1.0, 2.0, 3.0], at=[1990, 1991, 1992], xlabel="year", ylabel="x", title="Units differ"
    ),
    "direct": lambda: gates.direct_and_whole(biases(), "The whole gradient is larger"),
    "removed": lambda: gates.removed(runs(), "score", "accuracy", 0.1, "Nothing is lost without a gate"),
    "errors": lambda: forecasts.errors({"persistence": [25.0], "RNN": [14.0, 15.0]}, "error (sunspots)"),
}


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_drawn_without_warning_and_its_alt_text_begins_with_its_finding(
    name: str, recwarn: pytest.WarningsRecorder
) -> None:
    picture = FIGURES[name]()
    assert picture.png.startswith(b"\x89PNG")
    assert not recwarn.list
    assert len(picture.alt.split()) > 15
    assert picture.alt[0].isupper() or picture.alt[0].isdigit()
    assert "nan" not in picture.alt.lower().split()


def test_the_norms_are_told_with_their_peaks() -> None:
    alt = gradients.norms_over_time({"C": [1.0, 4.57, 0.5]}, "C grows first").alt
    assert "C: largest 4.57 at step 1, 0.5 at the last step." in alt


def test_what_is_left_is_told_by_the_numbers_at_the_longest_lag() -> None:
    alt = gradients.left_by_lag(left(["RNN", "LSTM"], [-0.3, -0.01], seeds=1)).alt
    assert alt.startswith("100 steps back 0.1 is left (LSTM), or 1e−30 (RNN)")


@given(st.floats(-319, 3))
def test_a_number_by_its_logarithm_is_that_number(logarithm: float) -> None:
    text = gradients.power(logarithm).replace("−", "-").replace(",", "")
    assert math.log10(float(text)) == pytest.approx(logarithm, abs=0.25)


def test_nothing_left_is_told_as_nothing() -> None:
    assert gradients.power(-320.0) == "0"


def test_errors_are_told_best_first_with_the_range_over_seeds() -> None:
    alt = forecasts.errors({"persistence": [25.5], "RNN": [14.0, 15.0]}, "error").alt
    assert alt.startswith("Lowest: RNN (14.5). Highest: persistence (25.5).")
    assert "RNN 14.5 (mean of 2, 14 to 15); persistence 25.5" in alt


@pytest.mark.parametrize(
    ("draw", "says"),
    [
        (lambda: gradients.norms_over_time({}, "nothing to see here"), "nothing to draw"),
        (lambda: gradients.norms_over_time({"A": []}, "nothing to see here"), "nothing to draw"),
        (lambda: gradients.left_by_lag(pd.DataFrame({"lag": [1]})), "the rows lack network and log10_left"),
        (lambda: gates.removed(runs(), "loss", "loss", 0.1, "no such column"), "nothing to draw"),
        (
            lambda: gates.heat_maps({}, [1.0], at=[1], xlabel="x", ylabel="y", title="no gates here"),
            "The heat maps need input, forget, output and cell",
        ),
        (
            lambda: gates.heat_maps(gate_values(), [1.0], at=[1], xlabel="x", ylabel="y", title="too short"),
            "same number of steps",
        ),
        (lambda: forecasts.errors({}, "error"), "nothing to draw"),
        (lambda: forecasts.errors({"RNN": []}, "error"), "nothing to draw"),
        (lambda: forecasts.beside_truth(YEARS, {}, "no forecast here", "y"), "no forecast"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_a_sentence(draw: Callable[[], Picture], says: str) -> None:
    with pytest.raises(CourseError, match=says):
        draw()
