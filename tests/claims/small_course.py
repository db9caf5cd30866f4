"""A small course of its own: two experiments, three claims, and no stored results."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from course_utils.claims import rules, stored
from course_utils.cli import claims as claims_cli
from course_utils.experiments.framework import registry, runner
from course_utils.experiments.framework.results import Result, save
from tests.experiments import tiny_experiments as tiny

CLAIM = """
[C02]
says = "A feedforward network <remembers> nothing."
lessons = ["01", "05"]
to_come = ["01"]
plan = "Look & see."
"""
PART = """
[[C02.parts]]
text = "the accuracy of a feedforward net"
when = "it sees the present alone"
experiment = "recall"
metric = "accuracy"
where = { network = "feedforward", lag = [1, 2, 4] }
expect = "within"
than = 0.25
margin = 0.02
"""
TWO_PARTS = """
[[C02.parts]]
text = "how far the RNN is above it"
when = "it has a state"
experiment = "recall"
metric = "accuracy"
where = { network = "RNN" }
minus = { network = "feedforward" }
expect = "below"
than = 0.1
margin = 0.05
unit = "°"
"""
KIND = 'kind = "universal"\nreasons = "Chance moves by that."\n'
RULE = f"{CLAIM}{KIND}seeds = 10\ninterval = 0.95\n{PART}"
C12 = """
[C12]
says = "LSTMs remember."
lessons = ["09"]
to_come = ["09"]
plan = "Measure it."
"""
C15 = """
[C15]
says = "Three gates."
lessons = ["05"]
to_come = []
plan = "A demonstration."
source = ["A paper", "Another"]
ruling = "so it is"
"""
LEDGER = {"C02": RULE, "C12": C12, "C15": C15}


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A checkout with two experiments, three claims and no stored results; returns its folder."""
    (tmp_path / "data").mkdir()
    ledger = tmp_path / "ledger"
    ledger.mkdir()
    for id, text in LEDGER.items():
        (ledger / f"{id}.toml").write_text(text)
    monkeypatch.setattr(rules, "FOLDER", ledger)
    experiments = {"recall": tiny.RECALL, "broken": tiny.BROKEN}
    monkeypatch.setattr(registry, "load_experiments", lambda: experiments)
    monkeypatch.setattr("course_utils.data.resources.data_folder", lambda: tmp_path / "data")
    monkeypatch.setattr(claims_cli, "data_folder", lambda: tmp_path / "data")
    monkeypatch.setattr(claims_cli, "PACKAGE", tmp_path / "course_utils")
    rules.load_claims.cache_clear()
    yield tmp_path
    rules.load_claims.cache_clear()


def rewrite(course: Path, old: str, new: str) -> None:
    """Change the files of the ledger that hold the old text."""
    holding = [path for path in (course / "ledger").iterdir() if old in path.read_text()]
    assert holding
    for path in holding:
        path.write_text(path.read_text().replace(old, new))
    rules.load_claims.cache_clear()


def store(course: Path, **changes: Any) -> Result:
    """Store what `make claims` would, with changes."""
    result = runner.result_of(tiny.RECALL, jobs=1, rules=stored.rules("recall"))
    result = dataclasses.replace(result, **changes)
    save(result, course / "data" / "results")
    return result


def files(course: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in course.rglob("*") if path.is_file()}
