"""A text with shades: what is drawn, what the alt text says, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from course_utils.errors import CourseError
from course_utils.figures.texts import LARGEST, PER_LINE, _cells, shaded


def test_the_alt_text_names_the_darkest_tokens() -> None:
    picture = shaded(["In", " the", " beginning"], torch.tensor([0.5, 2.0, 1.0]), "One word counts", "nats")
    assert picture.alt == (
        "One word counts. A text with shades for nats; the darkest tokens: ' the' (2), ' beginning' (1), 'In' (0.5)."
    )


def test_lines_end_where_the_text_does_and_where_there_is_no_room() -> None:
    cells = _cells(["a\nb", "c" * PER_LINE], np.array([1.0, 2.0]))
    assert cells[:4] == [(0, 0, "a", 1.0), (0, 1, "¶", 1.0), (1, 0, "b", 1.0), (1, 1, "c", 2.0)]
    assert cells[-1] == (2, 0, "c", 2.0)
    assert [sign for _, _, sign, _ in _cells(["\0", "\ud800"], np.zeros(2))] == ["�", "�"]


def test_numbers_that_are_all_zero_are_drawn() -> None:
    assert shaded(["a"], [0.0], "Nothing counts here", "nats").png


@pytest.mark.parametrize(
    ("pieces", "values", "says"),
    [
        (["a"], [1.0, 2.0], "1 tokens and numbers of the shape"),
        ([], [], "0 tokens"),
        (["a"], [-1.0], "0 or more"),
        (["a"], [float("nan")], "finite"),
        (["a" * (LARGEST + 1)], [1.0], "Show a part"),
    ],
)
def test_what_cannot_be_drawn_is_refused(pieces: list[str], values: Any, says: str) -> None:
    with pytest.raises(CourseError, match=says):
        shaded(pieces, values, "Nothing", "nats")
