"""The site in a browser: its own search, a phone, the dark, no barriers, and no other server asked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.barriers import barriers
from tests.browser.plain_page import PlainPage
from tools import folding
from tools.site import handout
from tools.site.building import build_site

pytestmark = pytest.mark.browser
LESSONS = ("00_start_here", "05_recurrent_networks")
SEEN = ("index.html", "lessons/05_recurrent_networks.html", "claims/C02.html")
OUTSIDE_LISTINGS = {"exclude": [[".highlight"]]}  # their colours are of a style made for it, and spans are many


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_site(tmp_path_factory.mktemp("built") / "site", LESSONS)


@pytest.fixture(scope="module")
def plain(browser: Browser) -> PlainPage:
    return PlainPage(browser)


@pytest.mark.parametrize("name", SEEN)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_page_has_no_barrier_asks_no_server_and_reports_no_error(
    plain: PlainPage, site: Path, name: str, theme: str
) -> None:
    plain.page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
    with plain.opened(site / name) as page:
        assert page.locator("html").get_attribute("data-theme") == theme
        page.evaluate("() => document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
        rules = () if theme == "light" else ("color-contrast",)
        assert barriers(page, OUTSIDE_LISTINGS, rules) == "[]"
        page.set_viewport_size({"width": 375, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= 375


def test_light_and_dark_can_be_switched_by_hand(plain: PlainPage, site: Path) -> None:
    plain.page.emulate_media(color_scheme="light")
    with plain.opened(site / SEEN[1]) as page:
        for theme in ("light", "dark"):
            page.locator("button.theme-switch-button:visible").click()
            page.locator(f"button[data-mode='{theme}']:visible").click()
            expect(page.locator("html")).to_have_attribute("data-theme", theme)
        page.evaluate("() => localStorage.clear()")


def test_answers_hints_and_solutions_are_shut_until_they_are_opened(plain: PlainPage, site: Path) -> None:
    with plain.opened(site / SEEN[1]) as page:
        assert page.get_by_text("Not attempted").count() == 0
        hint = page.get_by_text("Two things flow into the new state")
        expect(hint).to_be_hidden()
        page.get_by_text("Hint 1 of 3").first.click()
        expect(hint).to_be_visible()
        assert page.get_by_text(folding.ANSWER).count() > 5
        solution = page.get_by_text("def rnn_step(")
        expect(solution).to_be_hidden()
        page.get_by_text("Solution: rnn_step").click()
        expect(solution).to_be_visible()


def test_next_passes_over_lessons_to_come_and_pictures_are_there(plain: PlainPage, site: Path) -> None:
    with plain.opened(site / "lessons" / "00_start_here.html") as page:
        page.locator("a.right-next").click()
        expect(page).to_have_title("05 · Recurrent networks — RNN vs LSTM, measured")
        picture = page.locator(".cell_output img:visible").first
        picture.scroll_into_view_if_needed()
        assert picture.evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 100


def test_the_search_finds_a_term_and_an_exercise(plain: PlainPage, site: Path) -> None:
    exercise = "unroll it: rnn_states"
    for words, title in (
        ("sunspots", "Start here"),
        ("rnn_states", exercise),
        ("unroll it", exercise),
        ("teacher forcing", "teacher forcing"),
        ("remembers no earlier input", "C02"),
    ):
        page = plain.open(site / "search.html")
        page.goto(f"{(site / 'search.html').as_uri()}?q={words.replace(' ', '+')}")
        expect(page.locator("#search-results li a", has_text=title).first).to_be_visible()
        if title == exercise:
            page.locator("#search-results li a", has_text=title).first.click()
            expect(page.get_by_role("heading", name="Your turn: unroll it")).to_be_in_viewport()


def test_a_verdict_and_an_exercise_are_two_clicks_from_the_first_page(plain: PlainPage, site: Path) -> None:
    with plain.opened(site / "index.html") as page:
        page.get_by_role("link", name="Claims and verdicts").first.click()
        page.get_by_role("link", name="C02").last.click()
        expect(page.get_by_text("Verdict: holds").first).to_be_visible()
        page.get_by_role("link", name="05 Recurrent networks").last.click()
        page.get_by_role("link", name="Exercises", exact=True).click()
        page.get_by_role("link", name="unroll it").click()
        expect(page.get_by_role("heading", name="Your turn: unroll it")).to_be_in_viewport()


def test_on_paper_the_answers_stand_at_the_end_and_come_back_afterwards(plain: PlainPage, site: Path) -> None:
    plain.page.emulate_media(color_scheme="dark", media="print")
    with plain.opened(site / SEEN[1]) as page:
        before = page.locator(".bd-article").text_content()
        page.evaluate("() => window.dispatchEvent(new Event('beforeprint'))")
        assert page.locator("html").get_attribute("data-theme") == "light"
        folds = page.locator(".answers > details[open]")
        assert folds.count() == page.locator(".at-the-end").count() > 20
        left = page.locator(".bd-article details:not(.answers details, .hide, .cite, [role='group'] details)")
        assert left.count() == 0  # those of a claim's box stay in it, open
        expect(page.get_by_text("Hint 1 of 3: number 12 at the end", exact=True)).to_be_visible()
        expect(page.locator(".answers > details[data-number='12']")).to_contain_text(
            "Two things flow into the new state"
        )
        for hidden in (".launch", ".bd-sidebar-primary", ".bd-article details.hide"):
            expect(page.locator(hidden).first).to_be_hidden()
        page.evaluate("() => window.dispatchEvent(new Event('afterprint'))")
        assert page.locator(".bd-article").text_content() == before
        assert page.locator(".bd-article details[open], .answers, .at-the-end").count() == 0
        assert page.locator("html").get_attribute("data-theme") == "dark"
    plain.page.emulate_media(media="screen")


@pytest.mark.parametrize(("paper", "width"), [("A4", 595), ("Letter", 612)])
def test_a_handout_is_a_pdf_on_the_paper_asked_for(browser: Browser, site: Path, paper: str, width: int) -> None:
    target = site.parent / f"{paper}.pdf"
    handout.print_page(browser, site / "lessons" / "00_start_here.html", target, paper)
    content = target.read_bytes()
    assert content.startswith(b"%PDF")
    (box,) = {int(float(found)) for found in re.findall(rb"/MediaBox \[0 0 ([\d.]+)", content)}
    assert abs(box - width) <= 1
    assert len(re.findall(rb"/Type /Page\b", content)) > 2


def test_a_term_says_what_it_means_by_tap_and_leads_to_the_glossary(browser: Browser, site: Path) -> None:
    touched = browser.new_context(has_touch=True, viewport={"width": 390, "height": 800})
    page = touched.new_page()
    page.goto((site / SEEN[1]).as_uri())
    term = page.locator("a.term:visible").first
    meaning = term.get_attribute("title") or ""
    assert len(meaning.split()) > 3
    term.tap()
    expect(page.locator(".meaning").first).to_have_text(meaning)
    term.tap()
    expect(page).to_have_title("Glossary — RNN vs LSTM, measured")
    touched.close()
