"""Lesson 14: what the decoder reads, and a loss that leaves out the padding."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from course_utils.exercises.engine.exercise import FunctionExercise, Mistake
from course_utils.nn import attention


def targets_and_start(generator: torch.Generator) -> list[tuple[Tensor, int]]:
    """targets: (B, U), start: a token."""
    return [
        (torch.tensor([[5, 6, 7, 2]]), 1),
        (torch.randint(3, 9, (3, 5), generator=generator), 1),
        (torch.randint(3, 9, (2, 4), generator=generator), 2),
        (torch.tensor([[5, 6, 2, 0, 0], [7, 3, 4, 8, 2]]), 1),  # an end, then padding
    ]


teacher_inputs = FunctionExercise(
    lesson="14",
    reference=attention.teacher_inputs,
    cases=targets_and_start,
    result="what the decoder reads at each step, shape (B, U)",
    variants=(lambda targets, start: torch.nn.functional.pad(targets, (1, 0), value=start)[:, :-1],),
    mistakes=(
        Mistake(
            lambda targets, start: targets,
            "Then the decoder reads the very token it is to say, and has only to copy it. It should read the one "
            "*before*.",
        ),
        Mistake(
            lambda targets, start: torch.cat([targets[:, 1:], torch.full_like(targets[:, :1], start)], dim=1),
            "You shifted to the left: the decoder would read the answer of the step *after*. Shift to the right.",
        ),
        Mistake(
            lambda targets, start: torch.cat([torch.full_like(targets[:, :1], start), targets], dim=1),
            "One column too many: the last token is never read, only said. Leave it out.",
        ),
        Mistake(
            lambda targets, start: targets.roll(1, dims=1),
            "roll brings the *last* token to the front: the decoder would know the end. Put `start` there.",
        ),
        Mistake(
            lambda targets, start: torch.cat([torch.full_like(targets[:, :1], start), targets[:, 1:]], dim=1),
            "You replaced the first token by `start`. Move all tokens one step to the right instead, so that only the "
            "*last* one drops out.",
        ),
        Mistake(
            lambda targets, start: torch.cat([torch.ones_like(targets[:, :1]), targets[:, :-1]], dim=1),
            "You take 1 for the start. Which token it is, is an argument: `start`.",
        ),
        Mistake(
            lambda targets, start: torch.cat(
                [torch.full_like(targets[:, :1], start), targets[:, :-1].masked_fill(targets[:, :-1] == 2, 0)], dim=1
            ),
            "You erase the end (2) from what is read. Move every token, whatever it is: the loss leaves out what comes "
            "after the end.",
        ),
        Mistake(
            lambda targets, start: torch.cat([torch.full_like(targets[:1], start), targets[:-1]], dim=0),
            "You shifted the sentences, not the steps. The steps are axis 1.",
        ),
    ),
    hints=(
        "At the first step nothing has been said yet. At the second, the first token has.",
        "`torch.full_like(targets[:, :1], start)` is a column of `start`.",
        "`return torch.cat([torch.full_like(targets[:, :1], start), targets[:, :-1]], dim=1)`",
    ),
)


def lengths_and_longest(generator: torch.Generator) -> list[tuple[Tensor, int]]:
    """lengths: (B,), longest: T."""
    return [
        (torch.tensor([3, 1, 2]), 3),
        (torch.tensor([5, 2]), 7),
        (torch.randint(1, 9, (6,), generator=generator), 8),
    ]


padding_mask = FunctionExercise(
    lesson="14",
    reference=attention.padding_mask,
    cases=lengths_and_longest,
    result="True where a step is real, shape (B, T)",
    shape_tip="`torch.arange(longest)[None]` is (1, T), `lengths[:, None]` is (B, 1): compared, they give (B, T).",
    variants=(lambda lengths, longest: torch.stack([torch.arange(longest) < length for length in lengths]),),
    mistakes=(
        Mistake(
            lambda lengths, longest: torch.arange(longest)[None] <= lengths[:, None],
            "One step too many: a sentence of length 3 has the steps 0, 1 and 2.",
        ),
        Mistake(
            lambda lengths, longest: torch.arange(longest)[None] >= lengths[:, None],
            "The other way round: True should stand where a step is *real*.",
        ),
        Mistake(
            lambda lengths, longest: (torch.arange(longest)[None] < lengths[:, None]).T,
            "Exchange the axes: (B, T), a sentence in each row.",
        ),
        Mistake(
            lambda lengths, longest: torch.arange(1, longest + 1)[None] < lengths[:, None],
            "One step too few: counting begins at 0.",
        ),
    ),
    hints=(
        "Number the steps: `torch.arange(longest)`. Which numbers belong to a sentence of length 3?",
        "Compare every step with every length: one of them as a row `[None]`, the other as a column `[:, None]`.",
        "`return torch.arange(longest)[None] < lengths[:, None]`",
    ),
)


def padded_logits(generator: torch.Generator) -> list[tuple[Tensor, Tensor, int]]:
    """logits: (B, U, V), targets: (B, U) with padding at their ends, pad: 0 or another token."""
    cases = []
    for lengths, V, pad in (((3, 1), 4, 0), ((4, 2, 1), 6, 5), ((2, 2), 3, 1), ((1,), 2, 0)):
        longest = max(lengths) + (1 if len(set(lengths)) == 1 else 0)
        targets = torch.full((len(lengths), longest), pad)
        for row, length in enumerate(lengths):
            targets[row, :length] = (pad + torch.randint(1, V, (length,), generator=generator)) % V
        cases.append((torch.randn(len(lengths), longest, V, generator=generator), targets, pad))
    return cases


def mean_over_everything(logits: Tensor, targets: Tensor, pad: int = 0) -> Tensor:
    """Padding counted as a word to be said."""
    return torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten())


def divided_by_all_places(logits: Tensor, targets: Tensor, pad: int = 0) -> Tensor:
    """Padding costs nothing, and is counted all the same."""
    each = torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")
    return (each * (targets.flatten() != pad)).mean()


def summed(logits: Tensor, targets: Tensor, pad: int = 0) -> Tensor:
    """Sum over the real tokens."""
    return torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=pad, reduction="sum")


def mean_of_means(logits: Tensor, targets: Tensor, pad: int = 0) -> Tensor:
    """Every sentence counts the same, however short."""
    each = [
        torch.nn.functional.cross_entropy(row, right, ignore_index=pad)
        for row, right in zip(logits, targets, strict=True)
    ]
    return torch.stack(each).mean()


masked_cross_entropy = FunctionExercise(
    lesson="14",
    reference=attention.masked_cross_entropy,
    cases=padded_logits,
    result="the mean loss of the real tokens, a scalar tensor",
    gradients=True,
    variants=(
        lambda logits, targets, pad: torch.nn.functional.cross_entropy(
            logits.flatten(0, 1), targets.flatten(), ignore_index=pad
        ),
        lambda logits, targets, pad: torch.nn.functional.cross_entropy(logits[targets != pad], targets[targets != pad]),
    ),
    mistakes=(
        Mistake(
            mean_over_everything,
            "Padding is counted as if it were a word to be said. It is easy to learn, and makes every score look good.",
        ),
        Mistake(
            divided_by_all_places,
            "Padding costs nothing, but you divide by all places. Divide by the real tokens only: else the loss "
            "depends on how much padding a batch happens to have.",
        ),
        Mistake(
            lambda logits, targets, pad: attention.masked_cross_entropy(logits, targets, 0),
            "You take 0 for the padding. Which token it is, is an argument: `targets != pad`.",
        ),
        Mistake(
            lambda logits, targets, pad: attention.masked_cross_entropy(logits.softmax(dim=-1), targets, pad),
            "Softmax twice: `cross_entropy` expects scores, and makes the softmax itself.",
        ),
        Mistake(
            lambda logits, targets, pad: attention.masked_cross_entropy(logits, targets, pad) / math.log(2),
            "That is in bits, with the logarithm to base 2. We want nats, with the natural logarithm.",
        ),
        Mistake(
            lambda logits, targets, pad: summed(logits, targets, pad) / len(targets),
            "You divide by the number of sentences. Divide by the number of real tokens.",
        ),
        Mistake(
            lambda logits, targets, pad: torch.nn.functional.cross_entropy(logits, targets, ignore_index=pad),
            "`cross_entropy` takes the *second* axis for the classes. Join the first two: `logits.flatten(0, 1)` of "
            "shape (B·U, V), and `targets.flatten()`.",
        ),
        Mistake(summed, "That is the sum. Take the mean over the real tokens."),
        Mistake(
            mean_of_means,
            "Each *sentence* counts the same now, so a word of a short one counts more. Take the mean over all real "
            "tokens of the batch.",
        ),
        Mistake(
            lambda logits, targets, pad: -attention.masked_cross_entropy(logits, targets, pad),
            "The sign: a loss is −log of a probability.",
        ),
    ),
    hints=(
        "`torch.nn.functional.cross_entropy(logits[real], targets[real])` works with a mask `real` of shape (B, U).",
        "Which places are real? `targets != pad`.",
        "`return torch.nn.functional.cross_entropy(logits[targets != pad], targets[targets != pad])`",
    ),
)
