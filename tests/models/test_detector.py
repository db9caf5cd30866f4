"""The detector: it learns to find things, in pictures of any kind, and says what is wrong with what it is given."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from course_utils.data.canvases import digit_canvases
from course_utils.data.resources import resource
from course_utils.errors import CourseError
from course_utils.metrics.detection import Detections, mean_average_precision
from course_utils.models import detector
from course_utils.models.checkpoints import load_checkpoint
from course_utils.models.detector import Detector, trained_detector


class Data(NamedTuple):
    """What a detector learns from, or is judged by."""

    images: Any
    boxes: Any
    labels: Any


COLOURS = {"red": (220, 30, 30), "blue": (30, 60, 230)}


def things(count: int, seed: int, sides: tuple[int, int] = (40, 48), size: tuple[int, int] = (9, 15)) -> Data:
    """Red and blue rectangles before a background that is no plain colour: slopes, waves and speckles."""
    rng = np.random.default_rng(seed)
    images, boxes, labels = [], [], []
    for _ in range(count):
        height, width = sides
        y, x = np.mgrid[:height, :width] / max(sides)
        waves = np.sin(
            2 * np.pi * (rng.uniform(-2, 2, 3)[:, None, None] * x + rng.uniform(-2, 2, 3)[:, None, None] * y)
        )
        ground = 110 + 40 * waves + rng.normal(0, 8, (3, height, width))
        own: list[list[int]] = []
        names: list[str] = []
        for side in range(int(rng.integers(0, 3))):  # one on the left, one on the right
            w, h = rng.integers(size[0], size[1] + 1, 2).tolist()
            left = int(rng.integers(side * (width // 2), side * (width // 2) + width // 2 - w + 1))
            top = int(rng.integers(0, height - h + 1))
            name = list(COLOURS)[rng.integers(2)]
            ground[:, top : top + h, left : left + w] = np.array(COLOURS[name])[:, None, None]
            own.append([left, top, left + w, top + h])
            names.append(name)
        images.append(ground.clip(0, 255).astype(np.uint8))
        boxes.append(np.array(own, dtype=np.float32).reshape(-1, 4))
        labels.append(names)
    return Data(np.stack(images), boxes, labels)


TRAIN, TEST = things(150, 0), things(40, 1)


@pytest.fixture(scope="module")
def learned() -> Detector:
    found = Detector(seed=2)
    history = found.fit(*TRAIN, steps=90, batch_size=16, progress=False)
    assert len(history.table) == 90
    return found


def test_it_finds_things_before_a_background(learned: Detector) -> None:
    assert learned.classes == ["blue", "red"]
    assert 0.8 < learned.mean_average_precision(*TEST) <= 1
    assert learned.mean_average_precision(*TEST, iou=0.9) < learned.mean_average_precision(*TEST)
    assert Detector(seed=2).fit(*TRAIN, steps=1, progress=False)  # a start alone finds nothing:
    poor = Detector(seed=2)
    poor.fit(*TRAIN, steps=1, progress=False)
    assert poor.mean_average_precision(*TEST) < 0.2


def test_what_detect_says_and_the_mean_average_precision_of_it(learned: Detector) -> None:
    answers = learned.detect(TEST.images)
    assert len(answers) == 40
    for boxes, labels, scores in answers:
        assert boxes.shape == (len(labels), 4)
        assert scores.shape == (len(labels),)
        assert ((scores >= 0.3) & (scores <= 1)).all()
        assert (scores.diff() <= 0).all()
        assert set(labels) <= {"red", "blue"}
        assert (boxes[:, :2] >= 0).all()
        assert (boxes[:, 2:] <= torch.tensor([48, 40])).all()
        assert (boxes[:, 2:] > boxes[:, :2]).all()
    found = [
        Detections(boxes, torch.tensor([learned.classes.index(label) for label in labels]).long(), scores)
        for boxes, labels, scores in learned.detect(TEST.images, score=0.01)
    ]
    truth = [
        Detections.true(torch.from_numpy(boxes), torch.tensor([learned.classes.index(name) for name in names]).long())
        for boxes, names in zip(TEST.boxes, TEST.labels, strict=True)
    ]
    assert learned.mean_average_precision(*TEST) == pytest.approx(mean_average_precision(found, truth))
    assert sum(len(labels) for _, labels, _ in learned.detect(TEST.images, score=0.9)) < sum(
        len(labels) for _, labels, _ in answers
    )
    assert learned.detect([]) == []


def test_pictures_of_several_sizes_are_looked_at_one_by_one(learned: Detector) -> None:
    mixed = [*TEST.images[:3], TEST.images[3][:, :31, :45], TEST.images[4].transpose(1, 2, 0)]
    together, alone = learned.detect(mixed), [learned.detect([image])[0] for image in mixed]
    for (boxes, labels, _), (own_boxes, own_labels, _) in zip(together, alone, strict=True):
        assert labels == own_labels
        torch.testing.assert_close(boxes, own_boxes, atol=1e-3, rtol=0)
    assert alone[3][0].numel() == 0 or alone[3][0][:, 2:].max() <= 45


def test_errors_by_kind(learned: Detector) -> None:
    counted = learned.errors(*TEST)
    assert counted["miss"] < 10
    wrong_way = [["red" if name == "blue" else "blue" for name in names] for names in TEST.labels]
    assert learned.errors(TEST.images, TEST.boxes, wrong_way)["class"] > 10


def test_the_heat_map(learned: Detector) -> None:
    index = next(index for index, names in enumerate(TEST.labels) if names)
    heat = learned.heat(TEST.images[index])
    assert heat.shape == (2, 10, 12)
    assert 0 <= heat.min() < 0.1
    assert 0.3 < heat.max() <= 1


def test_it_learns_from_pictures_of_several_sizes_with_labels_of_any_kind() -> None:
    small, large = things(12, 3, (24, 40), (8, 10)), things(12, 4, (50, 40), (8, 10))
    numbers = [[7 if name == "red" else 3 for name in names] for names in [*small.labels, *large.labels]]
    model = Detector()
    history = model.fit(
        [*small.images, *(image / 255 for image in large.images)],
        [*small.boxes, *large.boxes],
        numbers,
        epochs=2,
        batch_size=5,
        progress=False,
    )
    assert len(history.table) == 2 * 5
    assert model.classes == [3, 7]


def test_one_class_is_enough_and_grey_pictures_are_seen_grey() -> None:
    grey = TRAIN.images[:20, 1]
    model = Detector()
    model.fit(grey, TRAIN.boxes[:20], [["thing"] * len(names) for names in TRAIN.labels[:20]], steps=2, progress=False)
    assert model.classes == ["thing"]
    assert model._trained().in_channels == 1
    assert len(model.detect(TEST.images)) == 40  # coloured ones are turned grey


def test_large_objects_and_pictures_are_scaled_and_answers_are_in_the_pixels_given() -> None:
    def larger(data: Data, count: int) -> Data:
        images: NDArray[Any] = data.images[:count].repeat(6, axis=2).repeat(6, axis=3)
        return Data(images, [6 * boxes for boxes in data.boxes[:count]], data.labels[:count])

    model = Detector(seed=2)
    model.fit(*larger(TRAIN, 100), steps=45, batch_size=16, progress=False)
    assert 0.2 < model._scale < 0.5
    assert model.mean_average_precision(*larger(TEST, 20)) > 0.5
    boxes = torch.cat([boxes for boxes, _, _ in model.detect(larger(TEST, 20).images)])
    assert boxes.max() > 150


def test_tiny_objects_are_made_larger() -> None:
    data = things(6, 5, (16, 24), (4, 5))
    model = Detector()
    model.fit(*data, steps=1, progress=False)
    assert model._scale > 4
    boxes = torch.cat([boxes for boxes, _, _ in model.detect(data.images, score=0.0)])
    assert boxes.max() <= 24


def test_the_weights_that_do_best_on_the_validation_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    scores = iter([0.1, 0.7, 0.3, 0.2, 0.2, 0.2])
    monkeypatch.setattr(detector, "_score", lambda *_: next(scores))
    history = Detector().fit(*TRAIN, valid=TEST, epochs=4, batch_size=50, progress=False)
    assert history.best is not None
    assert history.table["valid"].dropna().tolist()[:4] == pytest.approx([0.9, 0.3, 0.7, 0.8])
    assert history.best.valid == pytest.approx(0.3)


def test_the_same_seed_gives_the_same_detector() -> None:
    def weights(seed: int) -> Any:
        model = Detector(seed)
        model.fit(*TRAIN, steps=2, progress=False)
        return next(model._trained().heat.parameters())

    assert torch.equal(weights(0), weights(0))
    assert not torch.equal(weights(0), weights(1))


def test_the_plain_loss_and_the_changes_have_a_say() -> None:
    def weights(**options: Any) -> Any:
        model = Detector(focus=options.pop("focus", 2.0))
        history = model.fit(*TRAIN, steps=2, progress=False, **options)
        assert ("zoomed" in history.settings.augmentation) == options.get("augment", True)
        return next(model._trained().heat.parameters())

    usual = weights()
    assert not torch.equal(usual, weights(focus=0))
    assert not torch.equal(usual, weights(augment=False))


def test_a_stem_that_was_trained_before_stays_as_it_is() -> None:
    stem = nn.Sequential(nn.Conv2d(3, 6, 3, padding=1), nn.ReLU(), nn.MaxPool2d(4)).requires_grad_(False)
    before = [weight.clone() for weight in stem.parameters()]
    model = Detector()
    model.fit(*TRAIN, steps=3, backbone=stem, progress=False)
    assert all(torch.equal(weight, old) for weight, old in zip(stem.parameters(), before, strict=True))
    assert len(model.detect(TEST.images)) == 40
    with pytest.raises(CourseError, match="backbone of your own is not written"):
        model.save("unused")
    for wrong, message in (
        (nn.Conv2d(1, 6, 4, stride=4), "with these pictures"),
        (nn.Conv2d(3, 6, 2, stride=2), r"of \(1, 3, 40, 48\) it makes \(1, 6, 20, 24\)"),
        ("digits", "backbone must be a network or None"),
    ):
        with pytest.raises(CourseError, match=message):
            Detector().fit(*TRAIN, steps=1, backbone=wrong, progress=False)  # type: ignore[arg-type]


def test_a_file_keeps_all_that_was_learned(learned: Detector, tmp_path: Path) -> None:
    again = Detector.load(learned.save(tmp_path / "mine.safetensors"))
    assert (again.classes, again.seed, again.focus) == (learned.classes, 2, 2.0)
    for (boxes, labels, scores), (own_boxes, own_labels, own_scores) in zip(
        learned.detect(TEST.images), again.detect(TEST.images), strict=True
    ):
        assert torch.equal(boxes, own_boxes)
        assert labels == own_labels
        assert torch.equal(scores, own_scores)
    assert again.described().texts == learned.described().texts
    small = learned.save(tmp_path / "half.safetensors", half=True)
    assert small.stat().st_size < 300_000
    assert Detector.load(small).mean_average_precision(*TEST) > 0.7


def test_what_it_tells_of_itself(learned: Detector) -> None:
    assert "121,006" in repr(learned)
    assert "2 classes" in repr(learned)
    text = str(learned.described())
    for part in ("0.006", "rising over 50 steps", "AdamW", "steps: 90", "batch: 16", "zoomed", "as probable as 0.02"):
        assert part in text


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (Data([], [], []), "There are no pictures"),
        (Data(TRAIN.images[:2], [[], []], [[], []]), "There is no box in any picture"),
        (Data(TRAIN.images[:2], TRAIN.boxes[:3], TRAIN.labels[:2]), "arrays of boxes"),
        (Data(TRAIN.images[:1], [[[30, 20, 10, 5]]], [["a"]]), "look like"),
        (Data(TRAIN.images[:1], [[[1, 1, 9, 9]]], [[0.5]]), "decimals"),
    ],
)
def test_what_cannot_be_learned_from(data: Data, message: str) -> None:
    with pytest.raises(CourseError, match=message):
        Detector().fit(*data, steps=1, progress=False)


def test_what_cannot_be_judged_by(learned: Detector) -> None:
    for wrong, message in (
        ((TEST.images, TEST.boxes, [["green"] * len(names) for names in TEST.labels]), "class"),
        ((TEST.images[:1], [[]], [[]]), "no true box"),
        ((TEST.images[:1], [[[1, 1, 0, 5]]], [["red"]]), "wrong way round"),
    ):
        with pytest.raises(CourseError, match=message):
            learned.mean_average_precision(*wrong)
    with pytest.raises(CourseError, match="valid must be a triple"):
        Detector().fit(*TRAIN, valid=TEST[:2], steps=1, progress=False)  # type: ignore[arg-type]
    for options in ({"score": 2}, {"score": None}):
        with pytest.raises(CourseError, match="score must be"):
            learned.detect(TEST.images, **options)
    with pytest.raises(CourseError, match="iou must be"):
        learned.mean_average_precision(*TEST, iou=-1)
    with pytest.raises(CourseError, match="focus must be"):
        Detector(focus=-1)
    for ask in (partial(Detector().detect, TEST.images), partial(Detector().heat, TEST.images[0])):
        with pytest.raises(CourseError, match=r"Call .fit\(images, boxes, labels\) first"):
            ask()


def test_the_network_scales_by_the_light_of_the_pictures(learned: Detector) -> None:
    values = torch.from_numpy(TRAIN.images).double().transpose(0, 1).flatten(1) / 255
    model = learned._trained()
    torch.testing.assert_close(model.mean.flatten().double(), values.mean(1), atol=1e-4, rtol=0)
    torch.testing.assert_close(model.std.flatten().double(), values.std(1), atol=1e-4, rtol=0)


@pytest.mark.parametrize(("name", "steps"), [("digits", "600"), ("digits_longer", "1,500")])
def test_the_detectors_that_travel_with_the_course_are_as_good_as_their_files_say(name: str, steps: str) -> None:
    detector, test = trained_detector(name), digit_canvases(150, 0, "test")
    note = load_checkpoint(resource(f"checkpoints/detect_{name}.safetensors"), "Detector").note
    told = [float(number) for number in re.findall(r"0\.\d{4}", note)]
    given = (test.images, test.boxes, test.labels)
    assert len(told) == 2
    for iou, expected in zip((0.5, 0.75), told, strict=True):
        assert detector.mean_average_precision(*given, iou=iou) == pytest.approx(expected, abs=0.04)
    assert detector.classes == list(range(10))
    assert steps in str(detector.described())


def test_a_detector_that_does_not_travel_along() -> None:
    with pytest.raises(CourseError, match="digits_longer"):
        trained_detector("faces")
