"""Rivals with chosen settings: the same rows as in the contest, and a setting of those that were offered."""

from __future__ import annotations

from course_utils.experiments.foundations import regression_tuned
from course_utils.experiments.framework.registry import experiment
from tests.experiments.small_runs import small_rows


def test_each_rival_has_a_row_with_a_setting_of_those_offered() -> None:
    found = small_rows("regression_tuned")
    assert list(found["method"].unique()) == ["k-NN", "gradient boosting", "support vectors"]
    assert set(found[found["method"] == "k-NN"]["setting"]) == {"n_neighbors 5"}
    assert found["error"].between(40, 80).all()


def test_every_rival_has_as_many_settings_and_the_splits_are_those_of_the_contest() -> None:
    offered = (regression_tuned.NEIGHBOURS, regression_tuned.BOOSTING, regression_tuned.SUPPORT)
    assert {len(settings) for settings in offered} == {experiment("regression_tuned").settings["tries"]}
    assert experiment("regression_tuned").seeds == experiment("regression_contest").seeds
