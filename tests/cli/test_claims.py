"""The command `course claims`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from course_utils import claims
from course_utils.claims import stored
from course_utils.cli import claims as claims_cli
from course_utils.cli import main
from course_utils.experiments.framework.results import load
from tests.claims.small_course import LEDGER, files, store


def test_claims_list(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store(course)
    assert main.main(["claims", "list"]) == 0
    assert capsys.readouterr().out.splitlines()[:2] == [
        "C02  A feedforward network <remembers> nothing.",
        "     → holds (so far; lesson 01 is still to come)",
    ]


def test_claims_run_stores_what_is_missing_and_goes_on_after_a_failure(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (course / "data" / "results").mkdir()
    assert main.main(["claims", "run", "--jobs", "1"]) == 1
    out, err = capsys.readouterr()
    assert re.search(r"^recall +10 seeds, \d+ CPU seconds$", out, re.MULTILINE)
    assert "\nC02  holds (so far; lesson 01 is still to come)\n" in out
    assert "Experiment 'broken' failed for seeds 0, 1." in err
    assert "Not finished: broken." in err
    assert [path.name for path in (course / "data").rglob("*.json")] == ["recall.json"]
    assert load("recall").rules == stored.rules("recall")
    assert main.main(["claims", "run", "C02"]) == 0
    assert re.search(r"^recall +up to date$", capsys.readouterr().out, re.MULTILINE)


def test_claims_run_runs_what_is_stale_and_all_with_force(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = course / "data" / "results" / "recall.json"
    for damage in (lambda: store(course, version=0), lambda: path.write_text("{")):
        damage()
        assert main.main(["claims", "run", "recall", "--jobs", "1"]) == 0
        assert "up to date" not in capsys.readouterr().out
        assert claims.stale("recall") == ""
    (cached,) = {path.parent for path in (course / "build" / "claims" / "recall").rglob("*.json")}
    (cached / "0.json").write_text((cached / "0.json").read_text().replace("0.948", "0.5"))
    assert main.main(["claims", "run", "recall", "--force", "--jobs", "1"]) == 0
    assert load("recall").table["accuracy"].between(0.94, 0.96).sum() == 30  # a forced run trusts no kept seed


def test_claims_run_with_few_seeds_stores_nothing(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = files(course)
    assert main.main(["claims", "run", "C02", "--seeds", "3", "--jobs", "1"]) == 0
    out = capsys.readouterr().out
    assert files(course) == before
    assert "not stored" in out
    assert "too few seeds: 3" in out
    assert main.main(["claims", "run", "--seeds", "1", "--jobs", "1"]) == 1  # broken fails, recall runs all the same
    out, err = capsys.readouterr()
    assert "recall" in out
    assert "Not finished: broken" in err


def test_an_installed_package_runs_without_storing(
    course: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims_cli, "PACKAGE", course / "site" / "course_utils")
    monkeypatch.setattr(claims_cli, "data_folder", lambda: course / "site" / "course_utils" / "_data")
    before = files(course)
    assert main.main(["claims", "run", "recall", "--jobs", "1"]) == 0
    out = capsys.readouterr().out
    assert "stored in a checkout of the course only" in out
    assert "✔ Verdict: holds (so far" in out
    assert files(course) == before


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["C99"], "no claim or experiment 'C99'"),
        (["recal"], "no claim or experiment 'recal'. Did you mean 'recall'"),
        (["C12"], "nothing to run for claim C12"),
        (["recall", "--seeds", "0"], "--seeds is 0"),
        (["recall", "--jobs", "0"], "jobs is 0"),
    ],
)
def test_a_wrong_command_is_told(
    course: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], reason: str
) -> None:
    assert main.main(["claims", "run", *arguments]) == 1
    assert re.search(reason, capsys.readouterr().err)
    assert files(course).keys() == {str(course / "ledger" / f"{id}.toml") for id in LEDGER}
