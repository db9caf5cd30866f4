"""The two hosts of a browser widget: anywidget in a live notebook, a few inline lines on a static page.

A widget is one JavaScript module with

    import { … } from "../shared/common.js"      the helpers that all widgets share
    export function compute(params)      the numbers, a pure function (the tests run it against torch)
    export function mount(element, params)   the picture and its controls
    export default { render }            what anywidget calls; `hosted(mount)` of the shared helpers

Both hosts get it as one text that imports nothing. Its output carries the live view and a `text/html` twin, which shows
a picture where no script runs. Where a widget shows a training, a line below it tells the settings, on both hosts.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from functools import cache
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from course_utils.display.html import Html, element
from course_utils.display.numbers import short
from course_utils.display.settings import Settings
from course_utils.errors import CourseError
from course_utils.figures.style import Picture

WIDGETS = Path(__file__).resolve().parents[1]


@cache
def module_text(name: str) -> str:
    """The JavaScript of a widget, such as "unroll_stepper", in one text that imports nothing.

    In front of the widget's own module stand the helpers that all widgets share, other shared modules that it imports
    from, and the other modules of its folder.
    """
    folder = WIDGETS / name
    own = folder / f"{name}.js"
    others = sorted(path for path in folder.glob("*.js") if path != own)
    named = re.findall(r'from "\.\./shared/(\w+)\.js"', own.read_text(encoding="utf-8"))
    shared = [WIDGETS / "shared" / f"{module}.js" for module in ("common", *sorted({*named} - {"common"}))]
    texts = [path.read_text(encoding="utf-8") for path in (*shared, *others, own)]
    *helpers, module = (re.sub(r"^import [^;]*;\n", "", text, flags=re.MULTILINE) for text in texts)
    return "\n".join([*(re.sub(r"^export ", "", text, flags=re.MULTILINE) for text in helpers), module])


def on_slider(name: str, value: Any, low: float, high: float, whole: bool = False) -> float:
    """A number that a slider can show.

    Args:
        name: what the number is called.
        value: the number.
        low: the left end of its slider.
        high: the right end.
        whole: only whole numbers?

    Raises:
        CourseError: it is no such number, or beyond the ends.
    """
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not low <= number <= high or (whole and number != round(number)):
        kind = "a whole number" if whole else "a number"
        raise CourseError(f"{name} is {kind} from {short(low)} to {short(high, 6)}, and {value!r} is not.")
    return int(number) if whole else number


class BrowserWidget(anywidget.AnyWidget):
    """A widget whose work is done in the browser; a subclass names its module as `_esm = module_text("name")`.

    Args:
        params: what it starts from; must survive JSON.
        picture: shown in its place where no script runs.
        told: how what it shows was trained; None: it shows nothing that was trained.
    """

    params = traitlets.Dict().tag(sync=True)
    settings = traitlets.Unicode().tag(sync=True)  # HTML
    _ipython_display_ = None  # by which ipywidgets 7 would show the view alone, without the twin for other pages

    def __init__(self, params: dict[str, Any], picture: Picture, told: Settings | None = None) -> None:
        self.picture, self.told = picture, told
        super().__init__(params=params, settings="" if told is None else told.html)

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        data, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        plain = repr(self.picture) if self.told is None else f"{self.picture!r}\n{self.told}"
        html = static_html(self._esm, self.params, self.picture) + Html(self.settings)
        return data | {"text/plain": plain, "text/html": html}, metadata


def static_html(module: str, params: dict[str, Any], picture: Picture) -> Html:
    """The widget for a page without a kernel: the picture, replaced by the module's own work where scripts run."""
    stand_in = element("div", picture.html, data_course_widget=name_of(module), data_params=json.dumps(params))
    return Html(f"{stand_in}\n{static_script(module)}")


def name_of(module: str) -> str:
    """By which a page's scripts find the places of their own widget; another text has another name."""
    return hashlib.sha256(module.encode()).hexdigest()[:12]


def static_script(module: str) -> str:
    """The script that puts the widget into every place of its name that has none yet."""
    # An inline script cannot export; it calls mount itself.
    inline = re.sub(r"^export default .*$", "", module, flags=re.MULTILINE)
    inline = re.sub(r"^export ", "", inline, flags=re.MULTILINE).replace("</", "<\\/")
    return (
        f"<script>(() => {{\n{inline}\n"
        "for (const place of "
        f"document.querySelectorAll('[data-course-widget=\"{name_of(module)}\"]:not([data-mounted])')) {{\n"
        "  place.dataset.mounted = 'yes';\n  place.replaceChildren();\n"
        "  mount(place, JSON.parse(place.dataset.params));\n}\n})();</script>"
    )
