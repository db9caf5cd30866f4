"""The export of static pages: what is in the file."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from course_utils.errors import CourseError
from tools import build, folding, pages


def test_formulas_become_mathml() -> None:
    html = pages.page_markdown(r"State $h_t$ and $$h_t = \tanh(W x_t)$$ but 5 \$ and `$x$` stay.")
    assert html.count("<math") == 2
    assert 'display="block"' in html
    assert "<code>$x$</code>" in html
    assert "\\tanh" not in html


def test_links_between_lessons_lead_to_pages_and_others_stay() -> None:
    html = pages.page_markdown("[a](05_recurrent_networks.ipynb#top) [b](https://example.org/x.ipynb)")
    assert 'href="05_recurrent_networks.html#top"' in html
    assert 'href="https://example.org/x.ipynb"' in html


def test_tables_and_listings_of_the_text_scroll_where_a_page_is_narrow() -> None:
    html = pages.page_markdown("| a | b |\n|---|---|\n| 1 | 2 |\n\n```python\nx = 1\n```")
    assert '<div class="output" tabindex="0" role="region" aria-label="Table"><table>' in html
    assert html.count("</table></div>") == 1
    assert '<pre tabindex="0" role="region" aria-label="Listing">' in html
    assert pages.scrollable('<pre tabindex="0">') == '<pre tabindex="0">'


@pytest.mark.parametrize("name", build.lesson_names())
def test_every_lesson_exports_whole(name: str, tmp_path: Path) -> None:
    text = pages.export(name, tmp_path).read_text(encoding="utf-8")
    notebook = nbformat.read(build.ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert text.count('<pre class="code"') == len(code)
    shown = [output.data.get("text/html", "") for cell in code for output in cell.outputs if "data" in output]
    told = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    assert text.count("<details>") == sum(part.count("<details>") for part in (*shown, *told))
    assert folding.PLAIN not in text
    assert "$" not in text.split("</style>")[1].split("<script>")[0].replace("${", "")
    assert text.startswith('<!DOCTYPE html>\n<html lang="en">')


def test_what_stands_in_code_and_output_is_escaped(tmp_path: Path) -> None:
    cells = [
        nbformat.v4.new_markdown_cell("# Title <b>"),
        nbformat.v4.new_code_cell("x = '<script>'", outputs=[nbformat.v4.new_output("stream", text="<script>")]),
    ]
    text = pages.page(nbformat.v4.new_notebook(cells=cells))
    assert "<script>" not in text
    assert "<title>Title &lt;b&gt;</title>" in text


def test_a_lesson_that_is_not_built_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CourseError, match="run `make notebooks` first"):
        pages.export("05_recurrent_networks", tmp_path, root=tmp_path)
    with pytest.raises(CourseError, match="begins with its title"):
        pages.page(nbformat.v4.new_notebook())
    assert pages.main(["06_none"]) == 1
    assert "There is no lesson in lessons/ '06_none'" in capsys.readouterr().err
