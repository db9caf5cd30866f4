"""Lesson 07: cases of cells, gates and steps, which lesson 08 uses too."""

from __future__ import annotations

from collections.abc import Callable

import torch

from course_utils.exercises.engine.exercise import Arguments


def cells_and_gates(generator: torch.Generator) -> list[Arguments]:
    """Cells with gates of several shapes, in double precision."""

    def draw(*shape: int) -> Arguments:
        c, g = torch.randn(2, *shape, generator=generator, dtype=torch.float64)
        f, i = torch.rand(2, *shape, generator=generator, dtype=torch.float64)
        return c, f, i, torch.tanh(g)

    return [draw(1), draw(3), draw(2, 4)]


def steps_of(gate_count: int) -> Callable[[torch.Generator], list[Arguments]]:
    """Steps of several sizes (B, I, H), H = I among them, and one in double precision."""

    def cases(generator: torch.Generator) -> list[Arguments]:
        found = []
        for B, I, H in ((1, 1, 1), (3, 2, 4), (2, 3, 3), (4, 5, 2), (2, 3, 6)):  # noqa: E741
            states = [(B, H)] * (2 if gate_count == 4 else 1)
            shapes: list[tuple[int, ...]] = [(B, I), *states]
            shapes += [(gate_count * H, I), (gate_count * H, H), (gate_count * H,), (gate_count * H,)]
            found.append(tuple(torch.randn(shape, generator=generator) * 0.8 for shape in shapes))
        return [*found, tuple(tensor.double() for tensor in found[1])]

    return cases
