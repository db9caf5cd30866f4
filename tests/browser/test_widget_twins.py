"""Each widget's twin alone on a plain page, without a kernel: it moves, it fits a phone, it has no barrier."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, Locator, Page, expect

from course_utils.models.tagger import trained_tagger
from course_utils.nn.sequence_model import SequenceModel
from course_utils.widgets.boundary_explorer import boundary_explorer
from course_utils.widgets.caption_words import caption_words
from course_utils.widgets.cobweb import cobweb
from course_utils.widgets.comparison_workbench import comparison_workbench
from course_utils.widgets.counter import counter
from course_utils.widgets.ctc_lattice import ctc_lattice
from course_utils.widgets.draw_digit import draw_digit
from course_utils.widgets.gate_explorer import gate_explorer
from course_utils.widgets.gradient_explorer import gradient_explorer
from course_utils.widgets.lag_river import lag_river
from course_utils.widgets.masked_context import masked_context
from course_utils.widgets.memory_transplant import memory_transplant
from course_utils.widgets.phase_diagram import phase_diagram
from course_utils.widgets.piano_roll import piano_roll
from course_utils.widgets.unroll_stepper import unroll_stepper
from tests.browser.barriers import barriers
from tests.browser.comparison_widgets import (
    drive_comparison_workbench,
    drive_horizon_slider,
    drive_phase_diagram,
)
from tests.browser.counting_widgets import drive_counter
from tests.browser.gate_widgets import drive_gate_explorer, drive_memory_transplant
from tests.browser.gradient_widgets import drive_cobweb, drive_gradient_explorer, drive_lag_river
from tests.browser.machine_widgets import drive_gibbs_stepper
from tests.browser.music_widgets import drive_piano_roll
from tests.browser.picture_widgets import drive_boundary_explorer, drive_box_sliders, drive_draw_digit
from tests.browser.plain_page import PlainPage
from tests.browser.sound_widgets import drive_caption_words, drive_ctc_lattice
from tests.browser.stepper import drive_stepper
from tests.browser.tagging_widgets import drive_masked_context
from tests.models.fitted import fitted
from tests.widgets.test_box_sliders import sliders
from tests.widgets.test_comparison_workbench import contest_runs
from tests.widgets.test_gibbs_stepper import stepper
from tests.widgets.test_horizon_slider import slider
from tests.widgets.test_phase_diagram import BUDGET, lag_runs

pytestmark = pytest.mark.browser


def river() -> Any:
    frames, lags = 60, 60
    norms = 0.5 * np.linspace(0.3, 0.7, frames)[:, None] ** np.arange(lags)
    losses = 1 / 6 + 0.4 * np.exp(-np.arange(frames) / 5)
    return lag_river(norms, norms.sum(1), np.arange(frames) * 50, losses, 1 / 6)


def transplant() -> Any:
    """As large as it may be."""
    generator = torch.Generator().manual_seed(1)
    model = SequenceModel("lstm", 6, 16, 8, generator=generator)
    x = torch.randn(2, 40, 6, generator=generator)
    labels, names = [f"say{n}" for n in range(8)], [f"input{n}" for n in range(6)]
    cues = (0, 1)
    return memory_transplant(model.core, model.readout, x, labels, cues, inputs=names)  # type: ignore[arg-type]


def largest_lattice() -> Any:
    return ctc_lattice("aba", frames=6)


def captions() -> Any:
    generator = np.random.default_rng(0)
    maps = generator.random((2, 10, 6, 6))
    words = ["a", "small", "magenta", "triangle", "left", "of", "a", "large", "yellow", "square"]
    return caption_words(generator.random((2, 3, 48, 48)), [words] * 2, maps / maps.sum((2, 3), keepdims=True))


def masked() -> Any:
    words = ["set", "the", "air", "purifier", "in", "the", "conservatory", "to", "50", "percent", "now", "please"]
    tags = ["O", "O", "B-device", "I-device", "O", "O", "B-area", "O", "B-percent", "O", "O", "O"]
    return masked_context(trained_tagger("both"), [words, ["stop"]], [tags, ["O"]])


def along() -> Any:
    """Four networks, as large as they may be, and a string."""
    cells = ("lstm", "gru", "rnn", "relu_rnn")
    networks = {f"{cell} of 16 units": SequenceModel(cell, 2, 16, 3, generator=torch.Generator()) for cell in cells}
    return counter(networks, "aⁿbⁿ", "aaaabbbb")


WIDGETS: dict[str, tuple[Callable[[], Any], Callable[[Page, Locator], None]]] = {
    "unroll": (unroll_stepper, drive_stepper),
    "cobweb": (cobweb, drive_cobweb),
    "gradient-explorer": (gradient_explorer, drive_gradient_explorer),
    "lag-river": (river, drive_lag_river),
    "gate-explorer": (gate_explorer, drive_gate_explorer),
    "memory-transplant": (transplant, drive_memory_transplant),
    "boundary-explorer": (boundary_explorer, drive_boundary_explorer),
    "draw-digit": (draw_digit, drive_draw_digit),
    "ctc-lattice": (largest_lattice, drive_ctc_lattice),
    "caption-words": (captions, drive_caption_words),
    "masked-context": (masked, drive_masked_context),
    "piano-roll": (lambda: piano_roll(fitted("ChordModel")), drive_piano_roll),
    "phase-diagram": (lambda: phase_diagram(lag_runs(), BUDGET), drive_phase_diagram),
    "counter": (along, drive_counter),
    "gibbs-stepper": (stepper, drive_gibbs_stepper),
    "box-sliders": (sliders, drive_box_sliders),
    "horizon-slider": (slider, drive_horizon_slider),
    "comparison-workbench": (lambda: comparison_workbench(contest_runs(), BUDGET), drive_comparison_workbench),
}
names = pytest.mark.parametrize("name", WIDGETS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pages that hold one twin twice, on a dark page whose text is light: a widget sets its own colours."""
    target = tmp_path_factory.mktemp("twins")
    for name, (make, _) in WIDGETS.items():
        twin = make()._repr_mimebundle_()[0]["text/html"]
        head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Widget</title>'
        style = "<style>body { background: #111; color: #eee; }</style>"
        page = (
            f'<!doctype html><html lang="en"><head>{head}{style}</head><body><main><h1>Widget</h1>{twin}{twin}</main>'
        )
        (target / f"{name}.html").write_text(page, encoding="utf-8")
    return target


@pytest.fixture(scope="module")
def plain(browser: Browser) -> PlainPage:
    return PlainPage(browser)


@pytest.fixture(scope="module")
def scriptless(browser: Browser) -> PlainPage:
    return PlainPage(browser, java_script_enabled=False)


@names
def test_a_twin_moves_without_a_kernel_and_leaves_the_other_alone(plain: PlainPage, folder: Path, name: str) -> None:
    with plain.opened(folder / f"{name}.html") as page:
        found = page.locator(f".{name}")
        expect(found).to_have_count(2)
        before = found.nth(1).locator(".told").inner_text()
        WIDGETS[name][1](page, found.nth(0))
        assert found.nth(1).locator(".told").inner_text() == before


@names
def test_a_twin_has_no_barrier_and_fits_a_phone(plain: PlainPage, folder: Path, name: str) -> None:
    with plain.opened(folder / f"{name}.html") as page:
        for width in (1000, 375):
            page.set_viewport_size({"width": width, "height": 900})
            assert barriers(page, [[f".{name}"]]) == "[]"
            assert page.evaluate("document.documentElement.scrollWidth") <= width


@names
def test_a_twin_fits_the_screen_of_a_laptop(plain: PlainPage, folder: Path, name: str) -> None:
    """Controls, charts and the line that tells the numbers are in sight together."""
    with plain.opened(folder / f"{name}.html", width=1000) as page:
        height = page.locator(f".{name}").first.evaluate("(widget) => widget.getBoundingClientRect().height")
        assert height <= 650


@names
def test_no_text_in_a_chart_overlaps_another_or_is_cut(plain: PlainPage, folder: Path, name: str) -> None:
    with plain.opened(folder / f"{name}.html", width=375) as page:
        if name == "cobweb":
            page.get_by_role("button", name="To step").first.click()
        boxes = page.evaluate(
            """() => [...document.querySelectorAll('[role="img"]')].map((svg) => {
                const box = (e) => { const b = e.getBoundingClientRect(); return [b.left, b.top, b.right, b.bottom]; };
                return [box(svg), [...svg.querySelectorAll('text')].map((t) => [t.textContent, box(t)])];
            })"""
        )
        assert boxes
        for outer, texts in boxes:
            for n, (text, (left, top, right, bottom)) in enumerate(texts):
                assert left >= outer[0] - 1, text
                assert right <= outer[2] + 1, text
                assert top >= outer[1] - 1, text
                assert bottom <= outer[3] + 1, text
                for other, (x0, y0, x1, y1) in texts[:n]:
                    assert min(right, x1) <= max(left, x0) + 0.5 or min(bottom, y1) <= max(top, y0) + 2, (text, other)


@names
def test_without_scripts_the_picture_stands_in_its_place(scriptless: PlainPage, folder: Path, name: str) -> None:
    with scriptless.opened(folder / f"{name}.html") as page:
        expect(page.locator("[data-course-widget] img").first).to_be_visible()


def test_keys_pressed_in_a_widget_stay_there(plain: PlainPage, folder: Path) -> None:
    with plain.opened(folder / "cobweb.html") as page:
        page.evaluate("() => { window.heard = []; document.addEventListener('keydown', (e) => heard.push(e.key)); }")
        page.locator('input[data-key="w"]').first.focus()
        page.keyboard.press("ArrowRight")
        assert page.evaluate("heard") == []
        assert page.locator("[data-lm-suppress-shortcuts]").count() == 2


def test_charts_can_be_read_in_a_theme_of_high_contrast(browser: Browser, folder: Path) -> None:
    plain = PlainPage(browser, forced_colors="active", color_scheme="dark")
    with plain.opened(folder / "gate-explorer.html") as page:
        colour = "(element, name) => getComputedStyle(element)[name]"
        for chart in page.locator('[role="img"]').all():
            assert chart.evaluate(colour, "backgroundColor") == "rgb(255, 255, 255)"
            assert chart.locator("text").first.evaluate(colour, "fill") == "rgb(34, 34, 34)"
        told = page.locator(".told").first  # the page itself follows the theme
        assert told.evaluate(colour, "color") == "rgb(255, 255, 255)"
    plain.page.close()


def test_a_film_is_slow_for_those_who_want_less_motion(browser: Browser, folder: Path) -> None:
    plain = PlainPage(browser, reduced_motion="reduce")
    plain.page.clock.install()
    with plain.opened(folder / "lag-river.html") as page:
        found = page.locator(".lag-river").first
        found.get_by_role("button", name="Play").click()
        page.clock.run_for(1400)
        assert found.get_attribute("data-frame") == "0"
        page.clock.run_for(200)
        expect(found).to_have_attribute("data-frame", "1")
    plain.page.close()
