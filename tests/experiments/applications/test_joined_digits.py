"""Joined digits: recognisers of equal size, and who is judged was not learnt from."""

from __future__ import annotations

from typing import Any

import pytest

from course_utils.data.spoken_digits import SpokenDigits, joined, spoken_digits
from course_utils.errors import CourseError
from course_utils.experiments.applications import joined_digits
from course_utils.experiments.framework.registry import experiment
from course_utils.experiments.framework.results import is_stored, load
from tests.experiments.small_runs import small_settings


@pytest.mark.parametrize("network", list(joined_digits.NETWORKS))
def test_recognisers_have_as_many_weights_as_whole_units_allow(network: str) -> None:
    wanted = joined_digits.weights_of("LSTM", 96)
    width = joined_digits.width_like(network, 96)
    apart = {step: abs(joined_digits.weights_of(network, width + step) - wanted) for step in (-1, 0, 1)}
    assert apart[0] < 0.02 * wanted
    assert apart[0] == min(apart.values())


def test_the_size_is_that_of_the_networks_that_are_trained() -> None:
    for row in joined_digits.measure(2, **small_settings("joined_digits", lines=60)):
        width = joined_digits.width_like(row["network"], experiment("joined_digits").quick["hidden_size"])
        assert row["hidden_size"] == width
        assert row["parameters"] == joined_digits.weights_of(row["network"], width)


@pytest.mark.parametrize(("choosing", "part"), [(True, "valid"), (False, "test")])
def test_who_is_judged_was_not_learnt_from(choosing: bool, part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[set[str]] = []

    def listening(digits: SpokenDigits, *arguments: Any) -> Any:
        heard.append(set(digits.speakers))
        return joined(digits, *arguments)

    monkeypatch.setattr(joined_digits, "joined", listening)
    joined_digits.measure(0, **small_settings("joined_digits", rates={"RNN": [0.01]}, choosing=choosing))
    learnt, judged = heard
    voices = spoken_digits("voices")
    assert judged == set(getattr(voices, part).speakers)
    assert not learnt & judged


def test_word_errors_are_counted_over_all_words_together() -> None:
    right = ["one two three", "four"]
    assert joined_digits.word_error(right, right) == 0
    assert joined_digits.word_error(["one three", "five"], right) == pytest.approx(2 / 4)
    assert joined_digits.word_error(["", ""], right) == 1
    for said, answers in ((["one"], []), (["one"], [" "]), ([], [])):
        with pytest.raises(CourseError, match="an answer for each reference"):
            joined_digits.word_error(said, answers)


def test_each_cell_was_given_as_many_tries_on_seeds_that_are_not_reported() -> None:
    search, reported = experiment("joined_digits_search"), experiment("joined_digits")
    assert search.settings["rates"] == {network: list(joined_digits.RATES) for network in joined_digits.NETWORKS}
    assert search.settings["choosing"]
    assert not set(search.seeds) & set(reported.seeds)
    assert reported.settings["rates"] == {network: [lr] for network, lr in joined_digits.CHOSEN.items()}
    assert all(search.settings[same] == reported.settings[same] for same in ("steps", "lines", "hidden_size"))


def test_the_chosen_rates_are_those_that_the_search_found() -> None:
    if not is_stored("joined_digits_search"):
        pytest.skip("the search has not been run yet")
    means = load("joined_digits_search").table.groupby(["network", "lr"])["word_error"].mean()
    assert {network: float(means[network].idxmin()) for network in joined_digits.NETWORKS} == joined_digits.CHOSEN


def test_an_unknown_network_is_refused() -> None:
    with pytest.raises(CourseError, match="GRU"):
        joined_digits.measure(0, **small_settings("joined_digits", rates={"HMM": [0.1]}))
