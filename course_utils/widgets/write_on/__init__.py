"""Begin a sentence, choose a temperature and a nucleus, and see how a language model writes on.

The network runs in Python; so this one moves in a live notebook only, through ipywidgets. Elsewhere the first text
stands in its place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from course_utils.checks import check_whole
from course_utils.display.html import ASIDE, SPOKEN, Html, element, joined
from course_utils.display.live import live_view
from course_utils.errors import CourseError, printable
from course_utils.widgets.shared.browser import on_slider
from course_utils.widgets.shared.settings import settings_of

if TYPE_CHECKING:
    from course_utils.models.text_model import TextModel

HOTTEST = 2.0
NARROWEST = 0.05
LONGEST = 1_000
AS_WRITTEN = f"{SPOKEN};white-space:pre-wrap;overflow-wrap:anywhere"
LIVE = "In a live notebook you can begin a text of your own here, and choose temperature and nucleus."


@dataclass
class Written:
    """What a model wrote.

    Attributes:
        prompt: the beginning.
        text: what follows it, or "".
        note: what the beginning cost, or why nothing was written.
    """

    prompt: str
    text: str
    note: str

    def __str__(self) -> str:
        return printable(f"“{self.prompt}” → “{self.text}”\n{self.note}")

    @property
    def html(self) -> Html:
        """The beginning, and in bold what was written."""
        whole = element("p", printable(self.prompt), element("strong", printable(self.text)), style=AS_WRITTEN)
        return element("div", whole, element("p", self.note, style=SPOKEN), role="status")


def written(model: TextModel[Any], prompt: str, temperature: float, top_p: float, seed: int, length: int) -> Written:
    """Let a model write.

    Args:
        model: one that has learned.
        prompt: the beginning.
        temperature: 0 or more.
        top_p: the share that the nucleus has.
        seed: of the draws.
        length: how many characters.

    Returns:
        What it wrote; what a model refuses stands in the note.
    """
    try:
        text = model.sample(prompt, length, temperature, top_p=top_p, seed=seed)
        told = f"What you began costs it {model.bits_per_character(prompt):.2f} bits a character." if prompt else ""
        return Written(prompt, text, told or "Nothing stood before: it began a text.")
    except CourseError as error:
        return Written(prompt, "", str(error))


class WriteOn:
    """A text box, two sliders, a button, and what was written; make one with `write_on()`."""

    def __init__(self, model: TextModel[Any], prompt: str, temperature: float, top_p: float, length: int) -> None:
        self.model, self.temperature, self.top_p, self.length = model, temperature, top_p, length
        self.seed = 0
        self.told = settings_of(model)
        self.found = written(model, prompt, temperature, top_p, self.seed, length)
        self._box: Any = None

    def __str__(self) -> str:
        return f"Temperature {self.temperature:g}, nucleus {self.top_p:g}: {self.found}\n{self.told}"

    __repr__ = __str__

    @property
    def html(self) -> Html:
        """What stands in its place where no kernel runs."""
        chosen = element("p", f"Temperature {self.temperature:g}, nucleus {self.top_p:g}", style=SPOKEN)
        return joined([chosen, self.found.html, self.told.html, element("p", LIVE, style=ASIDE)])

    def _live(self) -> Any:
        """The controls, and below them what was written; made once, so that all its views move together."""
        import ipywidgets

        look: dict[str, Any] = {
            "continuous_update": False,
            "layout": {"width": "min(100%, 640px)"},
            "style": {"description_width": "110px"},
        }
        prompt = ipywidgets.Text(self.found.prompt, description="Beginning", **look)
        heat = ipywidgets.FloatSlider(self.temperature, min=0, max=HOTTEST, step=0.1, description="Temperature", **look)
        share = ipywidgets.FloatSlider(self.top_p, min=NARROWEST, max=1, step=0.05, description="Nucleus", **look)
        again = ipywidgets.Button(description="Write again")
        output = ipywidgets.HTML(self.found.html)

        def update(change: Any) -> None:
            self.seed += change is again
            self.temperature, self.top_p = heat.value, share.value
            again.description = "Writing …"
            try:
                self.found = written(self.model, prompt.value, self.temperature, self.top_p, self.seed, self.length)
                output.value = self.found.html
            finally:
                again.description = "Write again"

        for control in (prompt, heat, share):
            control.observe(update, "value")
        again.on_click(update)
        return ipywidgets.VBox([prompt, heat, share, again, output, ipywidgets.HTML(self.told.html)])

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        if self._box is None:
            self._box = self._live()
        return {**live_view(self._box), "text/plain": str(self), "text/html": self.html}, {}


def write_on(
    model: TextModel[Any],
    prompt: str = "And it came to pass",
    temperature: float = 0.8,
    top_p: float = 1.0,
    length: int = 300,
) -> WriteOn:
    """Begin a text, and see how a language model writes on.

    Args:
        model: a trained `LanguageModel`, or an `NGram`.
        prompt: the beginning at first, and what is shown where no kernel runs.
        temperature: where its slider stands at first, 0 to 2.
        top_p: where the slider of the nucleus stands at first, 0.05 to 1.
        length: how many characters it writes each time, up to 1,000.

    Raises:
        CourseError: no language model, a prompt that is no text, or a number beyond its slider. What a model refuses
            later stands in the widget, as a sentence.
    """
    from course_utils.models.text_model import TextModel

    if not isinstance(model, TextModel):
        raise CourseError(
            "write_on needs a LanguageModel or an NGram (course_utils.models.language); "
            f"this is a {type(model).__name__}."
        )
    if not isinstance(prompt, str):
        raise CourseError(f"prompt is a text in quotes; this is a {type(prompt).__name__}.")
    temperature = on_slider("temperature", temperature, 0, HOTTEST)
    top_p = on_slider("top_p", top_p, NARROWEST, 1)
    return WriteOn(model, prompt, temperature, top_p, check_whole("length", length, 1, LONGEST, unit="characters"))
