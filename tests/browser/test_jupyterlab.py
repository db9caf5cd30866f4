"""The lessons as a learner meets them: JupyterLab, Run All, a widget that moves, an exercise that answers.

A lesson is opened once, and each test runs in it the cells that it needs. That every lesson runs whole, and in silence,
is what `make nbval` finds out.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.gate_widgets import touch_gate_explorer, touch_memory_transplant
from tests.browser.gradient_widgets import touch_cobweb, touch_gradient_explorer, touch_lag_river
from tests.browser.lesson import Lesson, expect_quiet
from tests.browser.picture_widgets import (
    drive_describe_scene,
    drive_read_line,
    drive_translate_it,
    touch_boundary_explorer,
    touch_draw_digit,
)
from tests.browser.sound_widgets import drive_listen, touch_ctc_lattice
from tests.browser.stepper import touch_stepper
from tools import folding

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


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1300, "height": 1000})
    yield page
    page.close()


@pytest.fixture(scope="module")
def lesson(request: pytest.FixtureRequest, page: Page, lab: str) -> Iterator[Lesson]:
    """The lesson that the test names; pytest puts the tests of one lesson together, and it is opened once for them."""
    opened = Lesson(page, lab, request.param)
    yield opened
    opened.close()


def in_lesson(name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("lesson", [name], indirect=True, scope="module")


@in_lesson("00_start_here")
def test_the_answer_to_a_prediction_stays_folded_until_its_cell_is_run(lesson: Lesson) -> None:
    place = lesson.cell("persistence_guess.check")
    answer = place.get_by_text("off by 18.2 sunspots")
    expect(answer).to_have_count(1)
    expect(answer).to_be_hidden()
    place.get_by_text(folding.ANSWER).click()
    expect(answer).to_be_visible()
    shot(lesson.page, "folded")
    place = lesson.run_for("persistence_guess.check")
    expect(place.get_by_text(folding.ANSWER)).to_have_count(0)
    expect(place.get_by_text("off by 18.2 sunspots")).to_be_visible()
    shot(lesson.page, "unfolded")


@in_lesson("08_gru_and_ablations")
def test_what_explains_an_answer_stays_folded_until_it_is_opened(lesson: Lesson) -> None:
    index = next(n for n, cell in enumerate(lesson.cells()) if cell["source"].startswith("<details>"))
    explained = lesson.scroll_to(index).locator("details")
    expect(explained.locator("p").first).to_be_hidden()
    explained.get_by_text(folding.EXPLANATION).click()
    expect(explained.locator("p").first).to_be_visible()


@pytest.mark.parametrize("lesson", ["00_start_here", "07_lstm_gates"], indirect=True, scope="module")
def test_run_all_ends_without_error_or_noise(lesson: Lesson) -> None:
    """In the lightest lesson, and in one with widgets, exercises and questions."""
    lesson.run_all()
    expect_quiet(lesson.cells())
    counts = [cell["execution_count"] for cell in lesson.code_cells()]
    assert counts == list(range(1, len(counts) + 1))
    lesson.expect_no_question()
    shot(lesson.page, f"{lesson.name}-run")


@in_lesson("05_recurrent_networks")
def test_exercise_tells_wrong_raising_and_right_answers_apart(lesson: Lesson) -> None:
    stub = "my_rnn_step"
    lesson.run_for(stub)
    lesson.run_for("import torch")
    told = lesson.answer(stub, WRONG_STEP)
    expect(told).to_contain_text("Not yet right")
    expect(told).to_contain_text("wrong side")
    shot(lesson.page, "exercise-wrong")
    told = lesson.answer(stub, RAISING_STEP)
    expect(told).to_contain_text("Raised an error")
    expect(told).to_contain_text("line 2: return torch.tanh")
    shot(lesson.page, "exercise-raised")
    expect(lesson.answer(stub, RIGHT_STEP)).to_contain_text("Solved")
    shot(lesson.page, "exercise-right")


@in_lesson("05_recurrent_networks")
def test_a_prediction_made_with_mouse_and_arrow_keys_is_compared_with_the_result(lesson: Lesson) -> None:
    lesson.run_for("ex.next_year.check(")
    asked = lesson.cell("ex.next_year.ask()")
    asked.get_by_role("radio", name="lower both times").check()
    lesson.page.keyboard.press("ArrowDown")
    expect(asked.get_by_role("radio", name="once higher, once lower")).to_be_checked()
    shot(lesson.page, "question")
    answered = lesson.cell("ex.next_year.check(")
    answered.locator(".cm-content").click()
    lesson.page.keyboard.press("Control+Enter")
    expect(answered.locator('[role="status"]')).to_contain_text("As you predicted")
    shot(lesson.page, "question-answered")


# Where Python computes, all of it; where the browser does, what the page beneath may spoil: mouse, keys and the start.
@pytest.mark.parametrize(
    ("lesson", "code", "widget", "drive"),
    [
        ("01_feedforward_networks", "boundary_explorer(", ".boundary-explorer", touch_boundary_explorer),
        ("02_cnn_features", "draw_digit(", ".draw-digit", touch_draw_digit),
        ("05_recurrent_networks", "unroll_stepper(", ".unroll", touch_stepper),
        ("05_recurrent_networks", "cobweb(", ".cobweb", touch_cobweb),
        ("06_vanishing_gradients", "gradient_explorer(", ".gradient-explorer", touch_gradient_explorer),
        ("06_vanishing_gradients", "lag_river(", ".lag-river", touch_lag_river),
        ("07_lstm_gates", "gate_explorer(", ".gate-explorer", touch_gate_explorer),
        ("07_lstm_gates", "widget = memory_transplant(", ".memory-transplant", touch_memory_transplant),
        ("14_translation", "translate_it(", ".lm-Widget.widget-vbox", drive_translate_it),
        ("15_image_captioning", "describe_scene(", ".lm-Widget.widget-vbox", drive_describe_scene),
        ("16_handwriting", "read_line(", ".read-line", drive_read_line),
        ("17_speech_and_voice", "ctc_lattice(", ".ctc-lattice", touch_ctc_lattice),
        ("17_speech_and_voice", "listen(", ".listen", drive_listen),
    ],
    indirect=["lesson"],
    scope="module",
)
def test_widgets_move(lesson: Lesson, code: str, widget: str, drive: Callable[[Page, Locator], None]) -> None:
    found = lesson.run_for(f"\n{code}").locator(widget)
    expect(found).to_have_count(1)
    drive(lesson.page, found)
    shot(lesson.page, code.rstrip("("))
