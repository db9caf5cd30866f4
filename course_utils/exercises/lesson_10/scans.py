"""Lesson 10: steps in any grouping."""

from __future__ import annotations

import torch

from course_utils.exercises.engine.exercise import Arguments, FunctionExercise, Mistake
from course_utils.nn import scan
from course_utils.nn.scan import Pair


def pairs_of_steps(generator: torch.Generator) -> list[Arguments]:
    """Two steps h → a · h + b, of several shapes."""
    return [
        tuple((drawn[0], drawn[1]) for drawn in torch.randn(2, 2, *shape, generator=generator))
        for shape in ((1,), (3,), (2, 4), (2, 5, 3))
    ]


def same_order_of_steps(first: Pair, then: Pair) -> Pair:
    """A right answer: where 0 goes, and from there how steep it is."""

    def both(h: torch.Tensor) -> torch.Tensor:
        return then[0] * (first[0] * h + first[1]) + then[1]

    b = both(torch.zeros_like(first[0]))
    return both(torch.ones_like(first[0])) - b, b


combine = FunctionExercise(
    lesson="10",
    reference=scan.combine,
    cases=pairs_of_steps,
    result="a pair (a, b), each of the shape of the a and b given",
    variants=(same_order_of_steps,),
    shape_tip="All four are of the same shape. Multiply them entry by entry, with *.",
    mistakes=(
        Mistake(
            lambda first, then: (first[0] * then[0], first[0] * then[1] + first[1]),
            "The order is exchanged: `first` is done first, and `then` is done with its result.",
        ),
        Mistake(
            lambda first, then: (first[0] * then[0], first[1] + then[1]),
            "What the first step added goes through the second one too: it is multiplied by the second a.",
        ),
        Mistake(
            lambda first, then: (first[0] + then[0], then[0] * first[1] + then[1]),
            "h is multiplied by one a and then by the other. Together they multiply it by the *product*.",
        ),
        Mistake(
            lambda first, then: (first[0] * then[0], first[0] * first[1] + then[1]),
            "The first b is multiplied by the wrong a. It comes *after* the first a had its turn; the second follows.",
        ),
        Mistake(
            lambda first, then: (first[0] * then[0], then[0] * (first[1] + then[1])),
            "The second b is added at the very end. Nothing multiplies it any more.",
        ),
        Mistake(
            lambda first, then: (then[0] * first[1] + then[1], first[0] * then[0]),
            "The two are right, in the wrong order: (a, b), first what multiplies h.",
        ),
        Mistake(
            lambda first, then: (first[0] * then[0], then[0] * first[1]),
            "The second b is missing: it is added at the very end.",
        ),
        Mistake(
            lambda first, then: (first[0], then[0] * first[1] + then[1]),
            "The b is right. The h of the beginning is multiplied by both a, not by the first alone.",
        ),
        Mistake(
            lambda first, then: (then[0], then[0] * first[1] + then[1]),
            "The b is right. The h of the beginning is multiplied by both a.",
        ),
        Mistake(
            lambda first, then: (first[0] * then[0], first[1] * then[1]),
            "The b are added, not multiplied; the first one was multiplied by the second a before.",
        ),
    ),
    hints=(
        "Put the first step into the second: what becomes of h in the end?",
        "a₂ · (a₁ · h + b₁) + b₂. Multiply out: what stands before h, and what stands alone?",
        "`return first[0] * then[0], then[0] * first[1] + then[1]`",
    ),
)
