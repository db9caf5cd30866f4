"""The language model to play with: what it writes, what it says to what it cannot read, and that it moves."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from course_utils.errors import CourseError
from course_utils.models.language import LanguageModel, NGram
from course_utils.widgets.write_on import LIVE, WriteOn, write_on, written
from tests.models.fitted import TEXT
from tools.build import WIDGET_VIEW


@cache
def small() -> NGram:
    model = NGram(4)
    model.fit(TEXT)
    return model


def controls(widget: WriteOn) -> Any:
    """Text box, two sliders, button and what is shown."""
    widget._repr_mimebundle_()
    return widget._box.children[:5]


def test_it_writes_what_the_model_samples() -> None:
    found = written(small(), "the cat", 0.5, 0.9, 3, 40)
    assert found.text == small().sample("the cat", 40, 0.5, top_p=0.9, seed=3)
    assert f"the cat<strong>{found.text}</strong>" in found.html
    assert f"{small().bits_per_character('the cat'):.2f} bits a character" in found.note
    assert "began a text" in written(small(), "", 1, 1, 0, 5).note


def test_the_output_is_live_and_stands_without_a_kernel() -> None:
    data, _ = write_on(small(), "the dog")._repr_mimebundle_()
    assert WIDGET_VIEW in data
    assert LIVE in data["text/html"]
    assert "Temperature 0.8, nucleus 1" in data["text/html"]
    assert "“the dog” → " in data["text/plain"]
    assert "<script" not in data["text/html"]


def test_each_control_changes_what_is_shown() -> None:
    widget = write_on(small(), "the dog", 1.0)
    prompt, heat, share, again, shown = controls(widget)
    seen = {shown.value}
    again.click()
    assert widget.found == written(small(), "the dog", 1.0, 1.0, 1, 300)
    for control, value in ((prompt, "the mat"), (heat, 0.0), (heat, 2.0), (share, 0.6)):
        seen.add(shown.value)
        control.value = value
        assert shown.value == widget.found.html
        assert shown.value not in seen
    assert again.description == "Write again"
    assert widget.found == written(small(), "the mat", 2.0, 0.6, 1, 300)


def test_what_a_model_refuses_stands_there_as_a_sentence() -> None:
    widget = write_on(LanguageModel())
    assert "has not learned anything yet" in widget.found.note
    assert widget.found.text == ""


def test_what_is_typed_is_shown_and_not_obeyed() -> None:
    prompt, *_, shown = controls(write_on(small(), "the"))
    prompt.value = "<img src=x onerror='1'> & \x1b \ud800"
    assert "<img" not in shown.value
    assert "&lt;img src=x" in shown.value
    assert "\x1b" not in shown.value


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"model": "none"}, "needs a LanguageModel or an NGram"),
        ({"prompt": 3}, "prompt is a text"),
        ({"temperature": 3}, "temperature is a number from 0 to 2"),
        ({"top_p": 0}, r"top_p is a number from 0\.05 to 1"),
        ({"length": 0}, "length must be a whole number"),
    ],
)
def test_what_cannot_be_played_with_is_refused(arguments: dict[str, Any], says: str) -> None:
    with pytest.raises(CourseError, match=says):
        write_on(**{"model": small(), **arguments})
