"""A score against the lag, always beside chance."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from course_utils.errors import CourseError
from course_utils.figures.lags import score_against_lag
from course_utils.figures.style import COLOURS
from tests.figures.drawn import Drawn


def some_runs(networks: tuple[str, ...] = ("RNN", "LSTM"), seeds: int = 5, at: tuple[int, ...] = (1, 10, 100)) -> Any:
    rows = [
        {"network": name, "lag": lag, "seed": seed, "accuracy": 1 - 0.2 * n - 0.1 * k + 0.01 * seed}
        for n, name in enumerate(networks)
        for k, lag in enumerate(at)
        for seed in range(seeds)
    ]
    return pd.DataFrame(rows)


def test_score_against_lag_says_what_was_measured(drawn: Drawn) -> None:
    picture = score_against_lag(some_runs(), chance=0.25, baselines={"always the last": 0.3})
    title = "Accuracy at lag 100: RNN 0.82, LSTM 0.62 (chance 0.25, always the last 0.3)"
    assert drawn.fig.get_suptitle().replace("\n", " ") == title
    assert picture.alt.startswith(
        f"{title}. Lines of the accuracy over lag (steps); thick: mean over 5 seeds; thin: single seeds. "
        "RNN: 1.02 at lag 1, 0.82 at lag 100, there its seeds lie between 0.8 and 0.84."
    )
    assert picture.alt.endswith("Dark broken line: chance, 0.25. Dark broken line: always the last, 0.3.")
    dark = [line for line in drawn.ax.lines if line.get_color() == COLOURS["chance"]]
    assert [set(line.get_ydata()) for line in dark] == [{0.25}, {0.3}]
    assert all(line.get_linestyle() == "--" for line in dark)
    assert drawn.ax.get_xscale() == "log"
    drawn.check_layout()


def test_a_lower_score_can_be_the_better_one() -> None:
    alt = score_against_lag(some_runs(), chance=1, baselines={}, higher_is_better=False, label="error (%)").alt
    assert alt.startswith("Error at lag 100: LSTM 0.62, RNN 0.82 (chance 1).")


def test_the_line_of_a_score_that_is_no_share_of_right_answers_has_a_name_of_its_own() -> None:
    alt = score_against_lag(some_runs(), chance=1, chance_name="the whole budget", baselines={}).alt
    assert "(the whole budget 1)" in alt
    assert "chance" not in alt


def test_no_score_without_chance() -> None:
    with pytest.raises(CourseError, match="A score says nothing without chance"):
        score_against_lag(some_runs(), baselines={})
    with pytest.raises(CourseError, match=r"baselines=\{\} where none beats guessing"):
        score_against_lag(some_runs(), chance=0.25)


@pytest.mark.parametrize(
    "level",
    [{1: 0.5, 10: 0.4, 100: 0.3}, lambda lag: 0.3 + 0.2 / lag, pd.Series({1: 0.5, 10: 0.4, 100: 0.3}).to_dict()],
)
def test_chance_may_depend_on_the_lag(drawn: Drawn, level: Any) -> None:
    alt = score_against_lag(some_runs(), chance=level, baselines={}).alt
    assert "Dark broken line: chance, 0.5 to 0.3" in alt
    (line,) = (line for line in drawn.ax.lines if line.get_linestyle() == "--")
    assert line.get_ydata()[0] == pytest.approx(0.5)


def test_levels_that_coincide_are_one_line_with_both_names(drawn: Drawn) -> None:
    score_against_lag(some_runs(), chance=0.25, baselines={"always 1": 0.25})
    assert "chance = always 1: 0.25" in [note.get_text().replace("\n", " ") for note in drawn.notes]


def test_many_seeds_are_a_band(drawn: Drawn) -> None:
    assert "band: the middle 80 % of seeds" in score_against_lag(some_runs(seeds=30), chance=0, baselines={}).alt
    assert len(drawn.ax.collections) == 2
    assert "thin: single seeds" in score_against_lag(some_runs(seeds=30), chance=0, baselines={}, seeds="lines").alt
    assert not drawn.ax.collections
    assert "one seed." in score_against_lag(some_runs(seeds=1).drop(columns="seed"), chance=0, baselines={}).alt


def test_runs_without_a_score_are_counted_and_leave_a_gap(drawn: Drawn) -> None:
    runs = some_runs()
    runs.loc[(runs["network"] == "RNN") & (runs["lag"] == 10), "accuracy"] = np.nan
    assert "5 of 30 runs gave no score and are left out" in score_against_lag(runs, chance=0, baselines={}).alt
    thick = [line for line in drawn.ax.lines if line.get_linewidth() > 2]
    assert np.isnan(thick[0].get_ydata()).tolist() == [False, True, False]
    runs.loc[runs["network"] == "RNN", "accuracy"] = np.nan
    assert "RNN: no score at all." in score_against_lag(runs, chance=0, baselines={}).alt
    drawn.check_layout()


EIGHT = (
    "RNN",
    "RNN, identity",
    "LSTM",
    "LSTM, chrono",
    "GRU",
    "HMM",
    "Transformer",
    "An echo state network of 500 units",
)


@pytest.mark.parametrize(
    ("runs", "options"),
    [
        (some_runs(("LSTM",), 1, (100,)), {}),
        (some_runs(EIGHT, 12), {"baselines": {"the commonest symbol of all": 0.26, "the last": 0.24}}),
        (some_runs(EIGHT, 3).assign(accuracy=0.5), {}),
        (some_runs(at=tuple(range(0, 200, 3))), {}),
        (some_runs(at=tuple(range(1, 200, 3))), {"log": True}),
        (some_runs(at=(1, 1_000_000)), {}),
        (some_runs().assign(accuracy=lambda t: t["accuracy"] * 1e-4), {"log_score": True}),
        (some_runs().assign(accuracy=lambda t: -t["accuracy"]), {}),
    ],
    ids=["one point", "many names", "all the same", "from lag 0", "many lags", "far lags", "log score", "negative"],
)
def test_hard_scores_are_drawn_whole(drawn: Drawn, runs: pd.DataFrame, options: dict[str, Any]) -> None:
    given: dict[str, Any] = {"chance": 0.25, "baselines": {}} | options
    score_against_lag(runs, **given)
    drawn.check_layout()
    ticks = [tick.get_window_extent() for tick in drawn.ax.get_xticklabels()]
    assert 1 <= len(ticks) <= 13
    assert not any(one.overlaps(other) for one, other in pairwise(ticks))


@pytest.mark.parametrize(
    ("runs", "options", "says"),
    [
        ([1, 2], {}, "not a list"),
        (some_runs().drop(columns="lag"), {}, "no column lag"),
        (some_runs(), {"score": "loss"}, "no column loss"),
        (some_runs().assign(accuracy="high"), {}, "not a number"),
        (some_runs().assign(accuracy=np.nan), {}, "nothing to draw"),
        (some_runs().assign(lag=np.nan), {}, "missing or infinite"),
        (some_runs().assign(seed=0), {}, "two runs of RNN at lag 1 with seed 0"),
        (some_runs(), {"chance": {1: 0.5}}, "'chance' has no value for lag 10"),
        (some_runs(), {"chance": "low"}, "'chance' must be a number"),
        (some_runs(), {"chance": math.nan}, "cannot be drawn"),
        (some_runs(), {"seeds": "all"}, "There is no way to draw seeds 'all'"),
        (some_runs(at=(0, 5)), {"log": True}, "cannot show a lag of 0"),
        (some_runs().assign(accuracy=0), {"log_score": True}, "0 or less"),
    ],
)
def test_scores_that_cannot_be_drawn(runs: Any, options: dict[str, Any], says: str) -> None:
    given: dict[str, Any] = {"chance": 0.25, "baselines": {}} | options
    with pytest.raises(CourseError, match=says):
        score_against_lag(runs, **given)


def test_the_results_are_left_as_they_were() -> None:
    runs = some_runs()
    before = runs.copy()
    score_against_lag(runs, chance=0.25, baselines={})
    pd.testing.assert_frame_equal(runs, before)
    assert not plt.get_fignums()
