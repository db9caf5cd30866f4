"""Figures of hazards tell what they show."""

from __future__ import annotations

import pytest

from course_utils.errors import CourseError
from course_utils.figures import survival


def test_the_highest_hazards_and_the_cue_are_told() -> None:
    picture = survival.hazards(
        {"LSTM": [0.0, 0.1, 0.25], "constant": [0.1] * 3}, [0.0, 0.2, 0.3], "It learns to count", 1
    )
    assert picture.alt.startswith("It learns to count. Lines over 3 steps, the cue at step 2.")
    assert picture.alt.endswith("rises to 0.3; the highest of the others: LSTM 0.25; constant 0.1.")


@pytest.mark.parametrize("said", [{}, {"LSTM": [0.1]}])
def test_hazards_of_another_length_are_refused(said: dict[str, list[float]]) -> None:
    with pytest.raises(CourseError, match="of at least one model, 2 of them"):
        survival.hazards(said, [0.1, 0.2], "It learns to count", 0)
