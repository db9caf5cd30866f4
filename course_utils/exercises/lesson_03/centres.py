"""Lesson 03: the cell of a centre and the place in it, and the peaks of a heat map."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from course_utils.exercises.engine.exercise import FunctionExercise, Mistake
from course_utils.exercises.lesson_03.agreement import some_boxes
from course_utils.nn import detection

STRIDE = detection.STRIDE


def boxes_in_pixels(generator: torch.Generator) -> list[tuple[Tensor]]:
    """boxes: (M, 4), xyxy in pixels."""
    known = torch.tensor([[3.0, 5, 15, 25], [0.0, 0, 7, 8]])
    return [(known,), (some_boxes(4, generator, 30.0),), (some_boxes(1, generator, 30.0),)]


def centres_of(boxes: Tensor) -> Tensor:
    """(M, 2) centres in pixels."""
    return (boxes[:, :2] + boxes[:, 2:]) / 2


def rounded_first(boxes: Tensor) -> tuple[Tensor, Tensor]:
    """The centre rounded to whole cells before the offset is taken."""
    cells = (centres_of(boxes) / STRIDE).round()
    return cells.long(), centres_of(boxes) / STRIDE - cells


def no_offset_left(boxes: Tensor) -> tuple[Tensor, Tensor]:
    """The offset taken of the cell itself."""
    cells = (centres_of(boxes) / STRIDE).floor()
    return cells.long(), cells - cells


def offset_in_pixels(boxes: Tensor) -> tuple[Tensor, Tensor]:
    """The rest in pixels."""
    cells = (centres_of(boxes) / STRIDE).floor()
    return cells.long(), centres_of(boxes) - STRIDE * cells


def rows_first(boxes: Tensor) -> tuple[Tensor, Tensor]:
    """Row and column exchanged."""
    cells, within = detection.centre_cells(boxes)
    return cells.flip(1), within.flip(1)


def corner_in_place_of_centre(boxes: Tensor) -> tuple[Tensor, Tensor]:
    """The left top corner."""
    cells = (boxes[:, :2] / STRIDE).floor()
    return cells.long(), boxes[:, :2] / STRIDE - cells


def cells_of_pixels(boxes: Tensor) -> tuple[Tensor, Tensor]:
    """Not divided by the stride."""
    cells = centres_of(boxes).floor()
    return cells.long(), centres_of(boxes) - cells


def offset_not_taken(boxes: Tensor) -> tuple[Tensor, Tensor]:
    """The whole centre in cells, in place of what rounding took away."""
    centres = centres_of(boxes) / STRIDE
    return centres.long(), centres


def from_the_middle(boxes: Tensor) -> tuple[Tensor, Tensor]:
    """The offset from the middle of the cell."""
    cells, within = detection.centre_cells(boxes)
    return cells, within - 0.5


def half_the_size(boxes: Tensor) -> tuple[Tensor, Tensor]:
    """Half of width and height taken for the centre."""
    size = boxes[:, 2:] - boxes[:, :2]
    return detection.centre_cells(torch.cat([torch.zeros_like(size), size], dim=1))


def size_taken_for_corner(boxes: Tensor) -> tuple[Tensor, Tensor]:
    """As if the last two numbers were width and height."""
    return detection.centre_cells(torch.cat([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], dim=1))


def with_remainder(boxes: Tensor) -> tuple[Tensor, Tensor]:
    """A right answer with whole division and remainder."""
    centres = centres_of(boxes)
    return (centres // STRIDE).long(), centres % STRIDE / STRIDE


centre_cells = FunctionExercise(
    lesson="03",
    reference=detection.centre_cells,
    cases=boxes_in_pixels,
    result="two tensors (M, 2): column and row of the cell, whole numbers; and how far in it the centre lies, 0 … 1",
    variants=(with_remainder,),
    mistakes=(
        Mistake(
            rounded_first,
            "You rounded. The cell in which a point lies is found by rounding *down*; else the offset is negative for "
            "every second centre, and the heat map points at the neighbour.",
        ),
        Mistake(no_offset_left, "The offset is 0 everywhere: it is what rounding has taken away from the centre."),
        Mistake(offset_in_pixels, "The offset is in pixels. In cells it lies from 0 to below 1: divide by the stride."),
        Mistake(
            offset_not_taken,
            "The second result is the whole centre in cells. Subtract the cell: what is left lies from 0 to below 1.",
        ),
        Mistake(from_the_middle, "You measure from the middle of the cell. Measure from its left top corner."),
        Mistake(
            half_the_size,
            "That is half of width and height. The centre is halfway between both corners: (left + right) / 2.",
        ),
        Mistake(
            size_taken_for_corner,
            "You read the boxes as left, top, width, height. These are left, top, right, bottom.",
        ),
        Mistake(rows_first, "Column (x) comes first, then row (y), as in the boxes."),
        Mistake(corner_in_place_of_centre, "That is the cell of the left top corner. Take the centre of the box."),
        Mistake(cells_of_pixels, "These are pixels. A cell has four of them in each direction."),
    ),
    hints=(
        "The centre is the mean of both corners, in pixels; in cells it is a fourth of that.",
        "`.floor()` gives the cell; what is left of the centre is the offset.",
        "centres = (boxes[:, :2] + boxes[:, 2:]) / 8; cells = centres.floor(); return cells.long(), centres − cells",
    ),
)


# ---------------------------------------------------------------------------------------------------------------------


def heat_maps(generator: torch.Generator) -> list[tuple[Tensor]]:
    """heat: (B, K, h, w) logits, positive and negative."""
    ridge = torch.full((1, 1, 4, 5), -4.0)
    ridge[0, 0, 1] = torch.tensor([-3.0, -1.0, -2.0, -1.5, -3.5])
    shapes = ((2, 3, 5, 4), (1, 2, 6, 6))
    return [(ridge,), *((torch.randn(*shape, generator=generator) - 1.5,) for shape in shapes)]


def four_neighbours(heat: Tensor) -> Tensor:
    """Diagonal neighbours forgotten."""
    rows = nn.functional.max_pool2d(heat, (3, 1), 1, (1, 0))
    columns = nn.functional.max_pool2d(heat, (1, 3), 1, (0, 1))
    return (heat == rows) & (heat == columns)


def best_of_all(heat: Tensor) -> Tensor:
    """One peak for each map."""
    return heat == heat.amax(dim=(2, 3), keepdim=True)


def blocks(heat: Tensor) -> Tensor:
    """The largest of each 2 × 2 block."""
    pooled = nn.functional.max_pool2d(heat, 2, ceil_mode=True)
    return heat == nn.functional.interpolate(pooled, scale_factor=2.0)[..., : heat.shape[2], : heat.shape[3]]


def zeros_around(heat: Tensor) -> Tensor:
    """Zeros outside the map, so that nothing below 0 is a peak at its edge."""
    return heat == nn.functional.max_pool2d(nn.functional.pad(heat, (1, 1, 1, 1)), 3, 1)


def alone_at_the_top(heat: Tensor) -> Tensor:
    """Larger than each neighbour, where one that is as large must not matter."""
    around = nn.functional.pad(heat, (1, 1, 1, 1), value=-torch.inf)
    windows = nn.functional.unfold(around.flatten(0, 1)[:, None], 3).reshape(*heat.shape[:2], 9, *heat.shape[2:])
    return heat > windows[:, :, [0, 1, 2, 3, 5, 6, 7, 8]].amax(2)


def wider_window(heat: Tensor) -> Tensor:
    """A window of 5 × 5."""
    return heat == nn.functional.max_pool2d(heat, 5, 1, 2)


def sure_ones_only(heat: Tensor) -> Tensor:
    """Peaks above a threshold."""
    return detection.peaks(heat) & (heat > 0)


def over_classes(heat: Tensor) -> Tensor:
    """Classes compete."""
    return heat == nn.functional.max_pool2d(heat, 3, 1, 1).amax(dim=1, keepdim=True)


def the_maxima(heat: Tensor) -> Tensor:
    """What the largest neighbour is, not where."""
    return nn.functional.max_pool2d(heat, 3, 1, 1)


def compared_by_hand(heat: Tensor) -> Tensor:
    """A right answer that compares each cell with eight moved maps."""
    B, K, h, w = heat.shape
    around = torch.full((B, K, h + 2, w + 2), -torch.inf, dtype=heat.dtype)
    around[..., 1:-1, 1:-1] = heat
    moved = [around[..., dy : dy + h, dx : dx + w] for dy in range(3) for dx in range(3)]
    return heat >= torch.stack(moved).amax(0)


peaks = FunctionExercise(
    lesson="03",
    reference=detection.peaks,
    cases=heat_maps,
    result="True where no neighbour is larger, shape (B, K, h, w)",
    variants=(compared_by_hand,),
    mistakes=(
        Mistake(four_neighbours, "A cell has eight neighbours: those at its corners too. The window is 3 × 3."),
        Mistake(best_of_all, "That is the best cell of each map. There may be several digits of one class."),
        Mistake(blocks, "You compare inside blocks. Each cell needs a window of its own: stride 1."),
        Mistake(
            zeros_around,
            "Zeros stand around your map, and logits below 0 are no peaks at its edge then. `max_pool2d(…, padding=1)` "
            "pads with −∞.",
        ),
        Mistake(
            alone_at_the_top,
            "A cell with a neighbour that is as large is no peak in your answer. It is one: no neighbour is *larger*.",
        ),
        Mistake(wider_window, "Your window is 5 × 5. The eight neighbours lie in a window of 3 × 3."),
        Mistake(sure_ones_only, "You leave out peaks of a low value. A threshold comes later: here each peak counts."),
        Mistake(over_classes, "Classes compete in your answer. Each map has its own peaks."),
        Mistake(the_maxima, "That is how large the largest neighbour is. Say where a cell equals it."),
    ),
    hints=(
        "`max_pool2d` with a window of 3 and a stride of 1 gives, for each cell, the largest of the nine around it.",
        "With padding=1 the map keeps its size. A peak is a cell that equals the largest around it.",
        "`heat == torch.nn.functional.max_pool2d(heat, 3, stride=1, padding=1)`",
    ),
)
