"""What a finished site is relieved of."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.site import lighter
from tools.site.settings import STATIC

SCRIPTS = """<head>
  <script defer src="_static/scripts/fontawesome.js?digest=9"></script>
<script src="../_static/searchtools.js"></script>
  <script src="searchindex.js"></script>
<script defer src="_static/scripts/bootstrap.js?digest=9"></script>
<script>const searchindex = "searchindex.js"</script>
</head>"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for folder in ("_static/scripts", "_static/locales/de", "lessons"):
        (tmp_path / folder).mkdir(parents=True)
    for name in (
        "fontawesome.js",
        "fontawesome.js.map",
        "fontawesome.js.LICENSE.txt",
        "bootstrap.js",
        "bootstrap.js.map",
    ):
        (tmp_path / "_static" / "scripts" / name).touch()
    (tmp_path / "_static" / "icons.css").write_bytes((STATIC / "icons.css").read_bytes())
    for page in ("search.html", "lessons/a.html"):
        (tmp_path / page).write_text(SCRIPTS + '<i class="fa-solid fa-bars fa-lg"></i>', encoding="utf-8")
    return tmp_path


def test_pages_load_neither_icons_nor_index_and_the_search_its_index(site: Path) -> None:
    assert lighter.lighten(site) == []
    page, search = ((site / name).read_text(encoding="utf-8") for name in ("lessons/a.html", "search.html"))
    assert [found[1] for found in lighter.SCRIPT.finditer(page)] == ["bootstrap.js"]
    assert [found[1] for found in lighter.SCRIPT.finditer(search)] == [
        "searchtools.js",
        "searchindex.js",
        "bootstrap.js",
    ]
    assert 'const searchindex = "searchindex.js"' in page
    assert [path.name for path in (site / "_static" / "scripts").iterdir()] == ["bootstrap.js"]
    assert not (site / "_static" / "locales").exists()


def test_an_icon_that_is_not_drawn_is_named_once(site: Path) -> None:
    for name in ("b", "c"):
        html = '<i class="theme-switch fa-brands fa-moon fa-github fa-fw"></i>'
        (site / "lessons" / f"{name}.html").write_text(html, encoding="utf-8")
    assert lighter.lighten(site) == ["b.html shows the icon fa-github; draw it in tools/site/static/icons.css."]
