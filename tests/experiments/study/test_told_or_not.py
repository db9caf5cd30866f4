"""Told or not: equal tries, rates that the search found; never who wins."""

from __future__ import annotations

import pandas as pd

from course_utils.experiments.framework.registry import experiment
from course_utils.experiments.framework.results import load
from course_utils.experiments.study import told_or_not
from tests.experiments.small_runs import small_rows


def test_rows_tell_each_network_and_start_and_a_share_of_one_where_the_criterion_is_not_kept() -> None:
    found = small_rows("told_or_not")
    rates = experiment("told_or_not").settings["rates"]
    asked = {(task, network, start) for task in rates for network in rates[task] for start in rates[task][network]}
    assert set(found.groupby(["task", "network", "start"]).groups) == asked
    assert {network: set(starts) for network, starts in told_or_not.FIRST.items()} == {
        network: set(some["start"]) for network, some in found.groupby("network")
    }
    assert (found.loc[found["solved"] == 0, "steps_share"] == 1).all()
    assert found["test_met"].isin((0, 1)).all()


# ---------------------------------------------------------------------------------------------------------------------
# The search


def test_every_start_had_the_same_rates_and_three_in_eight_went_on_to_the_second_seed() -> None:
    first = load("told_or_not_search").table
    by = first.groupby(["task", "network", "start"])
    assert {tuple(sorted(rates)) for rates in by["lr"].apply(list)} == {told_or_not.RATES}
    again = experiment("told_or_not_again_search").settings["tries"]
    for (task, network, start), some in by:
        assert sorted(again[task][network][start]) == sorted(some.loc[some["went_on"] == 1, "lr"])


def ranked(task: str, some: pd.DataFrame) -> pd.DataFrame:
    """lr → mean share, mean score to two digits with a sign, distance from the middle of the rates: lower is better."""
    means = some.groupby("lr")[["steps_share", "score"]].mean().round(9)
    means["score"] = (means["score"] * (1 if task == "adding" else -1)).round(2)
    middle = (len(told_or_not.RATES) - 1) / 2
    means["from_middle"] = [abs(told_or_not.RATES.index(lr) - middle) for lr in means.index]
    return means.sort_values(["steps_share", "score", "from_middle"])


def test_each_rate_is_the_best_of_both_seeds_of_the_search() -> None:
    found = pd.concat([load("told_or_not_search").table, load("told_or_not_again_search").table])
    tried = found[found.groupby(["task", "network", "start", "lr"])["seed"].transform("nunique") == 2]
    for (task, network, start), some in tried.groupby(["task", "network", "start"]):
        assert told_or_not.CHOSEN[str(task)][network][start] == ranked(str(task), some).index[0], (task, network, start)
    assert not set(found["seed"]) & set(experiment("told_or_not").seeds)


def test_no_chosen_rate_with_which_the_criterion_was_ever_kept_lies_at_an_end() -> None:
    found = pd.concat([load("told_or_not_search").table, load("told_or_not_again_search").table])
    for task, of_task in told_or_not.CHOSEN.items():
        for network, of_start in of_task.items():
            for start, lr in of_start.items():
                ran = found[(found[["task", "network", "start", "lr"]] == [task, network, start, lr]).all(axis=1)]
                if ran["solved"].any():
                    assert min(told_or_not.RATES) < lr < max(told_or_not.RATES)
