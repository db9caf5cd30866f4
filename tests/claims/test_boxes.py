"""The box of a claim says in words what was found."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from course_utils import claims
from course_utils.claims import boxes, stored
from course_utils.claims.rules import Claim
from tests.claims.small_course import PART, TWO_PARTS, rewrite, store


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


def test_a_box_says_who_says_so_where_it_is_not_the_article(course: Path) -> None:
    rewrite(course, "plan = ", 'origin = "Today it is said"\nplan = ')
    box = claims.box("C02")
    assert str(box).startswith("Claim C02. Today it is said: A feedforward network")
    assert " Today it is said: " in str(box.html)
    assert "The article" not in str(box.html)


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
        r"- how far the RNN is above it: mean 0\.7°, 97\.5 % interval 0\.7 to 0\.7, 10 seeds; "
        r"expected below 0\.1° by more than 0\.05: ✘ contradicted",
        text[2],
    )
    assert text[3] == "◐ Verdict: holds when it sees the present alone (so far; lesson 01 is still to come)."
    assert 'claims.rerun("C02")' in text[4]
    assert "course claims run C02 --seeds 3" in text[4]
    assert text[5:] == [
        "Why these margins: Chance moves by that.",
        "Settings of recall: nothing is trained: lags [1, 2, 4] · seeds: 10 (0 to 9)",
    ]


def test_the_html_says_the_same(course: Path) -> None:
    rewrite(course, PART, PART + TWO_PARTS)
    store(course)
    page = Page(claims.box("C02").html)
    text = re.sub(r"\s+", " ", page.text)
    for words in (
        "A feedforward network <remembers> nothing.",
        "the accuracy of a feedforward net ✔ supported 0.25 0.249 to 0.251 (95 %) 10 within 0.02 of 0.25",
        "how far the RNN is above it ✘ contradicted 0.7° 0.7 to 0.7 (97.5 %) 10 below 0.1° by more than 0.05",
        "Verdict: holds when it sees the present alone (so far; lesson 01 is still to come).",
        'claims.rerun("C02")',
        "How the runs were made Settings of recall: nothing is trained: lags [1, 2, 4]",
        "course claims run C02 --seeds 3",
    ):
        assert words in text, words
    regions = [attrs for _, attrs in page.tags if attrs.get("role") == "region"]
    assert [region["aria-label"] for region in regions] == [
        *("Claim C02: what we measured", "Claim C02: condition by condition"),
    ]
    region = regions[0]
    assert region["tabindex"] == "0"
    assert "overflow-x:auto" in str(region["style"])
    assert ("role", "group") in page.tags[0][1].items()
    assert page.tags[0][1]["aria-label"] == "Claim C02"
    assert not any("src" in attrs or "href" in attrs for _, attrs in page.tags)


def test_a_box_with_many_parts_is_folded_and_says_how_many_came_out_how(course: Path) -> None:
    rewrite(course, PART, PART + TWO_PARTS * 3)
    store(course)
    assert claims.box("C02").html.count("<details>") == 2  # why these margins, and how the runs were made
    rewrite(course, TWO_PARTS * 3, TWO_PARTS * 4)
    store(course)
    page = Page(claims.box("C02").html)
    assert [name for name, _ in page.tags if name in ("details", "summary")] == ["details", "summary"] * 3
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


def test_a_box_shows_conditions_as_a_table_and_what_does_not_decide_folded(course: Path) -> None:
    looks = "[[C02.history]]\ndate = 2026-11-29\ncommit = 'abc'\nwhat = 'Seven of ten.'\n"
    told = PART.replace("margin", 'task = "recall"\nmeasure = "answers"\nmargin')
    other = PART.replace("parts", "alternatives").replace("the accuracy of", "with one lag,").replace("0.25", "0.5")
    rewrite(course, PART, told + TWO_PARTS + other + looks)
    store(course)
    box = claims.box("C02")
    text = str(box).splitlines()
    assert "Another way: with one lag, a feedforward net: mean 0.25, 95 % interval 0.249 to 0.251" in "\n".join(text)
    assert "Earlier: 2026-11-29, abc: Seven of ten." in text
    assert [finding.outcome.value for finding in box.standing.beside] == ["contradicted"]
    assert box.verdict == "holds when it sees the present alone"  # an alternative decides nothing
    page = Page(box.html)
    read = re.sub(r"\s+", " ", page.text)
    assert "task measure the claim there recall answers ✔ holds – – ✘ does not hold" in read
    assert "Other ways to measure it: 1" in read
    assert "Earlier looks and changes of the rule 2026-11-29, abc: Seven of ten." in read


def test_a_count_and_nearly_all_seeds_in_words(course: Path) -> None:
    reached = PART.replace('expect = "within"\nthan = 0.25\nmargin = 0.02', 'expect = "reached"')
    reached = reached.replace("metric", 'statistic = "share"\nat_least = 0.2\nmetric')
    counted = TWO_PARTS.replace("minus", 'statistic = "count"\nminus')
    rewrite(course, PART, reached + counted)
    store(course)
    text = str(claims.box("C02"))
    assert re.search(
        r"mean 1, 9\S+ % interval 0\.\d+ to 1, 10 seeds; expected 0\.9 or more, its interval from 0\.6", text
    )
    assert "mean 0.7°, 10 seeds; expected below 0.1°" in text
