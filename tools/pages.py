"""Static pages: a built notebook as one HTML file that asks nothing of any server.

    python -m tools.pages [--to FOLDER] [NAME …]

Formulas become MathML, widgets their inline twins, predictions stay folded, and links to lessons lead to their pages.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

import nbformat
from latex2mathml.converter import convert
from nbconvert.exporters import TemplateExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from traitlets.config import Config

from course_utils.display.source import STYLE
from course_utils.errors import CourseError
from tools import build, launch

TEMPLATES = Path(__file__).parent / "templates"
PAGES = launch.ROOT / "build" / "pages"
REGION = 'tabindex="0" role="region" aria-label="{}"'  # what scrolls, so that the keyboard reaches it


class PageRenderer(IPythonRenderer):
    """Markdown to HTML, with formulas as MathML."""

    def block_math(self, body: str) -> str:
        """A formula on lines of its own."""
        formula = convert(body.strip(), display="block")
        return f'<div class="formula" tabindex="0" role="region" aria-label="Formula">{formula}</div>'

    def inline_math(self, body: str) -> str:
        """A formula within a line."""
        return str(convert(body.strip()))


def page_markdown(source: str) -> str:
    """A markdown cell as HTML; links to notebooks lead to their pages."""
    linked = re.sub(r"\]\((?!https?:)([^)]+)\.ipynb", r"](\1.html", source)
    renderer = PageRenderer(escape=False, exclude_anchor_links=True)
    html = scrollable(str(MarkdownWithMath(renderer=renderer).render(linked)))
    return html.replace("<table>", f'<div class="output" {REGION.format("Table")}><table>').replace(
        "</table>", "</table></div>"
    )


def scrollable(html: str) -> str:
    """HTML whose listings can be scrolled by the keyboard where the page is narrow."""
    return re.sub(r"<pre(?![^>]*tabindex)", f"<pre {REGION.format('Listing')}", html)


def page_code(source: str) -> str:
    """Python as highlighted HTML, colours inline."""
    return str(highlight(source, PythonLexer(), HtmlFormatter(nowrap=True, noclasses=True, style=STYLE))).rstrip("\n")


class PageExporter(TemplateExporter):
    """nbconvert with the course's own template: no CDN, `text/html` before any widget view."""

    template_name = "course"
    file_extension = ".html"
    output_mimetype = "text/html"
    exclude_input_prompt = True
    exclude_output_prompt = True

    def __init__(self, **options: Any) -> None:
        settings = Config()
        settings.NbConvertBase.display_data_priority = ["text/html", "image/png", "text/plain"]
        settings.TemplateExporter.extra_template_basedirs = [str(TEMPLATES)]
        settings.TemplateExporter.filters = {
            "page_markdown": page_markdown,
            "page_code": page_code,
            "page_text": escape,
            "page_html": scrollable,
        }
        super().__init__(config=settings, **options)  # type: ignore[no-untyped-call]


def page(notebook: Any) -> str:
    """A built notebook as the text of its page.

    Args:
        notebook: as nbformat reads it; it is not changed.

    Raises:
        CourseError: it has no title.
    """
    copied = nbformat.from_dict(notebook)
    first = copied.cells[0].source if copied.cells else ""
    if not first.startswith("# "):
        raise CourseError("A lesson's first cell begins with its title, '# …'; this notebook's does not.")
    resources = {
        "page_title": escape(first.splitlines()[0].removeprefix("# ")),
        "page_css": (TEMPLATES / "course" / "page.css").read_text(encoding="utf-8"),
    }
    text, _ = PageExporter().from_notebook_node(copied, resources=resources)
    return str(text)


def export(name: str, folder: Path = PAGES, root: Path = launch.ROOT) -> Path:
    """Write the page of one lesson; returns its path.

    Raises:
        CourseError: its notebook is not built.
    """
    source = root / "notebooks" / f"{name}.ipynb"
    if not source.exists():
        raise CourseError(f"{source.name} is not built yet: run `make notebooks` first.")
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{name}.html"
    target.write_text(page(nbformat.read(source, as_version=4)), encoding="utf-8")
    return target


def main(arguments: Sequence[str] | None = None) -> int:
    """Export all lessons, or those named."""
    parser = argparse.ArgumentParser(description="Export lessons as static pages.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="lessons (default: all that are written)")
    parser.add_argument("--to", type=Path, default=PAGES, metavar="FOLDER", help="where to (default: build/pages)")
    options = parser.parse_args(arguments)
    try:
        for name in build.chosen(options.names):
            print(export(name, options.to))
    except CourseError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
