"""Lines read after a longer training: what is judged, and by what."""

from __future__ import annotations

from typing import Any

import pytest

from course_utils.data.handwritten_lines import Lines, handwritten_lines, part_of
from course_utils.experiments.applications import handwritten_longer
from tests.experiments.small_runs import small_rows, small_settings


def test_no_line_that_is_judged_has_a_digit_or_a_string_that_was_learned_from(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[tuple[str, Lines]] = []

    def looked_at(count: int, seed: int = 0, part: str = "train", **more: Any) -> Lines:
        drawn.append((part, handwritten_lines(count, seed, part, **more)))
        return drawn[-1][1]

    monkeypatch.setattr(handwritten_longer, "handwritten_lines", looked_at)
    handwritten_longer.measure(0, **small_settings("handwritten_longer"))
    assert [part for part, _ in drawn] == ["train", *["test"] * len(handwritten_longer.ASKED)]
    assert {part_of(text) for _, lines in drawn[1:] for text in lines.texts} == {"test"}
    widths = [sum(image.shape[1] for image in lines.images) / sum(map(len, lines.texts)) for _, lines in drawn[1:]]
    as_trained, _, apart, touching = widths
    assert touching < as_trained < apart


def test_the_rows_of_a_reader_hold_each_kind_of_line() -> None:
    rows = small_rows("handwritten_longer", 2)
    assert rows.groupby("seed")["asked"].apply(list).tolist() == [list(handwritten_longer.ASKED)] * 2
    assert (rows["entries"] <= 6).all()
    assert rows["confidence"].between(0, 1).all()
    assert (rows["one_and_seven"] + rows["seven_and_nine"] <= rows["wrong_digits"]).all()
