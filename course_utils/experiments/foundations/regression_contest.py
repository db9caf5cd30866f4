"""A number instead of a name: a small network and other methods on one table, all with the same rows.

442 people with diabetes (Efron and others 2004). Every method learns from the same four fifths of them, and is judged
on the fifth that is left. How many epochs the network trains was chosen on other splits, inside the four fifths.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from course_utils.data.scaling import standardised
from course_utils.data.tables import diabetes, split
from course_utils.display.settings import Settings, trained, value_text
from course_utils.experiments.framework.experiment import Experiment, Row
from course_utils.nn.feedforward import MLP
from course_utils.training import fit, supervised

Indices = NDArray[np.int64]
NETWORK, MEAN = "network", "always the mean"
EPOCHS = (10, 20, 40, 80, 160)
BATCH = 32

# The one of EPOCHS with the lowest error in the experiment "regression_contest_search", on other splits.
CHOSEN = 20


def _others(seed: int) -> dict[str, Any]:
    from sklearn.ensemble import HistGradientBoostingRegressor
    from sklearn.linear_model import LinearRegression
    from sklearn.neighbors import KNeighborsRegressor

    return {
        "linear regression": LinearRegression(),
        "k-NN": KNeighborsRegressor(10),
        "gradient boosting": HistGradientBoostingRegressor(random_state=seed),
    }


def known_and_judged(seed: int, judge: str) -> tuple[Indices, Indices]:
    """The places of the people to learn from, and of those that judge: the test rows, or the validation rows."""
    train, valid, test = split(len(diabetes()[0]), seed=seed)
    return (np.concatenate([train, valid]), test) if judge == "test" else (train, valid)


def network_predictions(known: Indices, judged: Indices, seed: int, epochs: int) -> NDArray[np.float64]:
    """What an MLP with 16 hidden units and one output says of people it has not seen.

    Args:
        known: places of the people it learns from.
        judged: places of the others.
        seed: of the first weights and the batches.
        epochs: passes through the known people, in batches of 32; Adam, learning rate 0.003.
    """
    inputs, progress = (torch.as_tensor(part, dtype=torch.float32) for part in diabetes())
    rows, places = standardised(inputs[known], inputs), torch.as_tensor(known)
    centre, unit = progress[places].mean(), progress[places].std()
    goal = ((progress - centre) / unit)[:, None]
    model = MLP((10, 16, 1), generator=torch.Generator().manual_seed(seed))
    shuffling = torch.Generator().manual_seed(seed)

    def batches() -> list[tuple[torch.Tensor, torch.Tensor]]:
        order = places[torch.randperm(len(places), generator=shuffling)]
        return [(rows[some], goal[some]) for some in order.split(BATCH)]

    fit(model, batches, supervised(nn.MSELoss()), epochs=epochs, lr=0.003, progress=False)
    with torch.no_grad():
        predictions: NDArray[np.float64] = (model(rows[judged])[:, 0] * unit + centre).double().numpy()
    return predictions


def measure(seed: int, *, epochs: list[int], judge: str, others: bool) -> list[Row]:
    """Hold the contest on one random split: 60 % training, 20 % validation, 20 % test.

    Args:
        seed: of the split, the network and the methods.
        epochs: of the network, those to try.
        judge: "test": all learn from training and validation rows, and are judged on test rows; "valid": they learn
            from training rows, and are judged on validation rows.
        others: also the methods without a network?

    Returns:
        A row for each method (and number of epochs): `method`, `epochs` (0 without a network), `rows` (learned from),
        `error` (root mean squared, in units of the table's progress).
    """
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    inputs, progress = diabetes()
    known, judged = known_and_judged(seed, judge)

    def row(method: str, predictions: Any, epochs: int = 0) -> Row:
        error = float(np.sqrt(np.mean((predictions - progress[judged]) ** 2)))
        return {"method": method, "epochs": epochs, "rows": len(known), "error": error}

    found = [row(NETWORK, network_predictions(known, judged, seed, count), count) for count in epochs]
    if others:
        found.append(row(MEAN, progress[known].mean()))
        rows = standardised(torch.as_tensor(inputs[known]), torch.as_tensor(inputs)).numpy()
        with threadpool_limits(limits=1):
            for name, method in _others(seed).items():
                found.append(row(name, method.fit(rows[known], progress[known]).predict(rows[judged])))
    return found


def told(*, epochs: list[int], judge: str, others: bool) -> Settings:
    """What a reader must know of these trainings."""
    known, _ = known_and_judged(0, judge)
    return trained(
        start="torch's own",
        learning_rate="Adam, 0.003",
        clipping="none",
        steps=value_text([f"{count} epochs ({count * -(-len(known) // BATCH):,} steps)" for count in epochs]),
        batch=f"{BATCH}",
        size="16 hidden units, ReLU, one output",
        note=f"judged on the {judge} rows; k-NN of 10 neighbours, the others as scikit-learn makes them",
    )


EXPERIMENTS = (
    Experiment(
        name="regression_contest_search",
        version=1,
        measure=measure,
        seeds=tuple(range(1000, 1010)),  # not those that are reported
        settings={"epochs": list(EPOCHS), "judge": "valid", "others": False},
        quick={"epochs": [1]},
        told=told,
    ),
    Experiment(
        name="regression_contest",
        version=1,
        measure=measure,
        seeds=tuple(range(20)),
        settings={"epochs": [CHOSEN], "judge": "test", "others": True},
        quick={"epochs": [1]},
        told=told,
    ),
)
