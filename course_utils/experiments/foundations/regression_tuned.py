"""The contest on one table once more, with rivals whose settings are chosen as the network's epochs were.

In "regression_contest" the network's epochs were chosen, on other splits, and the rivals have their usual settings.
Here each rival has five settings to choose from, by cross-validation inside the rows it learns from; and one more rival
takes part, a support vector machine.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from course_utils.data.tables import diabetes
from course_utils.display.settings import Settings, untrained
from course_utils.experiments.foundations.regression_contest import known_and_judged
from course_utils.experiments.framework.experiment import Experiment, Row

FOLDS = 5
NEIGHBOURS = (5, 10, 20, 30, 50)
BOOSTING = ((50, 1), (100, 1), (200, 1), (50, 2), (100, 2))  # trees, and questions in a row; learning rate 0.05
SUPPORT = (1.0, 3.0, 10.0, 30.0, 100.0)  # C, with a Gaussian kernel of width 0.03


def _tried(tries: int) -> dict[str, tuple[Any, dict[str, list[Any]] | list[dict[str, list[Any]]]]]:
    """Each rival and its settings."""
    from sklearn.ensemble import GradientBoostingRegressor
    from sklearn.neighbors import KNeighborsRegressor
    from sklearn.svm import SVR

    boosting = [{"n_estimators": [trees], "max_depth": [depth]} for trees, depth in BOOSTING[:tries]]
    return {
        "k-NN": (KNeighborsRegressor(), {"n_neighbors": list(NEIGHBOURS[:tries])}),
        "gradient boosting": (GradientBoostingRegressor(learning_rate=0.05, subsample=0.5, random_state=0), boosting),
        "support vectors": (SVR(gamma=0.03), {"C": list(SUPPORT[:tries])}),
    }


def measure(seed: int, *, tries: int) -> list[Row]:
    """Let each rival choose, on the splits of "regression_contest".

    Args:
        seed: of the split.
        tries: settings for each rival.

    Returns:
        A row for each rival: `method`, `setting` (the one that was chosen), `error` (root mean squared, on the test
        rows, in units of the table's progress).
    """
    from sklearn.model_selection import GridSearchCV
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    inputs, progress = diabetes()
    known, judged = known_and_judged(seed, "test")
    rows = (inputs - inputs[known].mean(axis=0)) / inputs[known].std(axis=0)
    found: list[Row] = []
    with threadpool_limits(limits=1):
        for name, (method, settings) in _tried(tries).items():
            search = GridSearchCV(method, settings, scoring="neg_mean_squared_error", cv=FOLDS)
            predictions = search.fit(rows[known], progress[known]).predict(rows[judged])
            error = float(np.sqrt(np.mean((predictions - progress[judged]) ** 2)))
            setting = ", ".join(f"{key} {value}" for key, value in search.best_params_.items())
            found.append({"method": name, "setting": setting, "error": error})
    return found


def told(*, tries: int) -> Settings:
    """What a reader must know of these fits."""
    return untrained(
        "no network is trained: scikit-learn's methods are fitted",
        note=f"{tries} settings for each method, chosen by cross-validation with {FOLDS} parts inside the rows it "
        "learns from; boosting with a learning rate of 0.05 and half of the rows for each tree",
    )


EXPERIMENT = Experiment(
    name="regression_tuned",
    version=1,
    measure=measure,
    seeds=tuple(range(20)),
    settings={"tries": 5},
    quick={"tries": 1},
    told=told,
)
