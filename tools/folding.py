"""Predictions stay shut, wherever a notebook is read: answers are stored inside one `<details>`.

A code cell tagged `reveal` stores one output, which holds all that the cell has shown; running it shows that as usual.
A markdown cell tagged `reveal` is wrapped as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import nbformat
from markdown_it import MarkdownIt

from course_utils.display.html import Html, element
from course_utils.errors import CourseError
from tools import failures

PLAIN = "Folded. Run this cell to see the answer."  # where a host shows no HTML
ANSWER = "Open the answer (predict first)"
EXPLANATION = "After your prediction: what we saw"


def folded(outputs: Sequence[Any]) -> Any:
    """All that a cell has shown as one output, inside a `<details>`.

    Args:
        outputs: as nbformat has them, one after the other.

    Returns:
        A `display_data` with the two forms `text/html` and `text/plain`; the second tells nothing.

    Raises:
        CourseError: one of the outputs has neither HTML, nor a picture, nor text.
    """
    shut = element("details", element("summary", ANSWER), *(as_html(output) for output in outputs))
    return nbformat.v4.new_output("display_data", {"text/html": str(shut), "text/plain": PLAIN})


def as_html(output: Any) -> Html:
    """One output as HTML: as it is, or a picture, or its text.

    Raises:
        CourseError: it has none of these.
    """
    data = output.get("data", {"text/plain": output.get("text", "")})
    if "text/html" in data:
        return Html(data["text/html"])
    text = data.get("text/plain", "")
    if "image/png" in data:
        picture = str(data["image/png"]).replace("\n", "")
        return element("img", alt=text, style="max-width:100%", src=f"data:image/png;base64,{picture}")
    if not text:
        raise CourseError(f"what it shows ({', '.join(data) or output.output_type}) cannot be folded")
    return element("pre", failures.plain(text), tabindex="0", role="region", aria_label="Output")


def folded_text(source: str) -> str:
    """The markdown of a cell inside a `<details>`.

    Raises:
        CourseError: it has a heading, which the table of contents would show, or a `<details>` of its own.
    """
    headings = [token for token in MarkdownIt().parse(source) if token.type == "heading_open"]
    if headings or "<details" in source:
        raise CourseError(
            f"a `reveal` cell of text holds no heading and no <details> of its own: {source.splitlines()[0]!r:.60}"
        )
    return f"<details>{element('summary', EXPLANATION)}\n\n{source}\n\n</details>"
