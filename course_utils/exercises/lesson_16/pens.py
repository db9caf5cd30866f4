"""Lesson 16: what a pen does from one point to the next."""

from __future__ import annotations

import torch
from torch import Tensor

from course_utils.exercises.engine.exercise import FunctionExercise, Mistake


def points_of_pens(generator: torch.Generator) -> list[tuple[Tensor]]:
    """Strokes of several lengths, one of a single point, at places that differ."""
    two = torch.tensor([[0, 0, 0], [0, 2, 0], [1, 2, 1], [3, 0, 0], [3, 1, 1.0]])
    dot = torch.tensor([[5, 5, 1], [6, 7, 0], [6, 9, 0], [2, 2, 1.0]])
    drawn = torch.cat([torch.randn(9, 2, generator=generator) * 4, (torch.arange(9) % 4 == 2).float()[:, None]], dim=1)
    return [(two,), (dot,), (drawn,), (two[:2],)]


def pen_moves(points: Tensor) -> Tensor:
    """From points to moves: how far to the right and down, and is something drawn on the way?

    Args:
        points: (T, 3): x, y, and 1 where the pen is lifted after this point, else 0.

    Returns:
        (T − 1, 3): of each move the differences of x and y, and 1 where it is drawn, 0 where the pen is in the air.
    """
    moves = points[1:, :2] - points[:-1, :2]
    drawn = 1 - points[:-1, 2:]
    return torch.cat([moves, drawn], dim=1)


moves_of = FunctionExercise(
    lesson="16",
    name="moves_of",
    reference=pen_moves,
    cases=points_of_pens,
    result="the moves, shape (T − 1, 3)",
    variants=(lambda points: torch.cat([points[:, :2].diff(dim=0), (points[:-1, 2] == 0)[:, None].to(points)], dim=1),),
    mistakes=(
        Mistake(
            lambda points: torch.cat([points[:, :2].diff(dim=0), 1 - points[1:, 2:]], dim=1),
            "You asked the point where a move *ends*. The pen is lifted after a point: the point where the move begins "
            "says whether it is drawn.",
        ),
        Mistake(
            lambda points: torch.cat([points[:, :2].diff(dim=0), points[:-1, 2:]], dim=1),
            "The third column is the wrong way round: 1 means that the pen was lifted, so nothing is drawn.",
        ),
        Mistake(
            lambda points: torch.cat([points[:-1, :2] - points[1:, :2], 1 - points[:-1, 2:]], dim=1),
            "Your moves go backwards: a move is the later point minus the earlier one.",
        ),
        Mistake(
            lambda points: points.diff(dim=0),
            "You took the difference of the pen column too. It says what the pen did: take it as it is.",
        ),
        Mistake(
            lambda points: torch.cat([points[1:, :2] - points[:1, :2], 1 - points[:-1, 2:]], dim=1),
            "You measured from the first point. A move begins at the point before it.",
        ),
        Mistake(
            lambda points: torch.cat(
                [torch.cat([points[:1, :2] * 0, points[:, :2].diff(dim=0)]), 1 - points[:, 2:]], dim=1
            ),
            "Between T points there are T − 1 moves. Nothing leads to the first point.",
        ),
    ),
    hints=(
        "How many moves are there between T points?",
        "The move from point t to point t + 1 is drawn where the pen was not lifted after point t.",
        "`points[1:, :2] - points[:-1, :2]` beside `1 - points[:-1, 2:]`, joined along dim 1.",
    ),
)
