"""One small model of each kind, trained for a step or two, and questions that it answers."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from course_utils.models.base import Estimator
from course_utils.models.captioning import Captioner
from course_utils.models.detector import Detector
from course_utils.models.forecaster import Forecaster
from course_utils.models.handwriting import LineReader, StrokeReader
from course_utils.models.language import LanguageModel
from course_utils.models.music import ChordModel
from course_utils.models.ngram import NGram
from course_utils.models.once_translator import OnceTranslator
from course_utils.models.pictures import PictureClassifier
from course_utils.models.speech import ClipClassifier, Recogniser, SpeakerClassifier
from course_utils.models.tables import TableClassifier
from course_utils.models.tagger import Tagger
from course_utils.models.torchvision_detector import TorchvisionDetector
from course_utils.models.translation import Translator

RNG = np.random.default_rng(0)
IMAGES = RNG.random((8, 3, 12, 12)).astype(np.float32)
TIMES = np.arange(2_000) / 8_000
CLIPS = [np.sin(2 * np.pi * 200 * (2 + pitch) * TIMES).astype(np.float32) for pitch in range(8)]
SERIES = np.tile([1.0, 5.0, 2.0, 7.0], 10) + RNG.normal(size=40)
ROWS = RNG.normal(size=(24, 3))
PAIRS = [("un deux", "one two"), ("trois", "three"), ("un", "one")] * 3


TOKENS = [["meet", "me", "in", "Ulm"], ["at", "six"], ["Ulm", "at", "six"]]
BIO = [["O", "O", "O", "B-place"], ["O", "B-time"], ["B-place", "O", "B-time"]]
PAGES = [(RNG.random((12 + n, 40 + 9 * n)) > 0.8).repeat(2, 0).repeat(2, 1) for n in range(8)]
WRITINGS = [np.column_stack([RNG.normal(size=(30, 2)).cumsum(0), RNG.random(30) > 0.8]) for _ in range(8)]
TUNES = [[(60, 64), (62,), ()], [(67,), (60, 64)]]
TEXT = "the cat sat on the mat.\nthe dog sat on the log.\n" * 4


class Kind(NamedTuple):
    """How to make a model, what it learns from, and what it says."""

    make: Callable[[], Estimator[Any]]
    data: tuple[Any, ...]
    short: dict[str, Any]  # arguments of a short training
    answers: Callable[[Any], Any]


def _texts(model: Any) -> Any:
    return model.translate(["un", "deux trois"], beam=2)


def _written(model: Any) -> Any:
    return model.nats("the cat ran"), model.sample("the", 20), model.saliency("the dog").tolist()


KINDS: dict[str, Kind] = {
    "Translator": Kind(lambda: Translator("gru", 8, seed=3), (PAIRS,), {"steps": 2}, _texts),
    "OnceTranslator": Kind(lambda: OnceTranslator("lstm", 8, None), (PAIRS,), {"steps": 2}, _texts),
    "Captioner": Kind(
        lambda: Captioner("gru", 8, seed=3),
        (IMAGES, ["a red cat", "a dog"] * 4),
        {"steps": 2},
        lambda model: model.caption(IMAGES, beam=2),
    ),
    "Recogniser": Kind(
        lambda: Recogniser("rnn", 8, seed=3),
        (CLIPS, ["low high", "low"] * 4),
        {"steps": 2},
        lambda model: model.emissions(CLIPS[0])[1].tolist(),
    ),
    "ClipClassifier": Kind(
        lambda: ClipClassifier("gru", 8, False, None, 3),
        (CLIPS, [3, 5] * 4),
        {"steps": 2},
        lambda model: (model.predict(CLIPS), model.summary(CLIPS).tolist()),
    ),
    "SpeakerClassifier": Kind(
        lambda: SpeakerClassifier(hidden_size=8),
        (CLIPS, ["Ann", "Bö"] * 4),
        {"steps": 2},
        lambda model: (model.predict(CLIPS), model.summary(CLIPS).tolist()),
    ),
    "TableClassifier": Kind(
        lambda: TableClassifier((4, 3), 3, lr=0.02),
        (ROWS, ROWS[:, 0] > 0),
        {"epochs": 2},
        lambda model: (model.predict(ROWS), model.probabilities(ROWS).tolist()),
    ),
    "Tagger": Kind(
        lambda: Tagger("gru", hidden_size=6, crf=True, seed=3),
        (TOKENS, BIO),
        {"steps": 2},
        lambda model: (model.tag(TOKENS), [rows.tolist() for rows in model.probabilities(TOKENS)[1]]),
    ),
    "Tagger, words": Kind(
        lambda: Tagger("relu_rnn", False, characters=False, hidden_size=6),
        (TOKENS, BIO),
        {"steps": 2},
        lambda model: model.tag(TOKENS),
    ),
    "LineReader": Kind(
        lambda: LineReader("gru", 6, 3),
        (PAGES, ["407", "3", "11", "7 4"] * 2),
        {"steps": 2},
        lambda model: (model.read(PAGES, beam=2), model.confidence(PAGES), model.emissions(PAGES[0])[1].tolist()),
    ),
    "StrokeReader": Kind(
        lambda: StrokeReader("lstm", 6, 3),
        (WRITINGS, ["407", "3", "11", "7 4"] * 2),
        {"steps": 2},
        lambda model: (model.read(WRITINGS, beam=2), model.confidence(WRITINGS)),
    ),
    "Detector": Kind(
        lambda: Detector(3, focus=1.5),
        (IMAGES, [[[1, 2, 9, 11]], []] * 4, [["cat"], []] * 4),
        {"steps": 2},
        lambda model: [(boxes.tolist(), names, scores.tolist()) for boxes, names, scores in model.detect(IMAGES, 0.0)],
    ),
    "TorchvisionDetector": Kind(
        lambda: TorchvisionDetector("small_fcos", pretrained=False, seed=3),
        (IMAGES[:2], [[[1, 2, 9, 11]], []], [["cat"], []]),
        {"steps": 2},
        lambda model: [(boxes.tolist(), names, scores.tolist()) for boxes, names, scores in model.detect(IMAGES, 0.0)],
    ),
    "Forecaster": Kind(
        lambda: Forecaster("gru", 4, horizon=3, season=4, seed=3),
        (SERIES,),
        {"steps": 2},
        lambda model: model.forecast(5).to_numpy().tolist(),
    ),
    "PictureClassifier, cnn": Kind(
        lambda: PictureClassifier(size=9, seed=3),
        (IMAGES, ["round", "flat"] * 4),
        {"epochs": 1, "seconds": None, "progress": False},
        lambda model: (model.predict(IMAGES).tolist(), model.probabilities(IMAGES).tolist()),
    ),
    "PictureClassifier, mlp": Kind(
        lambda: PictureClassifier("mlp", 8, False),
        (IMAGES, [4, 7] * 4),
        {"epochs": 1, "seconds": None, "progress": False},
        lambda model: (model.predict(IMAGES).tolist(), model.probabilities(IMAGES).tolist()),
    ),
    "LanguageModel": Kind(lambda: LanguageModel("char", "gru", 8, 2, 3), (TEXT,), {"steps": 2}, _written),
    "LanguageModel, words": Kind(lambda: LanguageModel("word", "lstm", 8), (TEXT,), {"steps": 2}, _written),
    "ChordModel": Kind(
        lambda: ChordModel("gru", 6, seed=3),
        (TUNES,),
        {"steps": 2},
        lambda model: (model.sample([(60,)], 5), model.nll(TUNES)),
    ),
    "NGram": Kind(lambda: NGram(3, "word"), (TEXT,), {}, _written),
}
NETWORKS = [name for name in KINDS if name != "NGram"]  # that one counts: it has no weights and no steps


def trained(name: str) -> Any:
    """A new model that has learned a little."""
    kind = KINDS[name]
    model = kind.make()
    silent = {} if name == "TableClassifier" else {"progress": False}
    model.fit(*kind.data, **kind.short | silent)
    return model


@functools.cache
def fitted(name: str) -> Any:
    """The same one each time: not to be changed."""
    return trained(name)
