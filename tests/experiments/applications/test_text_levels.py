"""One text at five levels: nothing of it is lost, and what is unknown is charged."""

from __future__ import annotations

import math

import pandas as pd
import pytest
import torch

from course_utils.errors import CourseError
from course_utils.experiments.applications import text_levels
from course_utils.experiments.applications.text_training import stretch, whole_text
from course_utils.experiments.framework.registry import experiment
from course_utils.experiments.framework.results import load
from course_utils.models.text_codecs import UNKNOWN
from tests.experiments.small_runs import small_rows

SEARCHES = ("text_levels_search", "text_levels_wider_search", "text_levels_widest_search")
TEXT = "And it was so. And it was so. [Truly], who art thou?\nI am.\nI am.\nAnd God said"


@pytest.mark.parametrize("level", text_levels.UNITS)
def test_the_units_of_a_text_are_the_text_again(level: str) -> None:
    for text in (TEXT, stretch(0, 3000, 10).train, "...", "\n\n", "no end"):
        assert "".join(text_levels.UNITS[level].findall(text)) == text


def test_units_that_stand_twice_are_known_and_others_are_spelled() -> None:
    units = text_levels.Units("sentences", TEXT)
    assert set(units.numbers) == {"And it was so. ", "I am.", "\n"}
    tokens, spelled = units.encode("I am.\nWho?"), units.spelling("I am.\nWho?")
    assert tokens.tolist()[-1] == UNKNOWN
    assert (spelled[:-1] == 0).all()
    assert spelled[-1] == pytest.approx(units.cost("Who?"))
    assert len(units) == 4


def test_spellings_of_one_character_and_of_none_are_probabilities() -> None:
    cost = text_levels.spelling_of("abab", 4)
    end = math.exp(-cost(""))
    once = [math.exp(-(cost(character) - cost(""))) for character in set(whole_text())]
    assert sum(once) + end == pytest.approx(1)


def test_costs_add_up_and_only_words_and_longer_units_are_unknown() -> None:
    rows = small_rows("text_levels")
    charged = rows["bits"] - rows["free_bits"]
    assert (charged >= -1e-9).all()
    assert (charged[rows["unknown"] == 0].abs() < 1e-9).all()
    assert (charged[rows["unknown"] > 0] > 0).all()
    shares = rows.groupby("level")["unknown"].mean()
    assert shares["subwords"] == 0
    assert shares["characters"] < shares["words"] < shares["sentences"] <= shares["paragraphs"] <= 1


def test_a_unigram_costs_what_its_frequencies_say() -> None:
    row = text_levels.measure(0, plan=[["characters", 1, 0.5, 0]], hidden_size=4, learned=3000, judged=200, pieces=300)[
        0
    ]
    parts = stretch(0, 3000, 200)
    vocabulary = len(set(parts.train)) + 1
    nats = [
        -math.log((max(parts.train.count(c) - 0.5, 0) + 0.5 * (vocabulary - 1) / vocabulary) / 3000)
        + math.log(0x110000) * (c not in parts.train)
        for c in parts.test
    ]
    assert row["bits"] == pytest.approx(sum(nats) / math.log(2) / 200)


def test_an_n_gram_knows_what_stands_before_the_text() -> None:
    from course_utils.models.discounting import RunCounts

    counts = RunCounts([0, 1, 2] * 20, 3, 3)
    before, tokens = torch.tensor([0, 1]), torch.tensor([2, 0])
    whole = counts.nats([0, 1, 2, 0], 0.5)[2:]
    assert text_levels.counted(counts, 0.5, before, tokens).tolist() == pytest.approx(whole.tolist())


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(CourseError, match="paragraphs"):
        text_levels.codec_of("chapters", TEXT, 300)


def test_the_chosen_settings_are_those_that_the_searches_found() -> None:
    rows = pd.concat([load(name).table for name in SEARCHES])
    best = rows.groupby(["level", "model", "setting"])["valid_bits"].mean().reset_index()
    chosen = best.loc[best.groupby(["level", "model"])["valid_bits"].idxmin()]
    for _, row in chosen.iterrows():
        model = row["model"] if row["model"] == text_levels.NETWORK else int(row["model"].partition("-")[0])
        assert text_levels.CHOSEN[row["level"]][model] == row["setting"]
        if model == text_levels.NETWORK:
            tried = best[(best["level"] == row["level"]) & (best["model"] == row["model"])]["setting"]
            assert tried.min() < row["setting"] < tried.max()


def test_what_is_reported_has_seeds_of_its_own() -> None:
    searched = {seed for name in SEARCHES for seed in experiment(name).seeds}
    assert not searched & set(experiment("text_levels").seeds)
