"""The ledger holds what it should, its boxes say what was found, and stored results that no longer count say so."""

from __future__ import annotations

import dataclasses
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from course_utils import claims
from course_utils.claims import boxes, rules, stored
from course_utils.claims.rules import Claim, read, rule_hash
from course_utils.cli import claims as claims_cli
from course_utils.cli import main
from course_utils.errors import CourseError
from course_utils.exercises.catalogue import exercises_by_lesson
from course_utils.experiments.framework import registry, runner
from course_utils.experiments.framework.results import Result, load, save
from course_utils.syllabus import LESSONS
from tests.experiments import tiny_experiments as tiny

ROOT = Path(__file__).resolve().parents[2]
SOURCED = ("C15", "C17", "C21")

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
RULE = f"{CLAIM}seeds = 10\ninterval = 0.95\n{PART}"
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


# --- reading ---


def test_a_claim_with_its_rule_is_read() -> None:
    claim = read(RULE + C12)["C02"]
    assert (claim.id, claim.lessons, claim.to_come) == ("C02", ("01", "05"), ("01",))
    assert (claim.seeds, claim.interval, claim.experiments) == (10, 0.95, ["recall"])
    part = claim.parts[0]
    assert part.where == {"network": "feedforward", "lag": [1, 2, 4]}
    assert (part.minus, part.expect, part.than, part.margin, part.unit) == (None, "within", 0.25, 0.02, "")


def test_a_claim_may_name_the_experiment_for_all_its_parts() -> None:
    once = RULE.replace('experiment = "recall"\n', "").replace("seeds = 10", 'seeds = 10\nexperiment = "recall"')
    assert read(once) == read(RULE)


def test_a_claim_without_a_rule_is_read() -> None:
    claim = read(C15)["C15"]
    assert claim.parts == ()
    assert claim.source == ("A paper", "Another")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("[C02]", "[C02", "is not TOML"),
        ("C02", "X02", "holds 'X02'. Expected: claims"),
        ("says =", "say =", "Claim C02: There is no key 'say'. Did you mean 'says'"),
        ('plan = "Look & see."', "", "Claim C02 lacks 'plan'"),
        ('plan = "Look & see."', 'plan = " "', "plan is ' '. Expected: text"),
        ('lessons = ["01", "05"]', 'lessons = ["01", "5"]', "There is no lesson '5'"),
        ('lessons = ["01", "05"]', "lessons = []", r"lessons is \[\]. Expected: at least 1"),
        ('lessons = ["01", "05"]', 'lessons = ["01", "01"]', "each once"),
        ('lessons = ["01", "05"]', "lessons = 1", "lessons is 1. Expected: a list of texts"),
        ('to_come = ["01"]', 'to_come = ["02"]', "Expected: some of its lessons 01, 05"),
        ('to_come = ["01"]', "", "lacks 'to_come'"),
        ("seeds = 10\n", "", "Claim C02 lacks 'seeds'"),
        ("seeds = 10", "seeds = 1", "seeds is 1. Expected: a whole number, 2 or more"),
        ("seeds = 10", "seeds = 10.0", "seeds is 10.0"),
        ("interval = 0.95\n", "", "lacks 'interval'"),
        ("interval = 0.95", "interval = 95", "interval is 95. Expected: a number between 0 and 1"),
        ("metric =", "metrics =", "Claim C02, part 1: There is no key 'metrics'. Did you mean 'metric'"),
        ('metric = "accuracy"', "", "Claim C02, part 1 lacks 'metric'"),
        ('expect = "within"', 'expect = "within"\nstatistic = "median"', "one of mean, share"),
        ('"within"', '"near"', "expect is 'near'. Expected: one of above, below, within"),
        ("margin = 0.02", "margin = -0.02", "margin is -0.02. Expected: 0 or more"),
        ("margin = 0.02", "", "lacks 'margin'"),
        ("margin = 0.02", "margin = nan", "margin is nan. Expected: a finite number"),
        ("than = 0.25", 'than = "0.25"', "than is '0.25'"),
        ("than = 0.25", "than = true", "than is True"),
        ("lag = [1, 2, 4]", "lag = []", "Expected: for each column"),
        ("lag = [1, 2, 4]", "lag = [[1]]", "Expected: for each column"),
        ('where = { network = "feedforward", lag = [1, 2, 4] }', "where = {}", "where is {}. Expected: a table"),
        ("[[C02.parts]]", "[C02.parts]", "parts is .* Expected: tables"),
    ],
)
def test_a_ledger_that_is_wrong_is_told(old: str, new: str, reason: str) -> None:
    assert old in RULE
    with pytest.raises(CourseError, match=reason):
        read(RULE.replace(old, new))


# --- the hash of a rule ---


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("seeds = 10", "seeds = 9"),
        ("interval = 0.95", "interval = 0.9"),
        ("margin = 0.02", "margin = 0.03"),
        ("than = 0.25", "than = 0.3"),
        ('"within"', '"above"'),
        ("lag = [1, 2, 4]", "lag = [1, 2]"),
        ('metric = "accuracy"', 'metric = "loss"'),
        ('experiment = "recall"', 'experiment = "other"'),
        ("it sees the present alone", "it is small"),
        ("margin = 0.02", 'margin = 0.02\nminus = { network = "RNN" }'),
        (PART, PART + PART),
    ],
)
def test_what_decides_a_verdict_changes_the_hash(old: str, new: str) -> None:
    assert rule_hash(read(RULE.replace(old, new))["C02"]) != rule_hash(read(RULE)["C02"])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Look & see.", "Look twice."),
        ("<remembers> nothing", "forgets"),
        ('to_come = ["01"]', "to_come = []"),
        ("the accuracy of a", "how well does a"),
        ("margin = 0.02", 'margin = 0.02\nunit = "%"'),
        ("margin = 0.02", "margin = 2e-2"),
        ('network = "feedforward", lag = [1, 2, 4]', 'lag = [1, 2, 4], network = "feedforward"'),
    ],
)
def test_what_only_explains_does_not_change_the_hash(old: str, new: str) -> None:
    assert RULE.replace(old, new) != RULE
    assert rule_hash(read(RULE.replace(old, new))["C02"]) == rule_hash(read(RULE)["C02"])


def test_a_part_that_reads_another_experiment_leaves_the_hash_of_the_first_ones_rows() -> None:
    more = RULE + RULE[RULE.index("[[C02.parts]]") :].replace('experiment = "recall"', 'experiment = "latch"')
    before, after = read(RULE)["C02"], read(more)["C02"]
    assert after.experiments == ["recall", "latch"]
    assert rule_hash(after, "recall") == rule_hash(before, "recall") == rule_hash(before)
    assert rule_hash(after, "latch") != rule_hash(after, "recall")
    assert rule_hash(after) != rule_hash(before)


# --- the course's own ledger ---


def test_the_ledger_holds_every_claim() -> None:
    assert list(rules.CLAIMS) == [f"C{n:02}" for n in range(1, 36)]
    with pytest.raises(CourseError, match=r"There is no claim 'C36'. Did you mean 'C3"):
        rules.claim("C36")
    assert [id for id, claim in rules.CLAIMS.items() if claim.source] == list(SOURCED)


def test_lessons_to_come_are_those_that_are_not_written() -> None:
    written = {path.stem[:2] for path in (ROOT / "lessons").glob("*.py")}
    begun = set(exercises_by_lesson())
    assert written | begun <= {lesson.number for lesson in LESSONS.values()}
    for claim in rules.CLAIMS.values():
        assert not set(claim.to_come) & written, f"{claim.id}: take what is written out of to_come"
        assert set(claim.lessons) - set(claim.to_come) <= written | begun, f"{claim.id}: add to to_come"


def used() -> list[str]:
    """The experiments of the registry that some claim reads."""
    read_by_claims = {name for claim in rules.CLAIMS.values() for name in claim.experiments}
    return [name for name in registry.EXPERIMENTS if name in read_by_claims]


@pytest.mark.parametrize("name", used())
def test_stored_results_count_today(name: str) -> None:
    assert not stored.stale(name), "run `make claims`"


@pytest.mark.parametrize("id", [claim.id for claim in rules.CLAIMS.values() if claim.parts])
def test_a_measured_claim_has_a_verdict(id: str) -> None:
    assert not stored.standing_of(rules.claim(id)).verdict.startswith("no verdict")


# --- a small course of its own ---


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


def test_a_rule_that_names_no_experiment_of_the_course_is_told(course: Path) -> None:
    rewrite(course, 'experiment = "recall"', 'experiment = "recal"')
    with pytest.raises(CourseError, match=r"^ledger/C02.toml: .*no experiment 'recal'. Did you mean 'recall'\?"):
        rules.claim("C02")


def test_a_fault_in_a_file_of_the_ledger_names_the_file(course: Path) -> None:
    rewrite(course, 'plan = "Measure it."', "")
    with pytest.raises(CourseError, match=r"^ledger/C12\.toml: Claim C12 lacks 'plan'"):
        rules.claim("C02")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"[C13", "^ledger/C13.toml: The ledger of claims is not TOML"),
        (b"", r"^ledger/C13.toml holds no claim. Expected: the claim of its name, \[C13\]"),
        (C12.encode(), "^ledger/C13.toml holds C12. Expected"),
        (C12.encode() + C12.replace("C12", "C13").encode(), "^ledger/C13.toml holds C12, C13. Expected"),
        ("[C13]\nsays = 'ä'".encode("latin-1"), "^ledger/C13.toml: The text is not UTF-8"),
    ],
)
def test_each_file_of_the_ledger_holds_the_claim_of_its_name(course: Path, text: bytes, reason: str) -> None:
    (course / "ledger" / "C13.toml").write_bytes(text)
    with pytest.raises(CourseError, match=reason):
        rules.claim("C02")


def test_only_toml_files_are_claims_and_an_empty_ledger_is_told(course: Path) -> None:
    (course / "ledger" / "README.md").write_text("The keys.")
    assert list(rules.CLAIMS) == list(LEDGER)
    for path in (course / "ledger").glob("*.toml"):
        path.unlink()
    rules.load_claims.cache_clear()
    with pytest.raises(CourseError, match=r"has no file in .*ledger\. Expected: C01\.toml"):
        rules.claim("C02")


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
        ({"rules": {}}, "the rule of claim C02 was written or changed after them"),
        ({"rules": {"C02": "0" * 64}}, "the rule of claim C02 was"),
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


def test_a_changed_rule_takes_the_verdict_away_until_the_next_run(course: Path) -> None:
    store(course)
    assert claims.box("C02").verdict == "holds"
    rewrite(course, "margin = 0.02", "margin = 0.03")
    assert claims.box("C02").verdict.startswith("no verdict: the stored results of experiment 'recall' are stale")
    store(course)
    assert claims.box("C02").verdict == "holds"


def test_damaged_and_absent_results_give_no_verdict(course: Path) -> None:
    assert claims.box("C02").verdict == "no verdict yet: its experiment 'recall' has not been run"
    store(course)
    path = course / "data" / "results" / "recall.json"
    path.write_text(path.read_text()[:-20])
    assert claims.box("C02").verdict.startswith("no verdict: the stored results of experiment 'recall' cannot be read")
    with pytest.raises(CourseError, match="no experiment 'recal'"):
        claims.results("recal")


# --- boxes ---


class Page(HTMLParser):
    """The elements with their attributes, and the text that is read aloud."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(html)
        assert not self.open, "an element is not closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data + " "


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


def test_a_box_says_everything_in_words(course: Path) -> None:
    rewrite(course, PART, PART + TWO_PARTS)
    store(course)
    text = str(claims.box("C02")).splitlines()
    assert text[0] == "Claim C02. The article says: A feedforward network <remembers> nothing."
    assert re.fullmatch(
        r"- the accuracy of a feedforward net: mean 0\.25, 95 % interval 0\.249 to 0\.251, 10 seeds; "
        r"expected within 0\.02 of 0\.25: ✔ supported",
        text[1],
    )
    assert re.fullmatch(
        r"- how far the RNN is above it: mean 0\.7°, 95 % interval 0\.7 to 0\.7, 10 seeds; "
        r"expected below 0\.1° by more than 0\.05: ✘ contradicted",
        text[2],
    )
    assert text[3] == "◐ Verdict: holds when it sees the present alone (so far; lesson 01 is still to come)."
    assert 'claims.rerun("C02")' in text[4]
    assert "course claims run C02 --seeds 3" in text[4]
    assert len(text) == 5


def test_the_html_says_the_same(course: Path) -> None:
    rewrite(course, PART, PART + TWO_PARTS)
    store(course)
    page = Page(claims.box("C02").html)
    text = re.sub(r"\s+", " ", page.text)
    for words in (
        "A feedforward network <remembers> nothing.",
        "the accuracy of a feedforward net ✔ supported 0.25 0.249 to 0.251 10 within 0.02 of 0.25",
        "how far the RNN is above it ✘ contradicted 0.7° 0.7 to 0.7 10 below 0.1° by more than 0.05",
        "Verdict: holds when it sees the present alone (so far; lesson 01 is still to come).",
        'claims.rerun("C02")',
        "course claims run C02 --seeds 3",
    ):
        assert words in text, words
    (region,) = [attrs for _, attrs in page.tags if attrs.get("role") == "region"]
    assert (region["tabindex"], region["aria-label"]) == ("0", "Claim C02: what we measured")
    assert "overflow-x:auto" in str(region["style"])
    assert ("role", "group") in page.tags[0][1].items()
    assert page.tags[0][1]["aria-label"] == "Claim C02"
    assert not any("src" in attrs or "href" in attrs for _, attrs in page.tags)


def test_a_box_with_many_parts_is_folded_and_says_how_many_came_out_how(course: Path) -> None:
    rewrite(course, PART, PART + TWO_PARTS * 3)
    store(course)
    assert "<details>" not in claims.box("C02").html
    rewrite(course, TWO_PARTS * 3, TWO_PARTS * 4)
    store(course)
    page = Page(claims.box("C02").html)
    assert [name for name, _ in page.tags if name in ("details", "summary")] == ["details", "summary"]
    assert "5 measurements: ✔ 1 supported, ✘ 4 contradicted. Open to see them." in page.text
    assert page.text.index("Verdict") > page.text.index("how far the RNN is above it")


def test_a_box_without_measurement_says_what_will_be_measured(course: Path) -> None:
    assert str(claims.box("C12")).splitlines() == [
        "Claim C12. The article says: LSTMs remember.",
        "What is measured: Measure it.",
        "○ No verdict yet: lesson 09 is still to come.",
    ]
    missing = str(claims.box("C02"))
    assert "○ No verdict yet: its experiment 'recall' has not been run." in missing
    assert 'claims.rerun("C02")' in missing
    sourced = str(claims.box("C15"))
    assert "Sources: A paper; Another." in sourced
    assert "§ Verdict: settled by source: so it is." in sourced


@pytest.mark.parametrize(
    ("verdict", "sign"),
    [
        ("holds", "✔"),
        ("holds when it is small", "◐"),
        ("does not hold", "✘"),
        ("equivalent", "≈"),
        ("undecided", "?"),
        ("settled by source: so it is", "§"),
        ("no verdict yet: lesson 01 is still to come", "○"),
        ("no verdict: stale", "○"),
    ],
)
def test_every_verdict_has_its_sign(verdict: str, sign: str) -> None:
    claim = Claim(id="C01", says="so", lessons=("01",), to_come=(), plan="look")
    last = str(boxes.ClaimBox(stored.Standing(claim, [], verdict))).splitlines()[-1]
    assert last.startswith(f"{sign} ")
    assert verdict[3:] in last


@pytest.mark.parametrize("colour", sorted({colour for _, colour in boxes.LOOKS.values()}))
def test_colours_stand_out_on_white(colour: str) -> None:
    def light(channel: str) -> float:
        value = int(channel, 16) / 255
        return value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (light(colour[n : n + 2]) for n in (1, 3, 5))
    assert 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05) >= 4.5


def test_a_box_shows_itself_once_in_a_notebook(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []

    def say(box: boxes.ClaimBox) -> boxes.ClaimBox:
        shown.append(str(box))
        return box

    monkeypatch.setattr(boxes.ClaimBox, "say", say)
    box = claims.box("C12")
    assert shown == [str(box)] == [repr(box)]


def test_the_table_lists_every_claim(course: Path) -> None:
    store(course)
    table = claims.table()
    assert [row[0] for row in table.rows] == ["C02", "C12", "C15"]
    assert [row[2] for row in table.rows] == [
        "holds (so far; lesson 01 is still to come)",
        "no verdict yet: lesson 09 is still to come",
        "settled by source: so it is",
    ]


# --- running a claim again ---


def files(course: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in course.rglob("*") if path.is_file()}


def test_a_learner_s_own_run_is_labelled_and_touches_no_file(course: Path) -> None:
    store(course, version=7)
    before = files(course)
    text = str(claims.rerun("C02", seeds=3, jobs=1))
    assert files(course) == before
    assert "Your own run (3 seeds); the stored results are another one." in text
    assert "mean 0.249, " in text  # seeds 0, 1 and 2: the first of those reported
    assert "? undecided (too few seeds: 3, a verdict needs 10)" in text
    assert "? Verdict: undecided (so far" in text
    assert claims.rerun("C02", seeds=10, jobs=1).verdict == "holds"
    assert "Your own run (1 seed)" in str(claims.rerun("C02", seeds=1, jobs=1))
    html = claims.rerun("C02", seeds=1, jobs=1).html
    assert "–" in html
    assert 'aria-label="Claim C02: your own run"' in html  # beside the box of the stored results: another name


def test_a_quick_run_says_what_it_leaves_out(course: Path) -> None:
    rewrite(course, PART, PART + TWO_PARTS)
    text = str(claims.rerun("C02", seeds=2, quick=True, jobs=1))
    assert "Your own run (small settings, 2 seeds)" in text
    assert "the accuracy of a feedforward net: ? undecided (not measured with the small settings)" in text
    assert "how far the RNN is above it: mean 0.7°, " in text


def test_what_cannot_be_run_is_told(course: Path) -> None:
    with pytest.raises(CourseError, match="nothing to run for claim C12: no verdict yet: lesson 09 is still to come"):
        claims.rerun("C12")
    with pytest.raises(CourseError, match="seeds is 0"):
        claims.rerun("C02", seeds=0)
    with pytest.raises(CourseError, match="There is no claim 'C99'"):
        claims.box("C99")


def test_seeds_beyond_those_reported_come_after_them() -> None:
    assert boxes.first_seeds((5, 3, 4), 2) == [3, 4]
    assert boxes.first_seeds((5, 3, 4), 5) == [3, 4, 5, 6, 7]


# --- the command ---


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


def test_importing_claims_is_light() -> None:
    heavy = ("numpy", "pandas", "torch", "scipy", "joblib", "tqdm")
    script = f"import sys; from course_utils import claims\nprint([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_results_travel_as_json_that_anyone_can_read(course: Path) -> None:
    result = store(course)
    fields = json.loads((course / "data" / "results" / "recall.json").read_text())
    assert fields["rules"] == {"C02": rule_hash(rules.claim("C02"))}
    assert len(fields["rows"]) == len(result.table)
