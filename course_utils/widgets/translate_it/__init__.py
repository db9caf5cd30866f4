"""Translate a sentence of your own: the translation, where attention looked, and the tree of the beam search.

The network runs in Python; so this one moves in a live notebook only, through ipywidgets. Elsewhere the pictures of the
first sentence stand in its place.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from course_utils.display.html import ASIDE, SPOKEN, Html, element, joined
from course_utils.display.live import live_view
from course_utils.errors import CourseError
from course_utils.widgets.shared.browser import on_slider
from course_utils.widgets.shared.settings import settings_of

if TYPE_CHECKING:
    from course_utils.figures.style import Picture
    from course_utils.models.translation import Translator

WIDEST = 8  # beam
LIVE = "In a live notebook you can type a sentence of your own here, and choose the beam."


@dataclass
class Found:
    """What came of one sentence.

    Attributes:
        sentence: as it was given.
        translation: None where there is none.
        pictures: the heat map and the tree, those there are.
        notes: sentences about what cannot be shown, and why.
    """

    sentence: str
    translation: str | None = None
    pictures: list[Picture] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        lines = [] if self.translation is None else [f"“{self.sentence}” → “{self.translation}”"]
        return "\n".join([*lines, *self.notes, *map(repr, self.pictures)])

    @property
    def html(self) -> Html:
        """The translation, what else there is to say, and the pictures."""
        lines: list[object] = [*self.notes]
        if self.translation is not None:
            lines.insert(0, joined([f"“{self.sentence}” → ", element("strong", f"“{self.translation}”")]))
        text = element("div", *(element("p", line, style=SPOKEN) for line in lines), role="status")
        return text + joined((picture.html for picture in self.pictures), element("br"))


def looked_at(translator: Translator, sentence: str, beam: int) -> Found:
    """Translate a sentence, and draw how it came about.

    Args:
        translator: a trained one.
        sentence: any text.
        beam: how many beginnings the search keeps.

    Returns:
        What there is to see. What a translator refuses stands among the notes, each reason once.
    """
    from course_utils.figures.alignment import beam_tree, heat_map

    result = Found(sentence)
    if not sentence.strip():
        result.notes.append("There is nothing to translate yet: type a sentence, and press Enter.")
        return result

    def tried(make: Callable[[], None]) -> None:
        try:
            make()
        except CourseError as error:
            if str(error) not in result.notes:
                result.notes.append(str(error))

    def translate() -> None:
        (result.translation,) = translator.translate([sentence], beam=beam)

    def align() -> None:
        source, target, weights = translator.align(sentence)
        if beam > 1 and (greedy := translator.translate([sentence])[0]) != result.translation:
            result.notes.append(f"The heat map belongs to the greedy translation, beam 1: “{greedy}”.")
        result.pictures.append(heat_map(source, target, weights, "Where attention looked, token by token"))

    def grow() -> None:
        result.pictures.append(beam_tree(translator.beam_tree(sentence, beam), f"What the search kept, beam {beam}"))

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")  # whatever is typed: a sign without a picture is a box
        for make in (translate, align, grow):
            tried(make)
    return result


class TranslateIt:
    """A text box, a slider and what comes of them; make one with `translate_it()`."""

    def __init__(self, translator: Translator, sentence: str, beam: int) -> None:
        self.translator, self.beam = translator, beam
        self.told = settings_of(translator)
        self.found = looked_at(translator, sentence, beam)
        self._box: Any = None

    def __str__(self) -> str:
        return f"{self.found}\n{self.told}"

    __repr__ = __str__

    @property
    def html(self) -> Html:
        """What stands in its place where no kernel runs."""
        return self.found.html + self.told.html + element("p", LIVE, style=ASIDE)

    def _live(self) -> Any:
        """The controls, and below them what was found; made once, so that all its views move together."""
        import ipywidgets

        full_width = {"width": "min(100%, 640px)"}
        name = {"description_width": "80px"}
        text = ipywidgets.Text(
            self.found.sentence, description="Sentence", continuous_update=False, layout=full_width, style=name
        )
        beam = ipywidgets.IntSlider(
            self.beam, 1, WIDEST, description="Beam", continuous_update=False, layout=full_width, style=name
        )
        go = ipywidgets.Button(description="Translate")
        output = ipywidgets.HTML(self.found.html)

        def update(_: Any) -> None:
            if (text.value, beam.value) == (self.found.sentence, self.beam):
                return
            self.beam = beam.value
            go.description = "Translating …"
            try:
                self.found = looked_at(self.translator, text.value, self.beam)
                output.value = self.found.html
            finally:
                go.description = "Translate"

        text.observe(update, "value")
        beam.observe(update, "value")
        go.on_click(update)
        return ipywidgets.VBox([text, beam, go, output, ipywidgets.HTML(self.told.html)])

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        if self._box is None:
            self._box = self._live()
        return {**live_view(self._box), "text/plain": str(self), "text/html": self.html}, {}


def translate_it(translator: Translator, sentence: str = "trois mille deux cent sept", beam: int = 3) -> TranslateIt:
    """Type a sentence, and see its translation, where attention looked, and what the beam search kept.

    Args:
        translator: a trained `Translator`.
        sentence: what is translated at first, and shown where no kernel runs.
        beam: how many beginnings the search keeps, where the slider stands at first (1 to 8).

    Raises:
        CourseError: no translator, a sentence that is no text, or a beam beyond its slider. What a translator refuses
            later stands in the widget, as a sentence.
    """
    from course_utils.models.translation import Translator

    if not isinstance(translator, Translator):
        raise CourseError(
            "translate_it needs a Translator (course_utils.models.translation); "
            f"this is a {type(translator).__name__}. "
            'trained_translator("numbers") is one that has learned already.'
        )
    if not isinstance(sentence, str):
        raise CourseError(f"sentence is a text in quotes; this is a {type(sentence).__name__}.")
    return TranslateIt(translator, sentence, int(on_slider("beam", beam, 1, WIDEST, whole=True)))
