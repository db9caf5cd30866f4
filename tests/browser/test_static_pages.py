"""The static pages in a browser without a kernel: the stepper works, no barriers, and no server is asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, Request, expect

from course_utils.nn.cells import rnn_states
from tests.browser.gate_widgets import drive_gate_explorer, drive_memory_transplant
from tests.browser.gradient_widgets import drive_cobweb, drive_gradient_explorer, drive_lag_river
from tests.browser.picture_widgets import drive_boundary_explorer, drive_draw_digit
from tests.browser.sound_widgets import drive_ctc_lattice
from tests.browser.stepper import drive_stepper
from tools import build, pages

pytestmark = pytest.mark.browser
LESSONS = build.lesson_names()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("pages")
    for name in LESSONS:
        pages.export(name, target)
    return target


def opened(browser: Browser, path: Path, width: int = 1000) -> Page:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(path.as_uri())
    return page


@pytest.mark.parametrize("name", LESSONS)
@pytest.mark.parametrize("answers", ["folded", "open"])
def test_no_serious_barrier_for_people_with_disabilities(
    browser: Browser, folder: Path, name: str, answers: str
) -> None:
    page = opened(browser, folder / f"{name}.html")
    if answers == "open":
        page.evaluate("() => document.querySelectorAll('details').forEach(d => { d.open = true; })")
    found = [v for v in Axe().run(page).response["violations"] if v["impact"] in ("serious", "critical")]
    assert not found, json.dumps([{v["id"]: [n["html"][:200] for n in v["nodes"][:3]]} for v in found], indent=1)
    page.close()


@pytest.mark.parametrize("name", LESSONS)
def test_a_page_asks_no_server_and_reports_no_error(browser: Browser, folder: Path, name: str) -> None:
    page = browser.new_page()
    asked: list[str] = []
    errors: list[str] = []

    def note(request: Request) -> None:
        if not request.url.startswith(("file:", "data:")):
            asked.append(request.url)

    page.on("request", note)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.goto((folder / f"{name}.html").as_uri())
    page.wait_for_load_state("networkidle")
    assert asked == []
    assert errors == []
    page.close()


@pytest.mark.parametrize("name", LESSONS)
def test_a_page_fits_a_phone(browser: Browser, folder: Path, name: str) -> None:
    page = opened(browser, folder / f"{name}.html", width=375)
    page.evaluate("() => document.querySelectorAll('details').forEach(d => { d.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    page.close()


def test_answers_are_folded_and_open_on_demand(browser: Browser, folder: Path) -> None:
    page = opened(browser, folder / "00_start_here.html")
    answer = page.get_by_text("It is 18.2 sunspots")
    expect(answer).to_be_hidden()
    page.get_by_text("Open the answer").first.click()
    expect(answer).to_be_visible()
    expect(page.get_by_text(build.FOLDED)).to_have_count(0)
    page.close()


def test_stepper_works_without_a_kernel_and_computes_what_torch_does(browser: Browser, folder: Path) -> None:
    page = opened(browser, folder / "05_recurrent_networks.html")
    stepper = page.locator(".unroll")
    drive_stepper(page, stepper)  # ends with w_x = 1, w_h = 0.85, always on
    states = json.loads(stepper.get_attribute("data-states") or "[]")
    weights = (torch.tensor([[1.0]]), torch.tensor([[0.85]]), torch.zeros(1), torch.zeros(1))
    want = rnn_states(torch.ones(1, 8, 1), torch.zeros(1, 1), weights)[0, :, 0]
    assert torch.allclose(torch.tensor(states), want, atol=1e-4)
    page.close()


@pytest.mark.parametrize(
    ("name", "widget", "drive"),
    [
        ("01_feedforward_networks", ".boundary-explorer", drive_boundary_explorer),
        ("02_cnn_features", ".draw-digit", drive_draw_digit),
        ("05_recurrent_networks", ".cobweb", drive_cobweb),
        ("06_vanishing_gradients", ".gradient-explorer", drive_gradient_explorer),
        ("06_vanishing_gradients", ".lag-river", drive_lag_river),
        ("07_lstm_gates", ".gate-explorer", drive_gate_explorer),
        ("07_lstm_gates", ".memory-transplant", drive_memory_transplant),
        ("17_speech_and_voice", ".ctc-lattice", drive_ctc_lattice),
    ],
)
def test_widgets_work_without_a_kernel(
    browser: Browser, folder: Path, name: str, widget: str, drive: Callable[[Page, Locator], None]
) -> None:
    page = opened(browser, folder / f"{name}.html")
    drive(page, page.locator(widget).first)
    page.close()


def test_sounds_can_be_played_without_a_kernel(browser: Browser, folder: Path) -> None:
    page = opened(browser, folder / "17_speech_and_voice.html")
    expect(page.locator("audio").first).to_be_visible()
    for sound in page.locator("audio").all():
        assert sound.get_attribute("aria-label")
        sound.evaluate("(sound) => { sound.muted = true; return sound.play(); }")  # raises where it cannot be played
        assert sound.evaluate("(sound) => sound.duration") > 0.1
    page.close()


def test_with_javascript_off_a_picture_stands_in_the_widget_s_place(browser: Browser, folder: Path) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto((folder / "05_recurrent_networks.html").as_uri())
    pictures = page.locator("[data-course-widget] img")
    expect(pictures).to_have_count(2)
    for picture in pictures.all():
        expect(picture).to_be_visible()
    page.close()
