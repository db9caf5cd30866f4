"""Answers are stored shut: one `<details>`, whatever shows the notebook."""

from __future__ import annotations

import re
from functools import cache
from html.parser import HTMLParser
from typing import Any

import nbformat
import pytest
from nbconvert import HTMLExporter

from course_utils.errors import CourseError
from tools import build, folding


class Closed(HTMLParser):
    """The text and the alt texts of a page, apart: what is seen of it as it opens, and what a closed details hides."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.hidden: list[str] = []
        self._depth = 0
        self._in_summary = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "details":
            assert "open" not in dict(attrs)
            self._depth += 1
        self._in_summary |= tag == "summary"
        if tag == "img":
            self.handle_data(dict(attrs).get("alt") or "")

    def handle_endtag(self, tag: str) -> None:
        self._depth -= tag == "details"
        self._in_summary &= tag != "summary"

    def handle_data(self, data: str) -> None:
        outside = not self._depth or (self._depth == 1 and self._in_summary)
        (self.seen if outside else self.hidden).append(data)


def words(texts: list[str]) -> str:
    return re.sub(r"\s+", " ", " ".join(texts)).strip()


def display(**data: str) -> Any:
    return nbformat.v4.new_output("display_data", {key.replace("_", "/"): value for key, value in data.items()})


def test_all_that_a_cell_shows_becomes_one_output() -> None:
    shown = [
        nbformat.v4.new_output("stream", text="\x1b[31m5 < 6\x1b[0m\n"),
        display(text_html="<table><tr><td>7</td></tr></table>", text_plain="7"),
        display(image_png="QUJD\nRA==", text_plain="A rising line"),
        nbformat.v4.new_output("execute_result", {"text/plain": "tensor([1])"}, execution_count=1),
    ]
    output = folding.folded(shown)
    html = output.data["text/html"]
    assert output.data["text/plain"] == folding.PLAIN
    assert html.count("<details>") == html.count("</details>") == 1
    assert '<img alt="A rising line" style="max-width:100%" src="data:image/png;base64,QUJDRA==">' in html
    assert words(Closed(html).seen) == folding.ANSWER
    assert words(Closed(html).hidden) == "5 < 6 7 A rising line tensor([1])"


def test_what_has_no_form_that_a_page_can_show_is_refused() -> None:
    with pytest.raises(CourseError, match=r"what it shows \(application/json\) cannot be folded"):
        folding.folded([display(application_json="{}")])


def test_text_is_folded_as_it_stands() -> None:
    source = "It is **42**.\n\n```\n# no heading\n```"
    text = folding.folded_text(source)
    assert text.startswith("<details><summary>After your prediction: what we saw</summary>\n\nIt is **42**.")
    assert text.endswith("```\n\n</details>")


@pytest.mark.parametrize("source", ["Text\n\n### A heading", "Text\n\nHeading\n===", "<details>42</details>"])
def test_headings_and_what_is_folded_already_are_refused(source: str) -> None:
    with pytest.raises(CourseError, match="no heading and no <details> of its own"):
        folding.folded_text(source)


@cache
def exporter() -> HTMLExporter:
    return HTMLExporter()


def html_of(cell: Any) -> str:
    """nbconvert's default HTML of a notebook with this one cell."""
    body, _ = exporter().from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))
    return body.split("<body", 1)[1].split(">", 1)[1]


@pytest.mark.parametrize("name", build.lesson_names())
def test_no_answer_stands_outside_a_closed_details_in_nbconvert_s_html(name: str) -> None:
    notebook = nbformat.read(build.ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
    for cell in notebook.cells:
        if "reveal" not in cell.metadata.get("tags", []):
            continue
        page = Closed(html_of(cell))
        assert words(page.hidden)
        if cell.cell_type == "code":
            (output,) = cell.outputs
            assert output.data["text/plain"] == folding.PLAIN
            source = html_of(nbformat.v4.new_code_cell(cell.source, execution_count=cell.execution_count))
            assert words(page.seen) == words([*Closed(source).seen, folding.ANSWER])
        else:
            assert words(page.seen) == folding.EXPLANATION
