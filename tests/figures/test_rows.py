"""The sentence where a figure has nothing to draw."""

from __future__ import annotations

import pandas as pd
import pytest

from course_utils.errors import CourseError
from course_utils.figures.rows import check_rows


def test_rows_with_the_columns_are_taken() -> None:
    check_rows(pd.DataFrame({"seed": [0], "score": [1.0], "more": [2]}), ("seed", "score"))


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (pd.DataFrame({"seed": [0]}), "the rows lack lag and score. Give rows with seed, lag and score."),
        (pd.DataFrame(columns=["seed", "lag", "score"]), "there are no rows. Give rows with seed, lag and score."),
        (pd.DataFrame(), "the rows lack seed, lag and score."),
    ],
)
def test_what_is_missing_is_named(rows: pd.DataFrame, says: str) -> None:
    with pytest.raises(CourseError, match=f"nothing to draw: {says}"):
        check_rows(rows, ("seed", "lag", "score"))
