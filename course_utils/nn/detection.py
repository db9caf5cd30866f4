"""A network that finds objects in one look: a map of where their centres are, and boxes read off at its peaks.

No boxes are proposed beforehand. A convolutional network makes a map with a cell for each 4 × 4 pixels. For each class
a cell says whether the centre of an object lies in it; four more numbers say where in the cell, and how wide and high
the object is. B pictures, C channels, H rows, W columns, K classes; h, w of the map; M objects in a batch.

Sources: Zhou, Wang & Krähenbühl 2019, arXiv 1904.07850 (objects as points); Lin and others 2017, arXiv 1708.02002
(focal loss); Law & Deng 2018, arXiv 1808.01244 (fewer penalties near a centre).
"""

from __future__ import annotations

import copy
import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from course_utils.errors import CourseError
from course_utils.nn.picture_nets import POOL, DigitNet

STRIDE = 4  # pixels of a picture for each cell of the map
COARSEST = 8  # pixels for each cell of the coarser map inside the network
CHANNELS = (24, 48, 64)  # half size, map, coarser map
PRIOR = 0.02  # how probable a centre is in a cell before anything is learned
SPREAD, NARROWEST = 0.1, 0.45  # of a peak: share of the object's side, and cells at least
NEAR_PENALTY = 4  # the exponent by which cells near a centre count less as mistakes (Law & Deng 2018)
LARGEST_LOG = 8.0  # of a side in cells: boxes stay finite whatever the weights are


class Found(NamedTuple):
    """What the network says of pictures.

    Attributes:
        heat: (B, K, h, w) logits: does the centre of an object of the class lie in this cell?
        boxes: (B, 4, h, w): column and row of the centre, from the cell's corner and in cells; logarithms of width and
            height in cells.
    """

    heat: Tensor
    boxes: Tensor


class Batch(NamedTuple):
    """Pictures and the objects in them.

    Attributes:
        images: (B, C, H, W), 0 … 1; H and W multiples of 8.
        picture: (M,) index of the picture that an object stands in.
        boxes: (M, 4), xyxy, in pixels.
        classes: (M,) from 0.
    """

    images: Tensor
    picture: Tensor
    boxes: Tensor
    classes: Tensor


class DetectionNet(nn.Module):
    """Pictures → maps of centres and boxes.

    Two convolutions of stride 2 make the map of 4 × 4 pixels; one of its copies is halved once more, so that a cell
    also knows what stands further away, and is added again. All convolutions are 3 × 3, normalised over the batch
    (Ioffe & Szegedy 2015), and followed by ReLU; with the sizes below 120,000 weights.

    Args:
        classes: K.
        in_channels: C: 1 for grey pictures, 3 for colour.
        stem: what makes the map, in place of the first two convolutions: (B, C, H, W) → (B, F, H/4, W/4).
        stem_channels: F.

    Attributes:
        mean, std: (C, 1, 1) of the pictures trained on; set them before the training.
    """

    mean: Tensor
    std: Tensor

    def __init__(
        self, classes: int, in_channels: int = 1, stem: nn.Module | None = None, stem_channels: int = CHANNELS[1]
    ) -> None:
        super().__init__()
        first, fine, coarse = CHANNELS
        self.classes, self.in_channels = classes, in_channels
        self.stem = stem or nn.Sequential(_normalised(in_channels, first, 2), _normalised(first, stem_channels, 2))
        self.before = _normalised(stem_channels, fine)
        self.down = nn.Sequential(_normalised(fine, coarse, 2), _normalised(coarse, coarse))
        self.up = nn.Conv2d(coarse, fine, 1)
        self.after = _normalised(fine, fine)
        self.heat, self.boxes = nn.Conv2d(fine, classes, 1), nn.Conv2d(fine, 4, 1)
        nn.init.constant_(self.heat.bias, -math.log(1 / PRIOR - 1))  # type: ignore[arg-type]
        self.register_buffer("mean", torch.zeros(in_channels, 1, 1))
        self.register_buffer("std", torch.ones(in_channels, 1, 1))

    def forward(self, images: Tensor) -> Found:
        """(B, C, H, W), 0 … 1, H and W multiples of 8 → the maps.

        Raises:
            CourseError: pictures of another size.
        """
        if images.shape[-1] % COARSEST or images.shape[-2] % COARSEST:
            raise CourseError(
                f"The height and width of the pictures must be multiples of {COARSEST}; they are "
                f"{tuple(images.shape[-2:])}. `padded` adds what is missing on the right and at the bottom."
            )
        maps = self.before(self.stem((images - self.mean) / self.std.clamp_min(1e-3)))
        further = nn.functional.interpolate(self.up(self.down(maps)), scale_factor=2.0, mode="nearest")
        maps = self.after(torch.relu(maps + further))
        return Found(self.heat(maps), self.boxes(maps))


class FlatDetectionNet(nn.Module):
    """The same maps without convolutions: all pixels into one hidden layer, and from it all cells.

    It reads pictures of one size, and knows nothing of neighbours. What is hidden is normalised over the batch, as
    the convolutions of `DetectionNet` are.

    Args:
        classes: K.
        size: height and width of the grey pictures, in pixels, a multiple of 4.
        parameters: how many it is to have, nearly.

    Raises:
        CourseError: not even one hidden unit fits.
    """

    def __init__(self, classes: int, size: int, parameters: int) -> None:
        super().__init__()
        self.side, self.classes = size // STRIDE, classes
        cells = self.side**2
        per_unit, outputs = size**2 + 2 + (classes + 4) * cells, (classes + 4) * cells
        hidden = round((parameters - outputs) / per_unit)
        if hidden < 1:
            raise CourseError(f"{parameters:,} parameters are too few: one hidden unit needs {per_unit + outputs:,}.")
        self.hidden = nn.Sequential(nn.Linear(size**2, hidden, bias=False), nn.BatchNorm1d(hidden), nn.ReLU())
        self.out = nn.Linear(hidden, outputs)
        nn.init.constant_(self.out.bias[: classes * cells], -math.log(1 / PRIOR - 1))

    def forward(self, images: Tensor) -> Found:
        """(B, 1, size, size), 0 … 1 → the maps."""
        maps = self.out(self.hidden(images.flatten(1))).unflatten(1, (-1, self.side, self.side))
        return Found(maps[:, : self.classes], maps[:, self.classes :])


def stem_of(network: DigitNet, *, normalised: bool = False) -> nn.Sequential:
    """The stages of a digit network of two stages, as the first layers of a detector; the weights are copied.

    Their convolutions are padded, so that the map has a cell for each 4 × 4 pixels, and a cell means its place.

    Args:
        network: such as that of lesson 02.
        normalised: scale what each convolution makes to mean 0 and variance 1 over the batch; nothing is learned there.

    Returns:
        (B, 1, H, W) → (B, its channels, H/4, W/4).

    Raises:
        CourseError: another number of stages.
    """
    if len(network.convolutions) != 2:
        raise CourseError(f"A stem has two stages; this network has {len(network.convolutions)}.")
    layers: list[nn.Module] = []
    for convolution, kernel in zip(copy.deepcopy(network.convolutions), network.kernels, strict=True):
        assert isinstance(convolution, nn.Conv2d)
        convolution.padding = (kernel // 2, kernel // 2)
        scaled = [nn.BatchNorm2d(convolution.out_channels, affine=False)] if normalised else []
        layers += [convolution, *scaled, nn.ReLU(), nn.MaxPool2d(POOL)]
    return nn.Sequential(*layers)


def _normalised(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    convolution = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs), nn.ReLU())


def padded(images: Tensor, height: int = 0, width: int = 0) -> Tensor:
    """Pictures with black added on the right and at the bottom, up to multiples of 8 pixels.

    Args:
        images: (B, C, H, W).
        height, width: that they must have at least.

    Returns:
        (B, C, H', W').
    """
    more = [
        -(-max(size, least) // COARSEST) * COARSEST - size
        for size, least in zip(images.shape[-2:], (height, width), strict=True)
    ]
    return nn.functional.pad(images, (0, more[1], 0, more[0])) if any(more) else images


# ---------------------------------------------------------------------------------------------------------------------
# What it is to say, and how far it is from it


def centre_cells(boxes: Tensor) -> tuple[Tensor, Tensor]:
    """The cell in which the centre of each box lies, and where in it.

    Args:
        boxes: (M, 4), xyxy, in pixels.

    Returns:
        (M, 2) column and row of the cell, whole numbers; (M, 2) how far to the right and down from its corner, in
        cells: 0 to below 1.
    """
    centres = (boxes[:, :2] + boxes[:, 2:]) / (2 * STRIDE)
    cells = centres.floor()
    return cells.long(), centres - cells


def heat_targets(batch: Batch, classes: int) -> Tensor:
    """What the heat map is to be: 1 in the cell of each centre, and a slope around it, narrower for smaller objects.

    Args:
        batch: pictures and objects.
        classes: K.

    Returns:
        (B, K, h, w), 0 … 1.
    """
    B, _, H, W = batch.images.shape
    h, w = H // STRIDE, W // STRIDE
    heat = torch.zeros(B, classes, h, w)
    cells, _ = centre_cells(batch.boxes)
    spread = (SPREAD / STRIDE * (batch.boxes[:, 2:] - batch.boxes[:, :2])).clamp_min(NARROWEST)  # (M, 2)
    x = (torch.arange(w) - cells[:, :1]) / spread[:, :1]  # (M, w)
    y = (torch.arange(h) - cells[:, 1:]) / spread[:, 1:]  # (M, h)
    across, down = torch.exp(-(x**2) / 2), torch.exp(-(y**2) / 2)
    for index, (picture, number) in enumerate(zip(batch.picture.tolist(), batch.classes.tolist(), strict=True)):
        peak = torch.outer(down[index], across[index])  # one after another: all together would not fit into memory
        torch.maximum(heat[picture, number], peak, out=heat[picture, number])
    return heat


def heat_loss(logits: Tensor, target: Tensor, focus: float = 2.0) -> Tensor:
    """The loss of heat maps, per object: -log of the probability, each cell by how wrong it still is.

    Args:
        logits: (B, K, h, w).
        target: (B, K, h, w), 1 in the cells of centres, below 1 elsewhere.
        focus: γ: a cell counts (1 - p)^γ, p the probability of what is right there; 0: all alike, the plain
            cross-entropy. Near a centre an alarm counts (1 - target)⁴.

    Returns:
        A number: the sum over all cells divided by the number of centres.
    """
    logsigmoid = nn.functional.logsigmoid
    centre = target == 1
    right, wrong = torch.sigmoid(logits), torch.sigmoid(-logits)
    at_centres = -(wrong**focus) * logsigmoid(logits)
    elsewhere = -((1 - target) ** NEAR_PENALTY) * right**focus * logsigmoid(-logits)
    return torch.where(centre, at_centres, elsewhere).sum() / centre.sum().clamp_min(1)


def box_loss(found: Tensor, batch: Batch) -> Tensor:
    """The loss of the boxes: smooth L1 of place and log size, in the cell of each centre and in the eight around it.

    Args:
        found: (B, 4, h, w), `Found.boxes`.
        batch: pictures and objects.

    Returns:
        A number: the mean over cells, in which the own cell of a centre counts as much as its neighbours together.
    """
    h, w = found.shape[-2:]
    cells, within = centre_cells(batch.boxes)
    logs = ((batch.boxes[:, 2:] - batch.boxes[:, :2]) / STRIDE).log()
    loss, total = found.sum() * 0.0, 0.0
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            step = torch.tensor([dx, dy])
            there = cells + step
            inside = ((there >= 0) & (there < torch.tensor([w, h]))).all(dim=1)
            at = there[inside]
            said = found[batch.picture[inside], :, at[:, 1], at[:, 0]]  # (M', 4)
            target = torch.cat([within - step, logs], dim=1)[inside]
            weight = 1.0 if dx == dy == 0 else 1 / 8
            loss = loss + weight * nn.functional.smooth_l1_loss(said, target, beta=0.2, reduction="sum")
            total += weight * len(said)
    return loss / max(total, 1.0)


# ---------------------------------------------------------------------------------------------------------------------
# What it says


def peaks(heat: Tensor) -> Tensor:
    """Which cells are larger than none of the eight around them: (B, K, h, w) → truth values of the same shape."""
    return heat == nn.functional.max_pool2d(heat, 3, stride=1, padding=1)


def scores_of(heat: Tensor) -> Tensor:
    """How sure each cell is of each class: of a centre there, and of the class rather than of another.

    Args:
        heat: (B, K, h, w) logits.

    Returns:
        (B, K, h, w), 0 … 1: the geometric mean of the probability of a centre (sigmoid), which counts twice, and of
        the share of the class among all (softmax). Where two classes are said of one place, the weaker one loses.
    """
    return (heat.sigmoid() ** 2 * heat.softmax(dim=1)) ** (1 / 3)


def read_off(found: Found, most: int = 100) -> tuple[Tensor, Tensor, Tensor]:
    """The boxes at the strongest peaks of each picture.

    Args:
        found: what the network says.
        most: boxes of a picture.

    Returns:
        (B, n, 4) xyxy boxes in pixels, (B, n) classes and (B, n) scores from 0 to 1, best first; n ≤ most. What is no
        peak has the score 0.
    """
    _, K, h, w = found.heat.shape
    scores = torch.where(peaks(found.heat), scores_of(found.heat), 0).flatten(1).nan_to_num(0.0)
    best, index = scores.topk(min(most, K * h * w), dim=1)  # (B, n)
    cell = index % (h * w)
    numbers = found.boxes.flatten(2).gather(2, cell[:, None].expand(-1, 4, -1)).transpose(1, 2)  # (B, n, 4)
    corner = torch.stack([cell % w, cell // w], dim=2)
    centre = corner + numbers[..., :2]
    half = numbers[..., 2:].clamp(-LARGEST_LOG, LARGEST_LOG).exp() / 2
    return STRIDE * torch.cat([centre - half, centre + half], dim=2).nan_to_num(0.0), index // (h * w), best
