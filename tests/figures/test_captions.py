"""Figures of captions say what their numbers say, and mark what is wrong without colour."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import to_hex

from course_utils.errors import CourseError
from course_utils.figures import captions
from course_utils.figures.captions import (
    attention_per_word,
    gallery,
    mark_wrong,
    nearest,
    scores,
    seen_before,
    words_seen,
)
from course_utils.figures.style import COLOURS, new_figure
from course_utils.stats import accuracy_interval

WORDS = st.lists(st.sampled_from(["a", "red", "blue", "small", "circle", "square", "left", "of"]), max_size=8).map(
    " ".join
)
PICTURES = np.random.default_rng(0).integers(0, 256, (3, 3, 12, 12), dtype=np.uint8)


def test_wrong_words_stand_in_brackets() -> None:
    assert mark_wrong("a small red circle", "a small blue circle") == "a small [red] circle"
    assert mark_wrong("a circle", "a small circle") == "a circle"
    assert mark_wrong("", "a circle") == "[nothing]"
    assert mark_wrong("circle red", "red circle") in ("[circle] red", "circle [red]")


@given(WORDS, WORDS)
def test_without_brackets_the_marked_caption_is_what_was_said(said: str, truth: str) -> None:
    marked = mark_wrong(said, truth)
    if said:
        assert marked.replace("[", "").replace("]", "") == said
        kept = [word for word in marked.split() if not word.startswith("[")]
        rest = iter(truth.split())
        assert all(word in rest for word in kept)  # in the truth, in this order
    if said and said == truth:
        assert "[" not in marked


def test_of_several_true_captions_the_nearest_counts() -> None:
    assert nearest("a dog runs", ("two men sit", "a brown dog runs", "a cat")) == "a brown dog runs"
    assert nearest("a", "b") == "b"
    with pytest.raises(CourseError, match="no true caption"):
        nearest("a", ())


def test_the_gallery_tells_what_was_said_and_how_many_are_exact() -> None:
    said, truth = ["a red circle", "a red square", "a dog"], ["a red circle", "a blue square", ("two men", "the dog")]
    for images in (PICTURES, torch.as_tensor(PICTURES) / 255, PICTURES[:, :1]):
        alt = gallery(images, said, truth, "Two of three are wrong").alt
        assert "3 pictures, 1 with the true caption word for word" in alt
        assert "said “a [red] square”, is “a blue square”" in alt
        assert "said “[a] dog”, is “the dog”" in alt
    with pytest.raises(CourseError, match="3 pictures, 1 answers"):
        gallery(PICTURES, ["a"], ["a"], "t")
    with pytest.raises(CourseError, match="Pictures come as"):
        gallery(PICTURES[0], ["a"], ["a"], "t")


def test_attention_is_told_word_by_word() -> None:
    weights = torch.full((2, 3, 4), 0.02)
    weights[0, 0, 3] = 1 - 11 * 0.02
    weights[1, 2, 0] = 1 - 11 * 0.02
    picture = attention_per_word(PICTURES[0], ["red", "circle"], weights, "It looks")
    assert "red: row 1, column 4 (0.78); circle: row 3, column 1 (0.78)" in picture.alt
    swapped = attention_per_word(PICTURES[0], ["red", "circle"], weights.flip(0), "It looks")
    assert swapped.png != picture.png
    for wrong in (weights[:1], weights.flatten(1)):
        with pytest.raises(CourseError, match=r"must be \(2, h, w\)"):
            attention_per_word(PICTURES[0], ["red", "circle"], wrong, "t")
    with pytest.raises(CourseError, match="sum to 1"):
        attention_per_word(PICTURES[0], ["red", "circle"], 2 * weights, "t")


def test_scores_of_seeds_are_means_with_the_interval_of_an_accuracy() -> None:
    values = [0.5, 0.6, 0.7, 0.8]
    table = pd.DataFrame({"network": "LSTM", "accuracy": values, "seed": range(4), "best_possible": 1.0})
    table = pd.concat([table, table.assign(network="one frame", accuracy=0.25, best_possible=0.25)])
    alt = scores(table, "It sees", name="network", score="accuracy", chance=0.25).alt
    _, low, high = accuracy_interval(values)
    assert f"LSTM 0.650 ({low:.3f} to {high:.3f}), at most 1 can be reached" in alt
    assert "one frame 0.250, at most 0.25" in alt
    assert "Guessing has 0.25." in alt


def test_scores_with_limits_are_drawn_as_given() -> None:
    table = pd.DataFrame({"name": ["a", "b"], "score": [0.5, 0.1], "low": [0.4, np.nan], "high": [0.7, np.nan]})
    alt = scores(table, "A title").alt
    assert "a 0.500 (0.400 to 0.700); b 0.100." in alt
    assert "Guessing" not in alt
    assert "b 0.100" in scores(table[["name", "score"]], "A title").alt
    for wrong in (table.iloc[:0], table.rename(columns={"score": "x"})):
        with pytest.raises(CourseError, match="nothing to draw"):
            scores(wrong, "A title")


@pytest.mark.parametrize(("network", "count"), [(None, 3), ("LSTM", 1)])
def test_rows_of_one_network_can_have_one_colour(
    network: str | None, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[Any] = []

    def kept(*size: float) -> Any:
        drawn.append(new_figure(*size))
        return drawn[-1]

    monkeypatch.setattr(captions, "new_figure", kept)
    table = pd.DataFrame({"name": ["once", "twice", "thrice"], "score": [0.5, 0.1, 0.2]})
    scores(table, "A title", network=network)
    colours = {to_hex(line.get_color()) for line in drawn[0][1].get_lines()}
    assert len(colours) == count
    assert network is None or colours == {COLOURS["lstm"].lower()}


def test_words_are_counted_by_how_often_they_were_seen() -> None:
    train = ["red circle"] * 4 + ["blue"] * 20 + ["green"]
    table = seen_before(train, ["red yellow", "blue blue green", "yellow"]).set_index("seen")
    assert table["words"].tolist() == [1, 1, 1, 0, 1]
    assert table["running"].tolist() == [2, 1, 1, 0, 2]
    assert table.loc["never", "share"] == 1 / 4
    assert table.loc["never", "captions"] == 2 / 3
    alt = words_seen(train, ["red yellow", "blue blue green", "yellow"], "Yellow is new").alt
    assert "never: 1 words, 25%" in alt
    assert "67% of the test captions have a word that was never seen" in alt
    with pytest.raises(CourseError, match="no words to count"):
        words_seen([], ["a"], "t")


@given(st.lists(WORDS, min_size=1, max_size=6), st.lists(WORDS, min_size=1, max_size=6))
def test_every_word_of_the_test_is_in_one_group(train: list[str], test: list[str]) -> None:
    different = {word for caption in test for word in caption.split()}
    if different and any(train):
        table = seen_before(train, test)
        assert table["words"].sum() == len(different)
        assert table["share"].sum() == pytest.approx(1)
        assert table["running"].sum() == sum(len(caption.split()) for caption in test)
