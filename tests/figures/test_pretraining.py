"""Accuracy by the number of labels: what the figure tells."""

from __future__ import annotations

import pandas as pd
import pytest

from course_utils.errors import CourseError
from course_utils.figures.pretraining import by_labels

ROWS = pd.DataFrame(
    [
        {"method": method, "labels": labels, "seed": seed, "accuracy": 0.5 + 0.1 * (method == "boosting") + seed / 100}
        for method in ("boosting", "logistic regression")
        for labels in (0, 20, 50)
        for seed in range(3)
    ]
)


def test_means_are_told_from_few_labels_to_all() -> None:
    picture = by_labels({"tumours": ROWS, "digits": ROWS}, "Boosting is ahead")
    assert picture.alt.startswith("Boosting is ahead.")
    assert "tumours, boosting: 0.61 (20), 0.61 (50), 0.61 (all)" in picture.alt
    assert "digits, logistic regression: 0.51 (20), 0.51 (50), 0.51 (all)" in picture.alt
    assert picture.png[:4] == b"\x89PNG"


def test_rows_without_a_column_are_refused() -> None:
    with pytest.raises(CourseError):
        by_labels({"tumours": ROWS.drop(columns="accuracy")}, "Nothing")
