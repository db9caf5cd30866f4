"""The two sliders over boxes: what the browser counts is what Python counts."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from course_utils.errors import CourseError
from course_utils.metrics.detection import Detections, matched
from course_utils.widgets.box_sliders import SCORES, box_sliders
from tests.metrics.test_detection import random_detections
from tests.models.fitted import IMAGES, fitted
from tests.widgets.in_node import computed, evaluated

BOXES = [[[1, 2, 9, 11]], []] * 4
LABELS = [["cat"], []] * 4


def sliders(**changed: Any) -> Any:
    return box_sliders(fitted("Detector"), **({"images": IMAGES, "boxes": BOXES, "labels": LABELS} | changed))


def as_params(found: list[Detections], truth: list[Detections]) -> dict[str, Any]:
    """The parts of the widget's params that count."""
    return {
        "names": ["0", "1", "2", "3"],
        "found": [torch.cat([d.boxes, d.classes[:, None], d.scores[:, None]], dim=1).tolist() for d in found],
        "truth": [torch.cat([d.boxes, d.classes[:, None]], dim=1).tolist() for d in truth],
    }


@pytest.mark.parametrize("score", [0.0, 0.3, 0.6, 0.95])
@pytest.mark.parametrize("iou", [0.3, 0.5, 0.75])
def test_precision_and_recall_are_those_of_the_package(score: float, iou: float) -> None:
    found, truth = random_detections(9)
    (counted,) = computed("box_sliders", [as_params(found, truth) | {"score": score, "iou": iou}])
    right = wrong = missed = 0
    for said, real in zip(found, truth, strict=True):
        sure = Detections(*(values[said.scores >= score] for values in said))
        met = 0
        for number in range(4):
            mine, theirs = sure.of_class(number), real.of_class(number)
            met += int((matched(mine.boxes, mine.scores, theirs.boxes, iou) >= 0).sum())
        right += met
        wrong += len(sure.boxes) - met
        missed += len(real.boxes) - met
    assert (counted["right"], counted["wrong"], counted["missed"]) == (right, wrong, missed)
    assert counted["precision"] == pytest.approx(right / (right + wrong) if right + wrong else 1)
    assert counted["recall"] == pytest.approx(right / (right + missed))


def test_what_is_told_of_a_picture_and_of_all() -> None:
    params = {
        "names": ["7"],
        "found": [[[0, 0, 10, 10, 0, 0.9], [0, 0, 10, 9, 0, 0.5]], [[5, 5, 9, 9, 0, 0.2]]],
        "truth": [[[0, 0, 10, 10, 0]], [[20, 20, 30, 30, 0]]],
        "score": 0.3,
        "iou": 0.5,
        "picture": 1,
    }
    text = evaluated("box_sliders", "told(given, compute(given))", params)
    assert text == (
        "Picture 1: 1 right, 1 wrong, 0 missed. All 2: 1 right, 1 wrong, 1 missed; precision 0.50, recall 0.50."
    )
    nothing = evaluated("box_sliders", "told(given, compute(given))", params | {"score": 0.95})
    assert "precision 1.00, recall 0.00" in nothing


def test_the_widget_holds_pictures_boxes_and_how_the_detector_was_trained() -> None:
    widget = sliders()
    params = widget.params
    assert params["size"] == [12, 12]
    assert params["scores"] == SCORES
    assert [len(boxes) for boxes in params["truth"]] == [1, 0] * 4
    assert params["truth"][0] == [[1, 2, 9, 11, 0]]
    for rows in params["found"]:
        assert all(row[5] >= 0.05 for row in rows)
    seen = np.asarray(Image.open(io.BytesIO(base64.b64decode(params["images"][0]))))
    expected = (IMAGES[0].transpose(1, 2, 0) * 255).round()
    assert np.abs(seen - expected).max() <= 1
    assert "AdamW, 0.006" in str(widget.told)
    assert "4 pictures; dashed boxes are found" in widget.picture.alt


def test_pictures_that_do_not_fit_on_a_page() -> None:
    with pytest.raises(CourseError, match=r"41 pictures of 1 sizes\. Give 1 to 40"):
        sliders(images=[IMAGES[0]] * 41)
    with pytest.raises(CourseError, match="2 pictures of 2 sizes"):
        sliders(images=[IMAGES[0], IMAGES[1][:, :9]], boxes=BOXES[:2], labels=LABELS[:2])
