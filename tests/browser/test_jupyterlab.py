"""The lessons as a learner meets them: JupyterLab, Run All, a widget that moves, an exercise that answers."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.gate_widgets import drive_gate_explorer, drive_memory_transplant
from tests.browser.gradient_widgets import drive_cobweb, drive_gradient_explorer, drive_lag_river
from tests.browser.picture_widgets import (
    drive_boundary_explorer,
    drive_describe_scene,
    drive_draw_digit,
    drive_translate_it,
)
from tests.browser.sound_widgets import drive_ctc_lattice, drive_listen
from tests.browser.stepper import drive_stepper

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.browser
SHOTS = os.environ.get("COURSE_SHOTS")  # a folder for screenshots, to look at

WRONG_STEP = """def my_rnn_step(x, h, W_ih, W_hh, b_ih, b_hh):
    return torch.tanh(x @ W_ih.T + b_ih + h @ W_hh + b_hh)

ex.rnn_step.check(my_rnn_step)"""
RAISING_STEP = WRONG_STEP.replace("W_ih.T", "W_ih")
RIGHT_STEP = WRONG_STEP.replace("h @ W_hh", "h @ W_hh.T")


def shot(page: Page, name: str) -> None:
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(Path(SHOTS, f"{name}.png")))


@contextmanager
def lesson(browser: Browser, lab: str, name: str) -> Iterator[Page]:
    """The lesson open in a JupyterLab of its own; its kernel is shut down at the end."""
    page = browser.new_page(viewport={"width": 1300, "height": 1000})
    page.goto(f"{lab}/lab/workspaces/{uuid4().hex}/tree/notebooks/{name}.ipynb")
    page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=60_000)
    page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget.context.sessionContext.session?.kernel", timeout=60_000
    )
    asked = page.locator(".jp-Dialog, .Toastify__toast")
    assert asked.count() == 0, asked.all_inner_texts()  # nothing between a learner and the first cell
    yield page
    page.evaluate("() => window.jupyterapp.shell.currentWidget.context.sessionContext.shutdown()")
    page.close()


def run_all(page: Page) -> None:
    page.get_by_role("menuitem", name="Run", exact=True).click()
    expect(
        page.get_by_role("menuitem", name="Run All Cells", exact=True)
    ).to_be_visible()  # what the lesson tells to press
    page.keyboard.press("Escape")
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")  # resolves when all have run


def code_cells(page: Page) -> list[dict[str, Any]]:
    """The code cells of the open notebook as its model has them, those scrolled out of sight included."""
    found = page.evaluate(
        "() => JSON.stringify(window.jupyterapp.shell.currentWidget.content.model.toJSON().cells"
        ".filter(c => c.cell_type === 'code'))"
    )
    return list(json.loads(found))


def cell(page: Page, text: str) -> Locator:
    """The code cell that holds this text, scrolled into sight."""
    index = page.evaluate(
        """async (text) => {
            const content = window.jupyterapp.shell.currentWidget.content;
            const at = content.widgets.findIndex(
                w => w.model.type === 'code' && w.model.sharedModel.source.includes(text));
            content.activeCellIndex = at;
            await content.scrollToItem(at, 'start');
            return at;
        }""",
        text,
    )
    assert index >= 0, f"no code cell holds {text!r}"
    found = page.locator(f'.jp-Cell[data-windowed-list-index="{index}"]')
    found.wait_for()
    return found


def answer(page: Page, stub: str, code: str) -> Locator:
    """Type code in place of an exercise's stub, run the cell as a learner does; returns where the feedback appears."""
    place = cell(page, stub)
    place.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(code)
    page.keyboard.press("Control+Enter")
    return place.locator('[role="status"]')


@pytest.mark.parametrize("name", sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb")))
def test_run_all_ends_without_error_or_noise(browser: Browser, lab: str, name: str) -> None:
    with lesson(browser, lab, name) as page:
        shot(page, f"{name}-opened")
        run_all(page)
        for code_cell in code_cells(page):
            for output in code_cell["outputs"]:
                assert output["output_type"] != "error", output
                assert output.get("name") != "stderr", output
        assert [c["execution_count"] for c in code_cells(page)] == list(range(1, len(code_cells(page)) + 1))
        shot(page, f"{name}-run")


def test_the_answer_to_a_prediction_stays_folded_until_its_cell_is_run(browser: Browser, lab: str) -> None:
    with lesson(browser, lab, "00_start_here") as page:
        place = cell(page, "persistence_guess.check")
        expect(place.locator(".jp-OutputArea-output")).to_have_count(0)
        expect(place.locator(".jp-Placeholder")).to_contain_text("Run this cell to see the answer")
        shot(page, "folded")
        run_all(page)
        expect(place.locator(".jp-OutputArea-output")).to_contain_text("It is 18.2 sunspots")
        shot(page, "unfolded")


def test_exercise_tells_wrong_raising_and_right_answers_apart(browser: Browser, lab: str) -> None:
    with lesson(browser, lab, "05_recurrent_networks") as page:
        run_all(page)
        stub = "my_rnn_step"
        told = answer(page, stub, WRONG_STEP)
        expect(told).to_contain_text("Not yet right")
        expect(told).to_contain_text("wrong side")
        shot(page, "exercise-wrong")
        told = answer(page, stub, RAISING_STEP)
        expect(told).to_contain_text("Raised an error")
        expect(told).to_contain_text("line 2: return torch.tanh")
        shot(page, "exercise-raised")
        expect(answer(page, stub, RIGHT_STEP)).to_contain_text("Solved")
        shot(page, "exercise-right")


def test_a_prediction_made_with_the_mouse_is_compared_with_the_result(browser: Browser, lab: str) -> None:
    with lesson(browser, lab, "05_recurrent_networks") as page:
        run_all(page)
        asked = cell(page, "ex.next_year.ask()")
        asked.get_by_role("radio", name="once higher, once lower").check()
        shot(page, "question")
        answered = cell(page, "ex.next_year.check(")
        answered.locator(".cm-content").click()
        page.keyboard.press("Control+Enter")
        expect(answered.locator('[role="status"]')).to_contain_text("As you predicted")
        shot(page, "question-answered")


@pytest.mark.parametrize(
    ("name", "code", "widget", "drive"),
    [
        ("01_feedforward_networks", "boundary_explorer(", ".boundary-explorer", drive_boundary_explorer),
        ("02_cnn_features", "draw_digit(", ".draw-digit", drive_draw_digit),
        ("14_translation", "translate_it(", ".lm-Widget.widget-vbox", drive_translate_it),
        ("15_image_captioning", "describe_scene(", ".lm-Widget.widget-vbox", drive_describe_scene),
        ("05_recurrent_networks", "cobweb(", ".cobweb", drive_cobweb),
        ("06_vanishing_gradients", "gradient_explorer(", ".gradient-explorer", drive_gradient_explorer),
        ("06_vanishing_gradients", "lag_river(", ".lag-river", drive_lag_river),
        ("07_lstm_gates", "gate_explorer(", ".gate-explorer", drive_gate_explorer),
        ("07_lstm_gates", "memory_transplant(", ".memory-transplant", drive_memory_transplant),
        ("17_speech_and_voice", "ctc_lattice(", ".ctc-lattice", drive_ctc_lattice),
        ("17_speech_and_voice", "listen(", ".listen", drive_listen),
    ],
)
def test_widgets_move(
    browser: Browser, lab: str, name: str, code: str, widget: str, drive: Callable[[Page, Locator], None]
) -> None:
    with lesson(browser, lab, name) as page:
        run_all(page)
        drive(page, cell(page, f"\n{code}").locator(widget))
        shot(page, code.rstrip("("))


def test_stepper_moves_with_mouse_and_keyboard(browser: Browser, lab: str) -> None:
    with lesson(browser, lab, "05_recurrent_networks") as page:
        run_all(page)
        stepper = cell(page, "unroll_stepper(").locator(".unroll")
        expect(stepper).to_have_count(1)
        drive_stepper(page, stepper)
        shot(page, "stepper")
