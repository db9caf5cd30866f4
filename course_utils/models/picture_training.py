"""How networks for pictures are trained: batches of pictures that are warped a little, and their accuracy."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn

from course_utils.display.numbers import short
from course_utils.training import History, Valid, fit, supervised

PICTURE_BATCH, PICTURE_LR = 50, 0.004
TURN, STRETCH, SHIFT = 0.2, 0.12, 0.12  # as far as `warped` goes unasked


def warped(
    images: Tensor, generator: torch.Generator, *, turn: float = TURN, stretch: float = STRETCH, shift: float = SHIFT
) -> Tensor:
    """The pictures, each turned, stretched, slanted and shifted a little by chance: as if they were written once more.

    Outside a picture the paper goes on as it is at the nearest edge. For pictures that mean the same thing then.

    Args:
        images: (B, C, H, W).
        generator: where the random numbers come from.
        turn: the largest angle, in radians.
        stretch: the largest change of size, and of slant, as a share.
        shift: the largest shift, as a share of half the picture.

    Returns:
        (B, C, H, W), bilinearly interpolated.
    """
    B = len(images)
    angle, size, slant, x, y = (2 * torch.rand(5, B, generator=generator) - 1) * torch.tensor(
        [turn, stretch, stretch, shift, shift]
    ).unsqueeze(1)
    cos, sin = (1 + size) * angle.cos(), (1 + size) * angle.sin()
    maps = torch.stack([cos, slant - sin, x, sin, cos, y], dim=1).reshape(B, 2, 3)
    grid = nn.functional.affine_grid(maps, list(images.shape), align_corners=False)
    return nn.functional.grid_sample(images, grid, padding_mode="border", align_corners=False)


def picture_batches(
    images: Tensor,
    labels: Tensor,
    generator: torch.Generator,
    *,
    batch_size: int = PICTURE_BATCH,
    warp: float = 0.0,
    shift: float = SHIFT,
) -> Callable[[], Iterator[tuple[Tensor, Tensor]]]:
    """What `fit` asks for: a function that returns an epoch's batches, in a new order each time.

    Args:
        images: (N, C, H, W).
        labels: (N,).
        generator: of the order and of what `warped` does.
        batch_size: B.
        warp: how far pictures are warped: 0 not at all, 1 as far as `warped` does unasked.
        shift: the largest shift where `warp` is 1, as a share of half the picture.
    """

    def epoch() -> Iterator[tuple[Tensor, Tensor]]:
        for indices in torch.randperm(len(images), generator=generator).split(batch_size):
            chosen = images[indices]
            if warp:
                chosen = warped(chosen, generator, turn=TURN * warp, stretch=STRETCH * warp, shift=shift * warp)
            yield chosen, labels[indices]

    vars(epoch)["augmentation"] = warp_text(warp, shift)  # for the line of settings
    return epoch


def warp_text(warp: float, shift: float = SHIFT) -> str:
    """How pictures are changed in training, in words; see `picture_batches`."""
    if not warp:
        return "none"
    return (
        f"turned by up to {short(math.degrees(TURN * warp), 2)}°, stretched by up to {short(100 * STRETCH * warp)} %, "
        f"slanted, and shifted by up to {short(50 * shift * warp)} % of their side, at every step"
    )


def train_on_pictures(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    *,
    seed: int,
    epochs: int = 50,
    lr: float = PICTURE_LR,
    warp: float = 1.0,
    shift: float = SHIFT,
    valid: Valid | None = None,
    progress: bool = True,
) -> History:
    """Train a picture network as the lesson does: Adam, batches of 50, a learning rate that falls to 0 as a cosine.

    Args:
        model: images → logits; it is changed.
        images: (N, C, H, W), 0 … 1.
        labels: (N,) whole numbers from 0.
        seed: of the order of the pictures, and of how they are warped.
        epochs: passes through the pictures.
        lr: the learning rate at the start.
        warp: how far pictures are warped, see `picture_batches`.
        shift: how far they are shifted then, likewise.
        valid: as for `fit`: the weights with the best validation are kept. Default: those of the last step.
        progress: show a progress bar.
    """
    batches = picture_batches(images, labels, torch.Generator().manual_seed(seed), warp=warp, shift=shift)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    steps = epochs * -(-len(images) // PICTURE_BATCH)
    return fit(
        model,
        batches,
        supervised(nn.functional.cross_entropy),
        epochs=epochs,
        optimizer=optimizer,
        lr_schedule=torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps),
        valid=valid,
        progress=progress,
    )


@torch.no_grad()
def picture_accuracy(model: nn.Module, images: Tensor, labels: Tensor) -> float:
    """The share of pictures whose largest logit is that of their label.

    Args:
        model: images → logits (N, K); in the mode in which it is.
        images: (N, C, H, W).
        labels: (N,) whole numbers from 0.
    """
    predictions = torch.cat([model(part).argmax(-1) for part in images.split(500)])
    return float((predictions == labels).double().mean())
