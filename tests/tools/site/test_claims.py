"""The pages of the claims."""

from __future__ import annotations

import pytest

from course_utils.claims.boxes import ClaimBox
from course_utils.claims.rules import load_claims
from course_utils.claims.stored import standing_of
from tools import build
from tools.site import claims


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return claims.claim_pages(["05_recurrent_networks"])


def test_all_lessons_bring_all_claims_and_one_lesson_its_own() -> None:
    assert [claim.id for claim in claims.claims_of(build.lesson_names())] == list(load_claims())
    own = {claim.id for claim in claims.claims_of(["05_recurrent_networks"])}
    assert {claim.id for claim in load_claims().values() if "05" in claim.lessons} <= own
    assert "C06" in {claim.id for claim in claims.claims_of(["14_translation"])}


def test_each_claim_has_a_row_with_its_verdict_and_a_page(pages: dict[str, str]) -> None:
    index = pages["claims/index"]
    standing = standing_of(load_claims()["C02"])
    assert f"| [C02](C02.md) | {standing.claim.says} | {standing.verdict}" in index
    assert "\nC02 <C02>\n" in index
    assert index.count("\n| [C") == len(pages) - 1


def test_a_claim_s_page_is_the_ledger_s_own_box_with_its_measurements_open(pages: dict[str, str]) -> None:
    page = pages["claims/C02"]
    box = ClaimBox(standing_of(load_claims()["C02"]))
    assert page.startswith(f"# C02 · {box.standing.claim.says}\n")
    assert "[05 Recurrent networks](../lessons/05_recurrent_networks.ipynb)" in page
    assert "01 Feedforward networks" in page  # this site does not show it
    assert "[01 Feedforward networks]" not in page
    for finding in box.standing.findings:
        assert finding.part.text.split("'")[0] in page
    assert "<details>" not in page
    assert page.count("<details open>") == box.html.count("<details>") > 0
    assert "\n\n" not in page.split("```{raw} html\n")[1].split("```")[0]  # it would end there


def test_a_bar_in_a_text_does_not_end_a_cell() -> None:
    assert claims.cell("|h|\nx") == r"\|h\| x"
