"""The scene to play with: what it shows, that it moves, and what it refuses."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from course_utils.data.scenes import scenes
from course_utils.errors import CourseError
from course_utils.models.captioning import Captioner
from course_utils.widgets.describe_scene import LIVE, DescribeScene, describe_scene
from tools.build import WIDGET_VIEW


@cache
def small(attention: str | None = "multiplicative") -> Captioner:
    """One that has learnt for a moment: what it says is of no matter here."""
    some = scenes(64, seed=0)
    captioner = Captioner(hidden_size=8, attention=attention)
    captioner.fit(some.images, some.captions, steps=30, progress=False)
    return captioner


def controls(widget: DescribeScene) -> Any:
    widget._repr_mimebundle_()
    return widget._box.children[:-1]  # without the settings


def test_the_output_is_live_and_stands_without_a_kernel() -> None:
    data, _ = describe_scene(small())._repr_mimebundle_()
    assert WIDGET_VIEW in data
    assert "a small red circle left of a large blue square" in data["text/html"]
    assert "a small red circle left of a large blue square" in data["text/plain"]
    assert LIVE in data["text/html"]
    assert "<script" not in data["text/html"]


def test_what_is_chosen_is_drawn_and_described() -> None:
    widget = describe_scene(small())
    first, stands, second, again, shown = controls(widget)
    first.children[2].value = "cross"
    second.children[1].value = "cyan"
    assert "a small red cross left of a large cyan square" in shown.value
    stands.children[0].value = "above"
    assert "a small red cross above a large cyan square" in shown.value
    stands.children[0].value = "alone"
    assert "“a small red cross”" in shown.value
    assert len(widget.things) == 1
    again.children[0].click()
    assert widget.seed == 1


def test_a_captioner_without_attention_has_a_sentence_and_no_map() -> None:
    widget = describe_scene(small(None))
    assert widget.picture is None
    assert "It says" in widget.html
    assert "<img" not in widget.html


def test_another_thing_than_a_captioner_is_refused() -> None:
    with pytest.raises(CourseError, match="needs a Captioner"):
        describe_scene("lstm")  # type: ignore[arg-type]
