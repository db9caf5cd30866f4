"""Claim C03: is a convolutional network ahead on pictures because neighbours are neighbours?

A CNN and a feedforward network of as many parameters learn digits, once as they are and once with all pixels in another
order, the same for every digit. To the feedforward network both are the same task; the CNN loses what it takes for
granted. Nothing is warped here, since warped pictures would show which pixels are neighbours.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import torch
from torch import Tensor, nn

from course_utils.checks import check_name
from course_utils.data.pictures import digit_pictures
from course_utils.display.settings import Settings, each, trained
from course_utils.errors import CourseError
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.models.picture_training import PICTURE_BATCH, picture_accuracy, train_on_pictures
from course_utils.nn.parameters import parameters_count
from course_utils.nn.picture_nets import DigitNet, mlp_of_size, shuffle_pixels

NETWORKS = ("CNN", "feedforward")
PIXELS = ("as they are", "shuffled")
RATES = (0.001, 0.003, 0.01)

# The one of RATES with the highest accuracy in the experiment "shuffled_pixels_search", on other seeds and on the
# validation part: network → pixels → learning rate.
CHOSEN: dict[str, dict[str, float]] = {
    "CNN": {"as they are": 0.003, "shuffled": 0.003},
    "feedforward": {"as they are": 0.01, "shuffled": 0.01},
}


@cache
def digits() -> dict[str, tuple[Tensor, Tensor]]:
    """The digits in parts, always the same: "train" (3,500), "valid" (500), "test" (1,000); images (N, 1, 28, 28)."""
    return {part: (torch.as_tensor(x), torch.as_tensor(y)) for part, (x, y) in digit_pictures(seed=0).items()}


def begun(network: str, channels: list[int], seed: int) -> nn.Module:
    """A network with its first weights; both have as many parameters as whole hidden units allow.

    Args:
        network: "CNN" or "feedforward".
        channels: feature maps of the CNN's stages.
        seed: of the weights.

    Raises:
        CourseError: another network.
    """
    check_name("network", network, NETWORKS)
    cnn = DigitNet(channels, generator=torch.Generator().manual_seed(seed))
    if network == "CNN":
        return cnn
    return mlp_of_size(parameters_count(cnn), generator=torch.Generator().manual_seed(seed))


def order_of(pixels: str, seed: int) -> Tensor:
    """(784,) the order of the pixels: their own, or one that is drawn from the seed.

    Raises:
        CourseError: neither "as they are" nor "shuffled".
    """
    check_name("order of the pixels", pixels, PIXELS)
    generator = torch.Generator().manual_seed(seed + 10_000)  # others than those of the weights
    return torch.arange(784) if pixels == "as they are" else torch.randperm(784, generator=generator)


def measure(
    seed: int,
    *,
    rates: dict[str, dict[str, list[float]]],
    channels: list[int],
    epochs: int,
    digits_part: str,
    most: int,
) -> list[Row]:
    """Train both networks on both kinds of digits, and judge them on digits that they have not seen.

    Args:
        seed: of the weights, the order of the digits, and the order of the pixels.
        rates: network → pixels → learning rates to try.
        channels: feature maps of the CNN's stages; the feedforward network has as many parameters.
        epochs: passes through the training digits, in batches of 50; the same for all.
        digits_part: "valid" or "test", what is judged.
        most: how many of the 3,500 training digits are used.

    Returns:
        A row for each: `network`, `pixels`, `lr`, `accuracy` (chance 0.1), `parameters`, `steps`.

    Raises:
        CourseError: another part.
    """
    check_name("part of the digits", digits_part, ("valid", "test"))
    if most < 50:
        raise CourseError(f"most must be 50 or more, one batch of digits; it is {most}.")
    (x, y), (judged_x, judged_y) = digits()["train"], digits()[digits_part]
    rows: list[Row] = []
    for network, tried in rates.items():
        for pixels, of_pixels in tried.items():
            order = order_of(pixels, seed)
            train, judged = shuffle_pixels(x[:most], order), shuffle_pixels(judged_x, order)
            for lr in of_pixels:
                model = begun(network, channels, seed)
                history = train_on_pictures(
                    model, train, y[:most], seed=seed, epochs=epochs, lr=lr, warp=0, progress=False
                )
                about = {"network": network, "pixels": pixels, "lr": lr, "parameters": parameters_count(model)}
                rows.append({**about, "steps": history.steps, "accuracy": picture_accuracy(model, judged, judged_y)})
    return rows


_SETTINGS = {"channels": [16, 32], "epochs": 25, "most": 3500}
_QUICK = {"channels": [4, 8], "epochs": 3, "most": 500}


def told(
    *, rates: dict[str, dict[str, list[float]]], channels: list[int], epochs: int, most: int, **_: Any
) -> Settings:
    """What a reader must know of the trainings."""
    sizes = {name: f"{parameters_count(begun(name, channels, 0)):,} parameters" for name in NETWORKS}
    return trained(
        start="torch's own",
        learning_rate=f"Adam, {each(rates)}, falling to 0 as a cosine",
        clipping="none",
        steps=f"{epochs * -(-most // PICTURE_BATCH):,}, {epochs} epochs of {most:,} digits",
        batch=f"{PICTURE_BATCH}",
        size=f"{each(sizes)}; the CNN has {' and '.join(map(str, channels))} channels",
    )


EXPERIMENTS = (
    Experiment(
        name="shuffled_pixels_search",
        version=1,
        measure=measure,
        told=told,
        seeds=(1000, 1001),  # not those that are reported
        settings={
            "rates": {network: {pixels: list(RATES) for pixels in PIXELS} for network in NETWORKS},
            "digits_part": "valid",
            **_SETTINGS,
        },
        quick=_QUICK,
    ),
    Experiment(
        name="shuffled_pixels",
        version=1,
        measure=measure,
        told=told,
        seeds=tuple(range(540, 550)),  # 0 to 9 were seen before the rule was changed
        settings={
            "rates": {
                network: {pixels: [lr] for pixels, lr in of_pixels.items()} for network, of_pixels in CHOSEN.items()
            },
            "digits_part": "test",
            **_SETTINGS,
        },
        quick=_QUICK,
    ),
)
