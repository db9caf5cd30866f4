"""The phase diagram: its numbers equal statsmodels' and pandas', its sentences hold."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from course_utils.errors import CourseError
from course_utils.figures.labels import contrast
from course_utils.figures.style import COLOURS
from course_utils.stats import share_interval, z_quantile
from course_utils.widgets import phase_diagram as diagram_module
from course_utils.widgets.phase_diagram import phase_diagram, shade
from tests.strategies import examples
from tests.widgets.in_node import computed, evaluated
from tests.widgets.twins import twin_of

BUDGET = 3000
LAGS = (10, 30, 100, 300)
STARTS = ("RNN, torch's own", "RNN, identity", "ReLU RNN, identity", "GRU, chrono", "LSTM, forget bias 1", "RNN, best")


def lag_runs(seeds: int = 5, seed: int = 0) -> pd.DataFrame:
    """Made-up runs: the longer the lag the fewer are solved, by late starts more; one square is left out."""
    generator = np.random.default_rng(seed)
    rows = []
    for s, start in enumerate(STARTS):
        for lag in LAGS:
            for n in range(seeds):
                solved = int(generator.random() < 1 / (1 + lag / (30 + 60 * s)))
                steps = int(generator.integers(1, BUDGET)) if solved else BUDGET
                far = float(generator.choice([0.5, 0.94999, 0.95, 1.0]))
                rows.append((n, start, lag, steps, solved, 0.99 if solved else 0.5, far))
    runs = pd.DataFrame(rows, columns=["seed", "start", "lag", "steps", "solved", "accuracy", "far"])
    return runs[(runs["start"] != "GRU, chrono") | (runs["lag"] != 300)]


def test_wilson_s_interval_is_statsmodels() -> None:
    z = phase_diagram(lag_runs(), BUDGET).params["z"]
    assert z == z_quantile()
    counts = [[k, n] for n in (1, 2, 5, 10, 200) for k in range(n + 1)]
    code = "given.counts.map(([k, n]) => wilson(k, n, given.z))"
    for (k, n), found in zip(counts, evaluated("phase_diagram", code, {"counts": counts, "z": z}), strict=True):
        assert np.allclose(found, proportion_confint(k, n, method="wilson"), atol=1e-12)
        assert np.allclose(found, share_interval(k, n), atol=1e-12)


@examples(3)
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "rule": st.sampled_from(["learnt", "kept"]),
                "allowed": st.integers(BUDGET // 10, BUDGET),
                "cell": st.sampled_from(["all", "RNN", "ReLU RNN", "GRU", "LSTM"]),
            }
        ),
        min_size=10,
        max_size=20,
    ),
    st.integers(0, 99),
)
def test_the_squares_count_what_pandas_counts(choices: list[dict[str, Any]], seed: int) -> None:
    runs = lag_runs(seed=seed)
    params = phase_diagram(runs, BUDGET).params
    for choice, rows in zip(choices, computed("phase_diagram", [params | choice for choice in choices]), strict=True):
        counted = (runs["solved"] == 1) & (runs["steps"] <= choice["allowed"])
        if choice["rule"] == "kept":
            counted &= runs["far"] >= 0.95
        wanted = [s for s in params["starts"] if choice["cell"] in ("all", s.split(",")[0])]
        assert [row["start"] for row in rows] == wanted
        for row in rows:
            for lag, square in zip(params["lags"], row["squares"], strict=True):
                chosen = (runs["start"] == row["start"]) & (runs["lag"] == lag)
                if not chosen.any():
                    assert square is None
                    continue
                assert (square["learnt"], square["seeds"]) == (counted[chosen].sum(), chosen.sum())
                assert square["far"] == pytest.approx(runs.loc[chosen, "far"].mean(), abs=1e-9)


def test_starts_of_one_cell_stand_together() -> None:
    starts = phase_diagram(lag_runs(), BUDGET).params["starts"]
    assert starts == [
        "RNN, torch's own",
        "RNN, identity",
        "RNN, best",
        "ReLU RNN, identity",
        "GRU, chrono",
        "LSTM, forget bias 1",
    ]


def one_square(solved: list[int], **changed: Any) -> pd.DataFrame:
    count = len(solved)
    columns = {"start": "LSTM, forget bias 1", "lag": 100, "accuracy": 0.9, "far": 0.6} | changed
    steps = [40 if one else BUDGET for one in solved]
    return pd.DataFrame({"seed": range(count), "steps": steps, "solved": solved, **columns})


def test_what_is_told_of_a_square() -> None:
    params = phase_diagram(one_square([1, 1, 1, 1, 0]), BUDGET).params
    code = "told(compute(given)[0], 100, compute(given)[0].squares[0])"
    assert evaluated("phase_diagram", code, params) == (
        "LSTM, forget bias 1 at lag 100: 4 of 5 seeds, 95 % interval 0.38 to 0.96. At the end of training the accuracy "
        "is 0.90, at ten times the lag 0.60 (means)."
    )
    assert evaluated("phase_diagram", "told({ start: 'GRU' }, 1000, null)", params) == "GRU at lag 1,000: not run."


def luminance(colour: str) -> float:
    return 1.05 / contrast(colour) - 0.05


def test_both_languages_paint_alike_and_every_number_can_be_read() -> None:
    shares = [n / 200 for n in range(201)]
    painted = evaluated("phase_diagram", "given.map(shade)", shares)
    assert [tuple(pair) for pair in painted] == [shade(share) for share in shares]
    lights = [luminance(fill) for fill, _ in painted]
    assert lights == sorted(lights, reverse=True)
    for fill, ink in painted:
        low, high = sorted((luminance(fill), luminance(ink)))
        assert (high + 0.05) / (low + 0.05) >= 4.5


def test_cells_have_the_colours_of_the_course() -> None:
    colours = evaluated("phase_diagram", "given.map(colourOf)", ["RNN", "ReLU RNN", "GRU", "LSTM", "other"])
    wanted = [COLOURS[name] for name in ("rnn", "rnn", "gru", "lstm", "feedforward")]
    assert colours == wanted
    assert [diagram_module._colour(cell) for cell in ("RNN", "ReLU RNN", "GRU", "LSTM", "other")] == wanted


@pytest.mark.parametrize("budget", [10, 11, 99, 1234, 3000, 10_000, 123_457])
def test_the_slider_goes_from_a_tenth_of_the_budget_to_the_whole(budget: int) -> None:
    low, high, step = evaluated("phase_diagram", "range(given)", budget)
    assert high == budget
    assert (high - low) % step == 0
    assert budget / 10 <= low < budget / 10 + step


def test_the_keys_lead_to_the_next_square_and_never_out_of_the_table() -> None:
    code = "given.map(([at, key]) => moved(at, key, 3, 4) ?? null)"
    steps = [[[0, 0], "ArrowUp"], [[0, 0], "ArrowRight"], [[2, 3], "ArrowDown"], [[1, 2], "ArrowLeft"], [[1, 2], "End"]]
    assert evaluated("phase_diagram", code, [*steps, [[1, 2], "a"]]) == [[0, 0], [0, 1], [2, 3], [1, 1], [1, 3], None]


@pytest.mark.parametrize(
    ("runs", "says"),
    [
        (one_square([1, 1, 0]), "At lag 100, “LSTM, forget bias 1” learns within 3,000 steps with most seeds: 2 of 3"),
        (one_square([0, 0]), "No start learns any of these lags within 3,000 steps"),
        (
            pd.concat([one_square([1, 0]), one_square([1, 0], start="GRU"), one_square([0, 0], lag=3000)]),
            "At lag 100, “LSTM, forget bias 1” and “GRU” learn within 3,000 steps with most seeds: 1 of 2 each; no "
            "start learns lag 3,000",
        ),
    ],
)
def test_the_diagram_s_title_says_who_learns_the_longest_lag(runs: pd.DataFrame, says: str) -> None:
    assert phase_diagram(runs, BUDGET).picture.alt.startswith(says + ". A grid of")
    assert phase_diagram(runs, BUDGET, "My own title").picture.alt.startswith("My own title. A grid")


def test_the_diagram_s_alt_text_holds_every_share() -> None:
    alt = phase_diagram(lag_runs(), BUDGET).picture.alt
    for start in STARTS:
        assert re.search(rf"{start}: (0\.?\d*|1|not run)(, (0\.?\d*|1|not run)){{3}}[;.]", alt), start
    assert re.search(r"GRU, chrono: [\d., ]+, not run;", alt)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"lag": 0}, "column lag"),
        ({"lag": 2.5}, "column lag holds whole numbers from 1 up, and 2.5"),
        ({"steps": BUDGET + 1}, "column steps holds whole numbers from 0 to 3,000"),
        ({"solved": 0.5}, "column solved"),
        ({"accuracy": 1.1}, "column accuracy"),
        ({"far": float("nan")}, "column far"),
        ({"far": "much"}, "column far"),
        ({"seed": 0}, "stands in the table twice"),
    ],
)
def test_a_diagram_of_wrong_runs_is_refused(changed: dict[str, Any], says: str) -> None:
    with pytest.raises(CourseError, match=says):
        phase_diagram(one_square([1, 0]).assign(**changed), BUDGET)


def test_a_diagram_without_runs_or_budget_is_refused() -> None:
    runs = one_square([1, 0])
    many = pd.concat([one_square([1], start=f"LSTM, {n}") for n in range(31)])
    for wrong, budget, says in [
        (runs.drop(columns="far"), BUDGET, "far is missing"),
        (runs[:0], BUDGET, "is empty"),
        (runs.to_dict(), BUDGET, "not a dict"),
        (many, BUDGET, "31 starts and 1 lags are too many"),
        (runs, 9, "The budget must be a whole number of steps from 10; it is"),
        (runs, 2.5, "The budget must be a whole number of steps from 10; it is"),
        (runs, True, "The budget must be a whole number of steps from 10; it is"),
    ]:
        with pytest.raises(CourseError, match=says):
            phase_diagram(wrong, budget)  # type: ignore[arg-type]


def test_the_output_has_a_live_view_a_picture_and_a_twin_that_asks_no_server() -> None:
    widget = phase_diagram(lag_runs(), BUDGET)
    twin_of(widget)
    assert len(widget.picture.alt.split()) >= 8
