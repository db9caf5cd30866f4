"""The masked context: every stretch reaches the browser, and its numbers are those of the tagger."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest

from course_utils.errors import CourseError
from course_utils.models.tagger import Tagger
from course_utils.widgets.masked_context import MOST_SENTENCES, MOST_WORDS, SHOWN, masked_context
from tests.models.fitted import fitted
from tests.widgets.in_node import computed, evaluated
from tests.widgets.twins import twin_of

SENTENCES = [["turn", "the", "light", "on"], ["stop"]]
TAGS = [["O", "O", "B-device", "O"], ["O"]]


@cache
def small() -> Tagger:
    tagger: Tagger = fitted("Tagger")
    return tagger


def test_each_word_has_the_probabilities_that_the_tagger_gives_it_in_each_stretch() -> None:
    widget = masked_context(small(), SENTENCES, TAGS)
    names, _ = small().probabilities(SENTENCES)
    for index, tokens in enumerate(SENTENCES):
        for word in range(len(tokens)):
            for left in range(word + 1):
                for right in range(len(tokens) - word):
                    _, (shares,) = small().probabilities([tokens[word - left : word + right + 1]])
                    best = shares[left].argmax()
                    code = f"tags(given.sentences[{index}], {word}, {left}, {right})"
                    if left == 0 or right == 0:  # the others are asked below, all at once
                        continue
                    found = evaluated("masked_context", code, widget.params)
                    assert found[0] == [names[int(best)], pytest.approx(float(shares[left].max()), abs=1e-4)]
                    assert len(found) == min(SHOWN, len(names))


def test_all_and_each_side_masked_and_the_word_alone() -> None:
    widget = masked_context(small(), SENTENCES, TAGS)
    (found,) = computed("masked_context", [widget.params])
    names, _ = small().probabilities(SENTENCES)
    for tokens, words in zip(SENTENCES, found, strict=True):
        for word, four in enumerate(words):
            T = len(tokens)
            cuts = [(0, T), (word, T), (0, word + 1), (word, word + 1)]
            for (start, end), told in zip(cuts, four, strict=True):
                _, (shares,) = small().probabilities([tokens[start:end]])
                row = shares[word - start]
                assert told == [names[int(row.argmax())], pytest.approx(float(row.max()), abs=1e-4)]


def test_it_says_what_is_seen_and_what_is_right() -> None:
    widget = masked_context(small(), SENTENCES, TAGS)
    assert widget.params["word"] == 2  # the first word in a span
    said = evaluated("masked_context", "verdict(given.sentences[0], 2, 1, 0)", widget.params)
    assert said.startswith("“light”, with 1 word before it and 0 words behind it: ")
    assert said.endswith("That is right.") or said.endswith("Right is B-device.")


@pytest.mark.parametrize(
    ("sentences", "tags", "word", "says"),
    [
        ([], [], None, "There are 0 sentences"),
        ([[]], [[]], None, "of 1 to"),
        ([["a"] * (MOST_WORDS + 1)], [["O"] * (MOST_WORDS + 1)], None, "of 1 to 14 words"),
        ([["a"]] * (MOST_SENTENCES + 1), [["O"]] * (MOST_SENTENCES + 1), None, "Give 1 to 12"),
        ([["a"]], [["O", "O"]], None, "1 tokens and 2 tags"),
        ([["a"]], [["O"]], 1, "index of one of 1 words"),
    ],
)
def test_what_cannot_be_shown_is_refused(sentences: Any, tags: Any, word: int | None, says: str) -> None:
    with pytest.raises(CourseError, match=says):
        masked_context(small(), sentences, tags, word)


def test_a_tagger_that_has_not_learned_is_refused() -> None:
    with pytest.raises(CourseError, match="has not learned"):
        masked_context(Tagger(), SENTENCES, TAGS)


def test_the_output_has_a_live_view_a_picture_and_a_twin_that_asks_no_server() -> None:
    widget = masked_context(small(), SENTENCES, TAGS)
    assert "Dots over the words of “turn the light on”" in twin_of(widget)
    assert len(json.dumps(widget.params)) < 5_000
