"""Weights of torchvision's detectors, trained on the photographs of COCO by its authors. Downloads:
`course data fetch ssdlite_coco` (14 MB) and `course data fetch faster_rcnn_coco` (78 MB).

The publisher states the first eight digits of each file's SHA-256, in its name. The files are pickles; torch reads them
with `weights_only`, which makes tensors of them and runs nothing else.
"""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

from course_utils.checks import check_name
from course_utils.data import hashes
from course_utils.data.downloads import fetch
from course_utils.errors import CourseError

if TYPE_CHECKING:
    from torch import Tensor

SETS = {"ssdlite": "ssdlite_coco", "faster_rcnn": "faster_rcnn_coco"}  # kind of detector → set


def detector_weights(kind: str) -> dict[str, Tensor]:
    """The weights of a detector that knows the 80 kinds of things of COCO.

    Args:
        kind: "ssdlite" (SSDlite on MobileNetV3) or "faster_rcnn" (Faster R-CNN on MobileNetV3, pictures of 320 pixels).

    Returns:
        Tensors by name, as torchvision's network of that kind has them.

    Raises:
        CourseError: another kind, the download failed, or the file is not the publisher's, or damaged.
    """
    check_name("detector with weights of COCO", kind, SETS)
    (path,) = fetch(SETS[kind])
    import torch

    fix = f"Run `course data clear {SETS[kind]}`, then `course data fetch {SETS[kind]}`."
    begins = path.stem.rpartition("-")[2]
    if not hashes.known(path).sha256.startswith(begins):
        raise CourseError(f"{path.name} is not the file of its publisher: its SHA-256 must begin with {begins}. {fix}")
    try:
        found = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, ValueError, EOFError, pickle.UnpicklingError, KeyError, AttributeError):
        # torch's own words advise to read it without `weights_only`, which could run anything
        raise CourseError(f"{path.name} is damaged, or holds something other than tensors. {fix}") from None
    if not isinstance(found, dict) or not all(isinstance(value, torch.Tensor) for value in found.values()):
        raise CourseError(f"{path.name} holds no weights by name. {fix}")
    return dict(found)
