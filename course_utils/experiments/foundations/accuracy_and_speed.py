"""Claim C01: are networks more accurate and faster than other ways to learn? Six small tables, two sets of digits.

Every method gets the same rows, prepared in the same way, and four tries: the settings in `METHODS`. The setting with
the best accuracy on validation rows is trained anew on training and validation rows, and judged once, on test rows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from time import process_time
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from course_utils.data.digits import mnist_digits, small_digits
from course_utils.data.tables import split, tables
from course_utils.display.settings import Settings, trained, value_text
from course_utils.errors import unknown
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.nn.feedforward import MLP
from course_utils.training import fit, supervised

Floats: TypeAlias = NDArray[np.float64]
Labels: TypeAlias = NDArray[np.int64]
Setting: TypeAlias = dict[str, Any]

TABLES = ("iris", "wine", "breast_cancer", "vote", "cars", "affairs")
PICTURES = ("digits 8×8", "digits 28×28")
NETWORK, BEST_OTHER = "network", "best other"
LR, BATCH, PATIENCE = 0.003, 32, 10
SHORTEST = 1e-4  # s: a time below it is taken as it, before the logarithm


class Network:
    """A feedforward network with the habits of a scikit-learn estimator; with validation rows it stops early.

    Attributes:
        epochs: how many it was trained for; with validation rows, until the best of them.
    """

    def __init__(self, hidden_sizes: list[int], weight_decay: float, seed: int, epochs: int) -> None:
        self.hidden_sizes, self.weight_decay, self.seed, self.epochs = hidden_sizes, weight_decay, seed, epochs

    def fit(self, x: Floats, y: Labels, valid: tuple[Floats, Labels] | None = None) -> Network:
        """Train on x: (N, D), y: (N,), with AdamW."""
        inputs, targets = _tensor(x), torch.from_numpy(y)
        shuffling = torch.Generator().manual_seed(self.seed)
        classes = int(max(y.max(), y.max() if valid is None else valid[1].max())) + 1
        sizes = (x.shape[1], *self.hidden_sizes, classes)
        self.model = MLP(sizes, generator=torch.Generator().manual_seed(self.seed))

        def batches() -> Iterator[tuple[Tensor, Tensor]]:
            for some in torch.randperm(len(inputs), generator=shuffling).split(BATCH):
                yield inputs[some], targets[some]

        history = fit(
            self.model,
            batches,
            supervised(nn.functional.cross_entropy),
            epochs=self.epochs,
            valid=None if valid is None else [(_tensor(valid[0]), torch.from_numpy(valid[1]))],
            patience=None if valid is None else PATIENCE,
            optimizer=torch.optim.AdamW(self.model.parameters(), lr=LR, weight_decay=self.weight_decay),
            progress=False,
        )
        self.epochs = history.best.epoch if history.best else self.epochs
        return self

    @torch.no_grad()
    def predict(self, x: Floats) -> Labels:
        """(N, D) → (N,) classes."""
        named: Labels = self.model(_tensor(x)).argmax(dim=-1).numpy()
        return named


def _tensor(x: Floats) -> Tensor:
    return torch.from_numpy(x.astype(np.float32))


def _network(setting: Setting, seed: int) -> Network:
    return Network(**setting, seed=seed)


def _logistic_regression(setting: Setting, seed: int) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(max_iter=1000, **setting)


def _neighbours(setting: Setting, seed: int) -> Any:
    from sklearn.neighbors import KNeighborsClassifier

    return KNeighborsClassifier(**setting)


def _forest(setting: Setting, seed: int) -> Any:
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(**setting, random_state=seed)


def _boosting(setting: Setting, seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    fixed = {"max_iter": 30, "max_bins": 32, "early_stopping": False}  # short, so that pictures take seconds
    return HistGradientBoostingClassifier(**{**fixed, **setting}, random_state=seed)


@dataclass(frozen=True)
class Method:
    """A way to learn: how it is made from a setting and a seed, and the settings that are tried."""

    make: Callable[[Setting, int], Any]
    settings: tuple[Setting, ...]


METHODS: dict[str, Method] = {
    NETWORK: Method(
        _network,
        (
            {"hidden_sizes": [32], "weight_decay": 0.1},
            {"hidden_sizes": [32], "weight_decay": 1.0},
            {"hidden_sizes": [128], "weight_decay": 1.0},
            {"hidden_sizes": [64, 64], "weight_decay": 0.3},
        ),
    ),
    "logistic regression": Method(_logistic_regression, tuple({"C": C} for C in (0.01, 0.1, 1.0, 10.0))),
    "k-NN": Method(_neighbours, tuple({"n_neighbors": k} for k in (1, 3, 10, 30))),
    "random forest": Method(
        _forest,
        tuple({"min_samples_leaf": rows, "max_features": share} for rows in (1, 5) for share in ("sqrt", 0.3)),
    ),
    "gradient boosting": Method(
        _boosting,
        tuple({"learning_rate": rate, "max_leaf_nodes": leaves} for rate in (0.1, 0.3) for leaves in (4, 12)),
    ),
}


@cache
def _data(name: str) -> tuple[Floats, Labels]:
    """Inputs (N, D) and classes (N,), as they come."""
    if name in TABLES:
        table = tables()[name]
        return table.inputs, table.labels
    if name not in PICTURES:
        raise unknown("set of data", name, (*TABLES, *PICTURES))
    images, labels = small_digits() if name == PICTURES[0] else mnist_digits()
    return images.reshape(len(images), -1).astype(np.float64), labels


def prepared(name: str, inputs: Floats, train: NDArray[np.int64]) -> Floats:
    """Inputs on one scale, by the training rows alone: each column of a table, all pixels of pictures together.

    Args:
        name: of the data.
        inputs: (N, D).
        train: places of the training rows.

    Returns:
        (N, D)
    """
    from sklearn.preprocessing import StandardScaler

    if name in PICTURES:
        on_one: Floats = (inputs - inputs[train].mean()) / inputs[train].std()
        return on_one
    scaled: Floats = StandardScaler().fit(inputs[train]).transform(inputs)
    return scaled


@dataclass(frozen=True)
class Chosen:
    """The best of a method's tries: its setting, its accuracy on validation rows, and the CPU seconds of all tries."""

    setting: Setting
    valid: float
    seconds: float


def search(
    method: str, settings: Sequence[Setting], x: Floats, y: Labels, train: Labels, valid: Labels, seed: int
) -> Chosen:
    """Train with each setting on training rows; the one with the best accuracy on validation rows is chosen.

    Where several are equally good, the first. The network's setting holds the epochs to its best validation too.

    Args:
        method: one of `METHODS`.
        settings: what to try.
        x: (N, D) prepared inputs.
        y: (N,) classes.
        train: places of the training rows.
        valid: places of the validation rows.
        seed: of the method's random numbers.
    """
    start, best = process_time(), Chosen({}, -1.0, 0.0)
    for setting in settings:
        model = METHODS[method].make(setting, seed)
        watched = {"valid": (x[valid], y[valid])} if isinstance(model, Network) else {}
        model.fit(x[train], y[train], **watched)
        share = float((model.predict(x[valid]) == y[valid]).mean())
        if share > best.valid:
            found = {**setting, "epochs": model.epochs} if isinstance(model, Network) else setting
            best = Chosen(found, share, 0.0)
    return Chosen(best.setting, best.valid, process_time() - start)


def measure(seed: int, *, data: list[str], tries: int, epochs: int, most_rows: int, most_pictures: int) -> list[Row]:
    """Hold the contest on one random split of each set of data: 60 % training, 20 % validation, 20 % test.

    Args:
        seed: of the split, and of the methods.
        data: names from `TABLES` and `PICTURES`.
        tries: settings for each method, the same number for all.
        epochs: the most that a network trains for; it stops earlier where validation rows tell it to.
        most_rows: of a larger table, so many rows are drawn.
        most_pictures: of a larger set of pictures, so many are drawn.

    Returns:
        A row for each set of data and method, and one for the "best other": the method without a network that did best
        on the validation rows. `accuracy` on the test rows, `error` (1 less it), `chance` (the class that is most
        frequent in training, always named), `valid` (accuracy on the validation rows), `setting`, `of` (the method
        that the row is about), `seconds` (CPU, of the last training), `log10_seconds` and `search_seconds` (of all
        tries).
    """
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    rows = []
    with threadpool_limits(limits=1):
        for name in data:
            inputs, y = _data(name)
            most = most_pictures if name in PICTURES else most_rows
            if len(y) > most:
                drawn = np.random.default_rng(seed).permutation(len(y))[:most]
                inputs, y = inputs[drawn], y[drawn]
            rows += _on(name, inputs, y, tries, epochs, seed)
    return rows


def _on(name: str, inputs: Floats, y: Labels, tries: int, epochs: int, seed: int) -> list[Row]:
    """The rows of one set of data."""
    train, valid, test = split(y, seed=seed)
    known = np.concatenate([train, valid])
    often = np.bincount(y[known]).argmax()
    about = {"data": name, "chance": float((y[test] == often).mean())}
    x = prepared(name, inputs, train)
    searched = {}
    for method, contender in METHODS.items():
        most = {"epochs": epochs} if method == NETWORK else {}
        settings = [{**setting, **most} for setting in contender.settings[:tries]]
        searched[method] = search(method, settings, x, y, train, valid, seed)
    x = prepared(name, inputs, known)
    rows = []
    for method, chosen in searched.items():
        model, start = METHODS[method].make(chosen.setting, seed), process_time()
        model.fit(x[known], y[known])
        seconds = max(process_time() - start, SHORTEST)
        accuracy = float((model.predict(x[test]) == y[test]).mean())
        rows.append(
            {
                **about,
                "method": method,
                "of": method,
                "accuracy": accuracy,
                "error": 1 - accuracy,
                "valid": chosen.valid,
                "setting": _text(chosen.setting),
                "seconds": seconds,
                "log10_seconds": math.log10(seconds),
                "search_seconds": chosen.seconds,
            }
        )
    others = [row for row in rows if row["method"] != NETWORK]
    return [*rows, {**max(others, key=lambda row: row["valid"]), "method": BEST_OTHER}]


def _text(setting: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in setting.items())


def told(*, tries: int, epochs: int, **_: Any) -> Settings:
    """What a reader must know of the trainings of the network."""
    settings = METHODS[NETWORK].settings[:tries]
    layers = [" + ".join(map(str, setting["hidden_sizes"])) for setting in settings]
    return trained(
        start="torch's own",
        learning_rate=f"AdamW, {LR:g}, weight decay {value_text([setting['weight_decay'] for setting in settings])}",
        clipping="none",
        steps=f"at most {epochs} epochs; with validation rows it stops after {PATIENCE} epochs without a better loss, "
        "and the last training, on training and validation rows, goes on for as many epochs as the best had",
        batch=f"{BATCH}",
        size=f"hidden units: {value_text(layers)}; parameters as the columns of the data ask for",
        note="the other methods are scikit-learn's; each row names its setting",
    )


EXPERIMENT = Experiment(
    name="contest",
    version=1,
    measure=measure,
    told=told,
    seeds=tuple(range(10)),
    settings={"data": [*TABLES, *PICTURES], "tries": 4, "epochs": 200, "most_rows": 10_000, "most_pictures": 2500},
    quick={"tries": 1, "epochs": 5, "most_rows": 150, "most_pictures": 100},
    timed=("seconds", "log10_seconds", "search_seconds"),
)
