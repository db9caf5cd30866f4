"""Digits out of their place, on the paper of the lesson and on larger paper: is it the edge that costs?

A window of a convolution without padding cannot reach past the edge of the picture: a stroke near it is seen by fewer
windows. The lesson's network with global pooling reads pictures of any size, so the same network is judged twice on the
same moved digits: as they are, and with blank paper added on all sides.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from course_utils.display.settings import Settings, trained
from course_utils.experiments.foundations.moved_digits import BATCH, NETWORKS, PIXELS
from course_utils.experiments.foundations.moved_digits import trained as trained_network
from course_utils.experiments.foundations.shuffled_pixels import digits
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.models.picture_training import warp_text
from course_utils.nn.convolution import shifted
from course_utils.nn.picture_nets import PooledDigitNet

NETWORK = "global maximum"


@torch.no_grad()
def accuracy_on_paper(model: PooledDigitNet, images: Tensor, labels: Tensor, wider: int) -> float:
    """The share of digits named correctly on paper that is wider on each of its four sides.

    Args:
        model: its read-out knows no positions, so that any size of picture will do.
        images: (N, 1, 28, 28), 0 the paper … 1 the ink.
        labels: (N,).
        wider: by how many pixels.
    """
    features = torch.cat([_largest(model, nn.functional.pad(part, (wider,) * 4)) for part in images.split(500)])
    return float((model.readout(features).argmax(-1) == labels).double().mean())


def _largest(model: PooledDigitNet, images: Tensor) -> Tensor:
    """(B, K) the largest number of each map of the last convolution, before its 2 × 2 maximum."""
    first, second = model.convolutions
    maps: Tensor = torch.relu(second(nn.functional.max_pool2d(torch.relu(first(images)), 2)))
    return maps.amax(dim=(2, 3))


def measure(seed: int, *, paper: list[int], shifts: list[int], epochs: int, lr: float, most: int) -> list[Row]:
    """Train the network with global pooling, and judge it on moved digits, on the lesson's paper and on wider paper.

    Args:
        seed: of the weights, the order of the digits, and how they are warped.
        paper: how many pixels wider the paper is on each side.
        shifts: by how many pixels the test digits are moved, down and to the right, before the paper is widened.
        epochs: passes through the training digits, which have no more paper than in the lesson.
        lr: the learning rate at the start.
        most: how many of the 3,500 training digits are used.

    Returns:
        A row for each paper and shift: `wider`, `moved_by` (pixels), `accuracy` (chance 0.1).
    """
    (x, y), (test_x, test_y) = digits()["train"], digits()["test"]
    model = trained_network(NETWORK, x[:most], y[:most], seed, epochs, lr)
    assert isinstance(model, PooledDigitNet)
    return [
        {
            "wider": wider,
            "moved_by": by,
            "accuracy": accuracy_on_paper(model, shifted(test_x, by, by), test_y, wider),
        }
        for wider in paper
        for by in shifts
    ]


def told(*, paper: list[int], shifts: list[int], epochs: int, lr: float, most: int) -> Settings:
    """What a reader must know of these trainings."""
    return trained(
        start="torch's own",
        learning_rate=f"Adam, {lr}, falling to 0 as a cosine",
        clipping="none",
        steps=f"{epochs * -(-most // BATCH):,}, {epochs} epochs",
        batch=str(BATCH),
        size="16 and 32 maps, kernels of 5 × 5, of each map of conv 2 the maximum",
        augmentation=warp_text(1.0, NETWORKS[NETWORK][1] / PIXELS),
    )


EXPERIMENT = Experiment(
    name="moved_on_paper",
    version=1,
    measure=measure,
    seeds=tuple(range(5)),
    settings={"paper": [0, 4, 8], "shifts": list(range(6)), "epochs": 6, "lr": 0.004, "most": 3500},
    quick={"paper": [0, 4], "shifts": [0, 3], "epochs": 1, "most": 200},
    told=told,
)
