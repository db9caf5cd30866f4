"""Small networks set by hand for parity and aⁿbⁿ, shaken and trained; and as small ones trained from a random start."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import torch
from torch import nn

from course_utils.display.settings import Settings, each, trained
from course_utils.experiments.computation import formal_language_grid as grid
from course_utils.experiments.computation.set_for_languages import set_by_hand
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.told import CLIP_NORM, CLIPPED
from course_utils.nn.parameters import parameters_count
from course_utils.runtime import prepare_optimizers, seeded
from course_utils.training import Budget, DivergedError, WarmupCosine, fit

BY_HAND = {  # network → task
    "tanh RNN": "parity",
    "GRU": "parity",
    "LSTM": "parity",
    "LSTM that counts": "aⁿbⁿ",
}
AS_SET, SHAKEN, SHAKEN_TRAINED, RANDOM_TRAINED = "as set", "shaken", "shaken, trained", "random, trained"


def set_network(name: str) -> nn.Module:
    """A network set by hand, of one or two units.

    Args:
        name: of `BY_HAND`.
    """
    build: Callable[[], nn.Module] = set_by_hand()[BY_HAND[name], name.removesuffix(" that counts")]
    return build()


@torch.no_grad()
def shake(model: nn.Module, spread: float, seed: int) -> None:
    """Add a random number to each weight, as large as a share of the largest weight of its layer.

    Args:
        model: is changed.
        spread: that share.
        seed: of the numbers.
    """
    generator = torch.Generator().manual_seed(seed)
    for layer in model.children():
        largest = max(float(weight.abs().max()) for weight in layer.parameters())
        for weight in layer.parameters():
            weight.add_(spread * largest * torch.randn(weight.shape, generator=generator))


def begin_anew(model: nn.Module, seed: int) -> None:
    """Give all layers torch's own first weights.

    Args:
        model: is changed.
        seed: of the weights.
    """
    with seeded(seed):
        for layer in model.children():
            anew: Any = layer
            anew.reset_parameters()


def train(model: nn.Module, language: str, lr: float, steps: int, seed: int) -> None:
    """Train on strings of up to 40 symbols with the answer after each.

    Args:
        model: is changed; if its training diverges, it has the weights before that.
        language: what is learned.
        lr: the highest rate of Adam.
        steps: of the optimiser.
        seed: of the strings.
    """
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    with suppress(DivergedError):
        fit(
            model,
            grid.batches(language, seed),
            grid.objective,
            steps=steps,
            optimizer=optimizer,
            lr_schedule=WarmupCosine(Budget(steps), grid.WARMUP).of(optimizer),
            clip_norm=CLIP_NORM,
            progress=False,
        )


def measure(
    seed: int, *, networks: list[str], spreads: list[float], lr: float, steps: int, lengths: list[int], strings: int
) -> list[Row]:
    """Judge small networks as they were set, shaken, shaken and then trained, and trained from a random start.

    Args:
        seed: of what is added, of random starts and of strings.
        networks: of `BY_HAND`.
        spreads: how much they are shaken.
        lr: the highest rate of Adam.
        steps: of the optimiser.
        lengths: at which they are judged.
        strings: of each length.

    Returns:
        Rows of `network`, `language`, `way`, `spread` (0 where nothing is shaken), and what `grid.judge` says.
    """
    prepare_optimizers()
    rows: list[Row] = []

    def judge(network: str, way: str, spread: float, model: nn.Module) -> None:
        about = {"network": network, "language": BY_HAND[network], "way": way, "spread": spread}
        rows.extend({**about, **judged} for judged in grid.judge(model, BY_HAND[network], lengths, strings, seed))

    for network in networks:
        judge(network, AS_SET, 0.0, set_network(network))
        for spread in spreads:
            shaken = set_network(network)
            shake(shaken, spread, seed)
            judge(network, SHAKEN, spread, shaken)
            train(shaken, BY_HAND[network], lr, steps, seed)
            judge(network, SHAKEN_TRAINED, spread, shaken)
        anew = set_network(network)
        begin_anew(anew, seed)
        train(anew, BY_HAND[network], lr, steps, seed)
        judge(network, RANDOM_TRAINED, 0.0, anew)
    return rows


def told(
    *, networks: list[str], spreads: list[float], lr: float, steps: int, lengths: list[int], strings: int
) -> Settings:
    """What a reader must know of the trainings."""
    sizes = {name: f"{parameters_count(set_network(name))} parameters" for name in networks}
    return trained(
        start="set by hand, each weight shaken by a normal number with a spread of "
        f"{' or '.join(f'{spread:g}' for spread in spreads)} times the largest weight of its layer; or torch's own",
        learning_rate=f"Adam, {lr:g}, rising over {grid.WARMUP} steps, then falling to 0 as a cosine",
        clipping=CLIPPED,
        steps=f"{steps:,}",
        batch=f"{grid.BATCH} strings of one length, 2 to {grid.LONGEST} symbols",
        size=each(sizes),
        note=f"an answer after each symbol; judged on {strings:,} strings of each of the lengths "
        f"{', '.join(map(str, lengths))}; the rate was not searched for",
    )


EXPERIMENTS = (
    Experiment(
        name="shaken",
        version=1,
        measure=measure,
        told=told,
        seeds=tuple(range(690, 700)),  # that no other experiment has used
        settings={
            "networks": [*BY_HAND],
            "spreads": [0.1, 0.3],
            "lr": 0.03,
            "steps": 1_000,
            "lengths": [40, 500],
            "strings": 100,
        },
        quick={"steps": 3, "strings": 5},
    ),
)
