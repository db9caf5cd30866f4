"""Boxes: three conventions, areas, IoU and what is kept of many, compared with torchvision and with counted pixels."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torchvision import ops  # type: ignore[import-untyped]

from course_utils.errors import CourseError
from course_utils.metrics.boxes import (
    CONVENTIONS,
    box_areas,
    box_iou,
    converted,
    generalised_iou,
    non_maximum_suppression,
)
from tests.strategies import examples


def random_boxes(count: int, seed: int, side: float = 20.0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    corner = side * torch.rand(count, 2, generator=generator)
    return torch.cat([corner, corner + 0.1 + side / 2 * torch.rand(count, 2, generator=generator)], dim=1)


def test_one_box_in_three_conventions() -> None:
    xyxy = torch.tensor([[2.0, 3.0, 8.0, 5.0]])
    assert converted(xyxy, "xyxy", "xywh").tolist() == [[2, 3, 6, 2]]
    assert converted(xyxy, "xyxy", "cxcywh").tolist() == [[5, 4, 6, 2]]
    assert box_areas(xyxy).tolist() == [12]


@pytest.mark.parametrize("given_as", CONVENTIONS)
@pytest.mark.parametrize("wanted", CONVENTIONS)
def test_conventions_are_those_of_torchvision_and_can_be_turned_back(given_as: str, wanted: str) -> None:
    boxes = ops.box_convert(random_boxes(30, 0), "xyxy", given_as)
    there = converted(boxes, given_as, wanted)
    torch.testing.assert_close(there, ops.box_convert(boxes, given_as, wanted))
    torch.testing.assert_close(converted(there, wanted, given_as), boxes)


@given(seed=st.integers(0, 10_000), n=st.integers(0, 6), m=st.integers(0, 6))
@examples(30, 500)
def test_areas_and_agreement_are_those_of_torchvision(seed: int, n: int, m: int) -> None:
    first, second = random_boxes(n, seed), random_boxes(m, seed + 1)
    torch.testing.assert_close(box_areas(first), ops.box_area(first))
    torch.testing.assert_close(box_iou(first, second), ops.box_iou(first, second))
    torch.testing.assert_close(generalised_iou(first, second), ops.generalized_box_iou(first, second))


def test_agreement_is_what_counted_pixels_say() -> None:
    boxes = random_boxes(12, 3).round()
    boxes[:, 2:] += 1  # none without an area
    y, x = torch.meshgrid(torch.arange(40) + 0.5, torch.arange(40) + 0.5, indexing="ij")
    left, top, right, bottom = (side[:, None, None] for side in boxes.unbind(1))
    inside = (x > left) & (x < right) & (y > top) & (y < bottom)
    shared = (inside[:, None] & inside[None]).sum((2, 3))
    together = (inside[:, None] | inside[None]).sum((2, 3))
    torch.testing.assert_close(box_iou(boxes, boxes), shared / together)


def test_boxes_apart_and_boxes_without_area() -> None:
    first = torch.tensor([[0.0, 0.0, 2.0, 2.0], [5.0, 5.0, 5.0, 5.0], [4.0, 4.0, 3.0, 3.0]])
    assert box_iou(first[:1], torch.tensor([[8.0, 8.0, 9.0, 9.0]])).item() == 0
    assert generalised_iou(first[:1], torch.tensor([[8.0, 8.0, 9.0, 9.0]])).item() == pytest.approx(5 / 81 - 1)
    assert box_areas(first).tolist() == [4, 0, 0]
    assert box_iou(first[1:], first[1:]).tolist() == [[0, 0], [0, 0]]
    assert generalised_iou(first[1:2], first[1:2]).item() == 0


@given(seed=st.integers(0, 10_000), n=st.integers(0, 25), threshold=st.sampled_from([0.0, 0.3, 0.5, 0.9]))
@examples(30, 500)
def test_what_is_kept_is_what_torchvision_keeps(seed: int, n: int, threshold: float) -> None:
    boxes = random_boxes(n, seed, side=6.0)
    generator = torch.Generator().manual_seed(seed)
    scores, classes = torch.rand(n, generator=generator), torch.randint(3, (n,), generator=generator)
    kept = non_maximum_suppression(boxes, scores, threshold=threshold)
    assert kept.tolist() == ops.nms(boxes, scores, threshold).tolist()
    by_class = non_maximum_suppression(boxes, scores, classes, threshold)
    assert by_class.tolist() == ops.batched_nms(boxes, scores, classes, threshold).tolist()


def test_a_box_that_was_dropped_drops_no_other() -> None:
    boxes = torch.tensor([[0.0, 0, 10, 10], [4.0, 0, 14, 10], [8.0, 0, 18, 10]])  # 1 agrees with both by 0.43
    assert non_maximum_suppression(boxes, torch.tensor([0.9, 0.8, 0.7]), threshold=0.4).tolist() == [0, 2]


def test_what_are_no_boxes() -> None:
    for wrong in (torch.zeros(4), torch.zeros(2, 5), [[0, 0, 1, 1]]):
        with pytest.raises(CourseError, match=r"Boxes come as a tensor \(N, 4\)"):
            box_areas(wrong)  # type: ignore[arg-type]
    with pytest.raises(CourseError, match="convention of boxes"):
        converted(torch.zeros(1, 4), "xxyy")
    with pytest.raises(CourseError, match="Give one score"):
        non_maximum_suppression(torch.zeros(2, 4), torch.zeros(3))
    with pytest.raises(CourseError, match="Give one score"):
        non_maximum_suppression(torch.zeros(2, 4), torch.zeros(2), torch.zeros(1))
