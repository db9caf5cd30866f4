"""Widgets in built notebooks have the scripts of the package: one changes, and no network is trained again.

What a widget starts from, its picture and its settings stay as they were built.
"""

from __future__ import annotations

import re
from pathlib import Path

import nbformat

from course_utils.errors import CourseError
from course_utils.widgets.shared.browser import WIDGETS, module_text, name_of, static_script

TWIN = re.compile(r"<script>\(\(\) => \{\n(?:(?!</script>).)*?data-course-widget=\"(\w{12})\".*?</script>", re.DOTALL)
KIND = re.compile(r"\bframe\(\"([a-z-]+)\"")


def refresh(path: Path) -> None:
    """Write today's scripts into a built notebook, if they have changed.

    Args:
        path: of the notebook.

    Raises:
        CourseError: a widget in it is no longer in the package; the notebook is left as it was.
    """
    notebook = nbformat.read(path, as_version=4)
    changed = False
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            html = output.get("data", {}).get("text/html", "")
            renewed = with_scripts_of_today(html)
            if renewed != html:
                output["data"]["text/html"] = renewed
                changed = True
    if changed:
        nbformat.write(notebook, path)


def with_scripts_of_today(html: str) -> str:
    """An output's HTML, each widget's script in it as the package has it now.

    Args:
        html: with any number of widgets.

    Raises:
        CourseError: a widget in it is no longer in the package.
    """
    for found in list(TWIN.finditer(html)):
        kind = KIND.search(found[0])
        module = module_text(folder_of(kind[1] if kind else "without a name"))
        html = html.replace(found[0], static_script(module)).replace(found[1], name_of(module))
    return html


def folder_of(kind: str) -> str:
    """The folder of the widget that calls itself so, such as "gate-explorer".

    Args:
        kind: by which its frame, its style and its tests know it.

    Raises:
        CourseError: no widget does.
    """
    for path in sorted(WIDGETS.glob("*/*.js")):
        if path.parent.name != "shared" and f'frame("{kind}"' in path.read_text(encoding="utf-8"):
            return path.parent.name
    raise CourseError(f"No widget in {WIDGETS.name} calls itself {kind!r}: build the lessons that show it again.")
