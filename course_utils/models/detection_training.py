"""What the training of a detector needs: batches of pictures that are changed a little, and its loss."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn

from course_utils.models.captioning_training import unit
from course_utils.nn.detection import Batch, Found, box_loss, heat_loss, heat_targets, padded

ZOOM, STRETCH = 0.1, 0.05  # as far as pictures are changed: shares of their size
SHIFT = 0.12  # of half their side
LIGHT = 0.2  # how far the contrast is changed, and twice how far the brightness is
SEEN = 0.5  # the share of a box that must still be in the picture
NARROWEST = 2.0  # pixels of a box
BOX_WEIGHT = 2.0
AUGMENTATION = (
    f"zoomed by up to {100 * ZOOM:.0f} %, stretched by up to {100 * STRETCH:.0f} %, shifted by up to "
    f"{50 * SHIFT:.0f} % of their side, contrast changed by up to {100 * LIGHT:.0f} % and brightness by up to "
    f"{50 * LIGHT:.0f} %, at every step"
)


class PicturesWithBoxes:
    """An epoch's batches, in a new order each time.

    Args:
        pictures: N tensors of bytes (C, H, W), of one size or of several.
        boxes: N tensors (n, 4), xyxy.
        classes: N tensors (n,).
        size: pictures in a batch.
        seed: of the order and of the changes.
        augment: change the pictures.
    """

    def __init__(
        self,
        pictures: Sequence[Tensor],
        boxes: Sequence[Tensor],
        classes: Sequence[Tensor],
        size: int,
        seed: int,
        augment: bool = False,
    ) -> None:
        self.pictures, self.boxes, self.classes = pictures, boxes, classes
        self.size, self.augment = size, augment
        self.generator = torch.Generator().manual_seed(seed)
        self.augmentation = AUGMENTATION if augment else "none"

    def __len__(self) -> int:
        return -(-len(self.pictures) // self.size)

    def __iter__(self) -> Iterator[Batch]:
        for indices in torch.randperm(len(self.pictures), generator=self.generator).split(self.size):
            chosen = indices.tolist()
            counts = torch.tensor([len(self.boxes[index]) for index in chosen])
            batch = Batch(
                stacked([self.pictures[index] for index in chosen]),
                torch.arange(len(chosen)).repeat_interleave(counts),
                torch.cat([self.boxes[index] for index in chosen]),
                torch.cat([self.classes[index] for index in chosen]),
            )
            yield changed(batch, self.generator) if self.augment else batch


def stacked(pictures: Sequence[Tensor]) -> Tensor:
    """Pictures of bytes, of several sizes, as (B, C, H, W), 0 … 1, black on the right and at the bottom."""
    height, width = (max(picture.shape[side] for picture in pictures) for side in (1, 2))
    return torch.cat([padded(unit(picture[None]), height, width) for picture in pictures])


def changed(batch: Batch, generator: torch.Generator) -> Batch:
    """The batch with each picture zoomed, stretched, shifted, and in other light; boxes go along.

    What comes in from outside a picture goes on as at its edge. Boxes are cut at the edges; those of which less than
    half is left, or that are narrower than two pixels, are left out.

    Args:
        batch: pictures and objects.
        generator: where the random numbers come from.
    """
    B, _, H, W = batch.images.shape
    zoom, stretch, x, y, light, contrast = 2 * torch.rand(6, B, generator=generator) - 1
    scale = torch.stack([(ZOOM * zoom + STRETCH * stretch).exp(), (ZOOM * zoom - STRETCH * stretch).exp()], 1)  # (B, 2)
    shift = SHIFT * torch.stack([x, y], 1)  # of half the picture
    maps = torch.zeros(B, 2, 3)  # from the new picture to the old one, -1 … 1
    maps[:, 0, 0], maps[:, 1, 1] = 1 / scale[:, 0], 1 / scale[:, 1]
    maps[:, :, 2] = -shift / scale
    grid = nn.functional.affine_grid(maps, list(batch.images.shape), align_corners=False)
    images = nn.functional.grid_sample(batch.images, grid, padding_mode="border", align_corners=False)
    gain, lift = (1 + LIGHT * contrast)[:, None, None, None], (LIGHT / 2 * light)[:, None, None, None]
    half = torch.tensor([W, H]) / 2
    factor, offset = scale[batch.picture], (half * (1 + shift - scale))[batch.picture]
    corners = batch.boxes.reshape(-1, 2, 2) * factor[:, None] + offset[:, None]
    boxes, keep = _cut(corners.reshape(-1, 4), H, W)
    return Batch((images * gain + lift).clamp(0, 1), batch.picture[keep], boxes[keep], batch.classes[keep])


def _cut(boxes: Tensor, height: int, width: int) -> tuple[Tensor, Tensor]:
    """The boxes cut at the edges of the picture, and which of them are still worth it."""
    cut = torch.minimum(boxes.clamp_min(0), torch.tensor([width, height, width, height]))
    before, after = boxes[:, 2:] - boxes[:, :2], (cut[:, 2:] - cut[:, :2]).clamp_min(0)
    return cut, (after.prod(1) >= SEEN * before.prod(1)) & (after.amin(1) >= NARROWEST)


class DetectionLoss:
    """The loss of a batch: that of the heat map, and twice that of the boxes.

    Args:
        focus: γ of the heat map's focal loss; 0: the plain cross-entropy.
    """

    def __init__(self, focus: float = 2.0) -> None:
        self.focus = focus

    def __call__(self, model: nn.Module, batch: Batch) -> Tensor:
        """A number, for `course_utils.training.fit`."""
        found: Found = model(batch.images)
        heat = heat_loss(found.heat, heat_targets(batch, found.heat.shape[1]), self.focus)
        return heat + BOX_WEIGHT * box_loss(found.boxes, batch)
