"""The model of music: what it learns, its likelihood by hand, pieces and padding, sampling, files, hostile tunes."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch

from course_utils.data.chords import KEYS, as_switches, transposed
from course_utils.data.midi import read_midi
from course_utils.errors import CourseError
from course_utils.models import music
from course_utils.models.music import ChordModel, pieces_of
from course_utils.nn.layers import LAYERS

LOOP = [(60, 64, 67), (65, 69, 72), (67, 71, 74), (57, 60, 64)] * 8


@pytest.fixture(scope="module")
def looped() -> ChordModel:
    model = ChordModel("gru", 24, seed=1)
    model.fit([LOOP] * 4, steps=400, lr=0.05, dropout=0, progress=False)
    return model


def short(cell: str = "lstm", **options: Any) -> ChordModel:
    model = ChordModel(cell, 6)
    model.fit([LOOP[:6], LOOP[2:7]], **{"steps": 2, "progress": False} | options)
    return model


def test_a_loop_is_learned_and_played_on(looped: ChordModel) -> None:
    assert looped.nll([LOOP]) < 3  # the shares of the keys alone have 5.5
    played = looped.sample(LOOP[:6], length=8, temperature=0)
    assert played[:6] == LOOP[:6]
    assert played[6:] == LOOP[6:14]


def test_the_likelihood_is_the_sum_over_keys_and_the_mean_over_frames_of_all_tunes(looped: ChordModel) -> None:
    tunes = [LOOP[:9], LOOP[:3], [()]]
    found = []
    for tune in tunes:
        p, played = looped.probabilities(tune).astype(float), as_switches(tune)
        nats = -np.log(np.where(played, p, 1 - p)).sum(1)
        found += nats[1:].tolist()
    assert looped.nll(tunes) == pytest.approx(np.mean(found), rel=1e-3)


def test_frames_depend_on_those_before_alone(looped: ChordModel) -> None:
    one, other = (looped.probabilities(tune) for tune in (LOOP[:6], [*LOOP[:5], (21,)]))
    assert np.allclose(one, other)
    assert one.shape == (6, KEYS)
    assert looped.probabilities([]).shape == (0, KEYS)


def test_long_tunes_are_judged_as_if_they_were_read_at_once(
    looped: ChordModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, p = looped.nll([LOOP, LOOP[:5]]), looped.probabilities(LOOP)
    monkeypatch.setattr(music, "AT_ONCE", 3)
    assert looped.nll([LOOP, LOOP[:5]]) == pytest.approx(whole, rel=1e-5)
    assert np.allclose(looped.probabilities(LOOP), p, atol=1e-6)


def test_pieces_begin_with_the_frame_before_and_hold_every_frame_once() -> None:
    tune = as_switches([{21 + frame % 88} for frame in range(450)])
    pieces = pieces_of([tune, tune[:0], tune[:200]])
    assert [len(frames) for _, frames in pieces] == [200, 200, 50, 200]
    assert np.array_equal(np.concatenate([frames for _, frames in pieces[:3]]), tune)
    assert not pieces[0][0][0].any()
    assert np.array_equal(pieces[1][0][0], tune[199])
    assert all(np.array_equal(before[1:], frames[:-1]) for before, frames in pieces)


def test_what_is_padded_does_not_count() -> None:
    pieces = pieces_of([as_switches(LOOP[:5]), as_switches(LOOP[:2])])
    (before, frames, real) = next(iter(music._Batches(pieces, 2, 0, 0)))
    assert real.sum() == 7
    net = short()._trained()
    loss = music._loss(net, (before, frames, real))
    frames[~real] = 1
    assert torch.equal(music._loss(net, (before, frames, real)), loss)


def test_a_piece_is_transposed_as_a_whole() -> None:
    tune = as_switches(LOOP[:4])
    seen: set[int] = set()
    for _ in range(30):
        for before, frames, _ in music._Batches(pieces_of([tune]), 1, 2, seed=len(seen)):
            moved = [by for by in range(-2, 3) if np.array_equal(transposed(tune, by), frames[0].numpy() > 0)]
            assert np.array_equal(before[0, 1:].numpy(), frames[0, :-1].numpy())
            seen.update(moved)
            assert len(moved) == 1
    assert len(seen) > 2


@pytest.mark.parametrize("cell", LAYERS)
def test_each_cell_learns_is_kept_and_samples_alike(cell: str, tmp_path: Path) -> None:
    model = short(cell)
    again = ChordModel.load(model.save(tmp_path / "model.safetensors"))
    assert again.sample(length=5, seed=3) == model.sample(length=5, seed=3)
    assert again.nll([LOOP]) == model.nll([LOOP])
    assert short(cell).nll([LOOP]) == model.nll([LOOP])  # the same seed gives the same model


def test_the_weights_that_did_best_on_valid_are_kept() -> None:
    model = ChordModel("gru", 6)
    history = model.fit([LOOP], valid=[LOOP[::-1]], steps=30, progress=False)
    assert history.best is not None
    assert model.nll([LOOP[::-1]]) == pytest.approx(history.best.valid, rel=1e-5)


def test_seeds_and_temperatures_change_what_is_played(looped: ChordModel) -> None:
    assert looped.sample(length=20, seed=0) == looped.sample(length=20, seed=0)
    assert looped.sample(length=20, seed=0, temperature=3) != looped.sample(length=20, seed=1, temperature=3)
    assert len(looped.sample(length=3)) == 3
    busy = [sum(map(len, looped.sample(length=30, temperature=t))) for t in (1.0, 100.0)]
    assert busy[1] > 30 * 88 * 0.4 > busy[0]  # at a high temperature every key is as good as tossed


def test_it_writes_midi_and_sound(looped: ChordModel, tmp_path: Path) -> None:
    tune = looped.sample(LOOP[:2], length=6)
    assert read_midi(looped.to_midi(tune, tmp_path / "mine.mid")) == tune
    sound, rate = looped.to_audio(tune, 0.25)
    soundfile.write(tmp_path / "mine.wav", sound, rate)
    assert soundfile.info(tmp_path / "mine.wav").duration == pytest.approx(2.08, abs=0.01)


def test_arrays_short_long_and_silent_tunes_are_learned_from() -> None:
    model = ChordModel("gru", 4)
    tunes: list[Any] = [as_switches(LOOP[:3]), [], [(60,)], [()] * 3, LOOP * 12]
    history = model.fit(tunes, steps=2, progress=False)
    assert math.isfinite(model.nll(tunes))
    assert any("5 tunes, 391 frames" in str(note) for note in vars(history).values())


@pytest.mark.parametrize(
    ("tunes", "options", "word"),
    [
        ([], {}, "nothing to learn from"),
        ([[], []], {}, "nothing to learn from"),
        (LOOP, {}, "one tune"),
        ("tunes", {}, "list of tunes"),
        ([[(20,)]], {}, "Expected: MIDI pitches"),
        ([np.zeros((4, 87))], {}, "88"),
        ([LOOP], {"valid": []}, "validate"),
        ([LOOP], {"valid": [[(60,)]]}, "validate"),
        ([LOOP], {"valid": [[(200,)]]}, r"valid\[0\], frame 0"),
        ([LOOP], {"transpose": 12}, "transpose"),
        ([LOOP], {"transpose": -1}, "transpose"),
        ([LOOP], {"dropout": 1}, "dropout"),
    ],
)
def test_what_cannot_be_learned_from_is_refused_and_nothing_is_lost(
    tunes: Any, options: dict[str, Any], word: str, looped: ChordModel
) -> None:
    before = looped.nll([LOOP])
    with pytest.raises(CourseError, match=word):
        looped.fit(tunes, **{"steps": 1, "progress": False} | options)
    assert looped.nll([LOOP]) == before


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"length": 0}, "length"),
        ({"length": 2.5}, "length"),
        ({"temperature": -1}, "temperature"),
        ({"temperature": float("nan")}, "temperature"),
        ({"seed": -1}, "seed"),
        ({"primer": [(300,)]}, "primer, frame 0"),
        ({"primer": "C"}, "primer"),
    ],
)
def test_what_cannot_be_sampled_is_refused(options: dict[str, Any], word: str, looped: ChordModel) -> None:
    with pytest.raises(CourseError, match=word):
        looped.sample(**options)


def test_what_cannot_be_judged_is_refused(looped: ChordModel) -> None:
    silent: list[Any] = [[], [[(60,)]], [[]]]
    for tunes in silent:
        with pytest.raises(CourseError, match="two frames"):
            looped.nll(tunes)
    for ask in ("sample", "nll", "probabilities"):
        with pytest.raises(CourseError, match="has not learned"):
            getattr(ChordModel(), ask)(*[] if ask == "sample" else [[LOOP]])
    with pytest.raises(CourseError, match="cell"):
        ChordModel("transformer")
