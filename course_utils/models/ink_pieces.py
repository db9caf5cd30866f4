"""A simple opponent of a detector that looks at the picture: boxes around connected pieces of white ink."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import ArrayLike
from scipy import ndimage
from torch import Tensor

from course_utils.errors import CourseError

INK, SHORTEST = 0.4, 7  # what is lighter is ink; pixels of a piece's longer side, at least


def pieces_of_ink(picture: ArrayLike | Tensor) -> Tensor:
    """A box around each connected piece of ink; nothing is learned.

    Pixels that touch at a corner are connected, so digits that touch are one piece.

    Args:
        picture: (H, W), white ink on dark paper: 0 … 1, or bytes 0 … 255.

    Returns:
        (n, 4), xyxy, in pixels.

    Raises:
        CourseError: no grey picture.
    """
    values = np.asarray(picture)
    if values.ndim != 2 or values.dtype.kind not in "uf":
        raise CourseError(
            f"A grey picture (H, W) is expected, 0 … 1 or bytes; this has the shape {values.shape} and holds "
            f"{values.dtype}. Of canvases (N, 1, H, W), images[i, 0] is one."
        )
    light = values / 255 if values.dtype.kind == "u" else values
    numbered, _ = ndimage.label(light > INK, np.ones((3, 3)))
    found = [(x.start, y.start, x.stop, y.stop) for y, x in ndimage.find_objects(numbered)]
    boxes = torch.tensor(found, dtype=torch.float32).reshape(-1, 4)
    return boxes[(boxes[:, 2:] - boxes[:, :2]).amax(1) >= SHORTEST]
