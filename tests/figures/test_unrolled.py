"""Drawings of unrolled networks say what they show."""

from __future__ import annotations

import pytest

from course_utils.figures import unrolled
from course_utils.figures.style import Picture


def test_many_to_one_names_both_kinds() -> None:
    picture = unrolled.many_to_one()
    assert isinstance(picture, Picture)
    assert "many to many" in picture.alt
    assert "only h₄" in picture.alt


@pytest.mark.parametrize("window", [2, 3])
def test_cuts_are_told(window: int) -> None:
    assert f"after every {window} steps" in unrolled.backward(window).alt
