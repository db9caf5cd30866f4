"""The translator to play with: what it shows, what it says to what it cannot show, and that it moves."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
import torch

from course_utils.errors import CourseError
from course_utils.models.translation import Translator
from course_utils.widgets.translate_it import LIVE, Found, TranslateIt, looked_at, translate_it
from tools.build import WIDGET_VIEW

PAIRS = [("un", "one"), ("deux", "two"), ("trois", "three"), ("quatre", "four"), ("cinq", "five"), ("six", "six")]


@cache
def small(attention: str | None = "additive") -> Translator:
    """One that has learned for a moment: what it says is of no matter here."""
    with torch.random.fork_rng():
        translator = Translator("gru", hidden_size=16, attention=attention, level="char", seed=0)
        translator.fit(PAIRS, valid=PAIRS[:2], steps=80, seconds=None)
    return translator


def controls(widget: TranslateIt) -> tuple[Any, Any, Any, Any]:
    """Text box, slider, button and what is shown."""
    widget._repr_mimebundle_()
    text, beam, go, shown, _ = widget._box.children
    return text, beam, go, shown


def test_it_shows_the_translation_the_heat_map_and_the_tree() -> None:
    found = looked_at(small(), "trois", 2)
    (said,) = small().translate(["trois"], beam=2)
    assert found.translation == said
    assert f"“trois” → <strong>“{said}”</strong>" in found.html
    assert len(found.pictures) == 2
    assert found.html.count("<img alt=") == 2
    assert all(len(picture.alt.split()) >= 8 for picture in found.pictures)


def test_the_output_is_live_and_stands_without_a_kernel() -> None:
    data, _ = translate_it(small(), "deux", 2)._repr_mimebundle_()
    assert WIDGET_VIEW in data
    html = data["text/html"]
    assert html.count("<img alt=") == 2
    assert LIVE in html
    assert "“deux” → " in data["text/plain"]
    assert "<script" not in html


def test_another_sentence_and_another_beam_change_what_is_shown() -> None:
    widget = translate_it(small(), "deux", 2)
    text, beam, go, shown = controls(widget)
    before = shown.value
    text.value = "quatre"
    assert "“quatre” → " in shown.value
    assert shown.value != before
    beam.value = 3
    assert widget.found.html == shown.value == looked_at(small(), "quatre", 3).html
    assert go.description == "Translate"
    assert "“quatre” → " in widget._repr_mimebundle_()[0]["text/html"]  # a saved notebook keeps what was there


def test_nothing_is_computed_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def counted(translator: Translator, sentence: str, beam: int) -> Found:
        asked.append(sentence)
        return looked_at(translator, sentence, beam)

    monkeypatch.setattr("course_utils.widgets.translate_it.looked_at", counted)
    text, _, go, _ = controls(translate_it(small(), "un", 1))
    go.click()
    text.value = "six"
    go.click()
    assert asked == ["un", "six"]


@pytest.mark.parametrize("empty", ["", "   "])
def test_an_empty_sentence_is_answered_with_one(empty: str) -> None:
    text, _, _, shown = controls(translate_it(small(), "un", 2))
    text.value = empty
    assert "There is nothing to translate yet: type a sentence" in shown.value
    assert "<img" not in shown.value


def test_what_a_translator_refuses_stands_there_once_as_a_sentence() -> None:
    found = looked_at(small(None), "un", 2)
    assert len(found.pictures) == 1  # the tree
    assert len(found.notes) == 1
    assert "no attention" in found.notes[0]
    untrained = translate_it(Translator(), "un")
    assert len(untrained.found.notes) == 1
    assert untrained.found.pictures == []
    text, _, _, shown = controls(translate_it(small(), "un", 2))
    text.value = "un " * 3000
    assert "Cut it up" in shown.value
    assert "Traceback" not in shown.value


def test_an_error_that_is_no_learner_s_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(Translator, "translate", broken)
    with pytest.raises(RuntimeError, match="broken"):
        looked_at(small(), "un", 2)


def test_a_heat_map_of_another_translation_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Translator, "translate", lambda self, sentences, beam=1: [f"with {beam}"])
    assert looked_at(small(), "un", 1).notes == []
    assert looked_at(small(), "un", 3).notes == ["The heat map belongs to the greedy translation, beam 1: “with 1”."]


def test_what_is_typed_is_shown_and_not_obeyed() -> None:
    text, _, _, shown = controls(translate_it(small(), "un", 1))
    text.value = '<img src=x onerror="1"> & un'
    assert "“&lt;img src=x onerror=&quot;1&quot;&gt; &amp; un” → " in shown.value


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("none", "un", 3), "needs a Translator"),
        ((None, 3, 3), "sentence is a text"),
        ((None, "un", 0), "beam is a whole number from 1 to 8"),
        ((None, "un", 2.5), "beam is a whole number from 1 to 8"),
    ],
)
def test_what_cannot_be_played_with_is_refused(arguments: tuple[Any, Any, Any], says: str) -> None:
    translator, sentence, beam = arguments
    with pytest.raises(CourseError, match=says):
        translate_it(small() if translator is None else translator, sentence, beam)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("odd", ["日本 😀", "$\\frac{1}{2}$ $", "\x00\t", "é" * 80])
def test_odd_text_is_no_trouble(odd: str) -> None:
    found = looked_at(small(), odd, 2)
    assert found.translation is not None
    assert len(found.pictures) == 2
