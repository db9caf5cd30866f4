"""The check of links: a dead page, a dead anchor and a foreign script are named, and what is well is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.site.links import MOST_BYTES, faults


def site(folder: Path, body: str) -> Path:
    (folder / "lessons").mkdir()
    (folder / "index.html").write_text(f'<p id="top">{body}</p>', encoding="utf-8")
    (folder / "lessons" / "a b.html").write_text('<p id="Über uns">', encoding="utf-8")
    (folder / "picture.png").touch()
    return folder


@pytest.mark.parametrize(
    "body",
    [
        '<a href="lessons/a%20b.html#%C3%9Cber%20uns">',
        '<a href="#top"><a href="#"><img src="picture.png"><img src="data:image/png;base64,AA==">',
        '<a href="https://example.org/x"><a href="mailto:a@example.org">',
        '<link rel="canonical" href="https://example.org/">',
        '<a href="index.html?q=1">',
    ],
)
def test_links_that_lead_somewhere_are_no_fault(tmp_path: Path, body: str) -> None:
    assert faults(site(tmp_path, body)) == []


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ('<a href="lessons/c.html">', "index.html links to lessons/c.html, and there is no such file."),
        ('<a href="lessons/a%20b.html#x">', "and that page has no such anchor"),
        ('<a href="#x">', "index.html links to #x, and that page has no such anchor."),
        ('<img src="other.png">', "index.html links to other.png, and there is no such file."),
        ('<script src="https://example.org/x.js">', "index.html fetches https://example.org/x.js from another server."),
        ('<link rel="stylesheet" href="//example.org/x.css">', "from another server"),
    ],
)
def test_a_fault_is_named(tmp_path: Path, body: str, told: str) -> None:
    (found,) = faults(site(tmp_path, body))
    assert told in found


def test_a_heavy_page_is_named(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("x" * (MOST_BYTES + 1), encoding="utf-8")
    told = "bytes with what it loads at once; a page has at most 1,500,000."
    assert faults(tmp_path) == [f"index.html has 1,500,001 {told}"]


@pytest.mark.parametrize(
    ("element", "heavy"),
    [
        ('<script src="large">', True),
        ('<link rel="stylesheet" href="large?v=1">', True),
        ('<img src="large"><img src="large">', True),
        ('<img src="large" loading="lazy">', False),
        ('<audio src="large" preload="none">', False),
        ('<a href="large"><link rel="next" href="large"><link rel="index" href="large">', False),
    ],
)
def test_what_a_page_loads_at_once_counts(tmp_path: Path, element: str, heavy: bool) -> None:
    (tmp_path / "large").write_bytes(b"x" * (MOST_BYTES - 100))
    (tmp_path / "index.html").write_text(element + "x" * 100, encoding="utf-8")
    assert bool(faults(tmp_path)) == heavy
