"""Published numbers beside ours."""

from __future__ import annotations

import re

import pytest

from course_utils.claims import published
from course_utils.claims.boxes import ClaimBox
from course_utils.claims.published import NOT_RUN, Ours, load_published, published_for, published_table
from course_utils.claims.rules import load_claims
from course_utils.claims.stored import Standing
from course_utils.experiments.framework.registry import load_experiments
from course_utils.experiments.framework.results import load


@pytest.mark.parametrize("entry", load_published(), ids=lambda entry: entry.id)
def test_each_entry_names_claims_a_source_and_experiments_that_there_are(entry: published.Published) -> None:
    assert set(entry.claims) <= set(load_claims())
    assert re.search(r"(19|20)\d\d, ", entry.source)
    assert "doi:" in entry.source or "arXiv:" in entry.source
    assert re.search(r"\d", entry.value)
    assert entry.differs.endswith(".")
    assert {own.experiment for own in entry.ours} <= set(load_experiments())
    if not entry.ours:
        assert re.search(r"[Nn]ot run here|No network was trained", entry.differs)
    for own in entry.ours:
        assert own.text().startswith(own.what)
        assert NOT_RUN not in own.text()


def test_ours_is_the_mean_of_the_stored_rows_with_interval_seeds_and_how_many_solved_it() -> None:
    own = Ours("LSTM, 1,000 steps", "long_adding", "steps", {"seq_len": 1000, "start": "chrono"}, times=32)
    rows = load("long_adding").table.query("seq_len == 1000 and start == 'chrono'")
    found = re.fullmatch(r"LSTM, 1,000 steps ([\d,]+) \(([\d,]+) to ([\d,]+); 10 seeds, (\d+) solved\)", own.text())
    assert found is not None
    mean, low, high, solved = (int(number.replace(",", "")) for number in found.groups())
    assert mean == pytest.approx(32 * rows["steps"].mean(), rel=0.01)
    assert low < mean < high
    assert solved == rows["solved"].sum()


def test_what_is_not_stored_says_that_it_was_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(published, "up_to_date", lambda name: False)
    assert load_published()[0].ours[0].text() == f"LSTM, 100 steps: {NOT_RUN}"


def test_they_stand_in_the_boxes_of_their_claims_and_in_no_own_run() -> None:
    for id in ("C13", "C20"):
        box = ClaimBox(Standing(load_claims()[id], [], "undecided"))
        assert f"Published numbers beside ours: {len(published_for(id))}" in str(box)
        assert f"Claim {id}: published, ours, and what differs" in box.html
        own = ClaimBox(Standing(load_claims()[id], [], "undecided"), "Your own run.")
        assert "Published numbers" not in str(own)
        assert "Published numbers" not in own.html
    assert published_for("C01") == []


def test_the_table_has_a_row_for_each() -> None:
    table = published_table(load_published(), "All")
    assert table.heads == ["task", "published", "ours", "what differs"]
    assert [row[0] for row in table.rows] == [entry.task for entry in load_published()]


def test_the_chance_line_of_copying_is_the_number_that_was_published() -> None:
    from course_utils.experiments.tasks.copy import Copy

    entry = next(found for found in load_published() if found.id == "copy, 1,000 steps")
    assert f"{Copy(1000).chance_loss:.4f}" == "0.0204"
    assert "0.0204" in entry.value
    assert "= 0.0204" in entry.differs
