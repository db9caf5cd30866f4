"""Find objects in pictures: a small network that learns from boxes of your own.

    detector = Detector()
    detector.fit(images, boxes, labels, valid=(others, their_boxes, their_labels), seconds=60)
    detector.detect(more)
    detector.mean_average_precision(more, more_boxes, more_labels)

It begins with random weights and has seen no other pictures. How it works: `course_utils.nn.detection`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from course_utils.checks import check_name, check_number, describe
from course_utils.data.resources import resource
from course_utils.errors import CourseError
from course_utils.metrics.detection import Detections, mean_average_precision
from course_utils.models.arguments import checked
from course_utils.models.captioning_training import unit
from course_utils.models.checkpoints import Checkpoint
from course_utils.models.detection_inputs import pictures_of
from course_utils.models.detection_training import DetectionLoss, PicturesWithBoxes, stacked
from course_utils.models.detection_view import (
    Seen,
    batch_size_for,
    detections_of,
    is_coloured,
    scale_for,
    seen_at,
)
from course_utils.models.inputs import Label, indices_of
from course_utils.models.object_finder import ObjectFinder, are_labels, classes_of, held_out, pictures_and_objects
from course_utils.nn.detection import PRIOR, DetectionNet, scores_of
from course_utils.runtime import gives_memory_back, seeded
from course_utils.training import Budget, History, WarmupCosine, fit
from course_utils.training.told import mark_start

SECONDS = 60.0  # of a training, where nothing else says how long it lasts
WARMUP = 50  # steps over which the learning rate rises
TRAINED = ("digits", "digits_longer")  # that travel with the course
VALIDATED = 300  # pictures of the validation, at most: all are too slow


class Detector(ObjectFinder[DetectionNet]):
    """Says where objects are in pictures, and what they are.

    It learns from pictures of any size, grey or in colour, and the boxes in them. A network (120,000 weights) makes a
    map with a cell for each 4 × 4 pixels; for each class a cell says whether the centre of an object lies in it, and
    four numbers say where and how large the object is. Where half the boxes are smaller than 10 or larger than 48
    pixels, pictures are scaled so that they have 24.

    Attributes:
        classes: the labels that it knows, sorted; empty before `fit`.
        model: the network; None before `fit`.

    Args:
        seed: of weights, order and changes. With `steps` or `epochs` the same seed gives the same detector on the same
            number of threads; with `seconds` the clock has its say.
        focus: γ of the focal loss of the map; 0 is the plain cross-entropy.

    Raises:
        CourseError: an argument that cannot be meant.
    """

    def __init__(self, seed: int = 0, *, focus: float = 2.0) -> None:
        self.seed, self.focus = checked("seed", seed), check_number("focus", focus, 0, 10)
        self.classes: list[Label] = []
        self._scale = 1.0
        self._savable = True

    # -----------------------------------------------------------------------------------------------------------------
    # Learning

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
        lr: float = 6e-3,
        batch_size: int = 32,
        backbone: nn.Module | None = None,
        progress: bool = True,
    ) -> History:
        """Learn from pictures and the boxes in them, from the beginning: an earlier training is forgotten.

        Args:
            images: (N, H, W) or (N, C, H, W) with one channel or three, or a list of pictures of different sizes;
                0 … 1, or whole numbers 0 … 255.
            boxes: N arrays (n, 4), n from 0: left, top, right and bottom of each object, in pixels. Boxes that reach
                beyond their picture are cut there.
            labels: N lists of n labels: words, whole numbers, or True and False.
            valid: (images, boxes, labels) to validate with; the detector keeps the weights that did best on them (of
                many, on 300, those with objects first). The score is 1 minus the mean average precision.
            seconds: the most seconds of the training itself. Default: 60 where neither steps nor epochs are given. With
                `steps` it is a limit for a slow machine: the history says where it cut the training short.
            steps: of the optimiser.
            epochs: the most passes through the pictures.
            patience: stop after this number of validations in a row without a better score.
            augment: change each picture at random at each step: zoom, stretch, place, light.
            lr: the highest learning rate of AdamW; it rises over 50 steps and falls to 0 as a cosine.
            batch_size: pictures in a batch; of large pictures fewer are taken.
            backbone: a network (B, C, H, W) → (B, F, H/4, W/4) that was trained before, in place of the first two
                convolutions; it learns on, unless its parameters are frozen (`requires_grad_(False)`).
            progress: show a progress bar.

        Returns:
            The history of the training, with `.table`, `.best` and `.stopped`.

        Raises:
            CourseError: pictures, boxes or labels that are none, not as many of one as of the others, no box at all,
                boxes in another convention, an argument that cannot be meant.
        """
        if seconds is None and steps is None and epochs is None:
            seconds = SECONDS
        if not isinstance(backbone, nn.Module | None):
            raise CourseError(f"backbone must be a network or None; it is {describe(backbone)}.")
        pictures, objects = pictures_and_objects(images, boxes, labels)
        classes = classes_of(objects)
        judged = None if valid is None else held_out(valid, classes, VALIDATED)
        channels = 3 if any(is_coloured(picture) for picture in pictures) else 1
        scale = scale_for(objects)
        seen = seen_at(pictures, channels, scale)
        with seeded(self.seed):
            model = _new_model(len(classes), channels, backbone, seen.pictures[0])
        _note_light(model, seen.pictures)
        batches = PicturesWithBoxes(
            seen.pictures,
            [own.boxes * factor for own, factor in zip(objects, seen.factors, strict=True)],
            [torch.from_numpy(indices_of(own.labels, classes)) for own in objects],
            batch_size_for(seen.pictures, batch_size),
            self.seed,
            augment,
        )
        learned = [weight for weight in model.parameters() if weight.requires_grad]
        optimizer = torch.optim.AdamW(learned, lr=lr, weight_decay=0.01, fused=True)
        schedule = WarmupCosine(Budget(steps, epochs, seconds, per_epoch=len(batches)), warmup=WARMUP)
        looked_at = None if judged is None else (seen_at(judged[0], channels, scale), judged[1])
        history = fit(
            model,
            batches,
            DetectionLoss(self.focus),
            steps=steps,
            epochs=epochs,
            seconds=seconds,
            valid=None if looked_at is None else lambda _: 1 - _score(model, *looked_at, 0.5),
            patience=patience,
            optimizer=optimizer,
            lr_schedule=schedule.of(optimizer),
            clip_norm=5.0,
            progress=progress,
        )
        self.model, self.classes, self._scale, self._savable = model.eval(), classes, scale, backbone is None
        history.note(f"{len(pictures):,} pictures, {sum(len(own.labels) for own in objects):,} boxes")
        return history

    # -----------------------------------------------------------------------------------------------------------------
    # Answers

    @torch.no_grad()
    def heat(self, image: Any) -> Tensor:
        """What the network says of one picture: for each class, how sure it is of a centre in each cell.

        Args:
            image: one picture, (H, W) or (C, H, W).

        Returns:
            (K, h, w), 0 … 1, the classes in the order of `classes`. A cell stands for 4 × 4 pixels of the picture as
            the network sees it, which is the picture itself unless it was scaled.

        Raises:
            CourseError: no picture; it has not learned yet.
        """
        model = self._trained()
        seen = self._view(pictures_of([image]))
        return scores_of(model(stacked(seen.pictures)).heat)[0]

    def _view(self, pictures: list[Tensor]) -> Seen:
        return seen_at(pictures, self._trained().in_channels, self._scale)

    def _found(self, pictures: list[Tensor], score: float) -> list[Detections]:
        return detections_of(self._trained(), self._view(pictures), score)

    # -----------------------------------------------------------------------------------------------------------------
    # Keeping

    def _learned(self) -> dict[str, Any]:
        if not self._savable:
            raise CourseError(
                "A detector with a backbone of your own is not written: keep the backbone, and train again."
            )
        return {"classes": self.classes, "channels": self._trained().in_channels, "scale": self._scale}

    def _restore(self, checkpoint: Checkpoint) -> None:
        self.classes = checkpoint.field("classes", are_labels, "different labels")
        channels = checkpoint.field("channels", lambda value: type(value) is int and value in (1, 3), "1 or 3")
        self._scale = check_number("scale", checkpoint.positive("scale"), 1e-3, 1e3)
        self.model = checkpoint.network(partial(DetectionNet, len(self.classes), channels))


def trained_detector(name: str = "digits") -> Detector:
    """A detector of digits on canvases that travels with the course.

    Args:
        name: "digits", trained as lesson 03 trains its own, or "digits_longer", from twice as many canvases and for
            1,500 steps.

    Raises:
        CourseError: another name.
    """
    check_name("trained detector", name, TRAINED)
    return Detector.load(resource(f"checkpoints/detect_{name}.safetensors"))


# ---------------------------------------------------------------------------------------------------------------------
# What it is made of


def _new_model(classes: int, channels: int, backbone: nn.Module | None, picture: Tensor) -> DetectionNet:
    if backbone is None:
        return _marked(DetectionNet(classes, channels))
    example = stacked([picture])
    expected = f"(B, {channels}, H, W) and give (B, F, H/4, W/4)"
    try:
        with torch.no_grad():
            shape = tuple(backbone(example).shape)
    except (RuntimeError, TypeError, ValueError) as error:
        raise CourseError(f"The backbone must take {expected}; with these pictures: {error}") from None
    if len(shape) != 4 or shape[2:] != (example.shape[2] // 4, example.shape[3] // 4):
        raise CourseError(f"The backbone must take {expected}; of {tuple(example.shape)} it makes {shape}.")
    return _marked(DetectionNet(classes, channels, backbone, shape[1]))


def _marked(model: DetectionNet) -> DetectionNet:
    mark_start(model, f"torch's own, a centre in each cell as probable as {PRIOR:g}")
    return model


@torch.no_grad()
def _note_light(model: DetectionNet, pictures: Sequence[Tensor]) -> None:
    """Set the mean and the standard deviation by which the network scales pictures, from 1,000 of them."""
    first, second = torch.zeros(2, model.in_channels, dtype=torch.float64)
    count = 0
    for picture in pictures[:1_000]:
        values = unit(picture).double().flatten(1)
        first, second, count = first + values.sum(1), second + values.square().sum(1), count + values.shape[1]
    mean = first / count
    model.mean.copy_(mean[:, None, None])
    model.std.copy_((second / count - mean.square()).clamp_min(0).sqrt().clamp_min(0.01)[:, None, None])


def _score(model: nn.Module, seen: Seen, truth: Sequence[Detections], iou: float) -> float:
    return mean_average_precision(detections_of(model, seen), truth, iou)
