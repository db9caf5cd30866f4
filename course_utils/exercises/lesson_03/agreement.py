"""Lesson 03: boxes in another convention, how far two agree, and which of many to keep."""

from __future__ import annotations

import torch
from torch import Tensor

from course_utils.exercises.engine.exercise import FunctionExercise, Mistake
from course_utils.exercises.engine.questions import NumberQuestion
from course_utils.metrics import boxes as package


def some_boxes(count: int, generator: torch.Generator, side: float = 12.0) -> Tensor:
    """(count, 4) xyxy boxes that often overlap."""
    corner = side * torch.rand(count, 2, generator=generator)
    return torch.cat([corner, corner + 2 + side * torch.rand(count, 2, generator=generator)], dim=1)


def boxes_as_sizes(generator: torch.Generator) -> list[tuple[Tensor]]:
    """boxes: (N, 4): left, top, width, height."""
    found = [some_boxes(count, generator) for count in (1, 3, 5)]
    return [(torch.cat([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], dim=1),) for boxes in found]


def from_centres(boxes: Tensor) -> Tensor:
    """As if the first two numbers were the centre."""
    centre, size = boxes[:, :2], boxes[:, 2:]
    return torch.cat([centre - size / 2, centre + size / 2], dim=1)


def filled(boxes: Tensor) -> Tensor:
    """A right answer that changes a copy."""
    answer = boxes.clone()
    answer[:, 2] += boxes[:, 0]
    answer[:, 3] += boxes[:, 1]
    return answer


def sides_of_one_axis_together(boxes: Tensor) -> Tensor:
    """Left, right, top, bottom."""
    return package.corners_of(boxes)[:, [0, 2, 1, 3]]


def sides_exchanged(boxes: Tensor) -> Tensor:
    """The width added to the top, the height to the left."""
    corner, size = boxes[:, :2], boxes[:, 2:]
    return torch.cat([corner, corner + size.flip(1)], dim=1)


corners_of = FunctionExercise(
    lesson="03",
    reference=package.corners_of,
    cases=boxes_as_sizes,
    result="the same boxes as left, top, right, bottom, shape (N, 4)",
    variants=(
        filled,
        lambda boxes: torch.stack(
            [boxes[:, 0], boxes[:, 1], boxes[:, 0] + boxes[:, 2], boxes[:, 1] + boxes[:, 3]], dim=1
        ),
    ),
    mistakes=(
        Mistake(
            lambda boxes: boxes,
            "Nothing has changed: the last two numbers are still width and height. Right is left plus width.",
        ),
        Mistake(from_centres, "You took the first two numbers for the centre. They are the left top corner."),
        Mistake(
            lambda boxes: torch.cat([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], dim=1),
            "That is the way back: from corners to width and height. Here right is left *plus* width.",
        ),
        Mistake(sides_exchanged, "Width belongs to left, height to top: right is left + width."),
        Mistake(
            sides_of_one_axis_together,
            "The numbers are right, and stand in another order: left, right, top, bottom. Left and top come first.",
        ),
        Mistake(
            lambda boxes: torch.cat([boxes[:, :2], boxes[:, :2] + boxes[:, 2:] - 1], dim=1),
            "One pixel is missing. The course counts right and bottom behind the box: right is left + width.",
        ),
    ),
    hints=(
        "`boxes[:, :2]` are left and top of all boxes, `boxes[:, 2:]` their widths and heights.",
        "Right and bottom are `boxes[:, :2] + boxes[:, 2:]`.",
        "`torch.cat([…, …], dim=1)` puts two (N, 2) beside each other.",
    ),
)


# ---------------------------------------------------------------------------------------------------------------------


def pairs_of_boxes(generator: torch.Generator) -> list[tuple[Tensor, Tensor]]:
    """first: (N, 4), second: (M, 4); some apart, some inside another."""
    apart = torch.tensor([[0.0, 0, 2, 3], [10.0, 10, 14, 12], [1.0, 20, 3, 30]])
    inside = torch.tensor([[0.0, 0, 12, 12], [3.0, 3, 6, 9]])
    several = some_boxes(3, generator)
    return [(apart, apart.flip(0)), (inside, apart), (several, some_boxes(4, generator)), (inside / 20, several / 20)]


def _sides(first: Tensor, second: Tensor) -> Tensor:
    """(N, M, 2) width and height of what is shared, below 0 where nothing is."""
    a, b = first[:, None], second[None]
    return torch.minimum(a[..., 2:], b[..., 2:]) - torch.maximum(a[..., :2], b[..., :2])


def _areas(boxes: Tensor) -> Tensor:
    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])


def not_clamped(first: Tensor, second: Tensor) -> Tensor:
    """Two negative sides multiplied make an area."""
    shared = _sides(first, second).prod(-1)
    return shared / (_areas(first)[:, None] + _areas(second)[None] - shared)


def area_clamped(first: Tensor, second: Tensor) -> Tensor:
    """The product is clamped, not its sides."""
    shared = _sides(first, second).prod(-1).clamp_min(0)
    return shared / (_areas(first)[:, None] + _areas(second)[None] - shared)


def counted_twice(first: Tensor, second: Tensor) -> Tensor:
    """What both cover is counted twice below the line."""
    shared = _sides(first, second).clamp_min(0).prod(-1)
    return shared / (_areas(first)[:, None] + _areas(second)[None])


def of_the_smaller(first: Tensor, second: Tensor) -> Tensor:
    """The share of the smaller box."""
    shared = _sides(first, second).clamp_min(0).prod(-1)
    return shared / torch.minimum(_areas(first)[:, None], _areas(second)[None])


def of_the_first(first: Tensor, second: Tensor) -> Tensor:
    """The share of the first box."""
    return _sides(first, second).clamp_min(0).prod(-1) / _areas(first)[:, None]


def shared_alone(first: Tensor, second: Tensor) -> Tensor:
    """The area that is shared, divided by nothing."""
    return _sides(first, second).clamp_min(0).prod(-1)


def of_the_mean(first: Tensor, second: Tensor) -> Tensor:
    """Dice's coefficient: divided by the mean of both areas."""
    return 2 * counted_twice(first, second)


def of_the_larger(first: Tensor, second: Tensor) -> Tensor:
    """The share of the larger box."""
    return shared_alone(first, second) / torch.maximum(_areas(first)[:, None], _areas(second)[None])


def of_the_box_around(first: Tensor, second: Tensor) -> Tensor:
    """Divided by the smallest box around both."""
    a, b = first[:, None], second[None]
    around = torch.maximum(a[..., 2:], b[..., 2:]) - torch.minimum(a[..., :2], b[..., :2])
    return _sides(first, second).clamp_min(0).prod(-1) / around.prod(-1)


def sizes_taken_for_corners(first: Tensor, second: Tensor) -> Tensor:
    """As if they were left, top, width, height."""
    return package.box_iou(package.corners_of(first), package.corners_of(second))


def a_pixel_more(first: Tensor, second: Tensor) -> Tensor:
    """Right and bottom counted as belonging to the box."""
    more = torch.tensor([0, 0, 1, 1], dtype=first.dtype)
    return package.box_iou(first + more, second + more)


def by_loops(first: Tensor, second: Tensor) -> Tensor:
    """A right answer with two loops."""
    rows = []
    for a in first:
        row = []
        for b in second:
            width = (torch.minimum(a[2], b[2]) - torch.maximum(a[0], b[0])).clamp_min(0)
            height = (torch.minimum(a[3], b[3]) - torch.maximum(a[1], b[1])).clamp_min(0)
            union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - width * height
            row.append(width * height / union)
        rows.append(torch.stack(row))
    return torch.stack(rows)


box_iou = FunctionExercise(
    lesson="03",
    reference=package.box_iou,
    helpers=(package._shared_and_union, package.box_areas),
    cases=pairs_of_boxes,
    result="a number for each pair, shape (N, M)",
    shape_tip="`first[:, None]` is (N, 1, 4) and `second[None]` is (1, M, 4); together they make (N, M, 4).",
    variants=(by_loops,),
    mistakes=(
        Mistake(
            not_clamped,
            "Where two boxes lie apart, both sides of what they share are negative, and their product is positive. "
            "Clamp each side at 0 before you multiply.",
        ),
        Mistake(
            area_clamped,
            "Clamping the area is too late: two negative sides make a positive one. Clamp width and height.",
        ),
        Mistake(
            counted_twice, "What both boxes cover is in both areas. Subtract it once: the union is a + b − shared."
        ),
        Mistake(of_the_smaller, "You divided by the smaller box: a small box inside a large one would be perfect."),
        Mistake(of_the_larger, "You divided by the larger box. Divide by what both cover together."),
        Mistake(
            shared_alone, "That is the shared area, in square pixels. Divide it by the area that both cover together."
        ),
        Mistake(
            of_the_mean,
            "That is Dice's coefficient, which divides by the mean of both areas. Divide by the area of their union.",
        ),
        Mistake(
            package.generalised_iou,
            "That is the generalised IoU, which falls below 0 for boxes that lie apart. The plain IoU is 0 there.",
        ),
        Mistake(of_the_first, "You divided by the area of the first box. Divide by what both cover together."),
        Mistake(of_the_box_around, "You divided by the smallest box around both. Divide by the area of their union."),
        Mistake(
            sizes_taken_for_corners,
            "You read the boxes as left, top, width, height. These are left, top, right, bottom.",
        ),
        Mistake(
            a_pixel_more,
            "You added 1 to each side, as PASCAL VOC does with boxes of whole pixels. Here right and bottom are where "
            "the box ends: the width is right − left.",
        ),
    ),
    hints=(
        "What two boxes share begins at the larger of both lefts, and ends at the smaller of both rights.",
        "Its width is min(rights) − max(lefts), clamped at 0; the height likewise. Union: both areas minus the shared.",
        "With a = first[:, None] and b = second[None]: `sides = torch.minimum(a[..., 2:], b[..., 2:]) − "
        "torch.maximum(a[..., :2], b[..., :2])`, then `.clamp_min(0).prod(-1)`.",
    ),
)


# ---------------------------------------------------------------------------------------------------------------------


def answers_to_thin_out(generator: torch.Generator) -> list[tuple[Tensor, Tensor, Tensor, float]]:
    """boxes (N, 4), scores (N,), classes (N,), threshold; in the first, a dropped box overlaps one that is kept."""
    chain = torch.tensor([[4.0, 0, 14, 10], [0.0, 0, 10, 10], [8.0, 0, 18, 10], [0.0, 1, 10, 10]])
    same = torch.tensor([0, 0, 0, 1])
    half = torch.tensor([[0.0, 0, 10, 10], [0.0, 0, 10, 5]])  # an IoU of exactly 0.5
    cases = [
        (chain, torch.tensor([0.8, 0.9, 0.7, 0.6]), same, 0.4),
        (half, torch.tensor([0.9, 0.6]), torch.tensor([2, 2]), 0.5),
    ]
    for count, threshold in ((6, 0.3), (9, 0.5)):
        scores = torch.rand(count, generator=generator)
        classes = torch.randint(2, (count,), generator=generator)
        cases.append((some_boxes(count, generator, 5.0), scores, classes, threshold))
    return cases


def across_classes(boxes: Tensor, scores: Tensor, classes: Tensor, threshold: float) -> Tensor:
    """The classes ignored."""
    return package.non_maximum_suppression(boxes, scores, None, threshold)


def dropped_ones_drop_too(boxes: Tensor, scores: Tensor, classes: Tensor, threshold: float) -> Tensor:
    """Each box that a better one overlaps is dropped, also where that one was dropped itself."""
    order = scores.argsort(descending=True)
    rivals = (package.box_iou(boxes, boxes) > threshold) & (classes[:, None] == classes[None])
    kept = [i for rank, i in enumerate(order.tolist()) if not rivals[i, order[:rank]].any()]
    return torch.tensor(kept, dtype=torch.long)


def worst_first(boxes: Tensor, scores: Tensor, classes: Tensor, threshold: float) -> Tensor:
    """Ordered the wrong way."""
    return package.non_maximum_suppression(boxes, -scores, classes, threshold)


def as_they_come(boxes: Tensor, scores: Tensor, classes: Tensor, threshold: float) -> Tensor:
    """The scores ignored."""
    return package.non_maximum_suppression(boxes, torch.zeros_like(scores), classes, threshold)


def at_the_threshold_too(boxes: Tensor, scores: Tensor, classes: Tensor, threshold: float) -> Tensor:
    """A box is dropped from the threshold on, not above it."""
    return package.non_maximum_suppression(boxes, scores, classes, threshold - 1e-6)


def half_whatever_was_given(boxes: Tensor, scores: Tensor, classes: Tensor, threshold: float) -> Tensor:
    """A threshold of 0.5 written into the function."""
    return package.non_maximum_suppression(boxes, scores, classes, 0.5)


def places_among_the_sorted(boxes: Tensor, scores: Tensor, classes: Tensor, threshold: float) -> Tensor:
    """The boxes sorted first, and the indices those of the sorted boxes."""
    order = scores.argsort(descending=True)
    return package.non_maximum_suppression(boxes[order], scores[order], classes[order], threshold)


def nothing_dropped(boxes: Tensor, scores: Tensor, classes: Tensor, threshold: float) -> Tensor:
    """All of them, sorted."""
    return scores.argsort(descending=True)


def class_after_class(boxes: Tensor, scores: Tensor, classes: Tensor, threshold: float) -> Tensor:
    """Sorted within a class, and the classes one after another."""
    kept = package.non_maximum_suppression(boxes, scores, classes, threshold)
    return kept[classes[kept].argsort(stable=True)]


def truth_values(boxes: Tensor, scores: Tensor, classes: Tensor, threshold: float) -> Tensor:
    """A mask in place of indices."""
    kept = torch.zeros(len(boxes), dtype=torch.bool)
    kept[package.non_maximum_suppression(boxes, scores, classes, threshold)] = True
    return kept


def sorted_by_place(boxes: Tensor, scores: Tensor, classes: Tensor, threshold: float) -> Tensor:
    """The right ones in the order of their index."""
    return package.non_maximum_suppression(boxes, scores, classes, threshold).sort().values


def by_torchvision(boxes: Tensor, scores: Tensor, classes: Tensor, threshold: float) -> Tensor:
    """A right answer: the library's."""
    from torchvision.ops import batched_nms  # type: ignore[import-untyped]

    kept: Tensor = batched_nms(boxes, scores.to(boxes.dtype), classes, threshold)
    return kept


def one_after_another(boxes: Tensor, scores: Tensor, classes: Tensor, threshold: float) -> Tensor:
    """A right answer that compares with all that are kept so far."""
    kept: list[int] = []
    for index in scores.argsort(descending=True).tolist():
        rivals = [other for other in kept if classes[other] == classes[index]]
        if not rivals or package.box_iou(boxes[[index]], boxes[rivals]).max() <= threshold:
            kept.append(index)
    return torch.tensor(kept)


non_maximum_suppression = FunctionExercise(
    lesson="03",
    reference=package.non_maximum_suppression,
    cases=answers_to_thin_out,
    result="the indices of the boxes that are kept, the best first",
    variants=(by_torchvision, one_after_another),
    mistakes=(
        Mistake(
            across_classes,
            "Boxes of different classes drop each other. A 3 in front of an 8 may be both there: compare only boxes of "
            "one class.",
        ),
        Mistake(
            dropped_ones_drop_too,
            "A box that has been dropped still drops others. Only boxes that are kept do.",
        ),
        Mistake(worst_first, "You begin with the least sure box. Begin with the surest."),
        Mistake(as_they_come, "You take the boxes as they come. Begin with the surest one."),
        Mistake(
            at_the_threshold_too,
            "You drop a box whose IoU equals the threshold. Only a box *above* it is dropped.",
        ),
        Mistake(half_whatever_was_given, "A threshold of 0.5 stands in your function. It is given: `threshold`."),
        Mistake(
            places_among_the_sorted,
            "Your indices count the boxes after you sorted them. They must count the boxes as they were given: "
            "`order[kept]`.",
        ),
        Mistake(nothing_dropped, "No box is dropped. Drop those of its class that agree too well with one you keep."),
        Mistake(
            class_after_class,
            "These are the right boxes, one class after another. Sort all that are kept by their scores at the end.",
        ),
        Mistake(truth_values, "You say of each box whether it is kept. The indices of those that are kept are wanted."),
        Mistake(sorted_by_place, "These are the right boxes in another order. The surest comes first."),
    ),
    hints=(
        "Go through the boxes from the surest on. Keep a box if no kept box of its class overlaps it too well.",
        "`box_iou(boxes, boxes)` gives all pairs at once; a box is a rival where the IoU is above the threshold and "
        "the classes are equal.",
        "for index in scores.argsort(descending=True).tolist(): append it to kept unless any of `rivals[index, kept]`.",
    ),
)

shifted_box = NumberQuestion(lesson="03", name="shifted_box", within=0.05, prediction=True)
