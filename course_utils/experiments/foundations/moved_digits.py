"""Digits out of their place: what a CNN's read-out has learned from digits in the middle, and what cures it.

The lesson's CNN reads each place of its last maps with weights of its own. Beside it: the same network trained without
shifts, and with shifts that are larger than the lesson's; the same convolutions with global pooling, whose read-out
knows no places. Digits that are moved also lose ink at the edge of the picture; so each is
judged on all test digits, and on those alone that lose none.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from course_utils.checks import check_name
from course_utils.display.settings import Settings, each
from course_utils.display.settings import trained as settings_of
from course_utils.errors import CourseError
from course_utils.experiments.foundations.shuffled_pixels import digits
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.models.picture_training import picture_accuracy, train_on_pictures
from course_utils.nn.convolution import shifted
from course_utils.nn.picture_nets import DigitNet, PooledDigitNet

BATCH = 50
PIXELS = 14  # of half a picture: `warped` counts shifts in it

# name → how the network is made, and the largest shift in training, in pixels
NETWORKS: dict[str, tuple[Callable[[torch.Generator], nn.Module], float]] = {
    "CNN, no shifts": (lambda generator: DigitNet(generator=generator), 0.0),
    "CNN": (lambda generator: DigitNet(generator=generator), 1.68),
    "CNN, shifts up to 5": (lambda generator: DigitNet(generator=generator), 5.0),
    "global maximum": (lambda generator: PooledDigitNet("maximum", generator), 1.68),
}


def ink_kept(images: Tensor, by: int) -> Tensor:
    """(N,) the share of its ink that each picture keeps, moved down and to the right by some pixels.

    Args:
        images: (N, 1, H, W), 0 the paper … 1 the ink.
        by: pixels.
    """
    ink = images.double()  # sums of the same pixels are equal then, in whatever order they are added
    return shifted(ink, by, by).sum(dim=(1, 2, 3)) / ink.sum(dim=(1, 2, 3))


def trained(network: str, x: Tensor, y: Tensor, seed: int, epochs: int, lr: float) -> nn.Module:
    """One of `NETWORKS`, trained on digits that are turned, stretched and shifted by chance.

    Args:
        network: its name.
        x: (N, 1, 28, 28).
        y: (N,).
        seed: of the first weights, the order of the digits, and how they are warped.
        epochs: passes through the digits, in batches of 50.
        lr: of Adam at the start; it falls to 0 as a cosine.

    Raises:
        CourseError: another network.
    """
    check_name("network", network, NETWORKS)
    make, pixels = NETWORKS[network]
    model = make(torch.Generator().manual_seed(seed))
    train_on_pictures(model, x, y, seed=seed, epochs=epochs, lr=lr, shift=pixels / PIXELS, progress=False)
    return model


def measure(seed: int, *, networks: list[str], shifts: list[int], epochs: int, lr: float, most: int) -> list[Row]:
    """Train each network, and judge it on test digits moved down and to the right.

    Args:
        seed: of the weights, the order of the digits, and how they are warped.
        networks: names from `NETWORKS`.
        shifts: by how many pixels the test digits are moved.
        epochs: passes through the training digits.
        lr: the learning rate at the start.
        most: how many of the 3,500 training digits are used.

    Returns:
        A row for each network and shift: `network`, `largest_shift` (in training, pixels), `moved_by` (pixels),
        `accuracy` (chance 0.1), `accuracy_whole` (of the digits that lose no ink), `cut` (the share of digits that
        lose some).

    Raises:
        CourseError: an unknown network, or fewer digits than a batch.
    """
    if most < BATCH:
        raise CourseError(f"most must be {BATCH} or more, one batch of digits; it is {most}.")
    (x, y), (test_x, test_y) = digits()["train"], digits()["test"]
    rows: list[Row] = []
    for network in networks:
        model = trained(network, x[:most], y[:most], seed, epochs, lr)
        for by in shifts:
            moved, whole = shifted(test_x, by, by), ink_kept(test_x, by) > 1 - 1e-9
            rows.append(
                {
                    "network": network,
                    "largest_shift": NETWORKS[network][1],
                    "moved_by": by,
                    "accuracy": picture_accuracy(model, moved, test_y),
                    "accuracy_whole": picture_accuracy(model, moved[whole], test_y[whole]),
                    "cut": float((~whole).double().mean()),
                }
            )
    return rows


def told(*, networks: list[str], shifts: list[int], epochs: int, lr: float, most: int) -> Settings:
    """What a reader must know of these trainings."""
    moved = each({name: f"by up to {NETWORKS[name][1]:.1f} pixels" for name in networks})
    return settings_of(
        start="torch's own",
        learning_rate=f"Adam, {lr}, falling to 0 as a cosine",
        clipping="none",
        steps=f"{epochs * -(-most // BATCH):,}, {epochs} epochs",
        batch=str(BATCH),
        size="16 and 32 maps, kernels of 5 × 5",
        augmentation=f"turned by up to 11 degrees, stretched and slanted by up to 12 %, moved {moved}",
    )


EXPERIMENT = Experiment(
    name="moved_digits",
    version=1,
    measure=measure,
    seeds=tuple(range(5)),
    settings={"networks": list(NETWORKS), "shifts": list(range(6)), "epochs": 6, "lr": 0.004, "most": 3500},
    quick={"networks": ["CNN", "global maximum"], "shifts": [0, 3], "epochs": 1, "most": 200},
    told=told,
)
