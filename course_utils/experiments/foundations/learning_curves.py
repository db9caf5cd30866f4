"""Claim C29: what do networks, and other methods, gain from more examples? Handwritten digits, 50 to 3,200 of them.

Of the 5,000 digits 800 are for validation, always the same ones: by them each method's setting was chosen, on other
seeds, with four tries for each method. The others are shared out anew with each seed: 3,200 to learn from, each smaller
number being the first of these, and 1,000 for the test.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from course_utils.checks import check_name
from course_utils.data.digits import mnist_digits
from course_utils.display.settings import Settings, each, trained
from course_utils.errors import CourseError, unknown
from course_utils.experiments.foundations import accuracy_and_speed
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.experiments.framework.told import CLIP_NORM, CLIPPED
from course_utils.nn.feedforward import MLP
from course_utils.nn.parameters import parameters_count
from course_utils.nn.picture_nets import DigitNet
from course_utils.training import fit, supervised

Setting: TypeAlias = dict[str, Any]
Places: TypeAlias = NDArray[np.int64]

SIZES = (50, 100, 200, 400, 800, 1600, 3200)
BATCH = 32
VALIDATION = 800
TEST = 1000
NETWORKS = ("network", "CNN")  # a plain one with a hidden layer of 128, and a small convolutional one
OTHERS = ("logistic regression", "k-NN", "random forest", "gradient boosting")
BEST_OTHER = "best other"

# What is tried: the four settings of each method.
TRIES: dict[str, list[Setting]] = {
    "network": [{"lr": lr, "weight_decay": decay} for lr in (0.001, 0.003) for decay in (0.1, 1.0)],
    "CNN": [{"lr": lr, "weight_decay": decay} for lr in (0.001, 0.003) for decay in (0.1, 1.0)],
    **{method: list(accuracy_and_speed.METHODS[method].settings) for method in OTHERS},
}

# The one of TRIES with the best accuracy on the validation digits, the mean over seeds, in the experiment
# "learning_curves_search", on other seeds: "few" with 100 examples, used below 800; "many" with 3,200, used from there.
MANY, MOST = 800, 3200
CHOSEN: dict[str, dict[str, Setting]] = {
    "network": {"few": {"lr": 0.003, "weight_decay": 1.0}, "many": {"lr": 0.003, "weight_decay": 0.1}},
    "CNN": {"few": {"lr": 0.003, "weight_decay": 1.0}, "many": {"lr": 0.003, "weight_decay": 1.0}},
    "logistic regression": {"few": {"C": 10.0}, "many": {"C": 0.01}},
    "k-NN": {"few": {"n_neighbors": 1}, "many": {"n_neighbors": 1}},
    "random forest": {
        "few": {"min_samples_leaf": 1, "max_features": "sqrt"},
        "many": {"min_samples_leaf": 1, "max_features": "sqrt"},
    },
    "gradient boosting": {
        "few": {"learning_rate": 0.3, "max_leaf_nodes": 12},
        "many": {"learning_rate": 0.3, "max_leaf_nodes": 12},
    },
}


@cache
def _digits() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Pixels (5000, 784) and digits (5000,), in a fixed random order: the first 800 are for validation."""
    images, labels = mnist_digits()
    order = np.random.default_rng(0).permutation(len(labels))
    return images[order].reshape(len(order), -1).astype(np.float64), labels[order]


def parts(seed: int) -> dict[str, Places]:
    """Places among the digits: "validation", the same for all seeds, "test" and "train".

    Args:
        seed: of the order of all others: the first 3,200 are to learn from, the last 1,000 are for the test.
    """
    others = VALIDATION + np.random.default_rng(seed).permutation(len(_digits()[1]) - VALIDATION)
    return {"validation": np.arange(VALIDATION), "train": others[:-TEST], "test": others[-TEST:]}


class PictureNetwork:
    """A network for digits, with the habits of a scikit-learn estimator. Its learning rate falls to 0 as a cosine.

    Args:
        kind: one of `NETWORKS`.
        steps: of the optimiser, each on 32 examples.
        lr: learning rate at the start.
        weight_decay: as in `torch.optim.AdamW`.
        seed: of weights and batches.
    """

    def __init__(self, kind: str, *, steps: int, lr: float, weight_decay: float, seed: int) -> None:
        self.steps, self.lr, self.weight_decay = steps, lr, weight_decay
        self.generator = torch.Generator().manual_seed(seed)
        self.model: nn.Module = (
            DigitNet(generator=self.generator) if kind == "CNN" else MLP((784, 128, 10), generator=self.generator)
        )

    def fit(self, x: NDArray[np.float64], y: NDArray[np.int64]) -> PictureNetwork:
        """Train on x: (N, 784) pixels, y: (N,) digits."""
        pictures, digits = self._pictures(x), torch.from_numpy(y)

        def batches() -> Iterator[tuple[Tensor, Tensor]]:
            for some in torch.randperm(len(digits), generator=self.generator).split(BATCH):
                yield pictures[some], digits[some]

        optimizer = torch.optim.AdamW(self.model.parameters(), lr=self.lr, weight_decay=self.weight_decay)
        fit(
            self.model,
            batches,
            supervised(nn.functional.cross_entropy),
            steps=self.steps,
            optimizer=optimizer,
            lr_schedule=torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, self.steps),
            clip_norm=CLIP_NORM,  # without it a CNN in five diverges at the higher rates, with 3,200 examples
            progress=False,
        )
        return self

    @torch.no_grad()
    def predict(self, x: NDArray[np.float64]) -> NDArray[np.int64]:
        """(N, 784) → (N,) digits."""
        named: NDArray[np.int64] = self.model(self._pictures(x)).argmax(dim=-1).numpy()
        return named

    def _pictures(self, x: NDArray[np.float64]) -> Tensor:
        pixels = torch.from_numpy(x.astype(np.float32))
        return pixels.reshape(-1, 1, 28, 28) if isinstance(self.model, DigitNet) else pixels


def made(method: str, setting: Setting, seed: int) -> Any:
    """A method, untrained.

    Args:
        method: one of `NETWORKS` or `OTHERS`.
        setting: one of its tries, and its effort.
        seed: of its random numbers.

    Raises:
        CourseError: an unknown method.
    """
    if method in NETWORKS:
        return PictureNetwork(method, **setting, seed=seed)
    if method in OTHERS:
        return accuracy_and_speed.METHODS[method].make(setting, seed)
    raise unknown("method", method, (*NETWORKS, *OTHERS))


def measure(
    seed: int,
    *,
    tries: dict[str, dict[str, list[Setting]]],
    effort: dict[str, dict[str, Setting]],
    sizes: list[int],
    part: str,
) -> list[Row]:
    """Train every method on more and more digits, and judge it on others.

    Args:
        seed: of the digits that are drawn, and of the methods.
        tries: method → settings for "few" examples, below 800, and for "many".
        effort: "few" or "many" → method → how long it may learn, added to each of its settings.
        sizes: numbers of training digits, up to 3,200.
        part: what is judged, "validation" or "test".

    Returns:
        A row for each method, setting and size: `method`, `setting`, `examples`, `accuracy` and `error` (1 less it) on
        the part, `valid` (accuracy on the validation digits) and `chance` (the digit that is most frequent in
        training, always named). For the test also rows of the "best other": at each size the method without a network
        that is best on the validation digits.

    Raises:
        CourseError: another part, or sizes that cannot be.
    """
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    check_name("part of the digits", part, ("validation", "test"))
    indices = parts(seed)
    if not sizes or min(sizes) < 10 or max(sizes) > len(indices["train"]):
        raise CourseError(f"sizes is {sizes!r}. Expected: numbers from 10 to {len(indices['train'])}.")
    rows = []
    with threadpool_limits(limits=1):
        for size in sizes:
            many = "few" if size < MANY else "many"
            found = [
                _judged(method, {**setting, **effort[many].get(method, {})}, size, indices, part, seed)
                for method, settings in tries.items()
                for setting in settings[many]
            ]
            others = [row for row in found if row["method"] not in NETWORKS]
            best = [{**max(others, key=lambda row: row["valid"]), "method": BEST_OTHER}] if part == "test" else []
            rows += [*found, *best]
    return rows


def _judged(method: str, setting: Setting, size: int, indices: dict[str, Places], part: str, seed: int) -> Row:
    """One method, trained and judged."""
    x, y = _digits()
    train = indices["train"][:size]
    x = (x - x[train].mean()) / x[train].std()
    model = made(method, setting, seed).fit(x[train], y[train])
    share = {name: float((model.predict(x[indices[name]]) == y[indices[name]]).mean()) for name in ("validation", part)}
    often = np.bincount(y[train]).argmax()
    return {
        "method": method,
        "setting": ", ".join(f"{name} {value}" for name, value in setting.items()),
        "examples": size,
        "accuracy": share[part],
        "error": 1 - share[part],
        "valid": share["validation"],
        "chance": float((y[indices[part]] == often).mean()),
    }


# How long each may learn, from few and from many examples: networks until more steps bring them little, on validation.
_EFFORT: dict[str, dict[str, Setting]] = {
    "few": {"network": {"steps": 600}, "CNN": {"steps": 600}},
    "many": {"network": {"steps": 1500}, "CNN": {"steps": 1500}},
}
_QUICK = {
    size: {
        "network": {"steps": 3},
        "CNN": {"steps": 3},
        "random forest": {"n_estimators": 2},
        "gradient boosting": {"max_iter": 1},
    }
    for size in ("few", "many")
}


def told(
    *,
    tries: dict[str, dict[str, list[Setting]]],
    effort: dict[str, dict[str, Setting]],
    **_: Any,
) -> Settings:
    """What a reader must know of the trainings of the networks."""
    rates = {
        f"{network}, {many}": [
            f"{setting['lr']:g} with weight decay {setting['weight_decay']:g}" for setting in settings
        ]
        for network in NETWORKS
        for many, settings in tries[network].items()
    }
    steps = {many: f"{of['network']['steps']:,}" for many, of in effort.items()}
    sizes = {kind: made(kind, {"steps": 1, "lr": 1.0, "weight_decay": 0.0}, 0).model for kind in NETWORKS}
    return trained(
        start="torch's own",
        learning_rate=f"AdamW, {each(rates)}, falling to 0 as a cosine",
        clipping=CLIPPED,
        steps=f"{each(steps)}; “few” is fewer than {MANY} examples",
        batch=f"{BATCH}",
        size=each({kind: f"{parameters_count(model):,} parameters" for kind, model in sizes.items()}),
        note="the other methods are scikit-learn's; each row names its setting",
    )


EXPERIMENTS = (
    Experiment(
        name="learning_curves_search",
        version=2,
        measure=measure,
        seeds=(1000, 1001),  # not those that are reported
        settings={
            "tries": {method: {"few": settings, "many": settings} for method, settings in TRIES.items()},
            "effort": _EFFORT,
            "sizes": [100, MOST],
            "part": "validation",
        },
        quick={"effort": _QUICK, "sizes": [100, MOST]},
        told=told,
    ),
    Experiment(
        name="learning_curves",
        version=2,
        measure=measure,
        seeds=tuple(range(10, 20)),  # 0 to 9 showed that the CNN of version 1 diverged in two seeds
        settings={
            "tries": {
                method: {size: [setting] for size, setting in chosen.items()} for method, chosen in CHOSEN.items()
            },
            "effort": _EFFORT,
            "sizes": list(SIZES),
            "part": "test",
        },
        quick={"effort": _QUICK, "sizes": [100, 400, 3200]},
        told=told,
    ),
)
