"""The static pages in a browser without a kernel: the stepper works, no barriers, and no server is asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from playwright.sync_api import Browser, Locator, Page, expect

from course_utils.nn.cells import rnn_states
from tests.browser.barriers import SERIOUS, barriers
from tests.browser.gate_widgets import drive_memory_transplant, touch_gate_explorer
from tests.browser.gradient_widgets import drive_lag_river, touch_cobweb, touch_gradient_explorer
from tests.browser.picture_widgets import touch_boundary_explorer, touch_draw_digit
from tests.browser.plain_page import PlainPage
from tests.browser.sound_widgets import touch_ctc_lattice
from tests.browser.stepper import drive_stepper
from tools import build, folding, pages

pytestmark = pytest.mark.browser
LESSONS = build.lesson_names()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("pages")
    for name in LESSONS:
        pages.export(name, target)
    return target


@pytest.fixture(scope="module")
def plain(browser: Browser) -> PlainPage:
    return PlainPage(browser)


@pytest.fixture(scope="module")
def page_of(request: pytest.FixtureRequest, plain: PlainPage, folder: Path) -> Iterator[Page]:
    """The page of the lesson that the test names, opened once for all tests of that lesson, which stand together."""
    with plain.opened(folder / f"{request.param}.html") as page:
        yield page


def of(*names: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("page_of", names, indirect=True, scope="module")


def unfold(page: Page) -> None:
    page.evaluate("() => document.querySelectorAll('details').forEach(d => { d.open = true; })")


@of(*LESSONS)
def test_no_serious_barrier_for_people_with_disabilities(page_of: Page) -> None:
    """All of a page with its answers open, and what is seen of them when folded: the rest is the same in both."""
    if page_of.locator("details").count():
        assert barriers(page_of, "details", impacts=SERIOUS) == "[]"
    unfold(page_of)
    assert barriers(page_of, impacts=SERIOUS) == "[]"


@of(*LESSONS)
def test_a_page_fits_a_phone(page_of: Page) -> None:
    page_of.set_viewport_size({"width": 375, "height": 900})
    unfold(page_of)
    assert page_of.evaluate("document.documentElement.scrollWidth") <= 375
    page_of.set_viewport_size({"width": 1000, "height": 900})


@of(*LESSONS)
def test_a_page_asks_no_server_and_reports_no_error(page_of: Page, plain: PlainPage) -> None:
    page_of.wait_for_load_state("networkidle")
    assert plain.troubles == []


@of("00_start_here")
def test_answers_are_folded_and_open_on_demand(page_of: Page) -> None:
    page_of.reload()
    answer = page_of.get_by_text("off by 18.2 sunspots")
    expect(answer).to_be_hidden()
    page_of.emulate_media(media="print")
    expect(answer).to_be_visible()
    page_of.emulate_media(media="screen")
    expect(answer).to_be_hidden()
    page_of.get_by_text(folding.ANSWER).first.click()
    expect(answer).to_be_visible()


@of("05_recurrent_networks")
def test_stepper_works_without_a_kernel_and_computes_what_torch_does(page_of: Page) -> None:
    stepper = page_of.locator(".unroll")
    drive_stepper(page_of, stepper)  # ends with w_x = 1, w_h = 0.85, always on
    states = json.loads(stepper.get_attribute("data-states") or "[]")
    weights = (torch.tensor([[1.0]]), torch.tensor([[0.85]]), torch.zeros(1), torch.zeros(1))
    want = rnn_states(torch.ones(1, 8, 1), torch.zeros(1, 1), weights)[0, :, 0]
    assert torch.allclose(torch.tensor(states), want, atol=1e-4)


# In full what shows the lesson's own runs; of the others the first actions: test_widget_twins.py does the rest.
@pytest.mark.parametrize(
    ("page_of", "widget", "drive"),
    [
        ("01_feedforward_networks", ".boundary-explorer", touch_boundary_explorer),
        ("02_cnn_features", ".draw-digit", touch_draw_digit),
        ("05_recurrent_networks", ".cobweb", touch_cobweb),
        ("06_vanishing_gradients", ".gradient-explorer", touch_gradient_explorer),
        ("06_vanishing_gradients", ".lag-river", drive_lag_river),
        ("07_lstm_gates", ".gate-explorer", touch_gate_explorer),
        ("07_lstm_gates", ".memory-transplant", drive_memory_transplant),
        ("17_speech_and_voice", ".ctc-lattice", touch_ctc_lattice),
    ],
    indirect=["page_of"],
    scope="module",
)
def test_widgets_work_without_a_kernel(page_of: Page, widget: str, drive: Callable[[Page, Locator], None]) -> None:
    drive(page_of, page_of.locator(f"{widget}:visible").first)  # not one that an answer still hides


@of("17_speech_and_voice")
def test_sounds_can_be_played_without_a_kernel(page_of: Page) -> None:
    expect(page_of.locator("audio").first).to_be_visible()
    for sound in page_of.locator("audio").all():
        assert sound.get_attribute("aria-label")
        sound.evaluate("(sound) => { sound.muted = true; return sound.play(); }")  # raises where it cannot be played
        assert sound.evaluate("(sound) => sound.duration") > 0.1


def test_with_javascript_off_a_picture_stands_in_the_widget_s_place(browser: Browser, folder: Path) -> None:
    with PlainPage(browser, java_script_enabled=False).opened(folder / "05_recurrent_networks.html") as page:
        pictures = page.locator("[data-course-widget] img")
        expect(pictures).to_have_count(2)
        for picture in pictures.all():
            expect(picture).to_be_visible()
