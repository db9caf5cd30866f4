"""The control of lesson 12: equal weights, legal rows alone, and the same networks as in "tagging"."""

from __future__ import annotations

import pytest
import torch

from course_utils.data.assistant import drawn_with_repeats
from course_utils.experiments.applications import entity_tagging, entity_tagging_ways
from course_utils.experiments.framework.registry import experiment
from course_utils.experiments.framework.results import is_stored, load
from course_utils.metrics.spans import in_one_form
from course_utils.models.tagger import Tagger
from tests.experiments.small_runs import small_rows

TOKENS = [["meet", "me"], ["go"], []]


class Says(Tagger):
    """Gives fixed probabilities."""

    def probabilities(self, sentences):  # type: ignore[no-untyped-def]
        names = ["O", "B-a", "I-a"]
        rows = torch.tensor([[0.5, 0.1, 0.4], [0.3, 0.1, 0.6]])
        return names, [rows[: len(row)] for row in sentences]


def test_the_best_legal_row_is_chosen_whole() -> None:
    # for itself: O, I-a (0.5 · 0.6), which is not legal; O, O has 0.15, B-a, I-a 0.06
    assert entity_tagging_ways.legal_tags(Says(), TOKENS) == [["O", "O"], ["O"], []]


def test_a_trained_tagger_s_rows_are_legal_and_those_that_were_legal_stay() -> None:
    given = drawn_with_repeats("test", 1, 0)
    tagger = Tagger("gru", hidden_size=8)
    tagger.fit(given.tokens, given.tags, steps=30, progress=False)
    for free, legal in zip(tagger.tag(given.tokens), entity_tagging_ways.legal_tags(tagger, given.tokens), strict=True):
        assert legal == in_one_form(legal)
        if free == in_one_form(free):
            assert legal == free


def test_both_have_as_many_weights_and_the_networks_are_those_of_tagging() -> None:
    width = entity_tagging_ways.width_without_characters(40)
    wanted = entity_tagging.weights_of("BiLSTM", 40, 45, 39)
    assert abs(entity_tagging.weights_of("BiLSTM", width, 0, 39) / wanted - 1) < 0.02
    ways, tagging = small_rows("tagging_ways"), small_rows("tagging")
    assert len(ways) == 2 * 2 * 2 * ways["seed"].nunique()
    assert (ways["strange"] > 0).any()
    assert experiment("tagging_ways").seeds == experiment("tagging").seeds
    same = ways.query("reads == 'words and characters' and chooses == 'each for itself'")
    other = tagging.query("network == 'BiLSTM' and context == 'whole sentence' and kind == 'all'")
    keys = ["seed", "templates"]
    assert same.set_index(keys)["f1"].to_dict() == pytest.approx(other.set_index(keys)["f1"].to_dict())


@pytest.mark.skipif(not is_stored("tagging_ways"), reason="it has not been run yet")
def test_the_stored_networks_are_those_of_tagging() -> None:
    ways, tagging = load("tagging_ways").table, load("tagging").table
    same = ways.query("reads == 'words and characters' and chooses == 'each for itself'")
    other = tagging.query("network == 'BiLSTM' and context == 'whole sentence' and kind == 'all'")
    keys = ["seed", "templates"]
    assert same.set_index(keys)["f1"].to_dict() == pytest.approx(other.set_index(keys)["f1"].to_dict(), abs=0.01)
