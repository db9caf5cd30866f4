"""Figures of tagging say what their numbers say."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from course_utils.errors import CourseError
from course_utils.figures.tagging import LOOKS, by_kind, contexts


def test_the_probabilities_of_each_word_are_told() -> None:
    shares = {"whole sentence": [0.9, 0.25], "the word alone": [0.5, 0.125]}
    alt = contexts(["light", "on"], ["B-device", "O"], shares, "Both words need others").alt
    assert "light: whole sentence 0.90, the word alone 0.50; on: whole sentence 0.25, the word alone 0.12" in alt


def test_a_kind_is_told_by_the_mean_of_its_seeds() -> None:
    rows = pd.DataFrame(
        [
            {"kind": kind, "context": name, "f1": value + seed / 10}
            for seed in (0, 1)
            for kind, value in (("area", 0.5), ("hours", 0.1))
            for name in LOOKS
        ]
    )
    alt = by_kind(rows, "Hours need the right side").alt
    assert "area: whole sentence 0.55, without the right 0.55" in alt
    assert "hours: whole sentence 0.15" in alt


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((["a"], ["O"], {}, "Nothing at all"), "Give numbers for some of"),
        ((["a"], ["O"], {"some words": [1.0]}, "An unknown context"), "whole sentence"),
        ((["a"], ["O"], {"whole sentence": [1.0, 0.5]}, "One too many"), "1 for each"),
        ((["a"], ["O", "O"], {"whole sentence": [1.0]}, "One tag too many"), "1 words and 2 tags"),
        (([], [], {"whole sentence": []}, "No words at all"), "0 words"),
    ],
)
def test_what_cannot_be_drawn_is_refused(arguments: Any, says: str) -> None:
    with pytest.raises(CourseError, match=says):
        contexts(*arguments)
