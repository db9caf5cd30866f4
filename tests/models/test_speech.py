"""The listeners: they learn, padding changes nothing, and whatever they are given has an answer."""

from __future__ import annotations

import functools
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.typing import NDArray

from course_utils.data.sounds import resampled
from course_utils.data.spoken_digits import spoken_digits
from course_utils.errors import CourseError
from course_utils.models.speech import (
    ClipClassifier,
    Recogniser,
    SpeakerClassifier,
    listening,
    trained_clip_classifier,
    trained_recogniser,
)
from course_utils.nn import ctc
from course_utils.training import DivergedError

CELLS = ("rnn", "gru", "lstm")
RATE = 8_000
PITCHES = {"low": 300.0, "middle": 900.0, "high": 2_500.0}  # a language of three words


def tone(word: str, seconds: float = 0.2, rate: int = RATE, loudness: float = 0.5) -> NDArray[np.float32]:
    """A word: a faded tone."""
    time = np.arange(round(seconds * rate)) / rate
    wave = loudness * np.sin(2 * np.pi * PITCHES[word] * time) * np.sin(np.pi * time / seconds)
    return wave.astype(np.float32)


def sentence(text: str, rate: int = RATE) -> NDArray[np.float32]:
    """Words with pauses around them."""
    pause = np.zeros(rate // 10, dtype=np.float32)
    return np.concatenate([pause, *(part for word in text.split() for part in (tone(word, rate=rate), pause))])


def sentences(count: int, seed: int = 0) -> list[str]:
    draw = np.random.default_rng(seed)
    return [" ".join(draw.choice(list(PITCHES), draw.integers(1, 4))) for _ in range(count)]


@functools.cache
def recogniser(cell: str = "lstm", bidirectional: bool = True) -> Recogniser:
    """One that has learned the language of tones."""
    learner, texts = Recogniser(cell, 24, bidirectional), sentences(96)
    learner.fit([sentence(text) for text in texts], texts, steps=180, lr=5e-3, batch_size=16, progress=False)
    return learner


@functools.cache
def classifier() -> ClipClassifier:
    """One that tells the three tones apart."""
    learner, names = ClipClassifier(hidden_size=8), list(PITCHES) * 8
    learner.fit([tone(name) for name in names], names, steps=40, batch_size=12, progress=False)
    return learner


# ---------------------------------------------------------------------------------------------------------------------
# Learning


@pytest.mark.parametrize("bidirectional", [True, False])
def test_a_recogniser_learns_what_is_said(bidirectional: bool) -> None:
    texts = sentences(20, seed=1)
    said = recogniser("lstm", bidirectional).transcribe([sentence(text) for text in texts])
    assert sum(one == other for one, other in zip(said, texts, strict=True)) >= 15


def test_a_classifier_learns_which_it_is() -> None:
    names = list(PITCHES)
    assert classifier().predict([tone(name, 0.3, loudness=0.1) for name in names]) == names
    assert classifier().labels == sorted(names)


@pytest.mark.parametrize("cell", CELLS)
def test_the_same_seed_learns_the_same(cell: str) -> None:
    texts = sentences(8)
    clips = [sentence(text) for text in texts]
    found = []
    for _ in range(2):
        torch.rand(3)
        learner = Recogniser(cell, 8, seed=5)
        learner.fit(clips, texts, steps=3, augment=True, progress=False)
        found.append(learner.emissions(clips[0])[1])
    assert torch.equal(*found)


def test_a_recogniser_augments_unless_it_is_told_not_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "CALM", 1)
    texts = sentences(8)
    clips = [sentence(text) for text in texts]
    found, told = [], []
    ways: tuple[dict[str, Any], ...] = ({}, {"augment": True}, {"augment": False})
    for how in ways:
        learner = Recogniser(hidden_size=8)
        history = learner.fit(clips, texts, steps=3, progress=False, **how)
        found.append(learner.emissions(clips[0])[1])
        told.append(history.settings.augmentation)
    assert torch.equal(found[0], found[1])
    assert not torch.equal(found[0], found[2])
    assert told[0] == told[1] == Recogniser().augmentation(augment=True)
    assert "bands louder and softer by 5 dB" in told[0]
    assert "tempo" not in told[2]


def test_it_keeps_the_weights_that_did_best_on_the_held_out_clips() -> None:
    texts = sentences(16)
    clips = [sentence(text) for text in texts]
    learner = Recogniser(hidden_size=8)
    history = learner.fit(clips, texts, valid=(clips, texts), steps=6, progress=False)
    assert history.best is not None
    said = learner.transcribe(clips)
    wrong = sum(ctc.edits(one.split(), other.split()) for one, other in zip(said, texts, strict=True))
    assert history.best.valid == pytest.approx(wrong / sum(len(text.split()) for text in texts))
    names = list(PITCHES) * 2
    hears = ClipClassifier(hidden_size=8)
    history = hears.fit([tone(n) for n in names], names, valid=([tone("low")] * 2, ["low", "new"]), steps=3)
    assert history.best is not None
    assert history.best.valid >= 0.5


def test_the_time_is_kept() -> None:
    texts = sentences(8)
    history = Recogniser(hidden_size=8).fit([sentence(t) for t in texts], texts, seconds=0.5, progress=False)
    assert history.steps >= 1
    assert "0.4" in history.stopped or "0.5" in history.stopped


def test_what_cannot_be_learned_from_is_left_out_and_counted() -> None:
    clips = [sentence("low high"), tone("low", 0.02), np.zeros(4_000), sentence("high"), np.tile(tone("low"), 400)]
    learner = Recogniser(hidden_size=8)
    learner.fit(clips, ["low high", "low low", "low", "", "low"], steps=2, progress=False)
    assert learner.left_out == {"silent": 1, "too short": 1, "too long": 1}
    assert "1 clips left out: too short" in repr(learner)
    assert learner.model is not None
    assert all(parameter.isfinite().all() for parameter in learner.model.parameters())
    hears = ClipClassifier(hidden_size=8)
    hears.fit(clips, [1, 0, 1, 0, 1], steps=2, progress=False)
    assert hears.left_out == {"silent": 1, "too long": 1}
    with pytest.raises(CourseError, match="2 too short"):
        learner.fit([tone("low", 0.02)] * 2, ["low low"] * 2, steps=1)
    with pytest.raises(CourseError, match="silent"):
        hears.fit([np.zeros(800)] * 2, ["a", "b"], steps=1)


def test_it_goes_on_from_what_it_knows() -> None:
    names = list(PITCHES) * 4
    clips = [tone(name) for name in names]
    learner = ClipClassifier(hidden_size=8)
    with pytest.raises(CourseError, match="has not learned"):
        learner.fit(clips, names, go_on=True, steps=1)
    learner.fit(clips, names, steps=10, progress=False)
    before = learner.summary(clips)
    learner.fit(clips[:2], names[:2], steps=1, lr=1e-6, go_on=True, progress=False)
    assert torch.allclose(learner.summary(clips), before, atol=1e-3)
    assert learner.labels == sorted(PITCHES)
    with pytest.raises(CourseError, match="does not know: 'shrill'"):
        learner.fit(clips[:1], ["shrill"], go_on=True, steps=1)
    learner.fit(clips[:2], names[:2], steps=1, progress=False)
    assert learner.labels == sorted(names[:2])


def test_what_is_refused_leaves_what_was_learned() -> None:
    names = list(PITCHES) * 2
    clips = [tone(name) for name in names]
    learner = ClipClassifier(hidden_size=8)
    learner.fit(clips, names, steps=2, progress=False)
    before, labels = learner.summary(clips), learner.labels
    wrong: dict[str, Any]
    for wrong in ({"steps": 0}, {"epochs": 0}, {"seconds": -1}, {"lr": 0}, {"batch_size": 0}, {"valid": (clips, [])}):
        with pytest.raises(CourseError):
            learner.fit(clips, [f"new {name}" for name in names], **({"steps": 1} | wrong))
    assert learner.labels == labels
    assert torch.equal(learner.summary(clips), before)


def test_after_a_training_that_failed_there_is_no_network() -> None:
    learner = Recogniser(hidden_size=8)
    with pytest.raises(DivergedError):
        learner.fit([sentence("low high")] * 2, ["low high"] * 2, steps=60, lr=1e30, progress=False)
    assert learner.model is None


def test_columns_of_tables_are_lists_of_clips() -> None:
    names = list(PITCHES) * 2
    table = pd.DataFrame({"clip": [tone(name, 0.1 + 0.01 * n) for n, name in enumerate(names)], "word": names})[::-1]
    learner = ClipClassifier(hidden_size=4)
    learner.fit(table["clip"], table["word"], valid=(table["clip"], table["word"]), steps=2, progress=False)
    assert learner.predict(table["clip"]) == learner.predict(list(table["clip"]))
    equal = np.stack([tone(name) for name in names])  # (N, T)
    assert learner.predict(equal) == learner.predict(list(equal))


def test_it_makes_no_difference_how_much_digital_silence_a_word_is_in() -> None:
    """Much less than to a network that hears the word's edges as the beginning and end of everything."""
    learner = classifier()
    for name in PITCHES:
        for before, after in ((0, 0), (400, 0), (0, 800), (1_600, 1_600)):
            clip = np.pad(tone(name), (before, after))
            assert learner.predict([clip]) == [name]


# ---------------------------------------------------------------------------------------------------------------------
# Answering


def test_a_clip_is_heard_the_same_in_any_company() -> None:
    texts = ["low", "high low middle", "middle"]
    clips = [sentence(text) for text in texts]
    learner = recogniser()
    alone = [learner.transcribe([clip])[0] for clip in clips]
    assert learner.transcribe([*clips, np.zeros(900), sentence("high " * 9)])[:3] == alone
    assert learner.transcribe([]) == []
    assert learner.transcribe([np.zeros(8_000), np.full(8_000, 0.3)]) == ["", ""]  # silence, and a constant


def test_the_same_sound_in_other_forms() -> None:
    text = "low middle high low"
    clip, learner = sentence(text), recogniser()
    expected = learner.transcribe([clip])
    stereo = np.stack([clip, clip], axis=1)
    whole = (clip * 32_767).astype(np.int16)
    for form in (stereo, stereo.T, whole, torch.from_numpy(clip), clip.tolist(), clip * 1e-2):
        assert learner.transcribe([form]) == expected
    assert set(learner.transcribe([np.clip(9 * clip, -1, 1)])[0].split()) <= set(learner.words)  # clipped
    for rate in (16_000, 44_100):
        assert learner.transcribe([sentence(text, rate)], sample_rate=rate) == expected
        assert learner.transcribe([resampled(clip, RATE, rate)], rate) == expected


def test_the_emissions_are_what_is_read() -> None:
    learner, clip = recogniser(), sentence("high low")
    words, log_probs = learner.emissions(clip, RATE)
    assert words == learner.words == ["-", "high", "low", "middle"]
    assert torch.allclose(log_probs.exp().sum(dim=1), torch.ones(len(log_probs)))
    assert learner.transcribe([clip]) == [" ".join(words[label] for label in ctc.greedy(log_probs))]
    assert learner.transcribe([clip], beam=3) == [" ".join(words[label] for label in ctc.prefix_beam(log_probs, 3))]
    _, silent = learner.emissions(np.zeros(800))
    assert ctc.greedy(silent) == []


def test_a_linear_layer_reads_the_summary() -> None:
    learner = classifier()
    clips = [tone("low"), np.zeros(500), tone("high", 0.4)]
    summary = learner.summary(clips)
    assert learner.predict(clips)[1] == ""
    assert summary.shape == (3, 16)
    assert not summary[1].any()
    assert learner.model is not None
    scores = learner.model.readout(summary)
    assert [learner.labels[int(row.argmax())] for row in scores[::2]] == learner.predict(clips)[::2]
    assert learner.summary([]).shape == (0, 16)


def refused(what: str) -> Any:
    return pytest.raises(CourseError, match=what)


def test_what_cannot_be_heard_is_refused_in_words() -> None:
    learner, clip = recogniser(), tone("low")
    for rate in (0, 3_999, 8_000.5, None, "8000", True):
        with refused("sample_rate"):
            learner.transcribe([clip], rate)  # type: ignore[arg-type]
    for clips, what in (
        (clip, "single clip"),
        (np.stack([clip, clip], axis=1), "single clip"),
        ("clip.wav", "it is a str"),
        (None, "it is a NoneType"),
        (iter([clip]), "it is a"),
        ([clip, np.array([])], "Number 1 of `clips`.*empty"),
        ([np.array([0.1, np.nan])], "NaN"),
        ([np.zeros((2, 3, 4))], "shape"),
        ([["a", "b"]], "clip is numbers"),
        ([0.1, 0.2], "Number 0"),
    ):
        with refused(what):
            learner.transcribe(clips)  # type: ignore[arg-type]
        with refused(what):
            classifier().predict(clips)  # type: ignore[arg-type]
    for beam in (0, 2.5):
        with refused("beam"):
            learner.transcribe([clip], beam=beam)  # type: ignore[arg-type]
    for untrained in (Recogniser(), ClipClassifier()):
        assert "not trained" in repr(untrained)
        with refused("has not learned"):
            _ = untrained.parameters_count
    with refused("has not learned"):
        Recogniser().transcribe([clip])
    with refused("has not learned"):
        ClipClassifier().predict([clip])


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        ({"transcripts": ["low"]}, "There are 2 clips and 1 transcripts"),
        ({"transcripts": "low high"}, "must be a list"),
        ({"transcripts": ["low", 3]}, "number 1 is 3"),
        ({"transcripts": ["low", "a - b"]}, "stands for the blank"),
        ({"transcripts": ["", " "]}, "no transcript has a word"),
        ({"clips": [], "transcripts": []}, "There are no clips"),
        ({"clips": None}, "must be a list of clips"),
        ({"clips": iter([tone("low")])}, "must be a list of clips"),
        ({"valid": (3, ["low"])}, "must be a list of clips"),
        ({"valid": ("low.wav", ["low"])}, "must be a list of clips"),
        ({"steps": 0}, "steps"),
        ({"epochs": 2.5}, "epochs"),
        ({"sample_rate": 100}, "sample_rate"),
        ({"valid": [1, 2, 3]}, "valid must be a pair"),
        ({"valid": ([tone("low")], [""])}, "nothing to validate with"),
        ({"valid": ([], [])}, "There are no clips"),
        ({"seconds": -1}, "seconds"),
        ({"lr": math.nan}, "lr"),
        ({"batch_size": 0}, "batch_size"),
    ],
)
def test_what_cannot_be_learned_is_refused_in_words(arguments: dict[str, Any], what: str) -> None:
    given: dict[str, Any] = {"clips": [sentence("low"), sentence("high")], "transcripts": ["low", "high"], "steps": 1}
    with refused(what):
        Recogniser(hidden_size=4).fit(**given | arguments)


def test_labels_and_networks_that_cannot_be_meant() -> None:
    clips = [tone("low"), tone("high")]
    learner = ClipClassifier(hidden_size=4)
    for labels, what in (
        (["a", "a"], "All clips have the label 'a'"),
        (["a", 0.5], "decimals"),
        (["a", ""], "clip 1 is empty"),
    ):
        with refused(what):
            learner.fit(clips, labels, steps=1)
    learner.fit(clips, np.array([3, 7]), steps=1, progress=False)
    assert learner.labels == ["3", "7"]
    for options in ({"cell": "cnn"}, {"hidden_size": 0}, {"seed": 1.5}, {"bidirectional": 1}, {"floor": -3}):
        with pytest.raises(CourseError):
            ClipClassifier(**options)


# ---------------------------------------------------------------------------------------------------------------------
# Keeping


@pytest.mark.parametrize("half", [False, True])
def test_saved_and_loaded_it_answers_alike(tmp_path: Path, half: bool) -> None:
    clip = sentence("low high middle")
    path = recogniser().save(tmp_path / "listens.safetensors", half=half, note="a note")
    loaded = Recogniser.load(path)
    assert loaded.words == recogniser().words
    assert loaded.parameters_count == recogniser().parameters_count
    assert torch.allclose(loaded.emissions(clip)[1], recogniser().emissions(clip)[1], atol=0.2 if half else 1e-6)
    hears = SpeakerClassifier("gru", 8, bidirectional=False, floor=None, seed=3)
    hears.fit([tone("low"), tone("high")], ["Ann", "Bö"], steps=2, progress=False)
    again = SpeakerClassifier.load(hears.save(tmp_path / "hears.safetensors", half=half))
    assert repr(again) == repr(hears)
    assert (again.labels, again.floor, again.seed) == (["Ann", "Bö"], None, 3)
    assert again.predict([tone("low")]) == hears.predict([tone("low")])


def test_those_that_come_with_the_course_hear_voices() -> None:
    voices = spoken_digits("voices").test
    some = range(0, len(voices), 19)
    clips, digits = [voices.clips[place] for place in some], [str(voices.digits[place]) for place in some]
    for name in ("digits", "digits_unfloored", "digits_augmented"):
        said = trained_clip_classifier(name).predict(clips)
        assert sum(one == other for one, other in zip(said, digits, strict=True)) >= 0.8 * len(digits)
    speakers = trained_clip_classifier("speakers")
    assert isinstance(speakers, SpeakerClassifier)
    who = speakers.predict(clips)
    assert sum(who[n] == voices.speakers[place] for n, place in enumerate(some)) >= 0.8 * len(who)
    pause = np.zeros(1_000, dtype=np.float32)
    clip = np.concatenate([pause, *(part for place in (0, 10, 20) for part in (voices.clips[place], pause))])
    for name in ("joined", "joined_augmented"):
        listener = trained_recogniser(name)
        assert len(listener.words) == 11
        assert 2 <= len(listener.transcribe([clip], voices.sample_rate)[0].split()) <= 4
    with pytest.raises(CourseError, match="joined"):
        trained_recogniser("nobody")
    with pytest.raises(CourseError, match="speakers"):
        trained_clip_classifier("nobody")
