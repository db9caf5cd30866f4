"""Lesson 18: what is read and what is said, what a frame costs, and the mean over tunes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional

from course_utils.exercises.engine.exercise import FunctionExercise, Mistake

KEYS = 88


def rolls(generator: torch.Generator) -> list[tuple[Tensor]]:
    """Tunes as (T, 88) zeros and ones; the last frame is never silent."""
    found = []
    for length in (4, 1, 9):
        frames = (torch.rand(length, KEYS, generator=generator) < 0.06).float()
        frames[-1, 40] = frames[0, 30] = 1
        found.append((frames,))
    return found


def silence_first(frames: Tensor) -> tuple[Tensor, Tensor]:
    """What a network of music reads and what it is to say: each frame is said after the one before has been read.

    Before the first frame it reads silence.

    Args:
        frames: (T, 88) zeros and ones.

    Returns:
        (T, 88) that are read, and (T, 88) that are to be said.
    """
    return torch.cat([torch.zeros_like(frames[:1]), frames[:-1]]), frames


read_and_said = FunctionExercise(
    lesson="18",
    name="read_and_said",
    reference=silence_first,
    cases=rolls,
    result="two tensors (T, 88): what is read, and what is to be said",
    mistakes=(
        Mistake(
            lambda frames: (frames, frames),
            "It reads the very frame that it is to say: it only has to copy it, and the loss goes to 0. Shift what is "
            "read by one frame.",
        ),
        Mistake(
            lambda frames: (torch.cat([frames[1:], torch.zeros_like(frames[:1])]), frames),
            "You shifted the other way: it reads the frame that comes *after* the one it is to say.",
        ),
        Mistake(
            lambda frames: (frames.roll(1, 0), frames),
            "`roll` puts the last frame in front of the first: the end of the tune is given away at its beginning. Put "
            "silence there.",
        ),
        Mistake(
            lambda frames: (frames[:-1], frames[1:]),
            "The first frame is never said: the network learns no beginning. Read silence before it.",
        ),
        Mistake(
            lambda frames: (frames, torch.cat([frames[1:], torch.zeros_like(frames[:1])])),
            "The first frame is never said, and after the last one silence is. Leave what is to be said as it is, and "
            "shift what is read.",
        ),
        Mistake(
            lambda frames: (frames, torch.cat([torch.zeros_like(frames[:1]), frames[:-1]])),
            "The two are exchanged: it reads a frame, and is to say the one before.",
        ),
        Mistake(
            lambda frames: (torch.cat([frames[:1], frames[:-1]]), frames),
            "Before the first frame it reads the first frame itself. There must be silence: a frame of 88 zeros.",
        ),
    ),
    variants=(lambda frames: (functional.pad(frames, (0, 0, 1, 0))[:-1], frames),),
    hints=(
        "What is to be said is the tune itself. What is read is the tune one frame later, with silence in front.",
        "`torch.zeros_like(frames[:1])` is a frame of silence; `frames[:-1]` are all frames but the last.",
        "`torch.cat([silence, frames[:-1]]), frames`",
    ),
)


def frame_nats(logits: Tensor, frames: Tensor) -> Tensor:
    """Minus the log likelihood of each frame, the keys being independent given the state: a sum over keys, in nats.

    Args:
        logits: (T, 88).
        frames: (T, 88) zeros and ones.

    Returns:
        (T,).
    """
    return functional.binary_cross_entropy_with_logits(logits, frames, reduction="none").sum(-1)


def logits_and_frames(generator: torch.Generator) -> list[tuple[Tensor, Tensor]]:
    """Logits and frames of several lengths; in one case the logits are large, as after a long training."""
    found = []
    for length, size in ((3, 1.0), (1, 3.0), (6, 2.0)):
        logits = size * torch.randn(length, KEYS, generator=generator) - 1
        found.append((logits, (torch.rand(length, KEYS, generator=generator) < 0.2).float()))
    found.insert(2, (torch.tensor([[120.0] + [-120.0] * (KEYS - 1)]), torch.tensor([[0.0] + [1.0] * (KEYS - 1)])))
    return found


def with_room(room: float) -> Callable[[Tensor, Tensor], Tensor]:
    """The cost with a small number added to each probability, so that no logarithm is infinite."""

    def cost(logits: Tensor, frames: Tensor) -> Tensor:
        p = logits.sigmoid()
        return -(frames * (p + room).log() + (1 - frames) * (1 - p + room).log()).sum(-1)

    return cost


def within(room: float) -> Callable[[Tensor, Tensor], Tensor]:
    """The cost with each probability kept so far from 0 and 1."""

    def cost(logits: Tensor, frames: Tensor) -> Tensor:
        p = logits.sigmoid().clamp(room, 1 - room)
        return -(frames * p.log() + (1 - frames) * (1 - p).log()).sum(-1)

    return cost


frame_cost = FunctionExercise(
    lesson="18",
    name="frame_cost",
    reference=frame_nats,
    cases=logits_and_frames,
    result="a number for each frame, (T,)",
    gradients=True,
    data=("frames",),
    mistakes=(
        Mistake(
            lambda logits, frames: functional.binary_cross_entropy_with_logits(logits, frames, reduction="none").mean(
                -1
            ),
            "You averaged over the keys. A frame costs the *sum*: its probability is the product over all 88 keys. The "
            "mean is 88 times too small, and no published figure can be compared with it.",
        ),
        Mistake(
            lambda logits, frames: -(frames * functional.logsigmoid(logits)).sum(-1),
            "You counted the keys that sound alone. A key that is silent costs as well: −ln(1 − p). Without it a model "
            "that presses all keys would cost nothing.",
        ),
        Mistake(
            lambda logits, frames: (
                functional.binary_cross_entropy_with_logits(logits, frames, reduction="none").sum(-1) / math.log(2)
            ),
            "That is in bits. Nats are asked: the natural logarithm.",
        ),
        Mistake(
            lambda logits, frames: (
                -functional.binary_cross_entropy_with_logits(logits, frames, reduction="none").sum(-1)
            ),
            "That is the log likelihood. A cost is *minus* that.",
        ),
        Mistake(
            lambda logits, frames: functional.binary_cross_entropy_with_logits(logits, frames, reduction="none").sum(),
            "That is one number for the whole tune. A number for each frame is asked: sum over the keys alone, "
            "`.sum(-1)`.",
        ),
        Mistake(
            lambda logits, frames: functional.binary_cross_entropy_with_logits(logits, frames, reduction="none").sum(0),
            "You summed over the frames: 88 numbers, one for each key. Sum over the keys, the last dimension.",
        ),
        Mistake(
            lambda logits, frames: -(logits.log_softmax(-1) * frames).sum(-1),
            "Softmax lets one key win against the others. Here several keys sound together: each is a switch of its "
            "own, with a sigmoid.",
        ),
        Mistake(
            lambda logits, frames: (
                -(frames * logits.sigmoid().log() + (1 - frames) * (1 - logits.sigmoid()).log()).sum(-1)
            ),
            "Right where logits are small. Where a sigmoid is 0 or 1 in floating point, its logarithm is −∞. Use "
            "`binary_cross_entropy_with_logits`, or `logsigmoid`.",
        ),
        Mistake(
            lambda logits, frames: functional.binary_cross_entropy(logits.sigmoid(), frames, reduction="none").sum(-1),
            "Right where logits are small. `binary_cross_entropy` cuts the logarithm off at −100, and its gradient "
            "goes to 0 where it is most needed. Use the one `_with_logits`.",
        ),
        Mistake(
            lambda logits, frames: functional.binary_cross_entropy_with_logits(
                logits, 1 - frames, reduction="none"
            ).sum(-1),
            "Sounding and silent are exchanged.",
        ),
        Mistake(
            functional.binary_cross_entropy_with_logits,
            'That is one number, the mean over all keys of all frames. `reduction="none"` gives what each key costs; '
            "sum that over the keys, `.sum(-1)`.",
        ),
        Mistake(
            lambda logits, frames: functional.binary_cross_entropy_with_logits(frames, logits, reduction="none").sum(
                -1
            ),
            "The two arguments are exchanged: first the logits, then what really sounded.",
        ),
        Mistake(
            lambda logits, frames: -torch.where(frames == 1, logits.sigmoid(), 1 - logits.sigmoid()).prod(-1).log(),
            "Right on paper. In floating point a product of 88 small numbers becomes 0, and its logarithm −∞. Add the "
            "logarithms, and take them with `logsigmoid`, which is finite for every logit.",
        ),
        *(
            Mistake(
                cost,
                "Right where logits are small. The small number that keeps p from 0 caps the cost of a key, and where "
                "p is 0 or 1 in floating point no gradient is left. Use `binary_cross_entropy_with_logits`, or "
                "`logsigmoid`.",
            )
            for cost in (
                *map(with_room, (1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12)),
                *map(within, (1e-4, 1e-5, 1e-6, 1e-7)),
            )
        ),
    ),
    variants=(
        lambda logits, frames: -functional.logsigmoid(logits * (2 * frames - 1)).sum(-1),
        lambda logits, frames: (
            -torch.where(frames == 1, functional.logsigmoid(logits), functional.logsigmoid(-logits)).sum(-1)
        ),
        lambda logits, frames: functional.softplus(torch.where(frames > 0, -logits, logits)).sum(1),
        lambda logits, frames: torch.logaddexp(torch.zeros_like(logits), (1 - 2 * frames) * logits).sum(-1),
        lambda logits, frames: frame_nats(logits, frames.detach()),
        lambda logits, frames: (functional.softplus(logits) - frames * logits).sum(-1),
        lambda logits, frames: (
            -(frames * functional.logsigmoid(logits) + (1 - frames) * functional.logsigmoid(-logits)).sum(-1)
        ),
    ),
    hints=(
        "A key that sounds costs −ln σ(logit), a silent one −ln(1 − σ(logit)); independent probabilities multiply, so "
        "costs add up.",
        '`torch.nn.functional.binary_cross_entropy_with_logits(…, reduction="none")` gives the cost of each key.',
        "`….sum(-1)` adds the keys of each frame.",
    ),
)


def pooled_nats(costs: Sequence[Tensor]) -> Tensor:
    """Nats of a frame, the mean over all frames of all tunes together but each tune's first.

    Args:
        costs: of each tune (T,), what its frames cost; a tune of one frame adds nothing.
    """
    return torch.cat([cost[1:] for cost in costs]).mean()


def costs_of_tunes(generator: torch.Generator) -> list[tuple[list[Tensor]]]:
    """Costs of tunes of unequal length."""
    return [
        ([8 + 3 * torch.randn(length, generator=generator) for length in lengths],)
        for lengths in ((5, 30), (2, 9, 60), (1, 4, 12, 3), (7, 2))
    ]


nats_of_all = FunctionExercise(
    lesson="18",
    name="nats_of_all",
    reference=pooled_nats,
    cases=costs_of_tunes,
    result="one number",
    mistakes=(
        Mistake(
            lambda costs: torch.stack([cost[1:].mean() for cost in costs if len(cost) > 1]).mean(),
            "That is the mean of the tunes' means: a frame of a short tune counts more than one of a long tune. The "
            "published figures pool all frames first, and divide once.",
        ),
        Mistake(
            lambda costs: torch.stack([cost[1:].mean() for cost in costs]).mean(),
            "That is the mean of the tunes' means: a frame of a short tune counts more than one of a long tune, and a "
            "tune of one frame has no mean at all (NaN). Pool all frames first, and divide once.",
        ),
        Mistake(
            lambda costs: torch.stack([cost[1:].mean() for cost in costs if len(cost) > 1]).sum() / len(costs),
            "That is the mean of the tunes' means, and a tune of one frame counts in it as one that costs nothing. "
            "Pool all frames first, and divide once.",
        ),
        Mistake(
            lambda costs: torch.cat(list(costs)).mean(),
            "The first frame of each tune is counted. It has no frame before it, and the published figures leave it "
            "out.",
        ),
        Mistake(
            lambda costs: torch.stack([cost.mean() for cost in costs]).mean(),
            "That is the mean of the tunes' means, and with their first frames. Pool all frames but the first ones, "
            "and divide once.",
        ),
        Mistake(
            lambda costs: torch.cat([cost[1:] for cost in costs]).sum(),
            "That is the sum. Divide by the number of frames that are counted.",
        ),
        Mistake(
            lambda costs: torch.cat(list(costs))[1:].mean(),
            "Only the first frame of the *first* tune is left out. Leave out that of each.",
        ),
        Mistake(
            lambda costs: torch.cat([cost[:-1] for cost in costs]).mean(),
            "You left out the last frame of each tune. It is the first that has nothing before it.",
        ),
        Mistake(
            lambda costs: torch.cat([cost[1:] for cost in costs]).sum() / sum(len(cost) for cost in costs),
            "You divide by the number of all frames, and the first ones were not added up.",
        ),
        Mistake(
            lambda costs: torch.cat([cost[1:] for cost in costs]).sum() / len(costs),
            "You divide by the number of tunes: that is the cost of a whole tune. Divide by the number of frames.",
        ),
    ),
    variants=(lambda costs: sum(cost[1:].sum() for cost in costs) / sum(len(cost) - 1 for cost in costs),),
    hints=(
        "Leave out the first frame of each tune, put all others in one row, and take the mean of the row.",
        "`cost[1:]` is a tune without its first frame; `torch.cat([… for cost in costs])` puts tunes in one row.",
        "`torch.cat([cost[1:] for cost in costs]).mean()`",
    ),
)
