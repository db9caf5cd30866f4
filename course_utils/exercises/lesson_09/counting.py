"""Lesson 09: the popular test, solved by counting."""

from __future__ import annotations

import torch
from torch import Tensor

from course_utils.exercises.engine.exercise import Arguments, FunctionExercise, Mistake
from course_utils.experiments.tasks import separate_latch


def latches(generator: torch.Generator) -> list[Arguments]:
    """Batches (B, T, 2·S) of several sizes, with S = 4 as the lesson has it; the cue stands first in some."""
    sizes = ((5, 1, 3, 4), (8, 2, 7, 4), (12, 1, 11, 4), (4, 3, 3, 4))
    return [
        (separate_latch.SeparateLatch(shortest, longest, S).sample(B, generator).x,)
        for B, shortest, longest, S in sizes
    ]


def cues(x: Tensor) -> Tensor:
    """(B, T, 2·S) → (B, T, S): the places of the cues alone."""
    return x[..., : x.shape[-1] // 2]


counted = FunctionExercise(
    lesson="09",
    name="counted",
    reference=separate_latch.counting_answer,
    cases=latches,
    result="the cue of each sequence, whole numbers of shape (B,)",
    shape_tip="x is (B, T, 2·S). `x[..., :S]` cuts the last axis; `.sum(dim=1)` adds over the time axis.",
    variants=(
        lambda x: cues(x).amax(dim=1).argmax(dim=-1),
        lambda x: cues(x).mean(dim=1).argmax(dim=-1),
        lambda x: x[..., :4].sum(dim=1).argmax(dim=-1),
        lambda x: cues(x).flatten(1).argmax(dim=1) % cues(x).shape[-1],
    ),
    mistakes=(
        Mistake(
            lambda x: cues(x)[:, -1].argmax(dim=-1),
            "You look at the last step alone. The cue was shown long before: add up over all steps.",
        ),
        Mistake(
            lambda x: cues(x)[:, 0].argmax(dim=-1),
            "You look at the first step alone, and the cue may come later. A sum over all steps finds it anywhere.",
        ),
        Mistake(
            lambda x: cues(x).sum(dim=-1).argmax(dim=1),
            "That says *when* the cue was shown. The question is *which* it was: sum over time (dim=1), argmax over "
            "symbols (dim=-1).",
        ),
        Mistake(
            lambda x: x.sum(dim=1).argmax(dim=-1),
            "You count the distractors as well, and they are more. The cues are the first S places: x[..., :S].",
        ),
        Mistake(
            lambda x: x[..., x.shape[-1] // 2 :].sum(dim=1).argmax(dim=-1),
            "Those are the distractors, the last S places. The cues are the first S: x[..., :S].",
        ),
        Mistake(lambda x: cues(x).sum(dim=1), "These are the counts, (B, S). Which symbol has the largest? `.argmax`"),
        Mistake(
            lambda x: cues(x).sum(dim=1).amax(dim=-1),
            "That is the largest *count*, 1 in every sequence. The question is which symbol has it: `.argmax(dim=-1)`.",
        ),
        Mistake(
            lambda x: cues(x).sum(dim=1).argmax(dim=0),
            "argmax went along the batch. For each sequence ask for the symbol: `dim=-1`.",
        ),
    ),
    hints=(
        "The cue comes once, and its alphabet is its own. Do you need to know when it came?",
        "S is half of `x.shape[-1]`. Add up the first S places over time: a count for each symbol.",
        "`x[..., :S].sum(dim=1).argmax(dim=-1)`",
    ),
)
