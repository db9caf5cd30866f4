"""A learner's own cell in the ledger."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from course_utils import claims
from course_utils.claims import own_cells
from course_utils.claims.own_cells import CellAudit, CellPanel, columns_of, fitting, trials_of
from course_utils.claims.rules import claim, load_claims
from course_utils.data.resources import data_folder
from course_utils.errors import CourseError
from course_utils.experiments.comparison.own_cell import NAME
from course_utils.experiments.framework import runner
from course_utils.experiments.framework.results import load
from tests.own_cells import UNFAIR, Ahead, Minimal


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    return tmp_path / "own_cells"


def quick(id: str = "C37", seeds: int = 2, **how: Any) -> CellPanel:
    return claims.rerun(id, seeds, cell=Minimal, quick=True, jobs=1, **how)


def test_a_cell_stands_beside_the_stored_networks_and_no_stored_file_changes(cache: Path) -> None:
    stored = {path: path.stat().st_mtime_ns for path in data_folder().rglob("*.json")}
    panel = quick()
    assert {path: path.stat().st_mtime_ns for path in data_folder().rglob("*.json")} == stored
    text = str(panel)
    assert "Claim C37: your cell beside the stored networks (means, 95 % intervals, seeds)" in text
    assert "parity, length 60 to 500: share right" in text
    rows = [line for line in text.splitlines() if line.startswith(("LSTM", NAME))]
    assert len(rows) == 2
    assert "(10)" in rows[0]
    assert "(2)" in rows[1]
    assert "read nothing into these numbers" in text
    assert "that no stored result has used" in text
    assert "the best of" not in text
    assert "which was not searched for; each stored network had 7 rates from each of 2 ways to begin." in text
    assert 'alt="Claim C37: your cell beside the stored networks.' in panel.html
    assert len(list(cache.rglob("*.json"))) == 4  # two seeds of two languages


def test_its_numbers_are_those_of_the_rows_and_the_stored_ones_those_of_the_stored_rows() -> None:
    panel = quick(seeds=1)
    column = panel.columns[0]
    by_name = {found.network: found for found in column.networks}
    own = panel.rows["parity"]
    lengths = own["length"].isin([60, 101, 200, 500])
    assert by_name[NAME].mean == pytest.approx(own[lengths]["accuracy"].mean())
    assert not math.isfinite(by_name[NAME].low)
    rows = load("formal_parity").table
    lstm = rows[(rows["network"] == "LSTM") & rows["length"].isin([60, 101, 200, 500])]
    assert by_name["LSTM"].mean == pytest.approx(lstm["accuracy"].mean())
    assert list(by_name)[-1] == NAME
    assert column.chance == 0.5


def test_a_seed_that_has_finished_is_not_run_again(monkeypatch: pytest.MonkeyPatch) -> None:
    first = quick(seeds=1)
    monkeypatch.setattr(runner, "_measure", lambda measure, seed, *_: pytest.fail(f"seed {seed} ran again"))
    assert str(quick(seeds=1)) == str(first)


def test_an_interrupted_run_keeps_the_seeds_that_have_finished(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    measured: list[int] = []
    whole = runner._measure

    def stopped(measure: Any, seed: int, *rest: Any) -> Any:
        if measured:
            raise KeyboardInterrupt
        measured.append(seed)
        return whole(measure, seed, *rest)

    monkeypatch.setattr(runner, "_measure", stopped)
    with pytest.raises(KeyboardInterrupt):
        quick()
    (path,) = cache.rglob("*.json")
    assert json.loads(path.read_text())["seed"] == measured[0]


def test_another_cell_of_the_same_name_is_run_anew(cache: Path) -> None:
    quick(seeds=1)
    claims.rerun("C37", 1, cell=type("Minimal", (Minimal,), {"__doc__": "Another."}), quick=True, jobs=1)
    assert len(list(cache.rglob("*.json"))) == 4


def test_rates_are_searched_on_the_seeds_of_the_search_and_the_best_is_told(cache: Path) -> None:
    text = str(quick(seeds=1, rates=[0.01, 0.03]))
    assert "the best of 2 on other seeds, the " in text
    assert {path.stem for path in cache.rglob("*search*/*/*.json")} == {"1000"}
    with pytest.raises(CourseError, match="rates holds 8 learning rates for parity, where stored networks had 7"):
        quick(rates=[n / 100 for n in range(1, 9)])
    with pytest.raises(CourseError, match="rates"):
        quick(rates=[-1])
    with pytest.raises(CourseError, match="Give it too: cell=MyCell"):
        claims.rerun("C37", rates=[0.1])  # type: ignore[call-overload]


def test_reported_seeds_pair_it_with_the_stored_rows() -> None:
    assert "seed reported before: 640." in str(quick(seeds=1, reported=True))


def test_a_cell_that_would_be_unfair_is_not_run_and_told_why() -> None:
    with pytest.raises(
        CourseError, match=r"The comparison would be unfair, so it is not run\.[\s\S]*✘ future: "
    ) as told:
        claims.rerun("C12", cell=Ahead)
    assert "✔ kept state" in str(told.value)


@pytest.mark.parametrize("name", ["unused", "ahead", "goes on"])
def test_the_audit_of_the_ledger_names_the_fault_in_words_and_in_html(name: str) -> None:
    cell, said = UNFAIR[name]
    found = claims.audit(cell)
    assert not found.fair
    assert f"✘ {said}" in str(found)
    assert "1 thing would make a comparison unfair" in str(found)
    assert "✘" in found.html


def test_after_what_stops_an_audit_nothing_is_said_to_be_fine() -> None:
    cell, _ = UNFAIR["fails"]
    assert "✔" not in str(claims.audit(cell))
    fair = claims.audit(Minimal, "C36")
    assert fair.fair
    assert str(fair).count("✔") == 9
    assert repr(CellAudit([])) == str(CellAudit([]))


def test_a_claim_without_a_place_for_a_cell_lists_those_that_have_one() -> None:
    with pytest.raises(CourseError, match=r"A cell of your own cannot take part in claim C01.*Take one of .*C12"):
        claims.rerun("C01", cell=Minimal)
    with pytest.raises(CourseError, match="There is no claim 'C99'"):
        claims.audit(Minimal, "C99")
    with pytest.raises(CourseError, match="seeds is 0"):
        claims.rerun("C12", 0, cell=Minimal)


def test_each_claim_that_has_a_place_gives_columns_from_its_stored_rows() -> None:
    assert {"C12", "C13", "C16", "C36", "C37"} <= set(fitting()) < set(load_claims())
    for id in ("C12", "C37", "C16"):
        for trial in trials_of(id)[:2]:
            stored = load(trial.experiment).table
            mine = stored[stored["network"] == "LSTM"].assign(network=NAME)
            found = columns_of(claim(id), trial, mine)
            assert found, (id, trial.task)
            for column in found:
                by_name = {network.network: network.mean for network in column.networks}
                assert by_name[NAME] == pytest.approx(by_name.get("LSTM", by_name[NAME]))


def test_each_measure_in_words_is_read_by_a_claim() -> None:
    assert set(own_cells.MEASURES) <= {part.metric for id in fitting() for part in claim(id).parts}
