"""Lines of handwritten digits: readers of equal size, judged by digits and strings that nothing was learned from."""

from __future__ import annotations

from typing import Any

import pytest

from course_utils.data.handwritten_lines import Lines, handwritten_lines, part_of
from course_utils.errors import CourseError
from course_utils.experiments.applications import handwritten_digits
from course_utils.experiments.framework.registry import experiment
from course_utils.experiments.framework.results import is_stored, load
from tests.experiments.small_runs import small_settings


@pytest.mark.parametrize("network", list(handwritten_digits.NETWORKS))
def test_readers_have_as_many_weights_as_whole_units_allow(network: str) -> None:
    wanted = handwritten_digits.weights_of("LSTM", 64)
    width = handwritten_digits.width_like(network, 64)
    apart = {step: abs(handwritten_digits.weights_of(network, width + step) - wanted) for step in (-1, 0, 1)}
    assert apart[0] < 0.02 * wanted
    assert apart[0] == min(apart.values())


def test_the_size_is_that_of_the_networks_that_are_trained() -> None:
    rows = handwritten_digits.measure(2, **small_settings("handwritten", lines=60))
    assert [row["network"] for row in rows] == [*handwritten_digits.NETWORKS, handwritten_digits.FEW]
    for row in rows:
        name = "LSTM" if row["network"] == handwritten_digits.FEW else row["network"]
        width = handwritten_digits.width_like(name, experiment("handwritten").quick["hidden_size"])
        assert row["hidden_size"] == width
        if row["network"] != handwritten_digits.FEW:  # its strings need not have all digits
            assert row["parameters"] == handwritten_digits.weights_of(name, width)


@pytest.mark.parametrize(("choosing", "part"), [(True, "valid"), (False, "test")])
def test_what_is_judged_was_not_learned_from(choosing: bool, part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[tuple[str, Lines]] = []

    def looked_at(count: int, seed: int = 0, part: str = "train", **more: Any) -> Lines:
        drawn.append((part, handwritten_lines(count, seed, part, **more)))
        return drawn[-1][1]

    monkeypatch.setattr(handwritten_digits, "handwritten_lines", looked_at)
    rates = {"RNN": [0.01], handwritten_digits.FEW: [0.01]}
    handwritten_digits.measure(0, **small_settings("handwritten", rates=rates, choosing=choosing))
    few, asked, longer, known, learned, of_few = drawn
    assert [few[0], learned[0], of_few[0]] == ["train"] * 3
    assert [asked[0], longer[0], known[0]] == [part] * 3
    assert {part_of(text) for text in (*asked[1].texts, *longer[1].texts)} == {part}
    assert {len(text) for text in longer[1].texts} <= set(range(10, 15))
    strings = set(of_few[1].texts) | set(known[1].texts)
    assert len(strings) <= 20
    assert strings <= set(few[1].texts)
    assert len(set(learned[1].texts)) > 20


def test_few_strings_are_as_many_as_asked_for_and_the_seed_decides() -> None:
    few = handwritten_digits.strings_of(1, 20)
    assert len(few) == len(set(few)) == 20
    assert few == handwritten_digits.strings_of(1, 20)
    assert few != handwritten_digits.strings_of(2, 20)
    for seed in experiment("handwritten").seeds:  # all ten digits can be learned from them
        assert len(set("".join(handwritten_digits.strings_of(seed, 20)))) == 10


def test_each_network_was_given_as_many_tries_on_seeds_that_are_not_reported() -> None:
    search, reported = experiment("handwritten_search"), experiment("handwritten")
    networks = handwritten_digits.NETWORKS
    assert search.settings["rates"] == {network: list(handwritten_digits.RATES) for network in networks}
    assert search.settings["choosing"]
    assert not set(search.seeds) & set(reported.seeds)
    chosen = handwritten_digits.CHOSEN
    expected = {**{network: [lr] for network, lr in chosen.items()}, handwritten_digits.FEW: [chosen["LSTM"]]}
    assert reported.settings["rates"] == expected
    assert all(search.settings[same] == reported.settings[same] for same in ("steps", "lines", "hidden_size"))


def test_the_chosen_rates_are_those_that_the_search_found_and_none_lies_at_the_edge() -> None:
    if not is_stored("handwritten_search"):
        pytest.skip("the search has not been run yet")
    means = load("handwritten_search").table.groupby(["network", "lr"])["character_error"].mean()
    best = {network: float(means[network].idxmin()) for network in handwritten_digits.NETWORKS}
    assert best == handwritten_digits.CHOSEN
    assert not set(best.values()) & {min(handwritten_digits.RATES), max(handwritten_digits.RATES)}


def test_an_unknown_network_is_refused() -> None:
    with pytest.raises(CourseError, match="GRU"):
        handwritten_digits.measure(0, **small_settings("handwritten", rates={"HMM": [0.1]}))
