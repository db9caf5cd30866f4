"""The pages of the study and of published numbers are generated, and those of today."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from course_utils.claims.rules import Part, load_claims
from course_utils.claims.verdicts import Estimate, Finding, Outcome
from course_utils.experiments.framework.registry import load_experiments
from tools import study

TEXTS = cache(study.texts)


def finding(mean: float, low: float, high: float, than: float = 0.0, expect: str = "above") -> Finding:
    part = Part("a part", "", "recall", "accuracy", {}, None, "mean", expect, than, 0.0, "")
    return Finding(part, Estimate(mean, low, high, 10), Outcome.UNDECIDED)


def test_both_pages_are_those_of_today() -> None:
    for path, text in TEXTS().items():
        assert path.read_text(encoding="utf-8") == text, f"docs/{path.name} is old: run `python -m tools.study`"


def test_the_study_has_its_parts_and_a_section_for_each_claim_that_has_rows() -> None:
    text = TEXTS()[study.DOCS / "study.md"]
    heads = re.findall(r"^## (.*)$", text, re.M)
    assert heads == [
        "Question",
        "Protocol",
        "Results",
        "How many networks know it without learning",
        "Beside the literature",
        "What is not shown",
        "How to run it again",
        "How to cite",
    ]
    claims = study.claims_of_study()
    assert {"C06", "C12", "C36"} <= {claim.id for claim in claims}
    for claim in claims:
        assert f"| {claim.id} | " in text
        assert (f"### {claim.id}: " in text) != (f"- {claim.id}: no verdict" in text)
    assert text.count("<details>") == text.count("</details>")
    assert re.search(r"year   = \{20\d\d\}", text)
    assert "version 0." in text


def test_a_claim_joins_that_reads_an_experiment_of_the_study(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(study, "CORE", ())
    read = {name for claim in study.claims_of_study() for name in claim.experiments}
    modules = load_experiments()
    assert all(
        any(".study." in modules[n].measure.__module__ for n in claim.experiments) for claim in study.claims_of_study()
    )
    assert read <= set(modules)
    assert len(study.claims_of_study()) < len(load_claims())


def test_a_strip_marks_interval_mean_and_what_it_is_compared_with() -> None:
    line = study.strip(finding(0.5, 0.25, 0.75, than=0.0))
    left, drawn, right = line.split(" ", 1)[0], line[2:-5], line.rsplit(" ", 1)[1]
    assert (left, right) == ("0", "0.75")
    assert "  " not in line
    assert drawn.count("●") == drawn.count("├") == drawn.count("┤") == drawn.count("┊") == 1
    assert drawn.index("┊") < drawn.index("├") < drawn.index("●") < drawn.index("┤")
    reached = study.strip(finding(0.5, 0.25, 0.75, expect="reached"))
    assert "┊" not in reached
    single = study.strip(finding(0.5, float("-inf"), float("inf"), than=0.1))
    assert "├" not in single


def test_an_old_page_is_named_and_written_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "study.md"
    monkeypatch.setattr(study, "texts", lambda: {page: "new"})
    assert study.old() == ["study.md"]
    assert study.main(["--check"]) == 1
    assert study.main([]) == 0
    assert page.read_text() == "new"
    assert study.main(["--check"]) == 0
