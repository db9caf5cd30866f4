"""torchvision's detectors behind the verbs of the course's own: for photographs, and best in the profile "full".

    detector = TorchvisionDetector("ssdlite")
    detector.fit(photos, boxes, labels, valid=(others, their_boxes, their_labels), seconds=600)
    detector.detect(more)

    coco_detector().detect(photos)  # as it comes: the 80 kinds of things of COCO

Sources: Liu and others 2016, arXiv 1512.02325 (SSD); Ren, He, Girshick & Sun 2015, arXiv 1506.01497 (Faster R-CNN);
Tian, Shen, Chen & He 2019, arXiv 1904.01355 (FCOS).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from course_utils.checks import check_name, check_truth
from course_utils.data.detector_weights import detector_weights
from course_utils.metrics.detection import Detections, mean_average_precision
from course_utils.models.arguments import checked
from course_utils.models.captioning_training import unit
from course_utils.models.checkpoints import Checkpoint
from course_utils.models.detection_training import PicturesWithBoxes
from course_utils.models.detection_view import LOWEST_SCORE, MOST_FOUND, batch_size_for, seen_at
from course_utils.models.inputs import Label, indices_of
from course_utils.models.object_finder import ObjectFinder, are_labels, classes_of, held_out, pictures_and_objects
from course_utils.nn.detection import Batch
from course_utils.runtime import device, gives_memory_back, seeded
from course_utils.training import Budget, History, WarmupCosine, fit
from course_utils.training.told import mark_start

KINDS = ("ssdlite", "faster_rcnn", "small_fcos")
UNTRAINED = "small_fcos"  # of which nobody has weights
SECONDS, WARMUP = 600.0, 50
VALIDATED = 300  # pictures of the validation, at most
SMALL_SIDES = 128, 320  # pixels to which the small one scales the shorter side of a picture; of the longer, at most
SMALL_CHANNELS = (16, 32, 32, 32)  # each half as large as the one before
SMALL_STRIDES = (8, 16)


class TorchvisionDetector(ObjectFinder[nn.Module]):
    """Says where objects are in photographs, by one of torchvision's networks.

    It takes what `Detector` takes, and answers alike. In the profile "full" it uses a GPU where there is one.

    Args:
        kind: "ssdlite" (one stage, 3.4 million weights), "faster_rcnn" (two stages: boxes are proposed, then judged;
            19 million weights), or "small_fcos" (one stage, about 100,000 weights, for trying out).
        pretrained: begin with weights that were trained on COCO; they are downloaded once (14 MB and 78 MB). Only what
            names the classes begins anew. Of "small_fcos" there are none: it begins with random weights either way.
        seed: of weights that begin anew, order and changes.

    Raises:
        CourseError: an argument that cannot be meant.
    """

    def __init__(self, kind: str = "ssdlite", *, pretrained: bool = True, seed: int = 0) -> None:
        check_name("kind of detector", kind, KINDS)
        self.kind, self.pretrained = kind, check_truth("pretrained", pretrained)
        self.seed = checked("seed", seed)
        self.classes: list[Label] = []

    def _described(self) -> str:
        return f"{self.kind!r}, {super()._described()}"

    @gives_memory_back
    def fit(
        self,
        images: Any,
        boxes: Any,
        labels: Any,
        valid: tuple[Any, Any, Any] | None = None,
        seconds: float | None = None,
        *,
        steps: int | None = None,
        epochs: int | None = None,
        patience: int | None = None,
        augment: bool = True,
        lr: float = 1e-3,
        batch_size: int = 8,
        progress: bool = True,
    ) -> History:
        """Learn from pictures and the boxes in them; an earlier training of this detector is forgotten.

        Args:
            images: (N, H, W) or (N, C, H, W) with one channel or three, or a list of pictures of different sizes;
                0 … 1, or whole numbers 0 … 255.
            boxes: N arrays (n, 4), n from 0: left, top, right and bottom of each object, in pixels.
            labels: N lists of n labels: words, whole numbers, or True and False.
            valid: (images, boxes, labels) to validate with; the weights that did best on them are kept.
            seconds: the most seconds of the training itself. Default: 600 where neither steps nor epochs are given.
            steps: of the optimiser.
            epochs: the most passes through the pictures.
            patience: stop after this number of validations in a row without a better score.
            augment: change each picture at random at each step: zoom, stretch, place, light.
            lr: the highest learning rate of AdamW; it rises over 50 steps and falls to 0 as a cosine.
            batch_size: pictures in a batch; of large pictures fewer are taken.
            progress: show a progress bar.

        Returns:
            The history of the training, with `.table`, `.best` and `.stopped`.

        Raises:
            CourseError: pictures, boxes or labels that are none, boxes in another convention, an argument that cannot
                be meant, or weights that cannot be had.
        """
        if seconds is None and steps is None and epochs is None:
            seconds = SECONDS
        pictures, objects = pictures_and_objects(images, boxes, labels)
        classes = classes_of(objects)
        judged = None if valid is None else held_out(valid, classes, VALIDATED)
        seen = seen_at(pictures, 3, 1.0)
        batches = PicturesWithBoxes(
            seen.pictures,
            [own.boxes * factor for own, factor in zip(objects, seen.factors, strict=True)],
            [torch.from_numpy(indices_of(own.labels, classes)) for own in objects],
            batch_size_for(seen.pictures, batch_size),
            self.seed,
            augment,
        )
        with seeded(self.seed):  # some draw boxes by chance while they learn
            model = self._begun(len(classes)).to(device())
            optimizer = torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=1e-4)
            schedule = WarmupCosine(Budget(steps, epochs, seconds, per_epoch=len(batches)), warmup=WARMUP)
            history = fit(
                model,
                batches,
                summed_losses,
                steps=steps,
                epochs=epochs,
                seconds=seconds,
                valid=None if judged is None else lambda _: 1 - _score(model, *judged),
                patience=patience,
                optimizer=optimizer,
                lr_schedule=schedule.of(optimizer),
                clip_norm=5.0,
                progress=progress,
            )
        self.model, self.classes = model.eval(), classes
        history.note(f"{len(pictures):,} pictures, {sum(len(own.labels) for own in objects):,} boxes")
        return history

    def _begun(self, classes: int) -> nn.Module:
        """A network with its first weights."""
        model = network(self.kind, classes)
        if not self.pretrained or self.kind == UNTRAINED:
            mark_start(model, "torchvision's own")
            return model
        own = model.state_dict()
        fitting = {
            name: value
            for name, value in detector_weights(self.kind).items()
            if name in own and own[name].shape == value.shape
        }
        model.load_state_dict(fitting, strict=False)
        mark_start(
            model, f"trained on COCO by torchvision's authors, {len(own) - len(fitting)} of {len(own)} tensors anew"
        )
        return model

    def _found(self, pictures: list[Tensor], score: float) -> list[Detections]:
        return detections_of(self._trained(), pictures, score)

    def _learned(self) -> Mapping[str, Any]:
        return {"classes": self.classes}

    def _restore(self, checkpoint: Checkpoint) -> None:
        self.classes = checkpoint.field("classes", are_labels, "different labels")
        self.model = checkpoint.network(partial(network, self.kind, len(self.classes)))


def coco_detector(kind: str = "ssdlite") -> TorchvisionDetector:
    """A detector as torchvision's authors trained it, for the 80 kinds of things of COCO.

    Args:
        kind: "ssdlite" or "faster_rcnn"; its weights are downloaded once.

    Raises:
        CourseError: another kind, or the weights cannot be had.
    """
    from torchvision.models.detection import SSDLite320_MobileNet_V3_Large_Weights  # type: ignore[import-untyped]

    weights = detector_weights(kind)
    found = TorchvisionDetector(kind)
    names = SSDLite320_MobileNet_V3_Large_Weights.COCO_V1.meta["categories"][1:]  # without the ground
    found.classes = [name if name != "N/A" else f"unused number {number}" for number, name in enumerate(names, 1)]
    model = network(kind, len(names))
    model.load_state_dict(weights)
    found.model = model.to(device()).eval()
    return found


# ---------------------------------------------------------------------------------------------------------------------
# Networks


def network(kind: str, classes: int) -> nn.Module:
    """One of torchvision's detectors with random weights.

    Args:
        kind: one of `KINDS`.
        classes: K, without the ground.
    """
    from torchvision.models import detection  # type: ignore[import-untyped]

    most = {"detections_per_img": MOST_FOUND, "score_thresh": LOWEST_SCORE}
    if kind == "ssdlite":
        return _as_module(
            detection.ssdlite320_mobilenet_v3_large(
                weights=None, weights_backbone=None, num_classes=classes + 1, **most
            )
        )
    if kind == "faster_rcnn":
        return _as_module(
            detection.fasterrcnn_mobilenet_v3_large_320_fpn(
                weights=None,
                weights_backbone=None,
                num_classes=classes + 1,
                box_score_thresh=LOWEST_SCORE,
                box_detections_per_img=MOST_FOUND,
            )
        )
    from torchvision.models.detection.anchor_utils import AnchorGenerator  # type: ignore[import-untyped]

    shortest, longest = SMALL_SIDES
    anchors = AnchorGenerator(tuple((stride,) for stride in SMALL_STRIDES), ((1.0,),) * len(SMALL_STRIDES))
    return _as_module(
        detection.FCOS(
            _SmallBackbone(), classes + 1, anchor_generator=anchors, min_size=shortest, max_size=longest, **most
        )
    )


def _as_module(model: Any) -> nn.Module:
    assert isinstance(model, nn.Module)
    return model


class _SmallBackbone(nn.Module):
    """Pictures (B, 3, H, W) → maps of 8 × 8 and of 16 × 16 pixels a cell."""

    out_channels = SMALL_CHANNELS[-1]

    def __init__(self) -> None:
        super().__init__()
        inputs = (3, *SMALL_CHANNELS)
        self.halved = nn.ModuleList(
            nn.Sequential(nn.Conv2d(a, b, 3, 2, padding=1, bias=False), nn.BatchNorm2d(b), nn.ReLU())
            for a, b in zip(inputs, SMALL_CHANNELS, strict=False)
        )

    def forward(self, images: Tensor) -> OrderedDict[str, Tensor]:
        """(B, 3, H, W) → two maps, the finer first."""
        maps = []
        for layer in self.halved:
            images = layer(images)
            maps.append(images)
        return OrderedDict((str(index), own) for index, own in enumerate(maps[-len(SMALL_STRIDES) :]))


# ---------------------------------------------------------------------------------------------------------------------
# What torchvision takes and gives


def summed_losses(model: nn.Module, batch: Batch) -> Tensor:
    """The sum of the losses that a detector of torchvision computes itself, for `course_utils.training.fit`.

    Args:
        model: a detector of torchvision, in train mode.
        batch: pictures and objects; its classes count from 0, torchvision's from 1, since 0 is the ground.
    """
    targets = []
    for index in range(len(batch.images)):
        own = batch.picture == index
        targets.append({"boxes": batch.boxes[own], "labels": batch.classes[own] + 1})
    losses: dict[str, Tensor] = model(list(batch.images), targets)
    return torch.stack(list(losses.values())).sum()


@torch.no_grad()
def detections_of(model: nn.Module, pictures: Sequence[Tensor], lowest: float = LOWEST_SCORE) -> list[Detections]:
    """The objects in each picture, at most 100.

    Args:
        model: a detector of torchvision, in eval mode.
        pictures: N of bytes (C, H, W).
        lowest: score that is told.

    Returns:
        N, in the pixels of the pictures that were given.
    """
    place = next(model.parameters()).device
    found = []
    seen = seen_at(pictures, 3, 1.0)
    for picture, factor in zip(seen.pictures, seen.factors, strict=True):
        (answer,) = model([unit(picture[None])[0].to(place)])
        boxes, numbers, scores = (answer[name] for name in ("boxes", "labels", "scores"))
        keep = (scores >= lowest) & (numbers > 0) & (boxes[:, 2:] > boxes[:, :2]).all(1)
        boxes, numbers, scores = (values[keep].cpu() for values in (boxes, numbers, scores))
        best = scores.argsort(descending=True, stable=True)[:MOST_FOUND]
        found.append(Detections(boxes[best] / factor, numbers[best] - 1, scores[best].clamp(0, 1)))
    return found


def _score(model: nn.Module, pictures: Sequence[Tensor], truth: Sequence[Detections]) -> float:
    return mean_average_precision(detections_of(model, pictures), truth, 0.5)
