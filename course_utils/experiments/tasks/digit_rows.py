"""Handwritten digits read row by row: their parts, the same ones in every experiment."""

from __future__ import annotations

from functools import cache

import torch

from course_utils.data.digits import small_digits
from course_utils.experiments.tasks.task import Batch


@cache
def digit_parts() -> dict[str, Batch]:
    """The digits as (N, 8, 8) with their labels: 1,000 to "train" on, 297 for "validation", 500 for the "test"."""
    images, labels = small_digits()
    shuffled = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))
    indices = dict(zip(("train", "validation", "test"), shuffled.split((1000, 297, 500)), strict=True))
    x, y = torch.as_tensor(images), torch.as_tensor(labels)
    return {part: Batch(x[index], y[index], None) for part, index in indices.items()}
