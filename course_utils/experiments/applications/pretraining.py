"""Claim C04: deep belief networks on a table of breast tumours and on small digits, with few labels and with all.

Everybody gets the same rows: all training rows without labels, and the labels of some of them. The machines learn from
the former, in 60 passes. Beside them stand the same network without pre-training, a network with ReLU, logistic
regression and boosted trees; each has twelve settings to choose from, on other seeds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from course_utils.checks import check_name
from course_utils.data.digits import small_digits
from course_utils.data.scaling import standardised
from course_utils.data.tables import split, tables
from course_utils.display.settings import Settings, trained
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.metrics.diagnosis import brier_score, calibration_error, sensitivity_specificity, threshold_for
from course_utils.models.belief_net import DECAY, EPOCHS, FINE_DECAY, MOMENTUM, RATE, BeliefNet
from course_utils.nn.belief import classifier
from course_utils.nn.boltzmann import Boltzmann
from course_utils.nn.feedforward import MLP
from course_utils.nn.initialisation import default_
from course_utils.training import fit, supervised

Floats: TypeAlias = NDArray[np.float64]
Labels: TypeAlias = NDArray[np.int64]

CANCER, DIGITS = "breast cancer", "digits 8×8"
DATA = (CANCER, DIGITS)
ALL = 0  # labels: as many as there are training rows
FEW = (20, 50, ALL)
STEPS, BATCH = {CANCER: 200, DIGITS: 300}, 32  # of the training with labels
SIZES = ((200,), (200, 100))
RATES = (0.0003, 0.001, 0.003, 0.01, 0.03)
FASTER = 0.1  # a sixth rate, tried where the first search ended at its edge; so are the last two of all settings
PENALTIES = (0.001, 0.01, 0.1, 1.0, 10.0)  # C of logistic regression on features, whose spread is 1
TREES = 50

Setting: TypeAlias = tuple[Any, ...]
_STRENGTHS = (*((0.0001 * 10 ** (step * 2 / 3),) for step in range(10)), (300.0,), (1000.0,))  # C from 0.0001
_NETWORKS = (*((sizes, rate) for sizes in SIZES for rate in RATES), *((sizes, FASTER) for sizes in SIZES))
PRETRAINED, PLAIN, RELU = "pre-trained", "the same network, not pre-trained", "ReLU network"
FEATURES, REGRESSION, BOOSTING = "regression on the machines' features", "logistic regression", "boosting"
METHODS: dict[str, tuple[Setting, ...]] = {
    PRETRAINED: _NETWORKS,
    PLAIN: _NETWORKS,
    RELU: _NETWORKS,
    FEATURES: (*((sizes, C) for sizes in SIZES for C in PENALTIES), *((sizes, 100.0) for sizes in SIZES)),
    REGRESSION: _STRENGTHS,
    BOOSTING: (*((rate, rows) for rate in (0.02, 0.05, 0.1, 0.2, 0.5) for rows in (2, 10)), (1.0, 10), (0.5, 30)),
}


@dataclass
class Task:
    """One split of the data, as everybody gets it.

    Attributes:
        name: one of `DATA`.
        x: (N, D) all rows on one scale, by the training rows alone.
        raw: (N, D) the rows as they came.
        y: (N,) classes; of the tumours 1 is malignant.
        train: places of the rows to learn from; all of them without labels.
        valid: places of those that choose.
        test: places of those that judge.
        seed: of the split and of the networks.
        machines: learned without labels, by their sizes.
    """

    name: str
    x: Floats
    raw: Floats
    y: Labels
    train: Labels
    valid: Labels
    test: Labels
    seed: int
    machines: dict[tuple[int, ...], BeliefNet] = field(default_factory=dict)

    def pretrained(self, sizes: tuple[int, ...], epochs: int) -> BeliefNet:
        """Machines of these sizes, learned from all training rows the first time they are asked for."""
        if sizes not in self.machines:
            self.machines[sizes] = BeliefNet(sizes, self.seed).pretrain(self.raw[self.train], epochs=epochs)
        return self.machines[sizes]


@cache
def _data(name: str) -> tuple[Floats, Labels]:
    check_name("set of data", name, DATA)
    if name == CANCER:
        table = tables()["breast_cancer"]
        return table.inputs, (table.labels == table.classes.index("malignant")).astype(np.int64)
    images, digits = small_digits()
    return images.reshape(len(images), -1).astype(np.float64), digits


def task(name: str, seed: int) -> Task:
    """A split of 60 % training, 20 % validation and 20 % test rows."""
    raw, y = _data(name)
    train, valid, test = split(y, seed=seed)
    if name == CANCER:
        x = standardised(torch.from_numpy(raw[train]), torch.from_numpy(raw)).numpy()
    else:
        x = (raw - raw[train].mean()) / raw[train].std()
    return Task(name, x, raw, y, train, valid, test, seed)


def labelled(y: Labels, train: Labels, count: int, seed: int) -> Labels:
    """Places of the training rows whose labels are told: as nearly as many of each class as their shares allow.

    Args:
        y: (N,) classes.
        train: places of the training rows.
        count: how many; `ALL`: all.
        seed: of the draw.
    """
    if count == ALL or count >= len(train):
        return train
    from sklearn.model_selection import train_test_split

    told, _ = train_test_split(train, train_size=count, stratify=y[train], random_state=seed)
    return np.asarray(told, dtype=np.int64)


# ---------------------------------------------------------------------------------------------------------------------
# The methods: from labelled rows to the probabilities of all rows


def _machines(kind: str, given: Task, sizes: tuple[int, ...], epochs: int) -> list[Boltzmann]:
    """Those learned without labels, or ones with the weights that torch gives a new linear layer."""
    if kind == PRETRAINED:
        return given.pretrained(sizes, epochs).machines_
    generator = torch.Generator().manual_seed(given.seed)
    machines = []
    for visible, hidden in pairwise((given.x.shape[1], *sizes)):
        layer, machine = nn.Linear(visible, hidden), Boltzmann(visible, hidden).double()
        default_(layer, generator)
        with torch.no_grad():
            machine.weight.copy_(layer.weight)
            machine.hidden_bias.copy_(layer.bias)
        machines.append(machine)
    return machines


def _network(kind: str, setting: Setting, given: Task, told: Labels, epochs: int, steps: int) -> Floats:
    sizes, rate = setting
    classes = int(given.y.max()) + 1
    if kind == RELU:
        model: nn.Module = MLP(
            (given.x.shape[1], *sizes, classes), generator=torch.Generator().manual_seed(given.seed)
        ).double()
        rows = torch.from_numpy(given.x)
    else:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(given.seed)
            rows = _rows(kind, given, sizes, epochs)
            model = classifier(_machines(kind, given, sizes, epochs), rows[given.train], classes)
    _train(model, rows[told], torch.from_numpy(given.y[told]), rate, steps, given.seed)
    with torch.no_grad():
        return np.asarray(model(rows).softmax(-1).numpy())


def _rows(kind: str, given: Task, sizes: tuple[int, ...], epochs: int) -> Tensor:
    """What the sigmoid networks read: from 0 to 1 for machines, on one scale without them."""
    if kind != PRETRAINED:
        return torch.from_numpy(given.x)
    return given.pretrained(sizes, epochs).range_.shares(given.raw)


def _train(model: nn.Module, x: Tensor, y: Tensor, rate: float, steps: int, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)

    def batches() -> Iterator[tuple[Tensor, Tensor]]:
        for places in torch.randperm(len(x), generator=generator).split(BATCH):
            yield x[places], y[places]

    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=FINE_DECAY)
    falling = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    fit(
        model,
        batches,
        supervised(nn.functional.cross_entropy),
        steps=steps,
        optimizer=optimizer,
        lr_schedule=falling,
        progress=False,
    )


def _regression(x: Floats, y: Labels, rows: Floats, C: float) -> Floats:
    from sklearn.linear_model import LogisticRegression

    return np.asarray(LogisticRegression(C=C, max_iter=300, tol=1e-3).fit(x, y).predict_proba(rows))


def _boosting(setting: Setting, given: Task, told: Labels) -> Floats:
    from sklearn.ensemble import HistGradientBoostingClassifier

    rate, rows = setting
    trees = HistGradientBoostingClassifier(
        learning_rate=rate, min_samples_leaf=rows, max_iter=TREES, max_bins=32, early_stopping=False
    )
    return np.asarray(trees.fit(given.x[told], given.y[told]).predict_proba(given.x))


def probabilities(method: str, setting: Setting, given: Task, told: Labels, *, epochs: int, steps: int) -> Floats:
    """Learn from labelled rows with one setting: (N, C) the probabilities of the classes, of all rows.

    Args:
        method: one of `METHODS`.
        setting: one of its settings.
        given: the split.
        told: places of the rows whose labels are known.
        epochs: of the pre-training.
        steps: of a network's training.

    Raises:
        CourseError: an unknown method.
    """
    check_name("method", method, METHODS)
    if method == REGRESSION:
        return _regression(given.x[told], given.y[told], given.x, *setting)
    if method == BOOSTING:
        return _boosting(setting, given, told)
    if method == FEATURES:
        sizes, C = setting
        found = given.pretrained(tuple(sizes), epochs).features(given.raw)
        found = (found - found[given.train].mean(0)) / max(float(np.sqrt(found[given.train].var(0).mean())), 1e-4)
        return _regression(found[told], given.y[told], found, C)
    return _network(method, (tuple(setting[0]), setting[1]), given, told, epochs, steps)


# ---------------------------------------------------------------------------------------------------------------------
# Scores


def scores(p: Floats, given: Task) -> Row:
    """Of probabilities (N, C): accuracy, and for tumours what a clinic asks, with a threshold from validation rows.

    Returns:
        `valid` and `accuracy` (of validation and test rows), `nats` (mean minus log probability of the right class, of
        test rows); of tumours also `threshold`, `sensitivity`, `specificity`, `auc`, `brier`, `calibration`.
    """
    from sklearn.metrics import roc_auc_score

    y, valid, test = given.y, given.valid, given.test
    right = p[np.arange(len(y)), y].clip(1e-12)
    found: Row = {
        "valid": float((p[valid].argmax(1) == y[valid]).mean()),
        "valid_nats": float(-np.log(right[valid]).mean()),
        "accuracy": float((p[test].argmax(1) == y[test]).mean()),
        "nats": float(-np.log(right[test]).mean()),
    }
    if given.name == CANCER:
        ill = p[:, 1]
        threshold = threshold_for(ill[valid], y[valid])
        sensitivity, specificity = sensitivity_specificity(ill[test], y[test], threshold)
        found |= {
            "threshold": threshold,
            "sensitivity": sensitivity,
            "specificity": specificity,
            "auc": float(roc_auc_score(y[test], ill[test])),
            "brier": brier_score(ill[test], y[test]),
            "calibration": calibration_error(ill[test], y[test]),
        }
    return found


def measure(
    seed: int, *, data: str, settings: Mapping[str, Any], labels: list[int], epochs: int, steps: int
) -> list[Row]:
    """Let each method learn, on one split, from as many labels as are told.

    Args:
        seed: of the split, the labels and the networks.
        data: one of `DATA`.
        settings: method → the numbers of the settings to train with, one after the other; or, by the number of labels
            as a text, the one number for it.
        labels: how many are told; `ALL` (0): all training rows.
        epochs: of the pre-training of each machine.
        steps: of each network's training with labels.

    Returns:
        A row for each method, setting and number of labels: `method`, `labels`, `setting` (its number among the
        method's twelve) and what `scores` says.

    Raises:
        CourseError: unknown data, or an unknown method.
    """
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    given, rows = task(data, seed), []
    with threadpool_limits(limits=1):
        for count in labels:
            told = labelled(given.y, given.train, count, seed)
            for method, tried in settings.items():
                numbers = [tried[str(count)]] if isinstance(tried, Mapping) else tried
                for number in numbers:
                    check_name("method", method, METHODS)
                    p = probabilities(method, METHODS[method][number], given, told, epochs=epochs, steps=steps)
                    rows.append({"method": method, "labels": count, "setting": number, **scores(p, given)})
    return rows


def told(*, data: str, epochs: int, steps: int, labels: list[int], **_: Any) -> Settings:
    """What a reader must know of these trainings."""
    inputs, y = _data(data)
    return trained(
        start="machines: normal with a spread of 0.01; the others, and the layers without pre-training: torch's own; "
        "a read-out on sigmoid layers: 0",
        learning_rate=f"machines: SGD, {RATE:g}, momentum {MOMENTUM:g}, weight decay {DECAY:g}; with labels: AdamW, "
        f"{' / '.join(f'{rate:g}' for rate in (*RATES, FASTER))}, the best on other seeds, falling to 0 as a cosine, "
        f"weight decay {FINE_DECAY:g}",
        clipping="none",
        steps=f"machines: at most {epochs} epochs each; with labels: {steps}",
        batch=f"{BATCH}",
        size=_sizes(inputs, y),
        note=f"{len(inputs):,} rows, 60 % for training, all of them without labels; twelve settings for each method, "
        f"chosen by the accuracy on validation rows of other seeds; boosting: {TREES} trees a class",
    )


def _sizes(inputs: Floats, y: Labels) -> str:
    """Units and parameters of the networks and of the machines."""
    columns, classes = inputs.shape[1], int(y.max()) + 1
    networks = [sum((low + 1) * high for low, high in pairwise((columns, *sizes, classes))) for sizes in SIZES]
    machines = [low * high + low + high for low, high in pairwise((columns, *SIZES[-1]))]
    counted = [" or ".join(f"{count:,} parameters" for count in counts) for counts in (networks, machines)]
    return f"200 hidden units, or 200 and then 100: {counted[0]}; a machine: {counted[1]}"


def chosen(rows: pd.DataFrame) -> dict[str, dict[str, int]]:
    """For each method and number of labels the setting that names most validation rows right, on average over seeds.

    Where several do, the one with the least mean minus log probability on these rows.

    Args:
        rows: of a search.
    """
    means = rows.groupby(["method", "labels", "setting"], sort=False)[["valid", "valid_nats"]].mean().reset_index()
    means = means.assign(valid=means["valid"].round(9)).sort_values(["valid", "valid_nats"], ascending=[False, True])
    best = means.drop_duplicates(["method", "labels"])
    found: dict[str, dict[str, int]] = {method: {} for method in METHODS if method in set(best["method"])}
    for method, count, setting in zip(best["method"], best["labels"], best["setting"], strict=True):
        found[method][str(count)] = int(setting)
    return found


# The settings of METHODS by their number, for each number of labels: what `chosen` finds in the searches.
CHOSEN: dict[str, dict[str, dict[str, int]]] = {
    "cancer": {
        PRETRAINED: {"20": 1, "50": 8, "0": 7},
        PLAIN: {"20": 3, "50": 2, "0": 10},
        RELU: {"20": 4, "50": 1, "0": 5},
        FEATURES: {"20": 1, "50": 10, "0": 4},
        REGRESSION: {"20": 9, "50": 8, "0": 4},
        BOOSTING: {"20": 2, "50": 9, "0": 9},
    },
    "few_digits": {
        PRETRAINED: {"20": 6, "50": 2, "0": 4},
        PLAIN: {"20": 1, "50": 1, "0": 4},
        RELU: {"20": 3, "50": 1, "0": 4},
        FEATURES: {"20": 10, "50": 2, "0": 3},
        REGRESSION: {"20": 8, "50": 6, "0": 6},
        BOOSTING: {"20": 10, "50": 7, "0": 11},
    },
}


def _experiment(
    name: str, data: str, seeds: Iterable[int], settings: Mapping[str, Any], labels: tuple[int, ...]
) -> Experiment:
    return Experiment(
        name=name,
        version=1,
        measure=measure,
        told=told,
        seeds=tuple(seeds),
        settings={"data": data, "settings": settings, "labels": list(labels), "epochs": EPOCHS, "steps": STEPS[data]},
        quick={"settings": {method: [2] for method in settings}, "epochs": 2, "steps": 5},
    )


def _experiments(name: str, data: str, seeds: int) -> Iterator[Experiment]:
    """What is reported, and the searches before it: ten settings, then two beyond the edges."""
    tried = ({method: list(numbers) for method in METHODS} for numbers in (range(10), range(10, 12)))
    settings_of: tuple[Mapping[str, Any], ...] = (CHOSEN[name], *tried)
    plans = zip(
        (name, f"{name}_search", f"{name}_wider_search"),
        (range(seeds), range(1000, 1002), range(1000, 1002)),
        settings_of,
        strict=True,
    )
    for full_name, of, settings in plans:
        yield _experiment(full_name, data, of, settings, FEW)


def _controls(name: str, data: str, seeds: int) -> Iterator[Experiment]:
    """Pre-trained or not at the settings of the pre-trained network: the same sizes, the same rate."""
    settings = dict.fromkeys((PRETRAINED, PLAIN), CHOSEN[name][PRETRAINED])
    yield _experiment(f"{name}_same_settings", data, range(seeds), settings, FEW)


# Of the stacks of two machines the best for tumours with 20 labels, where one machine was better in the search.
STACKED = {"20": 6}

EXPERIMENTS = (
    *_experiments("cancer", CANCER, 20),
    *_experiments("few_digits", DIGITS, 10),
    *_controls("cancer", CANCER, 20),
    *_controls("few_digits", DIGITS, 10),
    _experiment("cancer_stacks", CANCER, range(20), {PRETRAINED: STACKED}, (20,)),
)
