"""Claim C32: does an LSTM process single images, and whole videos?

Video: clips of moving digits, which way does the digit go? One frame says nothing about it, so who sees one frame is
right in 1 of 4 clips at best. Frames in any order say along which line the digit goes, and no more: 1 of 2. Single
images: digits as 28 rows of pixels, read from top to bottom.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn

from course_utils.checks import check_name
from course_utils.data.moving_digits import DIRECTIONS, MovingDigits, moving_digits
from course_utils.data.pictures import digit_pictures
from course_utils.display.settings import Settings, each, trained
from course_utils.errors import CourseError
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.told import CLIP_NORM, CLIPPED, size_text
from course_utils.models.clips import ClipNet, clip_parameters, hidden_for_clip_parameters, shuffled_in_time
from course_utils.nn.parameters import parameters_count
from course_utils.nn.sequence_model import SequenceModel, hidden_for_parameters
from course_utils.training import fit, supervised

# network → cell, and whether the frames of each clip are shuffled, in training and in the test
NETWORKS: dict[str, tuple[str, bool]] = {
    "LSTM": ("lstm", False),
    "GRU": ("gru", False),
    "RNN": ("rnn", False),
    "LSTM, frames shuffled": ("lstm", True),
    "one frame": ("one frame", False),
}
WAYS = 4
BEST_POSSIBLE = {"LSTM, frames shuffled": 2 / WAYS, "one frame": 1 / WAYS}  # derived above; 1 for the others
CLIP_PARAMETERS = 28_500
BATCH, ROW_BATCH = 32, 50
RATES = (0.002, 0.006, 0.02)

# The one of RATES with the highest mean accuracy in the experiment "moving_digits_search", on other seeds and on clips
# of validation digits; of equal ones the smaller.
CHOSEN: dict[str, float] = dict.fromkeys(NETWORKS, 0.006) | {"LSTM, frames shuffled": 0.002, "one frame": 0.02}


def measure(seed: int, *, rates: dict[str, list[float]], clips: int, judged: int, steps: int, part: str) -> list[Row]:
    """Train every network on the same clips, and judge it on clips of digits that it has not seen.

    Args:
        seed: of weights, clips and their order.
        rates: network → learning rates to try.
        clips: how many are trained on.
        judged: how many are judged.
        steps: of the optimiser, of 32 clips each; the same for all.
        part: whose digits are judged, "valid" or "test".

    Returns:
        A row for each network and rate: `network`, `lr`, `parameters`, `accuracy` (chance 1/4), `best_possible`.

    Raises:
        CourseError: an unknown network or part.
    """
    _check(rates, NETWORKS, part)
    train, test = moving_digits(clips, seed, ways=WAYS), moving_digits(judged, seed, ways=WAYS, part=part)
    rows: list[Row] = []
    for network, tried in rates.items():
        cell, shuffled = NETWORKS[network]
        seen, unseen = _frames(train, shuffled, seed), _frames(test, shuffled, seed + 1)
        for lr in tried:
            hidden_size = hidden_for_clip_parameters(cell, CLIP_PARAMETERS, WAYS)
            model = ClipNet(cell, hidden_size, tuple(DIRECTIONS)[:WAYS], seed=seed)
            model.fit(seen, train.directions, steps=steps, lr=lr, batch_size=BATCH, seed=seed, progress=False)
            about = {"network": network, "lr": lr, "parameters": model.parameters_count}
            best = BEST_POSSIBLE.get(network, 1.0)
            rows.append({**about, "accuracy": model.accuracy(unseen, test.directions), "best_possible": best})
    return rows


def _frames(clips: MovingDigits, shuffled: bool, seed: int) -> Tensor:
    return shuffled_in_time(clips.clips, seed) if shuffled else torch.as_tensor(clips.clips)


# ---------------------------------------------------------------------------------------------------------------------
# A single image as a sequence: 28 rows of 28 pixels

READERS = {"LSTM": "lstm", "GRU": "gru", "RNN": "rnn", "feedforward": "feedforward"}
ROW_PARAMETERS = 24_000
ROW_RATES = (0.002, 0.006, 0.02, 0.06)

# As above, in the experiment "digits_as_rows_search".
ROWS_CHOSEN: dict[str, float] = {"LSTM": 0.02, "GRU": 0.02, "RNN": 0.006, "feedforward": 0.02}


@cache
def _digits() -> dict[str, tuple[Tensor, Tensor]]:
    """(N, 28, 28) and labels (N,) of each part."""
    return {part: (torch.as_tensor(x[:, 0]), torch.as_tensor(y)) for part, (x, y) in digit_pictures().items()}


class RowReader(nn.Module):
    """Names a digit: a recurrent layer reads its rows from top to bottom; a feedforward one sees all pixels at once.

    Args:
        network: one of `READERS`.
        parameters: about how many numbers it learns.
        seed: of the weights.

    Raises:
        CourseError: another network.
    """

    def __init__(self, network: str, parameters: int, seed: int) -> None:
        super().__init__()
        check_name("network", network, READERS)
        cell = READERS[network]
        self.inputs = 784 if cell == "feedforward" else 28
        hidden_size = hidden_for_parameters(cell, self.inputs, 10, parameters)
        self.model = SequenceModel(cell, self.inputs, hidden_size, 10, generator=torch.Generator().manual_seed(seed))

    def forward(self, images: Tensor) -> Tensor:
        """(B, 28, 28) → logits (B, 10), after the last row."""
        logits: Tensor = self.model(images.reshape(len(images), -1, self.inputs))[:, -1]
        return logits


def measure_rows(seed: int, *, rates: dict[str, list[float]], epochs: int, most: int, part: str) -> list[Row]:
    """Train every network on digits, and judge it on others.

    Args:
        seed: of weights and the order of the digits.
        rates: network → learning rates to try.
        epochs: passes through the training digits, in batches of 50; the same for all.
        most: how many of the 3,500 training digits are used.
        part: the digits that are judged, "valid" or "test".

    Returns:
        A row for each network and rate: `network`, `lr`, `parameters`, `accuracy` (chance 0.1).

    Raises:
        CourseError: an unknown network or part, or fewer than 50 digits.
    """
    _check(rates, READERS, part)
    if most < 50:
        raise CourseError(f"most must be 50 or more, one batch of digits; it is {most}.")
    (x, y), (judged_x, judged_y) = _digits()["train"], _digits()[part]
    x, y = x[:most], y[:most]
    rows: list[Row] = []
    for network, tried in rates.items():
        for lr in tried:
            model = RowReader(network, ROW_PARAMETERS, seed)
            generator = torch.Generator().manual_seed(seed)
            batches = [
                (x[some], y[some])
                for _ in range(epochs)
                for some in torch.randperm(len(x), generator=generator).split(ROW_BATCH)
            ]
            optimizer = torch.optim.Adam(model.parameters(), lr=lr)
            fit(
                model,
                batches,
                supervised(nn.functional.cross_entropy),
                epochs=1,
                optimizer=optimizer,
                lr_schedule=torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, len(batches)),
                clip_norm=CLIP_NORM,
                progress=False,
            )
            with torch.no_grad():
                right = model(judged_x).argmax(-1) == judged_y
            about = {"network": network, "lr": lr, "parameters": parameters_count(model)}
            rows.append({**about, "accuracy": float(right.double().mean())})
    return rows


def _check(rates: dict[str, list[float]], known: Iterable[str], part: str) -> None:
    for network in rates:
        check_name("network", network, known)
    check_name("part of the digits", part, ("valid", "test"))


# ---------------------------------------------------------------------------------------------------------------------
# The experiments

_SETTINGS = {"clips": 3000, "judged": 1000, "steps": 400}
_QUICK = {"clips": 40, "judged": 40, "steps": 3}
_ROWS_SETTINGS = {"epochs": 8, "most": 3500}
_ROWS_QUICK = {"epochs": 1, "most": 200}


def told(*, rates: dict[str, list[float]], clips: int, steps: int, **_: Any) -> Settings:
    """What a reader must know of the trainings on clips."""
    sizes = {}
    for network in rates:
        width = hidden_for_clip_parameters(NETWORKS[network][0], CLIP_PARAMETERS, WAYS)
        sizes[network] = f"{width} units, {clip_parameters(NETWORKS[network][0], width, WAYS):,} parameters"
    return trained(
        start="torch's own",
        learning_rate=f"Adam, {each(rates)}, falling to 0 as a cosine",
        clipping=CLIPPED,
        steps=f"{steps:,}, on {clips:,} clips",
        batch=f"{min(BATCH, clips)}",
        size=each(sizes),
    )


def told_rows(*, rates: dict[str, list[float]], epochs: int, most: int, **_: Any) -> Settings:
    """What a reader must know of the trainings on rows of pixels."""
    sizes = {}
    for network in rates:
        cell, inputs = READERS[network], 784 if READERS[network] == "feedforward" else 28
        sizes[network] = size_text(cell, inputs, hidden_for_parameters(cell, inputs, 10, ROW_PARAMETERS), 10)
    return trained(
        start="torch's own",
        learning_rate=f"Adam, {each(rates)}, falling to 0 as a cosine",
        clipping=CLIPPED,
        steps=f"{epochs * -(-most // ROW_BATCH):,}, {epochs} epochs of {most:,} digits",
        batch=f"{ROW_BATCH}",
        size=each(sizes),
    )


EXPERIMENTS = (
    Experiment(
        name="moving_digits_search",
        version=1,
        measure=measure,
        told=told,
        seeds=(1000, 1001),  # not those that are reported
        settings={"rates": {network: list(RATES) for network in NETWORKS}, "part": "valid", **_SETTINGS},
        quick=_QUICK,
    ),
    Experiment(
        name="moving_digits",
        version=1,
        measure=measure,
        told=told,
        seeds=tuple(range(10)),
        settings={"rates": {network: [lr] for network, lr in CHOSEN.items()}, "part": "test", **_SETTINGS},
        quick=_QUICK,
    ),
    Experiment(
        name="digits_as_rows_search",
        version=1,
        measure=measure_rows,
        told=told_rows,
        seeds=(1000, 1001),
        settings={"rates": {network: list(ROW_RATES) for network in READERS}, "part": "valid", **_ROWS_SETTINGS},
        quick=_ROWS_QUICK,
    ),
    Experiment(
        name="digits_as_rows",
        version=1,
        measure=measure_rows,
        told=told_rows,
        seeds=tuple(range(10)),
        settings={"rates": {network: [lr] for network, lr in ROWS_CHOSEN.items()}, "part": "test", **_ROWS_SETTINGS},
        quick=_ROWS_QUICK,
    ),
)
