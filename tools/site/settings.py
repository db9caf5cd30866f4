"""How Sphinx is set up: it reads built notebooks, runs nothing, and its pages ask no other server."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools import launch

STATIC, TEMPLATES = (Path(__file__).parent / name for name in ("static", "templates"))
TITLE = "RNN vs LSTM, measured"


def jupyter_anchor(title: str) -> str:
    """A heading's anchor as JupyterLab writes it, by which lessons link to each other: "Your map" is #Your-map."""
    return title.replace(" ", "-")


def settings(extra: Path, to_come: list[str], terms: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    """The configuration values.

    Args:
        extra: a folder whose content is copied into the site as it is.
        to_come: the pages of lessons that are not written.
        terms: of the glossary, as `tools.site.terms.glossary` gives them.
    """
    return {
        "project": TITLE,
        "author": "The authors of RNN vs LSTM, measured",
        "language": "en",
        "extensions": [
            "myst_nb",
            "sphinx_copybutton",
            "sphinx.ext.autodoc",
            "sphinx.ext.napoleon",
            "tools.site.extension",
        ],
        "course_to_come": to_come,
        "course_terms": terms,
        "myst_enable_extensions": ["dollarmath"],
        "myst_heading_anchors": 4,
        "myst_heading_slug_func": f"{__name__}.{jupyter_anchor.__name__}",
        "nb_execution_mode": "off",
        "nb_ipywidgets_js": {},
        "nb_code_prompt_show": "Show the set-up {type}",
        "nb_code_prompt_hide": "Hide the set-up {type}",
        "html_theme": "sphinx_book_theme",
        "html_title": TITLE,
        "templates_path": [str(TEMPLATES)],
        "html_sidebars": {"**": ["course-home.html", "search-button-field.html", "sbt-sidebar-nav.html"]},
        "html_static_path": [str(STATIC)],
        "html_css_files": ["icons.css", "course.css"],
        "html_js_files": [("course.js", {"defer": "defer"})],
        "html_extra_path": [str(extra)],
        "html_context": {"default_mode": "auto"},
        "html_copy_source": False,
        "html_show_sphinx": False,
        "html_math_renderer": "course",
        "html_theme_options": {
            "repository_url": launch.repository(),
            "use_download_button": False,
            "use_fullscreen_button": False,
            "home_page_in_toc": False,
            "max_navbar_depth": 1,
            "show_toc_level": 2,
            "pygments_light_style": "a11y-high-contrast-light",
            "pygments_dark_style": "a11y-high-contrast-dark",
        },
        "copybutton_exclude": ".linenos, .gp, .go",
        "suppress_warnings": ["mystnb.unknown_mime_type", "myst.header", "ref.python"],
        "smartquotes": False,
        "napoleon_use_ivar": True,
        "napoleon_attr_annotations": False,
        "autodoc_member_order": "bysource",
        "add_module_names": False,
        "autodoc_type_aliases": {"ArrayLike": "ArrayLike", "npt.ArrayLike": "ArrayLike"},
    }
