"""The bar shows what is left, and is silent where nobody sees it."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from typing import Any

import pytest

from course_utils.training import fit, schedules
from course_utils.training.progress import counted
from tests.training.lines import MSE, FakeClock, line, pairs

SCRIPT = """
import torch
from torch import nn
from course_utils.training import fit, supervised
torch.manual_seed(0)
x = torch.randn(64, 2)
history = fit(nn.Linear(2, 1), [(x, x.sum(1, keepdim=True))], supervised(nn.MSELoss()), steps=300, lr=0.05)
print(history.table["loss"].iloc[-1] < 1e-3)
"""


def test_runs_in_a_plain_script_without_noise() -> None:
    own_of_torch = "ignore:Implicitly cleaning up:ResourceWarning"  # at the end of Python, with torch 2.6
    command = [sys.executable, "-W", "error", "-W", own_of_torch, "-c", SCRIPT]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"
    assert done.stderr == ""


class Terminal:
    """A stdout that calls itself a terminal."""

    encoding = "utf-8"

    def __init__(self) -> None:
        self.text = ""

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> None:
        self.text += text

    def flush(self) -> None:
        pass


@pytest.mark.parametrize(
    ("options", "shows"),
    [
        ({"steps": 40}, r"of 40 step \["),
        ({"epochs": 5}, r"of 40 step \["),
        ({"seconds": 30.0, "steps": 40}, r"of 40 step"),
        ({"seconds": 30.0}, r"of 30 s"),
    ],
)
def test_a_bar_shows_what_is_left(monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], shows: str) -> None:
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    monkeypatch.setattr(schedules, "perf_counter", FakeClock(0.2))
    monkeypatch.setattr(sys, "stdout", terminal := Terminal())
    fit(line(), pairs(), MSE, valid=pairs(1), **options)
    assert re.search(shows, terminal.text)
    assert re.search(r"loss [\d.e-]+, best validation [\d.e-]+", terminal.text)


def test_what_takes_long_before_a_training_has_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    monkeypatch.setattr(sys, "stdout", terminal := Terminal())
    assert list(counted(range(3), "features", "clip", wanted=True)) == [0, 1, 2]
    assert list(counted(range(3), "features", "clip", wanted=False)) == [0, 1, 2]
    assert terminal.text == ""  # it took less than a second
    for seconds in counted([1.1, 0.0, 0.0], "features", "clip", wanted=True):
        time.sleep(seconds)
    assert "features" in terminal.text


@pytest.mark.parametrize("how", ["TQDM_DISABLE", "progress=False", "no terminal"])
def test_a_bar_can_be_turned_off(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], how: str) -> None:
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    if how == "TQDM_DISABLE":
        monkeypatch.setenv("TQDM_DISABLE", "1")
    terminal = Terminal()
    if how != "no terminal":
        monkeypatch.setattr(sys, "stdout", terminal)
    fit(line(), pairs(), MSE, epochs=5, progress=how != "progress=False")
    written = capsys.readouterr()
    assert terminal.text == written.out == written.err == ""
