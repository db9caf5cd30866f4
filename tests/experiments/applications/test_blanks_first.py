"""Blanks first: what is written is counted against what was spoken."""

from __future__ import annotations

from typing import Any

import pytest

from course_utils.experiments.applications import blanks_first
from course_utils.experiments.framework.registry import experiment


class Listener:
    """In the place of a recogniser: it writes one word for each ten steps of its training."""

    def __init__(self, **kind: Any) -> None:
        self.words = 0

    def fit(self, clips: list[Any], texts: list[str], *, steps: int, augment: bool, **how: Any) -> None:
        assert not augment
        self.words = steps // 10

    def transcribe(self, clips: list[Any], sample_rate: int) -> list[str]:
        return ["word " * self.words for _ in clips]


def test_words_written_are_a_share_of_those_spoken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blanks_first, "Recogniser", Listener)
    first, second = blanks_first.measure(0, hidden_size=6, lines=4, steps=[9, 60], judged=5)
    assert (first["steps"], first["written"], first["word_error"]) == (9, 0.0, 1.0)
    assert second["written"] > 0.5
    assert second["word_error"] >= 1


def test_it_runs() -> None:
    rows = blanks_first.measure(0, **experiment("blanks_first").quick)
    assert [row["steps"] for row in rows] == [1, 2]
