"""How a detector sees pictures: channels, scale, parts of one size; what is read off in the pixels that were given."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from course_utils.models.detection_inputs import Objects
from course_utils.models.detection_view import Seen, batch_size_for, detections_of, is_coloured, scale_for, seen_at
from course_utils.nn.detection import Found


class Middle(nn.Module):
    """Says that an object of 8 × 8 pixels stands in the second cell of the second row, and one beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.shapes: list[tuple[int, ...]] = []

    def forward(self, images: Tensor) -> Found:
        """(B, C, H, W) → maps of two classes."""
        self.shapes.append(tuple(images.shape))
        B, _, H, W = images.shape
        heat, boxes = torch.full((B, 2, H // 4, W // 4), -9.0), torch.zeros(B, 4, H // 4, W // 4)
        heat[:, 1, 1, 1] = 4.0
        heat[:, 0, 1, 2] = 3.0
        boxes[:, :2] = 0.5
        boxes[:, 2:] = torch.tensor(2.0).log()
        return Found(heat, boxes)


def test_what_is_coloured() -> None:
    grey = torch.arange(12, dtype=torch.uint8).reshape(1, 3, 4)
    assert not is_coloured(grey)
    assert not is_coloured(grey.expand(3, -1, -1))
    assert is_coloured(torch.cat([grey, grey, grey + 1]))


def test_pictures_get_the_channels_and_the_size_that_are_wanted() -> None:
    colour = torch.tensor([200, 100, 50], dtype=torch.uint8).reshape(3, 1, 1).expand(3, 12, 20)
    grey = torch.full((1, 12, 20), 90, dtype=torch.uint8)
    seen = seen_at([colour, grey], 1, 0.5)
    assert [tuple(picture.shape) for picture in seen.pictures] == [(1, 6, 10)] * 2
    assert seen.factors == [0.5, 0.5]
    assert seen.pictures[0].unique().tolist() == [round(0.299 * 200 + 0.587 * 100 + 0.114 * 50)]
    both = seen_at([colour, grey], 3, 1.0)
    assert [tuple(picture.shape) for picture in both.pictures] == [(3, 12, 20)] * 2
    assert both.pictures[1].unique().tolist() == [90]


def test_no_side_becomes_longer_than_640_pixels() -> None:
    (picture,), (factor,) = seen_at([torch.zeros(1, 100, 1_280, dtype=torch.uint8)], 1, 2.0)
    assert picture.shape == (1, 50, 640)
    assert factor == 0.5


@pytest.mark.parametrize(("side", "scale"), [(10, 1.0), (48, 1.0), (96, 0.25), (6, 4.0), (0.1, 24.0)])
def test_pictures_are_scaled_where_objects_are_small_or_large(side: float, scale: float) -> None:
    boxes = torch.tensor([[0.0, 0, side, side / 2], [5.0, 5, 5 + side / 2, 5 + side]])
    assert scale_for([Objects(boxes, ["a", "b"]), Objects(boxes[:0], [])]) == pytest.approx(scale)


def test_what_is_found_is_told_in_the_pixels_that_were_given() -> None:
    model = Middle()
    pictures = [torch.zeros(1, *size, dtype=torch.uint8) for size in ((16, 24), (16, 24), (20, 16))]
    found = detections_of(model, Seen(pictures, [1.0, 0.5, 1.0]))
    assert model.shapes == [(2, 1, 16, 24), (1, 1, 24, 16)]  # of one size together, filled up to multiples of 8
    assert [own.classes.tolist() for own in found] == [[1, 0]] * 3
    assert found[0].boxes[0].tolist() == pytest.approx([2, 2, 10, 10])
    assert found[1].boxes[0].tolist() == pytest.approx([4, 4, 20, 20])  # it was seen at half its size
    assert (found[0].scores.diff() < 0).all()
    assert [len(own.boxes) for own in detections_of(model, Seen(pictures, [1.0] * 3), lowest=0.99)] == [0, 0, 0]


def test_a_batch_has_as_many_pictures_as_memory_allows() -> None:
    def size(side: int, count: int, wanted: int = 32) -> int:
        return batch_size_for([torch.zeros(1, 1, 1).expand(1, side, side)] * count, wanted)

    assert size(64, 100) == 32
    assert size(256, 100) == 8
    assert size(2_000, 100) == 2
    assert size(64, 33) == 33  # no last batch of one
    assert size(64, 1) == 32
    assert size(64, 100, 1) == 1
