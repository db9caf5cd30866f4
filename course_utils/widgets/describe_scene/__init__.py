"""Make a scene of your own: what a captioner says of it, and where it looks at each word.

The network runs in Python; so this one moves in a live notebook only, through ipywidgets. Elsewhere the picture of the
first scene stands in its place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from course_utils.data.scenes import COLOURS, RADII, SHAPES, Thing, scene_of
from course_utils.display.html import ASIDE, SPOKEN, Html, element
from course_utils.display.live import live_view
from course_utils.errors import CourseError
from course_utils.widgets.shared.settings import settings_of

if TYPE_CHECKING:
    from course_utils.figures.style import Picture
    from course_utils.models.captioning import Captioner

LIVE = "In a live notebook you can choose the shapes here, their sizes and colours, and how they stand."
ALONE = "alone"
PLACES = {
    "left of": ((13, 24), (35, 24)),
    "above": ((24, 13), (24, 35)),
    "left of, nearly on a diagonal": ((13, 15), (35, 31)),
    "above, nearly on a diagonal": ((15, 13), (31, 35)),
    ALONE: ((24, 24),),
}
CHOICES = {"Size": tuple(RADII), "Colour": tuple(COLOURS), "Shape": SHAPES}


class DescribeScene:
    """Lists to choose from, and what the captioner says; make one with `describe_scene()`."""

    def __init__(self, captioner: Captioner) -> None:
        self.captioner = captioner
        self.told = settings_of(captioner)
        self.things: tuple[Thing, ...] = (
            Thing("small", "red", "circle", 13, 24),
            Thing("large", "blue", "square", 35, 24),
        )
        self.seed = 0
        self._box: Any = None
        self.look()

    def look(self) -> None:
        """Draw the scene, and ask for its caption."""
        from course_utils.figures.captions import attention_per_word

        scene = scene_of(self.things, self.seed)
        self.reference = scene.captions[0]
        (self.prediction,) = self.captioner.caption(scene.images)
        self.picture: Picture | None = None
        if self.captioner.attention is not None and self.prediction:
            title = "Where it looked, word by word"
            self.picture = attention_per_word(scene.images[0], *self.captioner.attend(scene.images[0]), title=title)

    def __str__(self) -> str:
        sentences = f"It says “{self.prediction}”. The scene is “{self.reference}”."
        return "\n".join([sentences, *([] if self.picture is None else [repr(self.picture)]), str(self.told)])

    __repr__ = __str__

    @property
    def answer_html(self) -> Html:
        """Both sentences, whether they agree, and the picture."""
        verdict = "right in every word" if self.prediction == self.reference else "not right"
        lines = [
            element("p", "It says: ", element("strong", f"“{self.prediction}”"), f" ({verdict})", style=SPOKEN),
            element("p", f"The scene is: “{self.reference}”", style=SPOKEN),
        ]
        return element("div", *lines, role="status") + (self.picture.html if self.picture else Html(""))

    @property
    def html(self) -> Html:
        """What stands in its place where no kernel runs."""
        return self.answer_html + self.told.html + element("p", LIVE, style=ASIDE)

    def _live(self) -> Any:
        """The controls, and below them what is said; made once, so that all its views move together."""
        import ipywidgets

        def lists(number: int, thing: Thing) -> list[Any]:
            chosen = (thing.size, thing.colour, thing.shape)
            return [
                ipywidgets.Dropdown(
                    options=options,
                    value=value,
                    description=f"{name} {number}",
                    style={"description_width": "70px"},
                    layout={"width": "190px"},
                )
                for (name, options), value in zip(CHOICES.items(), chosen, strict=True)
            ]

        first, second = (lists(number, thing) for number, thing in enumerate(self.things, start=1))
        stands = ipywidgets.Dropdown(
            options=list(PLACES), description="1 stands", style={"description_width": "70px"}, layout={"width": "190px"}
        )
        again = ipywidgets.Button(description="Draw it again")
        output = ipywidgets.HTML(self.answer_html)

        def update(_: Any) -> None:
            rows = (first, second)[: len(PLACES[stands.value])]
            self.things = tuple(
                Thing(row[0].value, row[1].value, row[2].value, *position)
                for row, position in zip(rows, PLACES[stands.value], strict=True)
            )
            self.look()
            output.value = self.answer_html

        def new_noise(_: Any) -> None:
            self.seed += 1
            update(_)

        for control in (*first, *second, stands):
            control.observe(update, "value")
        again.on_click(new_noise)
        wrap = {"flex_flow": "row wrap"}
        rows = [ipywidgets.HBox(row, layout=wrap) for row in (first, [stands], second, [again])]
        return ipywidgets.VBox([*rows, output, ipywidgets.HTML(self.told.html)])

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        if self._box is None:
            self._box = self._live()
        return {**live_view(self._box), "text/plain": str(self), "text/html": self.html}, {}


def describe_scene(captioner: Captioner) -> DescribeScene:
    """Choose shapes, and see what a captioner says of them and where it looks.

    Args:
        captioner: a trained `Captioner`.

    Raises:
        CourseError: no captioner.
    """
    from course_utils.models.captioning import Captioner

    if not isinstance(captioner, Captioner):
        raise CourseError(
            f"describe_scene needs a Captioner (course_utils.models.captioning); this is a {type(captioner).__name__}. "
            'trained_captioner("scenes") is one that has learnt already.'
        )
    return DescribeScene(captioner)
