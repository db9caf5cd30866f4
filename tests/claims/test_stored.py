"""Stored results that no longer count say so."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import pytest

from course_utils import claims
from course_utils.claims import rules, stored
from course_utils.claims.rules import rule_hash
from course_utils.errors import CourseError
from course_utils.experiments.framework import registry
from course_utils.experiments.framework.results import Result, load
from tests.claims.small_course import PART, rewrite, store
from tests.experiments import tiny_experiments as tiny


def used() -> list[str]:
    """The experiments of the registry that some claim reads."""
    read_by_claims = {name for claim in rules.CLAIMS.values() for name in [*claim.experiments, *claim.beside]}
    return [name for name in registry.EXPERIMENTS if name in read_by_claims]


@pytest.mark.parametrize("name", used())
def test_stored_results_count_today(name: str) -> None:
    assert not stored.stale(name), "run `make claims`"


@pytest.mark.parametrize("id", [claim.id for claim in rules.CLAIMS.values() if claim.parts])
def test_a_measured_claim_has_a_verdict(id: str) -> None:
    assert not stored.standing_of(rules.claim(id)).verdict.startswith("no verdict")


def test_results_are_fresh_until_something_changes(course: Path) -> None:
    store(course)
    assert claims.stale("recall") == ""
    assert claims.results("recall").shape == (60, 4)
    rewrite(course, "Look & see.", "Look twice.")
    assert claims.stale("recall") == ""


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"version": 2}, "measured by its version 2, and today's is 1"),
        ({"settings": {"lags": [1]}}, "other settings"),
    ],
)
def test_stale_results_are_told(course: Path, changes: dict[str, Any], reason: str) -> None:
    store(course, **changes)
    sentence = claims.stale("recall")
    assert re.fullmatch(
        f"The stored results of experiment 'recall' are stale: .*{reason}.*`course claims run recall`.", sentence
    )
    said = str(claims.box("C02"))
    assert f"No verdict: {sentence[0].lower()}{sentence[1:]}" in said
    assert "Verdict:" not in said


def test_other_seeds_are_stale(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store(course)
    more = dataclasses.replace(tiny.RECALL, seeds=tuple(range(12)))
    monkeypatch.setattr(registry, "load_experiments", lambda: {"recall": more})
    assert "they hold 10 seeds, and not the 12 reported today" in claims.stale("recall")
    moved = dataclasses.replace(tiny.RECALL, seeds=tuple(range(1, 11)))
    monkeypatch.setattr(registry, "load_experiments", lambda: {"recall": moved})
    assert "they hold other seeds than those reported today" in claims.stale("recall")


def test_the_results_of_a_claim_are_read_once(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store(course)
    read_names: list[str] = []

    def counted(name: str) -> Result:
        read_names.append(name)
        return load(name)

    monkeypatch.setattr(stored, "load", counted)
    assert stored.standing_of(rules.claim("C02")).findings
    assert read_names == ["recall"]


def test_a_rule_that_is_younger_than_its_rows_is_told_until_they_are_run_again(course: Path) -> None:
    younger = "its rule was last changed after these rows had been seen"
    store(course)
    assert younger not in str(claims.box("C02"))
    rewrite(course, "margin = 0.02", "margin = 0.03")
    box = claims.box("C02")
    assert box.verdict == "holds"
    assert f"(so far; lesson 01 is still to come; {younger})" in str(box)
    assert claims.stale("recall") == ""
    store(course)
    assert younger not in str(claims.box("C02"))
    now = PART.replace("margin = 0.02", "margin = 0.03")
    rewrite(course, now, now + PART.replace("parts", "alternatives"))
    assert younger not in str(claims.box("C02"))  # it decides nothing


def test_damaged_and_absent_results_give_no_verdict(course: Path) -> None:
    assert claims.box("C02").verdict == "no verdict yet: its experiment 'recall' has not been run"
    store(course)
    path = course / "data" / "results" / "recall.json"
    path.write_text(path.read_text()[:-20])
    assert claims.box("C02").verdict.startswith("no verdict: the stored results of experiment 'recall' cannot be read")
    with pytest.raises(CourseError, match="no experiment 'recal'"):
        claims.results("recal")


def test_results_travel_as_json_that_anyone_can_read(course: Path) -> None:
    result = store(course)
    fields = json.loads((course / "data" / "results" / "recall.json").read_text())
    assert fields["rules"] == {"C02": rule_hash(rules.claim("C02"))}
    assert len(fields["rows"]) == len(result.table)


def test_a_cell_shows_how_runs_were_made_once(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Shell:
        execution_count = 1
        config = ()

    shell, shown = Shell(), list[str]()
    store(course)
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    monkeypatch.setattr("course_utils.display.settings.Settings._display", lambda line: shown.append(str(line)))
    claims.results("recall")
    line = claims.told("recall")
    line._ipython_display_()  # the last line of the same cell
    assert shown == ["Settings of recall: nothing is trained: lags [1, 2, 4] · seeds: 10 (0 to 9)"]
    shell.execution_count = 2
    claims.results("recall")
    assert len(shown) == 2
