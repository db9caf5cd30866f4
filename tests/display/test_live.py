"""Controls are shown whatever the version of ipywidgets: 7, which Colab has, or 8."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets
import pytest
from IPython.core.formatters import DisplayFormatter

from course_utils.display.live import VIEW, live_view
from course_utils.exercises import lesson_05
from course_utils.widgets.listen import Listen
from course_utils.widgets.unroll_stepper import unroll_stepper


@pytest.fixture
def ipywidgets_7(monkeypatch: pytest.MonkeyPatch) -> None:
    """There a widget displays itself and has no MIME bundle to give."""
    monkeypatch.delattr(ipywidgets.Widget, "_repr_mimebundle_", raising=False)
    monkeypatch.setattr(
        ipywidgets.DOMWidget,
        "_ipython_display_",
        lambda self, **_: pytest.fail("shown alone, without what stands in its place"),
        raising=False,
    )


def test_the_view_is_that_of_the_widget(ipywidgets_7: None) -> None:
    button = ipywidgets.Button()
    assert live_view(button)[VIEW]["model_id"] == button.model_id
    assert button.model_id


@pytest.mark.parametrize("make", [lesson_05.next_year.ask, unroll_stepper], ids=["a question", "a widget"])
def test_what_moves_is_shown_with_its_text_and_its_twin(ipywidgets_7: None, make: Callable[[], Any]) -> None:
    data, _ = DisplayFormatter().format(make())
    assert {VIEW, "text/html", "text/plain"} <= set(data)


def test_no_widget_of_the_browser_is_shown_alone(ipywidgets_7: None) -> None:
    assert Listen._ipython_display_ is None


def test_a_question_whose_buttons_cannot_be_made_is_text() -> None:
    asked = lesson_05.next_year.ask()
    assert str(asked) == repr(asked)
    assert "3. once higher, once lower" in repr(asked)
