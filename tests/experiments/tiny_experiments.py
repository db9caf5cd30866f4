"""Experiments of milliseconds, in a module that worker processes can import."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from course_utils.display.settings import Settings, untrained
from course_utils.experiments.framework.experiment import Experiment

Rows = list[dict[str, Any]]


def draws(seed: int, size: int = 3, nap: float = 0.0) -> Rows:
    """Numbers of all three generators, and of arithmetic whose last digits depend on threads; low seeds are slow."""
    time.sleep(nap * max(0, 4 - seed))
    x = torch.randn(200, 200)
    numbers = [float((x @ x).sum()), float(np.random.rand()), float(torch.rand(()))]
    return [{"draw": n, "value": numbers[n % 3], "threads": torch.get_num_threads()} for n in range(size)]


def scalars(seed: int) -> Rows:
    """Every kind of scalar."""
    return [
        {"int": np.int64(7), "float": np.float32(0.5), "bool": np.bool_(True), "text": np.str_("a")},
        {"int": torch.tensor(8), "float": torch.tensor(0.25), "bool": torch.tensor(True), "text": "b"},
        {"int": 9, "float": 0.125, "bool": False, "text": "c", "late": None},
    ]


def logged(seed: int, log: str, until: int = -1, how: str = "") -> Rows:
    """Writes its seed to a log; at seed `until` it fails in one of several ways, unless the file "fixed" is there."""
    with Path(log).open("a") as file:
        file.write(f"{seed}\n")
    if seed == until and not Path(log).with_name("fixed").exists():
        if how == "interrupt":
            raise KeyboardInterrupt
        if how == "exit":
            os._exit(3)
        if how == "nan":
            return [{"score": 1.0, "loss": float("nan")}]
        raise ValueError("the net forgot")
    return [{"score": seed / 8}]


def dies_once(seed: int, log: str, at: int) -> Rows:
    """Writes its seed to a log; the first process that is given seed `at` dies of it."""
    with Path(log).open("a") as file:
        file.write(f"{seed}\n")
    if seed == at and not Path(log).with_name("died").exists():
        Path(log).with_name("died").touch()
        os._exit(3)
    return [{"score": seed / 8}]


def naps(seed: int, log: str) -> Rows:
    """Quick for seed 0; the others wait for minutes, unless the file "fixed" is there."""
    with Path(log).open("a") as file:
        file.write(f"{seed}\n")
    if seed and not Path(log).with_name("fixed").exists():
        signal.pause()
    return [{"score": seed / 8}]


def recall(seed: int, lags: list[int]) -> Rows:
    """A feedforward net at chance and an RNN that knows, with a little noise from the seed."""
    noise = (seed % 5 - 2) / 1000
    return [
        {"network": network, "lag": lag, "accuracy": right + noise}
        for network, right in (("feedforward", 0.25), ("RNN", 0.95))
        for lag in lags
    ]


def broken(seed: int) -> Rows:
    raise ValueError("no luck")


def told(lags: list[int]) -> Settings:
    return untrained(f"nothing is trained: lags {lags}")


RECALL = Experiment("recall", 1, recall, tuple(range(10)), {"lags": [1, 2, 4]}, {"lags": [1]}, told=told)
BROKEN = Experiment("broken", 1, broken, (0, 1), {}, {})
SLOW_FIRST = Experiment("draws", 1, draws, (0, 1, 2, 3), {"size": 3, "nap": 0.1}, {"size": 1, "nap": 0})
