"""Rows of experiments with their small settings: each seed is run once in a process, whichever tests look at it."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from course_utils.claims.own_runs import first_seeds
from course_utils.experiments.framework.experiment import Experiment
from course_utils.experiments.framework.registry import experiment, load_experiments
from course_utils.experiments.framework.runner import run

RUNS: dict[tuple[Any, str, int], pd.DataFrame] = {}


def rows_of_seed(name: str, seed: int) -> pd.DataFrame:
    """The rows of a seed; experiments that measure the same with the same small settings share them."""
    one = experiment(name)
    key = (one.measure, json.dumps(small_settings(name), sort_keys=True), seed)
    if key not in RUNS:
        RUNS[key] = run(one, (seed,), quick=True, jobs=1, progress=False)
    return RUNS[key]


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
