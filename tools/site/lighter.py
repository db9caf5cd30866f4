"""Takes out of a finished site what its pages do not need, so that a phone with a slow line soon shows the first.

The theme loads a script with all icons of Font Awesome (1.5 MB) and the index of the search (.5 MB and more) on every
page, and ships its source maps and translations. The icons are drawn in `static/icons.css`; the search loads its index
on its own page.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

SCRIPT = re.compile(r'[ \t]*<script\b[^>]*\bsrc="[^"]*?([\w-]+\.js)(?:\?[^"]*)?"[^>]*></script>\n?')
ICONS_SCRIPT = "fontawesome.js"
OF_THE_SEARCH = {"searchtools.js", "language_data.js", "searchindex.js"}
ICON = re.compile(r'class="([^"]*\bfa-(?:solid|regular|brands)\b[^"]*)"')
SIZES = {"fa-solid", "fa-regular", "fa-brands", "fa-lg", "fa-fw", "fa-sm", "fa-xs"}


def lighten(site: Path) -> list[str]:
    """Take out what is not needed.

    Args:
        site: the folder of a finished site; it is changed in place.

    Returns:
        What is wrong, a sentence each: an icon that a page shows and that `icons.css` does not draw.
    """
    drawn = set(re.findall(r"\.(fa-[\w-]+) \{ --icon", (site / "_static" / "icons.css").read_text(encoding="utf-8")))
    wrong = set()
    for path in sorted(site.rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        unneeded = {ICONS_SCRIPT} if path.name == "search.html" else {ICONS_SCRIPT, *OF_THE_SEARCH}
        path.write_text(without_scripts(text, unneeded), encoding="utf-8")
        wrong |= {(icon, path.name) for icon in icons(text) - drawn}
    for path in {*site.rglob("*.map"), *site.rglob(f"{ICONS_SCRIPT}*")}:
        path.unlink()
    shutil.rmtree(site / "_static" / "locales", ignore_errors=True)
    first = dict(sorted(wrong, reverse=True))
    return [f"{page} shows the icon {icon}; draw it in tools/site/static/icons.css." for icon, page in first.items()]


def without_scripts(html: str, names: set[str]) -> str:
    """A page without the script elements that load these files.

    Args:
        html: the page.
        names: of the files, such as "fontawesome.js".
    """
    return SCRIPT.sub(lambda found: "" if found[1] in names else found[0], html)


def icons(html: str) -> set[str]:
    """The icons that a page shows, such as "fa-bars"."""
    classes = {name for found in ICON.finditer(html) for name in found[1].split()}
    return {name for name in classes if name.startswith("fa-")} - SIZES
