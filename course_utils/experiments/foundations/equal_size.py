"""Is the CNN of lesson 02 ahead of a feedforward network because it is convolutional, or because the other is small?

With as many parameters as the CNN a feedforward network has 23 hidden units, and makes a fifty-eighth of the CNN's
multiplications. Beside it stand one of 256 units, and one that makes as many multiplications as the CNN. They are
trained on warped digits, as in the lesson; and the one of 256 units also on digits that are not warped, beside the rows
of the experiment "shuffled_pixels". In "equal_size" all have the lesson's learning rate, which was chosen for its CNN;
in "equal_size_own_rates" each has the one that was best for it on validation digits. "equal_work" repeats the pair
of equal multiplications with new seeds, for the verdict of claim C03.
"""

from __future__ import annotations

from time import process_time
from typing import Any

import torch
from torch import nn

from course_utils.checks import check_name
from course_utils.display.settings import Settings, each, trained
from course_utils.errors import CourseError
from course_utils.experiments.foundations.shuffled_pixels import digits
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.models.picture_training import PICTURE_LR, picture_accuracy, train_on_pictures, warp_text
from course_utils.nn.convolution import output_size
from course_utils.nn.feedforward import mlp_parameter_count
from course_utils.nn.parameters import parameters_count
from course_utils.nn.picture_nets import DigitNet, mlp_of_size

# The hidden units of the feedforward networks: of equal parameters, wide, of equal multiplications. None: the CNN.
NETWORKS: dict[str, int | None] = {"CNN": None, "23 units": 23, "256 units": 256, "1,328 units": 1328}
LR = PICTURE_LR  # of all: that of the lesson, which was chosen for its CNN on validation digits


def begun(network: str, seed: int) -> nn.Module:
    """A network with its first weights.

    Args:
        network: one of `NETWORKS`.
        seed: of the weights.

    Raises:
        CourseError: another network.
    """
    check_name("network", network, NETWORKS)
    generator = torch.Generator().manual_seed(seed)
    units = NETWORKS[network]
    if units is None:
        return DigitNet(generator=generator)
    return mlp_of_size(mlp_parameter_count((784, units, 10)), generator=generator)


def multiplications(model: nn.Module, size: int = 28) -> int:
    """Multiplications of an input by a weight that a network makes for one picture.

    Args:
        model: a `DigitNet`, or a network of linear layers.
        size: height and width of the pictures, in pixels.
    """
    if not isinstance(model, DigitNet):
        return sum(layer.weight.numel() for layer in model.modules() if isinstance(layer, nn.Linear))
    total, side = model.readout.weight.numel(), size
    for convolution, kernel in zip(model.convolutions, model.kernels, strict=True):
        side = output_size(side, kernel)
        total += side**2 * sum(p.numel() for p in convolution.parameters() if p.dim() == 4)
        side //= 2
    return total


def measure(
    seed: int, *, rates: dict[str, list[float]], epochs: int, warp: float, digits_part: str, most: int
) -> list[Row]:
    """Train every network, and judge it on digits that it has not seen, which are not warped.

    Args:
        seed: of the weights, the order of the digits, and how they are warped.
        rates: network → learning rates to try.
        epochs: passes through the training digits, in batches of 50; the same for all.
        warp: how far digits are warped in training, as for `train_on_pictures`.
        digits_part: "valid" or "test", what is judged.
        most: how many of the 3,500 training digits are used.

    Returns:
        A row for each network and rate: `network`, `lr`, `accuracy` (chance 0.1), `parameters`, `multiplications` (for
        one digit), `steps`, `seconds` (CPU, of the training).

    Raises:
        CourseError: another part, or fewer digits than a batch.
    """
    check_name("part of the digits", digits_part, ("valid", "test"))
    if most < 50:
        raise CourseError(f"most must be 50 or more, one batch of digits; it is {most}.")
    (x, y), (judged_x, judged_y) = digits()["train"], digits()[digits_part]
    rows: list[Row] = []
    for network, tried in rates.items():
        for lr in tried:
            model, start = begun(network, seed), process_time()
            history = train_on_pictures(
                model, x[:most], y[:most], seed=seed, epochs=epochs, lr=lr, warp=warp, progress=False
            )
            seconds = process_time() - start
            about = {"network": network, "lr": lr, "parameters": parameters_count(model), "steps": history.steps}
            judged = {"accuracy": picture_accuracy(model, judged_x, judged_y), "seconds": seconds}
            rows.append({**about, "multiplications": multiplications(model), **judged})
    return rows


def told(*, rates: dict[str, list[float]], epochs: int, warp: float, digits_part: str, most: int) -> Settings:
    """What a reader must know of these trainings."""
    return trained(
        start="torch's own",
        learning_rate=f"Adam, {each(rates)}, falling to 0 as a cosine",
        clipping="none",
        steps=f"{epochs * -(-most // 50):,}, {epochs} epochs",
        batch="50",
        size=each({name: f"{parameters_count(begun(name, 0)):,} parameters" for name in rates}),
        augmentation=warp_text(warp),
        note=f"judged on the {digits_part} digits",
    )


_QUICK: dict[str, Any] = {"epochs": 1, "most": 200}
_WARPED: dict[str, Any] = {"epochs": 10, "warp": 1.0, "most": 3500}
RATES = (0.002, 0.004, 0.008, 0.016)

# network → the one of RATES with the highest accuracy in "equal_size_search", on another seed and the validation digits
CHOSEN = {"CNN": 0.008, "23 units": 0.016, "256 units": 0.008, "1,328 units": 0.016}
# Beyond the largest of RATES, in "equal_work_search", since there the search of the feedforward network ended.
LARGER_RATES = (0.032, 0.064)

EXPERIMENTS = (
    Experiment(
        name="equal_size",
        version=1,
        measure=measure,
        seeds=tuple(range(5)),
        settings={
            "rates": {network: [LR] for network in NETWORKS},
            "digits_part": "test",
            **_WARPED,
        },
        quick=_QUICK,
        timed=("seconds",),
        told=told,
    ),
    Experiment(
        name="equal_size_search",
        version=1,
        measure=measure,
        seeds=(1000,),  # not one of those that are reported
        settings={
            "rates": {network: list(RATES) for network in NETWORKS},
            "digits_part": "valid",
            **_WARPED,
        },
        quick={**_QUICK, "rates": {network: [LR] for network in NETWORKS}},
        timed=("seconds",),
        told=told,
    ),
    Experiment(
        name="equal_size_own_rates",
        version=1,
        measure=measure,
        seeds=tuple(range(5)),
        settings={
            "rates": {network: [lr] for network, lr in CHOSEN.items()},
            "digits_part": "test",
            **_WARPED,
        },
        quick=_QUICK,
        timed=("seconds",),
        told=told,
    ),
    Experiment(
        name="equal_size_plain_search",
        version=1,
        measure=measure,
        seeds=(1000,),  # not one of those that are reported
        settings={
            "rates": {"256 units": [0.002, 0.004, 0.008]},
            "digits_part": "valid",
            "epochs": 25,
            "warp": 0.0,
            "most": 3500,
        },
        quick={**_QUICK, "rates": {"256 units": [0.004]}},
        timed=("seconds",),
        told=told,
    ),
    Experiment(
        name="equal_size_plain",
        version=1,
        measure=measure,
        seeds=tuple(range(5)),
        settings={
            "rates": {"256 units": [0.004]},  # the best in "equal_size_plain_search"
            "digits_part": "test",
            "epochs": 25,
            "warp": 0.0,
            "most": 3500,
        },
        quick=_QUICK,
        timed=("seconds",),
        told=told,
    ),
    Experiment(
        name="equal_work_search",
        version=1,
        measure=measure,
        seeds=(1000,),  # as in "equal_size_search"
        settings={**_WARPED, "rates": {"1,328 units": list(LARGER_RATES)}, "digits_part": "valid"},
        quick=_QUICK,
        timed=("seconds",),
        told=told,
    ),
    Experiment(
        name="equal_work",  # for the verdict: ten seeds that no other experiment has used
        version=1,
        measure=measure,
        seeds=tuple(range(200, 210)),
        settings={
            **_WARPED,
            "rates": {network: [CHOSEN[network]] for network in ("CNN", "1,328 units")},
            "digits_part": "test",
        },
        quick=_QUICK,
        timed=("seconds",),
        told=told,
    ),
)
