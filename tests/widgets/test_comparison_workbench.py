"""The comparison workbench: its numbers equal statsmodels' and scipy's, its sentences hold."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t as student
from scipy.stats import ttest_rel

from course_utils.errors import CourseError
from course_utils.stats import paired_interval, t_quantile
from course_utils.widgets.comparison_workbench import STARTS as BEGINNINGS
from course_utils.widgets.comparison_workbench import comparison_workbench, findings
from tests.strategies import examples
from tests.widgets.in_node import computed, evaluated
from tests.widgets.twins import twin_of

BUDGET = 3000
TASKS = {
    "adding": (10, 30, 100, 300),
    "flagged latch": (10, 30, 100, 300),
    "temporal order": (10, 20, 50, 100),
    "digits": (28, 98, 196, 784),
}
COSTS = {"RNN": 1, "IRNN": 1, "GRU": 3, "LSTM": 4, "convolution": 6, "Transformer": 9, "state space": 2}
RECURRENT = ("RNN", "IRNN", "GRU", "LSTM")


def contest_runs(seed: int = 0, seeds: int = 10, tasks: Mapping[str, Sequence[int]] | None = None) -> pd.DataFrame:
    """Made-up runs: the RNN needs more steps the longer the lag, the LSTM ever as many. Not every combination."""
    generator = np.random.default_rng(seed)
    rows = []
    for task, lags in (TASKS if tasks is None else tasks).items():
        for lag in lags:
            for network, cost in COSTS.items():
                for start in BEGINNINGS[: 1 if network in ("convolution", "state space") else 2]:
                    for size in ("equal parameters", "equal width")[: 2 if network in RECURRENT else 1]:
                        usual = 700 if network == "LSTM" else 40 * lag
                        wanted = usual * (1 + (start != "searched")) * generator.lognormal(0, 0.4, seeds)
                        steps = np.minimum(wanted, BUDGET).astype(int)
                        rows.append(
                            {
                                "seed": range(seeds),
                                "task": task,
                                "lag": lag,
                                "network": network,
                                "start": start,
                                "size": size,
                                "parameters": 4000 if size == "equal parameters" else 1000 * cost,
                                "steps": steps,
                                "seconds": steps * 0.0123 * cost,
                                "flops": steps * cost * lag * 123_456.0,
                                "solved": (steps < BUDGET).astype(int),
                            }
                        )
    return pd.concat([pd.DataFrame(one) for one in rows], ignore_index=True)


SMALL = {"adding": (10, 60)}
RUNS = contest_runs(tasks=SMALL)
RULED = {
    "task": "adding",
    "lag": "10",
    "left": "RNN",
    "right": "LSTM",
    "leftStart": "searched",
    "rightStart": "searched",
    "size": "equal parameters",
    "measure": "steps",
    "seeds_used": "all",
    "seed": "0",
}


PARAMS = comparison_workbench(RUNS, BUDGET).params


def chosen(runs: pd.DataFrame | None = None, **changed: Any) -> dict[str, Any]:
    """The choice of the course's rule, with some of it changed."""
    params = PARAMS if runs is None else comparison_workbench(runs, BUDGET).params
    return {**params, **RULED, **changed}


def said(**changed: Any) -> str:
    return str(evaluated("comparison_workbench", "verdict(compute(given), given)", chosen(**changed)))


@pytest.mark.parametrize("seeds", [2, 3, 30])
def test_student_s_t_is_scipy_s_for_as_many_seeds_as_there_are(seeds: int) -> None:
    table = comparison_workbench(contest_runs(seeds=seeds, tasks={"adding": (10,)}), BUDGET).params["t"]
    assert len(table) == seeds - 1
    assert np.allclose(table, student.ppf(0.975, np.arange(1, seeds)), rtol=1e-8)
    assert np.allclose(table, t_quantile(np.arange(1, seeds)), rtol=1e-8)


@examples(3)
@given(
    st.lists(st.lists(st.floats(-1e4, 1e4, allow_subnormal=False), min_size=2, max_size=30), min_size=10, max_size=20)
)
def test_the_interval_is_scipy_s_and_python_s(many: list[list[float]]) -> None:
    code = "given.many.map((values) => interval(values, given.t))"
    t = comparison_workbench(contest_runs(seeds=30, tasks={"adding": (10,)}), BUDGET).params["t"]
    many = [[*values, values[0] + 1] for values in many if len(values) < 30]  # scipy gives none where all are equal
    for values, found in zip(many, evaluated("comparison_workbench", code, {"many": many, "t": t}), strict=True):
        wanted = ttest_rel(values, np.zeros(len(values))).confidence_interval()
        assert np.allclose(found, wanted, rtol=1e-5, atol=1e-6)
        assert np.allclose(found, paired_interval(np.array(values), np.zeros(len(values))), rtol=1e-5, atol=1e-6)


def scores(measure: str, network: str, lag: int, **other: str) -> pd.Series:
    """What pandas says a side's runs score, by seed."""
    asked = {"network": network, "lag": lag, "start": "searched", "size": "equal parameters"} | other
    rows = RUNS[np.logical_and.reduce([RUNS[name] == value for name, value in asked.items()])].set_index("seed")
    rows["share"] = rows["solved"]
    rows["operations"] = rows["flops"] / 1e6
    return rows[measure].where((rows["solved"] == 1) | (measure != "steps"), BUDGET)


@pytest.mark.parametrize("measure", ["steps", "seconds", "operations", "share"])
@pytest.mark.parametrize("lag", [10, 60])
def test_all_seeds_are_compared_in_pairs(measure: str, lag: int) -> None:
    (found,) = computed("comparison_workbench", [chosen(measure=measure, lag=str(lag))])
    left, right = (scores(measure, network, lag) for network in ("RNN", "LSTM"))
    assert np.allclose(found["shown"], [left.mean(), right.mean()], rtol=5e-3)
    assert np.allclose(found["differences"], left - right, atol=6e-3 * max(left.max(), right.max()))
    low, high = ttest_rel(left, right).confidence_interval()
    assert np.allclose(found["interval"], [low, high], atol=6e-3 * max(left.max(), right.max()))
    less = 0 if high < 0 else 1 if low > 0 else None
    assert found["winner"] == (1 - less if measure == "share" and less is not None else less)


@pytest.mark.parametrize("measure", ["steps", "seconds"])
def test_one_seed_and_the_best_seeds_declare_a_bare_winner(measure: str) -> None:
    left, right = (scores(measure, network, 10) for network in ("RNN", "LSTM"))
    choices = [chosen(measure=measure, seeds_used="best")]
    choices += [chosen(measure=measure, seeds_used="one", seed=str(n)) for n in range(10)]
    best, *ones = computed("comparison_workbench", choices)
    assert np.allclose(best["shown"], [left.min(), right.min()], rtol=5e-3)
    assert best["at"] == [left.argmin(), right.argmin()]
    for n, found in enumerate(ones):
        assert np.allclose(found["shown"], [left[n], right[n]], rtol=5e-3)
        assert found["winner"] == int(left[n] > right[n])


def test_the_table_is_what_python_finds_and_each_wins_somewhere() -> None:
    params = chosen(contest_runs())
    (found,) = computed("comparison_workbench", [params])
    mine = findings(comparison_workbench(contest_runs(), BUDGET).params)
    assert len(found["table"]) == len(mine) == 16
    for row, one in zip(found["table"], mine, strict=True):
        assert one is not None
        assert (row["task"], row["lag"], row["winner"]) == (one.task, one.lag, one.winner)
        assert np.allclose([*row["means"], *row["interval"]], [one.rnn, one.lstm, one.low, one.high], rtol=1e-5)
    assert {"RNN", "LSTM"} <= {row["winner"] for row in found["table"]}


def pair(rnn: list[int], lstm: list[int], **changed: Any) -> pd.DataFrame:
    """Runs of both networks over a few seeds, with these steps."""
    rows = [
        {"seed": n, "network": network, "steps": steps, "solved": int(steps < BUDGET)}
        for network, all_steps in (("RNN", rnn), ("LSTM", lstm))
        for n, steps in enumerate(all_steps)
    ]
    same = {"task": "adding", "lag": 10, "start": "searched", "size": "equal parameters", "parameters": 4000}
    return pd.DataFrame(rows).assign(**same, seconds=1.0, flops=1e9).assign(**changed)


@pytest.mark.parametrize(
    ("rnn", "lstm", "changed", "says"),
    [
        (
            [800, 840, 880],
            [300, 310, 320],
            {},
            "LSTM wins: 310 steps against 840. RNN − LSTM: 530, 95 % interval 455 to 605.",
        ),
        (
            [300, 500, 700],
            [500, 500, 500],
            {},
            "No winner: the interval of the difference holds 0 (500 steps against 500). RNN − LSTM: 0, 95 % interval "
            "−497 to 497.",
        ),
        (
            [BUDGET, BUDGET],
            [BUDGET, BUDGET],
            {},
            "No winner: the interval of the difference holds 0 (3,000 steps against 3,000). RNN − LSTM: 0, 95 % "
            "interval 0 to 0. Neither side solved it once.",
        ),
        ([100, 900], [500, 500], {"seeds_used": "one"}, "RNN wins! 100 steps against 500."),
        ([100, 900], [500, 500], {"seeds_used": "one", "seed": "1"}, "LSTM wins! 500 steps against 900."),
        ([100, 900], [500, 50], {"seeds_used": "best"}, "LSTM wins! 50 steps against 100."),
        ([100, 900], [100, 900], {"seeds_used": "one"}, "A tie: 100 steps against 100."),
        (
            [BUDGET, 900],
            [500, 500],
            {"seeds_used": "one", "measure": "share"},
            "LSTM wins! Solved against not solved.",
        ),
        ([BUDGET] * 3, [500] * 3, {"measure": "share"}, "LSTM wins: 1 of the runs solved it against 0."),
        ([100, 900], [500, 500], {"measure": "operations"}, "(1 billion operations against 1)"),
    ],
)
def test_what_the_workbench_says(rnn: list[int], lstm: list[int], changed: dict[str, Any], says: str) -> None:
    assert says in said(runs=pair(rnn, lstm), **changed)


@pytest.mark.parametrize("used", ["all", "one", "best"])
def test_nobody_wins_by_spending_less_in_vain(used: str) -> None:
    runs = pair([BUDGET] * 3, [500] * 3)
    runs["seconds"] = np.where(runs["network"] == "RNN", 2.0, 9.0) + 0.01 * runs["seed"]
    told = said(runs=runs, measure="seconds", seeds_used=used)
    assert told.startswith("No winner: RNN spent less, and did not solve it: 2")
    assert "CPU seconds against 9" in told


def test_an_unsolved_run_counts_as_the_whole_budget_even_where_it_was_stopped_early() -> None:
    runs = pair([100, 200, 300], [400, 500, 600])
    runs.loc[runs["network"] == "RNN", "solved"] = 0
    (found,) = computed("comparison_workbench", [chosen(runs)])
    assert found["shown"] == [BUDGET, 500]
    (finding, *_) = findings(comparison_workbench(runs, BUDGET).params)
    assert finding is not None
    assert finding.rnn == BUDGET


def used(**changed: Any) -> list[str]:
    return list(evaluated("comparison_workbench", "tricks(given, given)", chosen(**changed)))


@pytest.mark.parametrize(
    ("changed", "trick"),
    [
        ({"seeds_used": "one", "seed": "3"}, "one seed of 10: number 3"),
        ({"seeds_used": "best"}, "only the best of 10 seeds on each side"),
        ({"leftStart": "torch's own"}, "torch's own start for the RNN, a searched one for the LSTM"),
        ({"rightStart": "torch's own"}, "torch's own start for the LSTM, a searched one for the RNN"),
        ({"size": "equal width"}, "equal width: the LSTM has 4 times the parameters"),
        (
            {"measure": "seconds"},
            "CPU seconds in place of steps: a step of the RNN takes 0.25 times what one of the LSTM does",
        ),
        ({"measure": "share"}, "the share that solved it in place of steps: how fast does not count"),
        ({"left": "convolution"}, "convolution against LSTM: the course's rule compares RNN and LSTM"),
    ],
)
def test_each_departure_from_the_rule_is_a_trick(changed: dict[str, Any], trick: str) -> None:
    assert used() == []
    assert used(left="LSTM", right="RNN") == []  # the sides may change places
    assert used(**changed) == [trick]


def test_tricks_add_up_and_the_sides_of_one_network_have_names() -> None:
    assert len(used(seeds_used="best", leftStart="torch's own", size="equal width", measure="operations")) == 4
    assert used(leftStart="torch's own", rightStart="torch's own") == [
        "torch's own start for both sides: it was searched for neither"
    ]
    assert "torch's own start for the left LSTM, a searched one for the right LSTM" in used(
        left="LSTM", leftStart="torch's own"
    )
    params = {**comparison_workbench(RUNS, BUDGET, ruled=[{"task": "adding", "lag": 60}]).params, **RULED}
    assert evaluated("comparison_workbench", "tricks(given, given)", params) == [
        "adding at lag 10 is not compared by the course's rule"
    ]


def test_a_goal_is_reached_only_against_the_other_network() -> None:
    code = "['RNN', 'LSTM'].map((goal) => reached(goal, compute(given), given))"
    win, lose = pair([100, 110, 120], [500, 510, 520]), pair([100, 900, 500], [500, 510, 520])
    assert evaluated("comparison_workbench", code, chosen(win)) == [True, False]
    assert evaluated("comparison_workbench", code, chosen(win, left="LSTM", right="RNN")) == [True, False]
    assert evaluated("comparison_workbench", code, chosen(lose)) == [False, False]
    assert evaluated("comparison_workbench", code, chosen(left="convolution", lag="60", seeds_used="best"))[0] is False


def test_what_was_not_run_is_said_and_never_fails() -> None:
    code = "[compute(given), verdict(compute(given), given), offers(given)]"
    changed = {"left": "convolution", "leftStart": "torch's own", "size": "equal width"}
    found, told, offers = evaluated("comparison_workbench", code, chosen(**changed))
    assert found["missing"] == ["left"]
    assert found["winner"] is None
    assert told == "Not run: convolution, torch's own, equal width, adding at lag 10. Choose another."
    assert ["RNN", "RNN"] in offers["left"]
    assert ["convolution", "convolution (not run)"] in offers["left"]
    assert ["equal parameters", "equal parameters (not run)"] in offers["size"]
    assert found["tricks"][-1] == "equal width in place of equal parameters"


def test_every_choice_can_be_computed_and_told() -> None:
    runs = contest_runs(tasks=SMALL, seeds=3).drop(index=[0, 7, 20])
    sides = [
        {"left": a, "leftStart": s, "right": b} for a in COSTS for s in BEGINNINGS for b in ("LSTM", "state space")
    ]
    rules = [
        {"size": size, "measure": measure, "seeds_used": seeds}
        for size in ("equal parameters", "equal width")
        for measure in ("steps", "seconds", "operations", "share")
        for seeds in ("all", "one", "best")
    ]
    base = chosen(runs)
    code = (
        "given[1].map((one) => { const p = { ...given[0], ...one }; return [verdict(compute(p), p), tricks(p, p)]; })"
    )
    choices = [side | rule for side in sides for rule in rules]
    for told, tricks in evaluated("comparison_workbench", code, [base, choices]):
        assert re.match(r"(Not run: |No winner: |A tie: |.+ wins[:!] )", told)
        for text in (told, *tricks):
            assert not re.search("NaN|undefined|null|Infinity", text), text


def test_a_seed_that_only_one_side_has_is_left_out_of_the_pairs() -> None:
    runs = pair([100, 110, 120], [500, 510, 520])
    params = chosen(runs[(runs["network"] != "LSTM") | (runs["seed"] != 1)])
    found, one = computed("comparison_workbench", [params, {**params, "seeds_used": "one", "seed": "1"}])
    assert found["seeds"] == [0, 2]
    assert found["shown"] == [110, 510]
    assert one["missing"] == ["seed"]


def test_a_table_without_those_runs_says_so() -> None:
    runs = pair([100, 110], [500, 510])
    runs.loc[runs["network"] == "RNN", "start"] = "torch's own"
    widget = comparison_workbench(runs, BUDGET)
    assert widget.picture.alt.startswith("The course's comparison of RNN and LSTM was not run.")
    (found,) = computed("comparison_workbench", [chosen(runs)])
    assert found["table"][0]["winner"] == "not run"


def test_sixteen_tasks_and_lags_of_ten_seeds_are_a_light_page() -> None:
    html = comparison_workbench(contest_runs(), BUDGET)._repr_mimebundle_()[0]["text/html"]
    assert len(html.encode()) < 250_000


def test_the_workbench_s_title_counts_who_wins() -> None:
    alt = comparison_workbench(RUNS, BUDGET).picture.alt
    assert alt.startswith("Under the course's rule the LSTM wins 1 of 2, the RNN 1; undecided: 0. Dots with 95 %")
    assert comparison_workbench(RUNS, BUDGET, "My own title").picture.alt.startswith("My own title. Dots")
    one = comparison_workbench(RUNS, BUDGET, ruled=[{"task": "adding", "lag": 60}]).picture.alt
    assert "the LSTM wins 1 of 1, the RNN 0; undecided: 0. Elsewhere: LSTM 0 of 1, RNN 1." in one
    assert one.index("adding, lag 60:") < one.index("(no rule) adding, lag 10:")


def test_a_difference_counts_from_the_margin_on_in_the_table_the_picture_and_the_verdict() -> None:
    runs = pair([800, 840, 880], [300, 310, 320])  # RNN − LSTM: 455 to 605 steps
    for margin, winner in ((0.0, "LSTM"), (454 / BUDGET, "LSTM"), (456 / BUDGET, "undecided")):
        widget = comparison_workbench(runs, BUDGET, margin=margin)
        (found,) = computed("comparison_workbench", [{**widget.params, **RULED}])
        (finding,) = findings(widget.params)
        assert finding is not None
        assert (finding.winner, found["table"][0]["winner"]) == (winner, winner)
        assert found["winner"] == {"LSTM": 1, "undecided": None}[winner]
        assert f": 455 to 605, {winner}." in widget.picture.alt
        (in_seconds,) = computed("comparison_workbench", [{**widget.params, **RULED, "measure": "seconds"}])
        assert in_seconds["winner"] is None
    told = evaluated("comparison_workbench", "verdict(compute(given), given)", {**widget.params, **RULED})
    assert str(told).startswith("No winner: by the interval they may differ by 456 steps or fewer (840 steps")
    with pytest.raises(CourseError, match=r"margin is -0\.1"):
        comparison_workbench(runs, BUDGET, margin=-0.1)


def test_what_no_rule_compares_stands_beside_it() -> None:
    widget = comparison_workbench(RUNS, BUDGET, ruled=[{"task": "adding", "lag": 60}])
    (found,) = computed("comparison_workbench", [{**widget.params, **RULED}])
    assert [(row["task"], row["lag"]) for row in found["table"]] == [("adding", 60)]
    assert [(row["task"], row["lag"]) for row in found["beside"]] == [("adding", 10)]
    assert [one.winner for one in findings(widget.params, "others") if one] == [found["beside"][0]["winner"]]


def test_no_interval_is_longer_than_the_budget_or_than_all_runs() -> None:
    runs = pair([BUDGET, BUDGET, 1], [1, 1, 1])
    widget = comparison_workbench(runs, BUDGET)
    (finding,) = findings(widget.params)
    assert finding is not None
    assert finding.high == BUDGET
    for measure, most in (("steps", BUDGET), ("share", 1)):
        (found,) = computed("comparison_workbench", [{**widget.params, **RULED, "measure": measure}])
        assert max(map(abs, found["interval"])) == most


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"start": "own"}, "There is no start 'own'"),
        ({"size": "equal"}, "There is no size 'equal'"),
        ({"network": "LSTM", "seed": range(4)}, "holds no RNN"),
        ({"steps": 0}, "column steps holds whole numbers from 1 to 3,000"),
        ({"steps": BUDGET + 1}, "column steps"),
        ({"solved": 2}, "column solved"),
        ({"seconds": -1.0}, "column seconds"),
        ({"flops": float("inf")}, "column flops"),
        ({"seed": 1}, "twice"),
        ({"parameters": [1, 2, 1, 2]}, "differ in their parameters"),
    ],
)
def test_a_workbench_of_wrong_runs_is_refused(changed: dict[str, Any], says: str) -> None:
    with pytest.raises(CourseError, match=says):
        comparison_workbench(pair([100, 200], [300, 400]).assign(**changed), BUDGET)


def test_too_few_or_too_many_seeds_and_unknown_registrations_are_refused() -> None:
    runs = pair([100, 200], [300, 400])
    for wrong, ruled, says in [
        (pair([100], [200]), None, "needs 2 to 30 seeds, and the table has 1"),
        (pair([100] * 31, [200] * 31), None, "the table has 31"),
        (runs.drop(columns="flops"), None, "flops is missing"),
        (runs, [], "ruled is empty"),
        (runs, ["adding"], "is a dict with task and lag"),
        (runs, [{"task": "ading", "lag": 10}], "Did you mean 'adding'"),
        (runs, [{"task": "adding", "lag": 11}], "no lag of adding 11"),
    ]:
        with pytest.raises(CourseError, match=says):
            comparison_workbench(wrong, BUDGET, ruled=ruled)  # type: ignore[arg-type]


def test_the_output_has_a_live_view_a_picture_and_a_twin_that_asks_no_server() -> None:
    widget = comparison_workbench(RUNS, BUDGET)
    twin_of(widget)
    assert len(widget.picture.alt.split()) >= 8
