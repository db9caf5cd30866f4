"""The two hosts of a browser widget: anywidget in a live notebook, a few inline lines on a static page.

A widget is one JavaScript module with

    export function compute(params)      the numbers, a pure function (the tests run it against torch)
    export function mount(element, params)   the picture and its controls
    export default { render }            what anywidget calls

Its output carries the live view and a `text/html` twin. The twin shows a picture where no script runs.
"""

from __future__ import annotations

import hashlib
import json
import re
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from course_utils.figures.style import Picture


@cache
def module_text(name: str) -> str:
    """The JavaScript of a widget, such as "unroll_stepper"."""
    return (Path(__file__).parent / f"{name}.js").read_text(encoding="utf-8")


class BrowserWidget(anywidget.AnyWidget):
    """A widget whose work is done in the browser; a subclass names its module as `_esm = module_text("name")`.

    Args:
        params: what it starts from; must survive JSON.
        picture: shown in its place where no script runs.
    """

    params = traitlets.Dict().tag(sync=True)

    def __init__(self, params: dict[str, Any], picture: Picture) -> None:
        self.picture = picture
        super().__init__(params=params)

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        data, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        twin = {"text/plain": repr(self.picture), "text/html": static_html(self._esm, self.params, self.picture)}
        return data | twin, metadata


def static_html(module: str, params: dict[str, Any], picture: Picture) -> str:
    """The widget for a page without a kernel: the picture, replaced by the module's own work where scripts run."""
    name = hashlib.sha256(module.encode()).hexdigest()[:12]
    # An inline script cannot export; it calls mount itself.
    inline = re.sub(r"^export default .*$", "", module, flags=re.MULTILINE)
    inline = re.sub(r"^export ", "", inline, flags=re.MULTILINE).replace("</", "<\\/")
    return (
        f'<div data-course-widget="{name}" data-params="{escape(json.dumps(params))}">{picture.html}</div>\n'
        f"<script>(() => {{\n{inline}\n"
        f"for (const place of document.querySelectorAll('[data-course-widget=\"{name}\"]:not([data-mounted])')) {{\n"
        "  place.dataset.mounted = 'yes';\n  place.replaceChildren();\n"
        "  mount(place, JSON.parse(place.dataset.params));\n}\n})();</script>"
    )
