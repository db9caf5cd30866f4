"""Twenty training dogs and many weights: what helps against over-fitting?

The network of lesson 01 with two hidden layers of 64 learns 20 simulated dogs. Beside it: stopping where validation is
best (with 200 more labelled dogs, or with 5 of the 20), smaller networks, weight decay, dropout; and training on the
200 more dogs. Each is judged on 20,000 other dogs.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from course_utils.checks import check_name
from course_utils.data.scaling import standardised
from course_utils.display.settings import Settings, each
from course_utils.display.settings import trained as settings_of
from course_utils.experiments.foundations.learning_rates import dogs_of
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.nn.feedforward import accuracy, cross_entropy
from course_utils.nn.picture_nets import draw_
from course_utils.training import fit, supervised

FEW, MORE = 20, 200  # training dogs, and the labelled dogs besides


@dataclass(frozen=True)
class Remedy:
    """What is done against over-fitting.

    Attributes:
        hidden: units of the hidden layers.
        weight_decay: of AdamW.
        dropout: the share of hidden units that is set to 0 in each step of the training.
        learned: how many dogs are trained on, of the FEW and MORE in this order.
        watched: how many of the dogs after these the training is stopped by; 0: it goes on to its end.
    """

    hidden: tuple[int, ...] = (64, 64)
    weight_decay: float = 0.0
    dropout: float = 0.0
    learned: int = FEW
    watched: int = 0


REMEDIES = {
    "nothing": Remedy(),
    "stopped by 5 of the 20": Remedy(learned=15, watched=5),
    "stopped by 200 others": Remedy(watched=MORE),
    "one hidden layer of 4": Remedy(hidden=(4,)),
    "no hidden layer": Remedy(hidden=()),
    "weight decay 0.1": Remedy(weight_decay=0.1),
    "weight decay 1": Remedy(weight_decay=1.0),
    "weight decay 10": Remedy(weight_decay=10.0),
    "dropout 0.2": Remedy(dropout=0.2),
    "dropout 0.5": Remedy(dropout=0.5),
    "220 training dogs": Remedy(learned=FEW + MORE),
}


def network(hidden: tuple[int, ...], dropout: float, generator: torch.Generator) -> nn.Sequential:
    """An MLP from two measurements to two breeds, with dropout after each hidden layer where it is above 0."""
    with torch.random.fork_rng(devices=[]):
        layers: list[nn.Module] = []
        for inputs, units in itertools.pairwise((2, *hidden)):
            layers += [nn.Linear(inputs, units), nn.ReLU(), *([nn.Dropout(dropout)] if dropout else [])]
        model = nn.Sequential(*layers, nn.Linear((2, *hidden)[-1], 2))
    draw_(model, generator)
    return model


def trained(remedy: Remedy, x: Tensor, y: Tensor, seed: int, steps: int) -> nn.Sequential:
    """The network after training with a remedy: AdamW, learning rate 0.01, all its dogs in each step.

    Args:
        remedy: what is done.
        x: (N, 2) standardised measurements of the FEW and MORE dogs.
        y: (N,) breeds.
        seed: of the first weights and of dropout.
        steps: of the optimiser.
    """
    model = network(remedy.hidden, remedy.dropout, torch.Generator().manual_seed(seed))
    learned, watched = slice(0, remedy.learned), slice(remedy.learned, remedy.learned + remedy.watched)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        fit(
            model,
            [(x[learned], y[learned])],
            supervised(nn.functional.cross_entropy),
            steps=steps,
            optimizer=torch.optim.AdamW(model.parameters(), lr=0.01, weight_decay=remedy.weight_decay),
            valid=[(x[watched], y[watched])] if remedy.watched else None,
            eval_every=4 if remedy.watched else None,
            progress=False,
        )
    return model.eval()


def measure(seed: int, *, remedies: list[str], steps: int, others: int) -> list[Row]:
    """Train with each remedy on the same dogs, and judge on others.

    Args:
        seed: of the dogs, the first weights and dropout.
        remedies: names from `REMEDIES`.
        steps: of the optimiser; where the training is stopped by validation dogs, the best of these is kept.
        others: how many dogs judge.

    Returns:
        A row for each remedy: `remedy`, `labels` (labelled dogs that had a part), `seen` (accuracy on the dogs trained
        on), `accuracy` and `loss` on the others; chance is 0.5 and log 2.

    Raises:
        CourseError: an unknown remedy.
    """
    rows, y = dogs_of(seed, FEW + MORE)
    judged, truth = dogs_of(seed + 100_000, others)
    x, judged = standardised(rows[:FEW], rows), standardised(rows[:FEW], judged)
    found: list[Row] = []
    for name in remedies:
        check_name("remedy", name, REMEDIES)
        remedy = REMEDIES[name]
        model = trained(remedy, x, y, seed, steps)
        with torch.no_grad():
            logits, seen = model(judged), accuracy(model(x[: remedy.learned]), y[: remedy.learned])
        labels = remedy.learned + remedy.watched
        scores = {"accuracy": accuracy(logits, truth), "loss": cross_entropy(logits, truth).item()}
        found.append({"remedy": name, "labels": labels, "seen": seen, **scores})
    return found


def told(*, remedies: list[str], steps: int, others: int) -> Settings:
    """What a reader must know of these trainings."""
    return settings_of(
        start="torch's own",
        learning_rate="AdamW, 0.01, weight decay 0 where nothing else is said",
        clipping="none",
        steps=f"{steps}; where validation dogs stop it, the weights of the best of these steps (looked at each fourth)",
        batch=f"all training dogs: {each({name: REMEDIES[name].learned for name in remedies})}",
        size="two hidden layers of 64 where nothing else is said, ReLU",
        note=f"{FEW} training dogs where nothing else is said, {others:,} others that judge",
    )


_SETTINGS: dict[str, Any] = {"remedies": list(REMEDIES), "steps": 400, "others": 20_000}

EXPERIMENT = Experiment(
    name="few_dogs",
    version=1,
    measure=measure,
    seeds=tuple(range(20)),
    settings=_SETTINGS,
    quick={"steps": 8, "others": 200},
    told=told,
)
