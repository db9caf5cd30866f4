"""torchvision's detectors behind the course's verbs: small ones learn, and weights of COCO come by a mirror."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

from course_utils.errors import CourseError
from course_utils.models import torchvision_detector
from course_utils.models.torchvision_detector import TorchvisionDetector, coco_detector, network, summed_losses
from course_utils.nn.detection import Batch
from tests.models.test_detector import TEST, TRAIN


@pytest.fixture(scope="module")
def learned() -> TorchvisionDetector:
    found = TorchvisionDetector("small_fcos", seed=2)
    found.fit(*TRAIN, steps=60, lr=3e-3, progress=False)
    return found


def test_a_small_one_finds_things_before_a_background(learned: TorchvisionDetector) -> None:
    assert learned.classes == ["blue", "red"]
    assert learned.mean_average_precision(*TEST) > 0.6
    assert learned.errors(*TEST)["miss"] < 20
    fresh = TorchvisionDetector("small_fcos", seed=2)
    fresh.fit(TRAIN.images[:8], TRAIN.boxes[:8], TRAIN.labels[:8], steps=1, progress=False)
    assert fresh.mean_average_precision(*TEST) < 0.3


def test_it_answers_as_the_own_detector_does(learned: TorchvisionDetector) -> None:
    answers = learned.detect([*TEST.images[:6], TEST.images[6][:, :31, :45], TEST.images[7, 0]])
    assert len(answers) == 8
    assert sum(len(labels) for _, labels, _ in answers) > 0
    for boxes, labels, scores in answers:
        assert boxes.shape == (len(labels), 4)
        assert ((scores >= 0.3) & (scores <= 1)).all()
        assert (scores.diff() <= 0).all()
        assert (boxes[:, :2] >= 0).all()
        assert (boxes[:, 2:] <= torch.tensor([48, 40])).all()
    assert learned.detect([]) == []


def test_large_photos_are_made_smaller_and_boxes_are_in_their_pixels(learned: TorchvisionDetector) -> None:
    index = next(index for index, (_, labels, _) in enumerate(learned.detect(TEST.images)) if labels)
    picture = TEST.images[index].repeat(20, axis=1).repeat(20, axis=2)  # 960 pixels wide: seen with 640
    ((large, _, _),) = learned.detect([picture])
    ((small, _, _),) = learned.detect([TEST.images[index]])
    assert large.max() > 10 * small.max()


def test_a_file_keeps_what_was_learned_and_asks_no_network(learned: TorchvisionDetector, tmp_path: Path) -> None:
    again = TorchvisionDetector.load(learned.save(tmp_path / "mine.safetensors"))
    assert (again.kind, again.pretrained, again.classes) == ("small_fcos", True, ["blue", "red"])
    for own, other in zip(learned.detect(TEST.images[:4]), again.detect(TEST.images[:4]), strict=True):
        assert torch.equal(own[0], other[0])
    assert "100,504" in repr(again)


def test_classes_count_from_one_there_and_empty_pictures_teach_too() -> None:
    asked: list[tuple[list[Tensor], list[dict[str, Tensor]]]] = []

    class Noted(torch.nn.Module):
        def forward(self, images: list[Tensor], targets: list[dict[str, Tensor]]) -> dict[str, Tensor]:
            asked.append((images, targets))
            return {"a": torch.tensor(1.0), "b": torch.tensor(2.5)}

    boxes = torch.tensor([[1.0, 2, 3, 4], [0, 0, 8, 8], [2, 2, 6, 6]])
    batch = Batch(torch.rand(3, 3, 8, 8), torch.tensor([0, 0, 2]), boxes, torch.tensor([1, 0, 4]))
    assert summed_losses(Noted(), batch).item() == 3.5
    ((images, targets),) = asked
    assert [image.shape for image in images] == [(3, 8, 8)] * 3
    assert [own["labels"].tolist() for own in targets] == [[2, 1], [], [5]]
    assert [own["boxes"].shape for own in targets] == [(2, 4), (0, 4), (1, 4)]


def test_weights_of_coco_are_taken_but_for_what_names_the_classes(monkeypatch: pytest.MonkeyPatch) -> None:
    before = network("ssdlite", 90).state_dict()
    given = {name: value + 1 if value.is_floating_point() else value for name, value in before.items()}
    monkeypatch.setattr(torchvision_detector, "detector_weights", {"ssdlite": given}.__getitem__)
    begun = TorchvisionDetector("ssdlite")._begun(2).state_dict()
    taken = {name for name, value in begun.items() if torch.equal(value, given[name])}
    assert {name.split(".")[1] for name in begun.keys() - taken} == {"classification_head"}
    whole = coco_detector("ssdlite")
    assert len(whole.classes) == 90
    assert [whole.classes[index] for index in (0, 16, 17)] == ["person", "cat", "dog"]
    assert all(torch.equal(value, given[name]) for name, value in whole._trained().state_dict().items())
    own = TorchvisionDetector("ssdlite", pretrained=False)._begun(2).state_dict()
    assert not torch.equal(own["backbone.features.0.0.0.weight"], given["backbone.features.0.0.0.weight"])


def test_two_stages_name_each_class_and_the_ground() -> None:
    named = dict(network("faster_rcnn", 3).named_parameters())["roi_heads.box_predictor.cls_score.weight"]
    assert len(named) == 4


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: TorchvisionDetector("yolo"), "kind of detector"),
        (lambda: TorchvisionDetector(pretrained="yes"), "pretrained"),  # type: ignore[arg-type]
        (lambda: TorchvisionDetector(seed=-1), "seed"),
        (lambda: coco_detector("small_fcos"), "weights of COCO"),
        (lambda: TorchvisionDetector().detect(TEST.images), "images, boxes, labels"),
        (lambda: TorchvisionDetector().fit(TEST.images[:1], [[[3, 3, 1, 1]]], [["a"]], steps=1), "wrong way round"),
    ],
)
def test_what_cannot_be_meant_is_told(ask: object, message: str) -> None:
    with pytest.raises(CourseError, match=message):
        ask()  # type: ignore[operator]
