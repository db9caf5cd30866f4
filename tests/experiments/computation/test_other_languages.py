"""The four tasks beside the large grid: the same networks, and what the small search found."""

from __future__ import annotations

import pytest

from course_utils.data.formal_languages import LANGUAGES
from course_utils.experiments.computation import formal_language_grid as grid
from course_utils.experiments.computation import other_languages
from course_utils.experiments.framework.registry import EXPERIMENTS
from course_utils.experiments.framework.results import load
from course_utils.nn.tracking_net import RECURRENT


def test_both_grids_together_have_all_languages() -> None:
    assert {*grid.NAMES, *other_languages.NAMES} == set(LANGUAGES)
    assert not {*grid.NAMES} & {*other_languages.NAMES}
    for language, name in other_languages.NAMES.items():
        tried = EXPERIMENTS[f"{name}_search"].settings["runs"]
        assert len(tried) == 2 * len(other_languages.RATES) * len(RECURRENT)
        assert {run[0] for run in tried} == {run[0] for run in EXPERIMENTS[name].settings["runs"]} == {language}


@pytest.mark.parametrize("language", other_languages.NAMES)
def test_the_chosen_are_those_that_the_search_found(language: str) -> None:
    rows = load(f"{other_languages.NAMES[language]}_search").table
    for network, chosen in other_languages.CHOSEN[language].items():
        tried = rows[rows["network"] == network].groupby(["choice", "lr"])[["accuracy", "loss"]].mean()
        assert tried.sort_values(["accuracy", "loss"], ascending=[False, True]).index[0] == chosen, network
    assert set(other_languages.CHOSEN[language]) == set(RECURRENT)
