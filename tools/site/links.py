"""Looks through a finished site for dead links, for what would be fetched from another server, and for heavy pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

FETCHED = {("script", "src"), ("img", "src"), ("link", "href"), ("audio", "src"), ("source", "src"), ("iframe", "src")}
MOST_BYTES = 1_500_000  # of a page with its scripts, its styles and the pictures that do not wait for the reader
SHOWN = {"stylesheet", "preload", "icon"}  # links of a head that a browser fetches at once; not the next page, for one
NAMED_ONLY = {"canonical", "license", "author"}  # links of a page's head that a browser does not fetch


@dataclass
class Page(HTMLParser):
    """What a page links to, what it fetches (of it what at once), and the anchors that it has."""

    links: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)
    at_once: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag's anchors and addresses."""
        values = {name: value or "" for name, value in attrs}
        self.anchors |= {values[name] for name in ("id", "name") if name in values}
        if tag == "link" and values.get("rel") in NAMED_ONLY:
            return
        for name, value in values.items():
            if (tag, name) in FETCHED:
                self.fetched.append(value)
                if tag in ("script", "img") or values.get("rel") in SHOWN:
                    self.at_once += [value] if values.get("loading") != "lazy" else []
            elif (tag, name) == ("a", "href"):
                self.links.append(value)


def read(path: Path) -> Page:
    """A page's links and anchors."""
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def faults(site: Path) -> list[str]:
    """What is wrong with the links of a site, a sentence each; empty where all is well.

    Args:
        site: its folder.
    """
    root = site.resolve()
    pages = {path: read(path) for path in sorted(root.rglob("*.html")) if "_static" not in path.parts}
    found = []
    for path, page in pages.items():
        name = path.relative_to(root).as_posix()
        if (size := weight(path, page)) > MOST_BYTES:
            found.append(f"{name} has {size:,} bytes with what it loads at once; a page has at most {MOST_BYTES:,}.")
        outside = [address for address in page.fetched if is_outside(address) and not address.startswith("data:")]
        found += [f"{name} fetches {address} from another server." for address in outside]
        for address in sorted({*page.links, *page.fetched}):
            if is_outside(address):
                continue
            if told := dead(address, path, pages):
                found.append(f"{name} links to {address}, {told}.")
    return found


def weight(path: Path, page: Page) -> int:
    """The bytes of a page, with the scripts, styles and pictures that it loads at once.

    Args:
        path: its file.
        page: what it fetches.
    """
    beside = {(path.parent / unquote(urlsplit(address).path)).resolve() for address in page.at_once}
    return path.stat().st_size + sum(file.stat().st_size for file in beside if file.is_file() and file != path)


def is_outside(address: str) -> bool:
    """Does an address lead out of the site?"""
    parts = urlsplit(address)
    return bool(parts.scheme or parts.netloc)


def dead(address: str, page: Path, pages: dict[Path, Page]) -> str:
    """Why an address within the site leads nowhere; empty where it leads somewhere.

    Args:
        address: as it stands in the page.
        page: the file that it stands in.
        pages: all pages of the site, by their resolved paths.
    """
    parts = urlsplit(address)
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    if not target.is_file():
        return "and there is no such file"
    if parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].anchors:
        return "and that page has no such anchor"
    return ""
