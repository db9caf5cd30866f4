"""Two sliders over a detector's boxes: the lowest score that is believed, and the lowest IoU that counts as right."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from course_utils.errors import CourseError
from course_utils.figures.detection import found_in
from course_utils.models.detection_inputs import objects_of, pictures_of
from course_utils.widgets.shared.browser import BrowserWidget, module_text

if TYPE_CHECKING:
    from torch import Tensor

    from course_utils.models.detector import Detector

MOST_PICTURES = 40  # what a page holds
LEAST_SCORE = 0.05  # of detections that the sliders can show
SCORES = [round(0.05 * n, 2) for n in range(1, 20)]
SHOWN = 0.3  # the score of the picture that stands in the widget's place


class BoxSliders(BrowserWidget):
    """The live widget; make one with `box_sliders()`."""

    _esm = module_text("box_sliders")


def box_sliders(detector: Detector, images: Any, boxes: Any, labels: Any) -> BoxSliders:
    """What a detector finds in pictures, with the thresholds to move.

    A box is right if it meets a true box of its class, with an IoU of at least the second slider, that no surer box has
    met. Precision is the share of right ones among those believed, recall the share of true boxes that were met, both
    over all pictures and classes.

    Args:
        detector: that has learned.
        images: as its `detect` takes them, of one size, at most 40.
        boxes: the true ones, as its `fit` takes them.
        labels: likewise.

    Raises:
        CourseError: what the detector refuses, pictures of several sizes or too many.
    """
    pictures = pictures_of(images)
    if not 0 < len(pictures) <= MOST_PICTURES or len({picture.shape[1:] for picture in pictures}) != 1:
        raise CourseError(
            f"There are {len(pictures)} pictures of {len({picture.shape[1:] for picture in pictures})} sizes. Give 1 "
            f"to {MOST_PICTURES} of one size."
        )
    truth = objects_of(boxes, labels, pictures)
    found = detector.detect(images, score=LEAST_SCORE)
    height, width = pictures[0].shape[1:]
    names = [str(label) for label in detector.classes]
    params = {
        "names": names,
        "images": [_png(picture) for picture in pictures],
        "size": [width, height],
        "found": [_rows(own, labels, names, scores) for own, labels, scores in found],
        "truth": [_rows(own.boxes, own.labels, names) for own in truth],
        "scores": SCORES,
    }
    title = f"What the detector believes from a score of {SHOWN:g} on"
    few = range(min(4, len(pictures)))
    sure = detector.detect([pictures[n] for n in few], score=SHOWN)
    picture = found_in([pictures[n] for n in few], sure, [(truth[n].boxes, truth[n].labels) for n in few], title)
    return BoxSliders(params, picture, detector.described())


def _rows(boxes: Tensor, labels: Sequence[Any], names: list[str], scores: Any = None) -> list[list[float]]:
    """Left, top, right, bottom, class and, where there is one, score."""
    rows = [
        [*(round(side, 2) for side in box), names.index(str(label))]
        for box, label in zip(boxes.tolist(), labels, strict=True)
    ]
    return (
        rows if scores is None else [[*row, round(score, 4)] for row, score in zip(rows, scores.tolist(), strict=True)]
    )


def _png(picture: Tensor) -> str:
    """A picture (C, H, W) of bytes as a PNG in base64."""
    from PIL import Image

    held = io.BytesIO()
    array = picture.numpy()
    Image.fromarray(array[0] if len(array) == 1 else np.ascontiguousarray(array.transpose(1, 2, 0))).save(held, "PNG")
    return base64.b64encode(held.getvalue()).decode()
