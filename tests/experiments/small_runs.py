"""Rows of experiments with their small settings: each seed is run once, whichever tests look at it.

Where several processes share a run of the tests, they share the rows too: what one has measured lies in the folder of
that run (`share`), and pytest removes it as it does its other folders.
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
from pathlib import Path
from typing import Any

import pandas as pd

from course_utils.claims.own_runs import first_seeds
from course_utils.experiments.framework.experiment import Experiment
from course_utils.experiments.framework.registry import experiment, load_experiments
from course_utils.experiments.framework.runner import run

RUNS: dict[tuple[Any, str, int], pd.DataFrame] = {}
SHARED: list[Path] = []  # the folder of this run of the tests, where it has several processes


def share(folder: Path) -> None:
    """Let the processes of a run of the tests take each other's rows from a folder."""
    folder.mkdir(exist_ok=True)
    SHARED[:] = [folder]


def rows_of_seed(name: str, seed: int) -> pd.DataFrame:
    """The rows of a seed; experiments that measure the same with the same small settings share them."""
    one = experiment(name)
    key = (one.measure, json.dumps(small_settings(name), sort_keys=True), seed)
    if key not in RUNS:
        RUNS[key] = _measured(name, seed, key[1])
    return RUNS[key]


def _measured(name: str, seed: int, settings: str) -> pd.DataFrame:
    measure = experiment(name).measure
    text = f"{measure.__module__} {measure.__qualname__} {settings} {seed}"
    stored = SHARED[0] / hashlib.sha256(text.encode()).hexdigest() if SHARED else None
    if stored and stored.exists():
        found: pd.DataFrame = pickle.loads(stored.read_bytes())
        return found
    found = run(experiment(name), (seed,), quick=True, jobs=1, progress=False)
    if stored:
        half = stored.with_suffix(f".{os.getpid()}")
        half.write_bytes(pickle.dumps(found))
        half.rename(stored)
    return found


def small_rows(name: str, seeds: int = 2) -> pd.DataFrame:
    """The rows of the first seeds of those that are reported."""
    ran = [rows_of_seed(name, seed) for seed in first_seeds(experiment(name).seeds, seeds)]
    return pd.concat(ran, ignore_index=True)


def small_settings(name: str, **changed: Any) -> dict[str, Any]:
    """The small settings of an experiment, some of them changed."""
    return {**experiment(name).settings, **experiment(name).quick, **changed}


def experiments_by_measure() -> dict[Any, list[Experiment]]:
    """Every measure with its experiments, what is reported first: a search differs from it in its settings alone."""
    found: dict[Any, list[Experiment]] = {}
    for one in sorted(load_experiments().values(), key=lambda one: one.name.endswith("_search")):
        found.setdefault(one.measure, []).append(one)
    return found
