"""Strings known by heart: what such a network says, and of what."""

from __future__ import annotations

import numpy as np
import torch

from course_utils.data.handwritten_lines import handwritten_lines
from course_utils.experiments.applications import known_words
from course_utils.experiments.applications.handwritten_digits import strings_of
from course_utils.experiments.framework.registry import experiment
from course_utils.experiments.framework.results import load
from course_utils.nn.speech_model import Batch
from tests.experiments.small_runs import small_rows


def test_a_network_that_knows_strings_says_no_other() -> None:
    given = handwritten_lines(60, 3, texts=["11", "2345"])
    words = known_words.learned_words(given, 8, steps=40, lr=0.01)
    asked = handwritten_lines(20, 3, "test", texts=["11", "2345", "7"])
    said = words.read([*asked.images, np.zeros((9, 9))])
    assert said.pop() == ""
    assert set(said) <= {"11", "2345"}
    right = [a == b for a, b in zip(said, asked.texts, strict=True) if b != "7"]
    assert sum(right) > 0.7 * len(right)


def test_the_scores_of_a_line_are_the_mean_over_its_own_frames() -> None:
    def model(frames: torch.Tensor, lengths: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return frames, lengths

    frames = torch.tensor([[[1.0, 0.0], [3.0, 0.0], [99.0, 0.0]]])  # the last one lies behind the end
    batch = Batch(frames, torch.tensor([2]), torch.tensor([0]), torch.tensor([1]))
    expected = torch.nn.functional.cross_entropy(torch.tensor([[2.0, 0.0]]), torch.tensor([0]))
    assert torch.isclose(known_words.words_loss(model, batch), expected)  # type: ignore[arg-type]


def test_strings_that_are_known_and_new_ones_are_judged_apart() -> None:
    rows = small_rows("handwritten_words", 2)
    assert rows["answer"].tolist() == [known_words.WORDS, known_words.DIGITS] * 2
    of_words = rows[rows["answer"] == known_words.WORDS]
    assert (of_words["new"] == 0).all()
    assert (of_words["with_lexicon"] == of_words["known"]).all()
    settings = experiment("handwritten_words").settings
    for seed in experiment("handwritten_words").seeds:
        few = strings_of(seed, settings["strings"])
        assert len(set("".join(few))) == 10  # each digit can be learned from them
        assert not set(few) & set(handwritten_lines(settings["judged"], seed, "test").texts)


def test_the_rate_is_the_one_that_the_search_found() -> None:
    search = load("handwritten_words_search")
    shares = search.table.groupby("lr")["known"].mean()
    assert set(shares.index) == set(known_words.RATES)
    assert float(shares.idxmax()) == known_words.CHOSEN_FOR_WORDS
    assert not set(search.seeds) & set(experiment("handwritten_words").seeds)
