"""The piano roll: the browser's network is torch's, notes are tied, and what cannot be shown is refused."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from course_utils.data.chords import LOWEST
from course_utils.data.midi import notes_of
from course_utils.errors import CourseError
from course_utils.models.music import ChordModel
from course_utils.widgets import piano_roll as rolls
from course_utils.widgets.piano_roll import network_of, piano_roll
from tests.widgets.in_node import computed, evaluated
from tests.widgets.twins import twin_of

TUNE = [(48, 60, 64), (48, 62, 65), (), (50, 62), (50, 62, 69)]


@cache
def model(cell: str) -> ChordModel:
    made = ChordModel(cell, 12, seed=1)
    made.fit([TUNE * 4], steps=30, lr=0.05, progress=False)
    return made


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_the_browser_s_probabilities_are_torch_s(cell: str) -> None:
    motifs: list[list[tuple[int, ...]]] = [[], TUNE[:1], TUNE, [(36, 81)] * 20]
    network = network_of(model(cell))
    many = [{"network": network, "chords": motif, "lowest": LOWEST} for motif in motifs]
    for motif, found in zip(motifs, computed("piano_roll", many), strict=True):
        want = model(cell).probabilities([*motif, ()])[-1]
        assert np.allclose(found, want, rtol=0, atol=2e-4)


def test_what_it_plays_on_follows_the_probabilities_and_the_seed() -> None:
    options = "{ lowest: 21, temperature: 1, count: 6, random: uniform(given.seed) }"
    code = f"playedOn(weightsOf(given.network), given.chords, {options})"
    given = {"network": network_of(model("lstm")), "chords": TUNE, "seed": 3}
    found = evaluated("piano_roll", code, given)
    assert len(found) == 6
    assert found == evaluated("piano_roll", code, given)
    first = (
        "playedOn(weightsOf(given.network), given.chords, { lowest: 21, temperature: 1, count: 1, random: uniform(n) })"
    )
    many = evaluated("piano_roll", f"[...Array(200).keys()].map((n) => {first}[0])", given)
    shares = np.zeros(88)
    for chord in many:
        shares[[pitch - 21 for pitch in chord]] += 1 / len(many)
    want = model("lstm").probabilities([*TUNE, ()])[-1]
    assert np.abs(shares - want).max() < 5 * 0.5 / len(many) ** 0.5


def test_a_key_that_goes_on_is_one_note() -> None:
    found = evaluated("piano_roll", "notesOf(given)", TUNE)
    assert sorted((note["begin"], note["pitch"], note["end"]) for note in found) == sorted(
        (begin, pitch, end) for pitch, begin, end in notes_of(TUNE)
    )


def test_its_twin_shows_the_motif_and_what_is_played_on() -> None:
    widget = piano_roll(model("gru"), {"mine": TUNE})
    html = twin_of(widget)
    assert "“mine”, and what the network plays on" in html
    assert widget.params["motifs"] == [{"name": "mine", "chords": [list(chord) for chord in TUNE]}]


def test_the_standard_motifs_fit() -> None:
    assert next(motif["name"] for motif in piano_roll(model("lstm")).params["motifs"]) == "four chords"


@pytest.mark.parametrize(
    ("motifs", "says"),
    [
        ({}, "There are 0 motifs"),
        ({str(n): TUNE for n in range(9)}, "There are 9 motifs"),
        ({"long": TUNE * 7}, "35 frames"),
        ({"low": [(30,)]}, "pitches 30 to 30"),
        ({"what": "a tune"}, "The motif 'what'"),
    ],
)
def test_motifs_that_do_not_fit_are_refused(motifs: Any, says: str) -> None:
    with pytest.raises(CourseError, match=says):
        piano_roll(model("lstm"), motifs)


def test_networks_that_the_browser_does_not_run_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CourseError, match="that has learned"):
        piano_roll(ChordModel("lstm", 4))
    with pytest.raises(CourseError, match="that has learned"):
        piano_roll(model("rnn"))
    monkeypatch.setattr(rolls, "MOST_WEIGHTS", 100)
    with pytest.raises(CourseError, match="can carry 100 weights"):
        piano_roll(model("lstm"))
