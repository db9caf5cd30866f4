"""Strokes and pixels of the same writing: as many weights, the same lines, orders told apart."""

from __future__ import annotations

import pytest

from course_utils.errors import CourseError
from course_utils.experiments.applications import pen_or_pixels
from course_utils.experiments.framework.registry import experiment
from course_utils.experiments.framework.results import load
from tests.experiments.small_runs import small_rows, small_settings


def test_the_readers_have_as_many_weights_as_whole_units_allow() -> None:
    wanted = pen_or_pixels.weights_of(pen_or_pixels.WRITTEN, 64)
    for seen in pen_or_pixels.ORDERS:
        width = pen_or_pixels.width_like(seen, 64)
        assert abs(pen_or_pixels.weights_of(seen, width) - wanted) < 0.02 * wanted


def test_the_rows_are_of_three_readers_and_a_picture_does_not_tell_the_order() -> None:
    rows = small_rows("pen_or_pixels", 2)
    assert rows["seen"].tolist() == [*pen_or_pixels.ORDERS] * 2
    for row in rows.to_dict("records"):
        width = pen_or_pixels.width_like(row["seen"], experiment("pen_or_pixels").quick["hidden_size"])
        assert row["parameters"] == pen_or_pixels.weights_of(row["seen"], width)
    pixels = rows[rows["seen"] == pen_or_pixels.PIXELS]
    assert (pixels["other_order"] == pixels["character_error"]).all()
    assert (pixels["backwards"] == pixels["character_error"]).all()


def test_the_rates_are_those_that_the_search_found_on_another_seed() -> None:
    search = load("pen_or_pixels_search")
    means = search.table.groupby(["seen", "lr"])["character_error"].mean()
    assert {seen: float(means[seen].idxmin()) for seen in pen_or_pixels.ORDERS} == pen_or_pixels.CHOSEN
    assert not set(search.seeds) & set(experiment("pen_or_pixels").seeds)
    assert set(search.table["lr"]) == set(pen_or_pixels.RATES)


def test_what_cannot_be_seen_is_refused() -> None:
    with pytest.raises(CourseError, match="pixels"):
        pen_or_pixels.measure(0, **small_settings("pen_or_pixels", rates={"sound": [0.1]}))
