"""Claim C30: do hidden layers extract features? Linear probes on every layer, trained and random, and on the pixels.

A probe is a linear classifier (logistic regression) on the numbers of one layer, which stay as they are: how far can a
straight line read off what the layer holds (Alain & Bengio 2016, arXiv 1610.01644)? Layers differ in size, and a larger
one is easier to separate by chance; so each has the same layer with random weights beside it, and each row says how
many numbers the probe reads.

No digit does two things: the network learns from one part, probes learn from a second, a third chooses how strongly
each probe is held back, and a fourth is for the score.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import torch
from torch import Tensor

from course_utils.data.digits import mnist_digits
from course_utils.display.settings import Settings, trained
from course_utils.errors import CourseError
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.models.picture_training import PICTURE_BATCH, PICTURE_LR, train_on_pictures, warp_text
from course_utils.nn.parameters import parameters_count
from course_utils.nn.picture_nets import DigitNet

# Of the 500 of each digit; the parts are drawn anew for each seed.
PARTS = {"network": 250, "probes": 100, "choice": 50, "test": 100}
STRENGTHS = (1.0, 10.0, 100.0, 1000.0)  # C of sklearn's logistic regression, the same for every probe to choose from


def divided(seed: int) -> dict[str, tuple[Tensor, Tensor]]:
    """The digits in four parts without a digit in common: images (N, 1, 28, 28) and labels (N,).

    The digits of each part alternate, 0 to 9 and again: its first n hold as many of each.

    Args:
        seed: of the division.
    """
    images, labels = _digits()
    generator = torch.Generator().manual_seed(seed)
    indices = torch.stack(
        [torch.nonzero(labels == d).flatten()[torch.randperm(500, generator=generator)] for d in range(10)]
    )  # (10, 500)
    parts = zip(PARTS, indices.split(list(PARTS.values()), dim=1), strict=True)
    return {part: (images[some.T.flatten(), None], labels[some.T.flatten()]) for part, some in parts}


@cache
def _digits() -> tuple[Tensor, Tensor]:
    images, labels = mnist_digits()
    return torch.as_tensor(images), torch.as_tensor(labels)


@torch.no_grad()
def layers_of(model: DigitNet, images: Tensor) -> dict[str, Tensor]:
    """The numbers of each layer, (N, D): "conv 1", "pool 1" … "logits".

    Args:
        model: the network.
        images: (N, 1, 28, 28).
    """
    parts = [model.stages(some) for some in images.split(500)]
    return {name: torch.cat([part[name].flatten(1) for part in parts]) for name in parts[0]}


def probe(learn: tuple[Tensor, Tensor], choose: tuple[Tensor, Tensor], judge: tuple[Tensor, Tensor]) -> Row:
    """Put a linear probe on features.

    The features are centred, and divided by their mean length, so that the same `STRENGTHS` mean the same for all. What
    the weights can be is what the N examples span: where D is larger, the features are first turned to their principal
    directions, N at most, which changes no answer and makes 9,216 numbers as quick as 1,000.

    Args:
        learn: features (N, D) and labels (N,) for the probe's weights.
        choose: those that choose the strength: the first of the best.
        judge: those of the score.

    Returns:
        `accuracy`, `C` and `dimensions` (D).

    Raises:
        CourseError: all features are the same.
    """
    from sklearn.linear_model import LogisticRegression

    (x, y), mean = learn, learn[0].double().mean(0)
    centred = x.double() - mean
    length = centred.norm(dim=1).mean()
    if not length > 0:
        raise CourseError("A probe needs features that differ; these are the same for all pictures.")
    scaled = [(features.double() - mean) / length for features, _ in (learn, choose, judge)]
    turned = [part.numpy() for part in (_on_principal_axes(scaled) if x.shape[1] > len(x) else scaled)]
    best, chosen = -1.0, {}
    for strength in STRENGTHS:
        model = LogisticRegression(C=strength, max_iter=1000, tol=1e-3)
        model.fit(turned[0], y.numpy())
        score = model.score(turned[1], choose[1].numpy())
        if score > best:
            accuracy = float(model.score(turned[2], judge[1].numpy()))
            best, chosen = score, {"accuracy": accuracy, "C": strength, "dimensions": x.shape[1]}
    return chosen


def _on_principal_axes(parts: list[Tensor]) -> list[Tensor]:
    """Each part's coordinates along the directions that the first part, N rows of more than N numbers, spans."""
    spanning = parts[0]
    variances, axes = torch.linalg.eigh(spanning @ spanning.T)  # (N,), (N, N)
    kept = variances > 1e-9 * variances[-1]
    to_axes = axes[:, kept] / variances[kept].sqrt()
    return [part @ spanning.T @ to_axes for part in parts]


def measure(seed: int, *, channels: list[int], epochs: int, labels: Sequence[int], most: int) -> list[Row]:
    """Train a network, and put probes on each of its layers, on those of a random one, and on the pixels.

    Args:
        seed: of the division of the digits and of the network's weights. The random network has the weights with which
            the trained one began.
        channels: feature maps of the stages.
        epochs: passes through the network's digits, 2,500 of them.
        labels: how many labelled digits the probes learn from, up to 1,000.
        most: how many digits choose the strength and give the score, at most 500 and 1,000.

    Returns:
        A row for each probe: `layer` ("pixels", "conv 1", "pool 1", "conv 2", "pool 2", "logits"), `weights`
        ("trained", "random"; of the pixels "pixels"), `labels`, `accuracy` (chance 0.1), `dimensions`, `C`.
    """
    parts = divided(seed)
    random, model = (DigitNet(channels, generator=torch.Generator().manual_seed(seed)) for _ in range(2))
    train_on_pictures(model, *parts["network"], seed=seed, epochs=epochs, progress=False)
    images = {part: parts[part][0][: None if part == "probes" else most] for part in ("probes", "choice", "test")}
    features = {part: {("pixels", "pixels"): x.flatten(1)} for part, x in images.items()}
    for weights, network in (("trained", model), ("random", random)):
        for part, x in images.items():
            features[part] |= {(layer, weights): found for layer, found in layers_of(network, x).items()}
    rows: list[Row] = []
    for layer, weights in features["test"]:
        pairs = {
            part: (found[layer, weights], parts[part][1][: len(found[layer, weights])])
            for part, found in features.items()
        }
        for count in labels:
            x, y = pairs["probes"]
            found = probe((x[:count], y[:count]), pairs["choice"], pairs["test"])
            rows.append({"layer": layer, "weights": weights, "labels": count, **found})
    return rows


def told(*, channels: list[int], epochs: int, **_: Any) -> Settings:
    """What a reader must know of the training."""
    digits, count = 10 * PARTS["network"], parameters_count(DigitNet(channels, generator=torch.Generator()))
    return trained(
        start="torch's own",
        learning_rate=f"Adam, {PICTURE_LR:g}, falling to 0 as a cosine",
        clipping="none",
        steps=f"{epochs * -(-digits // PICTURE_BATCH):,}, {epochs} epochs of {digits:,} digits",
        batch=f"{PICTURE_BATCH}",
        size=f"CNN with {' and '.join(map(str, channels))} channels, {count:,} parameters",
        augmentation=warp_text(1),
        note="“random” is the same network before its training; probes are logistic regressions with L2 regularisation",
    )


EXPERIMENT = Experiment(
    name="probes",
    version=1,
    measure=measure,
    told=told,
    seeds=tuple(range(10)),
    settings={"channels": [16, 32], "epochs": 30, "labels": [100, 1000], "most": 1000},
    quick={"channels": [1, 2], "epochs": 1, "labels": [100, 1000], "most": 200},
)
