"""The ledger holds what it should, and what is wrong in it is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from course_utils.claims import rules
from course_utils.claims.rules import read, rule_hash
from course_utils.errors import CourseError
from course_utils.exercises.catalogue import exercises_by_lesson
from course_utils.syllabus import LESSONS
from tests.claims.small_course import C12, C15, LEDGER, PART, RULE, rewrite

ROOT = Path(__file__).resolve().parents[2]
SOURCED = ("C15", "C17", "C21")


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


def test_what_is_told_beside_a_rule_is_read() -> None:
    looks = "[[C02.history]]\ndate = 2026-11-29\ncommit = 'abc'\nwhat = 'A look.'\n"
    other = PART.replace("parts", "alternatives").replace('"recall"', '"latch"')
    claim = read(RULE + other + looks)["C02"]
    assert (claim.kind, claim.reasons) == ("universal", "Chance moves by that.")
    assert [(look.date, look.commit, look.what) for look in claim.history] == [("2026-11-29", "abc", "A look.")]
    assert [part.experiment for part in claim.alternatives] == ["latch"]
    assert (claim.experiments, claim.beside) == (["recall"], ["latch"])
    reached = 'statistic = "share"\nat_least = 0.9\nexpect = "reached"'
    part = read(RULE.replace('expect = "within"\nthan = 0.25\nmargin = 0.02', reached))["C02"].parts[0]
    assert (part.statistic, part.at_least, part.at_most, part.expect, part.margin) == (
        *("share", 0.9, None),
        *("reached", 0.0),
    )


def test_every_measured_claim_says_what_kind_it_is_and_why_its_margins() -> None:
    for claim in rules.CLAIMS.values():
        assert bool(claim.reasons) == bool(claim.parts), claim.id
        assert (claim.kind == "definition") == bool(claim.source and not claim.parts), claim.id
        for part in claim.parts:
            assert part.statistic == "count" or claim.kind != "count" or part.metric == "weights_left", claim.id


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
        ('expect = "within"', 'expect = "within"\nstatistic = "median"', "one of mean, accuracy, share, count"),
        ('kind = "universal"', 'kind = "general"', "kind is 'general'. Expected: one of comparative, universal"),
        ('kind = "universal"', "", "lacks 'kind'"),
        ('reasons = "Chance moves by that."', "", "lacks 'reasons'"),
        ("margin = 0.02", "margin = 0.02\nat_least = 0.5", 'statistic is None. Expected: "share", where at_least'),
        (
            "margin = 0.02",
            'margin = 0.02\nstatistic = "share"\nat_least = 0.5\nat_most = 1',
            "at_most is 1. Expected: none beside",
        ),
        ('expect = "within"', 'expect = "reached"', "expect is 'reached'. Expected: \"reached\" for a share"),
        (
            'expect = "within"',
            'expect = "reached"\nstatistic = "share"',
            'than is 0.25. Expected: none where expect is "reached"',
        ),
        (PART, f"{PART}[[C02.history]]\ndate = 1\nwhat = 'x'", "look 1: date is 1. Expected: a date"),
        (PART, f"{PART}[[C02.history]]\ndate = 2026-11-30", "look 1 lacks 'what'"),
        (PART, PART + PART.replace("parts", "alternatives").replace("text", "txt"), "alternative 1: There is no key"),
        ('"within"', '"near"', "expect is 'near'. Expected: one of above, below, within, reached"),
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
        ("universal", "comparative"),
        ("margin = 0.02", 'margin = 0.02\nstatistic = "accuracy"'),
        ("margin = 0.02", 'margin = 0.02\nstatistic = "share"\nat_least = 0.9'),
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
        ("margin = 0.02", 'margin = 0.02\nstart = "a"\ntask = "b"\nmeasure = "c"'),
        ("Chance moves by that.", "So it is."),
        (PART, f"{PART}[[C02.history]]\ndate = 2026-11-30\nwhat = 'A look.'\n"),
        (PART, PART + PART.replace("parts", "alternatives")),
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


def test_the_ledger_holds_every_claim() -> None:
    assert list(rules.CLAIMS) == [f"C{n:02}" for n in (*range(1, 38), *range(39, 44))]  # C38 belongs to lesson 20
    with pytest.raises(CourseError, match=r"There is no claim 'C38'. Did you mean 'C"):
        rules.claim("C38")
    assert [id for id, claim in rules.CLAIMS.items() if claim.source] == list(SOURCED)


def test_lessons_to_come_are_those_that_are_not_written() -> None:
    written = {path.stem[:2] for path in (ROOT / "lessons").glob("*.py")}
    begun = set(exercises_by_lesson())
    assert written | begun <= {lesson.number for lesson in LESSONS.values()}
    for claim in rules.CLAIMS.values():
        assert not set(claim.to_come) & written, f"{claim.id}: take what is written out of to_come"
        assert set(claim.lessons) - set(claim.to_come) <= written | begun, f"{claim.id}: add to to_come"


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
