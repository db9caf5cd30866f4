"""All states of a linear recurrence in few rounds, where each round works on all steps at once.

A step h → a · h + b is a pair (a, b), and two steps in a row are again such a step. So the steps can be combined two by
two, then four by four, in any grouping: a prefix sum with another way to add (Hillis & Steele 1986,
doi:10.1145/7902.7903; for recurrences Blelloch 1990, CMU-CS-90-190). A squashing function round the step, as in an RNN
or LSTM, forbids it: two such steps in a row are no step of the same kind.
"""

from __future__ import annotations

from typing import TypeAlias

import torch
from torch import Tensor

from course_utils.errors import CourseError

Pair: TypeAlias = tuple[Tensor, Tensor]


def combine(first: Pair, then: Pair) -> Pair:
    """Two steps h → a · h + b in a row, as one step.

    Args:
        first: a and b of the step that is done first, each (…).
        then: a and b of the step that is done with its result.

    Returns:
        a and b of the one step that does both, each (…).
    """
    a, b = first
    a_then, b_then = then
    return a * a_then, a_then * b + b_then


def scan(a: Tensor, b: Tensor) -> Tensor:
    """All states of h_t = a_t · h_{t−1} + b_t from h_0 = 0, in ⌈log₂ T⌉ rounds (Hillis & Steele 1986).

    After a round with a reach of r, the pair at a step stands for the last 2r steps in one. Each round works on all T
    steps: T log T multiplications in all, more than the T of a loop, but in few rounds.

    Args:
        a: (B, T, N) what each step keeps; real or complex.
        b: (B, T, N) what each step adds; real or complex.

    Returns:
        (B, T, N) the states after every step.

    Raises:
        CourseError: the shapes differ, or are not of three sizes.
    """
    if a.shape != b.shape or a.dim() != 3:
        raise CourseError(
            f"a has shape {tuple(a.shape)} and b {tuple(b.shape)}. Give both as (B, T, N); expand what is the same at "
            "every step: a.expand(B, T, N)."
        )
    reach = 1
    while reach < a.shape[1]:
        a_both, b_both = combine((a[:, :-reach], b[:, :-reach]), (a[:, reach:], b[:, reach:]))
        a = torch.cat([a[:, :reach], a_both], dim=1)
        b = torch.cat([b[:, :reach], b_both], dim=1)
        reach *= 2
    return b
