"""Means in rows: every mean is drawn where it is, and told."""

from __future__ import annotations

import pandas as pd
import pytest

from course_utils.errors import CourseError
from course_utils.figures import bits
from tests.experiments.small_runs import small_rows

ROWS = pd.DataFrame(
    [
        {"seed": seed, "network": network, "given": given, "bits": value + 0.1 * seed}
        for seed in range(3)
        for network, given, value in (
            ("LSTM", "steps", 2.0),
            ("LSTM", "seconds", 2.5),
            ("GRU", "steps", 1.5),
            ("5-gram", "steps", 1.0),
        )
    ]
)


def test_each_mean_is_told_with_its_kind_and_a_missing_one_is_left_out() -> None:
    picture = bits.means_by_row(ROWS, "bits", "Who is ahead", row="network", kind="given", levels={"unigram": 4.1})
    assert picture.alt.startswith("Who is ahead.")
    assert "LSTM: 2.1 (steps) and 2.6 (seconds)" in picture.alt
    assert "5-gram: 1.1 (steps);" in picture.alt
    assert "dashed, unigram: 4.1" in picture.alt


def test_means_are_drawn_where_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = []
    monkeypatch.setattr(bits, "show", lambda fig, alt: kept.append(fig))
    bits.means_by_row(ROWS, "bits", "Who is ahead", row="network", kind="given")
    (ax,) = kept[0].axes
    assert [label.get_text() for label in ax.get_yticklabels()] == ["LSTM", "GRU", "5-gram"]
    centres = [container.lines[0].get_xdata()[0] for container in ax.containers]
    assert centres == pytest.approx([2.1, 2.6, 1.6, 1.1])
    heights = [container.lines[0].get_ydata()[0] for container in ax.containers]
    assert [round(height) for height in heights] == [0, 0, -1, -2]


@pytest.mark.parametrize(
    ("name", "row", "kind", "metric"),
    [
        ("text_levels", "level", "model", "bits"),
        ("carried_states", "way", None, "bits"),
        ("line_counters", "asked", "labels", "correlation"),
    ],
)
def test_the_rows_of_the_experiments_can_be_drawn(name: str, row: str, kind: str | None, metric: str) -> None:
    rows = small_rows(name)
    picture = bits.means_by_row(rows, metric, "A finding in words", row=row, kind=kind)
    assert all(str(value) in picture.alt for value in rows[row].unique())


def test_nothing_to_draw_is_said() -> None:
    with pytest.raises(CourseError, match="nothing to draw"):
        bits.means_by_row(ROWS.head(0), "bits", "Nothing", row="network")
    with pytest.raises(CourseError, match="nothing to draw"):
        bits.means_by_row(ROWS, "nats", "Nothing", row="network")
