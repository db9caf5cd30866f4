"""Unknown speakers: who is judged is left out, and a table shows each of them."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from course_utils.errors import CourseError
from course_utils.experiments.applications import unknown_speakers
from course_utils.experiments.framework.registry import experiment
from tests.experiments.applications.clips_of_noise import people

SIZES = {name: experiment("unknown_speakers").quick[name] for name in unknown_speakers.SIZES}


class Listener:
    """In the place of a recogniser: it keeps what it was given, and hears nothing but the samples of known clips."""

    made: ClassVar[list[Listener]] = []

    def __init__(self, **kind: Any) -> None:
        self.samples, self.how = set[float](), dict[str, Any]()
        Listener.made.append(self)

    def fit(self, clips: list[Any], texts: list[str], **how: Any) -> None:
        self.samples, self.how = {float(x) for clip in clips for x in clip if x}, how

    def transcribe(self, clips: list[Any], sample_rate: int) -> list[str]:
        return ["known" if any(float(x) in self.samples for x in clip[clip != 0]) else "" for clip in clips]


@pytest.fixture
def listeners(monkeypatch: pytest.MonkeyPatch) -> list[Listener]:
    """Those that are made from now on."""
    monkeypatch.setattr(Listener, "made", [])
    monkeypatch.setattr(unknown_speakers, "Recogniser", Listener)
    return Listener.made


def test_who_is_judged_is_left_out(listeners: list[Listener]) -> None:
    rows = unknown_speakers.rows_of(people(), 0, **SIZES)
    assert [row["word_error"] for row in rows] == [1.0] * 6  # nothing was known
    assert {row["speaker"] for row in rows} == {"ann", "bob", "cy"}
    assert [row["clips"] for row in rows] == ["as they are"] * 3 + ["augmented"] * 3
    assert [one.how["augment"] for one in listeners] == [False] * 3 + [True] * 3
    assert all(row["others"] == 2 for row in rows)


def test_a_table_has_a_column_for_each_speaker(listeners: list[Listener]) -> None:
    rows = unknown_speakers.measured(people(), seeds=(0, 1), **SIZES)
    table = unknown_speakers.by_speaker(rows, ["clips"], "word_error")
    assert list(table.columns) == ["clips", "ann", "bob", "cy", "all"]
    assert list(table["ann"]) == ["1.000 ± 0.000"] * 2
    assert list(table["all"]) == ["1.000"] * 2


def test_too_few_speakers_and_unknown_ones_are_refused() -> None:
    with pytest.raises(CourseError, match="three speakers are needed; these clips are by ann, bob"):
        unknown_speakers.rows_of(people(("ann", "bob")), 0, **SIZES)
    with pytest.raises(CourseError, match="No clip is by dan"):
        unknown_speakers.measure(0, source="voices", speakers=["dan"], **SIZES)


def test_made_voices_can_be_heard_in_the_place_of_people() -> None:
    quick = experiment("unknown_speakers").quick
    rows = unknown_speakers.measure(0, **quick)
    assert len({row["speaker"] for row in rows}) == 3
