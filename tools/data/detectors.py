"""Train the detectors of digits that come with the course, and write data/checkpoints/detect_*.safetensors.

    python tools/data/detectors.py [NAME …]

They learn from canvases of `digit_canvases` and stop after a fixed number of steps: "digits" as the one that lesson 03
trains, "digits_longer" from more canvases and for longer. The test part is used only once, at the end, for the scores
that are kept in the files.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from time import process_time
from typing import NamedTuple

import torch

from course_utils.data.canvases import Canvases, digit_canvases
from course_utils.models.detector import Detector

FOLDER = Path(__file__).resolve().parents[2] / "data" / "checkpoints"
JUDGED = 500  # canvases


class Recipe(NamedTuple):
    """How a detector is trained.

    Attributes:
        canvases: to learn from.
        steps: of the optimiser.
    """

    canvases: int
    steps: int


RECIPES = {"digits": Recipe(4_000, 600), "digits_longer": Recipe(8_000, 1_500)}


def trained(recipe: Recipe) -> Detector:
    """The detector, after the steps of its recipe."""
    given = digit_canvases(recipe.canvases, seed=0)
    detector = Detector(seed=0)
    detector.fit(given.images, given.boxes, given.labels, steps=recipe.steps, progress=False)
    return detector


def scores(detector: Detector, canvases: Canvases) -> str:
    """Its mean average precision in words."""
    given = (canvases.images, canvases.boxes, canvases.labels)
    half, strict = (detector.mean_average_precision(*given, iou=iou) for iou in (0.5, 0.75))
    return f"mAP {half:.4f} at an IoU of 0.5 and {strict:.4f} at 0.75"


def main(names: Sequence[str]) -> None:
    """Train, write, read again and judge what was found."""
    torch.set_num_threads(1)
    FOLDER.mkdir(exist_ok=True)
    test = digit_canvases(JUDGED, seed=0, part="test")
    for name in names or RECIPES:
        began = process_time()
        detector = trained(RECIPES[name])
        seconds = process_time() - began
        note = f"{scores(detector, test)} on {JUDGED:,} canvases of digits held out"
        path = detector.save(FOLDER / f"detect_{name}.safetensors", half=True, note=note)
        again = scores(Detector.load(path), test)
        print(f"{path.name}: {path.stat().st_size:,} bytes, {seconds:.0f} CPU seconds; {note}; {again} from the file")


if __name__ == "__main__":
    main(sys.argv[1:])
