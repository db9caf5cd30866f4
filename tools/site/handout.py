"""A lesson on paper: `python -m tools.site.handout NAME [--paper A4|Letter]` writes build/handouts/NAME.pdf.

It is the lesson's page of the site, printed by Chromium: code wraps, tables break between rows, and the answers stand
at the end.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from course_utils.errors import CourseError
from tools import build, launch
from tools.site.building import build_site
from tools.site.pages import FOLDER

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HANDOUTS = launch.ROOT / "build" / "handouts"
PAPERS = ("A4", "Letter")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str:
    """The path of the browser that prints.

    Raises:
        CourseError: none is installed.
    """
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        raise CourseError("Chromium prints the handouts, and is not installed (Debian: apt-get install chromium).")
    return path


def print_page(browser: Browser, page: Path, target: Path, paper: str) -> None:
    """Print a page of the site, as a person would, to a PDF.

    Args:
        browser: Chromium, started.
        page: its file.
        target: the PDF.
        paper: one of PAPERS.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    opened = browser.new_page()
    try:
        opened.goto(page.resolve().as_uri())
        opened.evaluate("() => window.dispatchEvent(new Event('beforeprint'))")
        opened.evaluate("() => Promise.all([...document.images].map((image) => image.decode().catch(() => null)))")
        opened.pdf(path=target, format=paper, tagged=True)
    finally:
        opened.close()


def handouts(names: Sequence[str], folder: Path = HANDOUTS, paper: str = PAPERS[0]) -> list[Path]:
    """Write the handouts of lessons; returns their paths.

    Args:
        names: the lessons'.
        folder: where to.
        paper: one of PAPERS.

    Raises:
        CourseError: a lesson is unknown or not built, or no browser is installed.
    """
    from playwright.sync_api import sync_playwright

    path, lessons = chromium(), build.chosen(names)
    with TemporaryDirectory() as work, sync_playwright() as playwright:
        site = build_site(Path(work, "site"), lessons)
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        try:
            for lesson in lessons:
                print_page(browser, site / FOLDER / f"{lesson}.html", folder / f"{lesson}.pdf", paper)
        finally:
            browser.close()
    return [folder / f"{lesson}.pdf" for lesson in lessons]


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the handouts of the lessons named."""
    parser = argparse.ArgumentParser(prog="python -m tools.site.handout", description="Print lessons.")
    parser.add_argument("names", nargs="+", metavar="NAME", help="lessons, such as 05_recurrent_networks")
    parser.add_argument("--paper", choices=PAPERS, default=PAPERS[0], help="the size of the paper (default: A4)")
    options = parser.parse_args(arguments)
    try:
        print(*handouts(options.names, paper=options.paper), sep="\n")
    except CourseError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
