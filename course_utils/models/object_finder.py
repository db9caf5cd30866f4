"""What all detectors of the course have in common: how they answer, how good they are, and what is wrong."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from course_utils.checks import check_number
from course_utils.errors import CourseError
from course_utils.metrics.detection import Detections, kinds_of_error, mean_average_precision
from course_utils.models.base import Estimator
from course_utils.models.detection_inputs import Objects, objects_of, pictures_of
from course_utils.models.detection_view import LOWEST_SCORE
from course_utils.models.inputs import KINDS, Label, indices_of

M = TypeVar("M", bound=nn.Module)

MOST_LABELS = 10_000


class ObjectFinder(Estimator[M]):
    """A model that says where objects are in pictures, and what they are.

    Attributes:
        classes: the labels that it knows, sorted; empty before `fit`.
        model: the network; None before `fit`.
    """

    fit_takes = "images, boxes, labels"
    classes: list[Label]

    @abstractmethod
    def _found(self, pictures: list[Tensor], score: float) -> list[Detections]:
        """The objects in each picture, in its pixels, that have such a score at least."""

    def _described(self) -> str:
        classes = f", {len(self.classes)} classes" if self.classes else ""
        return f"seed={self.seed}{classes}"

    def detect(self, images: Any, score: float = 0.3) -> list[tuple[Tensor, list[Label], Tensor]]:
        """What stands in each picture, and where.

        Args:
            images: as in `fit`.
            score: the lowest that is told, from 0 to 1; at most 100 objects of a picture are.

        Returns:
            For each picture: boxes (n, 4), left, top, right and bottom in pixels of the picture; n labels; scores (n,)
            from 0 to 1, falling.

        Raises:
            CourseError: pictures or a score that cannot be meant; it has not learned yet.
        """
        self._trained()
        check_number("score", score, 0, 1)
        return [
            (found.boxes, [self.classes[number] for number in found.classes.tolist()], found.scores)
            for found in self._found(pictures_of(images), score)
        ]

    def mean_average_precision(self, images: Any, boxes: Any, labels: Any, iou: float = 0.5) -> float:
        """How good its detections are (`course_utils.metrics.detection`), with all of a score of 0.01 at least.

        Args:
            images: as in `fit`.
            boxes: as in `fit`.
            labels: as in `fit`; the true ones.
            iou: how well a box must agree with the true one.

        Returns:
            From 0 to 1, as COCO counts it: the mean over the classes that have a true box of the precision at 101
            recalls.

        Raises:
            CourseError: what `fit` would refuse, a label that it does not know, no box at all, an IoU that cannot be
                meant; it has not learned yet.
        """
        self._trained()
        check_number("iou", iou, 0, 1)
        pictures, truth = held_out((images, boxes, labels), self.classes)
        return mean_average_precision(self._found(pictures, LOWEST_SCORE), truth, iou)

    def errors(self, images: Any, boxes: Any, labels: Any, score: float = 0.3, iou: float = 0.5) -> dict[str, int]:
        """What goes wrong, counted by kind (`course_utils.metrics.detection.kinds_of_error`).

        Args:
            images: as in `fit`.
            boxes: as in `fit`.
            labels: as in `fit`; the true ones.
            score: detections of a lower one are not believed.
            iou: how well a box must agree with the true one.

        Returns:
            "miss", "place", "class", "both", "double" and "ground", each with its number.

        Raises:
            CourseError: as of `mean_average_precision`.
        """
        self._trained()
        check_number("score", score, 0, 1)
        pictures, truth = held_out((images, boxes, labels), self.classes)
        return kinds_of_error(self._found(pictures, score), truth, iou)


# ---------------------------------------------------------------------------------------------------------------------
# What was given


def pictures_and_objects(images: Any, boxes: Any, labels: Any) -> tuple[list[Tensor], list[Objects]]:
    """Pictures, one at least, and the objects in each, checked as `course_utils.models.detection_inputs` does."""
    pictures = pictures_of(images)
    if not pictures:
        raise CourseError("There are no pictures. Give one at least.")
    return pictures, objects_of(boxes, labels, pictures)


def classes_of(objects: Sequence[Objects]) -> list[Label]:
    """The different labels, in their order.

    Raises:
        CourseError: there are none.
    """
    found = {label for own in objects for label in own.labels}
    if not found:
        raise CourseError("There is no box in any picture: nothing to learn. Give one object at least.")
    return sorted(found)  # all are of one kind


def held_out(given: Any, classes: Sequence[Label], most: int | None = None) -> tuple[list[Tensor], list[Detections]]:
    """Pictures and their true boxes, to judge by; at most so many, those with objects first.

    Args:
        given: (images, boxes, labels).
        classes: the labels that are known.
        most: pictures; None: all.

    Raises:
        CourseError: no such triple, no true box, or a label that is not known.
    """
    if not isinstance(given, tuple | list) or len(given) != 3:
        raise CourseError("valid must be a triple, (images, boxes, labels).")
    pictures, objects = pictures_and_objects(*given)
    if not any(own.labels for own in objects):
        raise CourseError("There is no true box in any of the pictures to judge by. Give one object at least.")
    truth = [Detections.true(own.boxes, torch.from_numpy(indices_of(own.labels, classes))) for own in objects]
    if most is None or len(pictures) <= most:
        return pictures, truth
    chosen = sorted(range(len(pictures)), key=lambda index: (not len(truth[index].boxes), index))[:most]
    return [pictures[index] for index in chosen], [truth[index] for index in chosen]


def are_labels(value: Any) -> bool:
    """Is it a list of different labels of one kind, as a file has it?"""
    kinds = {type(label) for label in value} if isinstance(value, list) else set()
    return len(kinds) == 1 and kinds <= set(KINDS) and len(value) == len(set(value)) <= MOST_LABELS
