"""One page without a kernel, on which files are opened one after another: opening is cheap, a new page is not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page


class PlainPage:
    """A page that notes what it asks of servers, and every error it reports.

    Args:
        browser: the browser.
        options: of the browser context, such as java_script_enabled=False.
    """

    def __init__(self, browser: Browser, **options: Any) -> None:
        self.page: Page = browser.new_page(**options)
        self.troubles: list[str] = []
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on("console", lambda said: self.troubles.append(said.text) if said.type == "error" else None)
        self.page.on("request", lambda asked: self._note(asked.url))

    def _note(self, address: str) -> None:
        if not address.startswith(("file:", "data:")):
            self.troubles.append(address)

    def open(self, path: Path, width: int = 1000) -> Page:
        """The page as it stands when the file has just been opened; what troubled the one before is forgotten."""
        self.page.goto("about:blank")
        self.troubles.clear()
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.goto(path.as_uri())
        return self.page

    @contextmanager
    def opened(self, path: Path, width: int = 1000) -> Iterator[Page]:
        """The file open; at the end no server was asked and no error reported."""
        yield self.open(path, width)
        assert self.troubles == []
