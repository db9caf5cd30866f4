"""From made voices to real ones: who is judged is left out."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.data.spoken_digits import spoken_digits
from course_utils.errors import CourseError
from course_utils.experiments.applications import synthetic_to_real
from course_utils.experiments.framework.registry import experiment
from tests.experiments.applications.clips_of_noise import people
from tests.strategies import examples

SIZES = {name: experiment("synthetic_to_real").quick[name] for name in synthetic_to_real.SIZES}


class Listener:
    """In the place of a classifier: it keeps what it was given, and is always right about what it has heard."""

    made: ClassVar[list[Listener]] = []

    def __init__(self, **kind: Any) -> None:
        self.kind, self.heard, self.ways = kind, dict[bytes, str](), list[dict[str, Any]]()
        Listener.made.append(self)

    def fit(self, clips: list[Any], labels: list[str], **how: Any) -> None:
        self.heard |= {clip.tobytes(): label for clip, label in zip(clips, labels, strict=True)}
        self.ways.append(how)

    def predict(self, clips: list[Any], sample_rate: int) -> list[str]:
        return [self.heard.get(clip.tobytes(), "?") for clip in clips]


@pytest.fixture
def listeners(monkeypatch: pytest.MonkeyPatch) -> list[Listener]:
    """Those that are made from now on."""
    monkeypatch.setattr(Listener, "made", [])
    monkeypatch.setattr(synthetic_to_real, "ClipClassifier", Listener)
    return Listener.made


def test_who_is_judged_is_left_out_and_no_made_voice_is_judged(listeners: list[Listener]) -> None:
    rows = synthetic_to_real.rows_of(people(), 0, **SIZES)
    assert all(row["accuracy"] == 0 for row in rows)  # a clip that was heard would be right
    assert {row["speaker"] for row in rows} == {"ann", "bob", "cy"}
    for row in rows:
        real = row["training"] in (synthetic_to_real.AFTER, synthetic_to_real.ALONE)
        assert row["real_clips"] == (2 * SIZES["real_clips"] if real else 0)
        assert row["clips"] == SIZES["judged"]
    made = {clip.tobytes() for clip in spoken_digits("voices").train.clips}
    for one in listeners[: len(synthetic_to_real.MADE)]:  # who goes on with real clips is a copy
        assert len(one.ways) == 1
        assert set(one.heard) <= made


def test_rows_of_a_training_stand_together_in_the_order_of_the_lesson(listeners: list[Listener]) -> None:
    found = synthetic_to_real.measured(people(), seeds=(0, 1), **SIZES)
    order = [*synthetic_to_real.MADE, synthetic_to_real.AFTER, synthetic_to_real.ALONE]
    assert list(found[found["seed"] == 1]["training"]) == [one for one in order for _ in range(3)]
    assert len(listeners) == 2 * (len(synthetic_to_real.MADE) + 3)


@examples(20)
@given(st.integers(1, 120), st.integers(0, 50))
def test_some_clips_have_every_digit_as_often_nearly(most: int, seed: int) -> None:
    some = synthetic_to_real.some_of(people(), most, seed)
    counts = np.bincount(some.digits, minlength=10)
    assert len(some) == min(most, 90)
    assert counts.max() - counts.min() <= 1


def test_one_speaker_and_unknown_ones_are_refused() -> None:
    with pytest.raises(CourseError, match="clips are by ann"):
        synthetic_to_real.rows_of(people(("ann",)), 0, **SIZES)
    with pytest.raises(CourseError, match="No clip is by dan"):
        synthetic_to_real.by(people(), ["dan", "ann"])
