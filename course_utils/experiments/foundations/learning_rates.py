"""Gradient descent by hand on the dogs of lesson 01, with learning rates from far too small to far too large."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from course_utils.data.dogs import dog_breeds
from course_utils.data.scaling import standardised
from course_utils.data.tables import split
from course_utils.display.settings import Settings, trained, value_text
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.nn.feedforward import MLP, accuracy, cross_entropy, gradient_descent

COLUMNS = ["height_cm", "weight_kg"]
HIGHEST = 1e6  # a loss that is larger, or no number, is stored as this one


def dogs_of(seed: int, count: int) -> tuple[Tensor, Tensor]:
    """Heights and weights (N, 2), as they are, and breeds (N,): 1 for a labrador.

    Args:
        seed: of the simulation.
        count: N.
    """
    table = dog_breeds(count, seed=seed)
    breeds = torch.tensor((table["breed"] == "Labrador Retriever").to_numpy(), dtype=torch.int64)
    return torch.tensor(table[COLUMNS].to_numpy(), dtype=torch.float32), breeds


def measure(seed: int, *, rates: list[float], hidden: int, epochs: int, dogs: int) -> list[Row]:
    """Train the lesson's network with each learning rate, by the lesson's own loop.

    Args:
        seed: of the dogs, their split, the first weights and the batches.
        rates: learning rates.
        hidden: units of the one hidden layer.
        epochs: passes through the training dogs (60 %), in batches of 32.
        dogs: how many, in all three parts.

    Returns:
        A row for each rate: `lr`, `steps`, `first` (loss over all training dogs before training), `loss` (after it, at
        most `HIGHEST`), `accuracy` (on the validation dogs; chance 0.5).
    """
    rows, y = dogs_of(seed, dogs)
    train, valid, _ = (torch.as_tensor(part) for part in split(y.numpy(), seed=seed))
    x = standardised(rows[train], rows)
    shuffling = torch.Generator().manual_seed(seed)
    batches = [b for _ in range(epochs) for b in train[torch.randperm(len(train), generator=shuffling)].split(32)]
    found: list[Row] = []
    for lr in rates:
        model = MLP((2, hidden, 2), generator=torch.Generator().manual_seed(seed))
        with torch.no_grad():
            first = cross_entropy(model(x[train]), y[train]).item()
        gradient_descent(model, x, y, batches, lr)
        with torch.no_grad():
            loss = cross_entropy(model(x[train]), y[train]).item()
            share = accuracy(model(x[valid]), y[valid])
        kept = min(loss, HIGHEST) if math.isfinite(loss) else HIGHEST
        found.append({"lr": lr, "steps": len(batches), "first": first, "loss": kept, "accuracy": share})
    return found


def told(*, rates: list[float], hidden: int, epochs: int, dogs: int) -> Settings:
    """What a reader must know of these trainings."""
    steps = epochs * -(-(dogs * 6 // 10) // 32)
    return trained(
        start="torch's own",
        learning_rate=f"gradient descent, {value_text(rates)}",
        clipping="none",
        steps=f"{steps}, {epochs} epochs",
        batch="32",
        size=f"{hidden} hidden units, ReLU",
        note=f"{dogs * 6 // 10} training dogs",
    )


EXPERIMENT = Experiment(
    name="learning_rates",
    version=1,
    measure=measure,
    seeds=tuple(range(10)),
    settings={"rates": [0.0001, 0.001, 0.01, 0.1, 1.0, 10.0, 100.0], "hidden": 16, "epochs": 20, "dogs": 1000},
    quick={"rates": [0.001, 0.1], "epochs": 2, "dogs": 100},
    told=told,
)
