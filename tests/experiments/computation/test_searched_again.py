"""The searches of two languages once more: the same pairs, with another seed."""

from __future__ import annotations

import pandas as pd
import pytest

from course_utils.data.formal_languages import LANGUAGES
from course_utils.experiments.computation import formal_language_grid as grid
from course_utils.experiments.computation import searched_again
from course_utils.experiments.framework.registry import EXPERIMENTS
from course_utils.experiments.framework.results import load


@pytest.mark.parametrize("language", searched_again.NAMES)
def test_the_same_pairs_are_tried_with_another_seed(language: str) -> None:
    first, second = (
        [
            (one.seeds, tuple(run))
            for name, one in EXPERIMENTS.items()
            if name.startswith(f"{begin}_")
            and name.endswith("_search")
            and not any(higher in name for higher in searched_again.HIGHER)
            for run in one.settings["runs"]
        ]
        for begin in (grid.NAMES[language], searched_again.NAMES[language])
    )
    assert {run for _, run in first} == {run for _, run in second}
    assert len(first) == len(second) == 14 * len(grid.NETWORKS)
    assert {seeds for seeds, _ in first + second} == {(searched_again.FIRST,), (searched_again.SECOND,)}


@pytest.mark.parametrize("language", searched_again.CHOSEN)
def test_the_chosen_are_those_that_both_searches_found(language: str) -> None:
    begin = (f"{grid.NAMES[language]}_", f"{searched_again.NAMES[language]}_")
    rows = pd.concat([load(name).table for name in EXPERIMENTS if name.startswith(begin) and name.endswith("_search")])
    for network, chosen in searched_again.CHOSEN[language].items():
        tried = rows[rows["network"] == network]
        assert searched_again.best(tried, LANGUAGES[language].chance) == chosen, network
        highest = tried.groupby(["choice", "lr"])["accuracy"].mean().max()
        at_chance = bool(highest < LANGUAGES[language].chance + searched_again.CLEAR)
        assert at_chance == (network in searched_again.AT_CHANCE.get(language, ())), network


def test_right_answers_choose_and_at_chance_the_loss() -> None:
    def pairs(*given: tuple[float, float, float]) -> pd.DataFrame:
        return pd.DataFrame(
            {"seed": seed, "choice": "own", "lr": lr, "accuracy": accuracy, "loss": loss}
            for seed in (0, 1)
            for lr, accuracy, loss in given
        )

    assert searched_again.best(pairs((0.1, 0.8, 0.5), (0.2, 0.9, 0.6)), 0.5) == ("own", 0.2)
    assert searched_again.best(pairs((0.1, 0.9, 0.5), (0.2, 0.9, 0.4)), 0.5) == ("own", 0.2)
    assert searched_again.best(pairs((0.1, 0.5, 0.5), (0.2, 0.51, 0.6)), 0.5) == ("own", 0.1)
    halved = pd.concat([pairs((0.1, 0.8, 0.5)), pairs((0.2, 0.9, 0.6)).head(1)])  # tried with one seed alone
    assert searched_again.best(halved, 0.5) == ("own", 0.1)
